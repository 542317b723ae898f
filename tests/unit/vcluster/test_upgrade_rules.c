/* SPDX-License-Identifier: Apache-2.0 */
/* What an upgrade must not do, the values it leads to, and the patch of a pause: without a host. */
#include "cm.h"

#include <libvcluster/plan.h>
#include <stdio.h>

#include "data/yaml.h"
#include "vcluster/config.h"
#include "vcluster/lifecycle/scale.h"
#include "vcluster/lifecycle/upgrade_rules.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/settle.h"

static cJSON *yaml(const char *text)
{
    vcluster_error *error = NULL;
    cJSON *tree = NULL;

    assert_works(vcl_yaml_parse_loose(text, strlen(text), &tree, &error), &error);
    return tree;
}

#define VERSION(v) "controlPlane: {distro: {k8s: {version: " v "}}}"
#define STORE(s) "controlPlane: {backingStore: {" s "}}"

/* The rule of each finding, in order, joined by blanks. */
static void assert_rules(
    const char *before, const char *after, const char *running, bool embedded, const char *rules)
{
    VCL_AUTO_JSON *was = yaml(before);
    VCL_AUTO_JSON *is = yaml(after);
    VCL_AUTO_ERROR *error = NULL;
    char found[256] = "";

    int status = vcl_upgrade_check_values(was, is, running, embedded, &error);
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        if (i)
            (void)strncat(found, " ", sizeof(found) - strlen(found) - 1);
        (void)strncat(found, vcluster_finding_rule(vcluster_error_finding_at(error, i)),
                      sizeof(found) - strlen(found) - 1);
    }
    assert_string_equal(found, rules);
    assert_int_equal(status, *rules ? VCLUSTER_E_PRECONDITION : VCLUSTER_OK);
}

static void the_next_minor_version_and_any_patch_are_fine(void **state)
{
    (void)state;
    assert_rules(VERSION("v1.34.4"), VERSION("v1.35.4"), "", true, "");
    assert_rules(VERSION("v1.34.4"), VERSION("v1.34.1"), "v1.34.4", true, "");
    assert_rules("{}", VERSION("v1.35.4"), "v1.34.4", true, "");
    assert_rules("{}", "controlPlane: {distro: {k8s: {image: {tag: v1.36.0}}}}", "v1.35.0", false,
                 "");
}

static void a_version_is_never_skipped_nor_turned_back(void **state)
{
    (void)state;
    assert_rules("{}", VERSION("v1.35.4"), "v1.33.4", true, "version-skip");
    assert_rules("{}", VERSION("v1.34.4"), "v1.35.4", true, "version-downgrade");
    assert_rules(VERSION("v1.33.0"), VERSION("v1.35.4"), "", true, "version-skip");
}

static void a_tag_of_somebodys_own_is_not_compared(void **state)
{
    (void)state;
    assert_rules("{}", VERSION("mine"), "v1.35.4", true, "");
    assert_rules("{}", VERSION("v1.35.4"), "mine", true, "");
}

static void a_store_stays_unless_its_data_is_taken_along(void **state)
{
    static const char deployed[] = STORE("etcd: {deploy: {enabled: true}}");
    static const char inside[] = STORE("etcd: {embedded: {enabled: true}}");
    static const char migrated[] =
        STORE("etcd: {embedded: {enabled: true, migrateFromDeployedEtcd: true}}");
    static const char database[] = STORE("database: {external: {enabled: true}}");

    (void)state;
    assert_rules("{}", deployed, "", false, "store-change");
    assert_rules(deployed, "{}", "", false, "store-change");
    assert_rules("{}", database, "", false, "store-change");
    assert_rules(deployed, inside, "", false, "store-change");
    assert_rules(deployed, migrated, "", false, "");
    assert_rules(deployed, migrated, "", true, "store-change");
    assert_rules(database, database, "", true, "");
    assert_rules(STORE("etcd: {deploy: {enabled: 'true'}}"), deployed, "", true, "");
}

static void what_is_decided_at_the_creation_stays(void **state)
{
    static const char on[] = "sync: {toHost: {namespaces: {enabled: true, mappings: {byName: "
                             "{a: b}}}}}";
    static const char other[] = "sync: {toHost: {namespaces: {enabled: true, mappings: {byName: "
                                "{a: c}}}}}";
    static const char off[] = "sync: {toHost: {namespaces: {enabled: false, mappings: {byName: "
                              "{}}}}}";

    (void)state;
    assert_rules("{}", off, "", false, "");
    assert_rules(on, on, "", false, "");
    assert_rules(on, other, "", false, "fixed-value");
    assert_rules(off, on, "", false, "fixed-value fixed-value");
    assert_rules("{}", "privateNodes: {vpn: {enabled: true}}", "", false, "fixed-value");
}

static void everything_that_is_wrong_is_told_at_once(void **state)
{
    (void)state;
    assert_rules("{}",
                 "controlPlane: {distro: {k8s: {version: v1.30.0}}, backingStore: {etcd: {deploy: "
                 "{enabled: true}}}}",
                 "v1.35.4", false, "version-downgrade store-change");
}

static void a_far_host_is_told(void **state)
{
    (void)state;
    assert_null(vcl_upgrade_host_skew("v1.35.4", "v1.32.0"));
    assert_null(vcl_upgrade_host_skew("", "v1.32.0"));
    assert_null(vcl_upgrade_host_skew("mine", "v1.32.0"));
    char *text = vcl_upgrade_host_skew("v1.36.0", "v1.32.0");
    assert_non_null(strstr(text, "v1.36.0 on a host of v1.32.0"));
    free(text);
}

static void assert_impact(const char *change, const char *path, int expected)
{
    VCL_AUTO_JSON *tree = yaml(change);
    const char *reason = NULL;

    assert_int_equal(vcl_upgrade_impact("dev", tree, path, &reason), expected);
}

static void the_impact_of_a_change_is_that_of_its_object_and_field(void **state)
{
    (void)state;
    assert_impact("{change: modify, kind: StatefulSet, name: dev}", ".spec.template.spec.x",
                  VCLUSTER_IMPACT_RESTART);
    assert_impact("{change: modify, kind: StatefulSet, name: dev}", ".spec.replicas",
                  VCLUSTER_IMPACT_LIVE);
    assert_impact("{change: modify, kind: Service, name: dev}", ".spec.type", VCLUSTER_IMPACT_LIVE);
    assert_impact("{change: delete, kind: StatefulSet, name: dev-etcd}", NULL,
                  VCLUSTER_IMPACT_DATALOSS);
    assert_impact("{change: delete, kind: PersistentVolumeClaim, name: x}", NULL,
                  VCLUSTER_IMPACT_DATALOSS);
    assert_impact("{change: delete, kind: Deployment, name: dev}", NULL, VCLUSTER_IMPACT_RESTART);
    assert_impact("{change: delete, kind: ResourceQuota, name: vc-dev}", NULL,
                  VCLUSTER_IMPACT_LIVE);
    assert_impact("{change: add, kind: StatefulSet, name: dev}", NULL, VCLUSTER_IMPACT_LIVE);
    assert_impact("{change: refused, kind: Role, name: vc-dev}", NULL, VCLUSTER_IMPACT_REFUSED);
}

/* ---- Values ---- */

static void assert_values(vcl_ensure_request *request,
                          const char *given,
                          const char *earlier,
                          bool embedded,
                          const char *expected)
{
    VCL_AUTO_JSON *before = earlier ? yaml(earlier) : NULL;
    VCL_AUTO_JSON *wanted = yaml(expected);
    vcluster_config config = { .values = yaml(given) };
    VCL_AUTO_JSON *values = NULL;
    vcluster_error *error = NULL;

    request->config = &config;
    assert_works(vcl_wanted_values(request, embedded, before, &values, &error), &error);
    if (!vcl_json_equal(values, wanted)) {
        char *text = vcl_json_print(values);
        fail_msg("%s", text);
    }
    cJSON_Delete(config.values);
    request->config = NULL;
}

static void given_values_are_laid_over_earlier_ones(void **state)
{
    vcl_ensure_request request = { 0 };

    (void)state;
    assert_values(&request, "a: {x: 1}", "a: {x: 0, y: 2}", true, "a: {x: 1, y: 2}");
    assert_values(&request, "{}", "a: 1", true, "a: 1");
    request.reset_values = true;
    assert_values(&request, "a: {x: 1}", "a: {x: 0, y: 2}", true, "a: {x: 1}");
    request.reset_values = false;
    request.kubernetes_version = "1.34";
    assert_values(&request, "{}", VERSION("v1.35.4"), true, VERSION("v1.34.4"));
    assert_values(&request, "{}", NULL, false, VERSION("v1.34.0"));
    request.kubernetes_version = "1.34.2";
    assert_values(&request, "{}", NULL, false, VERSION("v1.34.2"));
    request.kubernetes_version = "mine";
    assert_values(&request, "{}", NULL, false, VERSION("mine"));
}

static void profiles_add_to_what_the_user_gives(void **state)
{
    vcl_ensure_request request = { .profile = "fast" };

    (void)state;
    assert_values(&request,
                  "controlPlane: {distro: {k8s: {controllerManager: {extraArgs: "
                  "[--kube-api-qps=50, --v=2]}}}}",
                  NULL, false,
                  "controlPlane: {distro: {k8s: {controllerManager: {extraArgs: "
                  "[--kube-api-qps=50, --v=2, --kube-api-burst=600]}}}}\n"
                  "sync: {toHost: {pods: {useSecretsForSATokens: true}}}");
    assert_values(&request, "{}", NULL, true, "{}");
    request.profile = "lean";
    assert_values(&request, "controlPlane: {statefulSet: {env: [{name: GOGC, value: '50'}]}}", NULL,
                  true,
                  "controlPlane: {statefulSet: {env: [{name: GOGC, value: '50'}, {name: "
                  "GOMEMLIMIT, value: 400MiB}]}}");
    request.profile = "default";
    assert_values(&request, "a: 1", NULL, false, "a: 1");
}

static void a_profile_that_is_none_is_refused(void **state)
{
    vcl_ensure_request request = { .profile = "quick" };
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(vcl_wanted_check(&request, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "'default', 'fast' and 'lean'");
}

static void the_same_wish_has_the_same_hash(void **state)
{
    vcluster_config one = { .values = yaml("a: 1\nb: {c: 2, d: 3}") };
    vcluster_config two = { .values = yaml("b: {d: 3, c: 2}\na: 1") };
    vcl_ensure_request request = { .config = &one };
    char first[VCL_SHA256_HEX_SIZE];
    char second[VCL_SHA256_HEX_SIZE];
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_wanted_hash(&request, "", first, &error), &error);
    request.config = &two;
    assert_works(vcl_wanted_hash(&request, "", second, &error), &error);
    assert_string_equal(first, second);
    request.reset_values = true;
    assert_works(vcl_wanted_hash(&request, "", second, &error), &error);
    assert_string_not_equal(first, second);
    request.reset_values = false;
    assert_works(vcl_wanted_hash(&request, "x", second, &error), &error);
    assert_string_not_equal(first, second);
    cJSON_Delete(one.values);
    cJSON_Delete(two.values);
}

/* ---- Pausing ---- */

#define WORKLOAD(annotations, replicas)                                                            \
    "{metadata: {resourceVersion: '7', annotations: {" annotations                                 \
    "}}, spec: {replicas: " replicas "}}"
#define PAUSED(n) "loft.sh/paused: 'true', loft.sh/paused-replicas: '" n "'"

static void assert_patch(const char *workload, bool down, const char *expected)
{
    VCL_AUTO_JSON *tree = yaml(workload);
    VCL_AUTO_JSON *wanted = expected ? yaml(expected) : NULL;
    VCL_AUTO_JSON *patch = NULL;
    vcluster_error *error = NULL;

    const vcl_scale_request request = { .configured = 4 };
    assert_works(vcl_scale_patch(&request, tree, down, 1767225600, &patch, &error), &error);
    if (!expected) {
        assert_null(patch);
        return;
    }
    assert_non_null(patch);
    if (!vcl_json_equal(patch, wanted)) {
        char *text = vcl_json_print(patch);
        fail_msg("%s", text);
    }
}

static void a_pause_says_how_many_there_were_and_when(void **state)
{
    static const char date[] = ", loft.sh/paused-date: '2026-01-01T00:00:00.000Z'}}, "
                               "spec: {replicas: 0}}";
    char expected[512];

    (void)state;
    (void)snprintf(expected, sizeof(expected),
                   "{metadata: {resourceVersion: '7', annotations: {" PAUSED("3") "%s", date);
    assert_patch(WORKLOAD("", "3"), true, expected);
    assert_patch(WORKLOAD(PAUSED("1"), "3"), true, expected); /* drift */
    (void)snprintf(expected, sizeof(expected),
                   "{metadata: {resourceVersion: '7', annotations: {" PAUSED("4") "%s", date);
    assert_patch(WORKLOAD("", "0"), true, expected); /* as configured */
    assert_patch(WORKLOAD(PAUSED("3"), "0"), true, NULL);
}

static void a_resume_goes_back_to_what_there_was(void **state)
{
#define RESUMED(n)                                                                                 \
    "{metadata: {resourceVersion: '7', annotations: {loft.sh/paused: null, "                       \
    "loft.sh/paused-replicas: null, loft.sh/paused-date: null}}, spec: {replicas: " n "}}"
    (void)state;
    assert_patch(WORKLOAD(PAUSED("3"), "0"), false, RESUMED("3"));
    assert_patch(WORKLOAD(PAUSED("x"), "0"), false, RESUMED("4"));
    assert_patch(WORKLOAD("", "0"), false, RESUMED("4"));
    assert_patch(WORKLOAD(PAUSED("1"), "2"), false, RESUMED("2")); /* drift */
    assert_patch(WORKLOAD("", "2"), false, NULL);
}

static void what_the_platform_put_to_sleep_is_left_to_it(void **state)
{
    VCL_AUTO_JSON *tree = yaml("{metadata: {labels: {loft.sh/sleep-mode: 'true'}}}");
    VCL_AUTO_JSON *patch = NULL;
    vcluster_error *error = NULL;

    (void)state;
    const vcl_scale_request request = { .configured = 1 };
    assert_fails(vcl_scale_patch(&request, tree, false, 0, &patch, &error), VCLUSTER_E_PRECONDITION,
                 &error, "wake it up there");
}

static void a_workload_is_settled_when_its_pods_are_of_its_newest_template(void **state)
{
    static const struct {
        const char *workload;
        bool settled;
    } cases[] = {
        { "{metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 2, "
          "replicas: 1, updatedReplicas: 1}}",
          true },
        { "{metadata: {generation: 3}, spec: {replicas: 1}, status: {observedGeneration: 2, "
          "replicas: 1, updatedReplicas: 1}}",
          false },
        { "{metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 2, "
          "replicas: 1}}",
          false },
        { "{metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 2, "
          "replicas: 2, updatedReplicas: 1}}",
          false },
        { "{metadata: {generation: 2}, spec: {replicas: 0}, status: {observedGeneration: 2}}",
          true },
        { "{metadata: {generation: 1}, spec: {replicas: 1}}", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *tree = yaml(cases[i].workload);
        assert_int_equal(vcl_workload_settled(tree), cases[i].settled);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_minor_version_and_any_patch_are_fine),
        cmocka_unit_test(a_version_is_never_skipped_nor_turned_back),
        cmocka_unit_test(a_tag_of_somebodys_own_is_not_compared),
        cmocka_unit_test(a_store_stays_unless_its_data_is_taken_along),
        cmocka_unit_test(what_is_decided_at_the_creation_stays),
        cmocka_unit_test(everything_that_is_wrong_is_told_at_once),
        cmocka_unit_test(a_far_host_is_told),
        cmocka_unit_test(the_impact_of_a_change_is_that_of_its_object_and_field),
        cmocka_unit_test(given_values_are_laid_over_earlier_ones),
        cmocka_unit_test(profiles_add_to_what_the_user_gives),
        cmocka_unit_test(a_profile_that_is_none_is_refused),
        cmocka_unit_test(the_same_wish_has_the_same_hash),
        cmocka_unit_test(a_pause_says_how_many_there_were_and_when),
        cmocka_unit_test(a_resume_goes_back_to_what_there_was),
        cmocka_unit_test(what_the_platform_put_to_sleep_is_left_to_it),
        cmocka_unit_test(a_workload_is_settled_when_its_pods_are_of_its_newest_template),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
