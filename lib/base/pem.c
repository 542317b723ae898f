/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys in PEM; see pem.h. */
#include "base/pem.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <time.h>

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

/* Leave no copy of the text behind in memory that is free again. */
enum { WIPED = PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE };

/* A key of a known type; NULL: it is none, or not alone, or encrypted. */
static EVP_PKEY *read_typed(const char *pem, int type)
{
    VCL_AUTO_PTR(BIO) bio = vcl_bio_of(pem);
    EVP_PKEY *key = NULL;
    char *label = NULL;
    char *header = NULL;
    unsigned char *bytes = NULL;
    long size = 0;

    if (bio && PEM_read_bio_ex(bio, &label, &header, &bytes, &size, WIPED) == 1 &&
        *header == '\0' && strstr(label, "PRIVATE KEY")) {
        const unsigned char *at = bytes;
        key = d2i_PrivateKey(type, NULL, &at, size);
    }
    OPENSSL_secure_clear_free(label, label ? strlen(label) : 0);
    OPENSSL_secure_clear_free(header, header ? strlen(header) : 0);
    OPENSSL_secure_clear_free(bytes, (size_t)size);
    return key;
}

static EVP_PKEY *read_any(const char *pem)
{
    VCL_AUTO_PTR(BIO) bio = vcl_bio_of(pem);

    return bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
}

EVP_PKEY *vcl_key_read_pem(const char *pem, X509 *certificate)
{
    EVP_PKEY *public_key = certificate ? X509_get0_pubkey(certificate) : NULL;
    EVP_PKEY *key = public_key ? read_typed(pem, EVP_PKEY_get_base_id(public_key)) : NULL;

    if (!key)
        key = read_any(pem);
    ERR_clear_error();
    return key;
}

bool vcl_certificate_end(const X509 *certificate, int64_t *out_not_after)
{
    struct tm parts = { 0 };

    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return false;
    *out_not_after = timegm(&parts);
    return true;
}
