/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watch through the proxy during the campaign: each change that it tells must follow from the
 * one before, and in the end it must have told all that is.
 */
#include "kube/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "campaign.h"
#include "kube/watch_known.h"
#include "kube/watch_private.h"

enum { SETTLE_MS = 120000, STEP_MS = 500, WATCH_SECONDS = 5 };

typedef struct watcher {
    campaign *all;
    int client;
    vcl_cache *cache;
    vcl_known_map known; /* what was told */
    int64_t events;
} watcher;

static const char *field(const cJSON *object, const char *name)
{
    return vcl_str(vcl_json_find_string(object, "metadata", name, NULL));
}

static void note(watcher *self, vcl_event_type type, const cJSON *object)
{
    vcl_known *known = vcl_known_find(&self->known, object);
    const char *name = field(object, "name");

    self->events++;
    if (type == VCL_EVENT_ADDED && known)
        campaign_defect(self->all, "watch: '%s' was added twice", name);
    if (type != VCL_EVENT_ADDED && !known)
        campaign_defect(self->all, "watch: '%s' was never added", name);
    if (known && type != VCL_EVENT_ADDED && !vcl_streq(known->uid, field(object, "uid")))
        campaign_defect(self->all, "watch: '%s' became another one", name);
    if (known && type == VCL_EVENT_MODIFIED &&
        vcl_streq(known->version, field(object, "resourceVersion")))
        campaign_defect(self->all, "watch: the same state of '%s' was told twice", name);
    if (type == VCL_EVENT_DELETED)
        vcl_known_free(vcl_known_take(&self->known, object));
    else if (vcl_known_put(&self->known, object, 1, NULL) < 0)
        abort();
}

/* Returns what vcl_cache_next() did. */
static int step(watcher *self)
{
    vcl_call call = campaign_call(CAMPAIGN_TIMEOUT_MS);
    vcl_cache_change change;
    vcluster_error *error = NULL;
    campaign_start start = campaign_begin(self->all, self->client);
    int status = vcl_cache_next(self->cache, &call, STEP_MS, &change, &error);

    if (vcl_monotonic_ms() - start.at_ms > CAMPAIGN_TIMEOUT_MS + CAMPAIGN_GRACE_MS)
        campaign_book(self->all, VERB_LIST, 0, &start);
    if (status > 0)
        note(self, change.type, change.object);
    /* What waiting cannot mend ends a watch: here that is a certificate that is not trusted. */
    if (status < 0 && status != VCLUSTER_E_TIMEOUT && status != VCLUSTER_E_UNAVAILABLE &&
        status != VCLUSTER_E_PROTOCOL)
        campaign_defect(self->all, "watch: %s", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status;
}

static bool tells_the_truth(watcher *self)
{
    vcl_list_query query = { .api_version = "v1",
                             .kind = "ConfigMap",
                             .namespace_name = self->all->namespace_name,
                             .metadata_only = true };
    vcl_call call = campaign_call(30000);
    const cJSON *item;
    cJSON *list = NULL;
    size_t there = 0;

    if (vcl_kube_list(self->all->clean, &call, &query, &list, NULL) < 0)
        return false;
    bool same = true;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const vcl_known *known = vcl_known_find(&self->known, item);

        there++;
        same = same && known && vcl_streq(known->uid, field(item, "uid")) &&
               vcl_streq(known->version, field(item, "resourceVersion"));
    }
    cJSON_Delete(list);
    return same && there == self->known.count;
}

void *campaign_watch(void *data)
{
    campaign_worker *thread = data;
    watcher self = { .all = thread->all, .client = thread->number % CAMPAIGN_CLIENTS };
    const vcl_cache_source source = { .query = { .api_version = "v1",
                                                 .kind = "ConfigMap",
                                                 .namespace_name = thread->all->namespace_name,
                                                 .metadata_only = thread->number % 2 != 0 },
                                      .keep = thread->number % 2 != 0,
                                      .lasting = true };

    vcl_known_init(&self.known);
    if (vcl_cache_open(thread->all->kubes[self.client], &source, 1, &self.cache, NULL) < 0)
        abort();
    self.cache->watches[0]->seconds =
        WATCH_SECONDS; /* dead streams shall be noticed within the campaign */
    while (!atomic_load(&thread->all->ending))
        (void)step(&self);
    int64_t end_ms = vcl_monotonic_ms() + SETTLE_MS;
    bool settled = false;
    while (!settled && vcl_monotonic_ms() < end_ms)
        settled = step(&self) == 0 && tells_the_truth(&self);
    if (!settled)
        campaign_defect(thread->all, "watch %d has not told all that is", thread->number);
    vcl_cache_close(self.cache);
    vcl_known_done(&self.known);
    return NULL;
}
