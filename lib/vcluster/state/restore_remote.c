/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring upstream's control plane as its CLI does (v0.36, vcluster restore): it is paused, with
 * an annotation of its own, and the pods that it had made on the host are deleted; a pod of its
 * image puts the snapshot into the store (restore_job.h); it is resumed. All of it under the lock
 * of the release record. Each step may be repeated: the same call completes what a killed one
 * began.
 */
#include "vcluster/state/restore_remote.h"

#include "base/str.h"
#include "vcluster/lifecycle/pauser.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/state/restore_job.h"
#include "vcluster/state/snapshot_remote.h"

typedef struct restorer {
    const vcl_restore_remote_request *request;
    vcl_snapshot_place place;
    vcl_pauser pauser;
    cJSON *workload;
} restorer;

static vcl_restore_job job_of(const restorer *self)
{
    return (vcl_restore_job){ .pod = { .kube = self->pauser.kube,
                                       .name = self->pauser.found->name,
                                       .namespace_name = self->pauser.found->namespace_name,
                                       .workload = self->workload,
                                       .record = self->pauser.record },
                              .place = &self->place };
}

/* Another pod of upstream's CLI with the same data: both would write. */
static int refuse_others(const restorer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_restore_job job = job_of(self);
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "Pod",
                                   .namespace_name = self->pauser.found->namespace_name,
                                   .label_selector = "app=vcluster-snapshot" };
    vcl_auto_free char *claim = vcl_restore_claim(&job.pod);
    vcl_auto_free char *own = vcl_restore_pod_name(&job.pod);
    VCL_AUTO_JSON *list = NULL;
    const cJSON *pod;
    const cJSON *volume;

    int status = claim && own ? vcl_kube_list(self->pauser.kube, call, &query, &list, error)
                              : vcl_no_memory(error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (pod, vcl_json_get(list, "items")) {
        const char *name = vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL));
        const char *phase = vcl_json_find_string(pod, "status", "phase", NULL);
        if (vcl_streq(name, own) || vcl_streq(phase, "Succeeded") || vcl_streq(phase, "Failed"))
            continue;
        cJSON_ArrayForEach (volume, vcl_json_find(pod, "spec", "volumes", NULL)) {
            if (vcl_streq(vcl_json_find_string(volume, "persistentVolumeClaim", "claimName", NULL),
                          claim))
                return vcl_fail(error, VCLUSTER_E_CONFLICT,
                                "pod/%s, of upstream's CLI, works on its data: wait until it has "
                                "ended",
                                name);
        }
    }
    return VCLUSTER_OK;
}

/* What is there; before the lock and under it. */
static int look(restorer *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_instance *found = self->pauser.found;
    const vcl_object_key key = { "apps/v1", found->workload_kind, found->namespace_name,
                                 found->workload_name };
    cJSON *workload = NULL;

    int status = vcl_snapshot_remote_check(found, true, error);
    if (status == VCLUSTER_OK)
        status = vcl_kube_get(self->pauser.kube, call, &key, &workload, error);
    if (status < 0)
        return status;
    cJSON_Delete(self->workload);
    self->workload = workload;
    const vcl_restore_job job = job_of(self);
    status = vcl_restore_job_check(&job, call, error);
    return status < 0 ? status : refuse_others(self, call, error);
}

/* Before anything is locked: what cannot be restored is left alone. */
static int look_first(restorer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_restore_remote_request *request = self->request;

    self->pauser.kube = request->client->kube;
    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &self->pauser.found, error);
    if (status == VCLUSTER_OK)
        status = look(self, call, error);
    vcluster_instance_free(vcl_steal(&self->pauser.found));
    return status;
}

/* Back to what there was, if that is safe; else it stays down, and says so. */
static int give_up(restorer *self, const vcl_call *whole, int status, vcluster_error **error)
{
    const vcl_restore_job job = job_of(self);
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_restore_fate fate = VCL_RESTORE_UNDER_WAY;
    vcl_call call;

    vcl_call_init_aftermath(&call, whole);
    bool ours = !self->pauser.record || vcl_record_is_ours(self->pauser.record);
    if (ours && vcl_restore_job_settle(&job, &call, &fate, &ignored) == VCLUSTER_OK &&
        fate == VCL_RESTORE_NOT_BEGUN &&
        vcl_pauser_scale(&self->pauser, &call, false, &ignored) == VCLUSTER_OK)
        return vcl_wrap(error, status, "nothing has changed, it is started again");
    return vcl_wrap(error, status,
                    "the restore is not finished and its control plane stays down: the same call "
                    "completes it");
}

static int replace(restorer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_restore_job job = job_of(self);
    vcl_wait_request wait = { .client = self->request->client,
                              .name = self->pauser.found->name,
                              .namespace_name = self->pauser.found->namespace_name,
                              .record = self->pauser.record };

    int status = vcl_pauser_scale(&self->pauser, call, true, error);
    if (status == VCLUSTER_OK)
        status = vcl_pauser_clear(&self->pauser, call, error);
    if (status == VCLUSTER_OK)
        status = vcl_restore_job_run(&job, call, error);
    if (status < 0)
        return give_up(self, call, status, error);
    status = vcl_pauser_scale(&self->pauser, call, false, error);
    return status < 0 ? status : vcl_wait_ready(&wait, call, error);
}

static int restore(restorer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_pause_request held = { .client = self->request->client,
                                     .name = self->request->name,
                                     .namespace_name = self->request->namespace_name,
                                     .restoring = true };

    int status = vcl_snapshot_url_parse(self->request->url, &self->place, error);
    if (status == VCLUSTER_OK)
        status = look_first(self, call, error);
    if (status < 0)
        return status;
    status = vcl_pauser_begin(&self->pauser, &held, call, error);
    if (status == VCLUSTER_OK)
        status = look(self, call, error);
    if (status == VCLUSTER_OK)
        status = replace(self, call, error);
    return vcl_pauser_finish(&self->pauser, call, status, error);
}

int vcl_restore_remote(const vcl_restore_remote_request *request,
                       vcl_call *call,
                       vcluster_instance **out_instance,
                       vcluster_error **error)
{
    restorer self = { .request = request };

    int status = restore(&self, call, error);
    vcl_snapshot_place_done(&self.place);
    cJSON_Delete(self.workload);
    return status < 0 || !out_instance
               ? status
               : vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   out_instance, error);
}
