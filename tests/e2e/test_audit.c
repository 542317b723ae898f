/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a delete says beforehand, what it leaves behind on a real host unless it is told to take
 * that along, and that an audit finds and removes just that. Only the namespaces of this test are
 * looked at: the host is shared.
 */
#include <stdio.h>
#include <string.h>

#include "e2e.h"

#define NAME "e2e-audit"
#define NAMESPACE "vcluster-e2e-audit"

static const vcluster_change *told(const vcluster_plan *plan, const char *kind, const char *name)
{
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *change = vcluster_plan_at(plan, i);
        if (!strcmp(vcluster_change_kind(change), kind) &&
            !strcmp(vcluster_change_name(change), name))
            return change;
    }
    return NULL;
}

static vcluster_plan *audit(bool volumes_too, bool remove)
{
    vcluster_audit_options options = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    options.grace_s = -1;
    options.remove = remove;
    options.volumes_too = volumes_too;
    e2e_ok(vcluster_audit(e2e_host(), &options, &plan, &error), error);
    return plan;
}

static const char marked[] =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a-x-default-x-" NAME
    ", namespace: " NAMESPACE ", labels: {vcluster.loft.sh/managed-by: " NAME
    "}, annotations: {vcluster.loft.sh/object-name: a}}}";

static const char claim[] =
    "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: cache-" NAME
    "-0, namespace: " NAMESPACE ", labels: {app: vcluster, release: " NAME
    "}}, spec: {accessModes: [ReadWriteOnce], storageClassName: none-such, resources: {requests: "
    "{storage: 1Mi}}}}";

static void make(void)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    options.no_wait = 1;
    e2e_ok(vcluster_instance_ensure(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
    e2e_apply(e2e_host(), marked);
    e2e_apply(e2e_host(), claim);
}

static void a_plan_tells_what_the_delete_leaves_and_an_audit_removes_it(void **state)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    (void)state;
    make();
    plan = audit(true, true);
    assert_int_equal(vcluster_plan_size(plan), 0); /* it lives */
    vcluster_plan_free(plan);

    options.namespace_name = NAMESPACE;
    options.keep_namespace = 1;
    e2e_ok(vcluster_instance_plan_delete(e2e_host(), NAME, &options, &plan, &error), error);
    assert_string_equal(vcluster_plan_operation(plan), "delete");
    assert_int_equal(vcluster_change_action(told(plan, "StatefulSet", NAME)),
                     VCLUSTER_ACTION_REMOVE);
    assert_int_equal(vcluster_change_action(told(plan, "ConfigMap", "a-x-default-x-" NAME)),
                     VCLUSTER_ACTION_LEAK);
    assert_int_equal(
        vcluster_change_action(told(plan, "PersistentVolumeClaim", "cache-" NAME "-0")),
        VCLUSTER_ACTION_LEAK);
    assert_int_equal(vcluster_change_action(told(plan, "Namespace", NAMESPACE)),
                     VCLUSTER_ACTION_KEEP);
    vcluster_plan_free(plan);
    assert_true(e2e_exists(e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME));

    e2e_ok(vcluster_instance_delete(e2e_host(), NAME, &options, &error), error);
    plan = audit(false, true);
    assert_non_null(told(plan, "ConfigMap", "a-x-default-x-" NAME));
    assert_int_equal(vcluster_change_impact(told(plan, "Namespace", NAMESPACE)),
                     VCLUSTER_IMPACT_REFUSED);
    vcluster_plan_free(plan);
    assert_false(e2e_exists(e2e_host(), "v1", "ConfigMap", NAMESPACE, "a-x-default-x-" NAME));
    assert_true(
        e2e_exists(e2e_host(), "v1", "PersistentVolumeClaim", NAMESPACE, "cache-" NAME "-0"));

    plan = audit(true, true);
    assert_int_equal(vcluster_change_action(told(plan, "Namespace", NAMESPACE)),
                     VCLUSTER_ACTION_REMOVE);
    assert_int_equal(
        vcluster_change_action(told(plan, "PersistentVolumeClaim", "cache-" NAME "-0")),
        VCLUSTER_ACTION_REMOVE);
    vcluster_plan_free(plan);
    e2e_remove_namespace(NAMESPACE); /* waits until it is gone */
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, NAMESPACE));
}

#define OF_SYNCER                                                                                  \
    "labels: {vcluster.loft.sh/managed-by: " NAMESPACE "-x-" NAME                                  \
    "}, annotations: {vcluster.loft.sh/object-name: a}"

static const char *const elsewhere[] = {
    "{apiVersion: v1, kind: Namespace, metadata: {name: " NAMESPACE "-mapped, " OF_SYNCER "}}",
    "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, value: 1, metadata: {name: " NAME
    "-high, " OF_SYNCER "}}",
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: " NAME
    ", labels: {app: vcluster, release: " NAME
    "}, annotations: {meta.helm.sh/release-namespace: " NAMESPACE "}}}",
    "{apiVersion: v1, kind: Secret, metadata: {name: copy, namespace: " NAMESPACE
    "-others, labels: {app: vcluster, vcluster-name: " NAME "}}}",
    "{apiVersion: v1, kind: Secret, metadata: {name: another, namespace: " NAMESPACE
    "-others, labels: {app: vcluster, vcluster-name: " NAME "-2}}}",
};
enum { ELSEWHERE = sizeof(elsewhere) / sizeof(*elsewhere) };

static bool is_going(const char *namespace_name)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    int status = vcluster_resource_get(e2e_host(), "v1", "Namespace", NULL, namespace_name, NULL,
                                       &json, &error);
    bool going =
        status == VCLUSTER_E_NOT_FOUND || (status == 0 && strstr(json, "\"deletionTimestamp\""));
    vcluster_free(json);
    vcluster_error_free(error);
    return going;
}

static void a_delete_takes_along_what_it_would_leave(void **state)
{
    static const char *const gone[][4] = {
        { "v1", "ConfigMap", NAMESPACE, "a-x-default-x-" NAME },
        { "v1", "PersistentVolumeClaim", NAMESPACE, "cache-" NAME "-0" },
        { "scheduling.k8s.io/v1", "PriorityClass", NULL, NAME "-high" },
        { "rbac.authorization.k8s.io/v1", "ClusterRole", NULL, NAME },
        { "v1", "Secret", NAMESPACE "-others", "copy" },
        { "apps/v1", "StatefulSet", NAMESPACE, NAME },
    };
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    (void)state;
    make();
    e2e_make_namespace(NAMESPACE "-others");
    for (size_t i = 0; i < ELSEWHERE; i++)
        e2e_apply(e2e_host(), elsewhere[i]);
    options.namespace_name = NAMESPACE;
    options.keep_namespace = 1;
    options.leftovers_too = 1;
    e2e_ok(vcluster_instance_plan_delete(e2e_host(), NAME, &options, &plan, &error), error);
    for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
        assert_int_equal(vcluster_change_action(told(plan, gone[i][1], gone[i][3])),
                         VCLUSTER_ACTION_REMOVE);
    assert_int_equal(vcluster_change_action(told(plan, "Namespace", NAMESPACE "-mapped")),
                     VCLUSTER_ACTION_REMOVE);
    vcluster_plan_free(plan);

    e2e_ok(vcluster_instance_delete(e2e_host(), NAME, &options, &error), error);
    for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
        assert_false(e2e_exists(e2e_host(), gone[i][0], gone[i][1], gone[i][2], gone[i][3]));
    assert_true(is_going(NAMESPACE "-mapped"));
    assert_true(e2e_exists(e2e_host(), "v1", "Secret", NAMESPACE "-others", "another"));
    assert_false(is_going(NAMESPACE));
    options.missing_ok = 1; /* nothing is left to be done */
    e2e_ok(vcluster_instance_plan_delete(e2e_host(), NAME, &options, &plan, &error), error);
    for (size_t i = 0; i < vcluster_plan_size(plan); i++)
        assert_int_not_equal(vcluster_change_action(vcluster_plan_at(plan, i)),
                             VCLUSTER_ACTION_LEAK);
    vcluster_plan_free(plan);
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove_namespace(NAMESPACE "-others");
    e2e_remove_namespace(NAMESPACE "-mapped");
    (void)!vcluster_resource_delete(e2e_host(), "scheduling.k8s.io/v1", "PriorityClass", NULL,
                                    NAME "-high", NULL, NULL);
    (void)!vcluster_resource_delete(e2e_host(), "rbac.authorization.k8s.io/v1", "ClusterRole", NULL,
                                    NAME, NULL, NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plan_tells_what_the_delete_leaves_and_an_audit_removes_it,
                                        clean, clean),
        cmocka_unit_test_setup_teardown(a_delete_takes_along_what_it_would_leave, clean, clean),
    };

    E2E_NEEDS_HOST();
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    e2e_done();
    return failures;
}
