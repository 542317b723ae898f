/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ends a wait, and what it bears: recorded pods, and a server in this program for the logs of
 * their containers.
 */
#include "cm.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/buf.h"
#include "release/classify.h"
#include "release/trouble.h"
#include "test_server.h"

/* Of a control plane whose API server was stopped before it listened: kube-controller-manager has
 * given up on it twice. */
#define RECORDING VCLUSTER_FIXTURES_WHY "/controller-waits.json"
enum { MAX_FILE = 1 << 20 };

typedef struct logs {
    const char *text; /* of every container */
    atomic_int asked;
} logs;

static cJSON *recording;
static logs given;
static test_server *server;
static vcl_kube *kube;
static vcl_trouble_memory memory;
static vcluster_error *error;

static void answer(test_conn *conn, const test_request *request, void *data)
{
    logs *self = data;

    atomic_fetch_add(&self->asked, 1);
    test_conn_answer(conn, strstr(request->path, "/log") ? 200 : 404, "", self->text);
}

static const char *recorded_log(const char *container)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_get(recording, "logs")) {
        if (vcl_streq(vcl_json_find_string(item, "container", NULL), container))
            return vcl_json_find_string(item, "text", NULL);
    }
    return NULL;
}

static int begin(void **state)
{
    const test_server_options options = { .handler = answer, .data = &given };
    FILE *file = fopen(RECORDING, "rb");
    vcl_auto_free char *text = malloc(MAX_FILE);

    (void)state;
    assert_non_null(file);
    assert_non_null(text);
    size_t size = fread(text, 1, MAX_FILE, file);
    (void)fclose(file);
    assert_works(vcl_json_parse(text, size, &recording, &error), &error);
    given.text = recorded_log("kube-controller-manager");
    atomic_store(&given.asked, 0);
    memory = (vcl_trouble_memory){ 0 };
    server = test_server_start(&options);
    vcl_auto_free char *url = vcl_strdup(test_server_url(server));
    const vcl_endpoint endpoint = { .server = url };
    assert_works(vcl_kube_new(&endpoint, NULL, NULL, &kube, &error), &error);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcl_kube_free(kube);
    test_server_stop(server);
    cJSON_Delete(recording);
    return 0;
}

static cJSON *container(const char *name)
{
    cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(vcl_json_get(recording, "pods")->child, "status",
                                            "containerStatuses", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return item;
    }
    fail();
    return NULL;
}

/* Whether a wait that sees the recording ends. */
static int look(void)
{
    const vcl_trouble_query query = { .kube = kube,
                                      .pods = vcl_json_get(recording, "pods"),
                                      .events = vcl_json_get(recording, "events"),
                                      .memory = &memory };
    vcl_call call;

    vcl_call_init(&call, patience_ms(5000), patience_ms(5000), NULL, NULL, NULL);
    return vcl_trouble_check(&query, &call, &error);
}

static void set_waiting(const char *name, const char *reason)
{
    VCL_AUTO_BUF text = { 0 };
    cJSON *status = NULL;

    vcl_buf_init(&text, 256);
    assert_true(vcl_buf_addf(&text, "{\"waiting\":{\"reason\":\"%s\"}}", reason));
    assert_works(vcl_json_parse(vcl_buf_text(&text), text.size, &status, &error), &error);
    assert_true(vcl_json_set(container(name), "state", status));
}

static void set_restarts(const char *name, int count)
{
    assert_true(vcl_json_set(container(name), "restartCount", cJSON_CreateNumber(count)));
}

static void one_that_missed_its_api_server_ends_no_wait_and_is_asked_once_a_run(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_works(look(), &error);
    assert_int_equal(atomic_load(&given.asked), 1);
    set_restarts("kube-controller-manager", 3);
    assert_works(look(), &error);
    assert_works(look(), &error);
    assert_int_equal(atomic_load(&given.asked), 2);
}

static void the_same_one_that_then_ends_by_itself_does(void **state)
{
    (void)state;
    assert_works(look(), &error);
    given.text = "F1123 panic: assignment to entry in nil map\n";
    set_restarts("kube-controller-manager", 3);
    assert_fails(look(), VCLUSTER_E_UNAVAILABLE, &error, "nil map");
}

static void what_keeps_the_api_server_ends_the_wait_all_the_same(void **state)
{
    (void)state;
    assert_works(look(), &error);
    set_waiting("store", "InvalidImageName");
    assert_fails(look(), VCLUSTER_E_UNAVAILABLE, &error, "container 'store'");
    assert_int_equal(atomic_load(&given.asked), 1);
}

/* The time that it may last begins with the crash, and is not that of a crash. */
static void a_store_that_is_late_is_borne_for_a_while(void **state)
{
    (void)state;
    given.text = "F1123 failed: Error while dialing: dial tcp 127.0.0.1:2379: connect: refused\n";
    for (int i = 0; i < 3; i++)
        assert_works(look(), &error);
    assert_int_equal(atomic_load(&given.asked), 1);
    memory.since_ms -= 60000;
    memory.until_ms -= 60000;
    assert_fails(look(), VCLUSTER_E_UNAVAILABLE, &error, "2379");
    assert_int_equal(atomic_load(&given.asked), 2);
}

static void one_without_an_api_server_beside_it_ends_the_wait(void **state)
{
    (void)state;
    assert_true(vcl_json_set(container("kube-apiserver"), "name", cJSON_CreateString("other")));
    assert_fails(look(), VCLUSTER_E_UNAVAILABLE, &error, "failed to wait for apiserver");
}

static void an_expired_certificate_of_the_api_server_ends_it(void **state)
{
    (void)state;
    given.text = "E1123 \"Error building controller context\" err=\"failed to wait for apiserver "
                 "being healthy: timed out waiting for the condition: failed to get apiserver "
                 "/healthz status: Get \\\"https://127.0.0.1:8443/healthz\\\": tls: failed to "
                 "verify certificate: x509: certificate has expired or is not yet valid\"\n";
    assert_fails(look(), VCLUSTER_E_UNAVAILABLE, &error, "certificate has expired");
}

static void the_cause_is_the_api_server_and_the_other_one_only_possible(void **state)
{
    VCL_AUTO_CAUSES causes = { 0 };
    vcl_scene scene;

    (void)state;
    vcl_scene_of(recording, &scene);
    assert_works(vcl_classify(&scene, &causes, &error), &error);
    assert_true(causes.count >= 2);
    assert_string_equal(causes.items[0].reason->code, "probe-failing");
    for (size_t i = 0; i < causes.count; i++) {
        bool of_manager = vcl_streq(causes.items[i].container, "kube-controller-manager");
        assert_string_not_equal(causes.items[i].reason->code, "crash");
        assert_int_not_equal(causes.items[i].certainty, VCLUSTER_CERTAINTY_CERTAIN);
        if (of_manager)
            assert_string_equal(causes.items[i].reason->code, "starting");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            one_that_missed_its_api_server_ends_no_wait_and_is_asked_once_a_run, begin, end),
        cmocka_unit_test_setup_teardown(the_same_one_that_then_ends_by_itself_does, begin, end),
        cmocka_unit_test_setup_teardown(what_keeps_the_api_server_ends_the_wait_all_the_same, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_store_that_is_late_is_borne_for_a_while, begin, end),
        cmocka_unit_test_setup_teardown(one_without_an_api_server_beside_it_ends_the_wait, begin,
                                        end),
        cmocka_unit_test_setup_teardown(an_expired_certificate_of_the_api_server_ends_it, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_cause_is_the_api_server_and_the_other_one_only_possible,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
