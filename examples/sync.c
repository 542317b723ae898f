/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sync rules of a values file as a table, before and after one is switched on.
 * usage: sync VALUES KIND
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [sync] */
static int show(const vcluster_config *config, vcluster_error **error)
{
    vcluster_sync_rules *rules = NULL;

    int status = vcluster_sync_rules_new(NULL, config, &rules, error);
    for (size_t i = 0; i < vcluster_sync_rules_size(rules); i++) {
        const vcluster_sync_rule *rule = vcluster_sync_rules_at(rules, i);
        printf("%-9s %-34s %s\n", vcluster_sync_rule_direction(rule),
               vcluster_sync_rule_resource(rule),
               vcluster_sync_rule_active(rule) ? "synced" : "isolated");
    }
    vcluster_sync_rules_free(rules);
    return status;
}
/* [sync] */

int main(int argc, char **argv)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: sync VALUES KIND\n");
        return 2;
    }
    int status = vcluster_config_load(argv[1], &config, &error);
    if (status == 0)
        status = show(config, &error);
    if (status == 0)
        status = vcluster_sync_set(config, NULL, NULL, argv[2], VCLUSTER_SYNC_ON, NULL, &error);
    if (status == 0) {
        printf("with %s:\n", argv[2]);
        status = show(config, &error);
    }
    vcluster_config_free(config);
    if (status < 0)
        fprintf(stderr, "sync: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
