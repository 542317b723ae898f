/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: any Kubernetes object as JSON text. */
#include <libvcluster/resource.h>

#include <string.h>

#include "api/api.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/yaml.h"
#include "kube/cache.h"
#include "vcluster/names.h"

/* The tree as text for the caller; deletes the tree, which may be that of a Secret. */
static int hand_out(cJSON *tree, char **out_json, vcluster_error **error)
{
    char *json = out_json ? vcl_json_print(tree) : NULL;

    vcl_json_free_secret(tree);
    if (!out_json)
        return VCLUSTER_OK;
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return VCLUSTER_OK;
}

int vcluster_resource_get(vcluster_client *client,
                          const char *api_version,
                          const char *kind,
                          const char *namespace_name,
                          const char *name,
                          const vcluster_call_options *options,
                          char **out_json,
                          vcluster_error **error)
{
    vcluster_call_options known = VCLUSTER_CALL_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error,
                               api_version, kind, name, out_json);
    if (status == 0) {
        vcl_object_key key = { api_version, kind, namespace_name, name };
        status = vcl_kube_get_text(client->kube, &call, &key, out_json, error);
    }
    return status < 0 ? vcl_wrap(error, status, "get %s '%s'", vcl_str(kind), vcl_str(name))
                      : status;
}

static vcl_list_query
query_of(const char *api_version, const char *kind, const vcluster_resource_list_options *known)
{
    return (vcl_list_query){ .api_version = api_version,
                             .kind = kind,
                             .namespace_name = known->namespace_name,
                             .label_selector = known->label_selector,
                             .field_selector = known->field_selector,
                             .metadata_only = known->metadata_only != 0,
                             .page_size = known->page_size };
}

int vcluster_resource_list(vcluster_client *client,
                           const char *api_version,
                           const char *kind,
                           const vcluster_resource_list_options *options,
                           char **out_json,
                           vcluster_error **error)
{
    vcluster_resource_list_options known = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcl_call call;
    cJSON *list = NULL;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error,
                               api_version, kind, out_json);
    if (status == 0) {
        vcl_list_query query = query_of(api_version, kind, &known);
        status = vcl_kube_list(client->kube, &call, &query, &list, error);
    }
    if (status == 0)
        status = hand_out(list, out_json, error);
    return status < 0 ? vcl_wrap(error, status, "list %s", vcl_str(kind)) : status;
}

static vcl_apply_options apply_options(const vcluster_resource_apply_options *known)
{
    return (vcl_apply_options){ .namespace_name = known->namespace_name,
                                .field_manager =
                                    known->field_manager ? known->field_manager : VCL_MANAGER_OWN,
                                .force = known->force != 0,
                                .dry_run = known->dry_run != 0 };
}

int vcluster_resource_apply(vcluster_client *client,
                            const char *manifest,
                            const vcluster_resource_apply_options *options,
                            char **out_json,
                            vcluster_error **error)
{
    vcluster_resource_apply_options known = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;
    vcl_call call;
    cJSON *object = NULL;
    cJSON *stored = NULL;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, manifest);
    if (status == 0)
        status = vcl_yaml_parse(manifest, strlen(manifest), &object, error);
    if (status == 0) {
        vcl_apply_options how = apply_options(&known);
        status = vcl_kube_apply(client->kube, &call, object, &how, &stored, error);
    }
    if (status == 0)
        status = hand_out(stored, out_json, error);
    vcl_json_free_secret(object);
    return status < 0 ? vcl_wrap(error, status, "apply an object") : status;
}

int vcluster_resource_patch(vcluster_client *client,
                            const char *api_version,
                            const char *kind,
                            const char *namespace_name,
                            const char *name,
                            const char *patch_json,
                            const vcluster_resource_apply_options *options,
                            char **out_json,
                            vcluster_error **error)
{
    vcluster_resource_apply_options known = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;
    vcl_call call;
    cJSON *stored = NULL;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error,
                               api_version, kind, name, patch_json);
    if (status == 0) {
        vcl_object_key key = { api_version, kind, namespace_name, name };
        vcl_apply_options how = apply_options(&known);
        status = vcl_kube_patch(client->kube, &call, &key, "application/merge-patch+json",
                                patch_json, &how, &stored, error);
    }
    if (status == 0)
        status = hand_out(stored, out_json, error);
    return status < 0 ? vcl_wrap(error, status, "patch %s '%s'", vcl_str(kind), vcl_str(name))
                      : status;
}

int vcluster_resource_delete(vcluster_client *client,
                             const char *api_version,
                             const char *kind,
                             const char *namespace_name,
                             const char *name,
                             const vcluster_resource_delete_options *options,
                             vcluster_error **error)
{
    vcluster_resource_delete_options known = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error,
                               api_version, kind, name);
    if (status == 0) {
        vcl_object_key key = { api_version, kind, namespace_name, name };
        vcl_kube_delete_options how = { .propagation = known.propagation,
                                        .uid = known.uid,
                                        .grace_seconds = -1 };
        status = vcl_kube_delete(client->kube, &call, &key, &how, error);
        if (status == 0 && known.wait)
            status = vcl_kube_wait_gone(client->kube, &call, &key, known.uid, error);
    }
    return status < 0 ? vcl_wrap(error, status, "delete %s '%s'", vcl_str(kind), vcl_str(name))
                      : status;
}

/* 1: the callback ended the watch. */
static int deliver(const vcl_cache_change *change,
                   vcluster_resource_event_fn on_event,
                   void *event_data,
                   vcluster_error **error)
{
    static const char *const names[] = { [VCL_EVENT_ADDED] = "ADDED",
                                         [VCL_EVENT_MODIFIED] = "MODIFIED",
                                         [VCL_EVENT_DELETED] = "DELETED" };
    char *json = vcl_json_print(change->object);

    if (!json)
        return vcl_no_memory(error);
    int answer = on_event(names[change->type], json, event_data);
    vcl_free_secret(json);
    return answer != 0;
}

static int watch_loop(vcluster_client *client,
                      vcl_call *call,
                      const vcl_list_query *query,
                      vcluster_resource_event_fn on_event,
                      void *event_data,
                      vcluster_error **error)
{
    const vcl_cache_source source = { .query = *query, .lasting = true };
    VCL_AUTO_PTR(vcl_cache) cache = NULL;

    int status = vcl_cache_open(client->kube, &source, 1, &cache, error);
    while (status == 0) {
        vcl_cache_change change;

        status = vcl_cache_next(cache, call, -1, &change, error);
        if (status > 0)
            status = deliver(&change, on_event, event_data, error);
    }
    return status > 0 ? VCLUSTER_OK : status;
}

int vcluster_resource_watch(vcluster_client *client,
                            const char *api_version,
                            const char *kind,
                            const vcluster_resource_list_options *options,
                            vcluster_resource_event_fn on_event,
                            void *event_data,
                            vcluster_error **error)
{
    vcluster_resource_list_options known = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, -1, known, options, error, api_version, kind);
    if (status == 0 && !on_event)
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "on_event is NULL");
    if (status == 0) {
        vcl_list_query query = query_of(api_version, kind, &known);
        status = watch_loop(client, &call, &query, on_event, event_data, error);
    }
    return status < 0 ? vcl_wrap(error, status, "watch %s", vcl_str(kind)) : status;
}
