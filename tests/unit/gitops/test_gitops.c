/* SPDX-License-Identifier: Apache-2.0 */
/* Files for Git: each format byte for byte, what is refused, lists of files. */
#include "gitops/gitops.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "data/yaml.h"
#include "gitops/files.h"

#define FOLDER VCLUSTER_FIXTURES "/gitops/"

static char *read_text(const char *path)
{
    FILE *stream = fopen(path, "re");
    char *text = calloc(1, 1 << 16);

    if (!stream)
        fail_msg("cannot open %s", path);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, stream) > 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static vcluster_files *render_case(const char *name, const vcluster_chart *chart)
{
    vcl_auto_free char *path = vcl_format(FOLDER "%s/spec.yaml", name);
    vcl_auto_free char *spec = read_text(path);
    VCL_AUTO_ERROR *error = NULL;
    vcluster_files *files = NULL;

    assert_ok(vcl_gitops_render(spec, NULL, chart, &files, &error), error);
    return files;
}

static void assert_files(const char *name, const vcluster_chart *chart, size_t count)
{
    VCL_AUTO_FILES *files = render_case(name, chart);
    VCL_AUTO_FILES *again = render_case(name, chart);

    assert_int_equal(vcluster_files_size(files), count);
    for (size_t i = 0; i < count; i++) {
        const char *path = vcluster_files_path(files, i);
        vcl_auto_free char *place = vcl_format(FOLDER "%s/files/%s", name, path);
        vcl_auto_free char *wanted = read_text(place);
        assert_string_equal(vcluster_files_text(files, i), wanted);
        assert_string_equal(vcluster_files_text(again, i), wanted);
    }
}

static void argocd_gets_an_application(void **state)
{
    (void)state;
    assert_files("argocd", NULL, 1);
}

static void with_a_repository_the_values_are_a_file(void **state)
{
    (void)state;
    assert_files("argocd-git", NULL, 2);
}

static void an_applicationset_reads_the_folders(void **state)
{
    (void)state;
    assert_files("applicationset", NULL, 2);
}

static void a_lease_is_an_annotation_of_the_workload(void **state)
{
    (void)state;
    assert_files("lease", NULL, 1);
}

static void argocd_reaches_a_virtual_cluster_by_its_service(void **state)
{
    (void)state;
    assert_files("cluster", NULL, 1);
}

static void flux_gets_a_release_and_its_source(void **state)
{
    (void)state;
    assert_files("flux", NULL, 4);
    assert_files("flux-oci", NULL, 4);
}

static void manifests_have_policies_in_files_of_their_own(void **state)
{
    vcluster_chart *chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_ok(vcluster_chart_load(FOLDER "manifests/chart", &chart, &error), error);
    assert_files("manifests", chart, 6);
    vcluster_chart_free(chart);
}

static void the_embedded_chart_is_rendered_without_another(void **state)
{
    VCL_AUTO_FILES *files = render_case("manifests", NULL);
    const char *quota = vcl_files_find(files, "clusters/team-alpha/quota.yaml");
    (void)state;

    assert_non_null(quota);
    assert_non_null(strstr(quota, "pods: \"50\""));
    assert_non_null(vcl_files_find(files, "clusters/team-alpha/network-policy.yaml"));
    assert_non_null(vcl_files_find(files, "clusters/team-alpha/limit-range.yaml"));
}

/* As vcluster_gitops_import() where no tenant stands for the files. */
static int
import_spec(const vcluster_files *files, const char *name, char **out_text, vcluster_error **error)
{
    VCL_AUTO_JSON *spec = NULL;

    int status = vcl_gitops_import(files, name, &spec, error);
    if (status == 0)
        status = vcl_gitops_take_policies(spec, error);
    return status < 0 ? status : vcl_yaml_print(spec, out_text, error);
}

/* What is read back makes the same files again. The spec that was read. */
static char *import_again(const vcluster_files *files, const vcluster_chart *chart)
{
    VCL_AUTO_FILES *again = NULL;
    VCL_AUTO_ERROR *error = NULL;
    char *spec = NULL;

    assert_ok(import_spec(files, NULL, &spec, &error), error);
    assert_ok(vcl_gitops_render(spec, NULL, chart, &again, &error), error);
    assert_int_equal(vcluster_files_size(again), vcluster_files_size(files));
    for (size_t i = 0; i < vcluster_files_size(files); i++) {
        assert_string_equal(vcluster_files_path(again, i), vcluster_files_path(files, i));
        assert_string_equal(vcluster_files_text(again, i), vcluster_files_text(files, i));
    }
    return spec;
}

static void assert_round_trip(const char *name, const vcluster_chart *chart)
{
    VCL_AUTO_FILES *files = render_case(name, chart);

    free(import_again(files, chart));
}

static void what_is_read_back_makes_the_same_files(void **state)
{
    vcluster_chart *chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_round_trip("argocd", NULL);
    assert_round_trip("argocd-git", NULL);
    assert_round_trip("lease", NULL);
    assert_round_trip("applicationset", NULL);
    assert_round_trip("flux", NULL);
    assert_round_trip("flux-oci", NULL);
    assert_ok(vcluster_chart_load(FOLDER "manifests/chart", &chart, &error), error);
    assert_round_trip("manifests", chart);
    vcluster_chart_free(chart);
}

/* The fields of a spec, in every layout, and the values without what they say. */
static void assert_fields(const char *spec, const char *format, const char *const *lines)
{
    VCL_AUTO_FILES *files = NULL;
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_gitops_render(spec, format, NULL, &files, &error), error);
    vcl_auto_free char *back = import_again(files, NULL);
    for (; *lines; lines++) {
        if (!strstr(back, *lines))
            fail_msg("%s has lost '%s': %s", format, *lines, back);
    }
    assert_null(strstr(back, "libvcluster.dev"));
    assert_null(strstr(back, "policies"));
    assert_null(strstr(back, "statefulSet"));
}

static const char *const git_formats[] = { "argocd", "argocd-applicationset", "flux", "manifests" };

static void what_fields_say_comes_back_in_them(void **state)
{
    static const char spec[] =
        "{name: a, owner: o@example.com, expires: '2026-12-31T18:00:00Z', quota: {pods: 50, "
        "requests.cpu: '4'}, limitRange: {default: {cpu: 1}}, networkPolicy: true,"
        "git: {repository: 'https://x.example/r'}, values: {sync: {toHost: {pods: {}}}}}";
    static const char *const lines[] = { "\nowner: o@example.com\n",
                                         "\nexpires: \"2026-12-31T18:00:00Z\"\n",
                                         "\nquota:\n  pods: 50\n  requests.cpu: \"4\"\n",
                                         "\nlimitRange:\n  default:\n    cpu: 1\n",
                                         "\nnetworkPolicy: true\n",
                                         "\n  sync:\n    toHost:\n      pods: {}",
                                         NULL };
    static const char *const none[] = { "\nquota: {}", "\nlimitRange: {}\n", NULL };
    (void)state;

    for (size_t i = 0; i < sizeof(git_formats) / sizeof(git_formats[0]); i++) {
        assert_fields(spec, git_formats[i], lines);
        assert_fields("{name: a, quota: {}, limitRange: {}, git: {repository: 'git@x:r'}}",
                      git_formats[i], none);
    }
}

/* What no field can say whole stays where it is, beside what one can. */
static void what_no_field_says_stays_in_the_values(void **state)
{
    static const char spec[] =
        "{name: a, format: argocd, owner: o, values: {controlPlane: {statefulSet: {annotations: "
        "{x: y, libvcluster.dev/expires-at: soon}}}, policies: {resourceQuota: {enabled: true},"
        " limitRange: {enabled: false}, networkPolicy: {enabled: true, workload: {x: 1}}}}}";
    VCL_AUTO_FILES *files = NULL;
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_ok(vcl_gitops_render(spec, NULL, NULL, &files, &error), error);
    vcl_auto_free char *back = import_again(files, NULL);
    assert_non_null(strstr(back, "\nowner: o\n"));
    assert_non_null(strstr(back, "\nnetworkPolicy: true\n"));
    assert_null(strstr(back, "\nquota"));
    assert_null(strstr(back, "\nlimitRange"));
    assert_null(strstr(back, "\nexpires"));
    assert_non_null(strstr(back, "\n        libvcluster.dev/expires-at: soon\n"));
    assert_non_null(strstr(back, "\n    limitRange:\n      enabled: false\n    networkPolicy:\n"
                                 "      workload:\n        x: 1\n    resourceQuota:\n"
                                 "      enabled: true"));
}

static void assert_import(const char *text, const char *name, int status)
{
    VCL_AUTO_FILES *files = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *spec = NULL;

    assert_ok(vcluster_files_new(&files, &error), error);
    assert_ok(vcluster_files_add(files, "a/b/c.yaml", text, &error), error);
    assert_int_equal(import_spec(files, name, &spec, &error), status);
    assert_true(!spec == (status < 0));
}

static void what_a_spec_cannot_say_is_not_left_out(void **state)
{
    static const char two[] =
        "{kind: Application, spec: {source: {chart: c, repoURL: 'https://x', helm: {releaseName: "
        "a}}"
        "}}\n---\n{kind: Application, spec: {source: {chart: c, repoURL: r, helm: {releaseName: b,"
        " values: 'x: 1'}}}}\n";
    (void)state;

    assert_import(two, NULL, VCLUSTER_E_INVALID_ARGUMENT);
    assert_import(two, "b", VCLUSTER_OK);
    assert_import(two, "c", VCLUSTER_E_NOT_FOUND);
    assert_import("kind: Secret", NULL, VCLUSTER_E_NOT_FOUND);
    assert_import("a: [", NULL, VCLUSTER_E_CONFIG);
    assert_import("{kind: Application, spec: {source: {chart: c, helm: {parameters: []}}}}", NULL,
                  VCLUSTER_E_UNSUPPORTED);
    assert_import("{kind: Application, spec: {source: {chart: c, helm: {valueFiles: [x.yaml]}}}}",
                  NULL, VCLUSTER_E_UNSUPPORTED);
    assert_import(
        "{kind: Application, spec: {source: {chart: c, helm: {valueFiles: [$values/x]}}}}", NULL,
        VCLUSTER_E_NOT_FOUND);
    assert_import("{kind: HelmRelease, spec: {valuesFrom: []}}", NULL, VCLUSTER_E_UNSUPPORTED);
    assert_import("{kind: HelmRelease, spec: {}}", NULL, VCLUSTER_E_NOT_FOUND);
    assert_import("[1, null, {kind: 7}]", NULL, VCLUSTER_E_NOT_FOUND);
}

/* One finding of that rule at that path. */
static void assert_refused(const char *spec, const char *path, const char *rule)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_files *files = NULL;

    assert_int_equal(vcl_gitops_render(spec, NULL, NULL, &files, &error), VCLUSTER_E_CONFIG);
    assert_null(files);
    assert_int_equal(vcluster_error_finding_count(error), 1);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
    assert_string_equal(vcluster_finding_path(finding), path);
    assert_string_equal(vcluster_finding_rule(finding), rule);
}

static void what_is_wrong_is_refused_with_its_path(void **state)
{
    static const char *const cases[][3] = {
        { "{}", "name", "gitops-name" },
        { "{name: Alpha}", "name", "gitops-name" },
        { "{name: a, namespace: a_b}", "namespace", "gitops-name" },
        { "{name: a, team: 'x y'}", "team", "gitops-name" },
        { "{name: a, owner: 7}", "owner", "gitops-type" },
        { "{name: a, owner: ''}", "owner", "gitops-owner" },
        { "{name: a, expires: tomorrow}", "expires", "gitops-time" },
        { "{name: a, expires: 24h}", "expires", "gitops-time" },
        { "{name: a, expires: 2026-13-01T00:00:00Z}", "expires", "gitops-time" },
        { "{name: a, chart: {version: 1.0}}", "chart.version", "gitops-type" },
        { "{name: a, chart: {verison: '1.0.0'}}", "chart.verison", "gitops-unknown-key" },
        { "{name: a, quota: 7}", "quota", "gitops-type" },
        { "{name: a, chart: {version: latest}}", "chart.version", "version-unpinned" },
        { "{name: a, chart: {version: '>=0.30'}}", "chart.version", "version-unpinned" },
        { "{name: a, chart: {repository: 'http://x.example'}}", "chart.repository", "gitops-url" },
        { "{name: a, git: {repository: 'https://u:p@x.example/r'}}", "git.repository",
          "secret-in-values" },
        { "{name: a, format: argocd-applicationset}", "git.repository", "gitops-missing" },
        { "{name: a, namespace: b, format: argocd-applicationset, git: {repository: 'git@x:r'}}",
          "namespace", "gitops-applicationset" },
        { "{name: a, format: argocd-cluster}", "kubeconfig", "gitops-missing" },
        { "{name: a, values: {controlPlane: {distro: {k8s: {version: '1.31'}}}}}",
          "values.controlPlane.distro.k8s.version", "k8s-version-format" },
        { "{name: a, values: {exportKubeConfig: {insecure: true}}}",
          "values.exportKubeConfig.insecure", "insecure-kubeconfig" },
        { "{name: a, values: {x: [{password: hunter2}]}}", "values.x[0].password",
          "secret-in-values" },
        { "{name: a, values: {dataSource: 'mysql://u:p@db:3306/x'}}", "values.dataSource",
          "secret-in-values" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i][0], cases[i][1], cases[i][2]);
}

static void all_findings_come_at_once_without_the_secret(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_files *files = NULL;
    (void)state;

    assert_int_equal(vcl_gitops_render("{name: a, chart: {version: '*', repository: 'ftp://x'},"
                                       " values: {token: tok-123, insecure: true}}",
                                       "flux", NULL, &files, &error),
                     VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 4);
    assert_null(strstr(vcluster_error_to_string(error), "tok-123"));
}

static void an_unknown_format_names_those_there_are(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_files *files = NULL;
    (void)state;

    assert_int_equal(vcl_gitops_render("name: a", "helm", NULL, &files, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_non_null(strstr(vcluster_error_message(error), "argocd-applicationset"));
}

static void assert_kubeconfig_refused(const char *cluster, const char *user)
{
    vcl_auto_free char *spec = vcl_format(
        "{name: a, kubeconfig: \"{current-context: x, contexts: [{name: x, context: {cluster: x, "
        "user: x}}], clusters: [{name: x, cluster: {%s}}], users: [{name: x, user: {%s}}]}\"}",
        cluster, user);
    VCL_AUTO_ERROR *error = NULL;
    vcluster_files *files = NULL;

    assert_int_equal(vcl_gitops_render(spec, "argocd-cluster", NULL, &files, &error),
                     VCLUSTER_E_CONFIG);
    assert_null(files);
}

static void a_kubeconfig_that_verifies_nothing_is_refused(void **state)
{
    (void)state;
    assert_kubeconfig_refused("server: 'https://x'", "token: t");
    assert_kubeconfig_refused(
        "server: 'https://x', certificate-authority-data: Q0E=, insecure-skip-tls-verify: true",
        "token: t");
    assert_kubeconfig_refused("server: 'https://x', certificate-authority-data: Q0E=",
                              "exec: {command: login}");
    assert_kubeconfig_refused("", "token: t");
}

static void another_version_of_the_chart_is_refused(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_files *files = NULL;
    (void)state;

    assert_int_equal(
        vcl_gitops_render("{name: a, chart: {version: 9.9.9}}", "manifests", NULL, &files, &error),
        VCLUSTER_E_CONFIG);
    assert_null(files);
}

static void files_are_sorted_and_stay_inside(void **state)
{
    static const char *const bad[] = { "", "/a", "a//b", "../a", "a/..", "./a", "a\\b", "a/" };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_FILES *files = NULL;
    (void)state;

    assert_ok(vcluster_files_new(&files, &error), error);
    assert_ok(vcluster_files_add(files, "b/x", "2", &error), error);
    assert_ok(vcluster_files_add(files, "a/..x", "1", &error), error);
    assert_string_equal(vcluster_files_path(files, 0), "a/..x");
    assert_string_equal(vcluster_files_text(files, 1), "2");
    assert_null(vcluster_files_path(files, 2));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(vcluster_files_add(files, bad[i], "", NULL), VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(vcluster_files_add(files, "b/x", "", NULL), VCLUSTER_E_ALREADY_EXISTS);
    assert_int_equal(vcluster_files_size(files), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argocd_gets_an_application),
        cmocka_unit_test(with_a_repository_the_values_are_a_file),
        cmocka_unit_test(an_applicationset_reads_the_folders),
        cmocka_unit_test(a_lease_is_an_annotation_of_the_workload),
        cmocka_unit_test(argocd_reaches_a_virtual_cluster_by_its_service),
        cmocka_unit_test(flux_gets_a_release_and_its_source),
        cmocka_unit_test(manifests_have_policies_in_files_of_their_own),
        cmocka_unit_test(the_embedded_chart_is_rendered_without_another),
        cmocka_unit_test(what_is_read_back_makes_the_same_files),
        cmocka_unit_test(what_fields_say_comes_back_in_them),
        cmocka_unit_test(what_no_field_says_stays_in_the_values),
        cmocka_unit_test(what_a_spec_cannot_say_is_not_left_out),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_path),
        cmocka_unit_test(all_findings_come_at_once_without_the_secret),
        cmocka_unit_test(an_unknown_format_names_those_there_are),
        cmocka_unit_test(a_kubeconfig_that_verifies_nothing_is_refused),
        cmocka_unit_test(another_version_of_the_chart_is_refused),
        cmocka_unit_test(files_are_sorted_and_stay_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
