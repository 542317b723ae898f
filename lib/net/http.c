/* SPDX-License-Identifier: Apache-2.0 */
/* Making and ending a vcl_http, and what is neither a request nor a stream; see http.h. */
#include "net/http.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"
#include "net/websocket_end.h"

enum { PING_MS = 20000, SILENCE_MS = 15000 };

vcl_dialer *vcl_dialer_ref(vcl_dialer *dialer)
{
    if (dialer)
        atomic_fetch_add(&dialer->references, 1);
    return dialer;
}

void vcl_dialer_unref(vcl_dialer *dialer)
{
    if (dialer && atomic_fetch_sub(&dialer->references, 1) == 1)
        dialer->destroy(dialer);
}

void vcl_endpoint_done(vcl_endpoint *endpoint)
{
    free(endpoint->server);
    free(endpoint->tls_server_name);
    free(endpoint->ca_pem);
    vcl_free_secret(endpoint->proxy_url); /* may hold a password */
    free(endpoint->unix_socket);
    vcl_dialer_unref(endpoint->dialer);
    free(endpoint->client_cert_pem);
    vcl_tls_parts_unref(endpoint->tls_parts);
    vcl_free_secret(endpoint->client_key_pem);
    vcl_free_secret(endpoint->bearer_token);
    free(endpoint->token_file);
    free(endpoint->username);
    vcl_free_secret(endpoint->password);
    vcl_login_source_unref(endpoint->login);
    for (size_t i = 0; endpoint->headers && endpoint->headers[i]; i++)
        vcl_free_secret(endpoint->headers[i]); /* who acts as whom, and why */
    free(endpoint->headers);
    free(endpoint->user_agent);
    *endpoint = (vcl_endpoint){ 0 };
}

static bool append_header(vcl_endpoint *endpoint, char *line)
{
    size_t count = 0;

    while (endpoint->headers && endpoint->headers[count])
        count++;
    char **grown = line ? realloc(endpoint->headers, (count + 2) * sizeof(*grown)) : NULL;
    if (!grown) {
        free(line);
        return false;
    }
    grown[count] = line;
    grown[count + 1] = NULL;
    endpoint->headers = grown;
    return true;
}

bool vcl_endpoint_add_header(vcl_endpoint *endpoint, const char *name, const char *value)
{
    return append_header(endpoint, vcl_format("%s: %s", name, value));
}

static bool copy_headers(vcl_endpoint *to, const vcl_endpoint *from)
{
    for (size_t i = 0; from->headers && from->headers[i]; i++) {
        if (!append_header(to, vcl_strdup(from->headers[i])))
            return false;
    }
    return true;
}

static bool copy_text(char **slot, const char *text)
{
    *slot = vcl_strdup(text);
    return *slot || !text;
}

static bool copy_endpoint(vcl_endpoint *to, const vcl_endpoint *from)
{
    to->client_cert_not_after = from->client_cert_not_after;
    to->insecure = from->insecure;
    to->no_compression = from->no_compression;
    to->login = vcl_login_source_ref(from->login);
    to->tls_parts = vcl_tls_parts_ref(from->tls_parts);
    to->dialer = vcl_dialer_ref(from->dialer);
    return copy_headers(to, from) && copy_text(&to->server, from->server) &&
           copy_text(&to->tls_server_name, from->tls_server_name) &&
           copy_text(&to->ca_pem, from->ca_pem) && copy_text(&to->proxy_url, from->proxy_url) &&
           copy_text(&to->unix_socket, from->unix_socket) &&
           copy_text(&to->client_cert_pem, from->client_cert_pem) &&
           copy_text(&to->client_key_pem, from->client_key_pem) &&
           copy_text(&to->bearer_token, from->bearer_token) &&
           copy_text(&to->token_file, from->token_file) &&
           copy_text(&to->username, from->username) && copy_text(&to->password, from->password) &&
           copy_text(&to->user_agent, from->user_agent);
}

/* What becomes part of a header must not be able to begin another one. */
static int check_headers(const vcl_endpoint *endpoint, vcluster_error **error)
{
    if (strpbrk(vcl_str(endpoint->user_agent), "\r\n"))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the user agent has a line break");
    for (size_t i = 0; endpoint->headers && endpoint->headers[i]; i++) {
        if (strpbrk(endpoint->headers[i], "\r\n"))
            return vcl_fail(error, VCLUSTER_E_CONFIG, "the value of a header has a line break");
    }
    if (!vcl_is_header_token(vcl_str(endpoint->bearer_token)))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the bearer token has white space or control characters");
    return VCLUSTER_OK;
}

static bool has_credentials(const vcl_endpoint *endpoint)
{
    return !vcl_str_empty(endpoint->bearer_token) || !vcl_str_empty(endpoint->token_file) ||
           !vcl_str_empty(endpoint->username) || endpoint->login;
}

static void warn(vcl_http *http)
{
    if (http->server.tls && http->endpoint.insecure)
        vcl_http_log(http, VCLUSTER_LOG_WARNING,
                     "the certificate of '%s' is not verified, as the kubeconfig says",
                     http->server.authority);
    if (!http->server.tls && has_credentials(&http->endpoint))
        vcl_http_log(http, VCLUSTER_LOG_WARNING,
                     "'%s' is reached without TLS: credentials are not sent",
                     http->server.authority);
}

bool vcl_http_is_ours(const vcl_http *http)
{
    return http->pid == getpid();
}

int vcl_http_new(const vcl_endpoint *endpoint,
                 vcluster_log_fn log,
                 void *log_user_data,
                 vcl_http **out_http,
                 vcluster_error **error)
{
    int status = vcl_easy_check_library(error);
    if (status == VCLUSTER_OK)
        status = check_headers(endpoint, error);
    if (status < 0)
        return status;

    vcl_http *http = calloc(1, sizeof(*http));
    if (!http)
        return vcl_no_memory(error);
    http->pid = getpid();
    http->ping_ms = PING_MS;
    http->silence_ms = SILENCE_MS;
    http->log = log;
    http->log_user_data = log_user_data;
    if (!vcl_reactor_init(&http->reactor) || pthread_mutex_init(&http->log_lock, NULL) != 0 ||
        pthread_mutex_init(&http->tls.lock, NULL) != 0 || !vcl_easy_pool_init(&http->easies) ||
        !vcl_token_init(&http->token, &http->endpoint)) {
        free(http);
        return vcl_no_memory(error);
    }

    status = vcl_logins_init(&http->logins, endpoint->login, error);
    if (status < 0) {
        vcl_reactor_done(&http->reactor);
        (void)pthread_mutex_destroy(&http->log_lock);
        (void)pthread_mutex_destroy(&http->tls.lock);
        vcl_easy_pool_done(&http->easies);
        vcl_token_done(&http->token);
        free(http);
        return status;
    }
    status = copy_endpoint(&http->endpoint, endpoint) ? VCLUSTER_OK : vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = vcl_server_init(&http->server, &http->endpoint, error);
    http->reactor.sockets.dialer = http->endpoint.dialer;
    if (status < 0) {
        vcl_http_free(http);
        return status;
    }
    warn(http);
    *out_http = http;
    return VCLUSTER_OK;
}

void vcl_http_set_warning(vcl_http *http, vcluster_warning_fn warning, void *user_data)
{
    http->warning = warning;
    http->warning_user_data = user_data;
}

void vcl_http_set_obstacle(vcl_http *http, vcl_http_obstacle_fn obstacle, void *data)
{
    http->obstacle = obstacle;
    http->obstacle_data = data;
}

bool vcl_http_is_logged_in(vcl_http *http)
{
    VCL_AUTO_PTR(vcl_identity) identity = NULL;

    return vcl_easy_identity(http, NULL, &identity, NULL) == VCLUSTER_OK;
}

void vcl_http_free(vcl_http *http)
{
    if (!http)
        return;
    /* The child of a fork() has no such thread, and closing TLS connections here would tell the
     * server that the parent's are closed: only the secrets go. */
    if (vcl_http_is_ours(http)) {
        vcl_websocket_end_all(http);
        vcl_reactor_done(&http->reactor);
        vcl_easy_pool_done(&http->easies);
        vcl_tls_sessions_free(http->tls.sessions);
        (void)pthread_mutex_destroy(&http->tls.lock);
        (void)pthread_mutex_destroy(&http->log_lock);
        vcl_token_done(&http->token);
        vcl_logins_done(&http->logins);
    }
    vcl_tls_parts_unref(http->tls.parts);
    vcl_server_done(&http->server);
    vcl_endpoint_done(&http->endpoint);
    if (vcl_http_is_ours(http))
        free(http);
}

int64_t vcl_http_request_count(const vcl_http *http)
{
    return atomic_load(&http->requests);
}

void vcl_http_log(vcl_http *http, int level, const char *format, ...)
{
    va_list arguments;

    if (!http->log)
        return;
    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!message)
        return;
    vcl_sanitize(message);
    (void)pthread_mutex_lock(&http->log_lock);
    http->log(level, message, http->log_user_data);
    (void)pthread_mutex_unlock(&http->log_lock);
}

void vcl_http_response_done(vcl_http_response *response)
{
    free(response->content_type);
    free(response->location);
    free(response->etag);
    free(response->www_authenticate);
    free(response->content_digest);
    free(response->link);
    vcl_buf_done(&response->body);
    *response = (vcl_http_response){ .body = response->body };
}

bool vcl_url_escape(vcl_buf *buf, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~", *c);
        char escaped[3] = { '%', hex[*c >> 4], hex[*c & 15] };
        if (!(plain ? vcl_buf_append(buf, c, 1) : vcl_buf_append(buf, escaped, sizeof(escaped))))
            return false;
    }
    return true;
}
