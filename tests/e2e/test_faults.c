/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong on a real host: each gives one error that names the object and the reason, early,
 * and leaves nothing that the same call cannot finish.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define NAME "e2e-fault"
#define NAMESPACE "vcluster-e2e-fault"

static vcluster_config *config_with(const char *path, const char *value)
{
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_set(config, path, value, &error), error);
    return config;
}

static int
create(vcluster_config *config, const vcluster_ensure_options *options, vcluster_error **error)
{
    return vcluster_instance_create(e2e_host(), NAME, config, options, NULL, error);
}

/* The call that failed is made again without what was in its way, and completes. */
static void completes(void)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    e2e_ok(create(config, &options, &error), error);
    vcluster_config_free(config);
}

static void a_quota_in_the_way_is_named_and_the_call_can_be_repeated(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_resource_delete_options gone = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    e2e_make_namespace(NAMESPACE);
    e2e_apply(e2e_host(),
              "{apiVersion: v1, kind: ResourceQuota, metadata: {name: tight, namespace: " NAMESPACE
              "}, spec: {hard: {pods: 0}}}");
    int status = create(config, &options, &error);
    assert_string_equal(vcluster_error_reason(error), "QuotaExceeded");
    e2e_fails(status, VCLUSTER_E_QUOTA, error, "tight");

    error = NULL;
    e2e_ok(vcluster_resource_delete(e2e_host(), "v1", "ResourceQuota", NAMESPACE, "tight", &gone,
                                    &error),
           error);
    completes();
    vcluster_config_free(config);
}

static void an_image_that_cannot_be_pulled_is_named_early(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = config_with("controlPlane.statefulSet.image.tag", "no-such-tag");
    vcluster_error *error = NULL;

    (void)state;
    int status = create(config, &options, &error);
    assert_non_null(strstr(vcluster_error_reason(error), "Image"));
    assert_non_null(strstr(vcluster_error_to_string(error), NAME "-0"));
    e2e_fails(status, VCLUSTER_E_UNAVAILABLE, error, "no-such-tag");
    vcluster_config_free(config);
    completes();
}

static void a_pod_that_no_node_takes_is_explained(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config =
        config_with("controlPlane.statefulSet.scheduling.nodeSelector.moon", "full");
    vcluster_error *error = NULL;

    (void)state;
    int status = create(config, &options, &error);
    assert_string_equal(vcluster_error_reason(error), "Unschedulable");
    e2e_fails(status, VCLUSTER_E_UNAVAILABLE, error, NAME "-0");
    vcluster_config_free(config);
}

static void a_foreign_object_is_never_merged_into(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    e2e_make_namespace(NAMESPACE);
    e2e_apply(e2e_host(), "{apiVersion: v1, kind: Service, metadata: {name: " NAME
                          ", namespace: " NAMESPACE "}, spec: {ports: [{port: 80}]}}");
    int status = create(config, &options, &error);
    assert_int_equal((int)vcluster_error_finding_count(error), 1);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)),
                        "Service/" NAME);
    e2e_fails(status, VCLUSTER_E_ALREADY_EXISTS, error, "Service/" NAME);
    assert_false(
        e2e_exists(e2e_host(), "v1", "Secret", NAMESPACE, "sh.helm.release.v1." NAME ".v1"));
    vcluster_config_free(config);
}

static int stop_at_first_object(const vcluster_progress *progress, void *data)
{
    (void)data;
    return vcluster_progress_step(progress) == VCLUSTER_STEP_OBJECT;
}

static void a_call_stopped_by_its_callback_is_completed_by_the_next(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    options.progress = stop_at_first_object;
    int status = create(config, &options, &error);
    e2e_fails(status, VCLUSTER_E_CANCELLED, error, "cancelled");
    vcluster_config_free(config);
    completes();
}

typedef struct canceller {
    vcluster_cancel *cancel;
    int after_ms;
} canceller;

static void *cancel_later(void *data)
{
    canceller *self = data;
    const struct timespec pause = { .tv_sec = self->after_ms / 1000,
                                    .tv_nsec = (self->after_ms % 1000) * 1000000L };

    (void)nanosleep(&pause, NULL);
    vcluster_cancel_trigger(self->cancel);
    return NULL;
}

/* Wherever the token strikes, the call ends soon and the next one completes the work. */
static void a_cancelled_call_ends_at_once_and_is_completed_by_the_next(void **state)
{
    static const int moments_ms[] = { 0, 20, 60, 150, 400, 1500 };
    vcluster_config *config = e2e_config();

    (void)state;
    for (size_t i = 0; i < sizeof(moments_ms) / sizeof(moments_ms[0]); i++) {
        vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
        canceller self = { .after_ms = moments_ms[i] };
        vcluster_error *error = NULL;
        pthread_t thread;

        e2e_ok(vcluster_cancel_new(&self.cancel, &error), error);
        options.cancel = self.cancel;
        assert_int_equal(pthread_create(&thread, NULL, cancel_later, &self), 0);
        int status = create(config, &options, &error);
        assert_int_equal(pthread_join(thread, NULL), 0);
        vcluster_cancel_free(self.cancel);
        e2e_fails(status, VCLUSTER_E_CANCELLED, error, NAME);
    }
    vcluster_config_free(config);
    completes();
}

typedef struct ensurer {
    pthread_t thread;
    const char *name;
    bool no_wait;
    int status;
    vcluster_error *error;
} ensurer;

static void *ensure_in_thread(void *data)
{
    ensurer *self = data;
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();

    options.no_wait = self->no_wait;
    self->status =
        vcluster_instance_ensure(e2e_host(), self->name, config, &options, NULL, &self->error);
    vcluster_config_free(config);
    return NULL;
}

static void run_at_once(ensurer *threads, size_t count)
{
    (void)e2e_host();
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i].thread, NULL, ensure_in_thread, &threads[i]),
                         0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i].thread, NULL), 0);
}

static void several_ensures_at_once_make_one_cluster(void **state)
{
    ensurer threads[4] = { { .name = NAME }, { .name = NAME }, { .name = NAME }, { .name = NAME } };

    (void)state;
    run_at_once(threads, 4);
    for (size_t i = 0; i < 4; i++)
        e2e_ok(threads[i].status, threads[i].error);
}

static void of_several_names_at_once_one_gets_the_namespace(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        ensurer threads[4] = { { .name = NAME "-a", .no_wait = true },
                               { .name = NAME "-b", .no_wait = true },
                               { .name = NAME "-c", .no_wait = true },
                               { .name = NAME "-d", .no_wait = true } };
        const char *winner = NULL;

        e2e_make_namespace(NAMESPACE);
        run_at_once(threads, 4);
        for (size_t i = 0; i < 4; i++) {
            if (threads[i].status == VCLUSTER_OK) {
                assert_null(winner);
                winner = threads[i].name;
                continue;
            }
            e2e_fails(threads[i].status, VCLUSTER_E_PRECONDITION, threads[i].error,
                      "one in a namespace");
        }
        assert_non_null(winner);
        e2e_remove(winner, NAMESPACE);
        e2e_remove_namespace(NAMESPACE);
    }
}

static void a_deadline_says_what_was_waited_for(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    options.timeout_ms = 700;
    int status = create(config, &options, &error);
    assert_true(vcluster_error_retryable(error));
    e2e_fails(status, VCLUSTER_E_TIMEOUT, error, NAME);
    vcluster_config_free(config);
    completes();
}

static void bad_input_is_refused_before_anything_is_touched(void **state)
{
    static const char *const names[] = { "",
                                         "Upper",
                                         "-dash",
                                         "1digit",
                                         "with.dot",
                                         "with_line",
                                         "a23456789012345678901234567890123456789012345678901234" };
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = config_with("controlPlane.distro.k8s.version", "1.99");
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int64_t before = vcluster_client_request_count(e2e_host());
        int status = vcluster_instance_create(e2e_host(), names[i], NULL, &options, NULL, &error);
        e2e_fails(status, VCLUSTER_E_INVALID_ARGUMENT, error, "name");
        assert_int_equal(vcluster_client_request_count(e2e_host()), before);
        error = NULL;
    }
    int status = create(config, &options, &error);
    assert_int_equal((int)vcluster_error_finding_count(error), 1);
    e2e_fails(status, VCLUSTER_E_CONFIG, error, "1.99");
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, NAMESPACE));
    vcluster_config_free(config);
}

/* A user who may look and nothing else. */
static char *token_of_reader(void)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_apply(e2e_host(), "{apiVersion: v1, kind: ServiceAccount, metadata: {name: reader, "
                          "namespace: " NAMESPACE "}}");
    e2e_apply(e2e_host(),
              "{apiVersion: v1, kind: Secret, metadata: {name: reader-token, namespace: " NAMESPACE
              ", annotations: {kubernetes.io/service-account.name: reader}}, type: "
              "kubernetes.io/service-account-token}");
    for (int tries = 0; tries < 50; tries++) {
        e2e_ok(vcluster_resource_get(e2e_host(), "v1", "Secret", NAMESPACE, "reader-token", NULL,
                                     &json, &error),
               error);
        char *found = strstr(json, "\"token\":\"");
        if (found) {
            char *token = strdup(found + strlen("\"token\":\""));
            assert_non_null(token);
            token[strcspn(token, "\"")] = '\0';
            vcluster_free(json);
            return token;
        }
        vcluster_free(json);
        const struct timespec pause = { .tv_nsec = 100000000 };
        (void)nanosleep(&pause, NULL); /* the token controller is at work */
    }
    fail_msg("no token was made");
    return NULL;
}

static void a_user_without_rights_is_told_which_one_is_missing(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_client_options who = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_list_options list_options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;
    vcluster_client *reader = NULL;
    vcluster_error *error = NULL;
    char *kubeconfig = NULL;

    (void)state;
    e2e_make_namespace(NAMESPACE);
    char *encoded = token_of_reader();
    /* The token of the Secret is base64; the kubeconfig takes it decoded. */
    char *token = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&token, &size);
    assert_non_null(out);
    int bits = 0;
    unsigned value = 0;
    for (const char *c = encoded; *c && *c != '='; c++) {
        static const char table[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        value = value << 6 | (unsigned)(strchr(table, *c) - table);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            (void)fputc((int)(value >> bits & 255), out);
        }
    }
    (void)fclose(out);
    assert_true(asprintf(&kubeconfig,
                         "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, "
                         "context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: "
                         "'%s', insecure-skip-tls-verify: true}}], users: [{name: u, user: "
                         "{token: '%s'}}]}",
                         vcluster_client_server(e2e_host()), token) > 0);
    who.kubeconfig_text = kubeconfig;
    e2e_ok(vcluster_client_new(&who, &reader, &error), error);

    int status = vcluster_instance_create(reader, NAME, NULL, &options, NULL, &error);
    assert_int_equal(vcluster_error_http_status(error), 403);
    e2e_fails(status, VCLUSTER_E_PERMISSION, error, "forbidden");
    error = NULL;
    list_options.namespace_name = NAMESPACE;
    status = vcluster_instance_list_new(reader, &list_options, &list, &error);
    e2e_fails(status, VCLUSTER_E_PERMISSION, error, "statefulsets");

    vcluster_client_unref(reader);
    free(kubeconfig);
    free(token);
    free(encoded);
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove_namespace(NAMESPACE);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    e2e_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_quota_in_the_way_is_named_and_the_call_can_be_repeated,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(an_image_that_cannot_be_pulled_is_named_early, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(a_pod_that_no_node_takes_is_explained, clean, clean),
        cmocka_unit_test_setup_teardown(a_foreign_object_is_never_merged_into, clean, clean),
        cmocka_unit_test_setup_teardown(a_call_stopped_by_its_callback_is_completed_by_the_next,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(a_cancelled_call_ends_at_once_and_is_completed_by_the_next,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(several_ensures_at_once_make_one_cluster, clean, clean),
        cmocka_unit_test_setup_teardown(of_several_names_at_once_one_gets_the_namespace, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(a_deadline_says_what_was_waited_for, clean, clean),
        cmocka_unit_test_setup_teardown(bad_input_is_refused_before_anything_is_touched, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(a_user_without_rights_is_told_which_one_is_missing, clean,
                                        clean),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, NULL, finish);
}
