/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keep the state of a virtual cluster in a file, and put it back.
 * usage: snapshot NAME FILE [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [snapshot] */
static int keep(vcluster_client *host,
                const char *name,
                const char *file,
                const char *namespace_name,
                vcluster_error **error)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    char *json = NULL;

    options.namespace_name = namespace_name; /* NULL: wherever it is */
    int status = vcluster_instance_snapshot(host, name, file, &options, &json, error);
    if (status < 0)
        return status;
    printf("%s\n", json);
    vcluster_free(json);
    return 0;
}
/* [snapshot] */

/* [restore] */
static int put_back(vcluster_client *host,
                    const char *name,
                    const char *file,
                    const char *namespace_name,
                    vcluster_error **error)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_instance *instance = NULL;

    options.namespace_name = namespace_name;
    int status = vcluster_instance_restore(host, name, file, &options, &instance, error);
    if (status < 0)
        return status;
    printf("%s is restored\n", vcluster_instance_name(instance));
    vcluster_instance_free(instance);
    return 0;
}
/* [restore] */

int main(int argc, char **argv)
{
    vcluster_client *host = NULL;
    vcluster_error *error = NULL;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: snapshot NAME FILE [NAMESPACE]\n");
        return 2;
    }
    int status = vcluster_client_new(NULL, &host, &error);
    if (status == 0)
        status = keep(host, argv[1], argv[2], argv[3], &error);
    if (status == 0)
        status = put_back(host, argv[1], argv[2], argv[3], &error);
    if (status < 0)
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_client_unref(host);
    return status < 0;
}
