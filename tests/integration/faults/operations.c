/* SPDX-License-Identifier: Apache-2.0 */
/* The operations on a virtual cluster as a table; see operations.h. */
#include "operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME OPERATION_NAME
#define SNAPSHOT "VCLUSTER_TEST_SNAPSHOT" /* a child has to use the same file */

enum { PATIENCE_MS = 300000 };

static char space[64];     /* forbids pods, and stays */
static char own_space[64]; /* comes and goes with the virtual cluster */
static char pod_space[64];

void operations_begin(const char *prefix)
{
    (void)snprintf(space, sizeof(space), "%s-none", prefix);
    (void)snprintf(own_space, sizeof(own_space), "%s-own", prefix);
    (void)snprintf(pod_space, sizeof(pod_space), "%s-pods", prefix);
}

void answer_set(answer *self, int status, vcluster_error *error)
{
    self->status = status;
    if (error)
        (void)snprintf(self->text, sizeof(self->text), "%s", vcluster_error_to_string(error));
    vcluster_error_free(error);
}

static void must(const answer *given)
{
    if (given->status < 0)
        fail_msg("%s", given->text);
}

void answer_done(answer *self)
{
    vcluster_free(self->told);
    *self = (answer){ 0 };
}

/* ---- Ensure ---- */

static void ensure(vcluster_client *client,
                   const char *namespace_name,
                   bool again, /* as it was, also of one that is paused */
                   int64_t timeout_ms,
                   answer *out)
{
    vcluster_ensure_options options = e2e_ensure_options(namespace_name);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    options.no_wait = 1;
    options.timeout_ms = timeout_ms;
    options.resume = again;
    e2e_ok(vcluster_config_set(config, "controlPlane.statefulSet.labels.round",
                               again ? "even" : "odd", &error),
           error);
    int status = vcluster_instance_ensure(client, NAME, config, &options, NULL, &error);
    vcluster_config_free(config);
    answer_set(out, status, error);
}

static void remove_from(const char *namespace_name, bool wait)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = PATIENCE_MS;
    options.namespace_name = namespace_name;
    options.missing_ok = 1;
    options.no_wait = !wait;
    e2e_ok(vcluster_instance_delete(e2e_host(), NAME, &options, &error), error);
}

static void there_is_space(void)
{
    static bool made;

    if (!made)
        faults_make_namespace(space);
    made = true;
}

static void there_is_none(void)
{
    there_is_space();
    remove_from(space, false);
}

static void there_is_no_space(void)
{
    remove_from(own_space, true);
}

void operations_make_one(void)
{
    answer given = { 0 };

    there_is_space();
    ensure(e2e_host(), space, true, PATIENCE_MS, &given);
    must(&given);
}

static void there_is_one_of_its_own(void)
{
    answer given = { 0 };

    ensure(e2e_host(), own_space, true, PATIENCE_MS, &given);
    must(&given);
}

static void run_create(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    ensure(client, space, true, timeout_ms, out);
}

static void run_create_own(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    ensure(client, own_space, true, timeout_ms, out);
}

static void run_upgrade(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    ensure(client, space, false, timeout_ms, out);
}

/* ---- Pause and resume ---- */

static void pause_or_resume(vcluster_client *client, bool pause, int64_t timeout_ms, answer *out)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = space;
    options.no_wait = 1;
    int status = (pause ? vcluster_instance_pause : vcluster_instance_resume)(client, NAME,
                                                                              &options, &error);
    answer_set(out, status, error);
}

static void run_pause(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    pause_or_resume(client, true, timeout_ms, out);
}

static void run_resume(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    pause_or_resume(client, false, timeout_ms, out);
}

static void it_is_paused(void)
{
    answer given = { 0 };

    operations_make_one();
    run_pause(e2e_host(), PATIENCE_MS, &given);
    must(&given);
}

/* ---- Delete and reap ---- */

static void
delete_from(vcluster_client *client, const char *namespace_name, int64_t timeout_ms, answer *out)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = namespace_name;
    int status = vcluster_instance_delete(client, NAME, &options, &error);
    answer_set(out, status, error);
}

static void run_delete(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    delete_from(client, space, timeout_ms, out);
}

static void run_delete_own(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    delete_from(client, own_space, timeout_ms, out);
}

static void the_space_is_gone(void)
{
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, own_space));
}

static void it_has_expired(void)
{
    vcluster_error *error = NULL;

    operations_make_one();
    e2e_ok(vcluster_resource_patch(e2e_host(), "apps/v1", "StatefulSet", space, NAME,
                                   "{\"metadata\":{\"annotations\":{\"libvcluster.dev/"
                                   "expires-at\":\"2026-01-01T00:00:00Z\"}}}",
                                   NULL, NULL, &error),
           error);
}

static int take_result(const vcluster_result *result, void *data)
{
    answer *out = data;

    if (vcluster_result_status(result) < 0) {
        out->status = vcluster_result_status(result);
        (void)snprintf(out->text, sizeof(out->text), "%s",
                       vcluster_error_to_string(vcluster_result_error(result)));
    }
    return 0;
}

static void run_reap(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_reap_options options = VCLUSTER_REAP_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = space;
    int status = vcluster_reap(client, &options, take_result, out, &error);
    if (status < 0)
        answer_set(out, status, error);
}

static void run_extend(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = space;
    options.expires_at = 4102444800; /* 2100 */
    int status = vcluster_instance_extend(client, NAME, &options, NULL, &error);
    answer_set(out, status, error);
}

/* ---- Snapshot and restore ---- */

static const char *snapshot_file(void)
{
    static char path[] = "/tmp/vcluster-operations-XXXXXX";

    if (!getenv(SNAPSHOT)) {
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        (void)close(fd);
        assert_int_equal(setenv(SNAPSHOT, path, 1), 0);
    }
    return getenv(SNAPSHOT);
}

static vcluster_client *open_inside(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = pod_space;
    options.timeout_ms = PATIENCE_MS;
    e2e_ok(vcluster_instance_open(e2e_host(), NAME, &options, &inside, &error), error);
    return inside;
}

static void put_inside(const char *name)
{
    vcluster_client *inside = open_inside();
    char manifest[160];

    (void)snprintf(manifest, sizeof(manifest),
                   "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: default}}",
                   name);
    e2e_apply(inside, manifest);
    vcluster_client_unref(inside);
}

static void run_snapshot(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_space;
    int status = vcluster_instance_snapshot(client, NAME, snapshot_file(), &options, NULL, &error);
    answer_set(out, status, error);
}

static void run_restore(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_space;
    int status = vcluster_instance_restore(client, NAME, snapshot_file(), &options, NULL, &error);
    answer_set(out, status, error);
}

static void one_runs(void)
{
    static bool runs;
    vcluster_ensure_options options = e2e_ensure_options(pod_space);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    if (runs)
        return;
    e2e_ok(vcluster_config_parse("controlPlane: {statefulSet: {persistence: {volumeClaim: {size: "
                                 "64Mi}}}}",
                                 &config, &error),
           error);
    e2e_ok(vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
    put_inside("before");
    runs = true;
}

static void no_file_is_there(void)
{
    one_runs();
    (void)unlink(snapshot_file());
}

static void the_file_is_whole(void)
{
    vcluster_error *error = NULL;
    char *json = NULL;
    char draft[128];

    e2e_ok(vcluster_snapshot_describe(snapshot_file(), &json, &error), error);
    assert_non_null(strstr(json, "\"name\":\"" NAME "\""));
    vcluster_free(json);
    (void)snprintf(draft, sizeof(draft), "%s.part", snapshot_file());
    assert_int_not_equal(access(draft, F_OK), 0);
}

static void there_is_more_than_in_the_file(void)
{
    static bool taken;
    answer given = { 0 };

    one_runs();
    if (!taken) {
        run_snapshot(e2e_host(), PATIENCE_MS, &given);
        must(&given);
    }
    taken = true;
    put_inside("later");
}

static void it_is_as_in_the_file(void)
{
    vcluster_client *inside = open_inside();

    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "before"));
    assert_false(e2e_exists(inside, "v1", "ConfigMap", "default", "later"));
    vcluster_client_unref(inside);
}

/* ---- The table ---- */

#define OF_NAME " virtual cluster '" NAME "'"

const operation operations[] = {
    { .name = "create",
      .says = "ensure" OF_NAME,
      .namespace_name = space,
      .prepare = there_is_none,
      .run = run_create },
    { .name = "upgrade",
      .says = "ensure" OF_NAME,
      .namespace_name = space,
      .prepare = operations_make_one,
      .run = run_upgrade },
    { .name = "pause",
      .says = "pause" OF_NAME,
      .namespace_name = space,
      .prepare = operations_make_one,
      .run = run_pause },
    { .name = "resume",
      .says = "resume" OF_NAME,
      .namespace_name = space,
      .prepare = it_is_paused,
      .run = run_resume },
    { .name = "delete",
      .says = "delete" OF_NAME,
      .namespace_name = space,
      .ends_with_nothing = true,
      .prepare = operations_make_one,
      .run = run_delete },
    { .name = "reap",
      .says = "", /* a result names the virtual cluster beside its error */
      .namespace_name = space,
      .prepare = it_has_expired,
      .run = run_reap },
    { .name = "create-space",
      .says = "ensure" OF_NAME,
      .namespace_name = own_space,
      .prepare = there_is_no_space,
      .run = run_create_own },
    { .name = "delete-space",
      .says = "delete" OF_NAME,
      .namespace_name = own_space,
      .ends_with_nothing = true,
      .prepare = there_is_one_of_its_own,
      .run = run_delete_own,
      .check = the_space_is_gone },
    { .name = "snapshot",
      .says = "take a snapshot of" OF_NAME,
      .namespace_name = pod_space,
      .has_pods = true,
      .prepare = no_file_is_there,
      .run = run_snapshot,
      .check = the_file_is_whole },
    { .name = "restore",
      .says = "restore" OF_NAME,
      .namespace_name = pod_space,
      .has_pods = true,
      .prepare = there_is_more_than_in_the_file,
      .run = run_restore,
      .check = it_is_as_in_the_file },
};
const size_t operation_count = sizeof(operations) / sizeof(operations[0]);

const operation operation_extend = {
    .name = "extend", .says = "extend" OF_NAME, .prepare = it_has_expired, .run = run_extend
};

const char *operations_space(void)
{
    return space;
}

const operation *operation_find(const char *name)
{
    for (size_t i = 0; i < operation_count; i++) {
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    }
    return NULL;
}

void operations_clean(void)
{
    remove_from(space, true);
    remove_from(own_space, true);
    remove_from(pod_space, true);
    e2e_remove_namespace(space);
    if (getenv(SNAPSHOT))
        (void)unlink(getenv(SNAPSHOT));
}
