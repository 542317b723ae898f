/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the virtual cluster of a team still fits into what all of them may have together.
 * usage: budget BUDGET TENANT
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

enum { MAX_TEXT = 1 << 16 };

/* [admit] */
static int admit(vcluster_client *client,
                 const char *total, /* {cpu: 64, memory: 256Gi} */
                 const char *tenant,
                 vcluster_error **error)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_budget *budget = NULL;
    char *name = NULL;

    options.budget = total;
    int status = vcluster_config_new(&config, error);
    if (status == 0)
        status = vcluster_config_set_tenant(config, tenant, NULL, &name, error);
    options.name = name;
    if (status == 0)
        status = vcluster_budget_admit(client, config, NULL, &options, &budget, error);
    for (size_t i = 0; i < vcluster_budget_finding_count(budget); i++) {
        const vcluster_finding *finding = vcluster_budget_finding_at(budget, i);
        printf("%s: %s\n", vcluster_finding_path(finding), vcluster_finding_message(finding));
    }
    if (status == 0)
        printf("%s %s\n", name, vcluster_budget_fits(budget) ? "fits" : "does not fit");
    vcluster_budget_free(budget);
    vcluster_config_free(config);
    vcluster_free(name);
    return status;
}
/* [admit] */

int main(int argc, char **argv)
{
    static char tenant[MAX_TEXT];
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (!file || fread(tenant, 1, sizeof(tenant) - 1, file) == 0) {
        fprintf(stderr, "usage: budget BUDGET TENANT\n");
        return 2;
    }
    fclose(file);
    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = admit(client, argv[1], tenant, &error);
    if (status < 0)
        fprintf(stderr, "budget: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_client_unref(client);
    return status < 0;
}
