/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tell what lies in a namespace of the host and belongs to no living virtual cluster.
 * usage: audit [NAMESPACE]; without one, on the whole host
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [audit] */
static int audit(vcluster_client *client, const char *namespace_name, vcluster_error **error)
{
    vcluster_audit_options options = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcluster_plan *left = NULL;

    options.namespace_name = namespace_name;
    options.grace_s = 60;
    options.remove = 0; /* 1: remove it, but for what holds data */
    int status = vcluster_audit(client, &options, &left, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < vcluster_plan_size(left); i++) {
        const vcluster_change *object = vcluster_plan_at(left, i);
        printf("%s %s/%s: %s\n", vcluster_change_kind(object), vcluster_change_namespace(object),
               vcluster_change_name(object), vcluster_change_reason(object));
    }
    printf("%zu objects are left over\n", vcluster_plan_size(left));
    vcluster_plan_free(left);
    return 0;
}
/* [audit] */

int main(int argc, char **argv)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = audit(client, argc > 1 ? argv[1] : NULL, &error);
    vcluster_client_unref(client);
    if (status < 0)
        fprintf(stderr, "audit: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
