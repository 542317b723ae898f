/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong with a connection or a transfer, in words: which server, what curl and TLS said,
 * and what to look at.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "net/client.h"
#include "net/transfer.h"

/* TLS alerts by which a server says that it does not like our certificate. */
static bool is_identity_alert(const char *detail)
{
    static const char *const alerts[] = {
        "alert bad certificate",        "alert unknown ca",          "alert certificate expired",
        "alert certificate required",   "alert certificate unknown", "alert certificate revoked",
        "alert unsupported certificate"
    };

    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (strstr(detail, alerts[i]))
            return true;
    }
    return false;
}

/* A failure that the same call will meet again. */
static int fail_for_good(vcluster_error **error, int status)
{
    vcl_error_set_retryable(error, false);
    return status;
}

/* Status by which a proxy answered CONNECT, when it is not a good one; else 0. */
static long proxy_refusal(CURL *easy)
{
    long status = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status >= 300 ? status : 0;
}

static int fail_verify(const vcl_http *http, CURL *easy, const char *detail, vcluster_error **error)
{
    const char *server = http->server.authority;
    long verdict = X509_V_OK;

    (void)curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    if (verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID) {
        int status = vcl_fail(
            error, VCLUSTER_E_UNAVAILABLE,
            "the certificate of '%s' %s: renew it, or check the clock of this "
            "machine",
            server, verdict == X509_V_ERR_CERT_HAS_EXPIRED ? "has expired" : "is not valid yet");
        return fail_for_good(error, status);
    }
    /* Unspecified: the chain is good, it was curl that did not find the name. */
    if (verdict != X509_V_OK && verdict != X509_V_ERR_UNSPECIFIED) {
        int status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                              "the certificate of '%s' is not trusted (%s): check "
                              "certificate-authority-data of the kubeconfig",
                              server, X509_verify_cert_error_string(verdict));
        vcl_error_set_reason(error, "CertificateUntrusted");
        return fail_for_good(error, status);
    }
    int status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                          "the certificate of '%s' was refused (%s): check the server URL or set "
                          "tls-server-name",
                          server, detail);
    vcl_error_set_reason(error, "CertificateName");
    return fail_for_good(error, status);
}

static int
fail_connect(const vcl_http *http, CURL *easy, const char *detail, vcluster_error **error)
{
    const char *socket_path = http->endpoint.unix_socket;
    long number = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                    "cannot connect to '%s' (%s): check that the server runs and that the URL is "
                    "right",
                    vcl_str_empty(socket_path) ? http->server.authority : socket_path,
                    number ? strerror((int)number) : detail);
}

static int fail_tls(const vcl_http *http, const char *detail, vcluster_error **error)
{
    const char *hint = strstr(detail, "wrong version number")
                           ? ": it does not seem to speak TLS on this port"
                           : "";

    if (is_identity_alert(detail))
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                        "'%s' refused the client certificate (%s)", http->server.authority, detail);
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "TLS with '%s' failed (%s)%s",
                    http->server.authority, detail, hint);
}

/* What OpenSSL said of our certificate, where curl does not know. */
static const char *refusal_of(CURL *easy, const char *detail)
{
    void *private = NULL;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    const vcl_easy_user *user = private;
    const char *reason = user && user->refusal ? ERR_reason_error_string(user->refusal) : NULL;
    return reason ? reason : detail;
}

int vcl_easy_fail(
    vcl_http *http, CURL *easy, CURLcode result, const char *detail, vcluster_error **error)
{
    const char *server = http->server.authority;

    if (vcl_str_empty(detail))
        detail = curl_easy_strerror(result);
    if (proxy_refusal(easy))
        return fail_for_good(error,
                             vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                                      "the proxy refused the way to '%s' with HTTP status %ld: "
                                      "check proxy-url",
                                      server, proxy_refusal(easy)));
    switch ((int)result) {
    case CURLE_OUT_OF_MEMORY:
        return vcl_no_memory(error);
    case CURLE_COULDNT_RESOLVE_HOST:
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the host of '%s' has no address (%s): check the server URL and DNS",
                        server, detail);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the proxy for '%s' has no address (%s): check proxy-url", server, detail);
    case CURLE_COULDNT_CONNECT:
        return fail_connect(http, easy, detail, error);
    case CURLE_OPERATION_TIMEDOUT:
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no connection to '%s' came about (%s)",
                        server, detail);
    case CURLE_PEER_FAILED_VERIFICATION:
        return fail_verify(http, easy, detail, error);
    case CURLE_SSL_CERTPROBLEM:
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the client certificate or its key cannot be used (%s)",
                        refusal_of(easy, detail));
    case CURLE_SSL_CACERT_BADFILE:
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the CA certificate cannot be read (%s)", detail);
    case CURLE_SSL_CONNECT_ERROR:
        return fail_tls(http, detail, error);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "'%s' does not speak HTTP (%s)", server,
                        detail);
    default:
        if (is_identity_alert(detail))
            return fail_tls(http, detail, error);
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the connection to '%s' failed (%s)", server,
                        detail);
    }
}

bool vcl_transfer_was_lost(const vcl_transfer *transfer)
{
    if (proxy_refusal(transfer->easy))
        return false;
    switch ((int)transfer->result) {
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return !is_identity_alert(transfer->detail);
    case CURLE_ABORTED_BY_CALLBACK: /* a second sending that was not allowed */
        return transfer->sendings > 1;
    default:
        return false;
    }
}

static int fail_limit(const vcl_transfer *transfer, vcluster_error **error)
{
    if (transfer->body.state == VCL_BUF_NO_MEMORY)
        return vcl_no_memory(error);
    if (transfer->head_too_large)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the header of the answer is too large");
    return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the answer is larger than the limit of %zu bytes",
                    transfer->body.max);
}

static const char *detail_of(const vcl_transfer *transfer)
{
    if (transfer->result == CURLE_ABORTED_BY_CALLBACK && transfer->sendings > 1)
        return "it is not known whether the request was carried out";
    return transfer->detail[0] ? transfer->detail : curl_easy_strerror(transfer->result);
}

int vcl_transfer_obstacle(const vcl_transfer *transfer, vcluster_error **error)
{
    const vcl_http *http = transfer->http;
    bool on_its_way = transfer->result != CURLE_OK && !vcl_buf_failed(&transfer->body) &&
                      !transfer->head_too_large;

    return on_its_way && http->obstacle ? http->obstacle(http->obstacle_data, error) : VCLUSTER_OK;
}

int vcl_transfer_fail(vcl_transfer *transfer, vcluster_error **error)
{
    const char *detail = detail_of(transfer);
    int status = vcl_transfer_obstacle(transfer, error);

    if (status < 0)
        return vcl_wrap(error, status, "%s", transfer->label);
    if (vcl_buf_failed(&transfer->body) || transfer->head_too_large)
        status = fail_limit(transfer, error);
    else if (transfer->result == CURLE_BAD_CONTENT_ENCODING)
        status =
            vcl_fail(error, VCLUSTER_E_PROTOCOL, "the answer cannot be decompressed (%s)", detail);
    else if (vcl_transfer_was_lost(transfer) && transfer->head.complete)
        status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the answer was cut after %zu bytes (%s)",
                          transfer->received, detail);
    else if (vcl_transfer_was_lost(transfer))
        status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                          "the connection to '%s' was lost before an answer came (%s)",
                          transfer->http->server.authority, detail);
    else
        status = vcl_easy_fail(transfer->http, transfer->easy, transfer->result, detail, error);
    return vcl_wrap(error, status, "%s", transfer->label);
}
