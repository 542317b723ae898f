/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work inside a virtual cluster: make a namespace in it and print all namespaces that it has.
 * No port is opened; the connection goes through the host's API server.
 * usage: open NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

static const char manifest[] = "apiVersion: v1\n"
                               "kind: Namespace\n"
                               "metadata:\n"
                               "  name: example\n";

/* [open] */
static int work_inside(vcluster_client *inner, vcluster_error **error)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    char *json = NULL;

    int status = vcluster_resource_apply(inner, manifest, NULL, NULL, error);
    if (status < 0)
        return status;

    options.metadata_only = 1;
    status = vcluster_resource_list(inner, "v1", "Namespace", &options, &json, error);
    if (status < 0)
        return status;
    printf("%s\n", json);
    vcluster_free(json);
    return 0;
}

static int open_and_work(const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *host = NULL;
    vcluster_client *inner = NULL;

    options.namespace_name = namespace_name; /* NULL: wherever it is */
    int status = vcluster_client_new(NULL, &host, error);
    if (status == 0)
        status = vcluster_instance_open(host, name, &options, &inner, error);
    if (status == 0)
        status = work_inside(inner, error);
    vcluster_client_unref(inner);
    vcluster_client_unref(host);
    return status;
}
/* [open] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: open NAME [NAMESPACE]\n");
        return 2;
    }
    if (open_and_work(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        fprintf(stderr, "open: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
