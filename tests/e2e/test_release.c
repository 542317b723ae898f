/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Releases on a real cluster: waiting for pods, hooks that fail, fields of other managers, quota,
 * values of the server's own, and kill -9 at any moment, after which the same command completes.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "e2e.h"

#define NAME "life"
#define NAMESPACE "libvcluster-e2e-release"

extern char **environ;

static vcluster_chart *chart;

static vcluster_release_options defaults(void)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;

    options.namespace_name = NAMESPACE;
    options.create_namespace = 1;
    options.skip_crds = 1;
    options.timeout_ms = 90000;
    return options;
}

static vcluster_config *values(const char *yaml)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_parse(yaml, &config, &error), error);
    return config;
}

typedef int (*operation)(vcluster_client *client,
                         const char *name,
                         const vcluster_chart *of_chart,
                         const vcluster_config *config,
                         const vcluster_release_options *options,
                         vcluster_release **out_release,
                         vcluster_error **error);

static int run(operation fn,
               const char *yaml,
               const vcluster_release_options *options,
               vcluster_release **out_release,
               vcluster_error **error)
{
    vcluster_config *config = values(yaml);
    int status = fn(e2e_host(), NAME, chart, config, options, out_release, error);

    vcluster_config_free(config);
    return status;
}

static void works(operation fn, const char *yaml, const vcluster_release_options *options)
{
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    e2e_ok(run(fn, yaml, options, &release, &error), error);
    assert_string_equal(vcluster_release_status(release), "deployed");
    vcluster_release_free(release);
}

static void fails(operation fn,
                  const char *yaml,
                  const vcluster_release_options *options,
                  int expected,
                  const char *part)
{
    vcluster_error *error = NULL;
    int status = run(fn, yaml, options, NULL, &error);

    e2e_fails(status, expected, error, part);
}

static void assert_status(const char *expected)
{
    vcluster_release_query_options options = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_release_get(e2e_host(), NAME, 0, &options, &release, &error), error);
    assert_string_equal(vcluster_release_status(release), expected);
    vcluster_release_free(release);
}

static bool there(const char *api_version, const char *kind, const char *name)
{
    return e2e_exists(e2e_host(), api_version, kind, NAMESPACE, name);
}

static void a_release_lives_from_install_to_uninstall(void **state)
{
    vcluster_release_options options = defaults();
    vcluster_error *error = NULL;

    (void)state;
    options.wait_for_jobs = 1;
    works(vcluster_release_install,
          "{replicas: 2, hooks: {pre-install: 1, post-install: 2}, hookPolicy: hook-succeeded}",
          &options);
    assert_true(there("apps/v1", "Deployment", NAME));
    assert_false(there("batch/v1", "Job", NAME "-pre-install"));

    options.value_policy = VCLUSTER_VALUES_REUSE;
    works(vcluster_release_upgrade, "{text: two, extra: false}", &options);
    assert_false(there("v1", "ConfigMap", NAME "-extra"));
    e2e_ok(vcluster_release_rollback(e2e_host(), NAME, 0, &options, NULL, &error), error);
    assert_true(there("v1", "ConfigMap", NAME "-extra"));

    e2e_ok(vcluster_release_uninstall(e2e_host(), NAME, &options, &error), error);
    assert_false(there("apps/v1", "Deployment", NAME));
    assert_false(there("v1", "Secret", "sh.helm.release.v1." NAME ".v1"));
}

static void an_image_that_cannot_be_pulled_rolls_an_atomic_upgrade_back(void **state)
{
    vcluster_release_options options = defaults();

    (void)state;
    options.wait = 1;
    works(vcluster_release_install, "{replicas: 1}", &options);
    options.atomic = 1;
    fails(vcluster_release_upgrade, "{replicas: 1, image: 'nowhere.invalid/x:1'}", &options,
          VCLUSTER_E_UNAVAILABLE, "container 'main' of pod");
    assert_status("deployed");
}

static void a_container_that_crashes_is_named_with_its_last_word(void **state)
{
    vcluster_release_options options = defaults();

    (void)state;
    options.wait = 1;
    fails(vcluster_release_install,
          "{replicas: 1, readyAfter: 2, command: [sh, -c, 'echo no such luck; exit 4']}", &options,
          VCLUSTER_E_UNAVAILABLE, "no such luck");
    assert_status("failed");
}

static void a_hook_that_fails_is_named_with_its_last_word(void **state)
{
    vcluster_release_options options = defaults();

    (void)state;
    fails(vcluster_release_install,
          "{hooks: {pre-install: 1}, hookCommand: 'echo migration broke; exit 3'}", &options,
          VCLUSTER_E_UNAVAILABLE, "container 'work' of pod '" NAME "-pre-install-");
    assert_false(there("v1", "Service", NAME));
    assert_status("failed");
}

static void fields_of_other_managers_are_not_taken_silently(void **state)
{
    vcluster_release_options options = defaults();
    vcluster_resource_apply_options apply = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    works(vcluster_release_install, "{}", &options);
    apply.field_manager = "somebody";
    apply.force = 1;
    e2e_ok(vcluster_resource_apply(e2e_host(),
                                   "{apiVersion: v1, kind: ConfigMap, metadata: {name: " NAME
                                   "-text, namespace: " NAMESPACE "}, data: {text: mine}}",
                                   &apply, NULL, &error),
           error);
    int status = run(vcluster_release_upgrade, "{text: two}", &options, NULL, &error);
    assert_int_equal(status, VCLUSTER_E_CONFLICT);
    assert_int_equal(vcluster_error_finding_count(error), 1);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)), ".data.text");
    e2e_fails(status, VCLUSTER_E_CONFLICT, error, "'somebody'");
    options.force_conflicts = 1;
    works(vcluster_release_upgrade, "{text: two}", &options);
}

static void a_quota_that_refuses_the_pods_is_named(void **state)
{
    vcluster_release_options options = defaults();

    (void)state;
    e2e_make_namespace(NAMESPACE);
    e2e_apply(e2e_host(),
              "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: " NAMESPACE
              "}, spec: {hard: {pods: '0'}}}");
    options.wait = 1;
    fails(vcluster_release_install, "{replicas: 1}", &options, VCLUSTER_E_QUOTA, "quota");
}

/* A chart command of vcl; its exit code, or 128 and the signal. */
static pid_t start(const char *const *arguments, size_t count)
{
    char *copy[24] = { NULL };
    pid_t child = 0;

    assert_true(count < 24);
    for (size_t i = 0; i < count; i++) {
        copy[i] = strdup(arguments[i]);
        assert_non_null(copy[i]);
    }
    assert_int_equal(posix_spawn(&child, e2e_vcl(), NULL, NULL, copy, environ), 0);
    for (size_t i = 0; i < count; i++)
        free(copy[i]);
    return child;
}

static int end_of(pid_t child)
{
    int state = 0;

    assert_int_equal(waitpid(child, &state, 0), child);
    return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
}

/* Kill it after a while, then let the same command run to its end. */
static int killed_and_repeated(const char *command, const char *set, int after_ms)
{
    const struct timespec pause = { .tv_sec = after_ms / 1000,
                                    .tv_nsec = (after_ms % 1000) * 1000000L };
    const char *arguments[24] = { e2e_vcl(), "chart",        command,
                                  NAME,      "-n",           NAMESPACE,
                                  "-q",      "--kubeconfig", getenv("VCLUSTER_TEST_KUBECONFIG") };
    size_t count = 9;

    if (set) {
        static const char *const more[] = { VCLUSTER_FIXTURES "/release/life", "--set" };
        arguments[count++] = more[0];
        arguments[count++] = more[1];
        arguments[count++] = set;
    }
    if (!strcmp(command, "install"))
        arguments[count++] = "--create-namespace";
    pid_t child = start(arguments, count);
    (void)nanosleep(&pause, NULL);
    (void)kill(child, SIGKILL);
    int code = end_of(child);
    print_message("%s killed after %d ms: %s\n", command, after_ms,
                  code == 128 + SIGKILL ? "in the middle" : "it had ended");
    return end_of(start(arguments, count));
}

static void whatever_is_killed_is_completed_by_the_same_command(void **state)
{
    static const int moments_ms[] = { 25, 60, 100, 160 };
    int64_t seed = (int64_t)time(NULL);

    (void)state;
    print_message("seed %lld\n", (long long)seed);
    srand((unsigned)seed);
    for (size_t i = 0; i < sizeof(moments_ms) / sizeof(moments_ms[0]); i++) {
        int moment = moments_ms[i] + rand() % 40;

        /* 1: the killed one had done all. */
        assert_true(killed_and_repeated("install", "text=one", moment) <= 1);
        assert_status("deployed");
        assert_int_equal(killed_and_repeated("upgrade", "text=two,extra=false", moment), 0);
        assert_status("deployed");
        assert_false(there("v1", "ConfigMap", NAME "-extra"));
        assert_int_equal(killed_and_repeated("rollback", NULL, moment), 0);
        assert_status("deployed");
        assert_true(killed_and_repeated("uninstall", NULL, moment) <= 1);
        assert_false(there("v1", "ConfigMap", NAME "-text"));
        assert_false(there("v1", "Secret", "sh.helm.release.v1." NAME ".v1"));
    }
}

static int clean(void **state)
{
    (void)state;
    e2e_remove_namespace(NAMESPACE);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_release_lives_from_install_to_uninstall, clean, clean),
        cmocka_unit_test_setup_teardown(an_image_that_cannot_be_pulled_rolls_an_atomic_upgrade_back,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(a_container_that_crashes_is_named_with_its_last_word, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(a_hook_that_fails_is_named_with_its_last_word, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(fields_of_other_managers_are_not_taken_silently, clean,
                                        clean),
        cmocka_unit_test_setup_teardown(a_quota_that_refuses_the_pods_is_named, clean, clean),
        cmocka_unit_test_setup_teardown(whatever_is_killed_is_completed_by_the_same_command, clean,
                                        clean),
    };
    vcluster_error *error = NULL;

    E2E_NEEDS_HOST();
    e2e_ok(vcluster_chart_load(VCLUSTER_FIXTURES "/release/life", &chart, &error), error);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vcluster_chart_free(chart);
    e2e_done();
    return failed;
}
