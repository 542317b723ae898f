/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into PEM texts; see certificate.h. What is usual is read as DER: OpenSSL 3.0 looks at all
 * decoders that it has for each key that it makes, also the one inside a certificate. Whatever is
 * not read like that, or does not fit, is OpenSSL's to judge.
 */
#include "kube/certificate.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "data/der.h"
#include "data/x509.h"

enum { MAX_TIME = 32 };

/* The parts of a certificate that are looked at; they point into its bytes. */
typedef struct parts {
    vcl_der not_after;
    vcl_der algorithm; /* of its key: the identifier, with the curve */
    vcl_der key;
} parts;

static bool read_validity(vcl_der validity, vcl_der *out_not_after)
{
    return (vcl_der_take(&validity, VCL_DER_UTC_TIME, NULL) ||
            vcl_der_take(&validity, VCL_DER_TIME, NULL)) &&
           (vcl_der_take(&validity, VCL_DER_UTC_TIME, out_not_after) ||
            vcl_der_take(&validity, VCL_DER_TIME, out_not_after));
}

/* RFC 5280, 4.1. */
static bool read_parts(const vcl_pem_block *block, parts *out)
{
    vcl_der at = { .data = block->data, .size = (size_t)block->size };
    vcl_der validity;
    vcl_der key;

    return vcl_streq(block->label, PEM_STRING_X509) && vcl_der_take(&at, VCL_DER_SEQUENCE, &at) &&
           vcl_der_take(&at, VCL_DER_SEQUENCE, &at) &&
           vcl_der_take_optional(&at, VCL_DER_CONTEXT, NULL) &&
           vcl_der_take(&at, VCL_DER_INTEGER, NULL) && vcl_der_take(&at, VCL_DER_SEQUENCE, NULL) &&
           vcl_der_take(&at, VCL_DER_SEQUENCE, NULL) &&
           vcl_der_take(&at, VCL_DER_SEQUENCE, &validity) &&
           vcl_der_take(&at, VCL_DER_SEQUENCE, NULL) && vcl_der_take(&at, VCL_DER_SEQUENCE, &key) &&
           read_validity(validity, &out->not_after) &&
           vcl_der_take(&key, VCL_DER_SEQUENCE, &out->algorithm) &&
           vcl_der_take(&key, VCL_DER_BIT_STRING, &out->key);
}

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

static bool read_time(const ASN1_TIME *when, int64_t *out_seconds)
{
    struct tm fields = { 0 };

    if (ASN1_TIME_to_tm(when, &fields) != 1)
        return false;
    *out_seconds = timegm(&fields);
    return true;
}

static bool read_not_after(const vcl_der *text, int64_t *out_not_after)
{
    char copy[MAX_TIME] = "";
    ASN1_TIME *when = ASN1_TIME_new();

    if (text->size < sizeof(copy))
        memcpy(copy, text->data, text->size);
    bool read = when && strlen(copy) == text->size && ASN1_TIME_set_string_X509(when, copy) == 1 &&
                read_time(when, out_not_after);
    ASN1_TIME_free(when);
    ERR_clear_error();
    return read;
}

bool vcl_certificate_read(const char *pem, int64_t *out_not_after)
{
    VCL_AUTO_PEM block = { 0 };
    parts found;

    if (vcl_pem_read(pem, strlen(pem), &block) && read_parts(&block, &found) &&
        read_not_after(&found.not_after, out_not_after))
        return true;

    VCL_AUTO_PTR(X509) certificate = read_certificate(pem);
    bool read = certificate && read_time(X509_get0_notAfter(certificate), out_not_after);
    ERR_clear_error();
    return read;
}

/* ---- Keys ---- */

/* RFC 8017, A.1: modulus and exponent stand in the private key as in the public one. */
static bool is_rsa_key(vcl_der key, const parts *certificate)
{
    vcl_der public = certificate->key;
    vcl_der ours[2];
    vcl_der theirs[2];

    if (public.size == 0 || public.data[0] != 0) /* bits of the last byte that do not count */
        return false;
    public.data++;
    public.size--;
    return vcl_der_take(&public, VCL_DER_SEQUENCE, &public) &&
           vcl_der_take(&public, VCL_DER_INTEGER, &theirs[0]) &&
           vcl_der_take(&public, VCL_DER_INTEGER, &theirs[1]) &&
           vcl_der_take(&key, VCL_DER_SEQUENCE, &key) &&
           vcl_der_take(&key, VCL_DER_INTEGER, NULL) &&
           vcl_der_take(&key, VCL_DER_INTEGER, &ours[0]) &&
           vcl_der_take(&key, VCL_DER_INTEGER, &ours[1]) && vcl_der_equal(&ours[0], &theirs[0]) &&
           vcl_der_equal(&ours[1], &theirs[1]);
}

/* RFC 5915, 3: most writers add the curve [0] (not within PKCS 8) and the public key [1]. */
static bool is_ec_key(vcl_der key, const parts *certificate)
{
    vcl_der public;

    return vcl_der_take(&key, VCL_DER_SEQUENCE, &key) &&
           vcl_der_take(&key, VCL_DER_INTEGER, NULL) &&
           vcl_der_take(&key, VCL_DER_OCTET_STRING, NULL) &&
           vcl_der_take_optional(&key, VCL_DER_CONTEXT, NULL) &&
           vcl_der_take(&key, VCL_DER_CONTEXT + 1, &public) &&
           vcl_der_take(&public, VCL_DER_BIT_STRING, &public) &&
           vcl_der_equal(&public, &certificate->key);
}

/* PKCS 8 (RFC 5208, 5) says of which algorithm the key inside is. */
static bool is_wrapped_key(vcl_der key, const parts *certificate)
{
    vcl_der algorithm;
    vcl_der inner;

    return vcl_der_take(&key, VCL_DER_SEQUENCE, &key) &&
           vcl_der_take(&key, VCL_DER_INTEGER, NULL) &&
           vcl_der_take(&key, VCL_DER_SEQUENCE, &algorithm) &&
           vcl_der_take(&key, VCL_DER_OCTET_STRING, &inner) &&
           vcl_der_equal(&algorithm, &certificate->algorithm) &&
           (is_ec_key(inner, certificate) || is_rsa_key(inner, certificate));
}

/* Whether the key is seen to be that of the certificate; false proves nothing. */
static bool is_plainly_its_key(const char *certificate_pem, const char *key_pem)
{
    VCL_AUTO_PEM certificate = { 0 };
    VCL_AUTO_PEM key = { 0 };
    parts found;

    if (!vcl_pem_read(certificate_pem, strlen(certificate_pem), &certificate) ||
        !read_parts(&certificate, &found) || !vcl_pem_read(key_pem, strlen(key_pem), &key))
        return false;
    vcl_der der = { .data = key.data, .size = (size_t)key.size };
    if (vcl_streq(key.label, PEM_STRING_ECPRIVATEKEY))
        return is_ec_key(der, &found);
    if (vcl_streq(key.label, PEM_STRING_RSA))
        return is_rsa_key(der, &found);
    return vcl_streq(key.label, PEM_STRING_PKCS8INF) && is_wrapped_key(der, &found);
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
    if (is_plainly_its_key(certificate_pem, key_pem))
        return VCL_KEY_MATCHES;

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
