/* SPDX-License-Identifier: Apache-2.0 */
/* WebSockets against a server in this program that writes its frames by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/str.h"
#include "net/client.h"
#include "net/websocket.h"
#include "net_fixture.h"
#include "test_await.h"
#include "test_frames.h"

enum {
    BINARY = FRAME_BINARY,
    CLOSE = FRAME_CLOSE,
    PING = FRAME_PING,
    PONG = FRAME_PONG,
    LARGE = 300000
};

/* ---- The server's side ---- */

static void upgrade(test_conn *conn, const test_request *request, const char *behind)
{
    test_frames_upgrade(conn, request, "v4.channel.k8s.io", behind);
}

/* Give every message back until the client closes; marks counts the pings and pongs seen. */
static void echo_frames(test_conn *conn, fixture *f)
{
    int opcode;
    unsigned char *bytes;
    size_t size;

    while ((opcode = test_frames_read(conn, &bytes, &size)) >= 0) {
        if (opcode == PONG || opcode == PING)
            atomic_fetch_add(&f->marks, 1);
        if (opcode != PONG)
            (void)test_frames_send(conn, opcode == PING ? PONG : opcode, bytes, size);
        free(bytes);
        if (opcode == CLOSE)
            break;
    }
    if (opcode == -2)
        atomic_store(&f->marks, -100);
    test_conn_close(conn, false);
}

static void echo(test_conn *conn, const test_request *request, void *data)
{
    upgrade(conn, request, "");
    echo_frames(conn, data);
}

static void greet_with_the_head(test_conn *conn, const test_request *request, void *data)
{
    upgrade(conn, request, "\x82\x05hello\x89\x01p");
    echo_frames(conn, data);
}

static void close_with_a_word(test_conn *conn, const test_request *request, void *data)
{
    unsigned char *bytes = NULL;
    size_t size;

    (void)data;
    upgrade(conn, request, "");
    (void)test_frames_send(conn, BINARY, "bye", 3);
    if (vcl_streq(request->path, "/error"))
        (void)test_frames_send(conn, CLOSE, "\x03\xf3oops", 6); /* 1011 */
    else
        (void)test_frames_send(conn, CLOSE, "\x03\xe8", 2); /* 1000 */
    if (test_frames_read(conn, &bytes, &size) >= 0)
        free(bytes);
    test_conn_close(conn, false);
}

static void vanish(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    upgrade(conn, request, "");
    test_conn_close(conn, true);
}

static void forbid(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 403, "Content-Type: application/json\r\n",
                     "{\"kind\":\"Status\",\"message\":\"pods \\\"p1\\\" is forbidden\","
                     "\"reason\":\"Forbidden\",\"code\":403}");
}

static void never_answer(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    if (vcl_streq(request->path, "/open"))
        upgrade(conn, request, "");
    atomic_store(&f->marks, 1);
    test_conn_wait_closed(conn);
}

/* A fragment of nothing that has begun. */
static void break_the_rules(test_conn *conn, const test_request *request, void *data)
{
    upgrade(conn, request, "");
    (void)test_frames_send(conn, 0, "x", 1);
    echo_frames(conn, data);
}

static void too_much(test_conn *conn, const test_request *request, void *data)
{
    char *bytes = calloc(1, (1 << 20) + 1);

    upgrade(conn, request, "");
    (void)test_frames_send(conn, BINARY, bytes, (1 << 20) + 1);
    free(bytes);
    echo_frames(conn, data);
}

/* 8 MiB in frames of 32 KiB; marks counts those written. */
static void flood(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char *bytes = calloc(1, 32768);

    upgrade(conn, request, "");
    for (int i = 0; i < 256 && test_frames_send(conn, BINARY, bytes, 32768); i++)
        atomic_fetch_add(&f->marks, 1);
    free(bytes);
    (void)test_frames_send(conn, CLOSE, "\x03\xe8", 2);
    test_conn_wait_closed(conn);
}

/* ---- The client's side ---- */

typedef struct peer {
    fixture *f;
    vcl_websocket *socket;
    const char *path;
    vcl_bell bell;
    atomic_int opened;
    atomic_int messages;
    atomic_int drained;
    atomic_int closed;
    atomic_size_t bytes;
    char protocol[64];
    char last[64];
    unsigned char *large; /* to send when open; compared with what comes back */
    bool same;
    bool pause_at_once;
    vcluster_error *open_error;
    int code; /* of on_close; 0: clean */
    int http_status;
    bool retryable;
    char text[512];
    char reason[64];
} peer;

static void on_open(vcl_websocket *socket, const char *protocol, void *data)
{
    peer *p = data;

    (void)snprintf(p->protocol, sizeof(p->protocol), "%s", protocol);
    if (p->large) {
        assert_true(vcl_websocket_send(socket, p->large, LARGE));
        assert_true(vcl_websocket_queued(socket) >= LARGE);
    }
    if (p->pause_at_once)
        vcl_websocket_pause(socket, true);
    atomic_fetch_add(&p->opened, 1);
    vcl_bell_ring(&p->bell);
}

static void on_message(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data)
{
    peer *p = data;

    (void)socket;
    if (p->large)
        p->same = size == LARGE && memcmp(bytes, p->large, size) == 0;
    (void)snprintf(p->last, sizeof(p->last), "%.*s", size > 60 ? 60 : (int)size,
                   (const char *)bytes);
    atomic_fetch_add(&p->bytes, size);
    atomic_fetch_add(&p->messages, 1);
    vcl_bell_ring(&p->bell);
}

static void on_drain(vcl_websocket *socket, void *data)
{
    peer *p = data;

    assert_int_equal(vcl_websocket_queued(socket), 0);
    atomic_fetch_add(&p->drained, 1);
    vcl_bell_ring(&p->bell);
}

static void on_close(vcl_websocket *socket, const vcluster_error *error, void *data)
{
    peer *p = data;

    (void)socket;
    p->code = vcluster_error_code(error);
    p->retryable = vcluster_error_retryable(error);
    p->http_status = vcluster_error_http_status(error);
    (void)snprintf(p->text, sizeof(p->text), "%s", vcluster_error_to_string(error));
    (void)snprintf(p->reason, sizeof(p->reason), "%s", vcl_str(vcluster_error_reason(error)));
    atomic_fetch_add(&p->closed, 1);
    vcl_bell_ring(&p->bell);
}

static const vcl_websocket_events events = { on_open, on_message, on_drain, on_close };

static void open_job(vcl_http *http, void *data)
{
    peer *p = data;

    (void)vcl_websocket_open(http, p->path, "v5.channel.k8s.io, v4.channel.k8s.io", &events, p,
                             &p->socket, &p->open_error);
}

static void close_job(vcl_http *http, void *data)
{
    peer *p = data;

    (void)http;
    vcl_websocket_close(p->socket);
    vcl_websocket_close(p->socket);
    assert_int_equal(atomic_load(&p->closed), 0);
    assert_false(vcl_websocket_send(p->socket, (const uint8_t *)"x", 1));
}

static void open_and_close_job(vcl_http *http, void *data)
{
    open_job(http, data);
    close_job(http, data);
}

static void send_job(vcl_http *http, void *data)
{
    peer *p = data;

    (void)http;
    assert_true(vcl_websocket_send(p->socket, (const uint8_t *)"hello", 5));
}

static void go_on_job(vcl_http *http, void *data)
{
    peer *p = data;

    (void)http;
    vcl_websocket_pause(p->socket, false);
}

static void nothing_job(vcl_http *http, void *data)
{
    (void)http;
    (void)data;
}

static void run(peer *p, void (*fn)(vcl_http *http, void *data))
{
    assert_int_equal(vcl_loop_run(p->f->http, fn, p, NULL), 0);
}

static void wait_for(peer *p, const atomic_int *counter, int value)
{
    struct pollfd fd = { .fd = p->bell.read_fd, .events = POLLIN };

    while (atomic_load(counter) < value) {
        if (poll(&fd, 1, 5000) != 1)
            fail_msg("nothing came within 5 s; closed: %d '%s'", atomic_load(&p->closed), p->text);
        vcl_bell_quiet(&p->bell);
    }
}

static peer *connect_to(test_handler handler, bool tls, const char *path)
{
    peer *p = calloc(1, sizeof(*p));

    p->f = start(handler, tls);
    p->path = path;
    assert_true(vcl_bell_init(&p->bell));
    assert_int_equal(make(p->f), 0);
    return p;
}

static void drop(peer *p)
{
    stop(p->f);
    vcluster_error_free(p->open_error);
    vcl_bell_done(&p->bell);
    free(p->large);
    free(p);
}

static void assert_closed(peer *p, int code, const char *part)
{
    wait_for(p, &p->closed, 1);
    if (p->code != code || !strstr(p->text, part))
        fail_msg("closed with %d '%s', not %d '%s'", p->code, p->text, code, part);
    assert_int_equal(atomic_load(&p->closed), 1);
}

/* ---- Tests ---- */

static void echo_over(bool tls)
{
    peer *p = connect_to(echo, tls, "/api/v1/namespaces/n/pods/p/portforward?ports=1");

    run(p, open_job);
    wait_for(p, &p->opened, 1);
    assert_string_equal(p->protocol, "v4.channel.k8s.io");
    run(p, send_job);
    wait_for(p, &p->messages, 1);
    assert_string_equal(p->last, "hello");
    wait_for(p, &p->drained, 1);
    run(p, close_job);
    assert_closed(p, 0, "");
    assert_int_equal(vcl_http_request_count(p->f->http), 1);
    drop(p);
}

static void messages_go_to_and_fro(void **state)
{
    (void)state;
    echo_over(false);
}

static void messages_go_to_and_fro_over_tls(void **state)
{
    (void)state;
    echo_over(true);
}

static void large_message_is_one_frame(void **state)
{
    peer *p = connect_to(echo, true, "/");

    (void)state;
    p->large = calloc(1, LARGE);
    for (size_t i = 0; i < LARGE; i++)
        p->large[i] = (unsigned char)(i * 7 + i / 256);
    run(p, open_job);
    wait_for(p, &p->messages, 1);
    assert_true(p->same);
    assert_int_equal(atomic_load(&p->drained), 1);
    assert_true(atomic_load(&p->f->marks) >= 0); /* the server saw no fragment */
    run(p, close_job);
    assert_closed(p, 0, "");
    drop(p);
}

static void frames_right_behind_the_head_are_kept(void **state)
{
    peer *p = connect_to(greet_with_the_head, true, "/");

    (void)state;
    run(p, open_job);
    wait_for(p, &p->messages, 1);
    assert_string_equal(p->last, "hello");
    assert_true(test_await(atomic_load(&p->f->marks) >= 1)); /* the ping was answered */
    run(p, close_job);
    assert_closed(p, 0, "");
    drop(p);
}

static void clean_close_of_the_server_is_no_error(void **state)
{
    peer *p = connect_to(close_with_a_word, true, "/");

    (void)state;
    run(p, open_job);
    assert_closed(p, 0, "");
    assert_string_equal(p->last, "bye");
    drop(p);
}

static void close_code_becomes_an_error(void **state)
{
    peer *p = connect_to(close_with_a_word, true, "/error");

    (void)state;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_UNAVAILABLE, "code 1011");
    drop(p);
}

static void lost_connection_is_an_error(void **state)
{
    peer *p = connect_to(vanish, true, "/");

    (void)state;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_UNAVAILABLE, "GET /: the WebSocket connection to 'localhost:");
    drop(p);
}

static void refusal_carries_status_and_message(void **state)
{
    peer *p = connect_to(forbid, true, "/");

    (void)state;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_PERMISSION, "403: pods \"p1\" is forbidden");
    assert_int_equal(p->http_status, 403);
    assert_string_equal(p->reason, "Forbidden");
    assert_int_equal(atomic_load(&p->opened), 0);
    drop(p);
}

static void failed_connection_is_told(void **state)
{
    peer *p = connect_to(echo, true, "/");

    (void)state;
    char *url = strdup(test_server_url(p->f->server));
    test_server_stop(p->f->server);
    p->f->server = NULL;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_UNAVAILABLE, "cannot connect to 'localhost:");
    drop(p);
    free(url);
}

static void echo_to_whom_it_knows(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char token[64] = "";
    char user[64] = "";

    (void)test_request_header(request, "Authorization", token, sizeof(token));
    (void)test_request_header(request, "Impersonate-User", user, sizeof(user));
    atomic_store(&f->marks, strcmp(token, "Bearer s3cret") == 0 && strcmp(user, "jane doe") == 0);
    echo(conn, request, data);
}

static void credentials_and_protocols_are_sent(void **state)
{
    peer *p = connect_to(echo_to_whom_it_knows, true, "/");

    (void)state;
    vcl_http_free(p->f->http);
    char token[] = "s3cret";
    char user[] = "Impersonate-User: jane doe";
    char *headers[] = { user, NULL };
    p->f->endpoint.bearer_token = token;
    p->f->endpoint.headers = headers;
    assert_int_equal(make(p->f), 0);
    run(p, open_job);
    wait_for(p, &p->opened, 1);
    run(p, close_job);
    assert_closed(p, 0, "");
    assert_int_equal(atomic_load(&p->f->marks), 1);
    assert_null(strstr(p->f->log, "s3cret"));
    drop(p);
}

static void destroy_nothing(vcl_login_source *source)
{
    (void)source;
}

static void open_once(peer *p)
{
    atomic_store(&p->opened, 0);
    atomic_store(&p->closed, 0);
    run(p, open_job);
    wait_for(p, &p->opened, 1);
    run(p, close_job);
    assert_closed(p, 0, "");
}

/* A login with a certificate; a source that has no other. */
static vcl_login certificate_of(const test_identity *identity)
{
    return (vcl_login){ .client_cert_pem = vcl_strdup(identity->cert_pem),
                        .client_key_pem = vcl_strdup(identity->key_pem),
                        .ca_pem = vcl_strdup(ca.cert_pem),
                        .expires_at = INT64_MAX };
}

static int give_own_certificate(const vcl_login_source *source,
                                vcl_call *call,
                                vcl_login *login,
                                vcluster_error **error)
{
    (void)source;
    (void)call;
    (void)error;
    *login = certificate_of(&client_identity);
    return VCLUSTER_OK;
}

/* The credentials of now are of no use any more. */
static void renew(peer *p)
{
    vcl_logins *logins = &p->f->http->logins;
    vcl_identity *refused = NULL;
    vcl_call call;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    assert_int_equal(vcl_logins_get(logins, &call, &refused, NULL), 0);
    assert_true(vcl_logins_renewed(logins, &call, refused, NULL));
    vcl_identity_unref(refused);
}

static peer *connect_to_who_wants_certificates(bool forgets_sessions)
{
    static char url[128];
    peer *p = calloc(1, sizeof(*p));

    p->f = start(echo, true);
    test_server_stop(p->f->server);
    p->f->server =
        test_server_start(&(test_server_options){ .handler = echo,
                                                  .data = p->f,
                                                  .cert_pem = server_identity.cert_pem,
                                                  .key_pem = server_identity.key_pem,
                                                  .client_ca_pem = ca.cert_pem,
                                                  .forgets_sessions = forgets_sessions });
    (void)snprintf(url, sizeof(url), "%s", test_server_url(p->f->server));
    p->f->endpoint.server = url;
    p->path = "/";
    assert_true(vcl_bell_init(&p->bell));
    return p;
}

static peer *connect_with_certificate(bool forgets_sessions)
{
    peer *p = connect_to_who_wants_certificates(forgets_sessions);

    p->f->endpoint.client_cert_pem = client_identity.cert_pem;
    p->f->endpoint.client_key_pem = client_identity.key_pem;
    assert_int_equal(make(p->f), 0);
    return p;
}

/* Each has a connection of its own: the next one resumes the TLS session of the one before. */
static void sessions_are_resumed(void **state)
{
    peer *p = connect_with_certificate(false);

    (void)state;
    for (int i = 0; i < 3; i++)
        open_once(p);
    assert_int_equal(test_server_connections(p->f->server), 3);
    assert_int_equal(test_server_resumptions(p->f->server), 2);
    drop(p);
}

static void a_server_that_forgets_its_sessions_is_shown_the_certificate(void **state)
{
    peer *p = connect_with_certificate(true);

    (void)state;
    for (int i = 0; i < 3; i++)
        open_once(p);
    assert_int_equal(test_server_connections(p->f->server), 4); /* the second one twice */
    drop(p);
}

static void so_are_many_at_once(void **state)
{
    peer *p = connect_with_certificate(true);

    (void)state;
    open_once(p);
    atomic_store(&p->opened, 0);
    for (int i = 0; i < 4; i++)
        run(p, open_job);
    wait_for(p, &p->opened, 4);
    drop(p);
}

/* Where a session is resumed the server goes on to see who began it. */
static void sessions_of_others_are_not_resumed(void **state)
{
    static vcl_login_source source = { .fetch = give_own_certificate, .destroy = destroy_nothing };
    test_identity former = test_identity_new("former", &ca, YEAR_S);
    peer *p = connect_to_who_wants_certificates(false);

    (void)state;
    atomic_store(&source.references, 1);
    source.first = certificate_of(&former);
    p->f->endpoint.login = &source;
    assert_int_equal(make(p->f), 0);
    open_once(p);
    open_once(p);
    assert_int_equal(test_server_resumptions(p->f->server), 1);
    renew(p);
    open_once(p);
    open_once(p);
    assert_int_equal(test_server_connections(p->f->server), 4);
    assert_int_equal(test_server_resumptions(p->f->server), 1);
    vcl_login_done(&source.first);
    p->f->endpoint.login = NULL;
    drop(p);
    test_identity_done(&former);
}

static void a_renewed_certificate_takes_the_place_of_the_old_one(void **state)
{
    static vcl_login_source source = { .fetch = give_own_certificate, .destroy = destroy_nothing };
    test_identity stranger = test_identity_new("stranger", NULL, YEAR_S);
    peer *p = connect_to_who_wants_certificates(false);

    (void)state;
    atomic_store(&source.references, 1);
    source.first = certificate_of(&stranger);
    p->f->endpoint.login = &source;
    assert_int_equal(make(p->f), 0);
    run(p, open_job);
    wait_for(p, &p->closed, 1);
    assert_int_equal(atomic_load(&p->opened), 0);

    renew(p);
    open_once(p);
    vcl_login_done(&source.first);
    p->f->endpoint.login = NULL;
    drop(p);
    test_identity_done(&stranger);
}

static void a_server_of_another_authority_is_not_trusted(void **state)
{
    test_identity other = test_identity_new("other", NULL, YEAR_S);
    peer *p = calloc(1, sizeof(*p));

    (void)state;
    p->f = start(echo, true);
    p->f->endpoint.ca_pem = other.cert_pem;
    p->path = "/";
    assert_true(vcl_bell_init(&p->bell));
    assert_int_equal(make(p->f), 0);
    for (int i = 0; i < 2; i++) {
        atomic_store(&p->closed, 0);
        run(p, open_job);
        assert_closed(p, VCLUSTER_E_UNAVAILABLE, "certificate");
    }
    drop(p);
    test_identity_done(&other);
}

/* A source whose every answer is another token: token-1, token-2, ... */
static int
fetch_next(const vcl_login_source *source, vcl_call *call, vcl_login *login, vcluster_error **error)
{
    static atomic_int count;

    (void)source;
    (void)call;
    (void)error;
    login->token = vcl_format("token-%d", atomic_fetch_add(&count, 1) + 1);
    return login->token ? 0 : VCLUSTER_E_NO_MEMORY;
}

/* Whoever comes with token-1 is no longer known, but for the first request. */
static void forget_the_first(test_conn *conn, const test_request *request, void *data)
{
    char token[64] = "";

    (void)test_request_header(request, "Authorization", token, sizeof(token));
    if (strcmp(request->path, "/plain") == 0)
        test_conn_answer(conn,
                         strcmp(token, "Bearer token-1") == 0 && request->number > 1 ? 401 : 200,
                         "", "{}");
    else if (strcmp(token, "Bearer token-1") == 0)
        test_conn_answer(conn, 401, "", "{}");
    else
        echo(conn, request, data);
}

static void must_log_in_first(peer *p)
{
    run(p, open_job);
    assert_int_equal(vcluster_error_code(p->open_error), VCLUSTER_E_UNAVAILABLE);
    assert_true(vcluster_error_retryable(p->open_error));
    assert_non_null(
        strstr(vcluster_error_message(p->open_error), "the credentials have to be renewed"));
    vcl_error_clear(&p->open_error);
}

static void credentials_are_renewed_by_what_may_wait(void **state)
{
    static vcl_login_source source = { .fetch = fetch_next, .destroy = destroy_nothing };
    peer *p = connect_to(forget_the_first, true, "/");

    (void)state;
    vcl_http_free(p->f->http);
    atomic_store(&source.references, 1);
    p->f->endpoint.login = &source;
    assert_int_equal(make(p->f), 0);

    must_log_in_first(p); /* nobody did, and nobody may wait for it here */
    assert_int_equal(get(p->f, "/plain"), 0);
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_UNAUTHENTICATED, "HTTP status 401");
    assert_true(p->retryable);
    must_log_in_first(p); /* what was refused is not tried again */
    assert_int_equal(get(p->f, "/plain"), 0);
    atomic_store(&p->closed, 0);
    run(p, open_job);
    wait_for(p, &p->opened, 1);
    run(p, close_job);
    assert_closed(p, 0, "");
    drop(p);
}

static void oversized_message_is_refused(void **state)
{
    peer *p = connect_to(too_much, true, "/");

    (void)state;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_PROTOCOL, "larger than the limit of 1048576 bytes");
    assert_int_equal(atomic_load(&p->messages), 0);
    drop(p);
}

static void broken_protocol_is_an_error(void **state)
{
    peer *p = connect_to(break_the_rules, true, "/");

    (void)state;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_PROTOCOL, "does not keep to the WebSocket protocol");
    drop(p);
}

static void pause_holds_the_server_back(void **state)
{
    peer *p = connect_to(flood, true, "/");
    int before;

    (void)state;
    p->pause_at_once = true;
    run(p, open_job);
    do {
        before = atomic_load(&p->f->marks);
        (void)usleep(50000);
    } while (before != atomic_load(&p->f->marks) || before == 0);
    assert_in_range(before, 1, 255);
    assert_in_range(atomic_load(&p->messages), 0, 1);
    run(p, go_on_job);
    assert_closed(p, 0, "");
    assert_int_equal(atomic_load(&p->messages), 256);
    assert_int_equal(atomic_load(&p->bytes), 256 * 32768);
    drop(p);
}

static void pings_keep_a_quiet_socket_alive(void **state)
{
    peer *p = connect_to(echo, true, "/");

    (void)state;
    p->f->http->ping_ms = 300; /* an answer may take as long: not less, for busy machines */
    run(p, open_job);
    wait_for(p, &p->opened, 1);
    assert_true(test_await(atomic_load(&p->f->marks) >=
                           3)); /* the third is sent when the second was answered */
    assert_int_equal(atomic_load(&p->closed), 0);
    run(p, send_job);
    wait_for(p, &p->messages, 1);
    run(p, close_job);
    assert_closed(p, 0, "");
    drop(p);
}

static void dead_server_is_noticed(void **state)
{
    peer *p = connect_to(never_answer, true, "/open");

    (void)state;
    p->f->http->ping_ms = 30;
    run(p, open_job);
    assert_closed(p, VCLUSTER_E_UNAVAILABLE, "does not answer on the WebSocket any more");
    drop(p);
}

static void close_before_the_handshake_is_over(void **state)
{
    peer *p = connect_to(never_answer, true, "/");

    (void)state;
    run(p, open_job);
    assert_true(test_await(atomic_load(&p->f->marks)));
    run(p, close_job);
    assert_closed(p, 0, "");
    assert_int_equal(atomic_load(&p->opened), 0);
    drop(p);
}

static void close_before_the_connection_is_made(void **state)
{
    peer *p = connect_to(echo, true, "/");

    (void)state;
    run(p, open_and_close_job);
    assert_closed(p, 0, "");
    assert_int_equal(atomic_load(&p->opened), 0);
    drop(p);
}

static void freed_client_closes_its_sockets(void **state)
{
    peer *p = connect_to(echo, true, "/");

    (void)state;
    run(p, open_job);
    wait_for(p, &p->opened, 1);
    vcl_http_free(p->f->http);
    p->f->http = NULL;
    assert_int_equal(atomic_load(&p->closed), 1);
    assert_int_equal(p->code, VCLUSTER_E_CANCELLED);
    drop(p);
}

static void unusable_path_is_refused(void **state)
{
    peer *p = connect_to(echo, true, "no path");

    (void)state;
    run(p, open_job);
    assert_null(p->socket);
    assert_int_equal(vcluster_error_code(p->open_error), VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(atomic_load(&p->closed), 0);
    drop(p);
}

/* Sockets, and ordinary requests on other connections, do not disturb each other. */
static void many_sockets_share_the_loop(void **state)
{
    enum { COUNT = 20 };
    peer *p = connect_to(echo, true, "/");
    peer others[COUNT] = { 0 };

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        others[i].f = p->f;
        others[i].path = "/";
        assert_true(vcl_bell_init(&others[i].bell));
        run(&others[i], open_job);
    }
    for (int i = 0; i < COUNT; i++)
        wait_for(&others[i], &others[i].opened, 1);
    for (int round = 1; round <= 10; round++) {
        for (int i = 0; i < COUNT; i++)
            run(&others[i], send_job);
        for (int i = 0; i < COUNT; i++)
            wait_for(&others[i], &others[i].messages, round);
    }
    for (int i = 0; i < COUNT; i++)
        run(&others[i], close_job);
    for (int i = 0; i < COUNT; i++) {
        assert_closed(&others[i], 0, "");
        run(&others[i], nothing_job); /* behind it the loop has rung for the last time */
        vcl_bell_done(&others[i].bell);
    }
    drop(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_to_and_fro),
        cmocka_unit_test(messages_go_to_and_fro_over_tls),
        cmocka_unit_test(large_message_is_one_frame),
        cmocka_unit_test(frames_right_behind_the_head_are_kept),
        cmocka_unit_test(clean_close_of_the_server_is_no_error),
        cmocka_unit_test(close_code_becomes_an_error),
        cmocka_unit_test(lost_connection_is_an_error),
        cmocka_unit_test(refusal_carries_status_and_message),
        cmocka_unit_test(failed_connection_is_told),
        cmocka_unit_test(credentials_and_protocols_are_sent),
        cmocka_unit_test(sessions_are_resumed),
        cmocka_unit_test(a_server_that_forgets_its_sessions_is_shown_the_certificate),
        cmocka_unit_test(so_are_many_at_once),
        cmocka_unit_test(sessions_of_others_are_not_resumed),
        cmocka_unit_test(a_renewed_certificate_takes_the_place_of_the_old_one),
        cmocka_unit_test(a_server_of_another_authority_is_not_trusted),
        cmocka_unit_test(credentials_are_renewed_by_what_may_wait),
        cmocka_unit_test(oversized_message_is_refused),
        cmocka_unit_test(broken_protocol_is_an_error),
        cmocka_unit_test(pause_holds_the_server_back),
        cmocka_unit_test(pings_keep_a_quiet_socket_alive),
        cmocka_unit_test(dead_server_is_noticed),
        cmocka_unit_test(close_before_the_handshake_is_over),
        cmocka_unit_test(close_before_the_connection_is_made),
        cmocka_unit_test(freed_client_closes_its_sockets),
        cmocka_unit_test(unusable_path_is_refused),
        cmocka_unit_test(many_sockets_share_the_loop),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
