/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The preflight on a real host: what is in the way of one configuration, all at once, and each
 * finding borne out by the host, which refuses what was foretold; and nothing once it is mended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define SPACE "vcluster-e2e-preflight"
#define NAME "flight"
#define NOBODY "libvcluster-e2e-nobody"

static const char bad_values[] = "{controlPlane: {statefulSet: {security: "
                                 "{containerSecurityContext: {privileged: true}}, image: "
                                 "{repository: 'No/Such Image'}, persistence: {volumeClaim: "
                                 "{storageClass: no-such-class}}}, ingress: {enabled: true, host: "
                                 "a.example.com}}, sleep: {auto: "
                                 "{afterInactivity: 1h}}}";

static const char *const obstacles[] = {
    "{apiVersion: v1, kind: Namespace, metadata: {name: " SPACE ", labels: "
    "{pod-security.kubernetes.io/enforce: restricted}}}",
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: tight, namespace: " SPACE "}, spec: "
    "{hard: {pods: 0, limits.cpu: 4}}}",
    "{apiVersion: v1, kind: LimitRange, metadata: {name: low, namespace: " SPACE "}, spec: "
    "{limits: [{type: Container, max: {memory: 1Mi}}]}}",
};

static vcluster_client *nobody;

static int begin(void **state)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    e2e_remove_namespace(SPACE);
    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    options.impersonate_user = NOBODY;
    e2e_ok(vcluster_client_new(&options, &nobody, &error), error);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(nobody);
    e2e_remove(NAME, SPACE);
    e2e_remove_namespace(SPACE);
    return 0;
}

static vcluster_report *
preflight(vcluster_client *client, const vcluster_config *config, const char *distribution)
{
    vcluster_ensure_options options = e2e_ensure_options(SPACE);
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    options.distribution = distribution;
    e2e_ok(vcluster_instance_preflight(client, NAME, config, &options, &report, &error), error);
    return report;
}

static const vcluster_finding *find(const vcluster_report *report, const char *rule)
{
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *one = vcluster_report_at(report, i);
        if (!strcmp(vcluster_finding_rule(one), rule))
            return one;
    }
    return NULL;
}

/* Rules of severity error that are in the report, out of those named; prints them. */
static int count(const vcluster_report *report, const char *const *rules)
{
    int found = 0;

    for (; *rules; rules++) {
        const vcluster_finding *one = find(report, *rules);
        if (!one) {
            print_error("not found: %s\n", *rules);
            continue;
        }
        assert_int_equal(vcluster_finding_severity(one), VCLUSTER_SEVERITY_ERROR);
        assert_true(*vcluster_finding_remedy(one));
        print_message("%-18s %s: %s\n", *rules, vcluster_finding_path(one),
                      vcluster_finding_message(one));
        found++;
    }
    return found;
}

static void all_that_is_in_the_way_is_told_at_once(void **state)
{
    static const char *const rules[] = { "image",        "storage-class",
                                         "pod-security", "quota-unspecified",
                                         "limit-range",  NULL };
    static const char *const of_nobody[] = { "rights", "rights-escalation", "image", NULL };
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(obstacles) / sizeof(obstacles[0]); i++)
        e2e_apply(e2e_host(), obstacles[i]);
    e2e_ok(vcluster_config_parse(bad_values, &config, &error), error);
    vcluster_report *report = preflight(e2e_host(), config, "embedded");
    assert_int_equal(count(report, rules), 5);
    assert_non_null(find(report, "no-effect"));
    vcluster_report_free(report);

    report = preflight(nobody, config, "embedded");
    assert_int_equal(count(report, of_nobody), 3);
    assert_non_null(find(report, "unchecked"));
    vcluster_report_free(report);

    vcluster_ensure_options options = e2e_ensure_options(SPACE);
    options.preflight = 1;
    int status = vcluster_instance_create(e2e_host(), NAME, config, &options, NULL, &error);
    assert_int_equal(status, VCLUSTER_E_PRECONDITION);
    assert_true(vcluster_error_finding_count(error) >= 6);
    vcluster_error_free(error);
    assert_false(e2e_exists(e2e_host(), "apps/v1", "StatefulSet", SPACE, NAME));
    assert_false(e2e_exists(e2e_host(), "v1", "Service", SPACE, NAME));
    vcluster_config_free(config);
}

/* What was foretold of somebody without rights is what the host says. */
static void the_host_refuses_what_was_foretold(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(SPACE);
    vcluster_error *error = NULL;

    (void)state;
    int status = vcluster_instance_create(nobody, NAME, NULL, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_PERMISSION, error, "");
    options.preflight = 1;
    error = NULL;
    status = vcluster_instance_create(nobody, NAME, NULL, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error, "preflight");
}

static void grant(const char *roles)
{
    char text[2048];

    (void)snprintf(
        text, sizeof(text),
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: flight, "
        "namespace: " SPACE "}, rules: [{apiGroups: [''], resources: [secrets], verbs: "
        "[get, list, create, update, patch]}, {apiGroups: [apps], resources: "
        "[statefulsets], verbs: [get, list, create, patch]}, {apiGroups: [apps], "
        "resources: [deployments], verbs: [list]}, {apiGroups: [''], resources: [pods], "
        "verbs: [get, list, watch]}, {apiGroups: [''], resources: [pods/portforward], "
        "verbs: [get, create]}, {apiGroups: [''], resources: [services, "
        "serviceaccounts], verbs: [get, create, patch]}, {apiGroups: "
        "[rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [%s]}]}",
        roles);
    e2e_apply(e2e_host(), text);
    e2e_apply(e2e_host(),
              "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: "
              "flight, namespace: " SPACE "}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: "
              "Role, name: flight}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, "
              "name: " NOBODY "}]}");
}

/* The rights that are asked for are those that a create takes: no fewer, or it would fail. */
static void who_holds_what_is_asked_for_can_create(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(SPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    e2e_remove_namespace(SPACE);
    e2e_make_namespace(SPACE);
    grant("get, patch");
    vcluster_report *report = preflight(nobody, config, "embedded");
    const vcluster_finding *missing = find(report, "rights");
    assert_non_null(missing);
    assert_non_null(strstr(vcluster_finding_message(missing), "may not create roles.rbac"));
    vcluster_report_free(report);

    grant("get, create, patch");
    report = preflight(nobody, config, "embedded");
    assert_int_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_WARNING);
    vcluster_report_free(report);
    options.preflight = 1;
    e2e_ok(vcluster_instance_create(nobody, NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
    e2e_remove(NAME, SPACE);
}

static void what_is_mended_is_found_no_more_and_the_create_succeeds(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(SPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    e2e_remove_namespace(SPACE);
    vcluster_report *report = preflight(e2e_host(), config, "embedded");
    assert_int_equal(vcluster_report_size(report), 0);
    vcluster_report_free(report);
    options.preflight = 1;
    e2e_ok(vcluster_instance_create(e2e_host(), NAME, config, &options, NULL, &error), error);
    report = preflight(e2e_host(), config, "embedded");
    assert_int_not_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_ERROR);
    vcluster_report_free(report);
    vcluster_config_free(config);
}

int main(void)
{
    E2E_NEEDS_HOST();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_in_the_way_is_told_at_once),
        cmocka_unit_test(the_host_refuses_what_was_foretold),
        cmocka_unit_test(who_holds_what_is_asked_for_can_create),
        cmocka_unit_test(what_is_mended_is_found_no_more_and_the_create_succeeds),
    };
    int failed = cmocka_run_group_tests(tests, begin, end);
    e2e_done();
    return failed;
}
