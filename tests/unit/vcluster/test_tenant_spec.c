/* SPDX-License-Identifier: Apache-2.0 */
/* TeamCluster documents rendered to files for Git, read back, and refused. */
#include "cm.h"

#include <libvcluster/gitops.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define FOLDER VCLUSTER_FIXTURES "/gitops/"
#define TENANT "kind: TeamCluster\nmetadata: {name: team-a}\n"
#define QUOTA "spec: {team: a, resourceQuota: {cpu: 8, memory: 16Gi}}\n"

enum { MAX_TEXT = 1 << 16 };

static char *read_text(const char *path)
{
    FILE *stream = fopen(path, "re");
    char *text = calloc(1, MAX_TEXT);

    if (!stream)
        fail_msg("cannot open %s", path);
    assert_non_null(text);
    assert_true(fread(text, 1, MAX_TEXT - 1, stream) > 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static vcluster_files *render(const char *spec, const char *format)
{
    vcluster_error *error = NULL;
    vcluster_files *files = NULL;

    assert_works(vcluster_gitops_render(spec, format, NULL, &files, &error), &error);
    return files;
}

/* The text of a file, which has to be there. */
static const char *file(const vcluster_files *files, const char *path)
{
    for (size_t i = 0; i < vcluster_files_size(files); i++) {
        if (strcmp(vcluster_files_path(files, i), path) == 0)
            return vcluster_files_text(files, i);
    }
    fail_msg("there is no %s", path);
    return "";
}

static void assert_case(const char *name, size_t count)
{
    char *path = vcl_format(FOLDER "%s/spec.yaml", name);
    char *spec = read_text(path);
    vcluster_error *error = NULL;
    vcluster_files *files = render(spec, NULL);
    char *back = NULL;

    assert_int_equal(vcluster_files_size(files), count);
    assert_works(vcluster_gitops_import(files, NULL, &back, &error), &error);
    vcluster_files *again = render(back, NULL);
    assert_int_equal(vcluster_files_size(again), count);
    for (size_t i = 0; i < count; i++) {
        const char *made = vcluster_files_path(files, i);
        char *place = vcl_format(FOLDER "%s/files/%s", name, made);
        char *wanted = read_text(place);
        assert_string_equal(file(files, made), wanted);
        assert_string_equal(file(again, made), wanted);
        free(wanted);
        free(place);
    }
    vcluster_files_free(again);
    vcluster_files_free(files);
    vcluster_free(back);
    free(spec);
    free(path);
}

static void a_team_cluster_is_byte_for_byte_the_same_and_read_back(void **state)
{
    (void)state;
    assert_case("team-cluster", 4);
    assert_case("team-cluster-set", 2);
}

/* What the files say of a tenant is read back as one, which makes the same files. */
static void
assert_document(const char *document, const char *format, const char *wanted, const char *other)
{
    vcluster_error *error = NULL;
    vcluster_files *files = render(document, format);
    char *back = NULL;

    assert_works(vcluster_gitops_import(files, NULL, &back, &error), &error);
    if (!strstr(back, wanted))
        fail_msg("%s has lost '%s': %s", format, wanted, back);
    if (strstr(back, other))
        fail_msg("%s has '%s': %s", format, other, back);
    vcluster_files *again = render(back, NULL);
    assert_int_equal(vcluster_files_size(again), vcluster_files_size(files));
    for (size_t i = 0; i < vcluster_files_size(files); i++)
        assert_string_equal(file(again, vcluster_files_path(files, i)),
                            vcluster_files_text(files, i));
    vcluster_files_free(again);
    vcluster_files_free(files);
    vcluster_free(back);
}

static void a_tenant_is_read_back_as_one_in_every_layout(void **state)
{
    static const char *const formats[] = { "argocd", "argocd-applicationset", "flux", "manifests" };
    static const char isolated[] =
        TENANT QUOTA "git: {repository: 'https://x.example/r'}\nowner: o\nvalues: {plugins: {}}\n";
    static const char own[] =
        TENANT QUOTA "git: {repository: 'https://x.example/r'}\nvalues: {policies: {networkPolicy: "
                     "{workload: {publicEgress: {except: [10.0.0.0/8]}}}}}\n";
    static const char shared[] =
        TENANT "spec: {preset: small, kubernetesVersion: '1.34', networkIsolation: false}\n"
               "git: {repository: 'https://x.example/r'}\nvalues: {sync: {fromHost: {}}}\n";
    (void)state;

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        assert_document(isolated, formats[i],
                        "\n  resourceQuota:\n    cpu: \"8\"\n    memory: 16Gi\n", "policies");
        assert_document(isolated, formats[i], "kind: TeamCluster\n", "libvcluster.dev");
        assert_document(own, formats[i], "kind: TeamCluster\n", "enabled");
        assert_document(shared, formats[i], "\n  kubernetesVersion: 1.34.", "distro");
        assert_document(shared, formats[i], "\n    count/pods: \"20\"\n    cpu: \"2\"\n",
                        "policies");
        assert_document(shared, formats[i], "\n  networkIsolation: false\n", "null");
    }
}

static void a_plain_quota_is_no_tenant(void **state)
{
    static const char spec[] = "name: a\nlimitRange: {}\nquota: {requests.cpu: '10', limits.cpu: "
                               "'20', requests.memory: 20Gi}\n";
    (void)state;

    assert_document(spec, "argocd", "\nquota:\n  limits.cpu: \"20\"\n", "TeamCluster");
    assert_document(spec, "manifests", "\n  requests.memory: 20Gi\n", "TeamCluster");
    assert_document("name: a\nlimitRange: {}\nquota: {requests.cpu: 1m, pods: 1}\n", "argocd",
                    "\n  pods: 1\n", "TeamCluster");
}

static void manifests_have_room_for_the_control_plane_that_is_rendered(void **state)
{
    (void)state;
    vcluster_files *files = render(TENANT QUOTA, "manifests");
    const char *quota = file(files, "clusters/team-a/quota.yaml");

    assert_non_null(strstr(quota, "requests.cpu: "));
    assert_null(strstr(quota, "requests.cpu: \"8\"\n")); /* and on top the control plane's */
    assert_non_null(strstr(file(files, "clusters/team-a/namespace.yaml"), "team: a"));
    (void)file(files, "clusters/team-a/network-policy.yaml");
    vcluster_files_free(files);
}

static void what_is_said_beside_it_stays(void **state)
{
    (void)state;
    vcluster_files *files =
        render(TENANT QUOTA "namespace: here\nvalues: {plugins: {x: {image: 'a:1'}}}\n", "argocd");
    const char *application = file(files, "clusters/team-a/application.yaml");

    assert_non_null(strstr(application, "namespace: here"));
    assert_non_null(strstr(application, "image: a:1"));
    assert_non_null(strstr(application, "libvcluster.dev/team: a"));
    vcluster_files_free(files);
}

static void assert_refused(const char *spec, const char *path)
{
    vcluster_error *error = NULL;
    vcluster_files *files = NULL;

    assert_int_equal(vcluster_gitops_render(spec, NULL, NULL, &files, &error), VCLUSTER_E_CONFIG);
    assert_null(files);
    assert_int_equal(vcluster_error_finding_count(error), 1);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)), path);
    vcluster_error_free(error);
}

static void what_is_wrong_with_it_is_refused_with_its_path(void **state)
{
    (void)state;
    assert_refused(TENANT "spec: {team: a, resourceQuota: {cpuu: 8}}", "spec.resourceQuota.cpuu");
    assert_refused(TENANT "spec: {team: a, resourceQuota: {cpu: -8}}", "spec.resourceQuota.cpu");
    assert_refused(TENANT "spec: {team: a}", "spec.resourceQuota");
    assert_refused(TENANT, "spec");
    assert_refused(TENANT QUOTA "chart: {version: latest}", "chart.version");
    assert_refused(TENANT QUOTA "values: 7", "values");
    assert_refused(TENANT QUOTA "quoata: {}", "quoata");
    assert_refused("kind: TeamClusters\nname: a", "kind");
}

static void a_version_that_there_is_not_is_refused(void **state)
{
    static const char spec[] =
        TENANT "spec: {team: a, kubernetesVersion: '1.2', resourceQuota: {cpu: 8, memory: 16Gi}}";
    vcluster_error *error = NULL;
    vcluster_files *files = NULL;

    (void)state;
    assert_fails(vcluster_gitops_render(spec, "manifests", NULL, &files, &error), VCLUSTER_E_CONFIG,
                 &error, "1.2");
    assert_fails(vcluster_gitops_render(spec, "flux", NULL, &files, &error), VCLUSTER_E_CONFIG,
                 &error, "1.2");
    assert_null(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_team_cluster_is_byte_for_byte_the_same_and_read_back),
        cmocka_unit_test(a_tenant_is_read_back_as_one_in_every_layout),
        cmocka_unit_test(a_plain_quota_is_no_tenant),
        cmocka_unit_test(manifests_have_room_for_the_control_plane_that_is_rendered),
        cmocka_unit_test(what_is_said_beside_it_stays),
        cmocka_unit_test(what_is_wrong_with_it_is_refused_with_its_path),
        cmocka_unit_test(a_version_that_there_is_not_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
