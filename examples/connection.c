/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leave a tunnel to a virtual cluster behind that outlives this program, list those that run, and
 * end it again. usage: connection start NAME VCL [NAMESPACE]      VCL is the path of vcl, which
 * holds it connection list connection stop ID
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

/* [connection] */
static int
start(const char *name, const char *vcl, const char *namespace_name, vcluster_error **error)
{
    vcluster_connection_start_options options = VCLUSTER_CONNECTION_START_OPTIONS_INIT;
    vcluster_connection *connection = NULL;
    vcluster_client *client = NULL;

    options.namespace_name = namespace_name;
    options.program = vcl;
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_connection_start(client, name, &options, &connection, error);
    if (status == 0)
        printf("%s: %s, process %lld\n", vcluster_connection_id(connection),
               vcluster_connection_url(connection), (long long)vcluster_connection_pid(connection));
    vcluster_connection_free(connection); /* the process goes on */
    vcluster_client_unref(client);
    return status;
}
/* [connection] */

static int list(vcluster_error **error)
{
    vcluster_connection_list *connections = NULL;

    int status = vcluster_connection_list_new(NULL, &connections, error);
    for (size_t i = 0; i < vcluster_connection_list_size(connections); i++) {
        const vcluster_connection *one = vcluster_connection_list_at(connections, i);

        printf("%s %s %s\n", vcluster_connection_id(one), vcluster_connection_name(one),
               vcluster_connection_url(one));
    }
    vcluster_connection_list_free(connections);
    return status;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    vcluster_error *error = NULL;
    int status = 0;

    if (strcmp(verb, "start") == 0 && argc >= 4) {
        status = start(argv[2], argv[3], argc > 4 ? argv[4] : NULL, &error);
    } else if (strcmp(verb, "list") == 0) {
        status = list(&error);
    } else if (strcmp(verb, "stop") == 0 && argc == 3) {
        status = vcluster_connection_stop(argv[2], NULL, &error);
    } else {
        fprintf(stderr, "usage: connection start NAME VCL [NAMESPACE] | list | stop ID\n");
        return 2;
    }
    if (status < 0) {
        fprintf(stderr, "connection: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
