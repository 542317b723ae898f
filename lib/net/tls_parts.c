/* SPDX-License-Identifier: Apache-2.0 */
/* Trust and identity as OpenSSL's objects; see tls_parts.h. */
#include "net/tls_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/pem.h"
#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"

struct vcl_tls_parts {
    size_t references;
    char *ca_pem; /* the texts that they were made of; NULL: none */
    char *cert_pem;
    char *key_pem;
    X509_STORE *store; /* NULL: the system's */
    X509 *certificate; /* NULL: none */
    STACK_OF(X509) * chain;
    EVP_PKEY *key;
};

void vcl_tls_parts_unref(vcl_tls_parts *parts)
{
    if (!parts || --parts->references > 0)
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
VCL_DEFINE_CLEANUP(vcl_tls_parts, vcl_tls_parts_unref);

/* The next certificate; NULL at the end, or where something is wrong. */
static X509 *next_certificate(BIO *bio)
{
    return PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
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

    parts->store = X509_STORE_new();
    if (!bio || !parts->store)
        return false;
    while (added && (certificate = next_certificate(bio))) {
        added = X509_STORE_add_cert(parts->store, certificate) == 1;
        X509_free(certificate);
    }
    return added && at_end() &&
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
    parts->key = vcl_key_read_pem(parts->key_pem);
    return parts->key && X509_check_private_key(parts->certificate, parts->key) == 1;
}

static bool copy(char **slot, const char *text)
{
    *slot = vcl_str_empty(text) ? NULL : vcl_strdup(text);
    return *slot || vcl_str_empty(text);
}

static vcl_tls_parts *make(const char *ca_pem, const char *cert_pem, const char *key_pem)
{
    VCL_AUTO_PTR(vcl_tls_parts) parts = calloc(1, sizeof(*parts));

    if (!parts)
        return NULL;
    parts->references = 1;
    bool made = copy(&parts->ca_pem, ca_pem) && copy(&parts->cert_pem, cert_pem) &&
                copy(&parts->key_pem, key_pem);
    ERR_clear_error();
    made = made && (!parts->ca_pem || read_trust(parts));
    ERR_clear_error();
    made = made && (!parts->cert_pem || (parts->key_pem && read_identity(parts)));
    ERR_clear_error(); /* the queue is the thread's, shared with the program */
    return made ? vcl_steal(&parts) : NULL;
}

/* ---- Using ---- */

static bool
is_of(const vcl_tls_parts *parts, const char *ca_pem, const char *cert_pem, const char *key_pem)
{
    return parts && vcl_streq(vcl_str(parts->ca_pem), vcl_str(ca_pem)) &&
           vcl_streq(vcl_str(parts->cert_pem), vcl_str(cert_pem)) &&
           vcl_streq(vcl_str(parts->key_pem), vcl_str(key_pem));
}

/* curl asks for the settings of a connection to an HTTPS proxy in the same way. */
static bool may_have_proxy(const vcl_http *http)
{
    static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

    if (!vcl_str_empty(http->endpoint.proxy_url))
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!vcl_str_empty(secure_getenv(names[i])))
            return true;
    }
    return false;
}

static CURLcode put_in(CURL *easy, void *context, void *data)
{
    const vcl_tls_parts *parts = data;
    bool done = true;

    (void)easy;
    if (parts->store)
        SSL_CTX_set1_cert_store(context, parts->store);
    if (parts->certificate)
        done =
            SSL_CTX_use_cert_and_key(context, parts->certificate, parts->key, parts->chain, 1) == 1;
    return done ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

static bool set_options(CURL *easy, vcl_tls_parts *parts)
{
    CURLcode first = CURLE_OK;

    VCL_SET(&first, easy, CURLOPT_SSL_CTX_FUNCTION, put_in);
    VCL_SET(&first, easy, CURLOPT_SSL_CTX_DATA, parts);
    if (first != CURLE_OK)
        return false;
    if (parts->store) {
        VCL_SET(&first, easy, CURLOPT_CAINFO, (char *)NULL);
        VCL_SET(&first, easy, CURLOPT_CAINFO_BLOB, (struct curl_blob *)NULL);
    }
    if (parts->certificate) {
        VCL_SET(&first, easy, CURLOPT_SSLCERTTYPE, (char *)NULL);
        VCL_SET(&first, easy, CURLOPT_SSLCERT_BLOB, (struct curl_blob *)NULL);
        VCL_SET(&first, easy, CURLOPT_SSLKEY_BLOB, (struct curl_blob *)NULL);
    }
    return first == CURLE_OK;
}

vcl_tls_parts *vcl_tls_parts_use(vcl_http *http, const vcl_identity *identity, CURL *easy)
{
    const vcl_endpoint *endpoint = &http->endpoint;
    const vcl_login *login = identity ? &identity->login : NULL;
    const char *ca_pem = login && login->ca_pem ? login->ca_pem : endpoint->ca_pem;
    const char *cert_pem = login ? login->client_cert_pem : endpoint->client_cert_pem;
    const char *key_pem = login ? login->client_key_pem : endpoint->client_key_pem;

    if (!http->server.tls || may_have_proxy(http))
        return NULL;
    if (!is_of(http->tls_parts, ca_pem, cert_pem, key_pem)) {
        vcl_tls_parts_unref(http->tls_parts);
        http->tls_parts = make(ca_pem, cert_pem, key_pem);
    }
    if (!http->tls_parts || !set_options(easy, http->tls_parts))
        return NULL;
    http->tls_parts->references++;
    return http->tls_parts;
}
