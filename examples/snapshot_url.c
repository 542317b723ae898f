/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Have upstream's control plane keep a snapshot at a URL, list what is kept there, bring it back,
 * and delete it.
 * usage: snapshot_url NAME URL [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

typedef struct place {
    vcluster_client *host;
    const char *name;
    const char *url; /* container:///data/FILE.tar.gz, s3://BUCKET/KEY, oci://REGISTRY/REPOSITORY */
    const char *namespace_name; /* NULL: wherever it is */
} place;

/* [request] */
static int keep(const place *at, vcluster_error **error)
{
    vcluster_snapshot_request_options options = VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT;

    options.namespace_name = at->namespace_name;
    return vcluster_instance_request_snapshot(at->host, at->name, at->url, &options, NULL, error);
}
/* [request] */

/* [stored] */
static int list(const place *at, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    char *json = NULL;

    options.namespace_name = at->namespace_name;
    int status =
        vcluster_instance_stored_snapshots(at->host, at->name, at->url, &options, &json, error);
    if (status < 0)
        return status;
    printf("%s\n", json); /* [{"name":"a.tar.gz","url":"container:///data/a.tar.gz",...}] */
    vcluster_free(json);
    return 0;
}
/* [stored] */

/* [restore] */
static int bring_back(const place *at, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_instance *instance = NULL;

    options.namespace_name = at->namespace_name;
    int status =
        vcluster_instance_restore_from(at->host, at->name, at->url, &options, &instance, error);
    if (status < 0)
        return status;
    printf("%s is restored\n", vcluster_instance_name(instance));
    vcluster_instance_free(instance);
    return 0;
}
/* [restore] */

/* [delete] */
static int drop(const place *at, vcluster_error **error)
{
    vcluster_snapshot_request_options options = VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT;

    options.namespace_name = at->namespace_name;
    return vcluster_instance_delete_snapshot(at->host, at->name, at->url, &options, NULL, error);
}
/* [delete] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: snapshot_url NAME URL [NAMESPACE]\n");
        return 2;
    }
    place at = { .name = argv[1], .url = argv[2], .namespace_name = argv[3] };
    int status = vcluster_client_new(NULL, &at.host, &error);
    if (status == 0)
        status = keep(&at, &error);
    if (status == 0)
        status = list(&at, &error);
    if (status == 0)
        status = bring_back(&at, &error);
    if (status == 0)
        status = drop(&at, &error);
    if (status < 0)
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_client_unref(at.host);
    return status < 0;
}
