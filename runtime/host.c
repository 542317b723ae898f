/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's objects on the host; see host.h. */
#include "host.h"

#include "base/str.h"
#include "kube/kubeconfig.h"

int rt_host_open(vcl_kube **out_host, vcluster_error **error)
{
    vcl_kubeconfig_source source = { 0 };
    vcl_kubeconfig_context context = { 0 };

    int status = vcl_kubeconfig_resolve(&source, &context, error);
    if (status < 0)
        return vcl_wrap(error, status, "find the host's API server");
    status = vcl_str_replace(&context.endpoint.user_agent, RT_USER_AGENT)
                 ? vcl_kube_new(&context.endpoint, NULL, NULL, out_host, error)
                 : vcl_no_memory(error);
    vcl_kubeconfig_context_done(&context);
    return status;
}

static int get(vcl_kube *host,
               vcl_call *call,
               const rt_settings *settings,
               const char *kind,
               const char *name,
               cJSON **out_object,
               vcluster_error **error)
{
    vcl_object_key key = {
        .api_version = "v1", .kind = kind, .namespace_name = settings->namespace_name, .name = name
    };

    return vcl_kube_get(host, call, &key, out_object, error);
}

int rt_host_service(vcl_kube *host,
                    vcl_call *call,
                    const rt_settings *settings,
                    cJSON **out_service,
                    vcluster_error **error)
{
    return get(host, call, settings, "Service", settings->name, out_service, error);
}

int rt_host_secret(vcl_kube *host,
                   vcl_call *call,
                   const rt_settings *settings,
                   const char *name,
                   cJSON **out_secret,
                   vcluster_error **error)
{
    return get(host, call, settings, "Secret", name, out_secret, error);
}

static bool set_owner(cJSON *metadata, const cJSON *service)
{
    cJSON *owners = cJSON_CreateArray();
    cJSON *owner = cJSON_CreateObject();

    if (!vcl_json_set(metadata, "ownerReferences", owners)) {
        cJSON_Delete(owner);
        return false;
    }
    return vcl_json_append(owners, owner) && vcl_json_set_string(owner, "apiVersion", "v1") &&
           vcl_json_set_string(owner, "kind", "Service") &&
           vcl_json_set_string(owner, "name",
                               vcl_json_find_string(service, "metadata", "name", NULL)) &&
           vcl_json_set_string(owner, "uid",
                               vcl_json_find_string(service, "metadata", "uid", NULL));
}

static bool fill(cJSON *secret, const rt_settings *settings, const char *name, const cJSON *service)
{
    cJSON *metadata = vcl_json_object(secret, "metadata");
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;

    return labels && vcl_json_set_string(secret, "apiVersion", "v1") &&
           vcl_json_set_string(secret, "kind", "Secret") &&
           vcl_json_set_string(secret, "type", "Opaque") &&
           vcl_json_set_string(metadata, "name", name) &&
           vcl_json_set_string(metadata, "namespace", settings->namespace_name) &&
           vcl_json_set_string(labels, "app", "vcluster") &&
           vcl_json_set_string(labels, "vcluster-name", settings->name) &&
           set_owner(metadata, service);
}

int rt_secret_new(const rt_settings *settings,
                  const char *name,
                  const cJSON *service,
                  cJSON *data,
                  cJSON **out_secret,
                  vcluster_error **error)
{
    cJSON *secret = cJSON_CreateObject();

    if (!secret)
        vcl_json_free_secret(data);
    if (!secret || !vcl_json_set(secret, "data", data) || !fill(secret, settings, name, service)) {
        vcl_json_free_secret(secret);
        return vcl_no_memory(error);
    }
    *out_secret = secret;
    return VCLUSTER_OK;
}

bool rt_secret_is_foreign(const cJSON *secret, const cJSON *service)
{
    const cJSON *owners = vcl_json_find(secret, "metadata", "ownerReferences", NULL);
    const char *uid = vcl_json_find_string(service, "metadata", "uid", NULL);
    const cJSON *owner;

    if (vcl_json_find(secret, "metadata", "deletionTimestamp", NULL))
        return true;
    cJSON_ArrayForEach (owner, owners) {
        if (vcl_streq(vcl_json_find_string(owner, "kind", NULL), "Service") &&
            !vcl_streq(vcl_json_find_string(owner, "uid", NULL), uid))
            return true;
    }
    return false;
}

bool rt_error_passes(const vcluster_error *error)
{
    switch (error ? vcluster_error_code(error) : VCLUSTER_E_INTERNAL) {
    case VCLUSTER_E_NOT_FOUND:
    case VCLUSTER_E_ALREADY_EXISTS:
    case VCLUSTER_E_CONFLICT:
    case VCLUSTER_E_PERMISSION:
    case VCLUSTER_E_UNAUTHENTICATED:
    case VCLUSTER_E_UNAVAILABLE:
    case VCLUSTER_E_TIMEOUT:
    case VCLUSTER_E_QUOTA:
    case VCLUSTER_E_PROTOCOL:
        return true;
    default:
        return false;
    }
}
