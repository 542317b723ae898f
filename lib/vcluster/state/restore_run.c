/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pod of a restore at work: made, given the data, waited for, removed. A connection that is
 * lost under way tells nothing about the data: the pod does, and where it says nothing the data are
 * sent again, to a new pod, which is what a repeated call would do.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/pod.h"
#include "release/apply.h"
#include "vcluster/names.h"
#include "vcluster/state/program_words.h"
#include "vcluster/state/restore_pod.h"

enum {
    LOOK_MS = 200,
    LOG_LINES = 3,
    MAX_COMPLAINT = 4096,
    CODE_KILLED = 137,
    MAX_TRIES = 3,    /* as often as the data are sent when connections are lost */
    ACCEPT_MS = 10000 /* how long a pod may check data whose sender was lost */
};

/* ---- Waiting for it ---- */

static const cJSON *status_of(const cJSON *object, const char *list, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(object, "status", list, NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return item;
    }
    return NULL;
}

/* A container that cannot start, or has failed. */
static const cJSON *broken_in(const cJSON *object, const char *list, const char **out_reason)
{
    static const char *const hopeless[] = { "ImagePullBackOff",     "ErrImagePull",
                                            "ErrImageNeverPull",    "InvalidImageName",
                                            "CreateContainerError", "CreateContainerConfigError",
                                            "RunContainerError" };
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(object, "status", list, NULL)) {
        const char *reason = vcl_json_find_string(item, "state", "waiting", "reason", NULL);
        for (size_t i = 0; i < sizeof(hopeless) / sizeof(hopeless[0]); i++) {
            if (vcl_streq(reason, hopeless[i])) {
                *out_reason = hopeless[i];
                return item;
            }
        }
        if (vcl_json_find_int(item, 0, "state", "terminated", "exitCode", NULL) != 0) {
            *out_reason = "it failed";
            return item;
        }
    }
    return NULL;
}

static int
judge(const vcl_restore_pod *pod, vcl_call *call, const cJSON *object, vcluster_error **error)
{
    vcl_auto_free char *text = NULL;
    const char *reason = NULL;
    const cJSON *item = broken_in(object, "initContainerStatuses", &reason);

    if (!item)
        item = broken_in(object, "containerStatuses", &reason);
    if (!item)
        return vcl_streq(vcl_json_find_string(object, "status", "phase", NULL), "Failed")
                   ? vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the pod of the restore failed: %s",
                              vcl_str(vcl_json_find_string(object, "status", "message", NULL)))
                   : VCLUSTER_OK;
    const char *container = vcl_str(vcl_json_find_string(item, "name", NULL));
    const char *message = vcl_json_find_string(item, "state", "waiting", "message", NULL);
    if (!message)
        (void)vcl_kube_log_tail(pod->kube, call, pod->namespace_name,
                                vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)),
                                container, false, LOG_LINES, &text, NULL);
    vcl_auto_free char *why = vcl_program_words(vcl_str(message ? message : text));
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "container '%s' of the restore's pod: %s: %s",
                    container, reason, vcl_str(why));
}

int vcl_restore_pod_await(
    const vcl_restore_pod *pod, vcl_call *call, const char *name, bool done, vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", pod->namespace_name, name };

    for (;;) {
        VCL_AUTO_JSON *object = NULL;
        int status = vcl_kube_get(pod->kube, call, &key, &object, error);
        if (status == VCLUSTER_OK)
            status = judge(pod, call, object, error);
        if (status < 0)
            return status;
        const cJSON *receive = status_of(object, "initContainerStatuses", "receive");
        if (done ? vcl_streq(vcl_json_find_string(object, "status", "phase", NULL), "Succeeded")
                 : vcl_json_find(receive, "state", "running", NULL) != NULL)
            return VCLUSTER_OK;
        status = pod->record ? vcl_record_renew(pod->kube, call, pod->record, error) : VCLUSTER_OK;
        if (status == VCLUSTER_OK)
            status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            return status;
    }
}

/* ---- The data ---- */

typedef struct sender {
    const vcl_restore_pod *pod;
    vcl_call *call;
    const vcl_snapshot_file *file;
    char line[64];
    size_t line_size;
    int64_t sent; /* of line, data and digest together */
    vcl_buf complaint;
    vcluster_error *error;
} sender;

static int64_t copy_part(void *to, size_t room, const void *from, size_t size, int64_t at)
{
    size_t part = size - (size_t)at < room ? size - (size_t)at : room;

    memcpy(to, (const char *)from + at, part);
    return (int64_t)part;
}

static int64_t give(void *bytes, size_t room, void *data)
{
    sender *self = data;
    int64_t line = (int64_t)self->line_size;
    int64_t at = self->sent;
    int64_t got;

    if (self->pod->record &&
        vcl_record_renew(self->pod->kube, self->call, self->pod->record, &self->error) < 0)
        return -1;
    if (at < line) {
        got = copy_part(bytes, room, self->line, self->line_size, at);
    } else if (at < line + self->file->size) {
        int64_t left = line + self->file->size - at;
        got = pread(self->file->fd, bytes, left < (int64_t)room ? (size_t)left : room,
                    (off_t)(self->file->offset + at - line));
        if (got <= 0) {
            (void)vcl_fail(&self->error, VCLUSTER_E_UNAVAILABLE, "cannot read the snapshot: %s",
                           got < 0 ? strerror(errno) : "it was cut off meanwhile");
            return -1;
        }
    } else {
        at -= line + self->file->size;
        got = copy_part(bytes, room, self->file->digest, VCL_SNAPSHOT_DIGEST, at);
    }
    self->sent += got;
    return got;
}

static int take_complaint(const void *bytes, size_t size, void *data)
{
    sender *self = data;

    if (self->complaint.size + size <= MAX_COMPLAINT)
        (void)vcl_buf_append(&self->complaint, bytes, size);
    return 0;
}

static bool has_sent_all(const sender *self)
{
    return self->sent == (int64_t)self->line_size + self->file->size + VCL_SNAPSHOT_DIGEST;
}

/* How the data came to the pod. */
typedef struct delivery {
    bool sent; /* whole, at least once: they may be in place */
    bool lost; /* the connection was: what became of them is not known */
} delivery;

static int send_data(sender *self, const char *name, delivery *out, vcluster_error **error)
{
    const char *command[] = { VCL_RESTORE_PROGRAM, "restore-receive", "--store", self->pod->store };
    vcl_pod_ref ref = { self->pod->namespace_name, name, "receive" };
    vcl_pod_exec_options options = { .command = command,
                                     .command_size = 4,
                                     .read_input = give,
                                     .on_error_output = take_complaint,
                                     .data = self };
    VCL_AUTO_ERROR *why = NULL;
    int code = 0;

    self->line_size = (size_t)snprintf(self->line, sizeof(self->line), "{\"size\":%lld}\n",
                                       (long long)self->file->size);
    int status = vcl_pod_exec(self->pod->kube, self->call, &ref, &options, &code, &why);
    bool sent = has_sent_all(self) && (status < 0 || code == 0 || code == CODE_KILLED);
    out->sent = out->sent || sent;
    if (self->error)
        return vcl_error_pass(error, &self->error, vcluster_error_code(self->error));
    out->lost = status == VCLUSTER_E_UNAVAILABLE;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    /* The container ends as soon as it has the data, and takes with it a command that has not ended
     * yet: how the container ended tells what became of them. */
    if (sent)
        return VCLUSTER_OK;
    vcl_auto_free char *text = vcl_strdup(vcl_buf_text(&self->complaint));
    vcl_sanitize(text);
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the data were not accepted (exit code %d): %s",
                    code, vcl_str(text));
}

static int feed(const vcl_restore_pod *pod,
                vcl_call *call,
                const vcl_snapshot_file *file,
                const char *name,
                delivery *out,
                vcluster_error **error)
{
    sender self = { .pod = pod, .call = call, .file = file };

    vcl_buf_init(&self.complaint, MAX_COMPLAINT);
    int status = send_data(&self, name, out, error);
    vcl_buf_done(&self.complaint);
    vcluster_error_free(self.error);
    return status;
}

int vcl_restore_pod_dismiss(const vcl_restore_pod *pod, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(pod);
    vcl_object_key key = { "v1", "Pod", pod->namespace_name, name };
    vcl_kube_delete_options options = { .grace_seconds = 1, .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = vcl_kube_delete(pod->kube, call, &key, &options, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 1;
    return vcl_error_pass(error, &why, status);
}

int vcl_restore_pod_remove(const vcl_restore_pod *pod,
                           vcl_call *call,
                           const char *name,
                           vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", pod->namespace_name, name };

    int status = vcl_restore_pod_dismiss(pod, call, error);
    if (status != VCLUSTER_OK)
        return status < 0 ? status : VCLUSTER_OK;
    return vcl_wait_gone_locked(pod->kube, call, pod->record, &key, NULL, error);
}

/* 1: the pod has all the data, though whoever sent them did not hear of it; 0: it has not. */
static int
has_accepted(const vcl_restore_pod *pod, vcl_call *call, const char *name, vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", pod->namespace_name, name };
    int64_t end_ms = vcl_monotonic_ms() + ACCEPT_MS;

    for (;;) {
        VCL_AUTO_JSON *object = NULL;
        int status = vcl_kube_get(pod->kube, call, &key, &object, error);
        if (status < 0)
            return status;
        const cJSON *receive = status_of(object, "initContainerStatuses", "receive");
        const cJSON *end = vcl_json_find(receive, "state", "terminated", NULL);
        if (end)
            return vcl_json_find_int(end, 1, "exitCode", NULL) == 0;
        if (vcl_monotonic_ms() >= end_ms)
            return 0;
        status = pod->record ? vcl_record_renew(pod->kube, call, pod->record, error) : VCLUSTER_OK;
        if (status == VCLUSTER_OK)
            status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            return status;
    }
}

static int
begin_pod(const vcl_restore_pod *pod, vcl_call *call, const char *name, vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;
    VCL_AUTO_JSON *stored = NULL;

    int status = vcl_restore_pod_remove(pod, call, name, error);
    if (status == VCLUSTER_OK)
        status = vcl_restore_pod_build(pod, &object, error);
    if (status == VCLUSTER_OK)
        status = vcl_kube_create(pod->kube, call, object, pod->namespace_name, VCL_MANAGER_OWN,
                                 &stored, error);
    return status < 0 ? status : vcl_restore_pod_await(pod, call, name, false, error);
}

/* In a new pod from the beginning, as a repeated call would: out->lost after a failure says that
 * another try may do better. */
static int deliver(const vcl_restore_pod *pod,
                   vcl_call *call,
                   const vcl_snapshot_file *file,
                   const char *name,
                   delivery *out,
                   vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    out->lost = false;
    int status = begin_pod(pod, call, name, error);
    if (status == VCLUSTER_OK)
        status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, name,
                                 "%lld bytes of data are sent", (long long)file->size);
    if (status < 0)
        return status;
    status = feed(pod, call, file, name, out, &why);
    if (!out->lost || !out->sent)
        return vcl_error_pass(error, &why, status);
    int accepted = has_accepted(pod, call, name, error);
    if (accepted < 0)
        out->lost = false;
    return accepted < 0 ? accepted : accepted ? VCLUSTER_OK : vcl_error_pass(error, &why, status);
}

int vcl_restore_pod_run(const vcl_restore_pod *pod,
                        vcl_call *call,
                        const vcl_snapshot_file *file,
                        bool *out_sent,
                        vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(pod);
    delivery data = { 0 };
    int status;

    if (!name)
        return vcl_no_memory(error);
    for (int tries = 1;; tries++) {
        VCL_AUTO_ERROR *why = NULL;
        status = deliver(pod, call, file, name, &data, &why);
        *out_sent = data.sent;
        if (status == VCLUSTER_OK)
            break;
        if (!data.lost || tries == MAX_TRIES)
            return vcl_error_pass(error, &why, status);
    }
    status = vcl_restore_pod_await(pod, call, name, true, error);
    return status < 0 ? status : vcl_restore_pod_remove(pod, call, name, error);
}
