/* SPDX-License-Identifier: Apache-2.0 */
/* What a server serves: asked for once, and then only for what has changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "kube/client.h"
#include "test_server.h"

#define GROUP(group, version, plural, kind)                                                        \
    "{\"metadata\":{\"name\":\"" group "\"},\"versions\":[{\"version\":\"" version                 \
    "\",\"resources\":[{\"resource\":\"" plural                                                    \
    "\",\"scope\":\"Namespaced\",\"responseKind\":{\"kind\":\"" kind "\"}}]}]}"
#define GROUPS(groups) "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[" groups "]}"

/* A server: what it serves in groups has a name that the test may change. */
typedef struct fixture {
    test_server *server;
    vcl_kube *kube;
    const char *groups;
    const char *etag; /* NULL: it gives none */
    int full;         /* answers with a body */
    int unchanged;    /* 304 */
    int others;       /* requests for one group and version */
} fixture;

static void answer(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    bool core = vcl_streq(request->path, "/api");
    char known[64] = "";

    if (!core && !vcl_streq(request->path, "/apis")) {
        f->others++;
        test_conn_answer(conn, 404, "", "{}");
        return;
    }
    bool asked = test_request_header(request, "If-None-Match", known, sizeof(known));
    const char *etag = core && f->etag ? "\"core\"" : f->etag;
    assert_true(f->etag || !asked);
    if (asked && vcl_streq(known, etag)) {
        f->unchanged++;
        test_conn_answer(conn, 304, "", "");
        return;
    }
    char header[128] = "Content-Type: application/json\r\n";
    if (etag)
        (void)snprintf(header + strlen(header), sizeof(header) - strlen(header), "ETag: %s\r\n",
                       etag);
    f->full++;
    test_conn_answer(conn, 200, header, core ? GROUPS(GROUP("", "v1", "pods", "Pod")) : f->groups);
}

static void start(fixture *f, const char *etag)
{
    *f = (fixture){ .groups = GROUPS(GROUP("a.io", "v1", "ones", "One")), .etag = etag };
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

/* What is served, as one text, asked for anew. */
static void assert_serves(fixture *f, const char *expected)
{
    VCL_AUTO_JSON *versions = NULL;
    vcl_call call;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    vcl_kube_forget_api_versions(f->kube);
    assert_int_equal(vcl_kube_api_versions(f->kube, &call, &versions, NULL), 0);
    vcl_auto_free char *text = vcl_json_print(versions);
    assert_string_equal(text, expected);
}

static int find(fixture *f, const char *kind, const char **out_plural)
{
    vcl_resource resource = { 0 };
    vcl_call call;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    int status = vcl_kube_resource(f->kube, &call, "a.io/v1", kind, &resource, NULL);
    *out_plural = resource.plural;
    return status;
}

static const char one[] = "[\"v1\",\"a.io/v1\",\"v1/Pod\",\"a.io/v1/One\"]";
static const char two[] = "[\"v1\",\"a.io/v1\",\"v1/Pod\",\"a.io/v1/Two\"]";

static void what_has_not_changed_does_not_travel_again(void **state)
{
    fixture f;

    (void)state;
    start(&f, "\"first\"");
    assert_serves(&f, one);
    assert_serves(&f, one);
    assert_int_equal(f.full, 2);
    assert_int_equal(f.unchanged, 2);
    stop(&f);
}

static void what_has_changed_does(void **state)
{
    const char *plural = NULL;
    fixture f;

    (void)state;
    start(&f, "\"first\"");
    assert_serves(&f, one);
    f.groups = GROUPS(GROUP("a.io", "v1", "twos", "Two"));
    f.etag = "\"second\"";
    assert_serves(&f, two);
    assert_int_equal(f.full, 3);
    assert_int_equal(f.unchanged, 1);
    assert_int_equal(find(&f, "Two", &plural), 0);
    assert_string_equal(plural, "twos");
    stop(&f);
}

static void server_without_names_is_asked_in_full(void **state)
{
    fixture f;

    (void)state;
    start(&f, NULL);
    assert_serves(&f, one);
    assert_serves(&f, one);
    assert_int_equal(f.full, 4);
    stop(&f);
}

/* An unknown kind is looked for again, in case its definition was installed meanwhile. */
static void unknown_kind_costs_one_answer_without_a_body(void **state)
{
    const char *plural = NULL;
    fixture f;

    (void)state;
    start(&f, "\"first\"");
    assert_int_equal(find(&f, "One", &plural), 0);
    assert_int_equal(find(&f, "Two", &plural), VCLUSTER_E_NOT_FOUND);
    assert_int_equal(f.full, 1);
    assert_int_equal(f.unchanged, 1);
    assert_int_equal(f.others, 1);
    f.groups = GROUPS(GROUP("a.io", "v1", "twos", "Two"));
    f.etag = "\"second\"";
    assert_int_equal(find(&f, "Two", &plural), 0);
    assert_string_equal(plural, "twos");
    assert_int_equal(f.others, 1);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_not_changed_does_not_travel_again),
        cmocka_unit_test(what_has_changed_does),
        cmocka_unit_test(server_without_names_is_asked_in_full),
        cmocka_unit_test(unknown_kind_costs_one_answer_without_a_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
