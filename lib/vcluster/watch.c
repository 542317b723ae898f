/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching virtual clusters; see watch.h. Each source rides out cuts by itself (kube/watch.h); here
 * they are asked in turn, whichever has something, and one change is taken in at a time, so that no
 * state between two changes is passed over.
 */
#include "vcluster/watch.h"

#include "base/clock.h"
#include "base/str.h"
#include "vcluster/client.h"
#include "vcluster/names.h"
#include "vcluster/watch_state.h"

enum { PAGE_SIZE = 250 };

struct vcl_instance_watcher {
    vcl_watch *sources[VCL_WATCH_KINDS]; /* NULL: the user may not read them */
    int turn;
    bool synced;
    vcl_watch_state state;
};

void vcl_instance_watcher_free(vcl_instance_watcher *watcher)
{
    if (!watcher)
        return;
    for (int k = 0; k < VCL_WATCH_KINDS; k++)
        vcl_watch_close(watcher->sources[k]);
    vcl_watch_state_done(&watcher->state);
    free(watcher);
}

int vcl_instance_watcher_new(vcluster_client *client,
                             const vcl_instance_query *query,
                             vcl_instance_watcher **out_watcher,
                             vcluster_error **error)
{
    static const struct {
        const char *api_version;
        const char *kind;
    } kinds[VCL_WATCH_KINDS] = {
        { "apps/v1", "StatefulSet" },
        { "apps/v1", "Deployment" },
        { "v1", "Pod" },
        { "v1", "Secret" },
    };
    VCL_AUTO_PTR(vcl_instance_watcher) watcher = calloc(1, sizeof(*watcher));
    vcl_auto_free char *selector = query->name ? vcl_format("app=vcluster,release=%s", query->name)
                                               : vcl_strdup(VCL_SELECTOR_ALL);

    if (!watcher || !selector)
        return vcl_no_memory(error);
    vcl_watch_state_init(&watcher->state);
    for (int k = 0; k < VCL_WATCH_KINDS; k++) {
        vcl_list_query source = { .api_version = kinds[k].api_version,
                                  .kind = kinds[k].kind,
                                  .namespace_name = query->namespace_name,
                                  .label_selector = selector,
                                  .metadata_only = k == VCL_WATCH_SECRETS,
                                  .trim = vcl_compose_trim,
                                  .page_size = PAGE_SIZE };
        int status = vcl_watch_open(client->kube, &source, &watcher->sources[k], error);
        if (status < 0)
            return status;
    }
    *out_watcher = vcl_steal(&watcher);
    return VCLUSTER_OK;
}

/* As with lists: pods and Secrets that may not be read leave their part unknown. */
static int lose_source(vcl_instance_watcher *watcher,
                       int kind,
                       vcluster_error **failure,
                       vcluster_error **error)
{
    int status = vcluster_error_code(*failure);

    if (status != VCLUSTER_E_PERMISSION || kind < VCL_WATCH_PODS)
        return vcl_error_pass(error, failure, status);
    vcl_watch_close(watcher->sources[kind]);
    watcher->sources[kind] = NULL;
    vcl_watch_state_hide(&watcher->state, (vcl_watch_kind)kind);
    return 1;
}

/* Take one change of a source in. Returns 1, 0 when it has none, or an error. */
static int ask(vcl_instance_watcher *watcher, int kind, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    VCL_AUTO_JSON *object = NULL;
    vcl_event_type type;

    int status = vcl_watch_next(watcher->sources[kind], call, 0, &type, &object, &failure);
    if (status < 0)
        return lose_source(watcher, kind, &failure, error);
    if (status == 0)
        return 0;
    status = vcl_watch_state_note(&watcher->state, (vcl_watch_kind)kind, type, object, error);
    return status < 0 ? status : 1;
}

static bool all_synced(const vcl_instance_watcher *watcher)
{
    for (int k = 0; k < VCL_WATCH_KINDS; k++) {
        if (watcher->sources[k] && !vcl_watch_synced(watcher->sources[k]))
            return false;
    }
    return true;
}

/* Ask each source that has work to do, beginning behind the one that had the last change. */
static int ask_all(vcl_instance_watcher *watcher, vcl_call *call, vcluster_error **error)
{
    for (int i = 0; i < VCL_WATCH_KINDS; i++) {
        int kind = (watcher->turn + i) % VCL_WATCH_KINDS;

        if (!watcher->sources[kind])
            continue;
        int status = ask(watcher, kind, call, error);
        if (status != 0) {
            watcher->turn = (kind + 1) % VCL_WATCH_KINDS;
            return status;
        }
    }
    return 0;
}

/* Until a source has something, or wants to try again. */
static int wait_for_sources(vcl_instance_watcher *watcher, vcl_call *call, vcluster_error **error)
{
    int fds[VCL_WATCH_KINDS];
    int64_t due_ms = INT64_MAX;

    for (int k = 0; k < VCL_WATCH_KINDS; k++) {
        fds[k] = -1;
        int64_t at_ms =
            watcher->sources[k] ? vcl_watch_due_ms(watcher->sources[k], &fds[k]) : INT64_MAX;
        due_ms = at_ms < due_ms ? at_ms : due_ms;
    }
    int64_t left_ms = due_ms == INT64_MAX ? -1 : due_ms - vcl_monotonic_ms();
    if (due_ms != INT64_MAX && left_ms < 0)
        left_ms = 0;
    int status = vcl_call_poll_any(call, fds, VCL_WATCH_KINDS, left_ms, error);
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_instance_watcher_next(vcl_instance_watcher *watcher,
                              vcl_call *call,
                              int *out_event,
                              vcluster_instance **out_instance,
                              vcluster_error **error)
{
    for (;;) {
        int status = vcl_call_check(call, error);
        if (status == VCLUSTER_OK && watcher->synced)
            status = vcl_watch_state_tell(&watcher->state, out_event, out_instance, error);
        if (status != 0)
            return status < 0 ? status : VCLUSTER_OK;
        status = ask_all(watcher, call, error);
        watcher->synced = watcher->synced || (status >= 0 && all_synced(watcher));
        if (status == 0 && (watcher->state.dirty_count == 0 || !watcher->synced))
            status = wait_for_sources(watcher, call, error);
        if (status < 0)
            return status;
    }
}
