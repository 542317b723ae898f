/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delete: find, lock, take away, wait until gone. The release record and the namespace go last, so
 * that after a kill the same call finds the rest of its work. A list that fails is never taken for
 * "nothing there", and an error while waiting never for "gone".
 */
#include "vcluster/lifecycle/delete.h"

#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "data/yaml.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/deleter.h"
#include "vcluster/names.h"

void vcl_deleter_done(deleter *self)
{
    free(self->namespace_name);
    vcluster_instance_free(self->instance);
    vcl_record_free(self->record);
    vcl_json_free_secret(self->objects);
    cJSON_Delete(self->claims);
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

/* Whether what was found is not what a reaper has claimed: made anew meanwhile. */
static bool is_another(const deleter *self)
{
    const char *uid = self->request->reaped_uid;

    if (!uid || !self->instance)
        return false;
    return *uid ? !vcl_streq(self->instance->uid, uid) : self->instance->expires_at != 0;
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

/* 1: a reaper's work was done by another one. */
/* An upgrade that wrote its record before our mark goes on below a newer revision, which is then
 * the one to wait for; it looks for our mark after that, so that one of the two always sees the
 * other. 1: there is one. */
static int give_way(deleter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_record) newest = NULL;

    int status = vcl_record_find(self->kube, call, self->request->name, self->namespace_name,
                                 &newest, error);
    if (status < 0 || !newest ||
        vcl_record_revision(newest->secret) <= vcl_record_revision(self->record->secret))
        return status;
    status = vcl_record_release(self->kube, call, self->record, error);
    if (status < 0)
        return status;
    newest->mark = self->record->mark;
    vcl_record_free(self->record);
    self->record = vcl_steal(&newest);
    return 1;
}

/* 1: it is not ours to delete any more. */
static int lock(deleter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status = 1;

    if (!self->record || self->place.going)
        return VCLUSTER_OK;
    if (self->request->reaped_uid)
        self->record->mark = VCL_ANNOTATION_REAPING;
    while (status == 1) {
        /* A record that Helm left pending is in the way of an install, not of a removal. */
        status = vcl_record_lock(self->kube, call, self->record, "uninstalling", true, &why);
        if (status == VCLUSTER_OK)
            status = give_way(self, call, &why);
    }
    if (status == VCLUSTER_E_NOT_FOUND) {
        vcl_record_free(self->record); /* another delete was faster */
        self->record = NULL;
        return self->request->reaped_uid ? 1 : VCLUSTER_OK;
    }
    if (status == 0)
        status = vcl_deleter_read(self, &why);
    return vcl_error_pass(error, &why, status);
}

/* Deleted by name; one that is not there is fine. */
static int
delete_named(deleter *self, vcl_call *call, const vcl_object_key *key, vcluster_error **error)
{
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_delete(self->kube, call, key, &options, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    vcl_auto_free char *shown = vcl_format("%s/%s", key->kind, key->name);
    return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, shown, "deletion asked for");
}

/* What carries the label release=NAME without being in the manifest: a cluster made by GitOps, with
 * no record; and what the control plane made itself. */
static int delete_labelled(deleter *self,
                           vcl_call *call,
                           const char *api_version,
                           const char *kind,
                           const char *selector,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;
    vcl_list_query query = { .api_version = api_version,
                             .kind = kind,
                             .namespace_name = self->namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };

    int status = vcl_kube_list(self->kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        vcl_object_key key = { .api_version = api_version,
                               .kind = kind,
                               .namespace_name = self->namespace_name,
                               .name = vcl_json_find_string(item, "metadata", "name", NULL) };
        status = delete_named(self, call, &key, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* What goes by its labels where there is no record. */
static const char *const kinds[][2] = {
    { "apps/v1", "StatefulSet" },
    { "apps/v1", "Deployment" },
    { "v1", "Service" },
    { "rbac.authorization.k8s.io/v1", "RoleBinding" },
    { "rbac.authorization.k8s.io/v1", "Role" },
    { "v1", "Secret" },
    { "v1", "ServiceAccount" },
    { "v1", "ResourceQuota" },
    { "v1", "LimitRange" },
    { "networking.k8s.io/v1", "NetworkPolicy" },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

bool vcl_deleter_takes(const char *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (vcl_streq(kinds[i][1], kind))
            return true;
    }
    return false;
}

static int delete_leftovers(deleter *self, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *by_release =
        vcl_format("app=vcluster,heritage=Helm,release=%s", self->request->name);
    vcl_auto_free char *by_name = vcl_format("app=vcluster,vcluster-name=%s", self->request->name);

    if (!by_release || !by_name)
        return vcl_no_memory(error);
    int status = delete_labelled(self, call, "v1", "Secret", by_name, error);
    for (size_t i = 0; status == 0 && !self->record && i < KINDS; i++)
        status = delete_labelled(self, call, kinds[i][0], kinds[i][1], by_release, error);
    return status;
}

static vcl_object_key claim_key(const deleter *self, const cJSON *claim)
{
    return (vcl_object_key){ .api_version = "v1",
                             .kind = "PersistentVolumeClaim",
                             .namespace_name = self->namespace_name,
                             .name = claim->valuestring };
}

static int delete_claims(deleter *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *claim;

    if (self->request->keep_volumes)
        return VCLUSTER_OK;
    cJSON_ArrayForEach (claim, self->claims) {
        vcl_object_key key = claim_key(self, claim);
        int status = delete_named(self, call, &key, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int wait_pods_gone(deleter *self, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("app=vcluster,release=%s", self->request->name);
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;

    if (!selector)
        return vcl_no_memory(error);
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = self->namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };
    int status = vcl_kube_list(self->kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        vcl_object_key key = { .api_version = "v1",
                               .kind = "Pod",
                               .namespace_name = self->namespace_name,
                               .name = vcl_json_find_string(item, "metadata", "name", NULL) };
        status = vcl_wait_gone_locked(self->kube, call, self->record, &key,
                                      vcl_json_find_string(item, "metadata", "uid", NULL), error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int wait_claims_gone(deleter *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *claim;

    cJSON_ArrayForEach (claim, self->claims) {
        vcl_object_key key = claim_key(self, claim);
        int status = vcl_wait_gone_locked(self->kube, call, self->record, &key, NULL, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

vcl_apply_set vcl_deleter_objects(const deleter *self)
{
    return (vcl_apply_set){ .kube = self->kube,
                            .release = self->request->name,
                            .namespace_name = self->namespace_name,
                            .objects = self->objects };
}

static int delete_objects(deleter *self, vcl_call *call, vcluster_error **error)
{
    vcl_apply_set set = vcl_deleter_objects(self);

    int status = vcl_apply_delete(&set, call, error);
    if (status == 0)
        status = delete_leftovers(self, call, error);
    return status < 0 ? status : delete_claims(self, call, error);
}

static int wait_objects_gone(deleter *self, vcl_call *call, vcluster_error **error)
{
    vcl_apply_set set = vcl_deleter_objects(self);

    int status = vcl_call_report(call, error, VCLUSTER_STEP_DELETE, self->request->name,
                                 "waiting until everything is gone");
    if (status == 0)
        status = vcl_apply_wait_gone(&set, call, self->record, error);
    if (status == 0)
        status = wait_pods_gone(self, call, error);
    if (status == 0 && !self->request->keep_volumes)
        status = wait_claims_gone(self, call, error);
    return status;
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

static int delete_namespace(deleter *self, vcl_call *call, vcluster_error **error)
{
    vcl_object_key key = { .api_version = "v1", .kind = "Namespace", .name = self->namespace_name };

    int status = delete_named(self, call, &key, error);
    if (status == 0 && !self->request->no_wait)
        status = vcl_kube_wait_gone(self->kube, call, &key, NULL, error);
    return status < 0 ? vcl_wrap(error, status, "delete namespace '%s'", self->namespace_name)
                      : status;
}

static int take_away(deleter *self, vcl_call *call, vcluster_error **error)
{
    bool goes = false;

    if (self->place.going)
        return delete_namespace(self, call, error);
    int status = lock(self, call, error);
    if (status == 1)
        return VCLUSTER_OK;
    if (status == 0)
        status = vcl_deleter_namespace_goes(self, call, &goes, error);
    if (status == 0)
        status = delete_objects(self, call, error);
    if (status < 0)
        return status;
    /* Where the namespace goes, it takes the record and everything else with it, and a call that is
     * repeated waits for that. The host begins five seconds after it was asked: so it is asked at
     * once, and the pods end meanwhile. */
    if (goes)
        return delete_namespace(self, call, error);
    if (!self->request->no_wait)
        status = wait_objects_gone(self, call, error);
    return status < 0 ? status
                      : vcl_record_delete(self->kube, call, self->request->name,
                                          self->namespace_name, error);
}

/* The lock would only keep the next call waiting. Failing here loses nothing: it expires. */
static void abandon(deleter *self, const vcl_call *whole)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    if (!vcl_record_is_ours(self->record))
        return;
    vcl_call_init_aftermath(&call, whole);
    (void)vcl_record_release(self->kube, &call, self->record, &ignored);
}

int vcl_deleter_check_remains(deleter *self, vcl_call *call, vcluster_error **error)
{
    bool claims_go = !self->request->keep_volumes && self->claims && self->claims->child;

    if (self->instance || self->record || claims_go)
        return 1;
    int status = namespace_is_its_own(self, call, error);
    if (status != 0 || self->request->missing_ok)
        return status;
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no virtual cluster '%s'%s%s%s",
                    self->request->name, self->request->namespace_name ? " in namespace '" : "",
                    vcl_str(self->request->namespace_name),
                    self->request->namespace_name ? "'" : "");
}

static int delete_found(deleter *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_deleter_find(self, call, error);
    if (status < 0)
        return status;

    if (is_another(self))
        return VCLUSTER_OK;
    status = vcl_deleter_check_remains(self, call, error);
    if (status != 1)
        return status;
    if (self->instance)
        status = vcl_delete_guard(self->instance, self->request->gitops_too, error);
    if (status < 0)
        return status;
    status = take_away(self, call, error);
    if (status < 0)
        abandon(self, call);
    return status;
}

int vcl_delete(const vcl_delete_request *request, vcl_call *call, vcluster_error **error)
{
    deleter self = { .request = request, .kube = request->client->kube };

    int status = delete_found(&self, call, error);
    vcl_deleter_done(&self);
    return status;
}
