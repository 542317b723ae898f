/* SPDX-License-Identifier: Apache-2.0 */
/* Trust and identity as OpenSSL's objects; see tls_parts.h. */
#include "net/tls_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <string.h>

#include "base/pem.h"
#include "base/str.h"

struct vcl_tls_parts {
    atomic_int references;
    char *ca_pem; /* the texts that they were made of; NULL: none */
    char *cert_pem;
    char *key_pem;
    X509_STORE *store; /* NULL: the system's */
    X509 *certificate; /* NULL: none */
    STACK_OF(X509) * chain;
    EVP_PKEY *key;
};

vcl_tls_parts *vcl_tls_parts_ref(vcl_tls_parts *parts)
{
    if (parts)
        atomic_fetch_add(&parts->references, 1);
    return parts;
}

void vcl_tls_parts_unref(vcl_tls_parts *parts)
{
    if (!parts || atomic_fetch_sub(&parts->references, 1) != 1)
        return;
    free(parts->ca_pem);
    free(parts->cert_pem);
    vcl_free_secret(parts->key_pem);
    X509_STORE_free(parts->store);
    X509_free(parts->certificate);
    sk_X509_pop_free(parts->chain, X509_free);
    EVP_PKEY_free(parts->key);
    free(parts);
}

/* Whether its key was read. Where memory is short, or OpenSSL does not know the kind of key, the
 * certificate is read nevertheless, and stays without. */
static bool is_whole(const X509 *certificate)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);

    return key && EVP_PKEY_get_security_bits(key) > 0;
}

/* The next certificate; NULL at the end, or where something is wrong. */
static X509 *next_certificate(BIO *bio)
{
    X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);

    if (!certificate || is_whole(certificate))
        return certificate;
    X509_free(certificate);
    ERR_raise(ERR_LIB_X509, X509_R_UNABLE_TO_GET_CERTS_PUBLIC_KEY); /* it is not the end */
    return NULL;
}

/* Whether nothing but the end of the text has stopped the reading. */
static bool at_end(void)
{
    unsigned long last = ERR_peek_last_error();

    return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

/* What curl makes of it: also a certificate that is no root may be the end of a chain. */
static bool read_trust(vcl_tls_parts *parts)
{
    VCL_AUTO_PTR(BIO) bio = vcl_bio_of(parts->ca_pem);
    X509 *certificate;
    bool added = bio != NULL;
    bool any = false;

    parts->store = X509_STORE_new();
    if (!bio || !parts->store)
        return false;
    while (added && (certificate = next_certificate(bio))) {
        added = X509_STORE_add_cert(parts->store, certificate) == 1;
        any = true;
        X509_free(certificate);
    }
    return any && added && at_end() &&
           X509_STORE_set_flags(parts->store,
                                X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static bool read_identity(vcl_tls_parts *parts)
{
    VCL_AUTO_PTR(BIO) cert_bio = vcl_bio_of(parts->cert_pem);
    X509 *more;
    bool added = true;

    parts->certificate = cert_bio ? next_certificate(cert_bio) : NULL;
    parts->chain = sk_X509_new_null();
    if (!parts->certificate || !parts->chain)
        return false;
    while (added && (more = next_certificate(cert_bio))) {
        added = sk_X509_push(parts->chain, more) > 0;
        if (!added)
            X509_free(more);
    }
    if (!added || !at_end())
        return false;
    parts->key = vcl_key_read_pem(parts->key_pem, parts->certificate);
    return parts->key && X509_check_private_key(parts->certificate, parts->key) == 1;
}

static bool copy(char **slot, const char *text)
{
    *slot = vcl_str_empty(text) ? NULL : vcl_strdup(text);
    return *slot || vcl_str_empty(text);
}

vcl_tls_parts *vcl_tls_parts_new(const char *ca_pem, const char *cert_pem, const char *key_pem)
{
    VCL_AUTO_PTR(vcl_tls_parts) parts = calloc(1, sizeof(*parts));

    if (!parts)
        return NULL;
    atomic_init(&parts->references, 1);
    bool made = copy(&parts->ca_pem, ca_pem) && copy(&parts->cert_pem, cert_pem) &&
                copy(&parts->key_pem, key_pem);
    ERR_clear_error();
    made = made && (!parts->ca_pem || read_trust(parts));
    ERR_clear_error();
    made = made && (!parts->cert_pem || (parts->key_pem && read_identity(parts)));
    ERR_clear_error(); /* the queue is the thread's, shared with the program */
    return made ? vcl_steal(&parts) : NULL;
}

bool vcl_tls_parts_is_of(const vcl_tls_parts *parts,
                         const char *ca_pem,
                         const char *cert_pem,
                         const char *key_pem)
{
    return parts && vcl_streq(vcl_str(parts->ca_pem), vcl_str(ca_pem)) &&
           vcl_streq(vcl_str(parts->cert_pem), vcl_str(cert_pem)) &&
           vcl_streq(vcl_str(parts->key_pem), vcl_str(key_pem));
}

bool vcl_tls_parts_not_after(const vcl_tls_parts *parts, int64_t *out_not_after)
{
    return parts->certificate && vcl_certificate_end(parts->certificate, out_not_after);
}

/* Not the store of the context: curl from 7.88 to 8.2 adds what it trusts itself to that when the
 * connection is under way, which may be the system's authorities, and hands it to others. */
static bool set_store(const vcl_tls_parts *parts, SSL_CTX *context)
{
    return SSL_CTX_set1_verify_cert_store(context, parts->store) == 1 &&
           SSL_CTX_set1_chain_cert_store(context, parts->store) == 1;
}

bool vcl_tls_parts_fill(const vcl_tls_parts *parts,
                        struct ssl_ctx_st *context,
                        unsigned long *out_refusal)
{
    *out_refusal = 0;
    if (parts->store && !set_store(parts, context))
        return false; /* or the system's authorities might be trusted */
    if (!parts->certificate)
        return true;
    ERR_clear_error();
    bool taken =
        SSL_CTX_use_cert_and_key(context, parts->certificate, parts->key, parts->chain, 1) == 1;
    *out_refusal = taken ? 0 : ERR_peek_last_error();
    ERR_clear_error();
    return taken;
}
