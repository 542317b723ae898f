/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pod is doing. The status text follows kubectl's printer (1.35), because upstream's CLI
 * shows the same.
 */
#include "release/pod_state.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

static const cJSON *statuses(const cJSON *pod, const char *which)
{
    return vcl_json_find(pod, "status", which, NULL);
}

static int64_t exit_code(const cJSON *terminated)
{
    return vcl_json_find_int(terminated, 0, "exitCode", NULL);
}

static bool add_terminated(vcl_buf *out, const char *prefix, const cJSON *terminated)
{
    const char *reason = vcl_json_find_string(terminated, "reason", NULL);
    int64_t signal = vcl_json_find_int(terminated, 0, "signal", NULL);

    vcl_buf_reset(out);
    if (!vcl_str_empty(reason))
        return vcl_buf_addf(out, "%s%s", prefix, reason);
    if (signal != 0)
        return vcl_buf_addf(out, "%sSignal:%lld", prefix, (long long)signal);
    return vcl_buf_addf(out, "%sExitCode:%lld", prefix, (long long)exit_code(terminated));
}

/* Sidecars are init containers that stay: done once they have started. */
static bool is_started_sidecar(const cJSON *pod, const cJSON *status)
{
    const char *name = vcl_json_find_string(status, "name", NULL);
    const cJSON *container;

    cJSON_ArrayForEach (container, vcl_json_find(pod, "spec", "initContainers", NULL)) {
        if (vcl_streq(vcl_json_find_string(container, "name", NULL), name))
            return vcl_streq(vcl_json_find_string(container, "restartPolicy", NULL), "Always") &&
                   vcl_json_find_bool(status, false, "started", NULL);
    }
    return false;
}

/* The state of the first init container that is not done; false when all are. */
static bool init_status(const cJSON *pod, vcl_buf *out)
{
    const cJSON *status;
    int index = 0;

    cJSON_ArrayForEach (status, statuses(pod, "initContainerStatuses")) {
        const cJSON *terminated = vcl_json_find(status, "state", "terminated", NULL);
        const char *waiting = vcl_json_find_string(status, "state", "waiting", "reason", NULL);

        if ((terminated && exit_code(terminated) == 0) || is_started_sidecar(pod, status)) {
            index++;
            continue;
        }
        vcl_buf_reset(out);
        if (terminated)
            (void)add_terminated(out, "Init:", terminated);
        else if (!vcl_str_empty(waiting) && !vcl_streq(waiting, "PodInitializing"))
            (void)vcl_buf_addf(out, "Init:%s", waiting);
        else
            (void)vcl_buf_addf(
                out, "Init:%d/%d", index,
                cJSON_GetArraySize(vcl_json_find(pod, "spec", "initContainers", NULL)));
        return true;
    }
    return false;
}

static const cJSON *condition(const cJSON *pod, const char *type)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(pod, "status", "conditions", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "type", NULL), type))
            return item;
    }
    return NULL;
}

static bool is_true(const cJSON *pod, const char *type)
{
    return vcl_streq(vcl_json_find_string(condition(pod, type), "status", NULL), "True");
}

bool vcl_pod_ready(const cJSON *pod)
{
    return is_true(pod, "Ready");
}

/* What remains of "Completed" when there are other containers. */
static void soften_completed(const cJSON *pod, bool has_running, vcl_buf *failure, vcl_buf *out)
{
    const char *instead = NULL;

    if (!vcl_streq(vcl_buf_text(out), "Completed"))
        return;
    if (has_running && vcl_pod_ready(pod))
        instead = "Running";
    else if (failure->size > 0)
        instead = vcl_buf_text(failure);
    else if (has_running)
        instead = "NotReady";
    if (instead) {
        vcl_buf_reset(out);
        (void)vcl_buf_add(out, instead);
    }
}

static void container_status(const cJSON *pod, vcl_buf *out)
{
    const cJSON *list = statuses(pod, "containerStatuses");
    bool has_running = false;
    VCL_AUTO_BUF failure = { 0 }; /* of the first container that ended badly */

    vcl_buf_init(&failure, VCL_MAX_MESSAGE);
    /* As kubectl: from the last to the first, so that the first one's reason is what is shown. */
    for (int i = cJSON_GetArraySize(list) - 1; i >= 0; i--) {
        const cJSON *status = cJSON_GetArrayItem(list, i);
        const char *waiting = vcl_json_find_string(status, "state", "waiting", "reason", NULL);
        const cJSON *terminated = vcl_json_find(status, "state", "terminated", NULL);

        if (!vcl_str_empty(waiting)) {
            vcl_buf_reset(out);
            (void)vcl_buf_add(out, waiting);
        } else if (terminated) {
            (void)add_terminated(out, "", terminated);
            if (exit_code(terminated) != 0)
                (void)add_terminated(&failure, "", terminated);
        } else if (vcl_json_find_bool(status, false, "ready", NULL) &&
                   vcl_json_find(status, "state", "running", NULL)) {
            has_running = true;
        }
    }
    soften_completed(pod, has_running, &failure, out);
}

/* A pod that has ended keeps its status while it is being deleted. */
static void deletion_status(const cJSON *pod, vcl_buf *out)
{
    const char *phase = vcl_json_find_string(pod, "status", "phase", NULL);
    const char *reason = vcl_json_find_string(pod, "status", "reason", NULL);
    bool lost = vcl_streq(reason, "NodeLost");

    if (!vcl_json_find_string(pod, "metadata", "deletionTimestamp", NULL))
        return;
    if (!lost && (vcl_streq(phase, "Succeeded") || vcl_streq(phase, "Failed")))
        return;
    vcl_buf_reset(out);
    (void)vcl_buf_add(out, lost ? "Unknown" : "Terminating");
}

bool vcl_pod_status(const cJSON *pod, vcl_buf *out_status)
{
    const char *phase = vcl_json_find_string(pod, "status", "phase", NULL);
    const char *reason = vcl_json_find_string(pod, "status", "reason", NULL);
    const char *gate = vcl_json_find_string(condition(pod, "PodScheduled"), "reason", NULL);

    vcl_buf_reset(out_status);
    if (vcl_streq(gate, "SchedulingGated"))
        reason = gate;
    (void)vcl_buf_add(out_status, !vcl_str_empty(reason) ? reason : vcl_str(phase));
    if (!init_status(pod, out_status) || is_true(pod, "Initialized"))
        container_status(pod, out_status);
    deletion_status(pod, out_status);
    return !vcl_buf_failed(out_status);
}

const cJSON *vcl_pod_container(const cJSON *pod, const char *container)
{
    const cJSON *status;

    cJSON_ArrayForEach (status, statuses(pod, "containerStatuses")) {
        if (vcl_streq(vcl_json_find_string(status, "name", NULL), container))
            return status;
    }
    return NULL;
}

bool vcl_pod_container_running(const cJSON *pod, const char *container)
{
    return vcl_json_find(vcl_pod_container(pod, container), "state", "running", NULL) != NULL;
}

bool vcl_image_tag(const char *image, vcl_buf *buf)
{
    const char *last = image ? strrchr(image, '/') : NULL;
    const char *name = last ? last + 1 : vcl_str(image);
    const char *digest = name + strcspn(name, "@"); /* "sha256:..." has a ':' of its own */
    const char *colon = memchr(name, ':', (size_t)(digest - name));

    vcl_buf_reset(buf);
    if (!colon)
        return true;
    return vcl_buf_append(buf, colon + 1, (size_t)(digest - colon - 1));
}

bool vcl_pod_spec_image_tag(const cJSON *pod_spec, const char *container, vcl_buf *out_tag)
{
    static const char *const lists[] = { "containers", "initContainers" };
    const cJSON *item;

    vcl_buf_reset(out_tag);
    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (item, vcl_json_get(pod_spec, lists[i])) {
            if (vcl_streq(vcl_json_find_string(item, "name", NULL), container))
                return vcl_image_tag(vcl_json_find_string(item, "image", NULL), out_tag);
        }
    }
    return true;
}
