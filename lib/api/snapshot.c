/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: snapshots. */
#include "vcluster/state/snapshot.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/state/restore_remote.h"
#include "vcluster/state/snapshot_remote.h"

static int begin(vcluster_client *client,
                 const char *name,
                 const char *path,
                 const vcluster_snapshot_options *options,
                 vcl_call *call,
                 vcl_snapshot_request *out_request,
                 vcluster_error **error)
{
    vcluster_snapshot_options known = VCLUSTER_SNAPSHOT_OPTIONS_INIT;

    int status = VCL_API_BEGIN(call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status < 0)
        return status;
    if ((path != NULL) == (known.use_fd != 0))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "either a path or a descriptor is needed, and not both");
    if (known.use_fd && (known.fd < 0 || known.fd > INT32_MAX))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "fd is not a descriptor");
    *out_request = (vcl_snapshot_request){ .client = client,
                                           .name = name,
                                           .namespace_name = known.namespace_name,
                                           .path = path,
                                           .fd = (int)known.fd };
    return VCLUSTER_OK;
}

int vcluster_instance_snapshot(vcluster_client *client,
                               const char *name,
                               const char *path,
                               const vcluster_snapshot_options *options,
                               char **out_json,
                               vcluster_error **error)
{
    vcl_snapshot_request request;
    vcl_call call;

    int status = begin(client, name, path, options, &call, &request, error);
    if (status == 0)
        status = vcl_snapshot_take(&request, &call, out_json, error);
    return status < 0
               ? vcl_wrap(error, status, "take a snapshot of virtual cluster '%s'", vcl_str(name))
               : status;
}

int vcluster_instance_restore(vcluster_client *client,
                              const char *name,
                              const char *path,
                              const vcluster_snapshot_options *options,
                              vcluster_instance **out_instance,
                              vcluster_error **error)
{
    vcl_snapshot_request request;
    vcl_call call;

    int status = begin(client, name, path, options, &call, &request, error);
    if (status == 0)
        status = vcl_snapshot_restore(&request, &call, out_instance, error);
    return status < 0 ? vcl_wrap(error, status, "restore virtual cluster '%s'", vcl_str(name))
                      : status;
}

int vcluster_snapshot_describe(const char *path, char **out_json, vcluster_error **error)
{
    VCL_AUTO_SNAPSHOT file = { .fd = -1 };

    int status = VCL_REQUIRE(error, path, out_json);
    if (status == 0)
        status = vcl_snapshot_file_open(path, -1, NULL, &file, error);
    return status < 0 ? status : vcl_snapshot_file_describe(&file, out_json, error);
}

/* Of a snapshot to take, or to delete. */
static int ask(vcluster_client *client,
               const char *name,
               const char *url,
               bool remove,
               const vcluster_snapshot_request_options *options,
               char **out_json,
               vcluster_error **error)
{
    vcluster_snapshot_request_options known = VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name, url);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0) {
        const vcl_snapshot_remote request = { .client = client,
                                              .name = name,
                                              .namespace_name = known.namespace_name,
                                              .url = url,
                                              .no_wait = known.no_wait != 0,
                                              .remove = remove };
        status = vcl_snapshot_remote_take(&request, &call, out_json, error);
    }
    return status < 0 ? vcl_wrap(error, status, "%s a snapshot of virtual cluster '%s'",
                                 remove ? "delete" : "request", vcl_str(name))
                      : status;
}

int vcluster_instance_request_snapshot(vcluster_client *client,
                                       const char *name,
                                       const char *url,
                                       const vcluster_snapshot_request_options *options,
                                       char **out_json,
                                       vcluster_error **error)
{
    return ask(client, name, url, false, options, out_json, error);
}

int vcluster_instance_delete_snapshot(vcluster_client *client,
                                      const char *name,
                                      const char *url,
                                      const vcluster_snapshot_request_options *options,
                                      char **out_json,
                                      vcluster_error **error)
{
    return ask(client, name, url, true, options, out_json, error);
}

int vcluster_instance_snapshot_requests(vcluster_client *client,
                                        const char *name,
                                        const vcluster_instance_options *options,
                                        char **out_json,
                                        vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name, out_json);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0) {
        const vcl_snapshot_remote request = { .client = client,
                                              .name = name,
                                              .namespace_name = known.namespace_name };
        status = vcl_snapshot_remote_list(&request, &call, out_json, error);
    }
    return status < 0
               ? vcl_wrap(error, status, "list the snapshot requests of virtual cluster '%s'",
                          vcl_str(name))
               : status;
}

int vcluster_instance_stored_snapshots(vcluster_client *client,
                                       const char *name,
                                       const char *url,
                                       const vcluster_instance_options *options,
                                       char **out_json,
                                       vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               url, out_json);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0) {
        const vcl_snapshot_remote request = {
            .client = client, .name = name, .namespace_name = known.namespace_name, .url = url
        };
        status = vcl_snapshot_remote_stored(&request, &call, out_json, error);
    }
    return status < 0 ? vcl_wrap(error, status, "list the snapshots of virtual cluster '%s'",
                                 vcl_str(name))
                      : status;
}

int vcluster_instance_restore_from(vcluster_client *client,
                                   const char *name,
                                   const char *url,
                                   const vcluster_instance_options *options,
                                   vcluster_instance **out_instance,
                                   vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name, url);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0) {
        const vcl_restore_remote_request request = {
            .client = client, .name = name, .namespace_name = known.namespace_name, .url = url
        };
        status = vcl_restore_remote(&request, &call, out_instance, error);
    }
    return status < 0 ? vcl_wrap(error, status, "restore virtual cluster '%s'", vcl_str(name))
                      : status;
}
