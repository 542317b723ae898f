/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Print the certificates of a virtual cluster as JSON.
 * usage: certs NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [certs] */
static int
print_certs(vcluster_client *host, const char *name, const char *space, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    char *json = NULL;

    options.namespace_name = space; /* NULL: wherever it is */
    int status = vcluster_instance_certs(host, name, &options, &json, error);
    if (status < 0)
        return status;
    printf("%s\n", json);
    vcluster_free(json);
    return 0;
}
/* [certs] */

int main(int argc, char **argv)
{
    vcluster_client *host = NULL;
    vcluster_error *error = NULL;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: certs NAME [NAMESPACE]\n");
        return 2;
    }
    int status = vcluster_client_new(NULL, &host, &error);
    if (status == 0)
        status = print_certs(host, argv[1], argv[2], &error);
    if (status < 0)
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_client_unref(host);
    return status < 0;
}
