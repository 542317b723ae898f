/* SPDX-License-Identifier: Apache-2.0 */
/* Uninstalling releases, on a host in memory; hooks and waiting. */
#include "release_fixture.h"

#define SERVICE "/api/v1/namespaces/ns/services/r"
#define JOB "/apis/batch/v1/namespaces/ns/jobs/r-"

/* What the controllers of Jobs and Deployments do in the end. */
typedef struct controllers {
    const char *job; /* the condition that Jobs get, NULL: none */
    const char *order[32];
    size_t count;
    bool late; /* so is the next Secret of a failed release to be stored */
} controllers;

static controllers acting;

static void act(cJSON *object, void *data)
{
    const char *kind = vcl_json_find_string(object, "kind", NULL);
    const char *name = vcl_json_find_string(object, "metadata", "name", NULL);
    controllers *self = data;

    if (vcl_streq(kind, "Job") && self->job) {
        cJSON *conditions = cJSON_AddArrayToObject(vcl_json_object(object, "status"), "conditions");
        cJSON *condition = cJSON_CreateObject();
        assert_true(vcl_json_append(conditions, condition));
        assert_true(vcl_json_set_string(condition, "type", self->job));
        assert_true(vcl_json_set_string(condition, "status", "True"));
        assert_true(vcl_json_set_string(condition, "message", "too many pods failed"));
    }
    if (self->late && vcl_streq(kind, "Secret") &&
        vcl_streq(vcl_json_find_string(object, "metadata", "labels", "status", NULL), "failed")) {
        self->late = false;
        (void)usleep(300000); /* longer than who has no time left waits */
    }
    if (vcl_streq(kind, "Job") && self->count < 32)
        self->order[self->count++] = strstr(name, "pre") ? "pre" : "post";
    if (vcl_streq(kind, "Service"))
        assert_true(vcl_json_set_string(vcl_json_object(object, "spec"), "clusterIP", "10.0.0.1"));
}

static int begin(void **state)
{
    int status = fixture_begin(state);

    acting = (controllers){ .job = "Complete" };
    fake_host_on_write(fx.host, act, &acting);
    fixture_namespace();
    fx.options.skip_crds = 1;
    return status;
}

static void everything_goes_but_the_namespace(void **state)
{
    (void)state;
    install_works(NULL);
    upgrade_works("text=b");
    count_from_here();
    uninstall_works();
    assert_int_equal(fake_host_count(fx.host, "/namespaces/ns/"), 0);
    assert_int_equal(fake_host_count(fx.host, "/namespaces/ns"), 1);
    assert_int_equal(counted("DELETE", "/services/"), 1);
    assert_int_equal(counted("PUT", "/secrets"), 1);
    uninstall_fails(VCLUSTER_E_NOT_FOUND, "does not exist");
    fx.options.missing_ok = 1;
    uninstall_works();
}

static void what_is_to_be_kept_stays(void **state)
{
    (void)state;
    install_works("kept=true");
    fx.options.wait = 1;
    uninstall_works();
    assert_true(exists("/api/v1/namespaces/ns/configmaps/r-kept"));
    assert_false(exists(SERVICE));
}

static void the_history_can_be_kept(void **state)
{
    (void)state;
    install_works(NULL);
    fx.options.keep_history = 1;
    uninstall_works();
    assert_string_equal(status_of(1), "uninstalled");
    VCL_AUTO_JSON *record = record_of(1);
    assert_string_equal(vcl_json_find_string(record, "info", "description", NULL),
                        "Uninstallation complete");
    assert_false(exists(SERVICE));
    uninstall_fails(VCLUSTER_E_NOT_FOUND, "uninstalled already");
    install_fails(NULL, VCLUSTER_E_ALREADY_EXISTS, "uninstalled");
    upgrade_fails(NULL, VCLUSTER_E_NOT_FOUND, "no revision that is deployed");
    fx.options.install = 1;
    upgrade_works(NULL);
    assert_string_equal(status_of(2), "deployed");
    fx.options.keep_history = 0;
    uninstall_works();
    assert_string_equal(status_of(1), "");
    assert_string_equal(status_of(2), "");
}

static void only_the_history_is_left_to_remove(void **state)
{
    (void)state;
    install_works(NULL);
    fx.options.keep_history = 1;
    uninstall_works();
    fx.options.keep_history = 0;
    uninstall_works();
    assert_string_equal(status_of(1), "");
}

static void an_uninstall_that_was_killed_is_completed(void **state)
{
    (void)state;
    install_works(NULL);
    leave_pending(1, "uninstalling", "dead", -1);
    uninstall_works();
    assert_int_equal(fake_host_count(fx.host, "/namespaces/ns/"), 0);
}

static void what_helm_left_pending_is_removed(void **state)
{
    (void)state;
    install_works(NULL);
    leave_pending(1, "pending-install", NULL, 0);
    uninstall_works();
    assert_int_equal(fake_host_count(fx.host, "/namespaces/ns/"), 0);
}

static void an_uninstall_that_fails_can_be_repeated_at_once(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_fail(fx.host, "DELETE", "/services/", 422);
    uninstall_fails(VCLUSTER_E_INVALID_ARGUMENT, "");
    assert_string_equal(status_of(1), "uninstalling");
    fake_host_heal(fx.host);
    count_from_here();
    uninstall_works();
    assert_int_equal(fake_host_count(fx.host, "/namespaces/ns/"), 0);
}

static void hooks_run_by_event_and_weight(void **state)
{
    (void)state;
    install_works("hooks.pre-install=1,hooks.post-install=2");
    assert_true(exists(JOB "pre-install"));
    assert_true(exists(JOB "post-install"));
    assert_int_equal(acting.count, 2);
    assert_string_equal(acting.order[0], "pre");
    assert_string_equal(acting.order[1], "post");
    VCL_AUTO_JSON *record = record_of(1);
    const cJSON *hook = cJSON_GetArrayItem(vcl_json_get(record, "hooks"), 0);
    assert_string_equal(vcl_json_find_string(hook, "last_run", "phase", NULL), "Succeeded");
    assert_true(strlen(vcl_json_find_string(hook, "last_run", "started_at", NULL)) >= 20);

    /* The one from before goes first. */
    count_from_here();
    upgrade_works("hooks.pre-install=1");
    assert_int_equal(counted(NULL, "/jobs"), 0);
    upgrade_works("hooks.pre-upgrade=1");
    upgrade_works("hooks.pre-upgrade=1");
    assert_int_equal(counted("DELETE", JOB "pre-upgrade"), 2);
    assert_int_equal(counted("POST", "/jobs"), 2);
}

static void hooks_are_deleted_by_policy(void **state)
{
    (void)state;
    install_works("hooks.pre-install=1,hookPolicy=hook-succeeded");
    assert_false(exists(JOB "pre-install"));
    acting.job = "Failed";
    upgrade_fails("hooks.pre-upgrade=1,hookPolicy=hook-failed", VCLUSTER_E_UNAVAILABLE,
                  "hook 'r-pre-upgrade' failed: too many pods failed");
    assert_false(exists(JOB "pre-upgrade"));
    assert_string_equal(status_of(2), "failed");
    VCL_AUTO_JSON *record = record_of(2);
    const cJSON *hook = cJSON_GetArrayItem(vcl_json_get(record, "hooks"), 0);
    assert_string_equal(vcl_json_find_string(hook, "last_run", "phase", NULL), "Failed");
    assert_string_equal(text_in("text", "revision"), "1"); /* nothing was applied */
}

static void hooks_of_a_removal_run(void **state)
{
    (void)state;
    install_works("hooks.pre-delete=1,hooks.post-delete=2");
    assert_int_equal(acting.count, 0);
    uninstall_works();
    assert_int_equal(acting.count, 2);
    assert_true(exists(JOB "post-delete")); /* hooks are not of the release */
}

static void hooks_can_be_left_out(void **state)
{
    (void)state;
    fx.options.no_hooks = 1;
    install_works("hooks.pre-install=1,hooks.pre-delete=1");
    uninstall_works();
    assert_int_equal(counted(NULL, "/jobs"), 0);
}

static void a_hook_that_does_not_end_fails_by_the_deadline(void **state)
{
    (void)state;
    acting.job = NULL;
    fx.options.timeout_ms = patience_ms(600);
    install_fails("hooks.pre-install=1", VCLUSTER_E_TIMEOUT, "hook 'r-pre-install' did not end");
    assert_string_equal(status_of(1), "failed");
}

static void an_atomic_install_that_ran_out_of_time_leaves_nothing(void **state)
{
    (void)state;
    acting.job = NULL;
    fx.options.atomic = 1;
    fx.options.timeout_ms = patience_ms(600);
    install_fails("hooks.post-install=1", VCLUSTER_E_TIMEOUT,
                  "atomic install, which was uninstalled");
    assert_false(exists(SERVICE));
    assert_string_equal(status_of(1), "");
}

/* What became of it is recorded by a write that is given up before the server has carried it out:
 * that is no other operation's. */
static void so_does_one_whose_record_is_written_late(void **state)
{
    (void)state;
    acting.job = NULL;
    fx.options.atomic = 1;
    fx.options.timeout_ms = patience_ms(1500);
    acting.late = true;
    install_fails("hooks.post-install=1", VCLUSTER_E_TIMEOUT,
                  "atomic install, which was uninstalled");
    assert_false(exists(SERVICE));
    assert_string_equal(status_of(1), "");
}

static void waiting_ends_when_all_is_ready(void **state)
{
    (void)state;
    fx.options.wait = 1;
    count_from_here();
    install_works(NULL);
    assert_int_equal(counted("GET", SERVICE), 2); /* is it ours; is it ready */
}

static void waiting_names_what_is_not_ready(void **state)
{
    vcluster_error *error = NULL;
    vcluster_config *config = NULL;

    (void)state;
    fx.options.wait = 1;
    fx.options.timeout_ms = patience_ms(600);
    assert_works(vcluster_config_parse("{replicas: 2}", &config, &error), &error);
    assert_int_equal(
        vcluster_release_install(fx.client, RELEASE, fx.chart, config, &fx.options, NULL, &error),
        VCLUSTER_E_TIMEOUT);
    vcluster_config_free(config);
    assert_error_says(error, "1 of 2 objects were not ready in time: Deployment 'r'");
    assert_int_equal(vcluster_error_finding_count(error), 1);
    vcl_error_clear(&error);
    assert_string_equal(status_of(1), "failed");
}

static void waiting_ends_early_when_it_is_in_vain(void **state)
{
    (void)state;
    fake_host_put(fx.host,
                  "{apiVersion: v1, kind: Pod, metadata: {name: r-1, namespace: ns, labels: "
                  "{app.kubernetes.io/name: life, app.kubernetes.io/instance: r}}, status: "
                  "{containerStatuses: [{name: main, state: {waiting: {reason: "
                  "ImagePullBackOff, message: no such image}}}]}}");
    fx.options.wait = 1;
    install_fails("replicas=1", VCLUSTER_E_UNAVAILABLE,
                  "wait for Deployment 'r': container 'main' of pod 'r-1': ImagePullBackOff");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_goes_but_the_namespace),
        TEST(what_is_to_be_kept_stays),
        TEST(the_history_can_be_kept),
        TEST(only_the_history_is_left_to_remove),
        TEST(an_uninstall_that_was_killed_is_completed),
        TEST(what_helm_left_pending_is_removed),
        TEST(an_uninstall_that_fails_can_be_repeated_at_once),
        TEST(hooks_run_by_event_and_weight),
        TEST(hooks_are_deleted_by_policy),
        TEST(hooks_of_a_removal_run),
        TEST(hooks_can_be_left_out),
        TEST(a_hook_that_does_not_end_fails_by_the_deadline),
        TEST(an_atomic_install_that_ran_out_of_time_leaves_nothing),
        TEST(so_does_one_whose_record_is_written_late),
        TEST(waiting_ends_when_all_is_ready),
        TEST(waiting_names_what_is_not_ready),
        TEST(waiting_ends_early_when_it_is_in_vain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
