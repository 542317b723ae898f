/* SPDX-License-Identifier: Apache-2.0 */
/* Release records and the lock on them; see record.h. */
#include "vcluster/record.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "chart/release.h"
#include "data/encoding.h"
#include "vcluster/names.h"

enum { LOCK_SECONDS = 15, RENEW_MS = 5000, LOOK_AGAIN_MS = 500, HOLDER_SIZE = 16 };
/* Writes whose fate is not known, until that is given up. */
enum { MAX_UNSURE = 3, UNSURE_PAUSE_MS = 250 };

void vcl_record_free(vcl_record *record)
{
    if (!record)
        return;
    vcl_json_free_secret(record->secret);
    free(record->name);
    free(record->namespace_name);
    free(record->status);
    free(record->holder);
    free(record);
}

static const char *annotation(const vcl_record *record, const char *key)
{
    return vcl_json_find_string(record->secret, "metadata", "annotations", key, NULL);
}

static vcl_object_key key_of(const vcl_record *record)
{
    return (vcl_object_key){ .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = record->namespace_name,
                             .name =
                                 vcl_json_find_string(record->secret, "metadata", "name", NULL) };
}

/* Take over what the server says the Secret is now. */
static int adopt(vcl_record *record, cJSON *secret, vcluster_error **error)
{
    const char *status = vcl_json_find_string(secret, "metadata", "labels", "status", NULL);

    vcl_json_free_secret(record->secret);
    record->secret = secret;
    record->ours =
        record->holder && vcl_streq(annotation(record, VCL_ANNOTATION_HOLDER), record->holder);
    if (!vcl_str_replace(&record->status, vcl_str(status)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* Takes secret over, also on failure. */
static int make(const char *name,
                const char *namespace_name,
                cJSON *secret,
                vcl_record **out_record,
                vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_record) record = calloc(1, sizeof(*record));

    if (!record) {
        vcl_json_free_secret(secret);
        return vcl_no_memory(error);
    }
    record->name = vcl_strdup(name);
    record->namespace_name = vcl_strdup(namespace_name);
    int status = adopt(record, secret, error);
    if (status < 0)
        return status;
    if (!record->name || !record->namespace_name)
        return vcl_no_memory(error);
    *out_record = vcl_steal(&record);
    return VCLUSTER_OK;
}

static int64_t revision_of(const cJSON *item)
{
    int64_t revision = 0;

    (void)vcl_parse_i64(vcl_json_find_string(item, "metadata", "labels", "version", NULL),
                        &revision);
    return revision;
}

static int list_records(vcl_kube *kube,
                        vcl_call *call,
                        const char *name,
                        const char *namespace_name,
                        cJSON **out_list,
                        vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("owner=helm,name=%s", name);
    if (!selector)
        return vcl_no_memory(error);

    vcl_list_query query = { .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };
    return vcl_kube_list(kube, call, &query, out_list, error);
}

int vcl_record_find(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_record **out_record,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    cJSON *newest = NULL;
    cJSON *item;

    int status = list_records(kube, call, name, namespace_name, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        if (!newest || revision_of(item) > revision_of(newest))
            newest = item;
    }
    if (!newest) {
        *out_record = NULL;
        return VCLUSTER_OK;
    }

    cJSON *copy = vcl_json_copy(newest);
    if (!copy)
        return vcl_no_memory(error);
    const char *where = vcl_json_find_string(copy, "metadata", "namespace", NULL);
    return make(name, vcl_str(where), copy, out_record, error);
}

bool vcl_record_is_pending(const vcl_record *record)
{
    return record && (vcl_starts_with(record->status, "pending-") ||
                      vcl_streq(record->status, "uninstalling"));
}

bool vcl_record_is_deployed(const vcl_record *record)
{
    return record && vcl_streq(record->status, "deployed");
}

/* Annotate a Secret with our claim, or remove it for holder == NULL. */
static bool claim(cJSON *secret, const char *holder)
{
    cJSON *metadata = vcl_json_object(secret, "metadata");
    cJSON *annotations = metadata ? vcl_json_object(metadata, "annotations") : NULL;
    char until[VCL_RFC3339_SIZE];

    if (!annotations)
        return false;
    if (!holder) {
        vcl_json_remove(annotations, VCL_ANNOTATION_HOLDER);
        vcl_json_remove(annotations, VCL_ANNOTATION_EXPIRES);
        return true;
    }
    vcl_rfc3339(vcl_wall_seconds() + LOCK_SECONDS, -1, until);
    return vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, holder) &&
           vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until);
}

static int new_holder(char **out_holder, vcluster_error **error)
{
    char text[HOLDER_SIZE + 1];

    int status = vcl_random_hex(text, HOLDER_SIZE, error);
    if (status < 0)
        return status;
    *out_holder = vcl_strdup(text);
    return *out_holder ? VCLUSTER_OK : vcl_no_memory(error);
}

/* Whether the stored Secret is the one that was sent. */
static bool is_as_sent(const cJSON *sent, const cJSON *stored)
{
    static const char *const fields[][3] = {
        { "data", "release" },
        { "metadata", "labels", "status" },
        { "metadata", "annotations", VCL_ANNOTATION_HOLDER },
        { "metadata", "annotations", VCL_ANNOTATION_EXPIRES },
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *const *f = fields[i];
        if (!vcl_streq(vcl_json_find_string(sent, f[0], f[1], f[2], NULL),
                       vcl_json_find_string(stored, f[0], f[1], f[2], NULL)))
            return false;
    }
    return true;
}

/* The answer to a write was lost: look what became of it. 1: *out_stored is what was sent; 0: it
 * was not carried out. */
static int look_after_loss(vcl_kube *kube,
                           vcl_call *call,
                           const vcl_record *record,
                           cJSON **out_stored,
                           vcluster_error **error)
{
    vcl_object_key key = key_of(record);
    VCL_AUTO_ERROR *why = NULL;
    cJSON *found = NULL;

    int status = vcl_kube_get(kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 0;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (!is_as_sent(record->secret, found)) {
        vcl_json_free_secret(found);
        return 0;
    }
    *out_stored = found;
    return 1;
}

/* Write the Secret: POST, or PUT of one that exists. Where the answer is lost it may have been
 * carried out, and sent again it would report a conflict with itself: so it is looked up first. */
static int write_surely(
    vcl_kube *kube, vcl_call *call, vcl_record *record, bool exists, vcluster_error **error)
{
    for (int tries = 0;; tries++) {
        VCL_AUTO_ERROR *why = NULL;
        cJSON *stored = NULL;

        int status =
            exists ? vcl_kube_replace(kube, call, record->secret, VCL_MANAGER_HELM, &stored, &why)
                   : vcl_kube_create(kube, call, record->secret, record->namespace_name,
                                     VCL_MANAGER_HELM, &stored, &why);
        bool unsure = status == VCLUSTER_E_UNAVAILABLE || status == VCLUSTER_E_PROTOCOL;
        if (unsure && tries < MAX_UNSURE && look_after_loss(kube, call, record, &stored, NULL) == 1)
            status = VCLUSTER_OK;
        if (status == VCLUSTER_OK) {
            record->renewed_ms = vcl_monotonic_ms();
            return adopt(record, stored, error);
        }
        if (!unsure || tries == MAX_UNSURE || !vcluster_error_retryable(why))
            return vcl_error_pass(error, &why, status);
        status = vcl_call_sleep(call, (int64_t)UNSURE_PAUSE_MS << tries, error);
        if (status < 0)
            return status;
    }
}

static int put(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    return write_surely(kube, call, record, true, error);
}

int vcl_record_create(vcl_kube *kube,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      cJSON *secret,
                      vcl_record **out_record,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_record) record = NULL;

    int status = make(name, namespace_name, secret, &record, error);
    if (status == 0)
        status = new_holder(&record->holder, error);
    if (status < 0)
        return status;
    if (!claim(record->secret, record->holder))
        return vcl_no_memory(error);

    status = write_surely(kube, call, record, false, error);
    if (status < 0)
        return status;
    *out_record = vcl_steal(&record);
    return VCLUSTER_OK;
}

static int read_whole(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    vcl_object_key key = key_of(record);
    cJSON *secret = NULL;

    int status = vcl_kube_get(kube, call, &key, &secret, error);
    return status < 0 ? status : adopt(record, secret, error);
}

/* Whether somebody else's claim still holds. */
static bool is_held(const vcl_record *record)
{
    int64_t until = 0;

    return vcl_record_is_pending(record) && annotation(record, VCL_ANNOTATION_HOLDER) &&
           vcl_parse_rfc3339(annotation(record, VCL_ANNOTATION_EXPIRES), &until) &&
           until > vcl_wall_seconds();
}

/* What was seen of a claim. One that nobody renews is dead after the time that it can last,
 * whatever it says: a clock that is far ahead elsewhere must not lock us out. */
typedef struct sighting {
    char *expires;
    int64_t since_ms;
} sighting;

static void sighting_done(sighting *seen)
{
    free(seen->expires);
}

/* Returns whether the claim has stood unchanged for longer than it can last; -1: no memory. */
static int is_stale(sighting *seen, const vcl_record *record)
{
    const char *expires = vcl_str(annotation(record, VCL_ANNOTATION_EXPIRES));
    int64_t now_ms = vcl_monotonic_ms();

    if (!vcl_streq(seen->expires, expires)) {
        seen->since_ms = now_ms;
        if (!vcl_str_replace(&seen->expires, expires))
            return -1;
    }
    return now_ms - seen->since_ms > LOCK_SECONDS * 1000;
}

static int pending_by_helm(const vcl_record *record, vcluster_error **error)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFLICT,
                          "release '%s' in namespace '%s' is recorded as '%s' by Helm: another "
                          "helm is at work, or was killed; if none is, ask for take_over",
                          record->name, record->namespace_name, record->status);
    vcl_error_set_reason(error, record->status);
    return status;
}

static int tell_waiting(vcl_record *record, vcl_call *call, vcluster_error **error)
{
    return vcl_call_report(call, error, VCLUSTER_STEP_LOCK, record->name,
                           "another operation is at work (%s); waiting for it", record->status);
}

/* A pause before the next look. That the deadline passes here means that the lock was not given. */
static int pause_before_look(vcl_record *record, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_call_sleep(call, LOOK_AGAIN_MS, &why);
    if (status == VCLUSTER_E_TIMEOUT)
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "another operation on '%s' was still at work when the deadline passed",
                        record->name);
    return vcl_error_pass(error, &why, status);
}

/* Wait until the claim of somebody else is gone or has expired. */
static int wait_free(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    __attribute__((cleanup(sighting_done))) sighting seen = { 0 };
    int status = VCLUSTER_OK;

    while (status == VCLUSTER_OK && is_held(record)) {
        bool first = !seen.expires;
        int stale = is_stale(&seen, record);

        if (stale < 0)
            return vcl_no_memory(error);
        if (stale)
            break;
        if (first)
            status = tell_waiting(record, call, error);
        if (status == VCLUSTER_OK)
            status = pause_before_look(record, call, error);
        if (status == VCLUSTER_OK)
            status = read_whole(kube, call, record, error);
    }
    return status;
}

int vcl_record_lock(vcl_kube *kube,
                    vcl_call *call,
                    vcl_record *record,
                    const char *status_wanted,
                    bool take_over,
                    vcluster_error **error)
{
    bool was_deployed = vcl_record_is_deployed(record);
    int status = VCLUSTER_OK;

    if (!record->holder)
        status = new_holder(&record->holder, error);
    for (;;) {
        if (status == 0)
            status = read_whole(kube, call, record, error);
        if (status == 0)
            status = wait_free(kube, call, record, error);
        if (status < 0)
            return status;
        if (!was_deployed && vcl_record_is_deployed(record) &&
            vcl_streq(status_wanted, "pending-install"))
            return 1;

        bool by_helm = vcl_record_is_pending(record) && !annotation(record, VCL_ANNOTATION_HOLDER);
        if (by_helm && !take_over)
            return pending_by_helm(record, error);

        status = vcl_release_set_status(record->secret, status_wanted, NULL, error);
        if (status < 0)
            return status;
        if (!claim(record->secret, record->holder))
            return vcl_no_memory(error);

        VCL_AUTO_ERROR *why = NULL;
        status = put(kube, call, record, &why);
        if (status != VCLUSTER_E_CONFLICT)
            return vcl_error_pass(error, &why, status);
        status = VCLUSTER_OK; /* somebody was faster: look again */
    }
}

int vcl_record_renew(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    if (vcl_monotonic_ms() - record->renewed_ms < RENEW_MS)
        return VCLUSTER_OK;
    if (!claim(record->secret, record->holder))
        return vcl_no_memory(error);

    int status = put(kube, call, record, error);
    if (status == VCLUSTER_E_CONFLICT || status == VCLUSTER_E_NOT_FOUND)
        return vcl_wrap(error, status,
                        "keep the lock on '%s', which another operation has taken over",
                        record->name);
    return status;
}

int vcl_record_replace(
    vcl_kube *kube, vcl_call *call, vcl_record *record, const cJSON *secret, vcluster_error **error)
{
    static const char *const parts[] = { "data", "type" };
    const char *status_label = vcl_json_find_string(secret, "metadata", "labels", "status", NULL);
    cJSON *labels = vcl_json_find(record->secret, "metadata", "labels", NULL);

    for (size_t i = 0; i < 2; i++) {
        cJSON *copy = vcl_json_copy(vcl_json_get(secret, parts[i]));
        if (!vcl_json_set(record->secret, parts[i], copy))
            return vcl_no_memory(error);
    }
    if (labels && !vcl_json_set_string(labels, "status", vcl_str(status_label)))
        return vcl_no_memory(error);
    if (!claim(record->secret, record->holder))
        return vcl_no_memory(error);
    return put(kube, call, record, error);
}

int vcl_record_finish(vcl_kube *kube,
                      vcl_call *call,
                      vcl_record *record,
                      const char *status_wanted,
                      const char *description,
                      vcluster_error **error)
{
    int status = vcl_release_set_status(record->secret, status_wanted, description, error);
    if (status < 0)
        return status;
    if (!claim(record->secret, NULL))
        return vcl_no_memory(error);
    return put(kube, call, record, error);
}

bool vcl_record_is_ours(const vcl_record *record)
{
    return record && record->ours;
}

int vcl_record_release(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    char now[VCL_RFC3339_SIZE];
    cJSON *annotations = vcl_json_find(record->secret, "metadata", "annotations", NULL);

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    if (!vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, now))
        return vcl_no_memory(error);
    return put(kube, call, record, error);
}

int vcl_record_delete(vcl_kube *kube,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;

    int status = list_records(kube, call, name, namespace_name, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        vcl_object_key key = { .api_version = "v1",
                               .kind = "Secret",
                               .namespace_name = namespace_name,
                               .name = vcl_json_find_string(item, "metadata", "name", NULL) };
        vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
        VCL_AUTO_ERROR *why = NULL;

        status = vcl_kube_delete(kube, call, &key, &options, &why);
        if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
            return vcl_error_pass(error, &why, status);
    }
    return VCLUSTER_OK;
}
