/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: kubeconfigs on disk. */
#include <libvcluster/kubeconfig.h>

#include "api/api.h"
#include "base/str.h"
#include "kube/kubeconfig_merge.h"

int vcluster_kubeconfig_save(const char *text,
                             const char *path,
                             const vcluster_call_options *options,
                             vcluster_error **error)
{
    vcluster_call_options known = VCLUSTER_CALL_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_REQUIRE(error, text, path);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, VCL_REQUEST_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_call_options", error);
    if (status == 0)
        status = vcl_kubeconfig_save(text, path, &call, error);
    return status < 0 ? vcl_wrap(error, status, "save a kubeconfig to '%s'", vcl_str(path))
                      : status;
}

int vcluster_kubeconfig_merge(const char *text,
                              const vcluster_kubeconfig_merge_options *options,
                              char **out_context,
                              vcluster_error **error)
{
    vcluster_kubeconfig_merge_options known = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;
    vcl_merge_result result = { 0 };
    vcl_call call;

    int status = VCL_REQUIRE(error, text);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, VCL_REQUEST_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_kubeconfig_merge_options", error);
    if (status == 0) {
        vcl_merge_options wanted = { .path = known.path,
                                     .context_name = known.context_name,
                                     .set_current = known.set_current != 0,
                                     .replace = known.replace != 0 };
        status = vcl_kubeconfig_merge(text, &wanted, &call, &result, error);
    }
    if (status == 0 && out_context)
        *out_context = vcl_steal(&result.context_name);
    vcl_merge_result_done(&result);
    return status < 0 ? vcl_wrap(error, status, "merge into the kubeconfig") : status;
}

int vcluster_kubeconfig_remove(const vcluster_kubeconfig_remove_options *options,
                               char **out_context,
                               vcluster_error **error)
{
    vcluster_kubeconfig_remove_options known = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;
    vcl_disconnect_result result = { 0 };
    vcl_call call;

    int status = vcl_api_begin(&call, NULL, VCL_REQUEST_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_kubeconfig_remove_options", error);
    if (status == 0) {
        vcl_disconnect_options wanted = { .path = known.path,
                                          .context_name = known.context_name,
                                          .name = known.name,
                                          .namespace_name = known.namespace_name,
                                          .host_context = known.host_context,
                                          .missing_ok = known.missing_ok != 0 };
        status = vcl_kubeconfig_disconnect(&wanted, &call, &result, error);
    }
    if (status == 0 && out_context)
        *out_context = vcl_steal(&result.context_name);
    vcl_disconnect_result_done(&result);
    return status < 0 ? vcl_wrap(error, status, "remove from the kubeconfig") : status;
}
