/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to many servers; see transport.h. */
#include "repo/transport.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"
#include "net/url.h"
#include "repo/file.h"

static int read_pem(const char *path, const char *what, char **out_pem, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;

    if (vcl_str_empty(path))
        return VCLUSTER_OK;
    int number = vcl_repo_read_file(path, VCL_MAX_DOCUMENT, &text, &size);
    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "cannot read %s '%s': %s", what, path,
                        vcl_repo_file_reason(number));
    if (!strstr(text, "-----BEGIN ")) {
        vcl_free_secret(text);
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s '%s' is not PEM", what, path);
    }
    *out_pem = text;
    return VCLUSTER_OK;
}

int vcl_transport_init(vcl_transport *transport,
                       const vcluster_chart_fetch_options *options,
                       vcluster_error **error)
{
    *transport = (vcl_transport){ .options = options };
    if (vcl_str_empty(options->client_cert_file) != vcl_str_empty(options->client_key_file))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "client_cert_file and client_key_file must be given together");
    int status = read_pem(options->ca_file, "ca_file", &transport->ca_pem, error);
    if (status == VCLUSTER_OK)
        status = read_pem(options->client_cert_file, "client_cert_file",
                          &transport->client_cert_pem, error);
    if (status == VCLUSTER_OK)
        status = read_pem(options->client_key_file, "client_key_file", &transport->client_key_pem,
                          error);
    return status;
}

void vcl_transport_done(vcl_transport *transport)
{
    for (size_t i = 0; i < transport->count; i++) {
        vcl_http_free(transport->servers[i].http);
        free(transport->servers[i].origin);
    }
    free(transport->ca_pem);
    free(transport->client_cert_pem);
    vcl_free_secret(transport->client_key_pem);
    free(transport->home);
    *transport = (vcl_transport){ 0 };
}

static int add_server(vcl_transport *transport, const vcl_http_url *url, vcluster_error **error)
{
    vcl_auto_free char *origin = vcl_strdup(url->origin);
    size_t at = transport->count;

    if (!origin || (!transport->home && !(transport->home = vcl_strdup(origin))))
        return vcl_no_memory(error);
    if (at == VCL_MAX_ORIGINS)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "redirects led to more than %d servers",
                        VCL_MAX_ORIGINS);
    bool known = transport->options->pass_credentials || vcl_streq(origin, transport->home);
    vcl_endpoint endpoint = { .server = origin,
                              .ca_pem = transport->ca_pem,
                              .insecure = transport->options->insecure_skip_tls_verify != 0,
                              .client_cert_pem = known ? transport->client_cert_pem : NULL,
                              .client_key_pem = known ? transport->client_key_pem : NULL };
    int status = vcl_http_new(&endpoint, NULL, NULL, &transport->servers[at].http, error);
    if (status < 0)
        return status;
    transport->servers[at].origin = vcl_steal(&origin);
    transport->count++;
    return VCLUSTER_OK;
}

static int find_server(vcl_transport *transport,
                       const vcl_http_url *url,
                       vcl_http **out_http,
                       vcluster_error **error)
{
    size_t i = 0;

    while (i < transport->count && !vcl_streq(transport->servers[i].origin, url->origin))
        i++;
    if (i == transport->count) {
        int status = add_server(transport, url, error);
        if (status < 0)
            return status;
    }
    *out_http = transport->servers[i].http;
    transport->last_origin = transport->servers[i].origin;
    return VCLUSTER_OK;
}

static int send_one(vcl_transport *transport,
                    vcl_call *call,
                    const vcl_get *get,
                    const vcl_http_url *url,
                    vcl_http_response *response,
                    vcluster_error **error)
{
    vcl_http *http = NULL;
    bool known = vcl_streq(url->origin, get->origin) || vcl_streq(url->origin, get->other_origin);
    vcl_http_request request = {
        .method = get->form ? "POST" : "GET",
        .path = url->target,
        .accept = get->accept ? get->accept : "*/*",
        .authorization = known ? get->authorization : NULL,
        .content_type = get->form ? "application/x-www-form-urlencoded" : NULL,
        .body = get->form,
        .body_size = get->form ? strlen(get->form) : 0,
        .max_response = get->max,
        .as_stored = get->as_stored,
    };

    int status = find_server(transport, url, &http, error);
    return status < 0 ? status : vcl_http_send(http, call, &request, response, error);
}

static bool is_redirect(const vcl_http_response *response)
{
    int status = response->status;

    return (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
           !vcl_str_empty(response->location);
}

/* Move url to where the answer points. */
static int follow(vcl_http_url *url, const vcl_http_response *response, vcluster_error **error)
{
    VCL_AUTO_ERROR *inner = NULL;
    vcl_auto_free char *text = NULL;
    vcl_http_url next = { 0 };

    int status = vcl_http_url_resolve(url->text, response->location, &text, &inner);
    if (status == VCLUSTER_OK)
        status = vcl_http_url_parse(text, &next, &inner);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "'%s' redirects to where it cannot be followed",
                        url->origin);
    if (url->tls && !next.tls) {
        vcl_http_url_done(&next);
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "'%s' redirects from https to http, which is not followed", url->origin);
    }
    vcl_http_url_done(url);
    *url = next;
    return VCLUSTER_OK;
}

int vcl_transport_get(vcl_transport *transport,
                      vcl_call *call,
                      const vcl_get *get,
                      vcl_http_response *response,
                      vcluster_error **error)
{
    __attribute__((cleanup(vcl_http_url_done))) vcl_http_url url = { 0 };
    VCL_AUTO_RESPONSE answer = { 0 };
    int status = vcl_http_url_parse(get->url, &url, error);

    for (int redirects = 0; status == VCLUSTER_OK; redirects++) {
        vcl_http_response_done(&answer);
        status = send_one(transport, call, get, &url, &answer, error);
        if (status < 0 || get->form || !is_redirect(&answer))
            break;
        if (redirects == VCL_MAX_REDIRECTS)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                            "more than %d redirects, the last from '%s'", VCL_MAX_REDIRECTS,
                            url.origin);
        status = follow(&url, &answer, error);
    }
    if (status < 0)
        return status;
    *response = answer;
    answer = (vcl_http_response){ 0 };
    return VCLUSTER_OK;
}

static int code_for(int http)
{
    switch (http) {
    case 401:
    case 407:
        return VCLUSTER_E_UNAUTHENTICATED;
    case 403:
        return VCLUSTER_E_PERMISSION;
    case 404:
    case 410:
        return VCLUSTER_E_NOT_FOUND;
    case 408:
    case 429:
        return VCLUSTER_E_UNAVAILABLE;
    default:
        return http >= 500 ? VCLUSTER_E_UNAVAILABLE : VCLUSTER_E_PROTOCOL;
    }
}

int vcl_transport_refused(const vcl_http_response *response,
                          const char *what,
                          const char *detail,
                          vcluster_error **error)
{
    int code = code_for(response->status);
    const char *hint = "";

    if (code == VCLUSTER_E_UNAUTHENTICATED)
        hint = ": pass username and password";
    else if (code == VCLUSTER_E_PERMISSION)
        hint = ": these credentials, or none, are not enough";
    int status =
        vcl_fail(error, code, "the server answered HTTP %d for the %s%s%s%s", response->status,
                 what, vcl_str_empty(detail) ? "" : " ", vcl_str(detail), hint);
    vcl_error_set_http(error, response->status);
    if (code == VCLUSTER_E_UNAVAILABLE)
        vcl_error_set_retryable(error, true);
    return status;
}

char *vcl_basic_authorization(const char *username, const char *password)
{
    char *pair = vcl_format("%s:%s", vcl_str(username), vcl_str(password));
    char *encoded = pair ? vcl_base64_encode(pair, strlen(pair)) : NULL;
    char *value = encoded ? vcl_format("Basic %s", encoded) : NULL;

    vcl_free_secret(pair);
    vcl_free_secret(encoded);
    return value;
}
