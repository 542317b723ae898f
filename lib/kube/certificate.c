/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into PEM texts; see certificate.h. */
#include "kube/certificate.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "data/x509.h"

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

static bool read_end(const X509 *certificate, int64_t *out_not_after)
{
    struct tm parts = { 0 };

    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return false;
    *out_not_after = timegm(&parts);
    return true;
}

bool vcl_certificate_read(const char *pem, int64_t *out_not_after)
{
    VCL_AUTO_PTR(X509) certificate = read_certificate(pem);

    return certificate && read_end(certificate, out_not_after);
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

static EVP_PKEY *read_key(const char *pem)
{
    BIO *bio = open_text(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

    BIO_free(bio);
    return key;
}

vcl_key_match
vcl_certificate_key(const char *certificate_pem, const char *key_pem, int64_t *out_not_after)
{
    VCL_AUTO_PTR(X509) certificate = read_certificate(certificate_pem);
    if (!certificate || !read_end(certificate, out_not_after))
        return VCL_CERTIFICATE_UNREADABLE;

    VCL_AUTO_PTR(EVP_PKEY) key = read_key(key_pem);
    vcl_key_match match = !key                                            ? VCL_KEY_UNREADABLE
                          : X509_check_private_key(certificate, key) == 1 ? VCL_KEY_MATCHES
                                                                          : VCL_KEY_OTHER;
    ERR_clear_error();
    return match;
}
