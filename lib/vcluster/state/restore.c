/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring: check the file whole, look whether it fits, take the lock of the release record, stop
 * the control plane, let the pod of restore_pod.h put the data in place, give back the keys that
 * belong to them, start again. Each step may be repeated, so that the same call completes what a
 * killed one began; the annotation libvcluster.dev/restoring tells that it did.
 */
#include "base/str.h"
#include "release/apply.h"
#include "release/record.h"
#include "vcluster/config.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/ensure.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/names.h"
#include "vcluster/state/restore_fit.h"
#include "vcluster/state/restore_keys.h"
#include "vcluster/state/restore_pod.h"
#include "vcluster/state/snapshot.h"

#define MERGE_PATCH "application/merge-patch+json"

typedef struct restorer {
    const vcl_snapshot_request *request;
    vcl_kube *kube;
    vcl_snapshot_file file;
    vcluster_instance *instance;
    cJSON *workload;
    cJSON *etcd;       /* StatefulSet NAME-etcd, or NULL */
    const char *store; /* borrowed from the workload */
    vcl_record *record;
    bool stopped; /* the control plane is, or may be, scaled down by us */
    bool sent;    /* the new data may be in place */
} restorer;

static void restorer_done(restorer *self)
{
    vcl_snapshot_file_done(&self->file);
    vcluster_instance_free(self->instance);
    cJSON_Delete(self->workload);
    cJSON_Delete(self->etcd);
    vcl_record_free(self->record);
}

/* ---- Where it goes ---- */

static int check_claim(const restorer *self,
                       const vcl_restore_pod *pod,
                       vcl_call *call,
                       vcluster_error **error)
{
    vcl_auto_free char *claim = vcl_restore_claim(pod);
    vcl_object_key key = { "v1", "PersistentVolumeClaim", pod->namespace_name, claim };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!claim)
        return vcl_no_memory(error);
    int status = vcl_kube_get_metadata(self->kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "it has no volume claim '%s': its state is lost with its pod, so that "
                        "nothing can be put there",
                        claim);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

/* A snapshot's values say that nothing would be kept: known before anything is made. */
static int check_values(const restorer *self, vcluster_error **error)
{
    const cJSON *enabled = vcl_json_find(self->file.about, "values", "controlPlane", "statefulSet",
                                         "persistence", "volumeClaim", "enabled", NULL);

    if (cJSON_IsFalse(enabled) || vcl_streq(cJSON_GetStringValue(enabled), "false"))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "there is no virtual cluster '%s', and the one of the snapshot had no "
                        "volume claim (persistence.volumeClaim.enabled: false): make one with a "
                        "claim first, and restore into it",
                        self->request->name);
    return VCLUSTER_OK;
}

/* One that was made and has lived is there; else it is made with the snapshot's values. */
static int make(restorer *self, vcl_call *call, vcluster_error **error)
{
    cJSON *values = vcl_json_get(self->file.about, "values");
    vcluster_config config = { .values = values ? values : cJSON_CreateObject() };
    vcl_ensure_request request = { .client = self->request->client,
                                   .name = self->request->name,
                                   .config = &config,
                                   .namespace_name = self->request->namespace_name,
                                   .distribution = "embedded" };

    int status = config.values ? check_values(self, error) : vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = vcl_ensure(&request, call, &self->instance, error);
    if (!values)
        cJSON_Delete(config.values);
    return status < 0 ? vcl_wrap(error, status, "make virtual cluster '%s' for the snapshot",
                                 self->request->name)
                      : status;
}

static int find(restorer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_snapshot_request *request = self->request;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &self->instance, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return make(self, call, error);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

static bool is_restoring(const restorer *self)
{
    return vcl_json_find(self->workload, "metadata", "annotations", VCL_ANNOTATION_RESTORING,
                         NULL) != NULL;
}

/* What is there now; also under the lock, since somebody may have been faster. */
static int look(restorer *self, vcl_call *call, vcluster_error **error)
{
    cJSON *workload = NULL;
    int status =
        vcl_snapshot_look(self->request, call, self->instance, &workload, &self->store, error);

    if (status < 0)
        return status;
    cJSON_Delete(self->workload);
    self->workload = workload;
    const char *paused =
        vcl_json_find_string(workload, "metadata", "annotations", VCL_ANNOTATION_PAUSED, NULL);
    if ((vcl_streq(paused, "true") ||
         vcl_json_find_int(workload, 1, "spec", "replicas", NULL) == 0) &&
        !is_restoring(self))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "it does not run: resume it first");
    return VCLUSTER_OK;
}

static int look_at_store(restorer *self, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format("%s-etcd", self->instance->name);
    vcl_object_key key = { "apps/v1", "StatefulSet", self->instance->namespace_name, name };

    if (!name)
        return vcl_no_memory(error);
    return vcl_streq(self->store, "etcd-deploy")
               ? vcl_kube_get(self->kube, call, &key, &self->etcd, error)
               : VCLUSTER_OK;
}

/* ---- Lock ---- */

/* The mark that tells a restore that was killed from other operations that were. */
static int mark(const restorer *self, vcl_call *call, bool on, vcluster_error **error)
{
    vcl_object_key key = { "apps/v1", "StatefulSet", self->instance->namespace_name,
                           self->instance->name };
    vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    vcl_auto_free char *patch =
        vcl_format("{\"metadata\":{\"annotations\":{\"" VCL_ANNOTATION_RESTORING "\":%s}}}",
                   on ? "\"waiting\"" : "null");

    return patch ? vcl_kube_patch(self->kube, call, &key, MERGE_PATCH, patch, &options, NULL, error)
                 : vcl_no_memory(error);
}

/* The newest record, when nobody works on it any more. One that GitOps made has none, and so no
 * lock. */
static int await_others(restorer *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_record_find(self->kube, call, self->instance->name,
                                 self->instance->namespace_name, &self->record, error);

    if (status == VCLUSTER_OK && self->record)
        status = vcl_record_wait(self->kube, call, self->record, error);
    return status == 1 ? vcl_fail(error, VCLUSTER_E_NOT_FOUND, "it has no release record any more")
                       : status;
}

/* Whether what is locked is what was looked at: an upgrade looks for us after its own record was
 * written, so that one of the two sees the other. */
static int check_locked(restorer *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_record) newest = NULL;
    vcl_auto_free char *uid =
        vcl_strdup(vcl_json_find_string(self->workload, "metadata", "uid", NULL));

    int status = vcl_record_find(self->kube, call, self->instance->name,
                                 self->instance->namespace_name, &newest, error);
    if (status == VCLUSTER_OK)
        status = look(self, call, error);
    if (status < 0)
        return status;
    if (!newest ||
        vcl_record_revision(newest->secret) != vcl_record_revision(self->record->secret) ||
        !vcl_streq(uid, vcl_json_find_string(self->workload, "metadata", "uid", NULL)))
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "another operation was faster: it has been changed meanwhile");
    return VCLUSTER_OK;
}

/* Back to what was there; the mark goes last, see scale_one(). */
static void unlock(restorer *self, const vcl_call *whole)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;
    int status = VCLUSTER_OK;

    vcl_call_init_aftermath(&call, whole);
    if (self->record && vcl_record_is_ours(self->record))
        status = vcl_record_finish(self->kube, &call, self->record, "deployed",
                                   "Restore given up before anything changed", &ignored);
    vcluster_error_free(vcl_steal(&ignored));
    if (status == VCLUSTER_OK)
        (void)mark(self, &call, false, &ignored);
}

static int lock(restorer *self, vcl_call *call, vcluster_error **error)
{
    bool again = is_restoring(self);

    if (!self->record)
        return VCLUSTER_OK;
    if (!vcl_record_is_deployed(self->record) && !again)
        return vcl_record_refuse_pending(self->record, error);
    int status = again ? VCLUSTER_OK : mark(self, call, true, error);
    if (status == VCLUSTER_OK)
        status = vcl_record_lock_from(self->kube, call, self->record, "deployed", "pending-upgrade",
                                      error);
    if (status == VCLUSTER_OK)
        status = check_locked(self, call, error);
    if (status < 0 && !again)
        unlock(self, call);
    return status;
}

/* ---- Down and up ---- */

/* The mark of the control plane goes last, after the lock: without it a pending release would be
 * taken for a killed upgrade's. */
static int
scale_one(restorer *self, vcl_call *call, const char *name, bool up, vcluster_error **error)
{
    const char *unmark = vcl_streq(name, self->instance->name)
                             ? ""
                             : "\"metadata\":{\"annotations\":{\"" VCL_ANNOTATION_RESTORING
                               "\":null}},";
    vcl_object_key key = { "apps/v1", "StatefulSet", self->instance->namespace_name, name };
    vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    vcl_auto_free char *patch =
        up ? vcl_format("{%s\"spec\":{\"replicas\":1}}", unmark)
           : vcl_format("{\"metadata\":{\"annotations\":{\"" VCL_ANNOTATION_RESTORING
                        "\":\"%s\"}},\"spec\":{\"replicas\":0}}",
                        vcl_json_find_string(self->file.about, "created", NULL));

    return patch ? vcl_kube_patch(self->kube, call, &key, MERGE_PATCH, patch, &options, NULL, error)
                 : vcl_no_memory(error);
}

static int scale(restorer *self, vcl_call *call, bool up, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    if (self->etcd) {
        vcl_auto_free char *name = vcl_format("%s-etcd", self->instance->name);
        status = name ? scale_one(self, call, name, up, error) : vcl_no_memory(error);
    }
    return status < 0 ? status : scale_one(self, call, self->instance->name, up, error);
}

static int await_gone(restorer *self, vcl_call *call, const char *form, vcluster_error **error)
{
    vcl_auto_free char *name = NULL;

    name = vcl_streq(form, "etcd") ? vcl_format("%s-etcd-0", self->instance->name)
                                   : vcl_format("%s-0", self->instance->name);
    vcl_object_key key = { "v1", "Pod", self->instance->namespace_name, name };
    return name ? vcl_wait_gone_locked(self->kube, call, self->record, &key, NULL, error)
                : vcl_no_memory(error);
}

static int stop(restorer *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_call_report(call, error, VCLUSTER_STEP_POD, self->instance->name,
                                 "the control plane is stopped");
    if (status < 0)
        return status;
    self->stopped = true;
    status = scale(self, call, false, error);
    if (status == VCLUSTER_OK)
        status = await_gone(self, call, "control plane", error);
    if (status == VCLUSTER_OK && self->etcd)
        status = await_gone(self, call, "etcd", error);
    return status;
}

/* ---- The whole ---- */

/* Before the data were sent nothing has changed: the control plane goes on as it was, and the pod
 * that waits for them goes. */
static void give_up(restorer *self, const vcl_restore_pod *pod, const vcl_call *whole)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    vcl_call_init_aftermath(&call, whole);
    if (!self->sent && self->stopped &&
        (vcl_restore_pod_dismiss(pod, &call, &ignored) < 0 ||
         scale(self, &call, true, &ignored) < 0))
        return;
    if (self->record && !vcl_record_is_ours(self->record))
        return;
    vcluster_error_free(vcl_steal(&ignored));
    if (!self->sent)
        unlock(self, whole);
    else if (self->record)
        (void)vcl_record_release(self->kube, &call, self->record, &ignored);
}

static int bring_up(restorer *self, vcl_call *call, vcluster_error **error)
{
    vcl_wait_request wait = { .client = self->request->client,
                              .name = self->instance->name,
                              .namespace_name = self->instance->namespace_name,
                              .record = self->record };

    int status = vcl_restore_keys(self->kube, call, self->file.about, self->instance, error);
    if (status == VCLUSTER_OK)
        status = scale(self, call, true, error);
    if (status == VCLUSTER_OK)
        status = vcl_wait_ready(&wait, call, error);
    if (status == VCLUSTER_OK && self->record)
        status = vcl_record_finish(self->kube, call, self->record, "deployed",
                                   "Restored from a snapshot", error);
    return status < 0 ? status : mark(self, call, false, error);
}

static int
replace(restorer *self, vcl_call *call, const vcl_restore_pod *pod, vcluster_error **error)
{
    int status = stop(self, call, error);

    if (status == VCLUSTER_OK)
        status = vcl_restore_pod_run(pod, call, &self->file, &self->sent, error);
    return status < 0 ? status : bring_up(self, call, error);
}

static int restore_into(restorer *self, vcl_call *call, vcluster_error **error)
{
    vcl_restore_pod pod = { .kube = self->kube,
                            .name = self->instance->name,
                            .namespace_name = self->instance->namespace_name,
                            .store = self->store,
                            .workload = self->workload,
                            .etcd = self->etcd };
    int status = check_claim(self, &pod, call, error);
    if (status == VCLUSTER_OK)
        status = lock(self, call, error);
    if (status < 0)
        return status;
    pod.store = self->store; /* looked at anew under the lock */
    pod.workload = self->workload;
    pod.record = self->record;
    status = replace(self, call, &pod, error);
    if (status < 0)
        give_up(self, &pod, call);
    return status;
}

static int restore_found(restorer *self, vcl_call *call, vcluster_error **error)
{
    int status = await_others(self, call, error);

    if (status == VCLUSTER_OK)
        status = look(self, call, error);
    if (status == VCLUSTER_OK)
        status = look_at_store(self, call, error);
    if (status == VCLUSTER_OK)
        status = vcl_restore_fits(self->file.about, self->store, self->instance->kubernetes_version,
                                  error);
    return status < 0 ? status : restore_into(self, call, error);
}

static int restore(restorer *self, vcl_call *call, vcluster_error **error)
{
    int status =
        vcl_snapshot_file_open(self->request->path, self->request->fd, call, &self->file, error);
    if (status == VCLUSTER_OK)
        status = find(self, call, error);
    return status < 0 ? status : vcl_snapshot_tell_deleted(restore_found(self, call, error), error);
}

int vcl_snapshot_restore(const vcl_snapshot_request *request,
                         vcl_call *call,
                         vcluster_instance **out_instance,
                         vcluster_error **error)
{
    restorer self = { .request = request, .kube = request->client->kube, .file = { .fd = -1 } };

    int status = restore(&self, call, error);
    if (status == VCLUSTER_OK && out_instance)
        status = vcl_instance_find(request->client, call, self.instance->name,
                                   self.instance->namespace_name, out_instance, error);
    restorer_done(&self);
    return status;
}
