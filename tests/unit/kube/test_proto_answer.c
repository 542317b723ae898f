/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists that come as Protocol Buffers: told item by item, again from the start of a page whose
 * connection was lost; errors in that form; JSON from a server that has nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "kube/client.h"
#include "kube/proto_kinds.h"
#include "test_server.h"

/* {kind: PodList}, {resourceVersion: "7", continue: "c"} and the pod "pod"; {resourceVersion: "7"}
 * and the pod "two". */
static const char first_page[] = "k8s\0\x0a\x09\x12\x07PodList\x12\x11"
                                 "\x0a\x06\x12\x01"
                                 "7\x1a\x01"
                                 "c"
                                 "\x12\x07\x0a\x05\x0a\x03pod";
static const char last_page[] = "k8s\0\x0a\x09\x12\x07PodList\x12\x0e"
                                "\x0a\x03\x12\x01"
                                "7"
                                "\x12\x07\x0a\x05\x0a\x03two";
static const char forbidden[] = "k8s\0\x12\x25\x12\x07"
                                "Failure\x1a\x0cnot for jane\x22\x09"
                                "Forbidden\x30\x93\x03";

typedef struct fixture {
    test_server *server;
    vcl_kube *kube;
    bool cut;  /* the second page is cut, once */
    bool json; /* nothing else is spoken */
    char accept[256];
    char encoding[64];
    char told[128];
} fixture;

static void answer_bytes(test_conn *conn, int status, const char *bytes, size_t size, size_t sent)
{
    (void)test_conn_printf(conn,
                           "HTTP/1.1 %d X\r\nContent-Type: application/vnd.kubernetes.protobuf\r\n"
                           "Content-Length: %zu\r\n\r\n",
                           status, size);
    (void)test_conn_write(conn, bytes, sent);
    if (sent < size)
        test_conn_close(conn, false);
}

static void answer(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    bool last = strstr(request->path, "continue=c") != NULL;

    (void)test_request_header(request, "Accept", f->accept, sizeof(f->accept));
    f->encoding[0] = '\0';
    (void)test_request_header(request, "Accept-Encoding", f->encoding, sizeof(f->encoding));
    if (strstr(request->path, "/secret/")) {
        answer_bytes(conn, 403, forbidden, sizeof(forbidden) - 1, sizeof(forbidden) - 1);
    } else if (f->json) {
        test_conn_answer(conn, 200, "Content-Type: application/json\r\n",
                         "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":"
                         "[{\"metadata\":{\"name\":\"json\"}}]}");
    } else if (!last) {
        answer_bytes(conn, 200, first_page, sizeof(first_page) - 1, sizeof(first_page) - 1);
    } else {
        size_t missing = f->cut ? 1 : 0; /* behind its item */
        f->cut = false;
        answer_bytes(conn, 200, last_page, sizeof(last_page) - 1 + missing, sizeof(last_page) - 1);
    }
}

static void start(fixture *f)
{
    f->server = test_server_start(&(test_server_options){ .handler = answer, .data = f });
    vcl_auto_free char *url = vcl_strdup(test_server_url(f->server));
    vcl_endpoint endpoint = { .server = url };
    assert_int_equal(vcl_kube_new(&endpoint, NULL, NULL, &f->kube, NULL), 0);
}

static void stop(fixture *f)
{
    vcl_kube_free(f->kube);
    test_server_stop(f->server);
}

static void note(fixture *f, const char *text)
{
    (void)snprintf(f->told + strlen(f->told), sizeof(f->told) - strlen(f->told), "%s ", text);
}

static void on_page(bool again, void *data)
{
    note(data, again ? "again" : "page");
}

static int on_item(const cJSON *item, void *data, vcluster_error **error)
{
    (void)error;
    assert_string_equal(vcl_json_find_string(item, "kind", NULL), "Pod");
    note(data, vcl_json_find_string(item, "metadata", "name", NULL));
    return 0;
}

static int list(fixture *f, const char *namespace_name, vcluster_error **error)
{
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "Pod",
                                   .namespace_name = namespace_name,
                                   .message = &vcl_proto_pod };
    const vcl_kube_taker taker = { .page = on_page, .item = on_item, .data = f };
    vcl_call call;

    vcl_call_init(&call, 20000, 20000, NULL, NULL, NULL);
    return vcl_kube_list_take(f->kube, &call, &query, &taker, error);
}

static void a_list_is_told_item_by_item(void **state)
{
    fixture f = { 0 };

    (void)state;
    start(&f);
    assert_int_equal(list(&f, NULL, NULL), 0);
    assert_string_equal(f.told, "page pod page two ");
    assert_string_equal(f.accept, "application/vnd.kubernetes.protobuf,application/json");
    stop(&f);
}

static void a_page_that_is_cut_is_told_again(void **state)
{
    fixture f = { .cut = true };

    (void)state;
    start(&f);
    assert_int_equal(list(&f, NULL, NULL), 0);
    assert_string_equal(f.told, "page pod page two again two ");
    stop(&f);
}

static void a_server_without_it_answers_in_json(void **state)
{
    fixture f = { .json = true };

    (void)state;
    start(&f);
    assert_int_equal(list(&f, NULL, NULL), 0);
    assert_string_equal(f.told, "page json ");
    stop(&f);
}

static void an_error_in_this_form_says_what_it_says_in_json(void **state)
{
    fixture f = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    start(&f);
    assert_int_equal(list(&f, "secret", &error), VCLUSTER_E_PERMISSION);
    assert_non_null(strstr(vcluster_error_message(error), "not for jane"));
    assert_string_equal(vcluster_error_reason(error), "Forbidden");
    assert_string_equal(f.told, "");
    stop(&f);
}

static void nothing_is_compressed_on_the_way_to_a_near_server(void **state)
{
    fixture f = { 0 };

    (void)state;
#ifndef __linux__
    skip();
#endif
    start(&f);
    assert_int_equal(list(&f, NULL, NULL), 0);
    assert_string_equal(f.encoding, "");
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_told_item_by_item),
        cmocka_unit_test(a_page_that_is_cut_is_told_again),
        cmocka_unit_test(a_server_without_it_answers_in_json),
        cmocka_unit_test(an_error_in_this_form_says_what_it_says_in_json),
        cmocka_unit_test(nothing_is_compressed_on_the_way_to_a_near_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
