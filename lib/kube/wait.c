/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until an object is gone: a watch on the one object, or, for a user who may get it but not
 * watch it, asking again and again.
 */
#include "base/str.h"
#include "kube/client.h"
#include "kube/watch.h"

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

static int watch_gone(vcl_watch *watch, vcl_call *call, const char *uid, vcluster_error **error)
{
    bool seen = false;

    for (;;) {
        vcl_event_type type;
        VCL_AUTO_JSON *object = NULL;
        /* The first calls only list: an object that is not there makes no event. */
        int status =
            vcl_watch_next(watch, call, vcl_watch_synced(watch) ? -1 : 0, &type, &object, error);
        if (status < 0)
            return status;
        if (status > 0 && !is_wanted(object, uid))
            continue;
        if (status > 0)
            seen = type != VCL_EVENT_DELETED;
        if (!seen && vcl_watch_synced(watch))
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
    vcl_watch *watch = NULL;
    vcl_auto_free char *selector = vcl_format("metadata.name=%s", vcl_str(key->name));

    if (!selector)
        return vcl_no_memory(error);
    vcl_list_query query = { .api_version = key->api_version,
                             .kind = key->kind,
                             .namespace_name = key->namespace_name,
                             .field_selector = selector,
                             .metadata_only = true };
    int status = vcl_watch_open(kube, &query, &watch, error);
    if (status < 0)
        return status;
    status = watch_gone(watch, call, uid, &failure);
    vcl_watch_close(watch);
    if (status == VCLUSTER_E_PERMISSION)
        return poll_gone(kube, call, key, uid, error);
    if (status < 0) {
        if (error)
            *error = vcl_steal(&failure);
        return vcl_wrap(error, status, "wait until %s '%s' is gone", key->kind, key->name);
    }
    return VCLUSTER_OK;
}
