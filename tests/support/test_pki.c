/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests; see test_pki.h. */
#include "test_pki.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "test_pki: %s failed\n", what);
        abort();
    }
}

static char *take_text(BIO *memory)
{
    char *data = NULL;
    long size = BIO_get_mem_data(memory, &data);
    char *text = strndup(data, (size_t)size);

    must(text != NULL, "strndup");
    BIO_free(memory);
    return text;
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension && X509_add_ext(cert, extension, -1), value);
    X509_EXTENSION_free(extension);
}

static void read_issuer(const test_identity *issuer, X509 **out_cert, EVP_PKEY **out_key)
{
    BIO *cert = BIO_new_mem_buf(issuer->cert_pem, -1);
    BIO *key = BIO_new_mem_buf(issuer->key_pem, -1);

    *out_cert = PEM_read_bio_X509(cert, NULL, NULL, NULL);
    *out_key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    must(*out_cert && *out_key, "reading the issuer");
    BIO_free(cert);
    BIO_free(key);
}

typedef struct signer {
    X509 *cert; /* NULL: self-signed */
    EVP_PKEY *key;
} signer;

static X509 *
make(const char *name, const char *alternative_names, EVP_PKEY *key, signer issuer, long valid_s)
{
    static atomic_long serial = 1;
    X509 *cert = X509_new();
    X509_NAME *subject = X509_NAME_new();

    must(cert && subject &&
             X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
                                        -1, -1, 0),
         "X509_NAME");
    must(X509_set_version(cert, 2) && X509_set_subject_name(cert, subject) &&
             X509_set_issuer_name(cert,
                                  issuer.cert ? X509_get_subject_name(issuer.cert) : subject) &&
             X509_set_pubkey(cert, key) &&
             ASN1_INTEGER_set(X509_get_serialNumber(cert), atomic_fetch_add(&serial, 1)) &&
             X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
             X509_gmtime_adj(X509_getm_notAfter(cert), valid_s),
         "X509");
    X509 *parent = issuer.cert ? issuer.cert : cert;
    add_extension(cert, parent, NID_basic_constraints,
                  issuer.cert ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (issuer.cert)
        add_extension(cert, parent, NID_subject_alt_name, alternative_names);
    must(X509_sign(cert, issuer.key ? issuer.key : key, EVP_sha256()) > 0, "X509_sign");
    X509_NAME_free(subject);
    return cert;
}

test_identity test_identity_new(const char *name, const test_identity *issuer, long valid_s)
{
    return test_identity_for(name, "DNS:localhost,IP:127.0.0.1", issuer, valid_s);
}

static test_identity identity_of(const char *name,
                                 const char *alternative_names,
                                 EVP_PKEY *key,
                                 const test_identity *issuer,
                                 long valid_s)
{
    signer by = { 0 };
    test_identity identity = { 0 };

    must(key != NULL, "making a key");
    if (issuer)
        read_issuer(issuer, &by.cert, &by.key);
    X509 *cert = make(name, alternative_names, key, by, valid_s);

    BIO *cert_text = BIO_new(BIO_s_mem());
    BIO *key_text = BIO_new(BIO_s_mem());
    must(PEM_write_bio_X509(cert_text, cert), "PEM_write_bio_X509");
    must(PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL), "writing a key");
    identity.cert_pem = take_text(cert_text);
    identity.key_pem = take_text(key_text);
    X509_free(cert);
    X509_free(by.cert);
    EVP_PKEY_free(key);
    EVP_PKEY_free(by.key);
    return identity;
}

test_identity test_identity_for(const char *name,
                                const char *alternative_names,
                                const test_identity *issuer,
                                long valid_s)
{
    return identity_of(name, alternative_names, EVP_EC_gen("P-256"), issuer, valid_s);
}

test_identity test_identity_weak(const char *name, const test_identity *issuer, long valid_s)
{
    return identity_of(name, "DNS:localhost", EVP_RSA_gen(512), issuer, valid_s);
}

void test_identity_done(test_identity *identity)
{
    free(identity->cert_pem);
    free(identity->key_pem);
    *identity = (test_identity){ 0 };
}
