/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running hooks; see hook_run.h. As pkg/action/hooks.go of Helm 3.21, but for two things: when a
 * hook ran is recorded with the end of the operation, not by a write of its own; and an image that
 * cannot be pulled fails the hook at once, not at the deadline.
 */
#include "release/hook_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/apply.h"
#include "release/pod_state.h"
#include "release/trouble.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 1000, LOOK_MS = 1000 };

static int compare(const void *left, const void *right)
{
    const vcl_hook *a = *(vcl_hook *const *)left;
    const vcl_hook *b = *(vcl_hook *const *)right;

    if (a->weight != b->weight)
        return a->weight < b->weight ? -1 : 1;
    int by_name = strcmp(a->name, b->name);
    return by_name != 0 ? by_name : (a < b ? -1 : a > b); /* as recorded */
}

/* The hooks of an event in the order of their execution; the caller frees the list. */
static vcl_hook **select_hooks(const vcl_hooks *hooks, vcl_hook_event event, size_t *out_count)
{
    vcl_hook **selected = calloc(hooks->count + 1, sizeof(vcl_hook *));
    size_t count = 0;

    for (size_t i = 0; selected && i < hooks->count; i++) {
        if (hooks->items[i].events & (unsigned)event)
            selected[count++] = &hooks->items[i];
    }
    if (selected && count > 1)
        qsort(selected, count, sizeof(vcl_hook *), compare);
    *out_count = count;
    return selected;
}

static int find_key(const vcl_hook_run *run,
                    vcl_call *call,
                    const vcl_hook *hook,
                    vcl_object_key *out_key,
                    vcluster_error **error)
{
    vcl_apply_set set = { .kube = run->kube,
                          .release = run->release,
                          .namespace_name = run->namespace_name };

    if (!vcl_str_empty(hook->name) ||
        vcl_str_empty(vcl_json_find_string(hook->object, "metadata", "generateName", NULL)))
        return vcl_apply_key(&set, call, hook->object, out_key, error);

    /* The server makes the name up: known once the hook is there. */
    VCL_AUTO_JSON *named = vcl_json_copy(hook->object);
    cJSON *metadata = named ? vcl_json_object(named, "metadata") : NULL;
    if (!metadata || !vcl_json_set_string(metadata, "name", "made-up"))
        return vcl_no_memory(error);
    int status = vcl_apply_key(&set, call, named, out_key, error);
    const char *space = vcl_json_find_string(hook->object, "metadata", "namespace", NULL);
    if (status == 0 && out_key->namespace_name && !vcl_str_empty(space))
        out_key->namespace_name = space;
    out_key->api_version = vcl_json_find_string(hook->object, "apiVersion", NULL);
    out_key->kind = vcl_json_find_string(hook->object, "kind", NULL);
    out_key->name = NULL;
    return status;
}

static int tell(vcl_call *call,
                const vcl_hook *hook,
                vcl_hook_event event,
                const char *what,
                vcluster_error **error)
{
    vcl_auto_free char *shown = vcl_format("%s/%s", hook->kind, hook->name);

    return vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, shown, "%s hook %s",
                           vcl_hook_event_name(event), what);
}

/* Delete the hook's object where its policy says so, and wait until it is gone. Definitions of
 * kinds stay: much would go with them. */
static int delete_by_policy(const vcl_hook_run *run,
                            vcl_call *call,
                            const vcl_hook *hook,
                            vcl_hook_policy policy,
                            vcluster_error **error)
{
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;
    vcl_object_key key;

    if (!(hook->delete_policies & (unsigned)policy) || vcl_str_empty(hook->name) ||
        vcl_streq(hook->kind, "CustomResourceDefinition"))
        return VCLUSTER_OK;
    int status = find_key(run, call, hook, &key, &why);
    if (status == 0)
        status = vcl_kube_delete(run->kube, call, &key, &options, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status == 0)
        status = vcl_wait_gone_locked(run->kube, call, run->record, &key, NULL, &why);
    return vcl_error_pass(error, &why, status);
}

/* Create it. Where the answer is lost, whether it is there says whether it was made: nothing of
 * that name was there before, or it is refused. */
static int create(const vcl_hook_run *run,
                  vcl_call *call,
                  const vcl_hook *hook,
                  const vcl_object_key *key,
                  cJSON **out_object,
                  vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_create(run->kube, call, hook->object, key->namespace_name,
                                 VCL_MANAGER_HELM, out_object, &why);
    bool unsure = status == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(why);
    if (unsure && !vcl_str_empty(key->name)) {
        VCL_AUTO_ERROR *ignored = NULL;
        if (vcl_kube_get(run->kube, call, key, out_object, &ignored) == 0)
            return VCLUSTER_OK;
        vcl_error_clear(&why);
        status = vcl_kube_create(run->kube, call, hook->object, key->namespace_name,
                                 VCL_MANAGER_HELM, out_object, &why);
    }
    return vcl_error_pass(error, &why, status);
}

/* The newest pod of the hook: the hook itself, or of the Job; NULL when there is none to be had. */
static cJSON *find_pod(const vcl_hook_run *run, vcl_call *call, const cJSON *object)
{
    VCL_AUTO_ERROR *ignored = NULL;
    VCL_AUTO_JSON *list = NULL;
    const cJSON *newest = NULL;
    const cJSON *item;

    if (vcl_streq(vcl_json_find_string(object, "kind", NULL), "Pod"))
        return vcl_json_copy(object);
    vcl_auto_free char *selector =
        vcl_format("batch.kubernetes.io/job-name=%s",
                   vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)));
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name =
                                 vcl_json_find_string(object, "metadata", "namespace", NULL),
                             .label_selector = selector };
    if (!selector || vcl_kube_list(run->kube, call, &query, &list, &ignored) < 0)
        return NULL;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const char *made = vcl_json_find_string(item, "metadata", "creationTimestamp", NULL);
        const char *best = vcl_json_find_string(newest, "metadata", "creationTimestamp", NULL);
        if (!newest || strcmp(vcl_str(made), vcl_str(best)) > 0)
            newest = item;
    }
    return newest ? vcl_json_copy(newest) : NULL;
}

/* The container that ended badly, else the first. */
static const char *failed_container(const cJSON *pod)
{
    static const char *const lists[] = { "initContainerStatuses", "containerStatuses" };
    const cJSON *status;

    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (status, vcl_json_find(pod, "status", lists[i], NULL)) {
            const cJSON *ended = vcl_json_find(status, "state", "terminated", NULL);
            if (!ended)
                ended = vcl_json_find(status, "lastState", "terminated", NULL);
            if (vcl_json_find_int(ended, 0, "exitCode", NULL) != 0)
                return vcl_json_find_string(status, "name", NULL);
        }
    }
    return vcl_json_find_string(
        cJSON_GetArrayItem(vcl_json_find(pod, "spec", "containers", NULL), 0), "name", NULL);
}

/* UNAVAILABLE with all that is known of why. */
static int fail_hook(const vcl_hook_run *run,
                     vcl_call *call,
                     const vcl_hook *hook,
                     const cJSON *object,
                     const char *reason,
                     vcluster_error **error)
{
    VCL_AUTO_JSON *pod = find_pod(run, call, object);
    const char *container = pod ? failed_container(pod) : NULL;
    vcl_auto_free char *line =
        container ? vcl_trouble_log_line(run->kube, call, pod, container) : NULL;
    int status;

    if (container)
        status =
            vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                     "hook '%s' failed: %s: container '%s' of pod '%s'%s%s", hook->name, reason,
                     container, vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL)),
                     line ? "; its last log line: " : "", vcl_str(line));
    else
        status =
            vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "hook '%s' failed: %s", hook->name, reason);
    vcl_error_set_reason(error, "HookFailed");
    return status;
}

static const cJSON *true_condition(const cJSON *object, const char *type)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(object, "status", "conditions", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "type", NULL), type) &&
            vcl_streq(vcl_json_find_string(item, "status", NULL), "True"))
            return item;
    }
    return NULL;
}

/* Whether the hook's pod has a trouble that the hook will not outlive. */
static int look_at_pod(const vcl_hook_run *run,
                       vcl_call *call,
                       const cJSON *object,
                       vcl_trouble_memory *trouble,
                       vcluster_error **error)
{
    VCL_AUTO_JSON *pods = cJSON_CreateArray();
    cJSON *pod = find_pod(run, call, object);
    vcl_trouble_query query = {
        .kube = run->kube, .pods = pods, .of_job = true, .memory = trouble
    };

    if (!pod)
        return VCLUSTER_OK;
    if (!vcl_json_append(pods, pod))
        return vcl_no_memory(error);
    return vcl_trouble_check(&query, call, error);
}

/* 1: it is done; 0: not yet. */
static int look_at(const vcl_hook_run *run,
                   vcl_call *call,
                   const vcl_hook *hook,
                   const cJSON *object,
                   vcluster_error **error)
{
    const char *phase = vcl_json_find_string(object, "status", "phase", NULL);
    const cJSON *failed = true_condition(object, "Failed");

    if (vcl_streq(hook->kind, "Job")) {
        if (failed)
            return fail_hook(run, call, hook, object,
                             vcl_str(vcl_json_find_string(failed, "message", NULL)), error);
        if (true_condition(object, "Complete"))
            return 1;
    } else {
        if (vcl_streq(phase, "Failed"))
            return fail_hook(run, call, hook, object, "its pod failed", error);
        if (vcl_streq(phase, "Succeeded"))
            return 1;
    }
    return 0;
}

/* A deadline says little: add what the pod was doing when it passed. */
static int explain_timeout(const vcl_hook_run *run,
                           vcl_call *call,
                           const vcl_hook *hook,
                           const cJSON *object,
                           vcluster_error **error)
{
    VCL_AUTO_BUF state = { 0 };
    VCL_AUTO_JSON *pod = NULL;
    vcl_call aftermath;

    vcl_call_init_aftermath(&aftermath, call);
    vcl_buf_init(&state, 1024);
    pod = object ? find_pod(run, &aftermath, object) : NULL;
    if (pod)
        (void)vcl_pod_status(pod, &state);
    return vcl_wrap(error, VCLUSTER_E_TIMEOUT, "hook '%s' did not end in time%s%s", hook->name,
                    state.size ? "; its pod was " : "", vcl_buf_text(&state));
}

static int wait_done(const vcl_hook_run *run,
                     vcl_call *call,
                     const vcl_hook *hook,
                     const vcl_object_key *key,
                     vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;
    int64_t pause_ms = FIRST_PAUSE_MS;
    vcl_trouble_memory trouble = { 0 };
    int64_t looked_ms = vcl_monotonic_ms();
    int status = 0;

    while (status == 0) {
        cJSON_Delete(vcl_steal(&object));
        status = vcl_kube_get(run->kube, call, key, &object, error);
        if (status == 0)
            status = look_at(run, call, hook, object, error);
        if (status == 0 && vcl_monotonic_ms() - looked_ms >= LOOK_MS) {
            looked_ms = vcl_monotonic_ms();
            status = look_at_pod(run, call, object, &trouble, error);
        }
        if (status == 0)
            status = vcl_record_renew(run->kube, call, run->record, error);
        if (status == 0)
            status = vcl_call_sleep(call, pause_ms, error);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
    if (status == VCLUSTER_E_TIMEOUT)
        return explain_timeout(run, call, hook, object, error);
    return status < 0 ? status : VCLUSTER_OK;
}

static int run_one(const vcl_hook_run *run,
                   vcl_call *call,
                   const vcl_hook *hook,
                   vcl_hook_event event,
                   vcluster_error **error)
{
    bool ends = vcl_streq(hook->kind, "Job") || vcl_streq(hook->kind, "Pod");
    VCL_AUTO_JSON *made = NULL;
    vcl_object_key key;

    int status = delete_by_policy(run, call, hook, VCL_HOOK_BEFORE_CREATION, error);
    if (status == 0)
        status = find_key(run, call, hook, &key, error);
    if (status == 0)
        status = tell(call, hook, event, "started", error);
    if (status == 0)
        status = create(run, call, hook, &key, &made, error);
    if (status < 0)
        return vcl_wrap(error, status, "create hook '%s' (%s)", hook->name, hook->path);
    if (!ends)
        return tell(call, hook, event, "created", error);
    key.name = vcl_json_find_string(made, "metadata", "name", NULL);
    status = wait_done(run, call, hook, &key, error);
    return status < 0 ? status : tell(call, hook, event, "succeeded", error);
}

/* After a failure: what the policies say of the one that failed and those that did not. The
 * failure is what is told, whatever becomes of this. */
static void tidy_up(const vcl_hook_run *run, vcl_call *whole, vcl_hook **hooks, size_t failed)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    vcl_call_init_aftermath(&call, whole);
    (void)delete_by_policy(run, &call, hooks[failed], VCL_HOOK_ON_FAILURE, &ignored);
    for (size_t i = 0; i < failed; i++) {
        vcl_error_clear(&ignored);
        (void)delete_by_policy(run, &call, hooks[i], VCL_HOOK_ON_SUCCESS, &ignored);
    }
}

int vcl_hooks_run(const vcl_hook_run *run,
                  vcl_hook_event event,
                  vcl_call *call,
                  vcluster_error **error)
{
    size_t count = 0;
    vcl_auto_free vcl_hook **hooks = select_hooks(run->hooks, event, &count);

    if (!hooks)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        int64_t started = vcl_wall_seconds();
        int status = run_one(run, call, hooks[i], event, error);
        bool noted = vcl_hook_ran(hooks[i], started, vcl_wall_seconds(),
                                  status < 0 ? "Failed" : "Succeeded");

        if (status < 0) {
            tidy_up(run, call, hooks, i);
            return vcl_wrap(error, status, "run the %s hooks", vcl_hook_event_name(event));
        }
        if (!noted)
            return vcl_no_memory(error);
    }
    for (size_t i = count; i > 0; i--) {
        int status = delete_by_policy(run, call, hooks[i - 1], VCL_HOOK_ON_SUCCESS, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}
