/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into PEM texts; see certificate.h. */
#include "kube/certificate.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

static BIO *open_text(const char *text)
{
    size_t size = strlen(text);

    return size > INT_MAX ? NULL : BIO_new_mem_buf(text, (int)size);
}

static X509 *read_certificate(const char *pem)
{
    BIO *bio = open_text(pem);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    ERR_clear_error(); /* the queue is the thread's, shared with the program */
    return certificate;
}

bool vcl_certificate_read(const char *pem, int64_t *out_not_after)
{
    struct tm parts = { 0 };
    X509 *certificate = read_certificate(pem);

    if (!certificate)
        return false;
    bool ok = ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1;
    X509_free(certificate);
    if (ok)
        *out_not_after = timegm(&parts);
    return ok;
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

vcl_key_match vcl_certificate_key(const char *certificate_pem, const char *key_pem)
{
    X509 *certificate = read_certificate(certificate_pem);
    BIO *bio = open_text(key_pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    vcl_key_match match = VCL_KEY_UNREADABLE;

    if (certificate && key)
        match = X509_check_private_key(certificate, key) == 1 ? VCL_KEY_MATCHES : VCL_KEY_OTHER;
    EVP_PKEY_free(key);
    BIO_free(bio);
    X509_free(certificate);
    ERR_clear_error();
    return match;
}
