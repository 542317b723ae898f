/* SPDX-License-Identifier: Apache-2.0 */
/* Why a control plane does not come up; see trouble.h. */
#include "release/trouble.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/pod_state.h"

/* The last line of a container's log, or of its log before the last restart; NULL without one. */
static char *
log_line(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container, bool previous)
{
    const char *namespace_name = vcl_json_find_string(pod, "metadata", "namespace", NULL);
    const char *name = vcl_json_find_string(pod, "metadata", "name", NULL);
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_auto_free char *text = NULL;
    vcl_call part;

    vcl_call_init_part(&part, call, 3000);
    part.progress = NULL;
    if (vcl_kube_log_tail(kube, &part, namespace_name, name, container, previous, 1, &text,
                          &ignored) < 0)
        return NULL;
    size_t size = strlen(text);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        text[--size] = '\0';
    return size > 0 ? vcl_steal(&text) : NULL;
}

char *vcl_trouble_log_line(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container)
{
    char *line = log_line(kube, call, pod, container, true);

    return line ? line : log_line(kube, call, pod, container, false);
}

static int fail_pod(vcl_kube *kube,
                    vcl_call *call,
                    const cJSON *pod,
                    const vcl_trouble *trouble,
                    vcluster_error **error)
{
    const char *name = vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL));
    vcl_auto_free char *log = NULL;
    int status;

    if (trouble->crashed)
        log = vcl_trouble_log_line(kube, call, pod, trouble->container);
    const char *detail = log ? log : trouble->message;
    const char *before = log ? "; its last log line: " : *detail ? ": " : "";
    if (trouble->container)
        status = vcl_fail(error, trouble->status, "container '%s' of pod '%s': %s%s%s (%s)",
                          trouble->container, name, vcl_str(trouble->reason), before, detail,
                          trouble->remedy);
    else
        status = vcl_fail(error, trouble->status, "pod '%s': %s%s%s (%s)", name,
                          vcl_str(trouble->reason), before, detail, trouble->remedy);
    vcl_error_set_reason(error, trouble->reason);
    return status;
}

int vcl_trouble_of_pod(
    vcl_kube *kube, vcl_call *call, const cJSON *pod, int64_t *since_ms, vcluster_error **error)
{
    vcl_trouble trouble;

    if (!vcl_pod_trouble(pod, &trouble)) {
        *since_ms = 0;
        return VCLUSTER_OK;
    }
    int64_t now_ms = vcl_monotonic_ms();
    if (*since_ms == 0)
        *since_ms = now_ms;
    if (now_ms - *since_ms < trouble.grace_ms)
        return VCLUSTER_OK;
    return fail_pod(kube, call, pod, &trouble, error);
}

/* Events of a workload, its pods and its volume claims. */
static bool is_about(const cJSON *event, const char *name)
{
    const char *object = vcl_json_find_string(event, "involvedObject", "name", NULL);
    size_t size = strlen(name);

    if (vcl_starts_with(object, "data-"))
        object += strlen("data-");
    return vcl_starts_with(object, name) && (object[size] == '\0' || object[size] == '-');
}

static bool is_about_any(const cJSON *event, const char *const *names)
{
    for (; *names; names++) {
        if (is_about(event, *names))
            return true;
    }
    return false;
}

/* Whether this state of the event is new; remembers it. -1: memory is short. */
static int is_new(vcl_events *events, const cJSON *event)
{
    vcl_auto_free char *key =
        vcl_format("%s/%s", vcl_str(vcl_json_find_string(event, "metadata", "uid", NULL)),
                   vcl_str(vcl_json_find_string(event, "metadata", "resourceVersion", NULL)));

    if (!key)
        return -1;
    if (vcl_json_get(events->seen, key))
        return 0;
    return vcl_json_set(events->seen, key, cJSON_CreateTrue()) ? 1 : -1;
}

static int fail_refused(const cJSON *event, const char *message, vcluster_error **error)
{
    const char *kind = vcl_str(vcl_json_find_string(event, "involvedObject", "kind", NULL));
    const char *name = vcl_str(vcl_json_find_string(event, "involvedObject", "name", NULL));
    int status;

    if (strstr(message, "exceeded quota") || strstr(message, "failed quota") ||
        strstr(message, "must specify")) {
        status = vcl_fail(error, VCLUSTER_E_QUOTA,
                          "%s '%s' cannot make its pod: a ResourceQuota refuses it: %s (raise the "
                          "quota, or lower the requests)",
                          kind, name, message);
        vcl_error_set_reason(error, "QuotaExceeded");
    } else if (strstr(message, "LimitRange") || strstr(message, "usage per")) {
        status = vcl_fail(error, VCLUSTER_E_QUOTA,
                          "%s '%s' cannot make its pod: a LimitRange refuses it: %s", kind, name,
                          message);
        vcl_error_set_reason(error, "LimitRange");
    } else {
        status =
            vcl_fail(error, VCLUSTER_E_PRECONDITION,
                     "%s '%s' cannot make its pod: the host refuses it: %s", kind, name, message);
        vcl_error_set_reason(error, "FailedCreate");
    }
    return status;
}

static int step_of(const char *reason)
{
    if (vcl_streq(reason, "Pulling") || vcl_streq(reason, "Pulled"))
        return VCLUSTER_STEP_IMAGE;
    if (vcl_streq(reason, "Scheduled") || vcl_streq(reason, "ProvisioningSucceeded"))
        return VCLUSTER_STEP_POD;
    return -1;
}

static int tell(vcl_call *call, const cJSON *event, const char *message, vcluster_error **error)
{
    const char *object = vcl_json_find_string(event, "involvedObject", "name", NULL);
    int step = step_of(vcl_json_find_string(event, "reason", NULL));

    if (step < 0)
        return VCLUSTER_OK;
    vcl_auto_free char *shown = vcl_format("pod/%s", vcl_str(object));
    return vcl_call_report(call, error, step, shown, "%s", message);
}

static int
take(vcl_events *events, vcl_call *call, const cJSON *event, bool earlier, vcluster_error **error)
{
    const char *message = vcl_str(vcl_json_find_string(event, "message", NULL));

    if (!is_about_any(event, events->names))
        return VCLUSTER_OK;
    int fresh = is_new(events, event);
    if (fresh < 0)
        return vcl_no_memory(error);
    if (fresh == 0 || earlier)
        return VCLUSTER_OK;
    if (vcl_streq(vcl_json_find_string(event, "reason", NULL), "FailedCreate"))
        return fail_refused(event, message, error);
    return tell(call, event, message, error);
}

static int read_events(vcl_events *events, vcl_call *call, bool earlier, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *why = NULL;
    const cJSON *event;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Event",
                             .namespace_name = events->namespace_name };

    int status = vcl_kube_list(events->kube, call, &query, &list, &why);
    if (status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK; /* without events there is less to tell, but the wait goes on */
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    cJSON_ArrayForEach (event, vcl_json_get(list, "items")) {
        status = take(events, call, event, earlier, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

int vcl_events_begin(vcl_events *events, vcl_call *call, vcluster_error **error)
{
    return read_events(events, call, true, error);
}

int vcl_events_look(vcl_events *events, vcl_call *call, vcluster_error **error)
{
    return read_events(events, call, false, error);
}
