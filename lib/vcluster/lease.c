/* SPDX-License-Identifier: Apache-2.0 */
/* Setting the time at which a virtual cluster expires, and claiming one that has; see lease.h. */
#include "vcluster/lease.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/names.h"

enum { MAX_TRIES = 20 };
/* The year 9999: what RFC 3339 has four digits for. */
static const int64_t last_time = 253402300799;

int vcl_lease_check(
    int64_t ttl_s, int64_t expires_at, bool needed, vcl_lease *lease, vcluster_error **error)
{
    int64_t now = vcl_wall_seconds();
    int given = (ttl_s != 0) + (expires_at != 0) + lease->never;

    if (given > 1)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "more than one of ttl_s, expires_at and never is set");
    if (given == 0 && needed)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "one of ttl_s, expires_at and never is needed");
    if (ttl_s < 0 || ttl_s > last_time - now)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a time to live of %lld seconds is out of range", (long long)ttl_s);
    if (expires_at != 0 && (expires_at <= now || expires_at > last_time))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "expires_at is %lld, which is not in the future", (long long)expires_at);
    if (lease->owner && strlen(lease->owner) > VCL_MAX_OWNER)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the owner has %zu bytes; at most %d are allowed", strlen(lease->owner),
                        VCL_MAX_OWNER);
    lease->expires_at = ttl_s ? now + ttl_s : expires_at;
    return VCLUSTER_OK;
}

bool vcl_lease_is_set(const vcl_lease *lease)
{
    return lease->expires_at != 0 || lease->never || lease->owner;
}

/* An annotation of a patch, or of an object: NULL takes it away. */
static bool put(cJSON *annotations, const char *key, const char *text)
{
    return vcl_json_set(annotations, key, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static bool annotate(cJSON *annotations, const vcl_lease *lease)
{
    char until[VCL_RFC3339_SIZE];
    bool owned = !vcl_str_empty(lease->owner);

    vcl_rfc3339(lease->expires_at, -1, until);
    return annotations &&
           (lease->expires_at == 0 || put(annotations, VCL_ANNOTATION_EXPIRES_AT, until)) &&
           (!lease->never || put(annotations, VCL_ANNOTATION_EXPIRES_AT, NULL)) &&
           (!lease->owner || put(annotations, VCL_ANNOTATION_OWNER, owned ? lease->owner : NULL));
}

bool vcl_lease_mark(cJSON *secret, const vcl_lease *lease)
{
    if (lease->expires_at == 0)
        return true;
    cJSON *metadata = vcl_json_object(secret, "metadata");

    return metadata && annotate(vcl_json_object(metadata, "annotations"), lease);
}

/* Change annotations of the workload as it was seen; CONFLICT when it is another one by now. */
static int patch_workload(vcluster_client *client,
                          vcl_call *call,
                          const vcluster_instance *seen,
                          cJSON *annotations,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *patch = cJSON_CreateObject();
    cJSON *metadata = patch ? vcl_json_object(patch, "metadata") : NULL;
    const vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    const vcl_object_key key = { .api_version = "apps/v1",
                                 .kind = seen->workload_kind,
                                 .namespace_name = seen->namespace_name,
                                 .name = seen->workload_name };

    if (!metadata) {
        cJSON_Delete(annotations);
        return vcl_no_memory(error);
    }
    vcl_auto_free char *text =
        vcl_json_set(metadata, "annotations", annotations) &&
                vcl_json_set_string(metadata, "uid", seen->uid) &&
                vcl_json_set_string(metadata, "resourceVersion", seen->resource_version)
            ? vcl_json_print(patch)
            : NULL;
    if (!text)
        return vcl_no_memory(error);
    return vcl_kube_patch(client->kube, call, &key, "application/merge-patch+json", text, &options,
                          NULL, error);
}

static int refuse_reaped(const vcluster_instance *seen, vcluster_error **error)
{
    char at[VCL_RFC3339_SIZE];

    vcl_rfc3339(seen->expires_at, -1, at);
    return vcl_fail(error, VCLUSTER_E_CONFLICT,
                    "virtual cluster '%s' expired at %s and is being deleted; make a new one once "
                    "it is gone",
                    seen->name, at);
}

static bool keeps_expiry(const vcluster_instance *seen, const vcl_lease *lease)
{
    return lease->only_later && lease->expires_at != 0 && seen->expires_at >= lease->expires_at;
}

static int write_lease(vcluster_client *client,
                       vcl_call *call,
                       vcluster_instance *seen,
                       const vcl_lease *lease,
                       vcluster_error **error)
{
    vcl_lease wanted = *lease;

    if (seen->reaping)
        return refuse_reaped(seen, error);
    if (keeps_expiry(seen, lease))
        wanted.expires_at = 0;
    if (!vcl_lease_is_set(&wanted))
        return VCLUSTER_OK;

    cJSON *annotations = cJSON_CreateObject();
    if (!annotate(annotations, &wanted)) {
        cJSON_Delete(annotations);
        return vcl_no_memory(error);
    }
    int status = patch_workload(client, call, seen, annotations, error);
    if (status < 0)
        return status;
    if (wanted.expires_at != 0 || wanted.never)
        seen->expires_at = wanted.expires_at;
    if (wanted.owner && !vcl_str_replace(&seen->owner, *wanted.owner ? wanted.owner : NULL))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* One that does not expire any more must not do so by its record either. */
static int clear_record(vcluster_client *client,
                        vcl_call *call,
                        const vcluster_instance *seen,
                        vcluster_error **error)
{
    static const char patch[] =
        "{\"metadata\":{\"annotations\":{\"" VCL_ANNOTATION_EXPIRES_AT "\":null}}}";
    const vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    VCL_AUTO_PTR(vcl_record) record = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status =
        vcl_record_find(client->kube, call, seen->name, seen->namespace_name, &record, error);
    if (status < 0 || !record ||
        !vcl_json_find_string(record->secret, "metadata", "annotations", VCL_ANNOTATION_EXPIRES_AT,
                              NULL))
        return status;
    const vcl_object_key key = { .api_version = "v1",
                                 .kind = "Secret",
                                 .namespace_name = seen->namespace_name,
                                 .name = vcl_json_find_string(record->secret, "metadata", "name",
                                                              NULL) };
    status = vcl_kube_patch(client->kube, call, &key, "application/merge-patch+json", patch,
                            &options, NULL, &why);
    return status == VCLUSTER_E_NOT_FOUND ? VCLUSTER_OK : vcl_error_pass(error, &why, status);
}

int vcl_lease_extend(vcluster_client *client,
                     vcl_call *call,
                     const char *name,
                     const char *namespace_name,
                     const vcl_lease *lease,
                     vcluster_instance **out_instance,
                     vcluster_error **error)
{
    for (int tries = 1;; tries++) {
        VCL_AUTO_PTR(vcluster_instance) seen = NULL;
        VCL_AUTO_ERROR *why = NULL;

        int status = vcl_instance_find(client, call, name, namespace_name, &seen, &why);
        if (status == 0)
            status = write_lease(client, call, seen, lease, &why);
        if (status == 0 && lease->never)
            status = clear_record(client, call, seen, &why);
        bool moved = status == VCLUSTER_E_CONFLICT && vcluster_error_http_status(why) == 409;
        if (moved && tries < MAX_TRIES) /* its status changed meanwhile: look again */
            continue;
        if (status == 0 && out_instance)
            *out_instance = vcl_steal(&seen);
        return vcl_error_pass(error, &why, status);
    }
}

static bool has_expired(const vcluster_instance *seen, int64_t before)
{
    return seen->expires_at != 0 && seen->expires_at <= before;
}

static int claim_seen(vcluster_client *client,
                      vcl_call *call,
                      const vcluster_instance *seen,
                      vcluster_error **error)
{
    cJSON *annotations = cJSON_CreateObject();
    char now[VCL_RFC3339_SIZE];

    if (seen->reaping) { /* by one that may be dead: both go on, and neither does harm */
        cJSON_Delete(annotations);
        return VCLUSTER_OK;
    }
    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    if (!annotations || !put(annotations, VCL_ANNOTATION_REAPING, now)) {
        cJSON_Delete(annotations);
        return vcl_no_memory(error);
    }
    return patch_workload(client, call, seen, annotations, error);
}

int vcl_lease_claim(vcluster_client *client,
                    vcl_call *call,
                    const vcluster_instance *told,
                    int64_t expired_before,
                    vcluster_instance **out_instance,
                    vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) seen = vcl_instance_copy(told);
    if (!seen)
        return vcl_no_memory(error);

    for (int tries = 1;; tries++) {
        VCL_AUTO_ERROR *why = NULL;

        if (!has_expired(seen, expired_before) || !vcl_streq(seen->uid, told->uid))
            return 0;
        int status = claim_seen(client, call, seen, &why);
        if (status == VCLUSTER_OK) {
            *out_instance = vcl_steal(&seen);
            return 1;
        }
        if (status == VCLUSTER_E_NOT_FOUND)
            return 0;
        if (status != VCLUSTER_E_CONFLICT || tries == MAX_TRIES)
            return vcl_error_pass(error, &why, status);

        vcluster_instance_free(vcl_steal(&seen));
        vcl_error_clear(&why);
        status = vcl_instance_find(client, call, told->name, told->namespace_name, &seen, &why);
        if (status == VCLUSTER_E_NOT_FOUND)
            return 0;
        if (status < 0)
            return vcl_error_pass(error, &why, status);
    }
}
