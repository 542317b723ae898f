/* SPDX-License-Identifier: Apache-2.0 */
/* Making, feeding and waiting for the pod of a restore; see restore_pod.h. */
#include "vcluster/state/restore_pod.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/pod.h"
#include "release/apply.h"
#include "vcluster/names.h"

enum { LOOK_MS = 200, LOG_LINES = 3, MAX_COMPLAINT = 4096, CODE_KILLED = 137 };

#define RUNTIME "vcluster-runtime"

char *vcl_restore_claim(const vcl_restore_pod *pod)
{
    return vcl_format(pod->etcd ? "data-%s-etcd-0" : "data-%s-0", pod->name);
}

char *vcl_restore_pod_name(const vcl_restore_pod *pod)
{
    return vcl_format("%s-restore", pod->name);
}

/* ---- The object ---- */

static const cJSON *container_of(const cJSON *workload, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item,
                        vcl_json_find(workload, "spec", "template", "spec", "containers", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return item;
    }
    return NULL;
}

static bool copy_member(cJSON *to, const cJSON *from, const char *key)
{
    const cJSON *member = vcl_json_get(from, key);

    return !member || vcl_json_set(to, key, vcl_json_copy(member));
}

static bool add_mount(cJSON *mounts, const char *name, const char *path)
{
    cJSON *mount = cJSON_CreateObject();

    return vcl_json_append(mounts, mount) && vcl_json_set_string(mount, "name", name) &&
           vcl_json_set_string(mount, "mountPath", path);
}

/* A container with the image and the rights of one of the workload. */
static bool add_container(cJSON *list,
                          const char *name,
                          const cJSON *like,
                          const char *const *command,
                          size_t command_size)
{
    cJSON *made = cJSON_CreateObject();

    if (!vcl_json_append(list, made))
        return false;
    cJSON *words = cJSON_CreateStringArray(command, (int)command_size);
    cJSON *mounts = cJSON_CreateArray();
    bool done = vcl_json_set(made, "command", words);
    done = vcl_json_set(made, "volumeMounts", mounts) && done;
    return done && vcl_json_set_string(made, "name", name) && copy_member(made, like, "image") &&
           copy_member(made, like, "imagePullPolicy") &&
           copy_member(made, like, "securityContext") && copy_member(made, like, "resources") &&
           add_mount(mounts, "data", "/data") && add_mount(mounts, "tmp", "/tmp");
}

static bool add_runtime(cJSON *list, const vcl_restore_pod *pod, const char *name, const char *verb)
{
    const char *command[] = { RUNTIME, verb, "--store", pod->store };

    return add_container(list, name, container_of(pod->workload, "syncer"), command, 4);
}

/* etcd's own program makes a data folder of one member out of the snapshot. Revisions go on far
 * above those that clients may have seen. */
static bool add_etcdutl(cJSON *list, const vcl_restore_pod *pod)
{
    vcl_auto_free char *name = vcl_format(pod->etcd ? "--name=%s-etcd-0" : "--name=%s", pod->name);
    vcl_auto_free char *members =
        vcl_format(pod->etcd ? "--initial-cluster=%s-etcd-0=http://127.0.0.1:2380"
                             : "--initial-cluster=%s=http://127.0.0.1:2380",
                   pod->name);
    const char *command[] = { "etcdutl",
                              "snapshot",
                              "restore",
                              "/data/.restore/data",
                              "--data-dir=/data/.restore/etcd",
                              name,
                              members,
                              "--initial-advertise-peer-urls=http://127.0.0.1:2380",
                              "--bump-revision=1000000000",
                              "--mark-compacted" };
    const cJSON *like =
        pod->etcd ? container_of(pod->etcd, "etcd") : container_of(pod->workload, "store");

    return name && members && add_container(list, "etcdutl", like, command, 10);
}

static bool add_volumes(cJSON *spec, const vcl_restore_pod *pod)
{
    vcl_auto_free char *claim = vcl_restore_claim(pod);
    cJSON *volumes = cJSON_CreateArray();
    cJSON *data = cJSON_CreateObject();
    cJSON *tmp = cJSON_CreateObject();

    bool done = vcl_json_set(spec, "volumes", volumes);
    done = vcl_json_append(done ? volumes : NULL, data) && done;
    done = vcl_json_append(done ? volumes : NULL, tmp) && done;
    return done && claim && vcl_json_set_string(data, "name", "data") &&
           vcl_json_set_string(vcl_json_object(data, "persistentVolumeClaim"), "claimName",
                               claim) &&
           vcl_json_set_string(tmp, "name", "tmp") && vcl_json_object(tmp, "emptyDir");
}

static bool fill_spec(cJSON *spec, const vcl_restore_pod *pod)
{
    static const char *const kept[] = { "securityContext",   "nodeSelector",
                                        "affinity",          "tolerations",
                                        "priorityClassName", "serviceAccountName",
                                        "imagePullSecrets" };
    const cJSON *from =
        vcl_json_find(pod->etcd ? pod->etcd : pod->workload, "spec", "template", "spec", NULL);
    cJSON *first = cJSON_CreateArray();
    cJSON *last = cJSON_CreateArray();

    bool done = vcl_json_set(spec, "initContainers", first);
    done = vcl_json_set(spec, "containers", last) && done;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        done = done && copy_member(spec, from, kept[i]);
    return done && vcl_json_set_string(spec, "restartPolicy", "Never") &&
           vcl_json_set(spec, "automountServiceAccountToken", cJSON_CreateFalse()) &&
           vcl_json_set(spec, "enableServiceLinks", cJSON_CreateFalse()) &&
           vcl_json_set_int(spec, "terminationGracePeriodSeconds", 1) &&
           add_runtime(first, pod, "receive", "restore-hold") &&
           (vcl_streq(pod->store, "sqlite") || add_etcdutl(first, pod)) &&
           add_runtime(last, pod, "commit", "restore-commit") && add_volumes(spec, pod);
}

/* It goes with the control plane's workload. */
static bool fill_metadata(cJSON *metadata, const vcl_restore_pod *pod)
{
    vcl_auto_free char *name = vcl_restore_pod_name(pod);
    cJSON *labels = vcl_json_object(metadata, "labels");
    cJSON *owners = cJSON_CreateArray();
    cJSON *owner = cJSON_CreateObject();

    bool done = vcl_json_set(metadata, "ownerReferences", owners);
    done = vcl_json_append(done ? owners : NULL, owner) && done;
    return done && name && labels && vcl_json_set_string(metadata, "name", name) &&
           vcl_json_set_string(labels, "app", "vcluster-restore") &&
           vcl_json_set_string(labels, VCL_LABEL_RELEASE, pod->name) &&
           vcl_json_set_string(owner, "apiVersion", "apps/v1") &&
           vcl_json_set_string(owner, "kind", "StatefulSet") &&
           vcl_json_set_string(owner, "name", pod->name) &&
           vcl_json_set_string(owner, "uid",
                               vcl_json_find_string(pod->workload, "metadata", "uid", NULL));
}

int vcl_restore_pod_build(const vcl_restore_pod *pod, cJSON **out_object, vcluster_error **error)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    cJSON *metadata = object ? vcl_json_object(object, "metadata") : NULL;
    cJSON *spec = metadata ? vcl_json_object(object, "spec") : NULL;

    if (!spec || !vcl_json_set_string(object, "apiVersion", "v1") ||
        !vcl_json_set_string(object, "kind", "Pod") || !fill_metadata(metadata, pod) ||
        !fill_spec(spec, pod))
        return vcl_no_memory(error);
    *out_object = vcl_steal(&object);
    return VCLUSTER_OK;
}

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
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "container '%s' of the restore's pod: %s: %s",
                    container, reason, vcl_str(message ? message : text));
}

/* Until the pod is where it should be: receiving, or done. */
static int await(
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

/* *out_sent as of vcl_restore_pod_run(). */
static int send_data(sender *self, const char *name, bool *out_sent, vcluster_error **error)
{
    const char *command[] = { RUNTIME, "restore-receive", "--store", self->pod->store };
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
    if (self->error)
        return vcl_error_pass(error, &self->error, vcluster_error_code(self->error));
    *out_sent = has_sent_all(self) && (status < 0 || code == 0 || code == CODE_KILLED);
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    /* The container ends as soon as it has the data, and takes with it a command that has not ended
     * yet: how the container ended tells what became of them. */
    if (*out_sent)
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
                bool *out_sent,
                vcluster_error **error)
{
    sender self = { .pod = pod, .call = call, .file = file };

    vcl_buf_init(&self.complaint, MAX_COMPLAINT);
    int status = send_data(&self, name, out_sent, error);
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

static int
remove_pod(const vcl_restore_pod *pod, vcl_call *call, const char *name, vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", pod->namespace_name, name };

    int status = vcl_restore_pod_dismiss(pod, call, error);
    if (status != VCLUSTER_OK)
        return status < 0 ? status : VCLUSTER_OK;
    return vcl_wait_gone_locked(pod->kube, call, pod->record, &key, NULL, error);
}

int vcl_restore_pod_run(const vcl_restore_pod *pod,
                        vcl_call *call,
                        const vcl_snapshot_file *file,
                        bool *out_sent,
                        vcluster_error **error)
{
    vcl_auto_free char *name = vcl_restore_pod_name(pod);
    VCL_AUTO_JSON *object = NULL;
    VCL_AUTO_JSON *stored = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = remove_pod(pod, call, name, error);
    if (status == VCLUSTER_OK)
        status = vcl_restore_pod_build(pod, &object, error);
    if (status == VCLUSTER_OK)
        status = vcl_kube_create(pod->kube, call, object, pod->namespace_name, VCL_MANAGER_OWN,
                                 &stored, error);
    if (status == VCLUSTER_OK)
        status = await(pod, call, name, false, error);
    if (status == VCLUSTER_OK)
        status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, name,
                                 "%lld bytes of data are sent", (long long)file->size);
    if (status == VCLUSTER_OK)
        status = feed(pod, call, file, name, out_sent, error);
    if (status < 0)
        return status;
    status = await(pod, call, name, true, error);
    return status < 0 ? status : remove_pod(pod, call, name, error);
}
