/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List the virtual clusters of a host.
 * usage: list [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

static void print(const vcluster_instance *instance)
{
    printf("%-20s %-24s %-12s %s\n", vcluster_instance_name(instance),
           vcluster_instance_namespace(instance), vcluster_instance_status(instance),
           vcluster_instance_ready(instance) ? "ready" : "not ready");
    if (*vcluster_instance_note(instance))
        printf("  note: %s\n", vcluster_instance_note(instance));
}

/* [list] */
static int list(const char *namespace_name, vcluster_error **error)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *instances = NULL;
    vcluster_client *client = NULL;

    options.namespace_name = namespace_name; /* NULL: all */
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_list_new(client, &options, &instances, error);

    /* What is borrowed from the list lives as long as the list. */
    for (size_t i = 0; i < vcluster_instance_list_size(instances); i++)
        print(vcluster_instance_list_at(instances, i));
    vcluster_instance_list_free(instances);
    vcluster_client_unref(client);
    return status;
}
/* [list] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (list(argc > 1 ? argv[1] : NULL, &error) < 0) {
        fprintf(stderr, "list: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
