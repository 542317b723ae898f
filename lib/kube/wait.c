/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until an object is gone: a watch on the one object, or, for a user who may get it but not
 * watch it, asking again and again.
 */
#include "base/str.h"
#include "kube/cache.h"
#include "kube/client.h"

enum { POLL_MS = 500 };

/* Whether this is the object that is waited for: one with another uid has taken its name. */
static bool is_wanted(const cJSON *object, const char *uid)
{
    return !uid || vcl_streq(vcl_json_find_string(object, "metadata", "uid", NULL), uid);
}

static int poll_gone(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_object_key *key,
                     const char *uid,
                     vcluster_error **error)
{
    for (;;) {
        VCL_AUTO_ERROR *failure = NULL;
        VCL_AUTO_JSON *object = NULL;
        int status = vcl_kube_get_metadata(kube, call, key, &object, &failure);

        if (status == VCLUSTER_E_NOT_FOUND || (status == 0 && !is_wanted(object, uid)))
            return VCLUSTER_OK;
        if (status < 0 &&
            (status != VCLUSTER_E_UNAVAILABLE || !vcluster_error_retryable(failure))) {
            if (error)
                *error = vcl_steal(&failure);
            return status;
        }
        status = vcl_call_sleep(call, POLL_MS, error);
        if (status < 0)
            return status;
    }
}

static int find_wanted(const cJSON *object, void *data)
{
    return is_wanted(object, data);
}

static int watch_gone(vcl_cache *cache, vcl_call *call, char *uid, vcluster_error **error)
{
    for (;;) {
        vcl_cache_change change;

        int status = vcl_cache_next(cache, call, -1, &change, error);
        if (status < 0)
            return status;
        if (vcl_cache_synced(cache) && !vcl_cache_each(cache, 0, find_wanted, uid))
            return VCLUSTER_OK;
    }
}

int vcl_kube_wait_gone(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_object_key *key,
                       const char *uid,
                       vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    VCL_AUTO_PTR(vcl_cache) cache = NULL;
    vcl_auto_free char *selector = vcl_format("metadata.name=%s", vcl_str(key->name));
    vcl_auto_free char *wanted = vcl_strdup(uid);

    if (!selector || (uid && !wanted))
        return vcl_no_memory(error);
    const vcl_cache_source source = { .query = { .api_version = key->api_version,
                                                 .kind = key->kind,
                                                 .namespace_name = key->namespace_name,
                                                 .field_selector = selector,
                                                 .metadata_only = true },
                                      .keep = true };
    int status = vcl_cache_open(kube, &source, 1, &cache, error);
    if (status < 0)
        return status;
    status = watch_gone(cache, call, wanted, &failure);
    if (status == VCLUSTER_E_PERMISSION)
        return poll_gone(kube, call, key, uid, error);
    if (status < 0) {
        (void)vcl_error_pass(error, &failure, status);
        return vcl_wrap(error, status, "wait until %s '%s' is gone", key->kind, key->name);
    }
    return VCLUSTER_OK;
}
