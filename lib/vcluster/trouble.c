/* SPDX-License-Identifier: Apache-2.0 */
/* Why a control plane does not come up; see trouble.h. */
#include "vcluster/trouble.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "vcluster/pod_state.h"

/* The last line of a container's log, or NULL: an explanation must not fail for lack of it. */
static char *last_log_line(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container)
{
    const char *namespace_name = vcl_json_find_string(pod, "metadata", "namespace", NULL);
    const char *name = vcl_json_find_string(pod, "metadata", "name", NULL);

    for (int previous = 1; previous >= 0; previous--) {
        VCL_AUTO_ERROR *ignored = NULL;
        vcl_call part;
        char *text = NULL;

        vcl_call_init_part(&part, call, 3000);
        part.progress = NULL;
        if (vcl_kube_log_tail(kube, &part, namespace_name, name, container, previous == 1, 1, &text,
                              &ignored) < 0)
            continue;
        size_t size = strlen(text);
        while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
            text[--size] = '\0';
        if (size > 0)
            return text;
        free(text);
    }
    return NULL;
}

static int fail_pod(vcl_kube *kube, vcl_call *call, const cJSON *pod, const vcl_trouble *trouble,
                    vcluster_error **error)
{
    const char *name = vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL));
    vcl_auto_free char *log = NULL;
    int status;

    if (trouble->crashed)
        log = last_log_line(kube, call, pod, trouble->container);
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

int vcl_trouble_of_pod(vcl_kube *kube, vcl_call *call, const cJSON *pod, int64_t *since_ms,
                       vcluster_error **error)
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

/* Events of the workload, its pods and its volume claims. */
static bool is_about(const cJSON *event, const char *name)
{
    const char *object = vcl_json_find_string(event, "involvedObject", "name", NULL);
    size_t size = strlen(name);

    if (vcl_starts_with(object, "data-"))
        object += strlen("data-");
    return vcl_starts_with(object, name) && (object[size] == '\0' || object[size] == '-');
}

static int64_t event_time(const cJSON *event)
{
    static const char *const fields[] = { "lastTimestamp", "eventTime", "firstTimestamp" };
    int64_t seconds = 0;

    for (size_t i = 0; i < 3; i++) {
        if (vcl_parse_rfc3339(vcl_json_find_string(event, fields[i], NULL), &seconds))
            break;
    }
    return seconds;
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
        status = vcl_fail(error, VCLUSTER_E_PRECONDITION,
                          "%s '%s' cannot make its pod: the host refuses it: %s", kind, name,
                          message);
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

static int tell(vcl_call *call, const cJSON *event, const char *message, cJSON *seen,
                vcluster_error **error)
{
    const char *uid = vcl_json_find_string(event, "metadata", "uid", NULL);
    const char *object = vcl_json_find_string(event, "involvedObject", "name", NULL);
    int step = step_of(vcl_json_find_string(event, "reason", NULL));

    if (step < 0 || !uid || vcl_json_get(seen, uid))
        return VCLUSTER_OK;
    if (!vcl_json_set(seen, uid, cJSON_CreateTrue()))
        return vcl_no_memory(error);
    vcl_auto_free char *shown = vcl_format("pod/%s", vcl_str(object));
    return vcl_call_report(call, error, step, shown, "%s", message);
}

int vcl_trouble_of_events(vcl_kube *kube, vcl_call *call, const char *name,
                          const char *namespace_name, int64_t not_before, cJSON *seen,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *why = NULL;
    const cJSON *event;
    vcl_list_query query = {
        .api_version = "v1", .kind = "Event", .namespace_name = namespace_name
    };

    int status = vcl_kube_list(kube, call, &query, &list, &why);
    if (status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK; /* without events there is less to tell, but the wait goes on */
    if (status < 0) {
        if (error)
            *error = vcl_steal(&why);
        return status;
    }
    cJSON_ArrayForEach(event, vcl_json_get(list, "items")) {
        const char *message = vcl_str(vcl_json_find_string(event, "message", NULL));
        const char *reason = vcl_json_find_string(event, "reason", NULL);

        if (!is_about(event, name) || event_time(event) < not_before)
            continue;
        if (vcl_streq(reason, "FailedCreate"))
            return fail_refused(event, message, error);
        status = tell(call, event, message, seen, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}
