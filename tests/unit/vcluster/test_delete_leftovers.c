/* SPDX-License-Identifier: Apache-2.0 */
/* Deletes that take along what they would leave behind, against a host in memory. */
#include "cm.h"

#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

#include "fake_host.h"
#include "small_chart.h"

#define RBAC "rbac.authorization.k8s.io/v1"
#define OF_SYNCER "vcluster.loft.sh/managed-by: dev"
#define OF_MARKER "vcluster.loft.sh/managed-by: team-x-dev"
#define SYNCED "vcluster.loft.sh/object-name: a"

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_delete_options options;

static void make(const char *name, const char *namespace_name)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    how.chart = chart;
    how.no_wait = 1;
    how.namespace_name = namespace_name;
    assert_works(vcluster_instance_ensure(client, name, NULL, &how, NULL, &error), &error);
}

/* In a namespace, or cluster-scoped ("" there); labels and annotations in flow style. */
static void put(const char *api_version,
                const char *kind,
                const char *space,
                const char *name,
                const char *labels,
                const char *annotations)
{
    char yaml[1024];

    (void)snprintf(yaml, sizeof(yaml),
                   "{apiVersion: %s, kind: %s, metadata: {name: %s, %s%s%s labels: {%s}, "
                   "annotations: {%s}}}",
                   api_version, kind, name, *space ? "namespace: " : "", space, *space ? "," : "",
                   labels, annotations);
    fake_host_put(host, yaml);
}

/* A virtual cluster 'dev' in the namespace 'team' of somebody else, and one of each kind of leak.
 */
static void make_leaky(void)
{
    put("v1", "Namespace", "", "team", "", "");
    make("dev", "team");
    put("v1", "PersistentVolumeClaim", "team", "data-dev-0", "app: vcluster, release: dev", "");
    put("v1", "PersistentVolumeClaim", "team", "cache-dev-0", "app: vcluster, release: dev", "");
    put("v1", "ConfigMap", "team", "a-x-default-x-dev", OF_SYNCER, SYNCED);
    put("v1", "Pod", "team", "p-x-default-x-dev", OF_SYNCER, SYNCED);
    put("v1", "Secret", "ci", "copy", "app: vcluster, vcluster-name: dev", "");
    put("scheduling.k8s.io/v1", "PriorityClass", "", "high", OF_MARKER, SYNCED);
    put(RBAC, "ClusterRole", "", "vc-dev-extra", "app: vcluster, release: dev",
        "meta.helm.sh/release-namespace: team");
    put("v1", "Namespace", "", "mapped", OF_MARKER, "");
    put("v1", "Pod", "mapped", "p-in-it", OF_SYNCER, SYNCED);
    put("v1", "PersistentVolumeClaim", "mapped", "c-in-it", OF_SYNCER, SYNCED);
}

/* The same marks, but of others. */
static void put_what_is_not_its_own(void)
{
    make("other", "vcluster-other");
    put("v1", "PersistentVolumeClaim", "team", "data-dev-2-0", "app: vcluster, release: dev-2", "");
    put("v1", "Secret", "ci", "other-copy", "app: vcluster, vcluster-name: other", "");
    put("v1", "Secret", "team", "mine", "team: a", "");
    put("v1", "ConfigMap", "team", "inherited", OF_SYNCER, "");
    put(RBAC, "ClusterRole", "", "vc-elsewhere", "app: vcluster, release: dev",
        "meta.helm.sh/release-namespace: elsewhere");
    put("scheduling.k8s.io/v1", "PriorityClass", "", "theirs",
        "vcluster.loft.sh/managed-by: vcluster-other-x-other", SYNCED);
}
static const char *const not_its_own[] = { "/persistentvolumeclaims/data-dev-2-0",
                                           "/secrets/other-copy",
                                           "/secrets/mine",
                                           "/configmaps/inherited",
                                           "/clusterroles/vc-elsewhere",
                                           "/priorityclasses/theirs",
                                           "/statefulsets/other",
                                           "/namespaces/team" };
static const char *const leaks[] = { "/persistentvolumeclaims/cache-dev-0",
                                     "/configmaps/a-x-default-x-dev",
                                     "/pods/p-x-default-x-dev",
                                     "/secrets/copy",
                                     "/priorityclasses/high",
                                     "/clusterroles/vc-dev-extra",
                                     "/namespaces/mapped",
                                     "/pods/p-in-it",
                                     "/persistentvolumeclaims/c-in-it" };
enum {
    OTHERS = sizeof(not_its_own) / sizeof(*not_its_own),
    LEAKS = sizeof(leaks) / sizeof(*leaks)
};

static bool exists(const char *end)
{
    char path[256];
    static const char *const places[] = { "/api/v1",
                                          "/api/v1/namespaces/team",
                                          "/api/v1/namespaces/ci",
                                          "/api/v1/namespaces/mapped",
                                          "/apis/scheduling.k8s.io/v1",
                                          ("/apis/" RBAC),
                                          "/apis/apps/v1/namespaces/vcluster-other" };

    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", places[i], end);
        VCL_AUTO_JSON *found = fake_host_get(host, path);
        if (found)
            return true;
    }
    return false;
}

static void assert_exist(const char *const *ends, size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++) {
        if (exists(ends[i]) != expected)
            fail_msg("%s is %s", ends[i], expected ? "gone" : "there");
    }
}

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    options = (vcluster_delete_options)VCLUSTER_DELETE_OPTIONS_INIT;
    options.timeout_ms = patience_ms(5000);
    options.leftovers_too = 1;
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static void delete_works(void)
{
    vcluster_error *error = NULL;

    assert_works(vcluster_instance_delete(client, "dev", &options, &error), &error);
}

static void delete_fails(int expected, const char *part)
{
    vcluster_error *error = NULL;

    assert_fails(vcluster_instance_delete(client, "dev", &options, &error), expected, &error, part);
}

static vcluster_plan *plan(void)
{
    vcluster_plan *made = NULL;
    vcluster_error *error = NULL;

    fake_host_forget(host);
    assert_works(vcluster_instance_plan_delete(client, "dev", &options, &made, &error), &error);
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 0);
    return made;
}

static const vcluster_change *told(const vcluster_plan *from, const char *kind, const char *name)
{
    for (size_t i = 0; i < vcluster_plan_size(from); i++) {
        const vcluster_change *change = vcluster_plan_at(from, i);
        if (!strcmp(vcluster_change_kind(change), kind) &&
            !strcmp(vcluster_change_name(change), name))
            return change;
    }
    fail_msg("the plan does not tell of %s '%s'", kind, name);
    return NULL;
}

static void leaks_stay_unless_they_are_asked_for(void **state)
{
    (void)state;
    make_leaky();
    options.leftovers_too = 0;
    delete_works();
    assert_exist(leaks, LEAKS, true);
}

static void leaks_go_along_and_nothing_of_others_does(void **state)
{
    (void)state;
    make_leaky();
    put_what_is_not_its_own();
    delete_works();
    assert_exist(leaks, LEAKS, false);
    assert_exist(not_its_own, OTHERS, true);
    assert_int_equal(fake_host_count(host, "sh.helm.release.v1.dev."), 0);
    delete_fails(VCLUSTER_E_NOT_FOUND, "no virtual cluster 'dev'");
}

static void the_plan_tells_what_goes(void **state)
{
    (void)state;
    make_leaky();
    put_what_is_not_its_own();
    vcluster_plan *before = plan();
    assert_int_equal(vcluster_plan_impact(before), VCLUSTER_IMPACT_DATALOSS);
    const vcluster_change *claim = told(before, "PersistentVolumeClaim", "cache-dev-0");
    assert_int_equal(vcluster_change_impact(claim), VCLUSTER_IMPACT_DATALOSS);
    delete_works();
    for (size_t i = 0; i < vcluster_plan_size(before); i++) {
        const vcluster_change *change = vcluster_plan_at(before, i);
        char part[256];
        (void)snprintf(part, sizeof(part), "/%s", vcluster_change_name(change));
        bool gone = vcluster_change_action(change) == VCLUSTER_ACTION_REMOVE;
        if (strcmp(vcluster_change_name(change), "team") &&
            (fake_host_count(host, part) == 0) != gone)
            fail_msg("%s: %s", part, vcluster_change_reason(change));
    }
    for (size_t i = 0; i < LEAKS; i++) {
        bool found = false;
        for (size_t k = 0; k < vcluster_plan_size(before); k++)
            found |= !strcmp(strrchr(leaks[i], '/') + 1,
                             vcluster_change_name(vcluster_plan_at(before, k)));
        assert_true(found);
    }
    vcluster_plan_free(before);
}

static void a_namespace_of_its_own_takes_what_is_elsewhere_along(void **state)
{
    (void)state;
    make("dev", NULL);
    put("v1", "Secret", "ci", "copy", "app: vcluster, vcluster-name: dev", "");
    put("scheduling.k8s.io/v1", "PriorityClass", "", "high",
        "vcluster.loft.sh/managed-by: vcluster-dev-x-dev", SYNCED);
    delete_works();
    assert_int_equal(fake_host_count(host, "/"), 0);
}

/* Whose a copy of a kubeconfig is tells only the name. */
static void what_may_be_a_namesakes_stays(void **state)
{
    (void)state;
    make_leaky();
    make("dev", "second");
    options.namespace_name = "team";
    vcluster_plan *before = plan();
    const vcluster_change *copy = told(before, "Secret", "copy");
    assert_int_equal(vcluster_change_action(copy), VCLUSTER_ACTION_LEAK);
    assert_non_null(strstr(vcluster_change_reason(copy), "another virtual cluster may own it"));
    vcluster_plan_free(before);
    delete_works();
    assert_true(exists("/secrets/copy"));
    assert_false(exists("/priorityclasses/high"));
}

static void a_namespace_with_something_else_in_it_stays(void **state)
{
    (void)state;
    make_leaky();
    put("v1", "Pod", "mapped", "theirs", "", "");
    vcluster_plan *before = plan();
    const vcluster_change *space = told(before, "Namespace", "mapped");
    assert_int_equal(vcluster_change_action(space), VCLUSTER_ACTION_LEAK);
    assert_non_null(strstr(vcluster_change_reason(space), "it stays: there are pods in it"));
    vcluster_plan_free(before);
    delete_works();
    assert_true(exists("/namespaces/mapped"));
    assert_true(exists("/pods/theirs"));
    assert_false(exists("/pods/p-in-it"));
}

static void volumes_that_are_kept_stay_and_their_namespaces(void **state)
{
    static const char *const kept[] = { "/persistentvolumeclaims/data-dev-0",
                                        "/persistentvolumeclaims/cache-dev-0",
                                        "/persistentvolumeclaims/c-in-it", "/namespaces/mapped" };

    (void)state;
    make_leaky();
    options.keep_volumes = 1;
    vcluster_plan *before = plan();
    const vcluster_change *claim = told(before, "PersistentVolumeClaim", "cache-dev-0");
    assert_int_equal(vcluster_change_action(claim), VCLUSTER_ACTION_LEAK);
    assert_non_null(strstr(vcluster_change_reason(claim), "volumes are kept"));
    vcluster_plan_free(before);
    delete_works();
    assert_exist(kept, sizeof(kept) / sizeof(*kept), true);
    assert_false(exists("/secrets/copy"));
}

static void who_cannot_look_everywhere_is_refused_beforehand(void **state)
{
    static const char *const lists[] = { "/priorityclasses", "/secrets?", "/pods?",
                                         "/namespaces?" };
    vcluster_plan *made = NULL;
    vcluster_error *error = NULL;

    (void)state;
    make_leaky();
    fake_host_forget(host);
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        fake_host_fail(host, "GET", lists[i], 403);
        delete_fails(VCLUSTER_E_PERMISSION, "delete virtual cluster 'dev'");
        assert_fails(vcluster_instance_plan_delete(client, "dev", &options, &made, &error),
                     VCLUSTER_E_PERMISSION, &error, "plan the deletion");
        fake_host_heal(host);
    }
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 0);
}

static void break_a_list(fake_host *where, void *data)
{
    fake_host_fail(where, "GET", data, 403);
}

/* The record goes after the leftovers, so that the same call finds its work. */
static void a_look_that_fails_later_is_made_up_by_the_next_call(void **state)
{
    static char list[] = "/priorityclasses";

    (void)state;
    make_leaky();
    fake_host_before(host, "DELETE", "/statefulsets/dev", break_a_list, list);
    delete_fails(VCLUSTER_E_PERMISSION, "priorityclasses");
    assert_true(exists("/secrets/copy"));
    assert_int_equal(fake_host_count(host, "sh.helm.release.v1.dev."), 1);
    fake_host_heal(host);
    delete_works();
    assert_exist(leaks, LEAKS, false);
    assert_int_equal(fake_host_count(host, "sh.helm.release.v1.dev."), 0);
}

static void relabel(fake_host *where, void *data)
{
    (void)where;
    (void)data;
    put("v1", "Secret", "ci", "copy", "team: a", "");
}

static void what_is_changed_after_the_look_is_looked_at_again(void **state)
{
    (void)state;
    make_leaky();
    fake_host_before(host, "DELETE", "/secrets/copy", relabel, NULL);
    delete_works();
    assert_true(exists("/secrets/copy")); /* it is somebody else's now */
    assert_false(exists("/priorityclasses/high"));
}

static void a_leftover_that_may_not_be_deleted_fails_and_keeps_the_record(void **state)
{
    (void)state;
    make_leaky();
    fake_host_fail(host, "DELETE", "/priorityclasses/high", 403);
    delete_fails(VCLUSTER_E_PERMISSION, "remove the leftover PriorityClass 'high'");
    assert_int_equal(fake_host_count(host, "sh.helm.release.v1.dev."), 1);
    fake_host_heal(host);
    options.leftovers_too = 0;
    delete_works();
    assert_int_equal(fake_host_count(host, "sh.helm.release.v1.dev."), 0);
}

static void what_an_earlier_delete_left_is_removed(void **state)
{
    (void)state;
    make_leaky();
    options.leftovers_too = 0;
    delete_works();
    options.namespace_name = "team";
    options.leftovers_too = 1;
    vcluster_plan *after = plan();
    assert_string_equal(vcluster_plan_operation(after), "delete");
    vcluster_plan_free(after);
    delete_works();
    assert_exist(leaks, LEAKS, false);
    delete_fails(VCLUSTER_E_NOT_FOUND, "no virtual cluster 'dev'");
}

static void what_a_policy_keeps_is_no_leftover(void **state)
{
    (void)state;
    make_leaky();
    put("v1", "ConfigMap", "team", "kept", "app: vcluster, release: dev",
        "helm.sh/resource-policy: keep");
    vcluster_plan *before = plan();
    assert_int_equal(vcluster_change_action(told(before, "ConfigMap", "kept")),
                     VCLUSTER_ACTION_KEEP);
    vcluster_plan_free(before);
    delete_works();
    assert_true(exists("/configmaps/kept"));
}

static void what_a_repository_makes_stays_unless_that_is_asked_for(void **state)
{
    (void)state;
    make_leaky();
    put(RBAC, "ClusterRole", "", "vc-dev-extra", "app: vcluster, release: dev",
        "meta.helm.sh/release-namespace: team, argocd.argoproj.io/tracking-id: x");
    delete_works();
    assert_true(exists("/clusterroles/vc-dev-extra"));
    options.namespace_name = "team";
    options.gitops_too = 1;
    delete_works();
    assert_false(exists("/clusterroles/vc-dev-extra"));
}

static void put_workload_of_argo(void)
{
    put("apps/v1", "StatefulSet", "team", "dev", "app: vcluster, heritage: Helm, release: dev",
        "argocd.argoproj.io/tracking-id: x");
}

static void make_of_argo(void)
{
    put("v1", "Namespace", "", "team", "", "");
    put_workload_of_argo();
    put("v1", "Secret", "ci", "copy", "app: vcluster, vcluster-name: dev", "");
    put("scheduling.k8s.io/v1", "PriorityClass", "", "high", OF_MARKER, SYNCED);
    options.gitops_too = 1;
}

static void one_without_a_record_takes_its_leaks_along(void **state)
{
    (void)state;
    make_of_argo();
    delete_works();
    assert_false(exists("/secrets/copy"));
    assert_false(exists("/priorityclasses/high"));
}

static void make_it_again(fake_host *where, void *data)
{
    (void)where;
    (void)data;
    put_workload_of_argo();
}

static void begin_to_make_it_again(fake_host *where, void *data)
{
    fake_host_before(where, "GET", "/priorityclasses", make_it_again, data);
}

static void what_one_owns_that_was_made_again_stays(void **state)
{
    (void)state;
    make_of_argo();
    fake_host_before(host, "DELETE", "/statefulsets/dev", begin_to_make_it_again, NULL);
    delete_works();
    assert_true(exists("/secrets/copy"));
    assert_true(exists("/priorityclasses/high"));
}

static void not_waiting_excludes_leftovers(void **state)
{
    (void)state;
    make_leaky();
    fake_host_forget(host);
    options.no_wait = 1;
    delete_fails(VCLUSTER_E_INVALID_ARGUMENT, "'leftovers_too' and 'no_wait' exclude each other");
    assert_int_equal(fake_host_requests(host, NULL, ""), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(leaks_stay_unless_they_are_asked_for),
        CASE(leaks_go_along_and_nothing_of_others_does),
        CASE(the_plan_tells_what_goes),
        CASE(a_namespace_of_its_own_takes_what_is_elsewhere_along),
        CASE(what_may_be_a_namesakes_stays),
        CASE(a_namespace_with_something_else_in_it_stays),
        CASE(volumes_that_are_kept_stay_and_their_namespaces),
        CASE(who_cannot_look_everywhere_is_refused_beforehand),
        CASE(a_look_that_fails_later_is_made_up_by_the_next_call),
        CASE(what_is_changed_after_the_look_is_looked_at_again),
        CASE(a_leftover_that_may_not_be_deleted_fails_and_keeps_the_record),
        CASE(what_an_earlier_delete_left_is_removed),
        CASE(what_a_policy_keeps_is_no_leftover),
        CASE(what_a_repository_makes_stays_unless_that_is_asked_for),
        CASE(one_without_a_record_takes_its_leaks_along),
        CASE(what_one_owns_that_was_made_again_stays),
        CASE(not_waiting_excludes_leftovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
