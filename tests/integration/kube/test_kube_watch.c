/* SPDX-License-Identifier: Apache-2.0 */
/* Watching against a real API server: changes as they come, and a version that is too old. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/cache.h"
#include "kube/pager.h"
#include "support.h"

static test_cluster cluster;

static int setup(void **state)
{
    (void)state;
    test_cluster_init(&cluster, "kube-watch");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_cluster_done(&cluster);
    return 0;
}

static vcl_cache *open_cache(bool metadata_only)
{
    vcl_cache *cache = NULL;
    vcluster_error *error = NULL;
    const vcl_cache_source source = { .query = { .api_version = "v1",
                                                 .kind = "ConfigMap",
                                                 .namespace_name = cluster.namespace_name,
                                                 .label_selector = "watched=yes",
                                                 .metadata_only = metadata_only },
                                      .lasting = true };

    test_ok(vcl_cache_open(cluster.kube, &source, 1, &cache, &error), &error);
    return cache;
}

static void create(const char *name)
{
    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':"
                                    "'%s','labels':{'watched':'yes'}},'data':{'a':'1'}}",
                                    name));
}

static void expect(vcl_cache *cache, vcl_event_type type, const char *name)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    vcl_cache_change change = { 0 };
    int status = 0;

    while (status == 0) /* but for once it waits */
        test_ok(status = vcl_cache_next(cache, &call, -1, &change, &error), &error);
    assert_int_equal(change.type, type);
    assert_string_equal(vcl_json_find_string(change.object, "metadata", "name", NULL), name);
    assert_string_equal(vcl_json_find_string(change.object, "kind", NULL), "ConfigMap");
}

static void expect_nothing(vcl_cache *cache, int64_t wait_ms)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    vcl_cache_change change;
    int status = vcl_cache_next(cache, &call, wait_ms, &change, &error);

    test_ok(status, &error);
    assert_int_equal(status, 0);
}

static void changes_are_told_in_order(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    vcl_object_key key = { "v1", "ConfigMap", cluster.namespace_name, "one" };
    vcl_cache *cache;

    (void)state;
    create("one");
    cache = open_cache(false);
    assert_false(vcl_cache_synced(cache));
    expect(cache, VCL_EVENT_ADDED, "one");
    expect_nothing(cache, 10000); /* until all is told */
    assert_true(vcl_cache_synced(cache));

    create("two");
    expect(cache, VCL_EVENT_ADDED, "two");
    test_ok(vcl_kube_patch(cluster.kube, &call, &key, "application/merge-patch+json",
                           "{\"data\":{\"a\":\"2\"}}", NULL, NULL, &error),
            &error);
    expect(cache, VCL_EVENT_MODIFIED, "one");
    test_ok(vcl_kube_delete(cluster.kube, &call, &key, NULL, &error), &error);
    expect(cache, VCL_EVENT_DELETED, "one");
    expect_nothing(cache, 100);
    vcl_cache_close(cache);
}

static void object_that_leaves_the_selection_is_told_as_deleted(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    vcl_object_key key = { "v1", "ConfigMap", cluster.namespace_name, "leaver" };
    vcl_cache *cache;

    (void)state;
    create("leaver");
    cache = open_cache(true);
    bool found = false;
    while (!vcl_cache_synced(cache)) {
        vcl_cache_change change = { 0 };
        test_ok(vcl_cache_next(cache, &call, -1, &change, &error), &error);
        found = found ||
                vcl_streq(vcl_json_find_string(change.object, "metadata", "name", NULL), "leaver");
        assert_null(vcl_json_get(change.object, "data"));
    }
    assert_true(found);
    test_ok(vcl_kube_patch(cluster.kube, &call, &key, "application/merge-patch+json",
                           "{\"metadata\":{\"labels\":null}}", NULL, NULL, &error),
            &error);
    expect(cache, VCL_EVENT_DELETED, "leaver");
    vcl_cache_close(cache);
}

static void waiting_ends_in_time_and_by_cancelling(void **state)
{
    vcluster_error *error = NULL;
    vcl_cache_change change;
    vcl_cache *cache = open_cache(false);
    vcl_call brief = test_call(400);
    int status;

    (void)state;
    int64_t begun_ms = vcl_monotonic_ms();
    do {
        status = vcl_cache_next(cache, &brief, -1, &change, &error);
    } while (status >= 0);
    assert_int_equal(status, VCLUSTER_E_TIMEOUT);
    assert_in_range(vcl_monotonic_ms() - begun_ms, 300, 3000);
    vcl_error_clear(&error);

    vcluster_cancel *cancel = NULL;
    assert_int_equal(vcluster_cancel_new(&cancel, &error), 0);
    vcluster_cancel_trigger(cancel);
    vcl_call call;
    vcl_call_init(&call, 10000, 10000, cancel, NULL, NULL);
    assert_int_equal(vcl_cache_next(cache, &call, -1, &change, &error), VCLUSTER_E_CANCELLED);
    vcl_error_clear(&error);
    vcluster_cancel_free(cancel);
    vcl_cache_close(cache);
}

static void server_reports_a_version_that_is_too_old(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    vcl_http_stream *stream = NULL;
    vcl_http_response not_ok = { 0 };
    VCL_AUTO_BUF body;
    vcl_http_request request = { .method = "GET",
                                 .path = "/api/v1/configmaps?watch=1&resourceVersion=1"
                                         "&timeoutSeconds=5" };

    (void)state;
    /* What the watch is made for: the server says it in one of these two ways. */
    vcl_buf_init(&body, VCL_KUBE_MAX_PATH * 64);
    test_ok(vcl_http_stream_open(vcl_kube_http(cluster.kube), &call, &request, &stream, &not_ok,
                                 &error),
            &error);
    if (stream) {
        test_ok(vcl_http_stream_read(stream, &call, &body, &error), &error);
        if (!strstr(vcl_buf_text(&body), "\"type\":\"ERROR\"")) {
            vcl_http_stream_close(stream);
            skip(); /* a young server: its history goes back to the beginning */
        }
        assert_non_null(strstr(vcl_buf_text(&body), "\"code\":410"));
    } else {
        assert_int_equal(not_ok.status, 410);
    }
    vcl_http_stream_close(stream);
    vcl_http_response_done(&not_ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told_in_order),
        cmocka_unit_test(object_that_leaves_the_selection_is_told_as_deleted),
        cmocka_unit_test(waiting_ends_in_time_and_by_cancelling),
        cmocka_unit_test(server_reports_a_version_that_is_too_old),
    };

    if (!test_kubeconfig())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, setup, teardown);
}
