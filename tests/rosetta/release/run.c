/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chart from install to uninstall. The same scenario as run.py and run_test.go, with the same
 * transcript (expected.txt). Public headers only, so the list of changes is read as text.
 */
#include <libvcluster/vcluster.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "rosetta"
#define NAMESPACE "default"

static vcluster_client *host;
static vcluster_chart *chart;
static vcluster_config *evening;
static vcluster_release *first;

static const vcluster_release_options options = { .struct_size = sizeof(options),
                                                  .namespace_name = NAMESPACE };
static const vcluster_release_options tidy = { .struct_size = sizeof(tidy),
                                               .namespace_name = NAMESPACE,
                                               .missing_ok = 1 };
static const vcluster_release_query_options query = { .struct_size = sizeof(query),
                                                      .namespace_name = NAMESPACE };

/* Report a failure; the program ends with 1. */
static int failed(const char *what, vcluster_error *error)
{
    fprintf(stderr, "%s: %s\n", what, vcluster_error_to_string(error));
    vcluster_error_free(error);
    return 1;
}

static int tell(const char *what, int status, vcluster_release *release, vcluster_error *error)
{
    if (status < 0)
        return failed(what, error);
    printf("%s: revision %lld %s\n", what, (long long)vcluster_release_revision(release),
           vcluster_release_status(release));
    return 0;
}

/* A call that must fail with a code. */
static int refused(const char *what, int status, int expected, vcluster_error *error)
{
    if (status != expected)
        return failed(what, error);
    printf("%s: %s\n", what, vcluster_status_name(status));
    vcluster_error_free(error);
    return 0;
}

static int validate(void)
{
    vcluster_config *wrong = NULL;
    vcluster_error *error = NULL;

    printf("%s %s is a chart\n", vcluster_chart_name(chart), vcluster_chart_version(chart));
    if (vcluster_config_parse("greeting: 1", &wrong, &error) < 0)
        return failed("parse", error);
    int status = vcluster_chart_validate(chart, wrong, &error);
    printf("greeting 1: %s, %zu finding\n", vcluster_status_name(status),
           vcluster_error_finding_count(error));
    vcluster_error_free(error);
    vcluster_config_free(wrong);
    return 0;
}

static int install(void)
{
    vcluster_error *error = NULL;

    int status = vcluster_release_install(host, NAME, chart, NULL, &options, &first, &error);
    if (tell("install", status, first, error))
        return 1;
    printf("notes: %s", vcluster_release_notes(first));
    status = vcluster_release_install(host, NAME, chart, NULL, &options, NULL, &error);
    return refused("install again", status, VCLUSTER_E_ALREADY_EXISTS, error);
}

/* The text of a member of the one change there is. */
static void print_member(const char *json, const char *member)
{
    const char *place = strstr(json, member);

    if (place) {
        place += strlen(member);
        printf(" %.*s", (int)strcspn(place, "\""), place);
    }
}

static int diff(void)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    if (vcluster_release_diff(host, NAME, chart, evening, &options, &json, &error) < 0)
        return failed("diff", error);
    printf("diff:%s", strcmp(json, "[]") == 0 ? " nothing" : "");
    print_member(json, "\"change\":\"");
    print_member(json, "\"kind\":\"");
    print_member(json, "\"name\":\"");
    print_member(json, "\"path\":\"");
    printf("\n");
    vcluster_free(json);
    return 0;
}

static int upgrade(void)
{
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    int status = vcluster_release_upgrade(host, NAME, chart, evening, &options, &release, &error);
    int result = tell("upgrade", status, release, error);
    vcluster_release_free(release);
    return result;
}

static int history(void)
{
    vcluster_release_list *list = NULL;
    vcluster_error *error = NULL;

    if (vcluster_release_history(host, NAME, &query, &list, &error) < 0)
        return failed("history", error);
    for (size_t i = 0; i < vcluster_release_list_size(list); i++) {
        const vcluster_release *release = vcluster_release_list_at(list, i);
        printf("history: %lld %s %s\n", (long long)vcluster_release_revision(release),
               vcluster_release_status(release), vcluster_release_description(release));
    }
    vcluster_release_list_free(list);
    return 0;
}

static int roll_back(void)
{
    vcluster_release *third = NULL;
    vcluster_error *error = NULL;

    int status = vcluster_release_rollback(host, NAME, 0, &options, &third, &error);
    int result = tell("rollback", status, third, error) || history();
    if (result == 0)
        printf("same manifest as at first: %s\n",
               strcmp(vcluster_release_manifest(third), vcluster_release_manifest(first)) == 0
                   ? "yes"
                   : "no");
    vcluster_release_free(third);
    return result;
}

static int uninstall(void)
{
    vcluster_release *none = NULL;
    vcluster_error *error = NULL;

    if (vcluster_release_uninstall(host, NAME, &options, &error) < 0)
        return failed("uninstall", error);
    printf("uninstall: done\n");
    int status = vcluster_release_get(host, NAME, 0, &query, &none, &error);
    return refused("get", status, VCLUSTER_E_NOT_FOUND, error);
}

/* A host in memory, where that is asked for. */
static int open_host(const char *kubeconfig, vcluster_error **error)
{
    vcluster_client_options client = VCLUSTER_CLIENT_OPTIONS_INIT;

    client.kubeconfig_path = kubeconfig;
    return kubeconfig ? vcluster_client_new(&client, &host, error)
                      : vcluster_client_new_fake(NULL, &host, error);
}

static int begin(const char *kubeconfig, const char *path)
{
    vcluster_error *error = NULL;

    if (open_host(kubeconfig, &error) < 0 || vcluster_chart_load(path, &chart, &error) < 0 ||
        vcluster_config_parse("greeting: Good evening", &evening, &error) < 0 ||
        vcluster_release_uninstall(host, NAME, &tidy, &error) < 0)
        return failed("begin", error);
    return 0;
}

int main(int argc, char **argv)
{
    const char *which = getenv("VCLUSTER_ROSETTA_HOST");
    int fake = which && strcmp(which, "fake") == 0;
    const char *kubeconfig = fake ? NULL : getenv("VCLUSTER_TEST_KUBECONFIG");

    if (argc != 2)
        return 2;
    if (!fake && (!kubeconfig || !*kubeconfig)) {
        fprintf(stderr, "SKIP: VCLUSTER_TEST_KUBECONFIG is not set\n");
        return 77;
    }
    int result = begin(kubeconfig, argv[1]) || validate() || install() || diff() || upgrade() ||
                 diff() || roll_back() || uninstall();
    if (result != 0 && host)
        (void)!vcluster_release_uninstall(host, NAME, &tidy, NULL);
    vcluster_release_free(first);
    vcluster_config_free(evening);
    vcluster_chart_free(chart);
    vcluster_client_unref(host);
    return result;
}
