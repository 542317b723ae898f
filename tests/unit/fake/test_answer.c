/* SPDX-License-Identifier: Apache-2.0 */
/* What the server inside a fake host answers to requests, such as no call of the library sends. */
#include "../vcluster/cm.h"

#include "fake/host.h"

static const char objects[] =
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: default}, spec: {containers: []}}\n"
    "---\n"
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}, data: {x: '1'}}\n";

static vcl_endpoint endpoint;
static vcl_fake *fake;
static vcl_fake_answer answer;

static int begin(void **state)
{
    const vcl_fake_options options = { .objects = objects };

    (void)state;
    return vcl_fake_new(&options, &endpoint, &fake, NULL);
}

static int end(void **state)
{
    (void)state;
    cJSON_Delete(answer.tree);
    answer = (vcl_fake_answer){ 0 };
    vcl_endpoint_done(&endpoint);
    return 0;
}

/* The status of an answer; head is "METHOD PATH", and maybe headers. */
static int ask(const char *head, const char *body)
{
    vcl_fake_request request = { 0 };
    vcl_fake_target target = { 0 };
    size_t size = 0;

    cJSON_Delete(answer.tree);
    answer = (vcl_fake_answer){ 0 };
    vcl_buf_init(&request.body, 4096);
    assert_true(vcl_fake_request_parse(head, &request, &size));
    assert_true(vcl_buf_add(&request.body, body) && vcl_fake_target_read(request.path, &target));
    (void)pthread_mutex_lock(&fake->lock);
    vcl_fake_handle(fake, fake->worlds, &request, &target, &answer);
    (void)pthread_mutex_unlock(&fake->lock);
    vcl_fake_target_done(&target);
    vcl_fake_request_done(&request);
    return answer.status;
}

static void assert_message(const char *part)
{
    const char *message = vcl_str(vcl_json_find_string(answer.tree, "message", NULL));

    if (!strstr(message, part))
        fail_msg("'%s' is not in: %s", part, message);
}

#define PODS "/api/v1/namespaces/default/pods"
#define MAPS "/api/v1/namespaces/default/configmaps"
#define JSON_PATCH "\r\nContent-Type: application/json-patch+json\r\n\r\n"

static void an_evicted_pod_has_gone(void **state)
{
    (void)state;
    assert_int_equal(ask("POST " PODS "/p/eviction", "{}"), 201);
    assert_string_equal(vcl_json_find_string(answer.tree, "status", NULL), "Success");
    assert_int_equal(ask("GET " PODS "/p", ""), 404);
    assert_int_equal(ask("POST " PODS "/p/eviction", "{}"), 404);
    assert_int_equal(ask("POST " MAPS "/c/eviction", "{}"), 501);
}

static void an_object_that_is_not_that_of_the_url_is_refused(void **state)
{
    static const char *const others[] = {
        "{metadata: {name: d}, data: {x: '2'}}",
        "{metadata: {name: c, namespace: kube-system}, data: {x: '2'}}",
        "{kind: Secret, metadata: {name: c}, data: {x: '2'}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(ask("PUT " MAPS "/c", others[i]), 400);
        assert_message("not that of the URL");
    }
    assert_int_equal(ask("PATCH " MAPS "/c", others[0]), 400);
    assert_int_equal(ask("PATCH " MAPS "/c?dryRun=All", others[0]), 400);
    assert_int_equal(ask("GET " MAPS "/c", ""), 200);
    assert_string_equal(vcl_json_find_string(answer.tree, "data", "x", NULL), "1");
    assert_int_equal(ask("POST " MAPS "/c", "{metadata: {name: c}}"), 405);
}

static void a_json_patch_says_why_it_does_not_apply(void **state)
{
    static const struct {
        const char *patch;
        const char *why;
    } cases[] = {
        { "[{op: add, path: /data/y}]", "needs a value" },
        { "[{op: remove, path: /data/y}]", "nothing at the path" },
        { "[{op: test, path: /data/x, value: '2'}]", "test failed" },
        { "[{op: move, path: /data/x, value: '2'}]", "not known" },
        { "[{op: add, path: '', value: '2'}]", "nothing at the path" },
        { "[{op: add, path: /data/x/y, value: '2'}]", "nothing at the path" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(ask("PATCH " MAPS "/c" JSON_PATCH, cases[i].patch), 422);
        assert_message(cases[i].why);
    }
    assert_int_equal(ask("PATCH " MAPS "/c" JSON_PATCH, "[{op: add, path: /data/y, value: '2'}]"),
                     200);
}

static void a_token_lasts_ten_minutes_at_least(void **state)
{
    const char *token = "POST /api/v1/namespaces/default/serviceaccounts/default/token";

    (void)state;
    assert_int_equal(ask(token, "{spec: {expirationSeconds: 600}}"), 201);
    assert_int_equal(ask(token, "{spec: {expirationSeconds: 599}}"), 422);
    assert_int_equal(ask(token, "{spec: {expirationSeconds: 5000000000}}"), 422);
    assert_int_equal(ask(token, "no object"), 400);
}

static void a_body_longer_than_is_allowed_is_not_read(void **state)
{
    vcl_fake_request request = { 0 };
    size_t size = 0;

    (void)state;
    assert_true(
        vcl_fake_request_parse("POST /x HTTP/1.1\r\ncontent-length: 12\r\n\r\n", &request, &size));
    assert_int_equal(size, 12);
    assert_string_equal(request.path, "/x");
    vcl_fake_request_done(&request);
    request = (vcl_fake_request){ 0 };
    assert_false(
        vcl_fake_request_parse("POST /x\r\nContent-Length: 99999999999\r\n\r\n", &request, &size));
    assert_false(vcl_fake_request_parse("POST /x\r\nContent-Length: -1\r\n\r\n", &request, &size));
    vcl_fake_request_done(&request);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(an_evicted_pod_has_gone),
        TEST(an_object_that_is_not_that_of_the_url_is_refused),
        TEST(a_json_patch_says_why_it_does_not_apply),
        TEST(a_token_lasts_ten_minutes_at_least),
        TEST(a_body_longer_than_is_allowed_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
