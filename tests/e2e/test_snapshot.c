/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots on a real host: taken while the virtual cluster is written to, put back into the same
 * name and a new one, killed in the middle; and new certificates.
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "e2e.h"

#define NAME "e2e-snap"
#define NAMESPACE "vcluster-e2e-snap"
#define OTHER "e2e-snap-copy"
#define OTHER_NAMESPACE "vcluster-e2e-snap-copy"

extern char **environ;
static char file[] = "/tmp/e2e-snapshot-XXXXXX";

static vcluster_client *open_inside(const char *name, const char *namespace_name)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = namespace_name;
    e2e_ok(vcluster_instance_open(e2e_host(), name, &options, &inside, &error), error);
    return inside;
}

static void put(vcluster_client *inside, const char *name, int number)
{
    char manifest[200];

    (void)snprintf(manifest, sizeof(manifest),
                   "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s-%d, namespace: default},"
                   " data: {number: '%d'}}",
                   name, number, number);
    e2e_apply(inside, manifest);
}

static vcluster_snapshot_options in(const char *namespace_name)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;

    options.namespace_name = namespace_name;
    options.timeout_ms = 180000;
    return options;
}

static void create(void)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_parse("controlPlane: {statefulSet: {persistence: {volumeClaim: {size: "
                                 "64Mi}}}}",
                                 &config, &error),
           error);
    e2e_ok(vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
}

typedef struct writer {
    vcluster_client *inside;
    atomic_bool stop;
    atomic_int written;
} writer;

static void *write_on(void *data)
{
    writer *self = data;
    char manifest[200];

    for (int i = 0; !atomic_load(&self->stop); i++) {
        vcluster_error *error = NULL;
        (void)snprintf(manifest, sizeof(manifest),
                       "{apiVersion: v1, kind: ConfigMap, metadata: {name: busy-%d, namespace: "
                       "default}}",
                       i);
        if (vcluster_resource_apply(self->inside, manifest, NULL, NULL, &error) < 0) {
            vcluster_error_free(error);
            return NULL;
        }
        atomic_store(&self->written, i + 1);
    }
    return self;
}

/* Whatever was written before the snapshot is in it, in order and without a gap. */
static void a_snapshot_is_taken_while_the_cluster_is_written_to(void **state)
{
    vcluster_snapshot_options options = in(NAMESPACE);
    writer other = { 0 };
    vcluster_error *error = NULL;
    pthread_t thread;
    char *json = NULL;
    void *done = NULL;

    (void)state;
    create();
    other.inside = open_inside(NAME, NAMESPACE);
    for (int i = 0; i < 5; i++)
        put(other.inside, "mark", i);
    assert_int_equal(pthread_create(&thread, NULL, write_on, &other), 0);
    while (atomic_load(&other.written) < 3)
        (void)sched_yield();
    int before = atomic_load(&other.written);
    int status = vcluster_instance_snapshot(e2e_host(), NAME, file, &options, &json, &error);
    atomic_store(&other.stop, true);
    assert_int_equal(pthread_join(thread, &done), 0);
    vcluster_client_unref(other.inside);
    e2e_ok(status, error);
    assert_non_null(done);
    print_message("%d objects were written before, %d until the end: %s\n", before,
                  atomic_load(&other.written), json);
    assert_non_null(strstr(json, "\"store\":\"sqlite\""));
    vcluster_free(json);
    e2e_ok(vcluster_snapshot_describe(file, &json, &error), error);
    vcluster_free(json);
}

/* Names, uids and contents of the ConfigMaps in default, as text. */
static char *objects_of(const char *name, const char *namespace_name)
{
    vcluster_client *inside = open_inside(name, namespace_name);
    vcluster_error *error = NULL;
    char *json = NULL;
    char *text = calloc(1, 1 << 16);
    size_t at = 0;

    assert_non_null(text);
    for (int i = 0; i < 5; i++) {
        char object[32];
        (void)snprintf(object, sizeof(object), "mark-%d", i);
        e2e_ok(vcluster_resource_get(inside, "v1", "ConfigMap", "default", object, NULL, &json,
                                     &error),
               error);
        const char *uid = strstr(json, "\"uid\":\"");
        assert_non_null(uid);
        at += (size_t)snprintf(text + at, 100, "%s %.44s\n", object, uid);
        vcluster_free(json);
    }
    vcluster_client_unref(inside);
    return text;
}

static void a_restore_into_a_new_name_makes_it_and_has_the_same_objects(void **state)
{
    vcluster_snapshot_options options = in(OTHER_NAMESPACE);
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(vcluster_instance_restore(e2e_host(), OTHER, file, &options, &instance, &error), error);
    assert_string_equal(vcluster_instance_name(instance), OTHER);
    vcluster_instance_free(instance);
    char *first = objects_of(NAME, NAMESPACE);
    char *second = objects_of(OTHER, OTHER_NAMESPACE);
    assert_string_equal(first, second);
    free(first);
    free(second);
    assert_false(e2e_exists(e2e_host(), "v1", "Pod", OTHER_NAMESPACE, OTHER "-restore"));
}

static void what_came_after_the_snapshot_is_gone_from_the_same_name(void **state)
{
    vcluster_snapshot_options options = in(NAMESPACE);
    vcluster_client *inside = open_inside(NAME, NAMESPACE);
    vcluster_error *error = NULL;

    (void)state;
    put(inside, "later", 1);
    vcluster_client_unref(inside);
    e2e_ok(vcluster_instance_restore(e2e_host(), NAME, file, &options, NULL, &error), error);
    inside = open_inside(NAME, NAMESPACE);
    assert_false(e2e_exists(inside, "v1", "ConfigMap", "default", "later-1"));
    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "mark-4"));
    vcluster_client_unref(inside);
}

static void a_damaged_file_is_refused_before_anything_is_touched(void **state)
{
    vcluster_snapshot_options options = in("vcluster-e2e-snap-none");
    vcluster_error *error = NULL;
    char bad[] = "/tmp/e2e-snapshot-bad-XXXXXX";
    int fd = mkstemp(bad);

    (void)state;
    assert_int_equal(write(fd, "VCLSNAP\n", 8), 8);
    (void)close(fd);
    int status = vcluster_instance_restore(e2e_host(), "none", bad, &options, NULL, &error);
    (void)unlink(bad);
    e2e_fails(status, VCLUSTER_E_PROTOCOL, error, "cut off");
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, "vcluster-e2e-snap-none"));
}

/* ---- Killed ---- */

static int run_restore(int kill_after_ms)
{
    char *arguments[] = { (char *)(uintptr_t)e2e_vcl(),
                          (char *)(uintptr_t) "restore",
                          (char *)(uintptr_t)NAME,
                          file,
                          (char *)(uintptr_t) "-n",
                          (char *)(uintptr_t)NAMESPACE,
                          (char *)(uintptr_t) "-q",
                          (char *)(uintptr_t) "--kubeconfig",
                          getenv("VCLUSTER_TEST_KUBECONFIG"),
                          NULL };
    const struct timespec pause = { .tv_sec = kill_after_ms / 1000,
                                    .tv_nsec = (kill_after_ms % 1000) * 1000000L };
    pid_t child = 0;
    int code = 0;

    assert_int_equal(posix_spawn(&child, e2e_vcl(), NULL, NULL, arguments, environ), 0);
    if (kill_after_ms > 0) {
        (void)nanosleep(&pause, NULL);
        (void)kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    return WIFSIGNALED(code) ? 128 + WTERMSIG(code) : WEXITSTATUS(code);
}

static void a_killed_restore_is_completed_by_the_same_call(void **state)
{
    static const int moments_ms[] = { 150, 2500, 7000 };

    (void)state;
    for (size_t i = 0; i < sizeof(moments_ms) / sizeof(moments_ms[0]); i++) {
        vcluster_client *inside = open_inside(NAME, NAMESPACE);
        put(inside, "killed", (int)i);
        vcluster_client_unref(inside);
        int code = run_restore(moments_ms[i]);
        print_message("restore killed after %d ms: %s\n", moments_ms[i],
                      code == 128 + SIGKILL ? "in the middle" : "it had ended");
        assert_int_equal(run_restore(0), 0);
        inside = open_inside(NAME, NAMESPACE);
        char name[32];
        (void)snprintf(name, sizeof(name), "killed-%zu", i);
        assert_false(e2e_exists(inside, "v1", "ConfigMap", "default", name));
        assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "mark-0"));
        vcluster_client_unref(inside);
        assert_false(e2e_exists(e2e_host(), "v1", "Pod", NAMESPACE, NAME "-restore"));
    }
}

static void certificates_are_renewed_and_what_was_handed_out_stays_valid(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *before = open_inside(NAME, NAMESPACE);
    vcluster_error *error = NULL;
    char *old = NULL;
    char *now = NULL;

    (void)state;
    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_instance_certs(e2e_host(), NAME, &options, &old, &error), error);
    assert_non_null(strstr(old, "\"name\":\"apiserver.crt\""));
    assert_null(strstr(old, "expired"));
    options.timeout_ms = 120000;
    e2e_ok(vcluster_instance_rotate_certs(e2e_host(), NAME, &options, NULL, &error), error);
    e2e_ok(vcluster_instance_certs(e2e_host(), NAME, &options, &now, &error), error);
    assert_string_not_equal(old, now);
    assert_true(e2e_exists(before, "v1", "ConfigMap", "default", "mark-0"));
    vcluster_free(old);
    vcluster_free(now);
    vcluster_client_unref(before);
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove(OTHER, OTHER_NAMESPACE);
    return 0;
}

static int begin(void **state)
{
    int fd = mkstemp(file);

    assert_true(fd >= 0);
    (void)close(fd);
    return clean(state);
}

static int finish(void **state)
{
    int status = clean(state);

    (void)unlink(file);
    e2e_done();
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_is_taken_while_the_cluster_is_written_to),
        cmocka_unit_test(a_restore_into_a_new_name_makes_it_and_has_the_same_objects),
        cmocka_unit_test(what_came_after_the_snapshot_is_gone_from_the_same_name),
        cmocka_unit_test(a_damaged_file_is_refused_before_anything_is_touched),
        cmocka_unit_test(a_killed_restore_is_completed_by_the_same_call),
        cmocka_unit_test(certificates_are_renewed_and_what_was_handed_out_stays_valid),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, begin, finish);
}
