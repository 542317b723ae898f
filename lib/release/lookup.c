/* SPDX-License-Identifier: Apache-2.0 */
/* What the template function `lookup` asks a cluster; see lookup.h. */
#include "release/lookup.h"

#include "base/str.h"

void vcl_lookup_init(vcl_lookup_host *host, vcl_kube *kube, const vcl_call *call)
{
    *host = (vcl_lookup_host){ .kube = kube };
    vcl_call_init_part(&host->call, call, -1);
    host->call.progress = NULL; /* rendering has a thread of its own: no progress from there */
}

static int list_all(vcl_lookup_host *self,
                    const char *api_version,
                    const char *kind,
                    const char *namespace_name,
                    cJSON **out_object,
                    vcluster_error **error)
{
    vcl_list_query query = { .api_version = api_version,
                             .kind = kind,
                             .namespace_name = namespace_name };

    return vcl_kube_list(self->kube, &self->call, &query, out_object, error);
}

int vcl_lookup(void *host,
               const char *api_version,
               const char *kind,
               const char *namespace_name,
               const char *name,
               cJSON **out_object,
               vcluster_error **error)
{
    vcl_lookup_host *self = host;
    vcl_resource resource;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_resource(self->kube, &self->call, api_version, kind, &resource, error);
    if (status < 0)
        return status;
    const char *space =
        resource.namespaced && !vcl_str_empty(namespace_name) ? namespace_name : NULL;
    if (vcl_str_empty(name)) {
        status = list_all(self, api_version, kind, space, out_object, &why);
    } else {
        vcl_object_key key = { api_version, kind, space, name };
        status = resource.namespaced && !space
                     ? VCLUSTER_E_NOT_FOUND
                     : vcl_kube_get(self->kube, &self->call, &key, out_object, &why);
    }
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    return vcl_error_pass(error, &why, status);
}
