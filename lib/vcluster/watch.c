/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching virtual clusters; see watch.h. The cache has the objects that they are made of; one
 * change is taken in at a time, so that no state between two changes is passed over.
 */
#include "vcluster/watch.h"

#include "base/str.h"
#include "kube/cache.h"
#include "kube/proto_kinds.h"
#include "vcluster/client.h"
#include "vcluster/names.h"
#include "vcluster/watch_state.h"

enum { PAGE_SIZE = 250 };

struct vcl_instance_watcher {
    vcl_cache *cache; /* a source for each vcl_watch_kind */
    vcl_watch_state state;
};

void vcl_instance_watcher_free(vcl_instance_watcher *watcher)
{
    if (!watcher)
        return;
    vcl_cache_close(watcher->cache);
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
        const vcl_proto_message *message;
    } kinds[VCL_WATCH_KINDS] = {
        { "apps/v1", "StatefulSet", &vcl_proto_stateful_set },
        { "apps/v1", "Deployment", &vcl_proto_deployment },
        { "v1", "Pod", &vcl_proto_pod },
        { "v1", "Secret", &vcl_proto_metadata },
    };
    VCL_AUTO_PTR(vcl_instance_watcher) watcher = calloc(1, sizeof(*watcher));
    vcl_auto_free char *selector = query->name ? vcl_format("app=vcluster,release=%s", query->name)
                                               : vcl_strdup(VCL_SELECTOR_ALL);
    vcl_cache_source sources[VCL_WATCH_KINDS];

    if (!watcher || !selector)
        return vcl_no_memory(error);
    vcl_watch_state_init(&watcher->state);
    for (int k = 0; k < VCL_WATCH_KINDS; k++) {
        vcl_list_query objects = { .api_version = kinds[k].api_version,
                                   .kind = kinds[k].kind,
                                   .namespace_name = query->namespace_name,
                                   .label_selector = selector,
                                   .metadata_only = k == VCL_WATCH_SECRETS,
                                   .trim = vcl_compose_trim,
                                   .message = kinds[k].message,
                                   .page_size = PAGE_SIZE };
        /* As with lists: pods and Secrets that may not be read leave their part unknown. */
        sources[k] = (vcl_cache_source){ .query = objects,
                                         .optional = k >= VCL_WATCH_PODS,
                                         .lasting = true };
    }
    int status = vcl_cache_open(client->kube, sources, VCL_WATCH_KINDS, &watcher->cache, error);
    if (status == VCLUSTER_OK)
        *out_watcher = vcl_steal(&watcher);
    return status;
}

static int
take_in(vcl_instance_watcher *watcher, const vcl_cache_change *change, vcluster_error **error)
{
    vcl_watch_kind kind = (vcl_watch_kind)change->source;

    if (change->object)
        return vcl_watch_state_note(&watcher->state, kind, change->type, change->object, error);
    vcl_watch_state_hide(&watcher->state, kind);
    return VCLUSTER_OK;
}

int vcl_instance_watcher_next(vcl_instance_watcher *watcher,
                              vcl_call *call,
                              int *out_event,
                              vcluster_instance **out_instance,
                              vcluster_error **error)
{
    for (;;) {
        vcl_cache_change change;
        int status = vcl_call_check(call, error);

        if (status == VCLUSTER_OK && vcl_cache_synced(watcher->cache))
            status = vcl_watch_state_tell(&watcher->state, out_event, out_instance, error);
        if (status != 0)
            return status < 0 ? status : VCLUSTER_OK;
        status = vcl_cache_next(watcher->cache, call, -1, &change, error);
        if (status > 0)
            status = take_in(watcher, &change, error);
        if (status < 0)
            return status;
    }
}
