/* SPDX-License-Identifier: Apache-2.0 */
/* What a preflight finds, what it asks for, and what it makes of a create. */
#include "cm.h"

#include <libvcluster/preflight.h>
#include <string.h>

#include "data/yaml.h"
#include "fake_host.h"
#include "vcluster/preflight/pod_security.h"
#include "vcluster/preflight/preflight.h"

#define ALL "{resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]}"
#define CLASS                                                                                      \
    "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: local, annotations: "    \
    "{storageclass.kubernetes.io/is-default-class: 'true'}}}"

static fake_host *host;
static vcluster_client *client;

static int setup(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static void put_namespace(const char *labels)
{
    char *text = vcl_format(
        "{apiVersion: v1, kind: Namespace, metadata: {name: team, labels: {%s}}}", labels);

    fake_host_put(host, text);
    free(text);
}

static vcluster_ensure_options embedded(void)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;

    options.distribution = "embedded";
    options.no_wait = 1;
    return options;
}

static vcluster_report *preflight(const char *name, const char *values)
{
    vcluster_ensure_options options = embedded();
    vcluster_report *report = NULL;
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    assert_works(vcluster_config_parse(values, &config, &error), &error);
    assert_works(vcluster_instance_preflight(client, name, config, &options, &report, &error),
                 &error);
    vcluster_config_free(config);
    return report;
}

/* The first finding of a rule, NULL: there is none. */
static const vcluster_finding *find(const vcluster_report *report, const char *rule)
{
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        if (vcl_streq(vcluster_finding_rule(vcluster_report_at(report, i)), rule))
            return vcluster_report_at(report, i);
    }
    return NULL;
}

static void assert_finds(const vcluster_report *report,
                         const char *rule,
                         int severity,
                         const char *path,
                         const char *part)
{
    const vcluster_finding *found = find(report, rule);

    if (!found)
        fail_msg("no finding of rule %s", rule);
    assert_int_equal(vcluster_finding_severity(found), severity);
    assert_string_equal(vcluster_finding_path(found), path);
    if (!strstr(vcluster_finding_message(found), part))
        fail_msg("'%s' lacks '%s'", vcluster_finding_message(found), part);
    assert_true(*vcluster_finding_remedy(found));
}

static void a_host_that_allows_everything_has_no_findings_and_costs_few_requests(void **state)
{
    (void)state;
    fake_host_put(host, CLASS);
    vcluster_report *report = preflight("dev", "{}");
    char *text = NULL;
    assert_int_equal(vcluster_report_to_text(report, &text, NULL), 0);
    assert_string_equal(text, "");
    vcluster_free(text);
    vcluster_report_free(report);
    /* The namespace is not there: itself, the version, the user's rules, storage classes. */
    assert_int_equal(fake_host_requests(host, NULL, ""), 4);

    put_namespace("");
    fake_host_forget(host);
    report = preflight("dev", "{}");
    assert_int_equal(vcluster_report_size(report), 0);
    vcluster_report_free(report);
    assert_true(fake_host_requests(host, NULL, "") <= 12);
    assert_int_equal(fake_host_requests(host, "POST", ""), 2);
    assert_int_equal(fake_host_requests(host, "POST", "selfsubjectrulesreviews"), 2);
    assert_int_equal(fake_host_count(host, "/team/"), 0);
}

static void everything_comes_at_once(void **state)
{
    (void)state;
    put_namespace("pod-security.kubernetes.io/enforce: restricted");
    fake_host_put(host, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: tight, namespace: "
                        "team}, spec: {hard: {pods: 0}}}");
    fake_host_put(host,
                  "{apiVersion: v1, kind: LimitRange, metadata: {name: low, namespace: team}, "
                  "spec: {limits: [{type: Container, max: {memory: 1Mi}}]}}");
    fake_host_allow(host,
                    "{resourceRules: [{verbs: [get, list, watch, create, patch], apiGroups: ['*'], "
                    "resources: ['*']}]}",
                    "{resourceRules: []}", false);
    vcluster_report *report =
        preflight("dev", "{controlPlane: {statefulSet: {image: {repository: 'Moon'}}}, "
                         "sleep: {auto: {afterInactivity: 1h}}}");
    assert_finds(report, "rights", VCLUSTER_SEVERITY_ERROR, "secrets",
                 "the user may not update secrets in namespace 'team'");
    assert_finds(report, "rights-escalation", VCLUSTER_SEVERITY_ERROR, "Role/vc-dev",
                 "update secrets/dev-certs");
    assert_finds(report, "storage-class", VCLUSTER_SEVERITY_ERROR,
                 "PersistentVolumeClaim of StatefulSet/dev", "no default one");
    assert_finds(report, "quota-exceeded", VCLUSTER_SEVERITY_ERROR, "Pod of StatefulSet/dev",
                 "tight");
    assert_finds(report, "limit-range", VCLUSTER_SEVERITY_ERROR, "Pod of StatefulSet/dev",
                 "memory");
    assert_finds(report, "image", VCLUSTER_SEVERITY_ERROR, "StatefulSet/dev", "Moon");
    assert_non_null(find(report, "no-effect"));
    assert_int_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_ERROR);
    vcluster_report_free(report);
}

static void what_is_missing_in_an_incomplete_list_is_asked_for(void **state)
{
    (void)state;
    put_namespace("");
    fake_host_put(host, CLASS);
    fake_host_allow(host,
                    "{resourceRules: [{verbs: [get, list, watch, create, patch], apiGroups: "
                    "['*'], resources: ['*']}, {verbs: [update], apiGroups: [''], resources: "
                    "[secrets], resourceNames: [dev-certs, vc-dev]}], incomplete: true}",
                    "{resourceRules: [], incomplete: true}", true);
    vcluster_report *report = preflight("dev", "{}");
    assert_int_equal(vcluster_report_size(report), 0);
    vcluster_report_free(report);
    assert_int_equal(fake_host_requests(host, "POST", "selfsubjectaccessreviews"), 1);
}

static void a_missing_namespace_takes_the_right_to_make_it(void **state)
{
    (void)state;
    fake_host_put(host, CLASS);
    fake_host_allow(host, ALL, "{resourceRules: []}", false);
    vcluster_report *report = preflight("dev", "{}");
    assert_finds(report, "rights", VCLUSTER_SEVERITY_ERROR, "namespaces",
                 "may not get, create namespaces on the whole host");
    vcluster_report_free(report);
}

static void names_and_values_that_cannot_be_are_findings_too(void **state)
{
    (void)state;
    vcluster_report *report = preflight("No_Name", "{}");
    assert_int_equal(vcluster_report_size(report), 1);
    assert_non_null(find(report, "name"));
    vcluster_report_free(report);

    report = preflight("dev", "{controlPlane: {distro: {k8s: {version: '1.2'}}}}");
    assert_int_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_ERROR);
    vcluster_report_free(report);

    fake_host_put(host, CLASS);
    report = preflight("a-name-of-forty-eight-bytes-which-is-too-long-xx",
                       "{controlPlane: {backingStore: {etcd: {deploy: {enabled: true}}}}}");
    assert_int_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_ERROR);
    vcluster_report_free(report);
}

static void another_virtual_cluster_in_the_namespace_is_a_finding(void **state)
{
    (void)state;
    put_namespace("");
    fake_host_put(host, CLASS);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: other, "
                        "namespace: team, labels: {app: vcluster, release: other}}}");
    vcluster_report *report = preflight("dev", "{}");
    assert_non_null(find(report, "namespace-taken"));
    vcluster_report_free(report);
}

static void what_may_not_be_listed_is_told_and_no_failure(void **state)
{
    (void)state;
    fake_host_fail(host, "GET", "storageclasses", 403);
    vcluster_report *report = preflight("dev", "{}");
    const vcluster_finding *found = find(report, "unchecked");
    assert_non_null(found);
    assert_int_equal(vcluster_finding_severity(found), VCLUSTER_SEVERITY_INFO);
    vcluster_report_free(report);
}

static void a_create_with_preflight_refuses_before_anything_is_touched(void **state)
{
    (void)state;
    vcluster_ensure_options options = embedded();
    vcluster_error *error = NULL;

    put_namespace("");
    options.preflight = 1; /* there is no storage class */
    int status = vcluster_instance_create(client, "dev", NULL, &options, NULL, &error);
    assert_int_equal(status, VCLUSTER_E_PRECONDITION);
    assert_int_equal(vcluster_error_finding_count(error), 1);
    assert_string_equal(vcluster_finding_rule(vcluster_error_finding_at(error, 0)),
                        "storage-class");
    vcluster_error_free(error);
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
    assert_int_equal(fake_host_count(host, "/team/"), 0);

    fake_host_put(host, CLASS);
    error = NULL;
    assert_works(vcluster_instance_create(client, "dev", NULL, &options, NULL, &error), &error);
    assert_true(fake_host_count(host, "/team/statefulsets/dev") == 1);
}

static void images_are_read_as_registries_do(void **state)
{
    (void)state;
    static const char *const good[] = { "a",
                                        "busybox:1.36",
                                        "ghcr.io/loft-sh/vcluster-oss:0.36.1",
                                        "localhost:5000/a/b_c",
                                        "Registry.example.com:5000/a__b/c--d:v1_2",
                                        "a/b@sha256:0123456789abcdef0123456789abcdef0123456789ab"
                                        "cdef0123456789abcdef",
                                        NULL };
    static const char *const bad[] = { "",   "Moon", "a//b", "a:",    "a:-b",         "a/b:c d",
                                       "a.", "/a",   "a@b",  "a:b:c", "a@sha256:abc", NULL };

    for (size_t i = 0; good[i]; i++) {
        if (vcl_preflight_image_fault(good[i]))
            fail_msg("%s: %s", good[i], vcl_preflight_image_fault(good[i]));
    }
    for (size_t i = 0; bad[i]; i++) {
        if (!vcl_preflight_image_fault(bad[i]))
            fail_msg("'%s' was accepted", bad[i]);
    }
}

static void a_kubernetes_image_wants_a_whole_version(void **state)
{
    (void)state;
    fake_host_put(host, CLASS);
    vcluster_report *report =
        preflight("dev", "{controlPlane: {distro: {k8s: {image: {tag: '1.35'}}}}}");
    assert_finds(report, "image", VCLUSTER_SEVERITY_ERROR, "StatefulSet/dev",
                 "tags of Kubernetes are versions like");
    vcluster_report_free(report);
}

static void assert_level(const char *level, const char *spec, const char *expected)
{
    vcl_buf wrong;
    cJSON *tree = NULL;

    vcl_buf_init(&wrong, 4096);
    assert_int_equal(vcl_yaml_parse(spec, strlen(spec), &tree, NULL), 0);
    vcl_pod_security_check(level, tree, &wrong);
    assert_string_equal(vcl_buf_text(&wrong), expected);
    cJSON_Delete(tree);
    vcl_buf_done(&wrong);
}

static void pod_security_levels_forbid_what_the_standards_say(void **state)
{
    (void)state;
    const char *plain = "{containers: [{name: a}]}";
    const char *good = "{securityContext: {runAsNonRoot: true, seccompProfile: {type: "
                       "RuntimeDefault}}, volumes: [{name: v, emptyDir: {}}], containers: [{name: "
                       "a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: "
                       "[ALL], add: [NET_BIND_SERVICE]}}}]}";
    const char *bad =
        "{hostNetwork: true, volumes: [{name: v, hostPath: {path: /}}], "
        "initContainers: [{name: a, securityContext: {privileged: true}}], containers:"
        " [{name: b, ports: [{hostPort: 80}], securityContext: {capabilities: {add: "
        "[SYS_ADMIN]}, procMount: Unmasked, seccompProfile: {type: Unconfined}}}]}";

    assert_level("", bad, "");
    assert_level("privileged", bad, "");
    assert_level("baseline", plain, "");
    assert_level("baseline", bad,
                 "hostNetwork; volume 'v' of type hostPath; privileged of container a; added "
                 "capabilities of container b; procMount of container b; a host port of container "
                 "b; seccompProfile Unconfined of container b");
    assert_level("restricted", good, "");
    assert_level(
        "restricted", plain,
        "allowPrivilegeEscalation is not false of container a; capabilities.drop lacks ALL "
        "of container a; runAsNonRoot is not true of container a; seccompProfile is not "
        "RuntimeDefault of container a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_host_that_allows_everything_has_no_findings_and_costs_few_requests),
        TEST(everything_comes_at_once),
        TEST(what_is_missing_in_an_incomplete_list_is_asked_for),
        TEST(a_missing_namespace_takes_the_right_to_make_it),
        TEST(names_and_values_that_cannot_be_are_findings_too),
        TEST(another_virtual_cluster_in_the_namespace_is_a_finding),
        TEST(what_may_not_be_listed_is_told_and_no_failure),
        TEST(a_create_with_preflight_refuses_before_anything_is_touched),
        cmocka_unit_test(images_are_read_as_registries_do),
        TEST(a_kubernetes_image_wants_a_whole_version),
        cmocka_unit_test(pod_security_levels_forbid_what_the_standards_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
