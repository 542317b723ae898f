/* SPDX-License-Identifier: Apache-2.0 */
/* Requests against a small server in this program: what is sent, TLS, proxies, tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "net_fixture.h"

static void answer_warnings(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 200,
                     "Warning: 299 - \"old \\\"v1\\\"\", 299 - \"second\"\r\n"
                     "Warning: 299 - \"second\"\r\nWarning: 199 - \"not this\"\r\n",
                     "{}");
}

static void answer_token(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char value[256] = "";

    (void)test_request_header(request, "Authorization", value, sizeof(value));
    bool known = vcl_streq(value, "Bearer new");
    if (!known && f->text[0]) { /* the file is renewed while the request is under way */
        FILE *file = fopen(f->text, "w");
        (void)fputs("new\n", file);
        (void)fclose(file);
    }
    test_conn_answer(conn, known ? 200 : 401, "", value);
}

/* A proxy that lets nothing through and remembers what it was told. */
static void refuse_to_tunnel(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    (void)snprintf(f->text, sizeof(f->text), "%s %.64s", request->method, request->path);
    atomic_store(&f->marks, strstr(request->head, "s3cret") ? 1 : 2);
    test_conn_answer(conn, 403, "", "no");
}

static void get_over_tls_verifies_with_the_given_ca(void **state)
{
    fixture *f = start(answer_ok, true);

    (void)state;
    assert_int_equal(get(f, "/version"), 0);
    assert_int_equal(f->response.status, 200);
    assert_string_equal(f->response.content_type, "application/json");
    assert_body(f, "{}");
    assert_int_equal(vcl_http_request_count(f->http), 1);
    assert_logged(f, "1 GET /version 200 ");
    stop(f);
}

static void client_certificate_is_presented(void **state)
{
    fixture *f = calloc(1, sizeof(*f));

    (void)state;
    f->server = test_server_start(&(test_server_options){ .handler = answer_ok,
                                                          .cert_pem = server_identity.cert_pem,
                                                          .key_pem = server_identity.key_pem,
                                                          .client_ca_pem = ca.cert_pem });
    char *url = strdup(test_server_url(f->server));
    f->endpoint = (vcl_endpoint){ .server = url, .ca_pem = ca.cert_pem };
    vcl_call_init(&f->call, 10000, 10000, NULL, NULL, NULL);

    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAUTHENTICATED);
    assert_says(f, "client certificate");
    vcl_http_free(f->http);
    f->http = NULL;

    f->endpoint.client_cert_pem = client_identity.cert_pem;
    f->endpoint.client_key_pem = client_identity.key_pem;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 200);
    stop(f);
    free(url);
}

static void an_identity_that_tls_refuses_is_told_with_the_reason(void **state)
{
    test_identity weak = test_identity_weak("weak", &ca, YEAR_S);
    fixture *f = start(answer_ok, true);

    (void)state;
    f->endpoint.client_cert_pem = weak.cert_pem;
    f->endpoint.client_key_pem = weak.key_pem;
    assert_int_equal(get(f, "/"), VCLUSTER_E_CONFIG);
    assert_says(f, "the client certificate or its key cannot be used");
    assert_says(f, "key too small");
    stop(f);
    test_identity_done(&weak);
}

static void answer_and_close(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 200, "Connection: close\r\n", "{}");
    test_conn_close(conn, false);
}

static void a_server_that_forgets_its_sessions_is_asked_without(void **state)
{
    fixture *f = calloc(1, sizeof(*f));

    (void)state;
    f->server = test_server_start(&(test_server_options){ .handler = answer_and_close,
                                                          .cert_pem = server_identity.cert_pem,
                                                          .key_pem = server_identity.key_pem,
                                                          .client_ca_pem = ca.cert_pem,
                                                          .forgets_sessions = true });
    vcl_auto_free char *url = vcl_strdup(test_server_url(f->server));
    f->endpoint = (vcl_endpoint){ .server = url,
                                  .ca_pem = ca.cert_pem,
                                  .client_cert_pem = client_identity.cert_pem,
                                  .client_key_pem = client_identity.key_pem };
    vcl_call_init(&f->call, 10000, 10000, NULL, NULL, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(post(f, "/", "{}"), 0);
    assert_int_equal(test_server_requests(f->server), 3);
    assert_int_equal(test_server_connections(f->server), 4); /* the second one twice */
    stop(f);
}

typedef struct closer {
    int listen_fd;
    atomic_int connections;
    pthread_t thread;
} closer;

static void *close_all(void *data)
{
    closer *c = data;

    for (int fd = accept(c->listen_fd, NULL, NULL); fd >= 0;
         fd = accept(c->listen_fd, NULL, NULL)) {
        atomic_fetch_add(&c->connections, 1);
        (void)close(fd);
    }
    return NULL;
}

/* What takes the place of a server and closes every connection at once. */
static void start_closer(closer *c, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;

    atomic_init(&c->connections, 0);
    c->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(c->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
    assert_int_equal(bind(c->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(c->listen_fd, 8), 0);
    assert_int_equal(pthread_create(&c->thread, NULL, close_all, c), 0);
}

static void stop_closer(closer *c)
{
    (void)shutdown(c->listen_fd, SHUT_RDWR);
    assert_int_equal(pthread_join(c->thread, NULL), 0);
    (void)close(c->listen_fd);
}

static void what_resumes_no_session_is_not_asked_twice(void **state)
{
    fixture *f = start(answer_and_close, true);
    vcl_auto_free char *url = vcl_strdup(test_server_url(f->server));
    int port = test_server_port(f->server);
    closer all;

    (void)state;
    f->endpoint.server = url;
    assert_int_equal(get(f, "/"), 0);
    test_server_stop(f->server);
    start_closer(&all, port);
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    int connections = atomic_load(&all.connections);
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(atomic_load(&all.connections), connections + 1);
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(atomic_load(&all.connections), connections + 2);
    stop_closer(&all);
    f->server = test_server_start(&(test_server_options){ .handler = answer_ok });
    stop(f);
}

static void request_carries_what_it_should(void **state)
{
    fixture *f = start(answer_head, true);
    char token[] = "s3cret";

    (void)state;
    f->endpoint.bearer_token = token;
    assert_int_equal(post(f, "/api/v1/pods?dryRun=All", "{\"a\":1}"), 0);
    const char *seen = vcl_buf_text(&f->response.body);
    assert_non_null(strstr(seen, "POST /api/v1/pods?dryRun=All\n"));
    assert_non_null(strstr(seen, "\r\nAuthorization: Bearer s3cret\r\n"));
    assert_non_null(strstr(seen, "\r\nAccept: application/json\r\n"));
    assert_non_null(strstr(seen, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(seen, "User-Agent: libvcluster/"));
    assert_non_null(strstr(seen, "Accept-Encoding: "));
    assert_null(strstr(seen, "Expect"));
    assert_non_null(strstr(seen, "\n{\"a\":1}"));
    assert_null(strstr(f->log, "s3cret"));
    stop(f);
}

static void basic_auth_and_user_agent_are_sent(void **state)
{
    fixture *f = start(answer_head, true);
    char user[] = "Aladdin";
    char password[] = "open sesame";
    char agent[] = "test/1";

    (void)state;
    f->endpoint.username = user;
    f->endpoint.password = password;
    f->endpoint.user_agent = agent;
    assert_int_equal(get(f, "/"), 0);
    const char *seen = vcl_buf_text(&f->response.body);
    assert_non_null(strstr(seen, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
    assert_non_null(strstr(seen, "User-Agent: test/1\r\n"));
    stop(f);
}

static void credentials_are_not_sent_without_tls(void **state)
{
    fixture *f = start(answer_head, false);
    char token[] = "s3cret";

    (void)state;
    f->endpoint.bearer_token = token;
    assert_int_equal(get(f, "/"), 0);
    assert_null(strstr(vcl_buf_text(&f->response.body), "Authorization"));
    assert_logged(f, "3 'localhost:");
    stop(f);
}

static void methods_reach_the_server(void **state)
{
    static const char *const methods[] = { "PUT", "PATCH", "DELETE" };
    fixture *f = start(answer_head, false);

    (void)state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        assert_int_equal(send_request(f, &(vcl_http_request){ .method = methods[i],
                                                              .path = "/x",
                                                              .content_type = "text/x",
                                                              .body = "body",
                                                              .body_size = 4 }),
                         0);
        char *expected = vcl_format("%s /x\n", methods[i]);
        assert_true(vcl_starts_with(vcl_buf_text(&f->response.body), expected));
        assert_true(vcl_ends_with(vcl_buf_text(&f->response.body), "\nbody"));
        free(expected);
    }
    assert_int_equal(send_request(f, &(vcl_http_request){ .method = "DELETE", .path = "/nothing" }),
                     0);
    assert_true(vcl_starts_with(vcl_buf_text(&f->response.body), "DELETE /nothing\n"));
    assert_int_equal(test_server_connections(f->server), 1);
    stop(f);
}

/* A handle of curl serves one request after the other. */
static void nothing_of_a_request_is_left_for_the_next(void **state)
{
    fixture *f = start(answer_head, true);

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(post(f, "/first", "{\"a\":1}"), 0);
        assert_true(vcl_ends_with(vcl_buf_text(&f->response.body), "\n{\"a\":1}"));
        assert_int_equal(send_request(f, &(vcl_http_request){ .method = "GET",
                                                              .path = "/second",
                                                              .as_stored = true,
                                                              .if_none_match = "\"x\"" }),
                         0);
        assert_null(strstr(vcl_buf_text(&f->response.body), "Accept-Encoding"));
        assert_int_equal(get(f, "/third"), 0);
        const char *seen = vcl_buf_text(&f->response.body);
        assert_true(vcl_starts_with(seen, "GET /third\n"));
        assert_non_null(strstr(seen, "Accept-Encoding"));
        assert_null(strstr(seen, "Content-"));
        assert_null(strstr(seen, "If-None-Match"));
        assert_null(strstr(seen, "{\"a\":1}"));
        assert_int_equal(send_request(f, &(vcl_http_request){ .method = "HEAD", .path = "/" }), 0);
        assert_int_equal(f->response.body.size, 0);
    }
    assert_int_equal(test_server_connections(f->server), 1);
    stop(f);
}

static void unknown_ca_is_refused(void **state)
{
    fixture *f = start(answer_ok, true);
    test_identity other = test_identity_new("other-ca", NULL, YEAR_S);

    (void)state;
    f->endpoint.ca_pem = other.cert_pem;
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "is not trusted");
    assert_says(f, "certificate-authority-data");
    assert_false(vcluster_error_retryable(f->error));
    assert_int_equal(test_server_requests(f->server), 0);
    vcl_http_free(f->http);
    f->http = NULL;

    f->endpoint.insecure = true;
    assert_int_equal(get(f, "/"), 0);
    assert_logged(f, "is not verified");
    stop(f);
    test_identity_done(&other);
}

static void expired_certificate_is_named(void **state)
{
    test_identity expired = test_identity_new("localhost", &ca, -60);
    test_server *server = test_server_start(&(test_server_options){
        .handler = answer_ok, .cert_pem = expired.cert_pem, .key_pem = expired.key_pem });
    fixture *f = start(answer_ok, true);
    char *url = strdup(test_server_url(server));

    (void)state;
    f->endpoint.server = url;
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "has expired");
    stop(f);
    test_server_stop(server);
    test_identity_done(&expired);
    free(url);
}

static void tls_server_name_replaces_the_name_of_the_url(void **state)
{
    fixture *f = start(answer_head, true);
    char name[] = "localhost";

    (void)state;
    /* The URL names an address that the certificate does not have; "localhost" is verified. */
    char *url = vcl_format("https://[::ffff:127.0.0.1]:%d/prefix/", test_server_port(f->server));
    f->endpoint.server = url;
    assert_int_equal(get(f, "/x"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "tls-server-name");
    vcl_http_free(f->http);
    f->http = NULL;

    f->endpoint.tls_server_name = name;
    assert_int_equal(get(f, "/x"), 0);
    const char *seen = vcl_buf_text(&f->response.body);
    assert_true(vcl_starts_with(seen, "GET /prefix/x\n"));
    assert_non_null(strstr(seen, "Host: [::ffff:127.0.0.1]:"));
    stop(f);
    free(url);
}

static void refused_connection_is_unavailable(void **state)
{
    fixture *f = start(answer_ok, false);

    (void)state;
    char *url = strdup(test_server_url(f->server));
    test_server_stop(f->server);
    f->server = NULL;
    f->endpoint.server = url;
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "GET /: cannot connect to 'localhost:");
    assert_says(f, "Connection refused");
    assert_true(vcluster_error_retryable(f->error));
    stop(f);
    free(url);
}

static void unix_socket_carries_tls(void **state)
{
    char directory[] = "/tmp/vcl-net-XXXXXX";
    fixture *f = calloc(1, sizeof(*f));

    (void)state;
    assert_non_null(mkdtemp(directory));
    char *path = vcl_format("%s/socket", directory);
    char url[] = "https://localhost:8443";
    f->server = test_server_start(&(test_server_options){ .handler = answer_head,
                                                          .cert_pem = server_identity.cert_pem,
                                                          .key_pem = server_identity.key_pem,
                                                          .unix_path = path });
    f->endpoint = (vcl_endpoint){ .server = url, .ca_pem = ca.cert_pem, .unix_socket = path };
    vcl_call_init(&f->call, 10000, 0, NULL, NULL, NULL);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_non_null(strstr(vcl_buf_text(&f->response.body), "Host: localhost:8443\r\n"));
    assert_int_equal(test_server_connections(f->server), 1);
    stop(f);
    (void)unlink(path);
    (void)rmdir(directory);
    free(path);
}

static void token_file_is_read_again_after_a_401(void **state)
{
    fixture *f = start(answer_token, true);

    (void)state;
    (void)strcat(f->text, "/tmp/vcl-token-XXXXXX");
    int fd = mkstemp(f->text);
    assert_int_equal(write(fd, "old\n", 4), 4);
    (void)close(fd);
    f->endpoint.token_file = f->text;

    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 200);
    assert_int_equal(test_server_requests(f->server), 2);
    (void)unlink(f->text);
    stop(f);
}

static void unchanged_token_is_not_sent_twice(void **state)
{
    fixture *f = start(answer_token, true);
    char path[] = "/tmp/vcl-token-XXXXXX";

    (void)state;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "old\n", 4), 4);
    (void)close(fd);
    f->endpoint.token_file = path;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 401);
    assert_int_equal(test_server_requests(f->server), 1);
    (void)unlink(path);
    stop(f);
}

static void missing_token_file_is_named(void **state)
{
    fixture *f = start(answer_ok, true);
    char path[] = "/nonexistent/token";

    (void)state;
    f->endpoint.token_file = path;
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAUTHENTICATED);
    assert_says(f, "'/nonexistent/token'");
    stop(f);
}

static void proxy_is_used_and_told_no_secrets(void **state)
{
    fixture *f = start(refuse_to_tunnel, false);
    char *proxy = strdup(test_server_url(f->server));
    char server[] = "https://cluster.example:6443";
    char token[] = "s3cret";

    (void)state;
    f->endpoint = (vcl_endpoint){ .server = server, .proxy_url = proxy, .bearer_token = token };
    assert_int_equal(get(f, "/api"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "the proxy refused the way to 'cluster.example:6443' with HTTP status 403");
    assert_string_equal(f->text, "CONNECT cluster.example:6443");
    assert_int_equal(atomic_load(&f->marks), 2);
    assert_int_equal(test_server_requests(f->server), 1);
    stop(f);
    free(proxy);
}

/* A SOCKS proxy that remembers for which host it was asked, and says no. */
static void *refuse_by_socks(void *data)
{
    fixture *f = data;
    int fd = accept(atomic_load(&f->marks), NULL, NULL);
    unsigned char bytes[512] = { 0 };

    assert_true(read(fd, bytes, 2) == 2 && bytes[0] == 5);
    assert_true(read(fd, bytes, bytes[1]) > 0);
    assert_int_equal(write(fd, "\5\0", 2), 2); /* nobody logs in */
    assert_int_equal(read(fd, bytes, 5), 5);
    if (bytes[3] == 3) { /* a name, not an address */
        size_t size = bytes[4];
        assert_true(read(fd, f->text, size) == (ssize_t)size);
    }
    assert_true(read(fd, bytes, 2) == 2);
    assert_int_equal(write(fd, "\5\2\0\1\0\0\0\0\0\0", 10), 10);
    (void)close(fd);
    return NULL;
}

static void socks_proxy_resolves_the_name(void **state)
{
    fixture *f = start(answer_ok, true);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    char server[] = "https://name.that.is.nowhere.invalid:6443";
    pthread_t thread;

    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    atomic_store(&f->marks, fd);
    assert_int_equal(pthread_create(&thread, NULL, refuse_by_socks, f), 0);
    f->endpoint.server = server;
    f->endpoint.proxy_url = vcl_format("socks5://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(f->text, "name.that.is.nowhere.invalid");
    (void)close(fd);
    free(f->endpoint.proxy_url);
    stop(f);
}

static void headers_and_compression_are_the_endpoints(void **state)
{
    char user[] = "Impersonate-User: jane doe";
    char group[] = "Impersonate-Group: ops";
    char *headers[] = { user, group, NULL };
    char broken[] = "Impersonate-User: a\r\nAuthorization: b";
    char *bad[] = { broken, NULL };
    fixture *f = start(answer_head, true);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_non_null(strstr(vcl_buf_text(&f->response.body), "Accept-Encoding: "));
    stop(f);

    f = start(answer_head, true);
    f->endpoint.headers = headers;
    f->endpoint.no_compression = true;
    assert_int_equal(get(f, "/"), 0);
    assert_non_null(strstr(vcl_buf_text(&f->response.body),
                           "\r\nImpersonate-User: jane doe\r\nImpersonate-Group: ops\r\n"));
    assert_null(strstr(vcl_buf_text(&f->response.body), "Accept-Encoding"));
    stop(f);

    f = start(answer_head, true);
    f->endpoint.headers = bad;
    assert_int_equal(make(f), VCLUSTER_E_CONFIG);
    stop(f);
}

static void proxy_of_the_environment_is_not_used_for_loopback(void **state)
{
    fixture *f = start(answer_ok, true);

    (void)state;
    assert_int_equal(setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(unsetenv("https_proxy"), 0);
    stop(f);
}

static void warnings_are_logged_once_each(void **state)
{
    fixture *f = start(answer_warnings, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_logged(f, "\n3 old \"v1\"\n3 second\n");
    assert_null(strstr(f->log, "not this"));
    assert_null(strstr(strstr(f->log, "second") + 1, "second"));
    stop(f);
}

static void note_warning(const char *request, const char *text, void *data)
{
    char **told = data;
    char *longer = vcl_format("%s%s: %s\n", vcl_str(*told), request, text);

    free(*told);
    *told = longer;
}

static void warnings_reach_their_callback_with_the_request(void **state)
{
    fixture *f = start(answer_warnings, false);
    char *told = NULL;

    (void)state;
    assert_int_equal(make(f), 0);
    vcl_http_set_warning(f->http, note_warning, &told);
    assert_int_equal(get(f, "/old"), 0);
    assert_int_equal(post(f, "/new", "{}"), 0);
    assert_string_equal(told, "GET /old: old \"v1\"\nGET /old: second\n"
                              "POST /new: old \"v1\"\nPOST /new: second\n");
    free(told);
    stop(f);
}

static void unusable_requests_are_refused(void **state)
{
    static const char *const paths[] = { "", "x", "/a b", "/a\r\nX: y", "/a#b" };
    fixture *f = start(answer_ok, false);

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_int_equal(get(f, paths[i]), VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(send_request(f, &(vcl_http_request){ .method = "G\r\n", .path = "/" }),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(vcl_http_request_count(f->http), 0);
    stop(f);
}

static void unusable_endpoints_are_refused(void **state)
{
    static const char *const servers[] = {
        "", "ftp://host", "https://", "https://a:b@host", "https://host\n", "https://host:99999"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        vcl_http *http = NULL;
        char *server = strdup(servers[i]);
        vcl_endpoint endpoint = { .server = server };
        assert_int_equal(vcl_http_new(&endpoint, NULL, NULL, &http, NULL), VCLUSTER_E_CONFIG);
        assert_null(http);
        free(server);
    }
    char server[] = "https://host";
    char token[] = "a\nb";
    vcl_http *http = NULL;
    vcl_endpoint endpoint = { .server = server, .bearer_token = token };
    assert_int_equal(vcl_http_new(&endpoint, NULL, NULL, &http, NULL), VCLUSTER_E_CONFIG);
}

static void url_escape_keeps_unreserved_only(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 100);
    assert_true(vcl_url_escape(&buf, "a-Z_0.~/ ?=&%\xc3\xa4"));
    assert_string_equal(buf.data, "a-Z_0.~%2F%20%3F%3D%26%25%C3%A4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_over_tls_verifies_with_the_given_ca),
        cmocka_unit_test(client_certificate_is_presented),
        cmocka_unit_test(an_identity_that_tls_refuses_is_told_with_the_reason),
        cmocka_unit_test(a_server_that_forgets_its_sessions_is_asked_without),
        cmocka_unit_test(what_resumes_no_session_is_not_asked_twice),
        cmocka_unit_test(request_carries_what_it_should),
        cmocka_unit_test(basic_auth_and_user_agent_are_sent),
        cmocka_unit_test(credentials_are_not_sent_without_tls),
        cmocka_unit_test(methods_reach_the_server),
        cmocka_unit_test(nothing_of_a_request_is_left_for_the_next),
        cmocka_unit_test(unknown_ca_is_refused),
        cmocka_unit_test(expired_certificate_is_named),
        cmocka_unit_test(tls_server_name_replaces_the_name_of_the_url),
        cmocka_unit_test(refused_connection_is_unavailable),
        cmocka_unit_test(unix_socket_carries_tls),
        cmocka_unit_test(token_file_is_read_again_after_a_401),
        cmocka_unit_test(unchanged_token_is_not_sent_twice),
        cmocka_unit_test(missing_token_file_is_named),
        cmocka_unit_test(proxy_is_used_and_told_no_secrets),
        cmocka_unit_test(socks_proxy_resolves_the_name),
        cmocka_unit_test(headers_and_compression_are_the_endpoints),
        cmocka_unit_test(proxy_of_the_environment_is_not_used_for_loopback),
        cmocka_unit_test(warnings_are_logged_once_each),
        cmocka_unit_test(warnings_reach_their_callback_with_the_request),
        cmocka_unit_test(unusable_requests_are_refused),
        cmocka_unit_test(unusable_endpoints_are_refused),
        cmocka_unit_test(url_escape_keeps_unreserved_only),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
