/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delete: find (delete_find.c), lock, take away, wait until gone. The release record and the
 * namespace go last, so that after a kill the same call finds the rest of its work. An error while
 * waiting is never taken for "gone".
 */
#include "vcluster/lifecycle/delete.h"

#include "base/str.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/leaks.h"
#include "vcluster/names.h"

/* Whether what was found is not what a reaper has claimed: made anew meanwhile. */
static bool is_another(const deleter *self)
{
    const char *uid = self->request->reaped_uid;

    if (!uid || !self->instance)
        return false;
    return *uid ? !vcl_streq(self->instance->uid, uid) : self->instance->expires_at != 0;
}

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
        status = vcl_wait_gone_locked(self->kube, call, vcl_deleter_lock(self), &key,
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

/* A syncer that still runs would make again what is removed, and a workload that is still there
 * owns it. */
static int delete_leaks(deleter *self, vcl_call *call, bool namespace_goes, vcluster_error **error)
{
    const vcluster_instance *instance = self->instance;
    int status = VCLUSTER_OK;

    if (!self->request->leftovers_too)
        return VCLUSTER_OK;
    if (instance) {
        const vcl_object_key key = { .api_version = "apps/v1",
                                     .kind = instance->workload_kind,
                                     .namespace_name = instance->namespace_name,
                                     .name = instance->workload_name };
        status = vcl_wait_gone_locked(self->kube, call, vcl_deleter_lock(self), &key, instance->uid,
                                      error);
    }
    if (status == 0)
        status = wait_pods_gone(self, call, error);
    return status < 0 ? status : vcl_leaks_remove(self, call, namespace_goes, error);
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
    int status;

    if (self->place.going) {
        status = vcl_deleter_drop_requests(self, call, error);
        if (status == 0)
            status = delete_leaks(self, call, true, error);
        return status < 0 ? status : delete_namespace(self, call, error);
    }
    status = lock(self, call, error);
    if (status == 1)
        return VCLUSTER_OK;
    if (status == 0)
        status = vcl_deleter_namespace_goes(self, call, &goes, error);
    if (status == 0)
        status = delete_objects(self, call, error);
    if (status == 0)
        status = vcl_deleter_drop_requests(self, call, error);
    if (status == 0)
        status = delete_leaks(self, call, goes, error);
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

static int delete_found(deleter *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_deleter_find(self, call, error);
    if (status < 0)
        return status;

    if (is_another(self))
        return VCLUSTER_OK;
    status = vcl_deleter_check_remains(self, call, error);
    vcl_leftovers_done(&self->leaks); /* looked for again at the end */
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
