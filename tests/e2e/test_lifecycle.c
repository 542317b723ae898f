/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a virtual cluster after its creation: upgraded with its objects kept, left alone
 * where nothing is new, paused and resumed, in the way of another operation.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "e2e.h"

#define NAME "e2e-life"
#define NAMESPACE "vcluster-e2e-life"

typedef struct seen {
    bool restart; /* announced */
    bool object_before;
    bool object;
    bool drift;
} seen;

static int remember(const vcluster_progress *progress, void *data)
{
    seen *self = data;
    int step = vcluster_progress_step(progress);
    const char *message = vcluster_progress_message(progress);

    self->object = self->object || step == VCLUSTER_STEP_OBJECT;
    if (step == VCLUSTER_STEP_PLAN && strstr(message, "restarts")) {
        self->restart = true;
        self->object_before = self->object;
    }
    self->drift = self->drift || (step == VCLUSTER_STEP_SCALE && strstr(message, "annotation"));
    return 0;
}

static vcluster_ensure_options options_with(const char *version)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);

    options.kubernetes_version = version;
    return options;
}

/* What the tag that "1.35" picks is called: upstream's images have the first patch of a minor. */
static const char *tag_of(const char *embedded, const char *upstream)
{
    return e2e_upstream_values() ? upstream : embedded;
}

/* These values, over those that upstream's control plane takes here. */
static vcluster_config *config_of(const char *yaml)
{
    vcluster_config *config = e2e_values();
    vcluster_config *given = NULL;
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_parse(yaml, &given, &error), error);
    if (!config)
        return given;
    e2e_ok(vcluster_config_merge(config, given, &error), error);
    vcluster_config_free(given);
    return config;
}

static void ensure(const vcluster_ensure_options *options, const char *yaml)
{
    vcluster_config *config = config_of(yaml);
    vcluster_error *error = NULL;

    e2e_ok(vcluster_instance_ensure(e2e_host(), NAME, config, options, NULL, &error), error);
    vcluster_config_free(config);
}

static char *get(const char *api_version, const char *kind, const char *name)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_ok(
        vcluster_resource_get(e2e_host(), api_version, kind, NAMESPACE, name, NULL, &json, &error),
        error);
    return json;
}

static vcluster_client *open_inside(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_instance_open(e2e_host(), NAME, &options, &inside, &error), error);
    return inside;
}

static void assert_version(const char *expected)
{
    vcluster_client *inside = open_inside();
    vcluster_error *error = NULL;
    char *version = NULL;

    e2e_ok(vcluster_client_server_version(inside, NULL, &version, &error), error);
    /* Of upstream's images the tag does not say which patch is in them. */
    assert_memory_equal(version, expected, e2e_upstream_values() ? 6 : strlen(expected) + 1);
    vcluster_free(version);
    vcluster_client_unref(inside);
}

static void scale_by_hand(const char *patch)
{
    vcluster_error *error = NULL;

    e2e_ok(vcluster_resource_patch(e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME, patch,
                                   NULL, NULL, &error),
           error);
}

static void pause_it(seen *self)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = 120000;
    options.namespace_name = NAMESPACE;
    options.progress = remember;
    options.user_data = self;
    e2e_ok(vcluster_instance_pause(e2e_host(), NAME, &options, &error), error);
}

static void resume_it(seen *self)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = 120000;
    options.namespace_name = NAMESPACE;
    options.progress = remember;
    options.user_data = self;
    e2e_ok(vcluster_instance_resume(e2e_host(), NAME, &options, &error), error);
}

static void an_upgrade_keeps_the_objects_and_announces_the_restart(void **state)
{
    vcluster_ensure_options options = options_with("1.34");
    vcluster_error *error = NULL;
    seen progress = { 0 };

    (void)state;
    ensure(&options, "{}");
    assert_version("v1.34.4");
    vcluster_client *inside = open_inside();
    e2e_apply(inside, "{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: "
                      "default}, data: {a: b}}");
    vcluster_client_unref(inside);

    options = options_with("1.35");
    options.progress = remember;
    options.user_data = &progress;
    ensure(&options, "{}");
    assert_true(progress.restart);
    assert_false(progress.object_before);
    assert_version("v1.35.4");
    inside = open_inside();
    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "kept"));
    vcluster_client_unref(inside);

    /* Back again, with everything else that is wrong told at the same time. */
    vcluster_config *config = NULL;
    options = options_with("1.34");
    config = config_of("controlPlane: {backingStore: {etcd: {deploy: {enabled: true}}}}");
    int status = vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error);
    assert_int_equal((int)vcluster_error_finding_count(error), 2);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error, "cannot be changed");
    vcluster_config_free(config);
}

static void wait_for_ready_in_the_list(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    const struct timespec pause = { .tv_nsec = 200000000 };

    options.namespace_name = NAMESPACE;
    for (int tries = 0; tries < 150; tries++) {
        vcluster_instance *instance = NULL;
        vcluster_error *error = NULL;

        e2e_ok(vcluster_instance_get(e2e_host(), NAME, &options, &instance, &error), error);
        bool ready = vcluster_instance_ready(instance);
        vcluster_instance_free(instance);
        if (ready)
            return;
        (void)nanosleep(&pause, NULL); /* the kubelet's probes are at work */
    }
    fail_msg("it never got ready");
}

static void what_is_there_already_costs_the_lists_and_nothing_else(void **state)
{
    vcluster_ensure_options options = options_with("1.35");

    (void)state;
    wait_for_ready_in_the_list();
    int64_t before = vcluster_client_request_count(e2e_host());
    ensure(&options, "{}");
    assert_int_equal(vcluster_client_request_count(e2e_host()) - before, 6);

    options.kubernetes_version = NULL;
    before = vcluster_client_request_count(e2e_host());
    ensure(&options, "{}");
    /* Values that are given, as upstream's control plane takes some here, are compared. */
    assert_int_equal(vcluster_client_request_count(e2e_host()) - before,
                     e2e_upstream_values() ? 8 : 6);

    /* The same in other words: the values are read, nothing is written. */
    char *revision = get("v1", "Secret", "sh.helm.release.v1." NAME ".v2");
    vcluster_free(revision);
    ensure(&options, tag_of("controlPlane: {distro: {k8s: {version: v1.35.4}}}",
                            "controlPlane: {distro: {k8s: {version: v1.35.0}}}"));
    assert_false(
        e2e_exists(e2e_host(), "v1", "Secret", NAMESPACE, "sh.helm.release.v1." NAME ".v3"));
}

static void earlier_values_and_the_version_are_kept(void **state)
{
    vcluster_ensure_options options = options_with(NULL);

    (void)state;
    options.no_wait = 1;
    ensure(&options, "controlPlane: {statefulSet: {labels: {first: one}}}");
    ensure(&options, "controlPlane: {statefulSet: {labels: {second: two}}}");
    char *set = get("apps/v1", "StatefulSet", NAME);
    assert_non_null(strstr(set, "\"first\":\"one\""));
    assert_non_null(strstr(set, "\"second\":\"two\""));
    assert_non_null(strstr(set, tag_of("kube-apiserver:v1.35.4", "kubernetes:v1.35.0")));
    vcluster_free(set);

    options.reset_values = 1;
    ensure(&options, "controlPlane: {statefulSet: {labels: {third: three}}}");
    set = get("apps/v1", "StatefulSet", NAME);
    assert_null(strstr(set, "\"first\":\"one\""));
    assert_non_null(strstr(set, "\"third\":\"three\""));
    vcluster_free(set);
    options.no_wait = 0;
    options.reset_values = 0;
    ensure(&options, "{}");
    assert_version("v1.35.4");
}

static void an_upgrade_that_fails_is_rolled_back_when_asked(void **state)
{
    vcluster_ensure_options options = options_with(NULL);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.atomic = 1;
    config = config_of("controlPlane: {statefulSet: {image: {tag: no-such-tag}}}");
    int status = vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error);
    vcluster_config_free(config);
    e2e_fails(status, VCLUSTER_E_UNAVAILABLE, error, "was rolled back");
    char *set = get("apps/v1", "StatefulSet", NAME);
    assert_null(strstr(set, "no-such-tag"));
    vcluster_free(set);
    assert_version("v1.35.4");
}

static void a_paused_one_is_gone_but_for_its_data(void **state)
{
    vcluster_ensure_options options = options_with(NULL);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    seen progress = { 0 };

    (void)state;
    pause_it(&progress);
    assert_false(e2e_exists(e2e_host(), "v1", "Pod", NAMESPACE, NAME "-0"));
    char *set = get("apps/v1", "StatefulSet", NAME);
    assert_non_null(strstr(set, "\"loft.sh/paused\":\"true\""));
    assert_non_null(strstr(set, "\"loft.sh/paused-replicas\":\"1\""));
    assert_non_null(strstr(set, "\"replicas\":0"));
    vcluster_free(set);
    pause_it(&progress); /* once more changes nothing */
    assert_false(progress.drift);

    config = config_of("controlPlane: {statefulSet: {labels: {fourth: four}}}");
    int status = vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error, "is paused: resume it first");
    error = NULL;
    options.resume = 1;
    e2e_ok(vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
    vcluster_client *inside = open_inside();
    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "kept"));
    vcluster_client_unref(inside);
}

static void drift_between_annotation_and_replicas_is_mended(void **state)
{
    seen progress = { 0 };

    (void)state;
    pause_it(&progress);
    scale_by_hand("{\"spec\":{\"replicas\":1}}"); /* as an upgrade by Helm does */
    pause_it(&progress);
    assert_true(progress.drift);
    assert_false(e2e_exists(e2e_host(), "v1", "Pod", NAMESPACE, NAME "-0"));
    resume_it(&progress);
    char *set = get("apps/v1", "StatefulSet", NAME);
    assert_null(strstr(set, "loft.sh/paused"));
    vcluster_free(set);

    scale_by_hand("{\"spec\":{\"replicas\":0}}");
    progress.drift = false;
    resume_it(&progress);
    assert_true(progress.drift);
    assert_version("v1.35.4");
}

static void *upgrade_in_thread(void *data)
{
    vcluster_ensure_options options = options_with(NULL);
    vcluster_config *config = config_of("controlPlane: {statefulSet: {labels: {fifth: five}}}");
    vcluster_error *error = NULL;
    int *status = data;

    options.resume = 1;
    *status = vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error);
    if (*status < 0)
        print_message("upgrade: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_config_free(config);
    return NULL;
}

static void operations_at_once_do_not_mix(void **state)
{
    seen progress = { 0 };
    pthread_t thread;
    int status = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, upgrade_in_thread, &status), 0);
    pause_it(&progress);
    assert_int_equal(pthread_join(thread, NULL), 0);
    /* One came before the other: either it was paused after the upgrade or resumed by it, or the
     * upgrade found it paused and was told so: CONFLICT where that happened after its look. */
    assert_true(status == 0 || status == VCLUSTER_E_PRECONDITION || status == VCLUSTER_E_CONFLICT ||
                status == VCLUSTER_E_TIMEOUT);
    resume_it(&progress);
    status = 0;
    (void)upgrade_in_thread(&status);
    assert_int_equal(status, 0);
    assert_version("v1.35.4");
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    return 0;
}

static int finish(void **state)
{
    int status = clean(state);

    e2e_done();
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_keeps_the_objects_and_announces_the_restart),
        cmocka_unit_test(what_is_there_already_costs_the_lists_and_nothing_else),
        cmocka_unit_test(earlier_values_and_the_version_are_kept),
        cmocka_unit_test(an_upgrade_that_fails_is_rolled_back_when_asked),
        cmocka_unit_test(a_paused_one_is_gone_but_for_its_data),
        cmocka_unit_test(drift_between_annotation_and_replicas_is_mended),
        cmocka_unit_test(operations_at_once_do_not_mix),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, clean, finish);
}
