/* SPDX-License-Identifier: Apache-2.0 */
/* One server and one client of it; see net_fixture.h. */
#include "net_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

test_identity ca;
test_identity server_identity;
test_identity client_identity;

static void on_log(int level, const char *message, void *data)
{
    fixture *f = data;
    char *log = vcl_format("%s%d %s\n", vcl_str(f->log), level, message);

    free(f->log);
    f->log = log;
}

static fixture *start_with(test_handler handler, test_raw http2, bool tls)
{
    fixture *f = calloc(1, sizeof(*f));

    f->server = test_server_start(&(test_server_options){
        .handler = handler,
        .http2 = http2,
        .data = f,
        .cert_pem = tls ? server_identity.cert_pem : NULL,
        .key_pem = tls ? server_identity.key_pem : NULL,
    });
    union {
        const char *in;
        char *out;
    } url = { .in = test_server_url(f->server) };
    f->endpoint.server = url.out;
    if (tls)
        f->endpoint.ca_pem = ca.cert_pem;
    vcl_call_init(&f->call, 10000, 10000, NULL, NULL, NULL);
    return f;
}

fixture *start(test_handler handler, bool tls)
{
    return start_with(handler, NULL, tls);
}

fixture *start_raw(test_raw http2)
{
    return start_with(answer_ok, http2, true);
}

fixture *start_mixed(test_handler http1, test_raw http2)
{
    return start_with(http1, http2, true);
}

int make(fixture *f)
{
    return vcl_http_new(&f->endpoint, on_log, f, &f->http, &f->error);
}

int send_request(fixture *f, const vcl_http_request *request)
{
    if (!f->http)
        assert_int_equal(make(f), 0);
    vcl_http_response_done(&f->response);
    vcl_error_clear(&f->error);
    return vcl_http_send(f->http, &f->call, request, &f->response, &f->error);
}

int get(fixture *f, const char *path)
{
    return send_request(f, &(vcl_http_request){ .method = "GET", .path = path });
}

int post(fixture *f, const char *path, const char *body)
{
    return send_request(f, &(vcl_http_request){ .method = "POST",
                                                .path = path,
                                                .content_type = "application/json",
                                                .body = body,
                                                .body_size = strlen(body) });
}

void stop(fixture *f)
{
    vcl_http_response_done(&f->response);
    vcluster_error_free(f->error);
    vcl_http_free(f->http);
    test_server_stop(f->server);
    free(f->log);
    free(f);
}

void assert_says(const fixture *f, const char *part)
{
    if (!strstr(vcluster_error_to_string(f->error), part))
        fail_msg("'%s' does not say '%s'", vcluster_error_to_string(f->error), part);
}

void assert_logged(const fixture *f, const char *part)
{
    if (!strstr(vcl_str(f->log), part))
        fail_msg("the log does not say '%s':\n%s", part, vcl_str(f->log));
}

void assert_body(const fixture *f, const char *body)
{
    assert_string_equal(vcl_buf_text(&f->response.body), body);
}

int make_identities(void **state)
{
    (void)state;
    ca = test_identity_new("test-ca", NULL, YEAR_S);
    server_identity = test_identity_new("localhost", &ca, YEAR_S);
    client_identity = test_identity_new("test-user", &ca, YEAR_S);
    return 0;
}

int drop_identities(void **state)
{
    (void)state;
    test_identity_done(&ca);
    test_identity_done(&server_identity);
    test_identity_done(&client_identity);
    return 0;
}

void answer_ok(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 200, "Content-Type: application/json\r\n", "{}");
}

void answer_head(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    char *text =
        vcl_format("%s %s\n%s\n%s", request->method, request->path, request->head, request->body);
    test_conn_answer(conn, 200, "", text);
    free(text);
}
