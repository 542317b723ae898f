/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may have the namespace, see sole.h. Everyone writes the record first and lists the records
 * then: of two, the one whose record was stored later sees the other for certain, so the later one
 * gives way. "Later" is the order in which the API server stored them (resourceVersion, which
 * Kubernetes orders within a kind). A record is written again 5 s after it was made at the
 * earliest, to renew its lock; one that is seen with a higher version than ours is the older one
 * all the same when it was made seconds before ours, or when its owner is past this check.
 */
#include "vcluster/lifecycle/sole.h"

#include "base/clock.h"
#include "base/str.h"
#include "vcluster/names.h"

/* Well below the time after which a lock is renewed, well above what clocks of API servers differ.
 */
enum { CERTAINLY_OLDER_SECONDS = 3 };

bool vcl_sole_mark(cJSON *secret, const char *name)
{
    cJSON *metadata = vcl_json_object(secret, "metadata");
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;

    return labels && vcl_json_set_string(labels, VCL_LABEL_INSTANCE, name);
}

static int64_t version_of(const cJSON *object)
{
    int64_t version = 0;

    (void)vcl_parse_i64(vcl_json_find_string(object, "metadata", "resourceVersion", NULL),
                        &version);
    return version;
}

static int64_t created_at(const cJSON *object)
{
    int64_t seconds = 0;

    (void)vcl_parse_rfc3339(vcl_json_find_string(object, "metadata", "creationTimestamp", NULL),
                            &seconds);
    return seconds;
}

static bool stands_before(const cJSON *other, const vcl_record *ours)
{
    const char *status = vcl_json_find_string(other, "metadata", "labels", "status", NULL);

    if (!ours || !vcl_streq(status, "pending-install"))
        return true;
    return version_of(other) < version_of(ours->secret) ||
           created_at(other) + CERTAINLY_OLDER_SECONDS <= created_at(ours->secret);
}

static int refuse(const cJSON *other, const char *namespace_name, vcluster_error **error)
{
    const char *name = vcl_json_find_string(other, "metadata", "labels", VCL_LABEL_INSTANCE, NULL);
    const char *status = vcl_json_find_string(other, "metadata", "labels", "status", NULL);

    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "namespace '%s' is taken by the virtual cluster '%s' (%s); there can be one in "
                    "a namespace: choose another, or delete that one",
                    namespace_name, vcl_str(name), vcl_str(status));
}

int vcl_sole_check(vcl_kube *kube,
                   vcl_call *call,
                   const char *name,
                   const char *namespace_name,
                   const vcl_record *ours,
                   vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = namespace_name,
                             .label_selector = "owner=helm," VCL_LABEL_INSTANCE,
                             .metadata_only = true };

    int status = vcl_kube_list(kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const char *other =
            vcl_json_find_string(item, "metadata", "labels", VCL_LABEL_INSTANCE, NULL);
        if (!vcl_streq(other, name) && stands_before(item, ours))
            return refuse(item, namespace_name, error);
    }
    return VCLUSTER_OK;
}
