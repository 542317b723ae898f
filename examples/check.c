/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a control plane would refuse of a values file, before it does; and what the file changes
 * against the defaults.
 * usage: check VALUES
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [check] */
static int check(const vcluster_config *config, vcluster_error **error)
{
    vcluster_check_options options = VCLUSTER_CHECK_OPTIONS_INIT;
    vcluster_report *report = NULL;

    options.licence = "none";
    int status = vcluster_config_check(config, NULL, NULL, &options, &report, error);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *finding = vcluster_report_at(report, i);
        printf("%s %s: %s\n", vcluster_finding_rule(finding), vcluster_finding_path(finding),
               vcluster_finding_message(finding));
    }
    if (status == 0)
        printf("%zu findings\n", vcluster_report_size(report));
    vcluster_report_free(report);
    return status;
}
/* [check] */

static int compare(const vcluster_config *config, vcluster_error **error)
{
    vcluster_plan *plan = NULL;

    int status = vcluster_sync_diff(NULL, NULL, config, NULL, &plan, error);
    for (size_t i = 0; i < vcluster_plan_size(plan); i++)
        printf("%s: %s\n", vcluster_change_path(vcluster_plan_at(plan, i)),
               vcluster_change_reason(vcluster_plan_at(plan, i)));
    vcluster_plan_free(plan);
    return status;
}

int main(int argc, char **argv)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    if (argc != 2) {
        fprintf(stderr, "usage: check VALUES\n");
        return 2;
    }
    int status = vcluster_config_load(argv[1], &config, &error);
    if (status == 0)
        status = check(config, &error);
    if (status == 0)
        status = compare(config, &error);
    vcluster_config_free(config);
    if (status < 0)
        fprintf(stderr, "check: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
