/* SPDX-License-Identifier: Apache-2.0 */
/* The address of the server; see server.h. curl's own URL parser does the reading. */
#include "net/server.h"

#include <curl/curl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

typedef struct url_parts {
    char *scheme;
    char *host; /* IPv6 addresses with their brackets */
    char *port;
    char *path;
    char *user;
} url_parts;

static void parts_done(url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->path);
    curl_free(parts->user);
}

static void url_done(CURLU **url)
{
    curl_url_cleanup(*url);
}

bool vcl_is_header_token(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c <= ' ' || *c == 0x7f)
            return false;
    }
    return true;
}

static bool read_parts(const char *text, url_parts *parts)
{
    __attribute__((cleanup(url_done))) CURLU *url = curl_url();

    if (!url || curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return false;
    (void)curl_url_get(url, CURLUPART_USER, &parts->user, 0);
    return curl_url_get(url, CURLUPART_SCHEME, &parts->scheme, 0) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_HOST, &parts->host, 0) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_PATH, &parts->path, 0) == CURLUE_OK;
}

static bool is_loopback(const char *host)
{
    return vcl_streq(host, "localhost") || vcl_ends_with(host, ".localhost") ||
           vcl_starts_with(host, "127.") || vcl_streq(host, "[::1]");
}

/* A name for SNI: host characters only, since it becomes part of the URL. */
static bool is_host_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-_:";

    return *name && strspn(name, allowed) == strlen(name);
}

static bool build(vcl_server *server, const url_parts *parts, const char *tls_name)
{
    size_t path_size = strlen(parts->path);

    while (path_size > 0 && parts->path[path_size - 1] == '/')
        path_size--;
    const char *open = tls_name && strchr(tls_name, ':') ? "[" : "";
    const char *close = *open ? "]" : "";

    server->prefix = vcl_strndup(parts->path, path_size);
    server->authority = vcl_format("%s:%s", parts->host, parts->port);
    if (tls_name)
        server->connect_to = vcl_format("::%s:%s", parts->host, parts->port);
    server->base =
        vcl_format("%s://%s%s%s:%s%s", parts->scheme, open, tls_name ? tls_name : parts->host,
                   close, parts->port, vcl_str(server->prefix));
    return server->prefix && server->authority && server->base && (!tls_name || server->connect_to);
}

int vcl_server_init(vcl_server *server, const vcl_endpoint *endpoint, vcluster_error **error)
{
    __attribute__((cleanup(parts_done))) url_parts parts = { 0 };
    const char *tls_name =
        vcl_str_empty(endpoint->tls_server_name) ? NULL : endpoint->tls_server_name;

    if (vcl_str_empty(endpoint->server))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the server URL is empty");
    if (!vcl_is_header_token(endpoint->server) || !read_parts(endpoint->server, &parts))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "server '%s' is not a URL: it must look like https://host:port",
                        endpoint->server);
    if (!vcl_streq(parts.scheme, "https") && !vcl_streq(parts.scheme, "http"))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "server '%s' is neither https nor http",
                        endpoint->server);
    if (parts.user)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the server URL holds a user name: put it into the user's entry instead");
    if (tls_name && !is_host_name(tls_name))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "tls-server-name '%s' is not a host name",
                        tls_name);

    server->tls = vcl_streq(parts.scheme, "https");
    server->loopback = is_loopback(parts.host);
    int64_t port = 0;
    if (vcl_parse_i64(parts.port, &port) && port > 0 && port <= 65535)
        server->port = (int)port;
    if (!build(server, &parts, server->tls ? tls_name : NULL))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

void vcl_server_done(vcl_server *server)
{
    free(server->base);
    free(server->prefix);
    free(server->authority);
    free(server->connect_to);
}
