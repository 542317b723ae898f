/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS options of a handle. The credentials that a client begins with are handed over as objects
 * that were read once, and connections made with them resume each other's sessions. curl does not
 * look into these objects when it compares connections: so all others, renewed ones as a rule, are
 * given as texts, by which it tells whose a connection or a session is.
 */
#include <string.h>

#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"

/* The texts of a handle. */
typedef struct texts {
    char *ca_pem; /* each may be NULL */
    char *cert_pem;
    char *key_pem;
} texts;

static char *or_null(char *text)
{
    return vcl_str_empty(text) ? NULL : text;
}

static texts texts_of(const vcl_http *http, const vcl_identity *identity)
{
    const vcl_endpoint *endpoint = &http->endpoint;
    const vcl_login *login = identity ? &identity->login : NULL;

    return (texts){
        .ca_pem = or_null(login && login->ca_pem ? login->ca_pem : endpoint->ca_pem),
        .cert_pem = or_null(login ? login->client_cert_pem : endpoint->client_cert_pem),
        .key_pem = or_null(login ? login->client_key_pem : endpoint->client_key_pem),
    };
}

/* Nothing is in there. The system's certificates must not be asked beside those of a text, and NULL
 * means them from curl 8.21 on. */
static const char no_folder[] = "/dev/null";

/* ---- As objects ---- */

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

static vcl_tls_parts *
make_parts(const vcl_http *http, const vcl_identity *identity, const texts *known)
{
    vcl_tls_parts *given = identity ? identity->login.tls_parts : http->endpoint.tls_parts;

    return vcl_tls_parts_is_of(given, known->ca_pem, known->cert_pem, known->key_pem)
               ? vcl_tls_parts_ref(given)
               : vcl_tls_parts_new(known->ca_pem, known->cert_pem, known->key_pem);
}

/* Those of the first credentials; NULL: what is in them is curl's to tell. They never change. */
static vcl_tls_parts *first_parts(vcl_http *http, const vcl_identity *identity, const texts *known)
{
    vcl_tls *tls = &http->tls;

    (void)pthread_mutex_lock(&tls->lock);
    if (!tls->begun) {
        tls->begun = true;
        tls->parts = make_parts(http, identity, known);
        tls->sessions = tls->parts ? vcl_tls_sessions_new() : NULL;
    }
    (void)pthread_mutex_unlock(&tls->lock);
    return tls->parts;
}

/* NULL: curl gets the texts. To curl, objects look as if there was no certificate; where they hold
 * a CA it is told at least that its own is not to be asked. */
static vcl_tls_parts *objects_of(vcl_http *http, const vcl_identity *identity, const texts *known)
{
    if (!vcl_easy_has_our_openssl() || may_have_proxy(http) || (known->cert_pem && !known->ca_pem))
        return NULL;
    vcl_tls_parts *parts = first_parts(http, identity, known);
    return vcl_tls_parts_is_of(parts, known->ca_pem, known->cert_pem, known->key_pem) ? parts
                                                                                      : NULL;
}

bool vcl_easy_is_common(vcl_http *http, const vcl_identity *identity)
{
    texts known = texts_of(http, identity);

    return !http->server.tls || objects_of(http, identity, &known);
}

/* All that curl would tell of the reason is that this failed. */
static CURLcode fill(CURL *easy, void *context, void *data)
{
    void *private = NULL;
    unsigned long refusal = 0;

    if (vcl_tls_parts_fill(data, context, &refusal))
        return CURLE_OK;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private) == CURLE_OK && private) {
        vcl_easy_user *user = private;
        user->refusal = refusal;
    }
    return CURLE_SSL_CERTPROBLEM;
}

/* A handle has sessions of its own, too. */
void vcl_easy_set_sessions(CURLcode *first, CURL *easy, vcl_http *http)
{
    bool resumes = http->tls.sessions && vcl_easy_resumes(http);

    VCL_SET(first, easy, CURLOPT_SSL_SESSIONID_CACHE, resumes ? 1L : 0L);
    VCL_SET(first, easy, CURLOPT_SHARE,
            resumes ? vcl_tls_sessions_share(http->tls.sessions) : NULL);
}

static void set_objects(CURLcode *first, CURL *easy, vcl_http *http, vcl_tls_parts *parts)
{
    VCL_SET(first, easy, CURLOPT_SSL_CTX_FUNCTION, fill);
    VCL_SET(first, easy, CURLOPT_SSL_CTX_DATA, parts);
    vcl_easy_set_sessions(first, easy, http);
}

/* ---- As texts ---- */

/* Not copied: the endpoint outlives every handle. */
static void set_pem(CURLcode *first, CURL *easy, CURLoption option, char *pem)
{
    struct curl_blob blob = { .data = pem, .len = strlen(pem), .flags = CURL_BLOB_NOCOPY };

    VCL_SET(first, easy, option, &blob);
}

static void set_texts(CURLcode *first, CURL *easy, texts known)
{
    if (known.ca_pem) {
        set_pem(first, easy, CURLOPT_CAINFO_BLOB, known.ca_pem);
        VCL_SET(first, easy, CURLOPT_PROXY_CAPATH, no_folder);
        set_pem(first, easy, CURLOPT_PROXY_CAINFO_BLOB, known.ca_pem);
    }
    if (known.cert_pem) {
        VCL_SET(first, easy, CURLOPT_SSLCERTTYPE, "PEM");
        set_pem(first, easy, CURLOPT_SSLCERT_BLOB, known.cert_pem);
    }
    if (known.cert_pem && known.key_pem) {
        VCL_SET(first, easy, CURLOPT_SSLKEYTYPE, "PEM");
        set_pem(first, easy, CURLOPT_SSLKEY_BLOB, known.key_pem);
    }
}

void vcl_easy_set_tls(CURLcode *first, CURL *easy, vcl_http *http, const vcl_identity *identity)
{
    texts known = texts_of(http, identity);

    VCL_SET(first, easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    VCL_SET(first, easy, CURLOPT_SSL_VERIFYPEER, http->endpoint.insecure ? 0L : 1L);
    VCL_SET(first, easy, CURLOPT_SSL_VERIFYHOST, http->endpoint.insecure ? 0L : 2L);
    vcl_tls_parts *parts = http->server.tls ? objects_of(http, identity, &known) : NULL;
    if (known.ca_pem) {
        VCL_SET(first, easy, CURLOPT_CAPATH, no_folder);
        VCL_SET(first, easy, CURLOPT_CAINFO, (char *)NULL);
    }
    if (parts)
        set_objects(first, easy, http, parts);
    else
        set_texts(first, easy, known);
    if (!vcl_easy_resumes(http)) /* curl from 8.12 on keeps sessions of its own for all handles */
        VCL_SET(first, easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

void vcl_easy_note_session(vcl_http *http)
{
    atomic_store(&http->tls.met, true);
}

bool vcl_easy_resumes(const vcl_http *http)
{
    return !atomic_load(&http->tls.forgotten);
}

bool vcl_easy_try_again(vcl_http *http, CURL *easy, vcl_easy_user *user, CURLcode result)
{
    CURLcode first = CURLE_OK;
    vcl_tls *tls = &http->tls;

    if (result != CURLE_SSL_CONNECT_ERROR || !tls->sessions || !atomic_load(&tls->met) ||
        !user->resumes)
        return false;
    user->resumes = false;
    atomic_store(&tls->forgotten, true);
    vcl_easy_set_sessions(&first, easy, http);
    return first == CURLE_OK;
}
