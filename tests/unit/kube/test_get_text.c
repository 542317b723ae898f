/* SPDX-License-Identifier: Apache-2.0 */
/* An object as text: what is handed on as it came, and what is read first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/str.h"
#include "kube/client.h"
#include "test_server.h"

#define TYPE "Content-Type: application/json\r\n"

typedef struct answer {
    int status;
    const char *headers;
    const char *body;
} answer;

static answer next;

static void give(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, next.status, next.headers, next.body);
}

static int
get_text(int status, const char *headers, const char *body, char **out_json, vcluster_error **error)
{
    next = (answer){ status, headers, body };
    test_server *server = test_server_start(&(test_server_options){ .handler = give });
    vcl_auto_free char *url = vcl_strdup(test_server_url(server));
    vcl_endpoint endpoint = { .server = url };
    vcl_http_request request = { .method = "GET", .path = "/x" };
    vcl_kube *kube = NULL;
    vcl_call call;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    assert_int_equal(vcl_kube_new(&endpoint, NULL, NULL, &kube, NULL), 0);
    int result = vcl_kube_request_text(kube, &call, &request, out_json, error);
    vcl_kube_free(kube);
    test_server_stop(server);
    return result;
}

static void assert_text(const char *body, const char *expected)
{
    vcl_auto_free char *json = NULL;
    VCL_AUTO_ERROR *error = NULL;

    if (get_text(200, TYPE, body, &json, &error) < 0)
        fail_msg("%s", vcluster_error_to_string(error));
    assert_string_equal(json, expected);
}

static void assert_refused(const answer *given, int status, const char *part)
{
    char *json = NULL;
    VCL_AUTO_ERROR *error = NULL;

    assert_int_equal(get_text(given->status, given->headers, given->body, &json, &error), status);
    assert_null(json);
    if (!strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' is not in '%s'", part, vcluster_error_to_string(error));
}

static void it_is_handed_on_as_it_came(void **state)
{
    (void)state;
    assert_text("{\"a\":9007199254740993,\"b\":\"\\u003c1.50\"}\n",
                "{\"a\":9007199254740993,\"b\":\"\\u003c1.50\"}");
    assert_text("{\"kind\":\"Pod\",\"status\":{\"reason\":\"Failure\"}}",
                "{\"kind\":\"Pod\",\"status\":{\"reason\":\"Failure\"}}");
}

static void a_failure_is_an_error_whatever_the_status(void **state)
{
    const answer failures[] = {
        { 200, TYPE,
          "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":404,\"reason\":\"NotFound\"}" },
        { 404, TYPE,
          "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":404,\"reason\":\"NotFound\"}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
        assert_refused(&failures[i], VCLUSTER_E_NOT_FOUND, "NotFound");
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    assert_refused(&(answer){ 200, "Content-Type: text/html\r\n", "<html>" }, VCLUSTER_E_PROTOCOL,
                   "does not answer with 'text/html'");
    assert_refused(&(answer){ 200, TYPE, "{\"a\":1" }, VCLUSTER_E_PROTOCOL, "JSON, line 1");
    assert_refused(&(answer){ 200, TYPE, "" }, VCLUSTER_E_PROTOCOL, "JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_handed_on_as_it_came),
        cmocka_unit_test(a_failure_is_an_error_whatever_the_status),
        cmocka_unit_test(what_is_no_json_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
