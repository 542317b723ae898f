/* SPDX-License-Identifier: Apache-2.0 */
/* Writing release records, so that a lost answer is no lost write; see record.h. */
#include "base/clock.h"
#include "base/str.h"
#include "chart/release.h"
#include "data/encoding.h"
#include "release/record_private.h"

enum { RENEW_MS = 5000, HOLDER_SIZE = 16 };
/* Writes whose fate is not known, until that is given up. */
enum { MAX_UNSURE = 3, UNSURE_PAUSE_MS = 250 };

/* Annotate a Secret with our claim, or remove it for holder == NULL. */
bool vcl_record_claim(cJSON *secret, const char *holder)
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
    vcl_rfc3339(vcl_wall_seconds() + VCL_LOCK_SECONDS, -1, until);
    return vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, holder) &&
           vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until);
}

int vcl_record_new_holder(char **out_holder, vcluster_error **error)
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
                           const cJSON *sent,
                           cJSON **out_stored,
                           vcluster_error **error)
{
    vcl_object_key key = vcl_record_key(record);
    VCL_AUTO_ERROR *why = NULL;
    cJSON *found = NULL;

    int status = vcl_kube_get(kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 0;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (!is_as_sent(sent, found)) {
        vcl_json_free_secret(found);
        return 0;
    }
    *out_stored = found;
    return 1;
}

static void remember_unsure(vcl_record *record)
{
    vcl_json_free_secret(record->unsure);
    record->unsure = vcl_json_copy(record->secret);
}

bool vcl_record_was_written(vcl_kube *kube, vcl_call *call, const vcl_record *record)
{
    cJSON *stored = NULL;
    bool written =
        record->unsure && look_after_loss(kube, call, record, record->unsure, &stored, NULL) == 1;

    vcl_json_free_secret(stored);
    return written;
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
        if (unsure && tries < MAX_UNSURE &&
            look_after_loss(kube, call, record, record->secret, &stored, NULL) == 1)
            status = VCLUSTER_OK;
        if (status == VCLUSTER_OK) {
            record->renewed_ms = vcl_monotonic_ms();
            return vcl_record_adopt(record, stored, error);
        }
        if (status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED)
            remember_unsure(record);
        if (!unsure || tries == MAX_UNSURE || !vcluster_error_retryable(why))
            return vcl_error_pass(error, &why, status);
        status = vcl_call_sleep(call, (int64_t)UNSURE_PAUSE_MS << tries, error);
        if (status < 0)
            return status;
    }
}

int vcl_record_put(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
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

    int status = vcl_record_make(name, namespace_name, secret, &record, error);
    if (status == 0)
        status = vcl_record_new_holder(&record->holder, error);
    if (status < 0)
        return status;
    if (!vcl_record_claim(record->secret, record->holder))
        return vcl_no_memory(error);

    status = write_surely(kube, call, record, false, error);
    if (status < 0)
        return status;
    *out_record = vcl_steal(&record);
    return VCLUSTER_OK;
}

int vcl_record_renew(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    if (vcl_monotonic_ms() - record->renewed_ms < RENEW_MS)
        return VCLUSTER_OK;
    if (!vcl_record_claim(record->secret, record->holder))
        return vcl_no_memory(error);

    int status = vcl_record_put(kube, call, record, error);
    if (status == VCLUSTER_E_CONFLICT || status == VCLUSTER_E_NOT_FOUND)
        return vcl_wrap(error, status,
                        "keep the lock on '%s', which another operation has taken over",
                        record->name);
    return status;
}

/* Our labels and annotations of the new content, but for the lock. */
static bool copy_own_marks(cJSON *stored, const cJSON *secret)
{
    static const char *const names[] = { "labels", "annotations" };
    const cJSON *item;

    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (item, vcl_json_find(secret, "metadata", names[i], NULL)) {
            cJSON *map = vcl_json_object(vcl_json_object(stored, "metadata"), names[i]);
            if (vcl_starts_with(item->string, "libvcluster.dev/") &&
                (!map || !vcl_json_set(map, item->string, vcl_json_copy(item))))
                return false;
        }
    }
    return true;
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
    if (!copy_own_marks(record->secret, secret))
        return vcl_no_memory(error);
    if (!vcl_record_claim(record->secret, record->holder))
        return vcl_no_memory(error);
    return vcl_record_put(kube, call, record, error);
}

int vcl_record_complete(vcl_kube *kube,
                        vcl_call *call,
                        vcl_record *record,
                        const cJSON *release,
                        vcluster_error **error)
{
    int status = vcl_release_update(record->secret, release, error);
    if (status < 0)
        return status;
    if (!vcl_record_claim(record->secret, NULL))
        return vcl_no_memory(error);
    return vcl_record_put(kube, call, record, error);
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
    if (!vcl_record_claim(record->secret, NULL))
        return vcl_no_memory(error);
    return vcl_record_put(kube, call, record, error);
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
    return vcl_record_put(kube, call, record, error);
}
