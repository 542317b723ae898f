/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of virtual clusters: getters, JSON form, lifetime. */
#include "vcluster/instance.h"

#include "base/str.h"
#include "data/json.h"

void vcl_instance_done(vcluster_instance *instance)
{
    free(instance->name);
    free(instance->namespace_name);
    free(instance->status);
    free(instance->version);
    free(instance->distribution);
    free(instance->kubernetes_version);
    free(instance->note);
    free(instance->workload_kind);
    free(instance->workload_name);
    free(instance->uid);
    free(instance->resource_version);
    free(instance->owner);
    free(instance->gitops);
    free(instance->pod);
    free(instance->reaping);
}

static bool copy_string(char **slot, const char *text)
{
    *slot = vcl_strdup(text);
    return *slot || !text;
}

vcluster_instance *vcl_instance_copy(const vcluster_instance *instance)
{
    VCL_AUTO_PTR(vcluster_instance) copy = calloc(1, sizeof(*copy));

    if (!copy)
        return NULL;
    copy->created = instance->created;
    copy->replicas = instance->replicas;
    copy->ready = instance->ready;
    copy->guarded = instance->guarded;
    copy->paused = instance->paused;
    copy->restoring = instance->restoring;
    copy->restoring_upstream = instance->restoring_upstream;
    copy->settled = instance->settled;
    copy->expires_at = instance->expires_at;
    bool ok = copy_string(&copy->name, instance->name) &&
              copy_string(&copy->namespace_name, instance->namespace_name) &&
              copy_string(&copy->status, instance->status) &&
              copy_string(&copy->version, instance->version) &&
              copy_string(&copy->distribution, instance->distribution) &&
              copy_string(&copy->kubernetes_version, instance->kubernetes_version) &&
              copy_string(&copy->note, instance->note) &&
              copy_string(&copy->workload_kind, instance->workload_kind) &&
              copy_string(&copy->workload_name, instance->workload_name) &&
              copy_string(&copy->uid, instance->uid) &&
              copy_string(&copy->resource_version, instance->resource_version) &&
              copy_string(&copy->owner, instance->owner) &&
              copy_string(&copy->gitops, instance->gitops) &&
              copy_string(&copy->pod, instance->pod) &&
              copy_string(&copy->reaping, instance->reaping);
    return ok ? vcl_steal(&copy) : NULL;
}

void vcluster_instance_free(vcluster_instance *instance)
{
    if (!instance)
        return;
    vcl_instance_done(instance);
    free(instance);
}

void vcluster_instance_list_free(vcluster_instance_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        vcl_instance_done(&list->items[i]);
    free(list->items);
    free(list);
}

size_t vcluster_instance_list_size(const vcluster_instance_list *list)
{
    return list ? list->count : 0;
}

const vcluster_instance *vcluster_instance_list_at(const vcluster_instance_list *list, size_t index)
{
    return index < vcluster_instance_list_size(list) ? &list->items[index] : NULL;
}

const char *vcluster_instance_name(const vcluster_instance *instance)
{
    return instance ? vcl_str(instance->name) : "";
}

const char *vcluster_instance_namespace(const vcluster_instance *instance)
{
    return instance ? vcl_str(instance->namespace_name) : "";
}

const char *vcluster_instance_status(const vcluster_instance *instance)
{
    return instance && instance->status ? instance->status : "Unknown";
}

bool vcluster_instance_ready(const vcluster_instance *instance)
{
    return instance && instance->ready;
}

const char *vcluster_instance_version(const vcluster_instance *instance)
{
    return instance ? vcl_str(instance->version) : "";
}

const char *vcluster_instance_distribution(const vcluster_instance *instance)
{
    return instance && instance->distribution ? instance->distribution : "upstream";
}

const char *vcluster_instance_kubernetes_version(const vcluster_instance *instance)
{
    return instance ? vcl_str(instance->kubernetes_version) : "";
}

int64_t vcluster_instance_created(const vcluster_instance *instance)
{
    return instance ? instance->created : 0;
}

const char *vcluster_instance_note(const vcluster_instance *instance)
{
    return instance ? vcl_str(instance->note) : "";
}

int64_t vcluster_instance_expires_at(const vcluster_instance *instance)
{
    return instance ? instance->expires_at : 0;
}

const char *vcluster_instance_owner(const vcluster_instance *instance)
{
    return instance ? vcl_str(instance->owner) : "";
}

cJSON *vcl_instance_tree(const vcluster_instance *instance)
{
    VCL_AUTO_JSON *json = cJSON_CreateObject();
    bool made =
        json && vcl_json_set_string(json, "name", vcluster_instance_name(instance)) &&
        vcl_json_set_string(json, "namespace", vcluster_instance_namespace(instance)) &&
        vcl_json_set_string(json, "status", vcluster_instance_status(instance)) &&
        vcl_json_set(json, "ready", cJSON_CreateBool(instance->ready)) &&
        vcl_json_set_string(json, "version", vcluster_instance_version(instance)) &&
        vcl_json_set_string(json, "distribution", vcluster_instance_distribution(instance)) &&
        vcl_json_set_string(json, "kubernetesVersion",
                            vcluster_instance_kubernetes_version(instance)) &&
        vcl_json_set_int(json, "created", instance->created) &&
        vcl_json_set_int(json, "expiresAt", instance->expires_at) &&
        vcl_json_set_string(json, "owner", vcluster_instance_owner(instance)) &&
        vcl_json_set_string(json, "note", vcluster_instance_note(instance));

    return made ? vcl_steal(&json) : NULL;
}

int vcluster_instance_to_json(const vcluster_instance *instance,
                              char **out_json,
                              vcluster_error **error)
{
    if (!instance || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "instance or out_json is NULL");

    VCL_AUTO_JSON *json = vcl_instance_tree(instance);
    char *text = json ? vcl_json_print(json) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}
