/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reaper. What has expired is claimed first, by an annotation of the workload that is written
 * only if nothing changed since the expiry was read: from then on it cannot be extended. The claim
 * and the expiry go to the release record too, which outlives the workload: that is how the rest of
 * a deletion is found that was killed, and a creation that never came to its workload.
 */
#include "vcluster/upkeep/reap.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "base/str.h"
#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/lease.h"
#include "vcluster/lifecycle/delete.h"
#include "vcluster/names.h"

/* One to delete: a virtual cluster, or a record that stands without one. */
typedef struct reap_victim {
    vcluster_instance *instance; /* borrowed from the list; NULL: only a record */
    char *name;
    char *namespace_name;
    bool spared; /* it was extended, or somebody else was faster */
} reap_victim;

typedef struct reaper {
    const vcl_reap_request *request;
    int64_t expired_before;
    vcluster_instance_list *instances;
    reap_victim *victims;
    size_t count;
} reaper;

static void reaper_done(reaper *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->victims[i].name);
        free(self->victims[i].namespace_name);
    }
    free(self->victims);
    vcluster_instance_list_free(self->instances);
}

static int add_victim(reaper *self,
                      vcluster_instance *instance,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    if (!(self->count & (self->count - 1))) { /* doubling at powers of two */
        reap_victim *grown =
            realloc(self->victims, (self->count ? self->count * 2 : 1) * sizeof(*grown));
        if (!grown)
            return vcl_no_memory(error);
        self->victims = grown;
    }
    reap_victim added = { .instance = instance,
                          .name = vcl_strdup(name),
                          .namespace_name = vcl_strdup(namespace_name) };
    self->victims[self->count++] = added;
    return added.name && added.namespace_name ? VCLUSTER_OK : vcl_no_memory(error);
}

static bool is_wanted(const reaper *self, int64_t expires_at, const char *owner)
{
    return expires_at != 0 && expires_at <= self->expired_before &&
           (!self->request->owner || vcl_streq(self->request->owner, vcl_str(owner)));
}

/* Whether the record, not the workload, says what becomes of it. */
static bool goes_by_record(const reaper *self, const cJSON *secret, const char *name)
{
    const char *status = vcl_json_find_string(secret, "metadata", "labels", "status", NULL);
    const char *space = vcl_json_find_string(secret, "metadata", "namespace", NULL);
    /* A creation that was killed before its workload was told the expiry. */
    bool unmade = vcl_streq(status, "pending-install") || vcl_streq(status, "failed");

    for (size_t i = 0; i < self->instances->count; i++) {
        const vcluster_instance *item = &self->instances->items[i];
        if (vcl_streq(item->name, name) && vcl_streq(item->namespace_name, space))
            return unmade && item->expires_at == 0;
    }
    return unmade || vcl_streq(status, "uninstalling");
}

/* A record whose operation did not end, of a virtual cluster that has no workload any more, or not
 * yet. */
static int add_record(const cJSON *secret, void *data, vcluster_error **error)
{
    reaper *self = data;
    const char *name = vcl_json_find_string(secret, "metadata", "labels", "name", NULL);
    const char *space = vcl_json_find_string(secret, "metadata", "namespace", NULL);
    int64_t expires_at = 0;

    (void)vcl_parse_rfc3339(
        vcl_json_find_string(secret, "metadata", "annotations", VCL_ANNOTATION_EXPIRES_AT, NULL),
        &expires_at);
    const char *owner =
        vcl_json_find_string(secret, "metadata", "annotations", VCL_ANNOTATION_OWNER, NULL);
    if (!name || !space || !is_wanted(self, expires_at, owner) ||
        !goes_by_record(self, secret, name))
        return VCLUSTER_OK;
    return add_victim(self, NULL, name, space, error);
}

static int find_victims(reaper *self, vcl_call *call, vcluster_error **error)
{
    const vcl_instance_query query = { .namespace_name = self->request->namespace_name };
    const vcl_list_query records = { .api_version = "v1",
                                     .kind = "Secret",
                                     .namespace_name = self->request->namespace_name,
                                     .label_selector =
                                         "owner=helm,status!=deployed,status!=superseded",
                                     .metadata_only = true };

    int status = vcl_instances_list(self->request->client, call, &query, &self->instances, error);
    for (size_t i = 0; status == 0 && i < self->instances->count; i++) {
        vcluster_instance *item = &self->instances->items[i];
        if (is_wanted(self, item->expires_at, item->owner))
            status = add_victim(self, item, item->name, item->namespace_name, error);
    }
    if (status == 0)
        status = vcl_kube_list_each(self->request->client->kube, call, &records, add_record, self,
                                    NULL, error);
    return status;
}

/* Write the claim to the record. `expected` is the text of the expiry that was seen; 1: there is no
 * record, or it is another one by now. */
static int claim_record(vcluster_client *client,
                        vcl_call *call,
                        const reap_victim *victim,
                        int64_t expires_at,
                        int64_t expired_before,
                        vcluster_error **error)
{
    const vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    VCL_AUTO_PTR(vcl_record) record = NULL;
    char now[VCL_RFC3339_SIZE];
    char until[VCL_RFC3339_SIZE];

    int status =
        vcl_record_find(client->kube, call, victim->name, victim->namespace_name, &record, error);
    if (status < 0)
        return status;
    if (!record)
        return 1;
    const cJSON *annotations = vcl_json_find(record->secret, "metadata", "annotations", NULL);
    if (expires_at == 0)
        (void)vcl_parse_rfc3339(vcl_json_find_string(annotations, VCL_ANNOTATION_EXPIRES_AT, NULL),
                                &expires_at);
    if (expires_at == 0 || expires_at > expired_before ||
        (!victim->instance && vcl_record_is_deployed(record)))
        return 1;
    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    vcl_rfc3339(expires_at, -1, until);
    const char *secret = vcl_json_find_string(record->secret, "metadata", "name", NULL);
    const char *version = vcl_json_find_string(record->secret, "metadata", "resourceVersion", NULL);
    vcl_auto_free char *patch =
        vcl_format("{\"metadata\":{\"resourceVersion\":\"%s\",\"annotations\":{\"%s\":\"%s\","
                   "\"%s\":\"%s\"}}}",
                   vcl_str(version), VCL_ANNOTATION_REAPING, now, VCL_ANNOTATION_EXPIRES_AT, until);
    if (!patch)
        return vcl_no_memory(error);
    const vcl_object_key key = { .api_version = "v1",
                                 .kind = "Secret",
                                 .namespace_name = victim->namespace_name,
                                 .name = secret };
    return vcl_kube_patch(client->kube, call, &key, "application/merge-patch+json", patch, &options,
                          NULL, error);
}

/* The same until nobody writes in between. */
static int claim_record_surely(vcluster_client *client,
                               vcl_call *call,
                               const reap_victim *victim,
                               int64_t expires_at,
                               int64_t expired_before,
                               vcluster_error **error)
{
    enum { MAX_TRIES = 20 };

    for (int tries = 1;; tries++) {
        VCL_AUTO_ERROR *why = NULL;
        int status = claim_record(client, call, victim, expires_at, expired_before, &why);

        bool moved = status == VCLUSTER_E_NOT_FOUND || status == VCLUSTER_E_CONFLICT;
        if (moved && tries < MAX_TRIES)
            continue;
        return vcl_error_pass(error, &why, status);
    }
}

static int reap_one(vcl_call *call, size_t index, void *data, vcluster_error **error)
{
    reaper *self = data;
    reap_victim *victim = &self->victims[index];
    vcluster_client *client = self->request->client;
    VCL_AUTO_PTR(vcluster_instance) claimed = NULL;

    int status = victim->instance ? vcl_delete_guard(victim->instance, false, error) : VCLUSTER_OK;
    if (status < 0 || self->request->dry_run)
        return status;
    if (victim->instance) {
        status =
            vcl_lease_claim(client, call, victim->instance, self->expired_before, &claimed, error);
        victim->spared = status == 0;
    }
    if (status >= 0 && !victim->spared) {
        status = claim_record_surely(client, call, victim, claimed ? claimed->expires_at : 0,
                                     self->expired_before, error);
        victim->spared = status == 1 && !claimed;
    }
    if (status < 0 || victim->spared)
        return status < 0 ? status : VCLUSTER_OK;

    vcl_delete_request request = { .client = client,
                                   .name = victim->name,
                                   .namespace_name = victim->namespace_name,
                                   .reaped_uid = claimed ? claimed->uid : "",
                                   .missing_ok = true };
    return vcl_delete(&request, call, error);
}

static int tell_one(size_t index, int status, const vcluster_error *error, void *data)
{
    const reaper *self = data;
    const reap_victim *victim = &self->victims[index];
    const vcluster_result result = { .name = victim->name,
                                     .namespace_name = victim->namespace_name,
                                     .operation = self->request->dry_run ? "none" : "delete",
                                     .index = index,
                                     .status = status,
                                     .error = error };

    if (victim->spared || !self->request->on_result)
        return 0;
    return self->request->on_result(&result, self->request->result_data);
}

int vcl_reap(const vcl_reap_request *request, vcl_call *call, vcluster_error **error)
{
    reaper self = { .request = request, .expired_before = vcl_wall_seconds() - request->grace_s };

    int status = find_victims(&self, call, error);
    if (status == 0) {
        const vcl_parallel_each each = { .count = self.count,
                                         .width = request->parallel,
                                         .run = reap_one,
                                         .done = tell_one,
                                         .data = &self };
        status = vcl_parallel_each_run(call, &each, error);
    }
    reaper_done(&self);
    return status;
}
