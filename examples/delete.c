/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delete a virtual cluster and wait until nothing of it is left.
 * usage: delete NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

static int show(const vcluster_progress *progress, void *user_data)
{
    (void)user_data;
    if (vcluster_progress_step(progress) != VCLUSTER_STEP_TICK)
        printf("%5.1f s  %s: %s\n", (double)vcluster_progress_elapsed_ms(progress) / 1000,
               vcluster_progress_object(progress), vcluster_progress_message(progress));
    return 0;
}

/* [delete] */
static int delete_cluster(const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_client *client = NULL;

    options.namespace_name = namespace_name; /* NULL: wherever it is */
    options.missing_ok = 1;
    options.progress = show;
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_delete(client, name, &options, error);
    vcluster_client_unref(client);
    return status;
}
/* [delete] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: delete NAME [NAMESPACE]\n");
        return 2;
    }
    if (delete_cluster(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        /* The code decides what to do, the text is for people. */
        fprintf(stderr, "delete: %s%s\n", vcluster_error_to_string(error),
                vcluster_error_retryable(error) ? " (try again later)" : "");
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
