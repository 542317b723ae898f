/* SPDX-License-Identifier: Apache-2.0 */
/* curl options that follow from an endpoint: TLS, identity, proxy, sockets. Private to lib/net. */
#ifndef VCL_NET_EASY_H
#define VCL_NET_EASY_H

#include <curl/curl.h>

#include "net/login.h"
#include "net/reactor.h"

/* curl_global_init() once, and whether this libcurl is one that can be used. */
int vcl_easy_check_library(vcluster_error **error);

/* What it is, after that: curl's own answer is put together anew each time. 0x075801 is 7.88.1. */
unsigned vcl_easy_curl_version(void);
bool vcl_easy_has_http2(void);
/* Whether OpenSSL's objects can be handed over to it: it may be built with another OpenSSL. */
bool vcl_easy_has_our_openssl(void);

/* A handle for path (with query, from the root of the server URL's prefix). identity may be NULL
 * and must outlive the handle, as http must. */
int vcl_easy_new(vcl_http *http,
                 const vcl_identity *identity,
                 const char *path,
                 CURL **out_easy,
                 vcluster_error **error);

/* Whether the handle does for all requests with the first credentials, and for none but these. */
bool vcl_easy_is_common(vcl_http *http, const vcl_identity *identity);
/* A common handle that another request has used, now for this path; *out_easy NULL: there is none.
 */
int vcl_easy_reuse(vcl_http *http, const char *path, CURL **out_easy, vcluster_error **error);

/* easy_tls.c, a part of that: whom the server has to be, and who we are. */
void vcl_easy_set_tls(CURLcode *first, CURL *easy, vcl_http *http, const vcl_identity *identity);
/* Whether its connections resume sessions; also for one that was used before. */
void vcl_easy_set_sessions(CURLcode *first, CURL *easy, vcl_http *http);
/* Whether the handles that are made from now on may; to be asked before one is made. */
bool vcl_easy_resumes(const vcl_http *http);
/* Its TLS connection has come about: those that follow may resume its session. */
void vcl_easy_note_session(vcl_http *http);
/* A server may give sessions that it does not take back: whether this handle failed by that,
 * perhaps, and is to be tried once more. None resumes one then. */
bool vcl_easy_try_again(vcl_http *http, CURL *easy, vcl_easy_user *user, CURLcode result);

/* The identity for a request, NULL for what the endpoint says; see vcl_logins_get(). */
int vcl_easy_identity(vcl_http *http,
                      vcl_call *call,
                      vcl_identity **out_identity,
                      vcluster_error **error);

/* The value of the Authorization header, NULL for none: never one for a server without TLS. The
 * caller frees it with vcl_free_secret(). */
int vcl_easy_authorization(vcl_http *http,
                           const vcl_identity *identity,
                           char **out_value,
                           uint64_t *out_edition,
                           vcluster_error **error);

/* "libvcluster/0.1.0 (linux/amd64)" or what the endpoint says. */
const char *vcl_easy_user_agent(const vcl_http *http);

/* Keep the first failure of many curl_easy_setopt() calls. */
#define VCL_SET(first, easy, option, value)                                                        \
    do {                                                                                           \
        CURLcode vcl_set_result = curl_easy_setopt((easy), (option), (value));                     \
        if (*(first) == CURLE_OK)                                                                  \
            *(first) = vcl_set_result;                                                             \
    } while (0)

#endif
