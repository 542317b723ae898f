/* SPDX-License-Identifier: Apache-2.0 */
/* Requests against a small server in this program: TLS, failures, retries, deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/http.h"
#include "net_fixture.h"

/* ---- Handlers ---- */

static void answer_ok(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 200, "Content-Type: application/json\r\n", "{}");
}

static void answer_head(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    char *text =
        vcl_format("%s %s\n%s\n%s", request->method, request->path, request->head, request->body);
    test_conn_answer(conn, 200, "", text);
    free(text);
}

static void answer_cut(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    test_conn_close(conn, false);
}

static void answer_large(test_conn *conn, const test_request *request, void *data)
{
    static const char block[65536] = { 0 };

    (void)data;
    int blocks = vcl_streq(request->path, "/exact") ? 1 : 1100;
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                           (size_t)blocks * sizeof(block));
    for (int i = 0; i < blocks && test_conn_write(conn, block, sizeof(block)); i++)
        ;
}

static void answer_busy_once(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number == 1)
        test_conn_answer(conn, 429, "Retry-After: 0\r\n", "slow down");
    else
        test_conn_answer(conn, 200, "", request->body);
}

static void answer_busy(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    bool late = vcl_streq(request->path, "/late");
    test_conn_answer(conn, 503, late ? "Retry-After: 30\r\n" : "Retry-After: 0\r\n", "busy");
}

static void lose_two(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number <= 2)
        test_conn_close(conn, true);
    else
        test_conn_answer(conn, 200, "", "third");
}

static void lose_second(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number == 2)
        test_conn_close(conn, true);
    else
        test_conn_answer(conn, 200, "", "ok");
}

static void stall(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    (void)request;
    atomic_store(&f->marks, 1);
    test_conn_wait_closed(conn);
}

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

/* ---- Tests ---- */

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
    char *url = vcl_format("https://127.0.0.2:%d/prefix/", test_server_port(f->server));
    char name[] = "localhost";

    (void)state;
    test_server_stop(f->server);
    f->server = NULL;
    free(url);

    /* The URL names an address that the certificate does not have; "localhost" is verified. */
    f->server = test_server_start(&(test_server_options){ .handler = answer_head,
                                                          .cert_pem = server_identity.cert_pem,
                                                          .key_pem = server_identity.key_pem });
    url = vcl_format("https://[::ffff:127.0.0.1]:%d/prefix/", test_server_port(f->server));
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

static void cut_body_is_an_error(void **state)
{
    fixture *f = start(answer_cut, true);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "cut after 10 bytes");
    assert_int_equal(test_server_requests(f->server), 1);
    assert_int_equal(f->response.status, 0);
    stop(f);
}

static void too_large_body_names_the_limit(void **state)
{
    fixture *f = start(answer_large, false);

    (void)state;
    assert_int_equal(get(f, "/"), VCLUSTER_E_PROTOCOL);
    assert_says(f, "67108864 bytes");
    assert_int_equal(
        send_request(
            f, &(vcl_http_request){ .method = "GET", .path = "/exact", .max_response = 65536 }),
        0);
    assert_int_equal(f->response.body.size, 65536);
    assert_int_equal(
        send_request(
            f, &(vcl_http_request){ .method = "GET", .path = "/exact", .max_response = 65535 }),
        VCLUSTER_E_PROTOCOL);
    assert_says(f, "65535 bytes");
    stop(f);
}

static void retry_after_is_followed_for_any_verb(void **state)
{
    fixture *f = start(answer_busy_once, false);

    (void)state;
    assert_int_equal(post(f, "/", "again"), 0);
    assert_int_equal(f->response.status, 200);
    assert_body(f, "again");
    assert_int_equal(vcl_http_request_count(f->http), 2);
    assert_logged(f, "answered 429: again in 0 ms");
    stop(f);
}

static void busy_answer_is_returned_in_the_end(void **state)
{
    fixture *f = start(answer_busy, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 503);
    assert_body(f, "busy");
    assert_int_equal(test_server_requests(f->server), 11);

    /* To wait would only end in a timeout: the answer says more. */
    assert_int_equal(get(f, "/late"), 0);
    assert_int_equal(f->response.status, 503);
    assert_int_equal(test_server_requests(f->server), 12);
    stop(f);
}

static void lost_connection_is_tried_again_for_get(void **state)
{
    fixture *f = start(lose_two, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "third");
    assert_int_equal(test_server_requests(f->server), 3);
    stop(f);
}

static void lost_connection_is_not_tried_again_for_post(void **state)
{
    fixture *f = start(lose_two, false);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "was lost before an answer came");
    assert_int_equal(test_server_requests(f->server), 1);
    stop(f);
}

/* curl by itself would send it again, since the connection was used before. */
static void post_on_a_reused_connection_is_sent_once(void **state)
{
    fixture *f = start(lose_second, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(test_server_requests(f->server), 2);
    stop(f);
}

static void idempotent_post_is_sent_again(void **state)
{
    fixture *f = start(lose_two, false);

    (void)state;
    assert_int_equal(send_request(f, &(vcl_http_request){ .method = "PATCH",
                                                          .path = "/",
                                                          .body = "{}",
                                                          .body_size = 2,
                                                          .idempotent = true }),
                     0);
    assert_body(f, "third");
    stop(f);
}

static void deadline_ends_a_stalled_call(void **state)
{
    fixture *f = start(stall, true);

    (void)state;
    vcl_call_init(&f->call, 100, 100, NULL, NULL, NULL);
    int64_t began_ms = vcl_monotonic_ms();
    assert_int_equal(get(f, "/"), VCLUSTER_E_TIMEOUT);
    int64_t took_ms = vcl_monotonic_ms() - began_ms;
    assert_in_range(took_ms, 99, 1000);
    assert_says(f, "GET /: the deadline of 100 ms passed");
    stop(f);
}

static void *trigger_when_stalled(void *data)
{
    fixture *f = data;

    while (!atomic_load(&f->marks))
        (void)usleep(1000);
    f->call.started_ms = vcl_monotonic_ms(); /* used by the test only */
    vcluster_cancel_trigger(f->call.cancel);
    return NULL;
}

static void cancel_token_ends_a_stalled_call_at_once(void **state)
{
    fixture *f = start(stall, true);
    vcluster_cancel *cancel = NULL;
    pthread_t thread;

    (void)state;
    assert_int_equal(vcluster_cancel_new(&cancel, NULL), 0);
    vcl_call_init(&f->call, -1, 0, cancel, NULL, NULL);
    assert_int_equal(make(f), 0);
    (void)pthread_create(&thread, NULL, trigger_when_stalled, f);
    assert_int_equal(get(f, "/"), VCLUSTER_E_CANCELLED);
    int64_t ended_ms = vcl_monotonic_ms();
    (void)pthread_join(thread, NULL);
    assert_in_range(ended_ms - f->call.started_ms, 0, 100);
    stop(f);
    vcluster_cancel_free(cancel);
}

typedef struct worker {
    fixture *f;
    pthread_t thread;
    int good;
} worker;

static void *work(void *data)
{
    worker *w = data;

    for (int i = 0; i < 25; i++) {
        vcl_call call;
        vcl_http_response response = { 0 };
        vcl_call_init(&call, 10000, 0, NULL, NULL, NULL);
        int status =
            vcl_http_send(w->f->http, &call, &(vcl_http_request){ .method = "GET", .path = "/" },
                          &response, NULL);
        w->good += status == 0 && response.status == 200;
        vcl_http_response_done(&response);
    }
    return NULL;
}

static void eight_threads_share_a_client(void **state)
{
    fixture *f = start(answer_ok, true);
    worker workers[8];

    (void)state;
    assert_int_equal(make(f), 0);
    for (int i = 0; i < 8; i++) {
        workers[i] = (worker){ .f = f };
        (void)pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < 8; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].good, 25);
    }
    assert_int_equal(vcl_http_request_count(f->http), 200);
    assert_in_range(test_server_connections(f->server), 1, 8);
    stop(f);
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

static void child_of_a_fork_gets_unsupported(void **state)
{
    fixture *f = start(answer_ok, true);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    pid_t child = fork();
    if (child == 0) {
        int status =
            vcl_http_send(f->http, &f->call, &(vcl_http_request){ .method = "GET", .path = "/" },
                          &f->response, NULL);
        vcl_http_free(f->http);
        _exit(status == VCLUSTER_E_UNSUPPORTED ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);

    assert_int_equal(get(f, "/"), 0); /* the parent's connection lives on */
    assert_int_equal(test_server_connections(f->server), 1);
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
        cmocka_unit_test(request_carries_what_it_should),
        cmocka_unit_test(basic_auth_and_user_agent_are_sent),
        cmocka_unit_test(credentials_are_not_sent_without_tls),
        cmocka_unit_test(methods_reach_the_server),
        cmocka_unit_test(unknown_ca_is_refused),
        cmocka_unit_test(expired_certificate_is_named),
        cmocka_unit_test(tls_server_name_replaces_the_name_of_the_url),
        cmocka_unit_test(refused_connection_is_unavailable),
        cmocka_unit_test(cut_body_is_an_error),
        cmocka_unit_test(too_large_body_names_the_limit),
        cmocka_unit_test(retry_after_is_followed_for_any_verb),
        cmocka_unit_test(busy_answer_is_returned_in_the_end),
        cmocka_unit_test(lost_connection_is_tried_again_for_get),
        cmocka_unit_test(lost_connection_is_not_tried_again_for_post),
        cmocka_unit_test(post_on_a_reused_connection_is_sent_once),
        cmocka_unit_test(idempotent_post_is_sent_again),
        cmocka_unit_test(deadline_ends_a_stalled_call),
        cmocka_unit_test(cancel_token_ends_a_stalled_call_at_once),
        cmocka_unit_test(eight_threads_share_a_client),
        cmocka_unit_test(unix_socket_carries_tls),
        cmocka_unit_test(token_file_is_read_again_after_a_401),
        cmocka_unit_test(unchanged_token_is_not_sent_twice),
        cmocka_unit_test(missing_token_file_is_named),
        cmocka_unit_test(warnings_are_logged_once_each),
        cmocka_unit_test(child_of_a_fork_gets_unsupported),
        cmocka_unit_test(unusable_requests_are_refused),
        cmocka_unit_test(unusable_endpoints_are_refused),
        cmocka_unit_test(url_escape_keeps_unreserved_only),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
