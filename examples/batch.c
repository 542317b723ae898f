/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Make several virtual clusters at once, which expire after an hour, and delete them again.
 * usage: batch PREFIX COUNT
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <stdlib.h>

static int on_result(const vcluster_result *result, void *data)
{
    int *failures = data;
    const vcluster_error *error = vcluster_result_error(result);

    *failures += error != NULL;
    printf("%s %s: %s\n", vcluster_result_operation(result), vcluster_result_name(result),
           error ? vcluster_error_to_string(error) : "done");
    return 0; /* go on */
}

/* [batch] */
static int make_and_delete(
    vcluster_client *client, const char *prefix, int count, int *failures, vcluster_error **error)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;
    vcluster_batch *create = NULL;
    vcluster_batch *delete = NULL;
    char name[64];

    how.distribution = "embedded";
    how.no_wait = 1;
    how.ttl_s = 3600; /* if this program is killed, a reaper tidies up */
    options.parallel = 4;
    int status = vcluster_batch_new(&create, error);
    if (status == 0)
        status = vcluster_batch_new(&delete, error);
    for (int i = 0; status == 0 && i < count; i++) {
        (void)snprintf(name, sizeof(name), "%s-%d", prefix, i);
        status = vcluster_batch_add_ensure(create, name, NULL, &how, error);
        if (status == 0)
            status = vcluster_batch_add_delete(delete, name, NULL, error);
    }
    if (status == 0)
        status = vcluster_batch_run(client, create, &options, on_result, failures, error);
    if (status == 0)
        status = vcluster_batch_run(client, delete, &options, on_result, failures, error);
    vcluster_batch_free(delete);
    vcluster_batch_free(create);
    return status;
}
/* [batch] */

int main(int argc, char **argv)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    int failures = 0;
    long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

    if (count < 1 || count > 100) {
        fprintf(stderr, "usage: batch PREFIX COUNT\n");
        return 2;
    }
    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = make_and_delete(client, argv[1], (int)count, &failures, &error);
    vcluster_client_unref(client);
    if (status < 0)
        fprintf(stderr, "batch: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0 || failures;
}
