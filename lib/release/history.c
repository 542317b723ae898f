/* SPDX-License-Identifier: Apache-2.0 */
/* The revisions of a release; see history.h. */
#include "release/history.h"

#include "base/str.h"
#include "chart/release.h"

enum { DEFAULT_MAX = 10, TRIES = 5 };

void vcl_history_done(vcl_history *history)
{
    cJSON_Delete(vcl_steal(&history->items));
}

int vcl_history_read(vcl_history *history, vcl_call *call, vcluster_error **error)
{
    cJSON *items = NULL;

    int status =
        vcl_record_list(history->kube, call, history->name, history->namespace_name, &items, error);
    if (status < 0)
        return status;
    vcl_history_done(history);
    history->items = items;
    return VCLUSTER_OK;
}

const char *vcl_history_status(const cJSON *item)
{
    return vcl_str(vcl_json_find_string(item, "metadata", "labels", "status", NULL));
}

const cJSON *vcl_history_newest(const vcl_history *history)
{
    return vcl_history_below(history, INT64_MAX);
}

const cJSON *vcl_history_at(const vcl_history *history, int64_t revision)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, history->items) {
        if (vcl_record_revision(item) == revision)
            return item;
    }
    return NULL;
}

const cJSON *vcl_history_below(const vcl_history *history, int64_t revision)
{
    const cJSON *found = NULL;
    const cJSON *item;

    cJSON_ArrayForEach (item, history->items) {
        if (vcl_record_revision(item) < revision)
            found = item;
    }
    return found;
}

const cJSON *vcl_history_deployed(const vcl_history *history)
{
    const cJSON *found = NULL;
    const cJSON *item;

    cJSON_ArrayForEach (item, history->items) {
        if (vcl_streq(vcl_history_status(item), "deployed"))
            found = item;
    }
    return found;
}

static vcl_object_key key_of(const vcl_history *history, const cJSON *item)
{
    return (vcl_object_key){ .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = history->namespace_name,
                             .name = vcl_json_find_string(item, "metadata", "name", NULL) };
}

int vcl_history_load(const vcl_history *history,
                     vcl_call *call,
                     const cJSON *item,
                     cJSON **out_secret,
                     cJSON **out_release,
                     vcluster_error **error)
{
    vcl_object_key key = key_of(history, item);
    cJSON *secret = NULL;

    int status = vcl_kube_get(history->kube, call, &key, &secret, error);
    if (status == 0)
        status = vcl_release_decode(secret, out_release, error);
    if (status == 0 && out_secret)
        *out_secret = vcl_steal(&secret);
    vcl_json_free_secret(secret);
    return status;
}

/* Guarded by resourceVersion; whoever changed it in between may have made it no longer deployed. */
static int
supersede_one(const vcl_history *history, vcl_call *call, const cJSON *item, vcluster_error **error)
{
    vcl_object_key key = key_of(history, item);

    for (int tries = 0;; tries++) {
        VCL_AUTO_ERROR *why = NULL;
        cJSON *secret = NULL;

        int status = vcl_kube_get(history->kube, call, &key, &secret, &why);
        bool deployed = status == 0 && vcl_streq(vcl_history_status(secret), "deployed");
        if (deployed)
            status = vcl_release_set_status(secret, "superseded", NULL, &why);
        if (deployed && status == 0)
            status = vcl_kube_replace(history->kube, call, secret, VCL_MANAGER_HELM, NULL, &why);
        vcl_json_free_secret(secret);
        if (status == VCLUSTER_E_NOT_FOUND || (status == 0 && !deployed))
            return VCLUSTER_OK;
        bool again = status == VCLUSTER_E_CONFLICT ||
                     (status == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(why));
        if (!again || tries == TRIES)
            return vcl_error_pass(error, &why, status);
    }
}

int vcl_history_supersede(const vcl_history *history,
                          vcl_call *call,
                          int64_t but_revision,
                          vcluster_error **error)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, history->items) {
        if (vcl_record_revision(item) == but_revision ||
            !vcl_streq(vcl_history_status(item), "deployed"))
            continue;
        int status = supersede_one(history, call, item, error);
        if (status < 0)
            return vcl_wrap(error, status, "record revision %lld as superseded",
                            (long long)vcl_record_revision(item));
    }
    return VCLUSTER_OK;
}

int vcl_history_prune(const vcl_history *history,
                      vcl_call *call,
                      int64_t newest_revision,
                      int64_t max,
                      vcluster_error **error)
{
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    int64_t left = vcl_history_at(history, newest_revision) ? 0 : 1;
    const cJSON *item;

    left += cJSON_GetArraySize(history->items);
    if (max < 0)
        return VCLUSTER_OK;
    if (max == 0)
        max = DEFAULT_MAX;
    cJSON_ArrayForEach (item, history->items) {
        VCL_AUTO_ERROR *why = NULL;
        vcl_object_key key = key_of(history, item);

        if (left <= max)
            break;
        /* What was deployed until now has been superseded by the newest. */
        if (vcl_record_revision(item) == newest_revision)
            continue;
        int status = vcl_kube_delete(history->kube, call, &key, &options, &why);
        if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
            return vcl_error_pass(error, &why, status);
        left--;
    }
    return VCLUSTER_OK;
}
