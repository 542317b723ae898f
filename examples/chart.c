/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Helm chart through its life: install, see what an upgrade would change, upgrade, roll back,
 * uninstall. Helm's own tools can take over at any point.
 * usage: chart RELEASE NAMESPACE CHART
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

static int fail(vcluster_error *error)
{
    fprintf(stderr, "chart: %s\n", vcluster_error_to_string(error));
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(error, i);
        fprintf(stderr, "  %s: %s\n", vcluster_finding_path(finding),
                vcluster_finding_message(finding));
    }
    vcluster_error_free(error);
    return 1;
}

static void show(const vcluster_release *release)
{
    printf("revision %lld of %s is %s: %s\n", (long long)vcluster_release_revision(release),
           vcluster_release_name(release), vcluster_release_status(release),
           vcluster_release_description(release));
}

/* [upgrade] */
static int upgrade(vcluster_client *client,
                   const char *name,
                   const vcluster_chart *chart,
                   const vcluster_release_options *options,
                   vcluster_error **error)
{
    vcluster_config *values = NULL;
    vcluster_release *release = NULL;
    char *changes = NULL;

    int status = vcluster_config_parse("{greeting: Good evening}", &values, error);
    if (status == 0)
        status = vcluster_release_diff(client, name, chart, values, options, &changes, error);
    if (status == 0) {
        printf("would change: %s\n", changes);
        status = vcluster_release_upgrade(client, name, chart, values, options, &release, error);
    }
    if (status == 0)
        show(release);
    vcluster_release_free(release);
    vcluster_free(changes);
    vcluster_config_free(values);
    return status;
}
/* [upgrade] */

static int run(vcluster_client *client,
               const char *name,
               const vcluster_chart *chart,
               const vcluster_release_options *options,
               vcluster_error **error)
{
    vcluster_release *installed = NULL;
    vcluster_release *back = NULL;

    int status = vcluster_release_install(client, name, chart, NULL, options, &installed, error);
    if (status == 0) {
        show(installed);
        printf("%s", vcluster_release_notes(installed));
        status = upgrade(client, name, chart, options, error);
    }
    if (status == 0)
        status = vcluster_release_rollback(client, name, 1, options, &back, error);
    if (status == 0) {
        show(back);
        status = vcluster_release_uninstall(client, name, options, error);
    }
    vcluster_release_free(back);
    vcluster_release_free(installed);
    return status;
}

int main(int argc, char **argv)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;

    if (argc != 4) {
        fprintf(stderr, "usage: chart RELEASE NAMESPACE CHART\n");
        return 2;
    }
    options.namespace_name = argv[2];
    options.create_namespace = 1;
    options.timeout_ms = 60000;

    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = vcluster_chart_fetch(argv[3], NULL, &chart, &error);
    if (status == 0)
        status = run(client, argv[1], chart, &options, &error);
    if (status == 0)
        printf("%s is uninstalled\n", argv[1]);

    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    return status < 0 ? fail(error) : 0;
}
