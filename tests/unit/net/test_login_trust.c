/* SPDX-License-Identifier: Apache-2.0 */
/* A source of credentials that knows the server's CA is asked again when that is another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "net/client.h"
#include "net_fixture.h"

typedef struct known_source {
    vcl_login_source source;
    int fetched;
    const char *next_ca; /* what it says when it is asked */
} known_source;

static int
fetch(const vcl_login_source *source, vcl_call *call, vcl_login *login, vcluster_error **error)
{
    union {
        const vcl_login_source *in;
        known_source *out;
    } both = { .in = source };

    (void)call;
    (void)error;
    both.out->fetched++;
    login->token = vcl_strdup("new");
    login->ca_pem = vcl_strdup(both.out->next_ca);
    return VCLUSTER_OK;
}

static void destroy(vcl_login_source *source)
{
    (void)source;
}

/* A client that begins with the CA of a server that is gone. */
static fixture *start_with(known_source *known, const char *old_ca, const char *next_ca)
{
    fixture *f = start(answer_ok, true);

    *known = (known_source){ .source = { .references = 1, .fetch = fetch, .destroy = destroy },
                             .next_ca = next_ca };
    known->source.first = (vcl_login){ .token = vcl_strdup("old"),
                                       .ca_pem = vcl_strdup(old_ca),
                                       .expires_at = INT64_MAX };
    f->endpoint.login = &known->source;
    return f;
}

static void stop_with(fixture *f, known_source *known)
{
    f->endpoint.login = NULL;
    stop(f);
    vcl_login_source_unref(&known->source);
}

static void a_known_answer_is_used_before_the_source_is_asked(void **state)
{
    known_source known;
    fixture *f = start_with(&known, ca.cert_pem, ca.cert_pem);

    (void)state;
    assert_int_equal(get(f, "/"), VCLUSTER_OK);
    assert_int_equal(known.fetched, 0);
    stop_with(f, &known);
}

static void another_ca_makes_the_source_be_asked_again_even_for_a_post(void **state)
{
    test_identity old = test_identity_new("old", NULL, YEAR_S);
    known_source known;
    fixture *f = start_with(&known, old.cert_pem, ca.cert_pem);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_OK);
    assert_int_equal(known.fetched, 1);
    assert_int_equal(test_server_requests(f->server), 1);
    assert_int_equal(get(f, "/"), VCLUSTER_OK);
    assert_int_equal(known.fetched, 1);
    stop_with(f, &known);
    test_identity_done(&old);
}

static void a_stranger_is_told_once_and_sent_nothing(void **state)
{
    test_identity old = test_identity_new("old", NULL, YEAR_S);
    known_source known;
    fixture *f = start_with(&known, old.cert_pem, old.cert_pem);

    (void)state;
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(known.fetched, 1);
    assert_int_equal(test_server_requests(f->server), 0);
    stop_with(f, &known);
    test_identity_done(&old);
}

/* Opens a stream and reads it to its end. */
static int get_stream(fixture *f)
{
    vcl_http_request request = { .method = "GET", .path = "/" };
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF body = { 0 };

    assert_int_equal(make(f), 0);
    vcl_buf_init(&body, 1000);
    int status =
        vcl_http_stream_open(f->http, &f->call, &request, &stream, &f->response, &f->error);
    if (status < 0)
        return status;
    do
        status = vcl_http_stream_read(stream, &f->call, &body, &f->error);
    while (status > 0);
    vcl_http_stream_close(stream);
    return status;
}

static void so_it_is_for_a_stream(void **state)
{
    test_identity old = test_identity_new("old", NULL, YEAR_S);
    known_source known;
    fixture *f = start_with(&known, old.cert_pem, ca.cert_pem);

    (void)state;
    assert_int_equal(get_stream(f), VCLUSTER_OK);
    assert_int_equal(known.fetched, 1);
    assert_int_equal(test_server_requests(f->server), 1);
    stop_with(f, &known);

    f = start_with(&known, old.cert_pem, old.cert_pem);
    assert_int_equal(get_stream(f), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(known.fetched, 1);
    assert_int_equal(test_server_requests(f->server), 0);
    stop_with(f, &known);
    test_identity_done(&old);
}

/* Who has shown a certificate on a connection must not speak there for who has none. */
static void connections_of_others_are_not_used(void **state)
{
    known_source known;
    fixture *f = start_with(&known, NULL, NULL);
    vcl_identity *former = NULL;

    (void)state;
    test_server_stop(f->server);
    f->server = test_server_start(&(test_server_options){ .handler = answer_ok,
                                                          .cert_pem = server_identity.cert_pem,
                                                          .key_pem = server_identity.key_pem,
                                                          .client_ca_pem = ca.cert_pem });
    vcl_auto_free char *url = vcl_strdup(test_server_url(f->server));
    f->endpoint.server = url;
    f->endpoint.ca_pem = NULL;
    f->endpoint.insecure = true;
    known.source.first.client_cert_pem = vcl_strdup(client_identity.cert_pem);
    known.source.first.client_key_pem = vcl_strdup(client_identity.key_pem);
    assert_int_equal(get(f, "/"), VCLUSTER_OK);

    assert_int_equal(vcl_logins_get(&f->http->logins, &f->call, &former, NULL), 0);
    assert_true(vcl_logins_renewed(&f->http->logins, &f->call, former, NULL));
    vcl_identity_unref(former);
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAUTHENTICATED);
    assert_int_equal(test_server_requests(f->server), 1);
    stop_with(f, &known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_answer_is_used_before_the_source_is_asked),
        cmocka_unit_test(another_ca_makes_the_source_be_asked_again_even_for_a_post),
        cmocka_unit_test(a_stranger_is_told_once_and_sent_nothing),
        cmocka_unit_test(so_it_is_for_a_stream),
        cmocka_unit_test(connections_of_others_are_not_used),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
