/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tell who made a virtual cluster, and take it into our care.
 * usage: adopt NAME NAMESPACE
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [adopt] */
static int
adopt(vcluster_client *client, const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_adopt_options options = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;

    options.namespace_name = namespace_name;
    options.dry_run = 1; /* look first */
    int status = vcluster_instance_adopt(client, name, NULL, &options, &plan, error);
    if (status < 0)
        return status;
    printf("%s was made by %s: %zu changes, impact %s\n", name, vcluster_plan_origin(plan),
           vcluster_plan_size(plan), vcluster_impact_name(vcluster_plan_impact(plan)));
    vcluster_plan_free(plan);
    options.dry_run = 0;
    status = vcluster_instance_adopt(client, name, NULL, &options, NULL, error);
    if (status == 0)
        printf("%s is ours\n", name);
    return status;
}
/* [adopt] */

int main(int argc, char **argv)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: adopt NAME NAMESPACE\n");
        return 2;
    }
    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = adopt(client, argv[1], argv[2], &error);
    vcluster_client_unref(client);
    if (status < 0)
        fprintf(stderr, "adopt: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
