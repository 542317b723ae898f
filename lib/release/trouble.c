/* SPDX-License-Identifier: Apache-2.0 */
/* Why a control plane does not come up; see trouble.h. */
#include "release/trouble.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/classify.h"
#include "release/classify_text.h"

enum { LOG_LINES = 20, LOG_TIMEOUT_MS = 3000, MAX_LOGS = 4 };

/* The end of a container's log, or of its log before the last restart; NULL without one. */
static char *
log_tail(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container, bool previous)
{
    const char *namespace_name = vcl_json_find_string(pod, "metadata", "namespace", NULL);
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_auto_free char *text = NULL;
    vcl_call part;

    vcl_call_init_part(&part, call, LOG_TIMEOUT_MS);
    part.progress = NULL;
    if (vcl_kube_log_tail(kube, &part, namespace_name, vcl_name_of(pod), container, previous,
                          LOG_LINES, &text, &ignored) < 0)
        return NULL;
    /* A kubelet that has removed the container already says so in place of its log. */
    return *text && !vcl_starts_with(text, "unable to retrieve container logs") ? vcl_steal(&text)
                                                                                : NULL;
}

/* The log of the run that ended: the present one's between two runs, else that of the one before.
 */
static char *
any_log(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container, bool previous)
{
    char *text = log_tail(kube, call, pod, container, previous);

    return text ? text : log_tail(kube, call, pod, container, !previous);
}

char *vcl_trouble_log_line(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container)
{
    vcl_auto_free char *text = any_log(kube, call, pod, container, true);
    const char *line = NULL;
    size_t size = 0;

    if (!text)
        return NULL;
    (void)vcl_text_log(text, &line, &size);
    return size ? vcl_strndup(line, size) : NULL;
}

/* Whether a container ends again and again, or has just ended badly. */
static bool is_crashing(const cJSON *status)
{
    return vcl_streq(vcl_json_find_string(status, "state", "waiting", "reason", NULL),
                     "CrashLoopBackOff") ||
           vcl_json_find_int(status, 0, "state", "terminated", "exitCode", NULL) != 0;
}

static bool is_unready(const cJSON *status)
{
    return vcl_json_find(status, "state", "running", NULL) &&
           !vcl_json_find_bool(status, true, "ready", NULL);
}

static bool
add_log(vcl_kube *kube, vcl_call *call, const cJSON *pod, const cJSON *status, cJSON *logs)
{
    const char *container = vcl_json_find_string(status, "name", NULL);
    bool ended = vcl_json_find(status, "state", "terminated", NULL) != NULL;
    vcl_auto_free char *text = is_unready(status) ? log_tail(kube, call, pod, container, false)
                                                  : any_log(kube, call, pod, container, !ended);
    cJSON *entry = cJSON_CreateObject();

    bool made = entry && vcl_json_set_string(entry, "pod", vcl_name_of(pod)) &&
                vcl_json_set_string(entry, "container", vcl_str(container)) &&
                vcl_json_set_string(entry, "text", vcl_str(text));
    if (!made) {
        cJSON_Delete(entry);
        return false;
    }
    return vcl_json_append(logs, entry);
}

int vcl_trouble_logs(vcl_kube *kube,
                     vcl_call *call,
                     const cJSON *pods,
                     bool of_unready,
                     cJSON **out_logs,
                     vcluster_error **error)
{
    static const char *const lists[] = { "initContainerStatuses", "containerStatuses" };
    VCL_AUTO_JSON *logs = cJSON_CreateArray();
    const cJSON *pod;

    if (!logs)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (pod, pods) {
        for (int i = 0; i < 2; i++) {
            const cJSON *status;
            cJSON_ArrayForEach (status, vcl_json_find(pod, "status", lists[i], NULL)) {
                bool wanted = is_crashing(status) || (of_unready && is_unready(status));
                if (!wanted || cJSON_GetArraySize(logs) >= MAX_LOGS)
                    continue;
                if (!add_log(kube, call, pod, status, logs))
                    return vcl_no_memory(error);
            }
        }
    }
    *out_logs = vcl_steal(&logs);
    return VCLUSTER_OK;
}

/* How often the containers of these pods were started again. */
static int64_t restarts_of(const cJSON *pods)
{
    static const char *const lists[] = { "initContainerStatuses", "containerStatuses" };
    const cJSON *status;
    const cJSON *pod;
    int64_t sum = 0;

    cJSON_ArrayForEach (pod, pods) {
        for (int i = 0; i < 2; i++) {
            cJSON_ArrayForEach (status, vcl_json_find(pod, "status", lists[i], NULL))
                sum += vcl_json_find_int(status, 0, "restartCount", NULL);
        }
    }
    return sum;
}

/* The best cause that ends a wait: certain enough, and not one that it must bear. bear_crashes:
 * the logs of what ended were looked at. */
static const vcluster_cause *deciding(const vcl_causes *causes, bool of_job, bool bear_crashes)
{
    for (size_t i = 0; i < causes->count; i++) {
        const vcluster_cause *cause = &causes->items[i];
        if (cause->grace_ms == VCL_GRACE_EVER || cause->certainty < VCLUSTER_CERTAINTY_LIKELY)
            continue;
        if (of_job && (cause->crashed || !*cause->container))
            continue;
        if (bear_crashes && cause->crashed)
            continue;
        return cause;
    }
    return NULL;
}

/* A crash is told with the end of its log, which may say that it is only what another container
 * brings about, or something that may be borne for a while. */
static int fail_with_log(const vcl_trouble_query *query,
                         vcl_call *call,
                         int64_t lasted_ms,
                         vcluster_error **error)
{
    VCL_AUTO_CAUSES causes = { 0 };
    VCL_AUTO_JSON *logs = NULL;
    vcl_scene scene = { .pods = query->pods, .events = query->events };

    int status = vcl_trouble_logs(query->kube, call, query->pods, false, &logs, error);
    scene.logs = logs;
    if (status == 0)
        status = vcl_classify(&scene, &causes, error);
    if (status < 0)
        return status;
    const vcluster_cause *cause = deciding(&causes, query->of_job, false);
    if (cause && lasted_ms >= cause->grace_ms)
        return vcl_cause_fail(cause, error);
    query->memory->looked_at = restarts_of(query->pods) + 1;
    query->memory->until_ms = cause ? vcl_monotonic_ms() + cause->grace_ms - lasted_ms : INT64_MAX;
    return VCLUSTER_OK;
}

/* Whether the logs of what ended need not be read again. */
static bool bears_crashes(const vcl_trouble_query *query)
{
    const vcl_trouble_memory *memory = query->memory;

    return memory->looked_at == restarts_of(query->pods) + 1 &&
           memory->until_ms > vcl_monotonic_ms();
}

int vcl_trouble_check(const vcl_trouble_query *query, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_CAUSES causes = { 0 };
    vcl_scene scene = { .pods = query->pods, .events = query->events };
    int64_t *since_ms = &query->memory->since_ms;
    int64_t now_ms = vcl_monotonic_ms();

    int status = vcl_classify(&scene, &causes, error);
    if (status < 0)
        return status;
    if (!deciding(&causes, query->of_job, false)) {
        *since_ms = 0;
        return VCLUSTER_OK;
    }
    if (*since_ms == 0)
        *since_ms = now_ms;
    const vcluster_cause *cause = deciding(&causes, query->of_job, bears_crashes(query));
    if (!cause)
        return VCLUSTER_OK;
    /* An event tells itself since when; that it is still there does not mean that it lasts. */
    int64_t lasted_ms = *cause->event ? cause->lasted_ms : now_ms - *since_ms;
    if (lasted_ms < cause->grace_ms)
        return VCLUSTER_OK;
    return cause->crashed ? fail_with_log(query, call, lasted_ms, error)
                          : vcl_cause_fail(cause, error);
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

enum { EARLIER, TOLD, FRESH };

/* Whether this state of an event was there at the beginning, was told since, or is new; remembers
 * it. Negative: memory is short. */
static int look_up(vcl_events *events, const cJSON *event, bool beginning)
{
    vcl_auto_free char *key =
        vcl_format("%s/%s", vcl_str(vcl_json_find_string(event, "metadata", "uid", NULL)),
                   vcl_str(vcl_json_find_string(event, "metadata", "resourceVersion", NULL)));

    if (!key)
        return -1;
    const cJSON *known = vcl_json_get(events->seen, key);
    if (known)
        return cJSON_IsTrue(known) ? EARLIER : TOLD;
    if (!vcl_json_set(events->seen, key, cJSON_CreateBool(beginning)))
        return -1;
    return beginning ? EARLIER : FRESH;
}

static int step_of(const char *reason)
{
    if (vcl_streq(reason, "Pulling") || vcl_streq(reason, "Pulled"))
        return VCLUSTER_STEP_IMAGE;
    if (vcl_streq(reason, "Scheduled") || vcl_streq(reason, "ProvisioningSucceeded"))
        return VCLUSTER_STEP_POD;
    return -1;
}

static int tell(vcl_call *call, const cJSON *event, vcluster_error **error)
{
    const char *message = vcl_str(vcl_json_find_string(event, "message", NULL));
    const char *object = vcl_json_find_string(event, "involvedObject", "name", NULL);
    int step = step_of(vcl_json_find_string(event, "reason", NULL));

    if (step < 0)
        return VCLUSTER_OK;
    vcl_auto_free char *shown = vcl_format("pod/%s", vcl_str(object));
    return vcl_call_report(call, error, step, shown, "%s", message);
}

/* Takes the event over when it counts. */
static int take(vcl_events *events,
                vcl_call *call,
                cJSON *event,
                bool beginning,
                cJSON *recent,
                vcluster_error **error)
{
    int known = is_about_any(event, events->names) ? look_up(events, event, beginning) : EARLIER;

    if (known < 0 || (known != EARLIER && !vcl_json_append(recent, vcl_json_copy(event))))
        return vcl_no_memory(error);
    return known == FRESH ? tell(call, event, error) : VCLUSTER_OK;
}

static int read_events(vcl_events *events, vcl_call *call, bool beginning, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_JSON *recent = cJSON_CreateArray();
    VCL_AUTO_ERROR *why = NULL;
    cJSON *event;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Event",
                             .namespace_name = events->namespace_name };

    if (!recent)
        return vcl_no_memory(error);
    int status = vcl_kube_list(events->kube, call, &query, &list, &why);
    if (status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK; /* without events there is less to tell, but the wait goes on */
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    cJSON_ArrayForEach (event, vcl_json_get(list, "items")) {
        status = take(events, call, event, beginning, recent, error);
        if (status < 0)
            return status;
    }
    cJSON_Delete(events->recent);
    events->recent = vcl_steal(&recent);
    return VCLUSTER_OK;
}

void vcl_events_done(vcl_events *events)
{
    cJSON_Delete(events->seen);
    cJSON_Delete(events->recent);
}

int vcl_events_begin(vcl_events *events, vcl_call *call, vcluster_error **error)
{
    return read_events(events, call, true, error);
}

int vcl_events_read(vcl_events *events, vcl_call *call, vcluster_error **error)
{
    return read_events(events, call, false, error);
}

int vcl_events_look(vcl_events *events, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_CAUSES causes = { 0 };

    int status = vcl_events_read(events, call, error);
    if (status < 0)
        return status;
    vcl_scene scene = { .events = events->recent };
    status = vcl_classify(&scene, &causes, error);
    if (status < 0)
        return status;
    const vcluster_cause *cause = deciding(&causes, false, false);
    return cause && cause->lasted_ms >= cause->grace_ms ? vcl_cause_fail(cause, error)
                                                        : VCLUSTER_OK;
}
