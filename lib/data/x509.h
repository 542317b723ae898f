/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building blocks for keys and certificates in OpenSSL's types, for those who make them. Nothing
 * here leaves entries in the error queue of the thread, and nothing asks for a passphrase.
 */
#ifndef VCL_DATA_X509_H
#define VCL_DATA_X509_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/pem.h"

/* The first PEM block of a text: its label ("RSA PRIVATE KEY") and its bytes. Wiped when freed. */
typedef struct vcl_pem_block {
    char *label;
    unsigned char *data;
    long size;
} vcl_pem_block;

void vcl_pem_block_done(vcl_pem_block *block);
#define VCL_AUTO_PEM __attribute__((cleanup(vcl_pem_block_done))) vcl_pem_block

/* False when the text has no block. */
bool vcl_pem_read(const char *text, size_t size, vcl_pem_block *out_block);

/* The certificate, or the private key of an OpenSSL type (EVP_PKEY_RSA..., EVP_PKEY_NONE for
 * PKCS 8), that a block holds; NULL when its bytes are none. */
X509 *vcl_pem_to_certificate(const vcl_pem_block *block);
EVP_PKEY *vcl_pem_to_key(const vcl_pem_block *block, int type);

/* What was written to memory, as a string; NULL when memory is short. */
char *vcl_bio_text(BIO *bio);

/* Texts for them; NULL when memory is short. A key is written the way its kind is by tradition
 * ("EC PRIVATE KEY"), or as PKCS 8 ("PRIVATE KEY"); free it with vcl_free_secret(). */
char *vcl_certificate_to_pem(X509 *certificate);
char *vcl_key_to_pem(EVP_PKEY *key, bool pkcs8);

/* A random serial number of 16 bytes that is never negative. */
bool vcl_certificate_set_serial(X509 *certificate);

/* An extension by its name and the text that OpenSSL's configuration files have for it. */
bool vcl_certificate_add_extension(X509 *certificate, int nid, const char *value);

#endif
