/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and keys in PEM, read as OpenSSL's objects. Nothing here leaves entries in the error
 * queue of the thread, which is shared with the program, and nothing asks for a passphrase.
 */
#ifndef VCL_BASE_PEM_H
#define VCL_BASE_PEM_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

/* Clean-up for what OpenSSL hands out. */
VCL_DEFINE_CLEANUP(BIO, BIO_free_all);
VCL_DEFINE_CLEANUP(EVP_PKEY, EVP_PKEY_free);
VCL_DEFINE_CLEANUP(X509, X509_free);

/* A text to be read, which stays the caller's; NULL: there is none, it is too long, or memory is
 * short. */
BIO *vcl_bio_of(const char *text);

/* The first certificate, the first private key of a text, which may be NULL; NULL when there is
 * none that can be read, or the key is encrypted. The certificate that the key should belong to
 * says its type, which saves two thirds of the time; it may be NULL. */
X509 *vcl_certificate_read_pem(const char *pem);
EVP_PKEY *vcl_key_read_pem(const char *pem, X509 *certificate);

/* When a certificate ends, in seconds since 1970. */
bool vcl_certificate_end(const X509 *certificate, int64_t *out_not_after);

#endif /* VCL_BASE_PEM_H */
