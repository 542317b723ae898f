/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ask what an upgrade would do; do it, unless something of it is refused; then pause and resume.
 * usage: upgrade NAME NAMESPACE VERSION
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [plan] */
static int upgrade(vcluster_client *client,
                   const char *name,
                   const vcluster_ensure_options *options,
                   vcluster_error **error)
{
    vcluster_plan *plan = NULL;
    char *text = NULL;

    int status = vcluster_instance_plan(client, name, NULL, options, &plan, error);
    if (status == 0)
        status = vcluster_plan_to_text(plan, &text, error);
    if (status == 0)
        fputs(text, stdout);
    if (status == 0 && vcluster_plan_impact(plan) < VCLUSTER_IMPACT_DATALOSS)
        status = vcluster_instance_ensure(client, name, NULL, options, NULL, error);
    vcluster_free(text);
    vcluster_plan_free(plan);
    return status;
}
/* [plan] */

static int
rest(vcluster_client *client, const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;

    options.namespace_name = namespace_name;
    int status = vcluster_instance_pause(client, name, &options, error);
    if (status == 0)
        status = vcluster_instance_resume(client, name, &options, error);
    return status;
}

int main(int argc, char **argv)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    if (argc != 4) {
        fprintf(stderr, "usage: upgrade NAME NAMESPACE VERSION\n");
        return 2;
    }
    options.namespace_name = argv[2];
    options.kubernetes_version = argv[3];
    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = upgrade(client, argv[1], &options, &error);
    if (status == 0)
        status = rest(client, argv[1], argv[2], &error);
    vcluster_client_unref(client);
    if (status < 0) {
        fprintf(stderr, "upgrade: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    printf("%s runs again\n", argv[1]);
    return 0;
}
