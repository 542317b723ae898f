/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Make a virtual cluster with a second to live, and let the reaper of one namespace delete it.
 * usage: reap NAME NAMESPACE
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

/* [reap] */
static int on_result(const vcluster_result *result, void *data)
{
    const vcluster_error *error = vcluster_result_error(result);

    printf("%s %s\n", vcluster_result_name(result),
           error ? vcluster_error_to_string(error) : "has expired and is deleted");
    return strcmp(vcluster_result_name(result), data) == 0; /* that is the one: end */
}

static int
reap_one(vcluster_client *client, char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_ensure_options lease = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_reap_options options = VCLUSTER_REAP_OPTIONS_INIT;

    lease.namespace_name = namespace_name;
    lease.distribution = "embedded";
    lease.no_wait = 1;
    lease.ttl_s = 1;
    int status = vcluster_instance_ensure(client, name, NULL, &lease, NULL, error);
    if (status < 0)
        return status;
    options.namespace_name = namespace_name;
    options.interval_ms = 1000;
    options.timeout_ms = 120000;
    return vcluster_reap(client, &options, on_result, name, error);
}
/* [reap] */

int main(int argc, char **argv)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: reap NAME NAMESPACE\n");
        return 2;
    }
    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = reap_one(client, argv[1], argv[2], &error);
    vcluster_client_unref(client);
    if (status < 0)
        fprintf(stderr, "reap: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
