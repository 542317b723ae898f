/* SPDX-License-Identifier: Apache-2.0 */
/* The operations on a virtual cluster as a table; see operations.h. */
#include "operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connect_operations.h"
#include "pod_operations.h"

#define NAME OPERATION_NAME

static const int64_t LATE = 4102444800; /* 2100 */

static char space[64];     /* forbids pods, and stays */
static char own_space[64]; /* comes and goes with the virtual cluster */

void operations_begin(const char *prefix)
{
    (void)snprintf(space, sizeof(space), "%s-none", prefix);
    (void)snprintf(own_space, sizeof(own_space), "%s-own", prefix);
    pod_operations_begin(prefix);
}

void answer_set(answer *self, int status, vcluster_error *error)
{
    self->status = status;
    if (error)
        (void)snprintf(self->text, sizeof(self->text), "%s", vcluster_error_to_string(error));
    vcluster_error_free(error);
}

void operation_must(const answer *given)
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

    options.timeout_ms = OPERATION_PATIENCE_MS;
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
    ensure(e2e_host(), space, true, OPERATION_PATIENCE_MS, &given);
    operation_must(&given);
}

static void there_is_one_of_its_own(void)
{
    answer given = { 0 };

    ensure(e2e_host(), own_space, true, OPERATION_PATIENCE_MS, &given);
    operation_must(&given);
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
    run_pause(e2e_host(), OPERATION_PATIENCE_MS, &given);
    operation_must(&given);
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

void pod_operations_delete(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    delete_from(client, pod_operations_space, timeout_ms, out);
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

static const char *cluster_role(void)
{
    static char name[80];

    (void)snprintf(name, sizeof(name), "%s-extra", space);
    return name;
}

static void apply_and_free(char *manifest)
{
    assert_non_null(manifest);
    e2e_apply(e2e_host(), manifest);
    free(manifest);
}

/* What a delete does not reach: in the namespace, and cluster-scoped. */
static void it_leaves_something(void)
{
    char *copy = NULL;
    char *claim = NULL;
    char *role = NULL;

    operations_make_one();
    assert_true(asprintf(&copy,
                         "{apiVersion: v1, kind: ConfigMap, metadata: {name: a-x-default-x-" NAME
                         ", namespace: %s, labels: {vcluster.loft.sh/managed-by: " NAME
                         "}, annotations: {vcluster.loft.sh/object-name: a}}}",
                         space) > 0);
    assert_true(
        asprintf(&claim,
                 "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: cache-" NAME
                 "-0, namespace: %s, labels: {app: vcluster, release: " NAME
                 "}}, spec: {accessModes: [ReadWriteOnce], storageClassName: none-such, "
                 "resources: {requests: {storage: 1Mi}}}}",
                 space) > 0);
    assert_true(asprintf(&role,
                         "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: "
                         "{name: %s, labels: {app: vcluster, release: " NAME
                         "}, annotations: {meta.helm.sh/release-namespace: %s}}}",
                         cluster_role(), space) > 0);
    apply_and_free(copy);
    apply_and_free(claim);
    apply_and_free(role);
}

static void run_delete_leftovers(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = space;
    options.leftovers_too = 1;
    int status = vcluster_instance_delete(client, NAME, &options, &error);
    answer_set(out, status, error);
}

static void nothing_is_left(void)
{
    assert_false(e2e_exists(e2e_host(), "v1", "ConfigMap", space, "a-x-default-x-" NAME));
    assert_false(e2e_exists(e2e_host(), "v1", "PersistentVolumeClaim", space, "cache-" NAME "-0"));
    assert_false(e2e_exists(e2e_host(), "rbac.authorization.k8s.io/v1", "ClusterRole", NULL,
                            cluster_role()));
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
    options.expires_at = LATE;
    int status = vcluster_instance_extend(client, NAME, &options, NULL, &error);
    answer_set(out, status, error);
}

/* ---- Adopt ---- */

#define RECORD "sh.helm.release.v1." NAME ".v1"

/* Manifests that were applied, as far as anybody can tell. */
static void there_is_one_without_a_record(void)
{
    vcluster_error *error = NULL;

    there_is_none();
    operations_make_one();
    e2e_ok(vcluster_resource_delete(e2e_host(), "v1", "Secret", space, RECORD, NULL, &error),
           error);
}

/* A release of Helm's, as far as anybody can tell. */
static void there_is_one_of_helm(void)
{
    vcluster_error *error = NULL;

    there_is_none();
    operations_make_one();
    e2e_ok(vcluster_resource_patch(e2e_host(), "v1", "Secret", space, RECORD,
                                   "{\"metadata\":{\"labels\":{\"libvcluster.dev/instance\":null}"
                                   ",\"annotations\":null}}",
                                   NULL, NULL, &error),
           error);
}

static void run_adopt(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_adopt_options options = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = space;
    options.expires_at = LATE;
    options.owner = "shop";
    int status = vcluster_instance_adopt(client, NAME, NULL, &options, NULL, &error);
    answer_set(out, status, error);
}

/* It is ours, and there is nothing left to do. */
static void it_is_adopted(void)
{
    vcluster_adopt_options options = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = space;
    e2e_ok(vcluster_instance_adopt(e2e_host(), NAME, NULL, &options, &plan, &error), error);
    assert_string_equal(vcluster_plan_operation(plan), "none");
    assert_string_equal(vcluster_plan_origin(plan), "libvcluster");
    vcluster_plan_free(plan);
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
    { .name = "delete-leftovers",
      .says = "delete" OF_NAME,
      .namespace_name = space,
      .ends_with_nothing = true,
      .is_slow = true, /* it looks through the host, twice */
      .prepare = it_leaves_something,
      .run = run_delete_leftovers,
      .check = nothing_is_left },
    { .name = "reap",
      .says = "", /* a result names the virtual cluster beside its error */
      .namespace_name = space,
      .prepare = it_has_expired,
      .run = run_reap },
    { .name = "extend",
      .says = "extend" OF_NAME,
      .namespace_name = space,
      .prepare = it_has_expired,
      .run = run_extend },
    { .name = "adopt",
      .says = "adopt" OF_NAME,
      .namespace_name = space,
      .prepare = there_is_one_without_a_record,
      .run = run_adopt,
      .check = it_is_adopted },
    { .name = "adopt-release",
      .says = "adopt" OF_NAME,
      .namespace_name = space,
      .prepare = there_is_one_of_helm,
      .run = run_adopt,
      .check = it_is_adopted },
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
      .namespace_name = pod_operations_space,
      .has_pods = true,
      .prepare = pod_operations_without_file,
      .run = pod_operations_snapshot,
      .check = pod_operations_check_file },
    { .name = "restore",
      .says = "restore" OF_NAME,
      .namespace_name = pod_operations_space,
      .has_pods = true,
      .is_slow = true,
      .prepare = pod_operations_with_file,
      .run = pod_operations_restore,
      .check = pod_operations_check_content },
    { .name = "certs-rotate",
      .says = "renew the certificates of" OF_NAME,
      .namespace_name = pod_operations_space,
      .has_pods = true,
      .is_slow = true,
      .prepare = pod_operations_with_certificate,
      .run = pod_operations_rotate,
      .check = pod_operations_check_certificate },
    { .name = "connect",
      .says = OF_NAME, /* it is two calls */
      .namespace_name = pod_operations_space,
      .has_pods = true,
      .is_local = true,
      .is_slow = true,
      .prepare = connect_operations_none,
      .run = connect_operations_connect,
      .check = connect_operations_check_one },
    { .name = "disconnect",
      .says = "",
      .namespace_name = pod_operations_space,
      .has_pods = true,
      .is_local = true,
      .asks_nothing = true,
      .is_slow = true,
      .prepare = connect_operations_one,
      .run = connect_operations_disconnect,
      .check = connect_operations_check_none },
};
const size_t operation_count = sizeof(operations) / sizeof(operations[0]);

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

void operation_request(int number, char *line, size_t size)
{
    fault_proxy_request(faults_proxy(), number, line, size);
    char *watch = strstr(line, "&watch=1&"); /* from which version on, and for how long */
    if (watch)
        watch[strlen("&watch=1")] = '\0';
}

void operations_clean(void)
{
    connect_operations_forget();
    remove_from(space, true);
    remove_from(own_space, true);
    remove_from(pod_operations_space, true);
    (void)!vcluster_resource_delete(e2e_host(), "rbac.authorization.k8s.io/v1", "ClusterRole", NULL,
                                    cluster_role(), NULL, NULL);
    e2e_remove_namespace(space);
    pod_operations_forget();
}
