/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a delete finds: where the virtual cluster is, what is there of it, whether it may go. A list
 * that fails is never taken for "nothing there".
 */
#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "data/yaml.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/leaks.h"
#include "vcluster/names.h"

void vcl_deleter_done(deleter *self)
{
    free(self->namespace_name);
    vcluster_instance_free(self->instance);
    vcl_record_free(self->record);
    vcl_json_free_secret(self->objects);
    cJSON_Delete(self->claims);
    vcl_leftovers_done(&self->leaks);
}

static int find_workload(deleter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_instance_find(self->request->client, call, self->request->name,
                                   self->request->namespace_name, &self->instance, &why);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &why, status);
    return VCLUSTER_OK;
}

/* Where to look for what a killed delete left: the workload's namespace, the given one, that of a
 * release record of this name, one that was made for it, or the one of the rule. */
static int find_namespace(deleter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_delete_request *request = self->request;
    VCL_AUTO_ERROR *ignored = NULL;
    VCL_AUTO_JSON *made = NULL;

    if (self->instance)
        self->namespace_name = vcl_strdup(self->instance->namespace_name);
    else if (request->namespace_name)
        self->namespace_name = vcl_strdup(request->namespace_name);
    else if (vcl_record_find(self->kube, call, request->name, NULL, &self->record, &ignored) == 0 &&
             self->record)
        self->namespace_name = vcl_strdup(self->record->namespace_name);
    else if (!ignored && vcl_namespaces_of(self->kube, call, request->name, &made, &ignored) == 0 &&
             made->child)
        self->namespace_name = vcl_strdup(made->child->valuestring);
    else if (ignored && vcluster_error_code(ignored) != VCLUSTER_E_PERMISSION) {
        int status = vcluster_error_code(ignored);
        if (error)
            *error = vcl_steal(&ignored);
        return status;
    } else
        self->namespace_name =
            vcl_namespace_for(NULL, request->client->namespace_name, request->name);
    return self->namespace_name ? VCLUSTER_OK : vcl_no_memory(error);
}

static int find_claims(deleter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "PersistentVolumeClaim",
                             .namespace_name = self->namespace_name,
                             .metadata_only = true };

    self->claims = cJSON_CreateArray();
    if (!self->claims)
        return vcl_no_memory(error);
    int status = vcl_kube_list(self->kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const char *name = vcl_json_find_string(item, "metadata", "name", NULL);
        if (vcl_is_volume_claim_of(name, self->request->name) &&
            !vcl_json_append(self->claims, cJSON_CreateString(name)))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_deleter_find(deleter *self, vcl_call *call, vcluster_error **error)
{
    int status = find_workload(self, call, error);
    if (status == 0)
        status = find_namespace(self, call, error);
    if (status == 0)
        status = vcl_namespace_look(self->kube, call, self->namespace_name, &self->place, error);
    if (status < 0 || !self->place.exists)
        return status;
    if (!self->record)
        status = vcl_record_find(self->kube, call, self->request->name, self->namespace_name,
                                 &self->record, error);
    return status < 0 ? status : find_claims(self, call, error);
}

/* A namespace that was made for this virtual cluster is a remainder of it. 1: it is; 0: it is not,
 * or this user cannot know. */
static int namespace_is_its_own(deleter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_JSON *made = NULL;
    VCL_AUTO_ERROR *why = NULL;
    const cJSON *name;

    if (!self->place.exists || !self->place.ours)
        return 0;
    int status = vcl_namespaces_of(self->kube, call, self->request->name, &made, &why);
    if (status == VCLUSTER_E_PERMISSION)
        return 0;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    cJSON_ArrayForEach (name, made) {
        if (vcl_streq(name->valuestring, self->namespace_name))
            return 1;
    }
    return 0;
}

int vcl_delete_guard(const vcluster_instance *instance, bool gitops_too, vcluster_error **error)
{
    if (instance->gitops && !gitops_too)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "virtual cluster '%s' is made by %s, which would make it again: remove it "
                        "from its repository, or ask for it to be deleted all the same",
                        instance->name, instance->gitops);
    if (!instance->guarded)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "virtual cluster '%s' is protected by the annotation loft.sh/non-deletable on "
                    "%s '%s'; remove the annotation first",
                    instance->name, instance->workload_kind, instance->workload_name);
}

int vcl_deleter_read(deleter *self, vcluster_error **error)
{
    VCL_AUTO_JSON *release = NULL;

    int status = vcl_release_decode(self->record->secret, &release, error);
    if (status < 0)
        return status;
    const char *manifest = vcl_str(vcl_json_find_string(release, "manifest", NULL));
    return vcl_yaml_parse_all(manifest, strlen(manifest), &self->objects, error);
}

vcl_record *vcl_deleter_lock(const deleter *self)
{
    return self->record && vcl_record_is_ours(self->record) ? self->record : NULL;
}

vcl_apply_set vcl_deleter_objects(const deleter *self)
{
    return (vcl_apply_set){ .kube = self->kube,
                            .release = self->request->name,
                            .namespace_name = self->namespace_name,
                            .objects = self->objects };
}

/* Whether the namespace goes: it was made for a virtual cluster, and no other one is in it. */
int vcl_deleter_namespace_goes(deleter *self,
                               vcl_call *call,
                               bool *out_goes,
                               vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance_list) list = NULL;
    vcl_instance_query query = { .namespace_name = self->namespace_name };

    *out_goes = false;
    if (!self->place.ours || self->request->keep_namespace || self->request->keep_volumes)
        return VCLUSTER_OK;
    int status = vcl_instances_list(self->request->client, call, &query, &list, error);
    if (status < 0)
        return status;
    *out_goes = true;
    for (size_t i = 0; i < list->count; i++) {
        if (!vcl_streq(list->items[i].name, self->request->name))
            *out_goes = false;
    }
    return VCLUSTER_OK;
}

int vcl_deleter_check_remains(deleter *self, vcl_call *call, vcluster_error **error)
{
    bool claims_go = !self->request->keep_volumes && self->claims && self->claims->child;

    /* Asked for first: who may not list leftovers is refused before anything is touched. */
    int status = self->request->leftovers_too ? vcl_leaks_look(self, call, error) : 0;
    if (status < 0)
        return vcl_wrap(error, status, "look for what it would leave behind");
    if (status == 1 || self->instance || self->record || claims_go)
        return 1;
    status = namespace_is_its_own(self, call, error);
    if (status != 0 || self->request->missing_ok)
        return status;
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no virtual cluster '%s'%s%s%s",
                    self->request->name, self->request->namespace_name ? " in namespace '" : "",
                    vcl_str(self->request->namespace_name),
                    self->request->namespace_name ? "'" : "");
}
