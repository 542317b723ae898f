/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pod of upstream's restore at work; see restore_job.h. Its program keeps the old database
 * beside the new one until it is done, and puts it back when it fails by itself. Killed in the
 * middle it does not, so that a pod that has begun is never taken away before it ends; and what was
 * torn so stays down until a restore succeeds, as a later one that fails leaves the half that is
 * there.
 */
#include "base/str.h"
#include "release/apply.h"
#include "release/pod_state.h"
#include "vcluster/names.h"
#include "vcluster/state/restore_job.h"

enum { FIRST_SIGNAL_CODE = 128 };

static int delete_secret(const vcl_restore_job *job, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(&job->pod);
    const vcl_object_key key = { "v1", "Secret", job->pod.namespace_name, name };
    const vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = vcl_kube_delete(job->pod.kube, call, &key, &options, &why);
    return status < 0 && status != VCLUSTER_E_NOT_FOUND ? vcl_error_pass(error, &why, status)
                                                        : VCLUSTER_OK;
}

/* Of a pod that has ended, or has not begun. Its Secret goes first: that without a pod is what one
 * leaves that was taken from us. */
static int take_away(const vcl_restore_job *job, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(&job->pod);

    int status = name ? delete_secret(job, call, error) : vcl_no_memory(error);
    return status < 0 ? status : vcl_restore_pod_remove(&job->pod, call, name, error);
}

static int put_secret(const vcl_restore_job *job, vcl_call *call, bool torn, vcluster_error **error)
{
    const vcl_apply_options options = { .namespace_name = job->pod.namespace_name,
                                        .field_manager = VCL_MANAGER_OWN,
                                        .force = true };
    cJSON *secret = vcl_restore_job_secret(job, torn);
    cJSON *stored = NULL;

    int status = secret ? vcl_kube_apply(job->pod.kube, call, secret, &options, &stored, error)
                        : vcl_no_memory(error);
    vcl_json_free_secret(secret);
    vcl_json_free_secret(stored);
    return status;
}

/* Whether a request that failed may have been carried out. */
static bool is_open(int status)
{
    return status == VCLUSTER_E_UNAVAILABLE || status == VCLUSTER_E_TIMEOUT ||
           status == VCLUSTER_E_CANCELLED;
}

static int make(const vcl_restore_job *job, vcl_call *call, bool torn, vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;
    VCL_AUTO_JSON *stored = NULL;
    VCL_AUTO_ERROR *ignored = NULL;

    int status = vcl_restore_job_build(job, &object, error);
    if (status == VCLUSTER_OK)
        status = put_secret(job, call, torn, error);
    if (status < 0)
        return status;
    status = vcl_kube_create(job->pod.kube, call, object, job->pod.namespace_name, VCL_MANAGER_OWN,
                             &stored, error);
    if (status < 0 && !torn && !is_open(status))
        (void)delete_secret(job, call, &ignored);
    return status;
}

/* *out_object NULL: it is not there. Of a Secret only its metadata. */
static int look(const vcl_restore_job *job,
                vcl_call *call,
                const char *kind,
                cJSON **out_object,
                vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(&job->pod);
    const vcl_object_key key = { "v1", kind, job->pod.namespace_name, name };
    VCL_AUTO_ERROR *why = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = (vcl_streq(kind, "Pod") ? vcl_kube_get : vcl_kube_get_metadata)(
        job->pod.kube, call, &key, out_object, &why);
    return status < 0 && status != VCLUSTER_E_NOT_FOUND ? vcl_error_pass(error, &why, status)
                                                        : VCLUSTER_OK;
}

static const cJSON *state_of(const cJSON *pod)
{
    return vcl_json_get(vcl_pod_container(pod, VCL_RESTORE_CONTAINER), "state");
}

static bool is_in(const cJSON *pod, const char *phase)
{
    return vcl_streq(vcl_json_find_string(pod, "status", "phase", NULL), phase);
}

/* Whether the program has never run, or has failed by itself: not by a signal, which leaves it no
 * time to put anything back. */
static bool is_harmless(const cJSON *pod)
{
    const cJSON *ended = vcl_json_find(state_of(pod), "terminated", NULL);
    const char *waits_for = vcl_json_find_string(state_of(pod), "waiting", "reason", NULL);
    int64_t code = vcl_json_find_int(ended, 0, "exitCode", NULL);

    if (!vcl_json_find(pod, "spec", "nodeName", NULL))
        return true; /* on no node yet */
    if (ended)
        return code > 0 && code < FIRST_SIGNAL_CODE;
    return waits_for && (is_in(pod, "Failed") || !vcl_streq(waits_for, "ContainerCreating"));
}

/* Whether the store may hold neither the old data nor the new: the program was killed, or its pod
 * is gone, now or before an attempt that followed. pod: NULL or one that goes on no more. */
static int is_torn(const vcl_restore_job *job,
                   vcl_call *call,
                   const cJSON *pod,
                   bool *out_torn,
                   vcluster_error **error)
{
    VCL_AUTO_JSON *secret = NULL;

    int status = look(job, call, "Secret", &secret, error);
    bool marked =
        vcl_json_find(secret, "metadata", "annotations", VCL_ANNOTATION_RESTORE_TORN, NULL) != NULL;
    *out_torn = !is_in(pod, "Succeeded") && (marked || (pod ? !is_harmless(pod) : secret != NULL));
    return status;
}

/* Another one than ours is waited for, whatever comes of it. *pod: what it has become. */
static int
wait_for_other(const vcl_restore_job *job, vcl_call *call, cJSON **pod, vcluster_error **error)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_auto_free char *name = vcl_restore_pod_name(&job->pod);

    if (!*pod || is_in(*pod, "Failed"))
        return VCLUSTER_OK;
    if (!name)
        return vcl_no_memory(error);
    int status = vcl_restore_pod_await(&job->pod, call, name, true, &ignored);
    if (status < 0 && status != VCLUSTER_E_UNAVAILABLE && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &ignored, status);
    cJSON_Delete(vcl_steal(pod));
    return look(job, call, "Pod", pod, error);
}

/* What a killed call has left: the one we want goes on, another one ends, and is taken away. */
typedef struct rest {
    bool goes_on; /* it is ours */
    bool torn;
} rest;

static int take_up(const vcl_restore_job *job, vcl_call *call, rest *out, vcluster_error **error)
{
    VCL_AUTO_JSON *pod = NULL;

    int status = look(job, call, "Pod", &pod, error);
    if (status < 0)
        return status;
    const char *url =
        vcl_json_find_string(pod, "metadata", "annotations", VCL_ANNOTATION_RESTORE_URL, NULL);
    out->goes_on = pod && !is_in(pod, "Failed") && vcl_streq(url, job->place->url) &&
                   !vcl_json_find(pod, "metadata", "deletionTimestamp", NULL);
    if (out->goes_on)
        return VCLUSTER_OK;
    status = wait_for_other(job, call, &pod, error);
    if (status == VCLUSTER_OK)
        status = is_torn(job, call, pod, &out->torn, error);
    if (status == VCLUSTER_OK && out->torn)
        status = put_secret(job, call, true, error); /* before the pod, which shows it, goes */
    if (status < 0)
        return status;
    vcl_auto_free char *name = vcl_restore_pod_name(&job->pod);
    if (!name)
        return vcl_no_memory(error);
    return out->torn ? vcl_restore_pod_remove(&job->pod, call, name, error)
                     : take_away(job, call, error);
}

int vcl_restore_job_run(const vcl_restore_job *job, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(&job->pod);
    rest left = { .goes_on = false };

    int status = name ? take_up(job, call, &left, error) : vcl_no_memory(error);
    if (status == VCLUSTER_OK && !left.goes_on)
        status = make(job, call, left.torn, error);
    if (status == VCLUSTER_OK)
        status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, name, "restores %s",
                                 job->place->url);
    if (status == VCLUSTER_OK)
        status = vcl_restore_pod_await(&job->pod, call, name, true, error);
    return status < 0 ? status : take_away(job, call, error);
}

int vcl_restore_job_settle(const vcl_restore_job *job,
                           vcl_call *call,
                           vcl_restore_fate *out_fate,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *pod = NULL;
    bool torn = false;

    int status = look(job, call, "Pod", &pod, error);
    if (status == VCLUSTER_OK)
        status = is_torn(job, call, pod, &torn, error);
    if (status < 0)
        return status;
    *out_fate = torn || is_in(pod, "Succeeded") ? VCL_RESTORE_UNDER_WAY : VCL_RESTORE_NOT_BEGUN;
    return *out_fate == VCL_RESTORE_UNDER_WAY ? VCLUSTER_OK : take_away(job, call, error);
}
