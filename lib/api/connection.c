/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: tunnels that processes of their own hold. */
#include "vcluster/connect/connection.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/connect/private_file.h"
#include "vcluster/connect/tunnel.h"
#include "vcluster/names.h"

enum { STOP_TIMEOUT_MS = 10000 };

static int check(const vcluster_client *client,
                 const char *name,
                 const vcluster_connection_start_options *known,
                 vcluster_error **error)
{
    if (known->local_port < 0 || known->local_port > 65535)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "local_port %lld is not between 0 and 65535", (long long)known->local_port);
    if (!client->kubeconfig_list)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "another process cannot have a client that is made of a kubeconfig's text: "
                        "make it from a file, or open a tunnel in this process");
    return vcl_api_check_names(name, known->namespace_name, error);
}

/* What can be wrong on the host is found here, where errors have all their parts. */
static int begin(vcluster_client *client,
                 const char *name,
                 const vcluster_connection_start_options *known,
                 vcl_call *call,
                 vcluster_connection **out_connection,
                 vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    vcl_auto_free char *folder = NULL;
    vcl_auto_free char *context = NULL;

    int status = vcl_access_find(client, call, name, known->namespace_name, &access, error);
    if (status == 0)
        status = vcl_access_check_forward(client->kube, call, access, error);
    if (status == 0)
        status = vcl_connection_folder(known->state_directory, &folder, error);
    if (status < 0)
        return status;
    context = vcl_str_empty(known->context_name)
                  ? vcl_context_name(access->name, access->namespace_name, client->context)
                  : vcl_strdup(known->context_name);
    if (!context)
        return vcl_no_memory(error);
    vcl_connection_wish wish = { .client = client,
                                 .program = vcl_str_empty(known->program) ? "vcl" : known->program,
                                 .local_port = known->local_port };
    vcluster_connection wanted = { .name = access->name,
                                   .namespace_name = access->namespace_name,
                                   .host_context = client->context,
                                   .host_server = client->server,
                                   .context = context };
    return vcl_connection_start(folder, &wish, &wanted, call, out_connection, error);
}

int vcluster_connection_start(vcluster_client *client,
                              const char *name,
                              const vcluster_connection_start_options *options,
                              vcluster_connection **out_connection,
                              vcluster_error **error)
{
    vcluster_connection_start_options known = VCLUSTER_CONNECTION_START_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_connection);
    if (status == 0)
        status = check(client, name, &known, error);
    if (status == 0)
        status = begin(client, name, &known, &call, out_connection, error);
    return status < 0 ? vcl_wrap(error, status, "start a connection to virtual cluster '%s'",
                                 vcl_str(name))
                      : status;
}

int vcluster_connection_list_new(const vcluster_connection_options *options,
                                 vcluster_connection_list **out_list,
                                 vcluster_error **error)
{
    vcluster_connection_options known = VCLUSTER_CONNECTION_OPTIONS_INIT;
    vcl_auto_free char *folder = NULL;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_list);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, VCL_REQUEST_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_connection_options", error);
    if (status == 0)
        status = vcl_call_check(&call, error);
    if (status == 0)
        status = vcl_connection_folder(known.state_directory, &folder, error);
    if (status == 0)
        status = vcl_connection_list(folder, out_list, error);
    if (status == 0) { /* who looks what runs wants nothing left of what does not */
        vcl_connection_sweep(folder);
        vcl_private_file_sweep();
    }
    return status < 0 ? vcl_wrap(error, status, "list connections") : status;
}

int vcluster_connection_stop(const char *id,
                             const vcluster_connection_options *options,
                             vcluster_error **error)
{
    vcluster_connection_options known = VCLUSTER_CONNECTION_OPTIONS_INIT;
    VCL_AUTO_PTR(vcluster_connection) connection = NULL;
    vcl_auto_free char *folder = NULL;
    vcl_call call;

    int status = VCL_REQUIRE(error, id);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, STOP_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_connection_options", error);
    if (status == 0)
        status = vcl_connection_folder(known.state_directory, &folder, error);
    if (status == 0)
        status = vcl_connection_read(folder, id, &connection, error);
    if (status == 0)
        status = vcl_connection_stop(connection, &call, error);
    if (status == 0)
        vcl_connection_forget(folder, connection->id);
    return status < 0 ? vcl_wrap(error, status, "stop connection '%s'", vcl_str(id)) : status;
}

int vcluster_connection_to_json(const vcluster_connection *connection,
                                char **out_json,
                                vcluster_error **error)
{
    int status = VCL_REQUIRE(error, connection, out_json);
    if (status < 0)
        return status;
    VCL_AUTO_JSON *tree = vcl_connection_tree(connection);
    char *text = tree ? vcl_json_print(tree) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}
