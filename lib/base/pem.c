/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys in PEM; see pem.h. */
#include "base/pem.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

BIO *vcl_bio_of(const char *text)
{
    size_t size = text ? strlen(text) : 0;

    return text && size <= INT_MAX ? BIO_new_mem_buf(text, (int)size) : NULL;
}

/* OpenSSL would ask the terminal for a passphrase. */
static int no_passphrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

X509 *vcl_certificate_read_pem(const char *pem)
{
    VCL_AUTO_PTR(BIO) bio = vcl_bio_of(pem);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    ERR_clear_error();
    return certificate;
}

EVP_PKEY *vcl_key_read_pem(const char *pem)
{
    VCL_AUTO_PTR(BIO) bio = vcl_bio_of(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

    ERR_clear_error();
    return key;
}
