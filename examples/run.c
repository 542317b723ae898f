/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a program inside a virtual cluster and end with its exit code; no kubeconfig of anybody is
 * changed: run dev -- kubectl get namespaces
 * usage: run NAME -- PROGRAM [ARGUMENT...]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

/* [run] */
static int
run(const char *name, const char *const *command, int *out_exit_code, vcluster_error **error)
{
    vcluster_client *client = NULL;

    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_run(client, name, command, NULL, out_exit_code, error);
    vcluster_client_unref(client);
    return status;
}
/* [run] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;
    int exit_code = 0;

    if (argc < 4 || strcmp(argv[2], "--") != 0) {
        fprintf(stderr, "usage: run NAME -- PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    if (run(argv[1], (const char *const *)argv + 3, &exit_code, &error) < 0) {
        fprintf(stderr, "run: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return exit_code;
}
