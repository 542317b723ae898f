/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a command in a pod and print what it writes; without a command, follow the pod's log.
 * usage: pod POD [NAMESPACE [COMMAND [ARGUMENT...]]]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [exec] */
static int on_output(int stream, const void *bytes, size_t size, void *output_data)
{
    FILE *to = stream == VCLUSTER_POD_ERROR_OUTPUT ? stderr : stdout;

    (void)output_data;
    return fwrite(bytes, 1, size, to) != size; /* not 0 ends the call */
}

static int run(vcluster_client *client,
               const char *pod,
               const char *namespace_name,
               const char *const *command,
               vcluster_error **error)
{
    vcluster_pod_exec_options options = VCLUSTER_POD_EXEC_OPTIONS_INIT;
    int exit_code = 0;

    options.namespace_name = namespace_name;
    int status =
        vcluster_pod_exec(client, pod, command, &options, on_output, NULL, &exit_code, error);
    if (status == 0)
        printf("'%s' ended with %d\n", command[0], exit_code);
    return status;
}
/* [exec] */

static int
follow(vcluster_client *client, const char *pod, const char *namespace_name, vcluster_error **error)
{
    vcluster_pod_logs_options options = VCLUSTER_POD_LOGS_OPTIONS_INIT;

    options.namespace_name = namespace_name;
    options.follow = 1;
    return vcluster_pod_logs(client, pod, &options, on_output, NULL, error);
}

int main(int argc, char **argv)
{
    const char *namespace_name = argc > 2 && *argv[2] ? argv[2] : NULL;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    if (argc < 2) {
        fprintf(stderr, "usage: pod POD [NAMESPACE [COMMAND [ARGUMENT...]]]\n");
        return 2;
    }
    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = argc > 3
                     ? run(client, argv[1], namespace_name, (const char *const *)argv + 3, &error)
                     : follow(client, argv[1], namespace_name, &error);
    if (status < 0)
        fprintf(stderr, "pod: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_client_unref(client);
    return status < 0;
}
