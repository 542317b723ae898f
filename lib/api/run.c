/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: programs inside a virtual cluster. */
#include "vcluster/connect/run.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/connect/private_file.h"
#include "vcluster/connect/tunnel.h"

VCL_DEFINE_CLEANUP(vcluster_tunnel, vcluster_tunnel_free);

/* The tunnel, and the file that leads to it. */
static int prepare(const vcl_tunnel_request *request,
                   vcl_call *call,
                   vcluster_tunnel **out_tunnel,
                   vcl_private_file *file,
                   vcluster_error **error)
{
    char *text = NULL;

    int status = vcl_tunnel_open(request, call, out_tunnel, error);
    if (status == 0)
        status = vcluster_tunnel_kubeconfig(*out_tunnel, &text, error);
    if (status == 0)
        status = vcl_private_file_make(text, file, error);
    vcl_free_secret(text);
    return status;
}

int vcluster_instance_run(vcluster_client *client,
                          const char *name,
                          const char *const *command,
                          const vcluster_run_options *options,
                          int *out_exit_code,
                          vcluster_error **error)
{
    vcluster_run_options known = VCLUSTER_RUN_OPTIONS_INIT;
    VCL_AUTO_PTR(vcluster_tunnel) tunnel = NULL;
    __attribute__((cleanup(vcl_private_file_remove))) vcl_private_file file = { 0 };
    vcl_call call;
    vcl_call endless;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               command, out_exit_code);
    if (status == 0 && !command[0])
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the command is empty");
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0) {
        vcl_tunnel_request request = { .client = client,
                                       .name = name,
                                       .namespace_name = known.namespace_name };
        status = prepare(&request, &call, &tunnel, &file, error);
    }
    if (status == 0) {
        vcl_call_init(&endless, -1, -1, known.cancel, known.progress, known.user_data);
        status = vcl_run_program(command, file.path, &known, &endless, out_exit_code, error);
    }
    return status < 0
               ? vcl_wrap(error, status, "run a program in virtual cluster '%s'", vcl_str(name))
               : status;
}
