/* SPDX-License-Identifier: Apache-2.0 */
/* The lock on a release record: waiting for it, taking it, taking it over; see record.h. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"
#include "chart/release.h"
#include "release/record_private.h"

enum { LOOK_AGAIN_MS = 500 };

bool vcl_record_is_claimed(const cJSON *secret)
{
    const cJSON *annotations = vcl_json_find(secret, "metadata", "annotations", NULL);
    int64_t until = 0;

    return vcl_json_find_string(annotations, VCL_ANNOTATION_HOLDER, NULL) &&
           vcl_parse_rfc3339(vcl_json_find_string(annotations, VCL_ANNOTATION_EXPIRES, NULL),
                             &until) &&
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
    const char *expires = vcl_str(vcl_record_annotation(record, VCL_ANNOTATION_EXPIRES));
    int64_t now_ms = vcl_monotonic_ms();

    if (!vcl_streq(seen->expires, expires)) {
        seen->since_ms = now_ms;
        if (!vcl_str_replace(&seen->expires, expires))
            return -1;
    }
    return now_ms - seen->since_ms > VCL_LOCK_SECONDS * 1000;
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

int vcl_record_refuse_helm(const vcl_record *record, bool take_over, vcluster_error **error)
{
    bool by_helm =
        vcl_record_is_pending(record) && !vcl_record_annotation(record, VCL_ANNOTATION_HOLDER);

    return by_helm && !take_over ? pending_by_helm(record, error) : VCLUSTER_OK;
}

int vcl_record_refuse_pending(const vcl_record *record, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_CONFLICT,
                    "another operation is at work on it or was killed (its release has the status "
                    "'%s'): let that complete first",
                    record->status);
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

    while (status == VCLUSTER_OK && vcl_record_is_claimed(record->secret)) {
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
            status = vcl_record_read(kube, call, record, error);
    }
    return status;
}

int vcl_record_wait(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_record_read(kube, call, record, &why);
    if (status == 0)
        status = wait_free(kube, call, record, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 1;
    return vcl_error_pass(error, &why, status);
}

/* What a lock is wanted for. */
typedef struct claim_request {
    const char *status;
    bool take_over;    /* also from Helm */
    bool only_pending; /* only to go on with what is pending */
    bool at_rest;      /* only what is not, and its status stays */
    const char *from;  /* only what has this status, or the wanted one already; NULL: any */
} claim_request;

/* Whether a record that was waited for needs no more work: of an install, when it was completed;
 * of something that is only taken over, when nothing is pending any more. */
static bool is_settled(const vcl_record *record, const claim_request *wanted, bool was_deployed)
{
    if (wanted->only_pending)
        return !vcl_record_is_pending(record);
    return !was_deployed && vcl_record_is_deployed(record) &&
           vcl_streq(wanted->status, "pending-install");
}

/* What the record says while we hold it. */
static int prepare(vcl_record *record, const claim_request *wanted, vcluster_error **error)
{
    if (wanted->at_rest && vcl_record_is_pending(record))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "an operation on '%s' was cut short (%s): complete it first, by the same "
                        "call as then",
                        record->name, record->status);
    if (wanted->at_rest)
        return VCLUSTER_OK;
    if (wanted->from && !vcl_streq(record->status, wanted->from) &&
        !vcl_streq(record->status, wanted->status))
        return vcl_record_refuse_pending(record, error);
    int status = vcl_record_refuse_helm(record, wanted->take_over, error);
    return status < 0
               ? status
               : vcl_release_set_status(record->secret, vcl_str(wanted->status), NULL, error);
}

static int lock(vcl_kube *kube,
                vcl_call *call,
                vcl_record *record,
                const claim_request *wanted,
                vcluster_error **error)
{
    bool was_deployed = vcl_record_is_deployed(record);
    int status = VCLUSTER_OK;

    if (!record->holder)
        status = vcl_record_new_holder(&record->holder, error);
    for (;;) {
        if (status == 0)
            status = vcl_record_read(kube, call, record, error);
        if (status == 0)
            status = wait_free(kube, call, record, error);
        if (status < 0)
            return status;
        if (is_settled(record, wanted, was_deployed))
            return 1;
        if (record->mark && !vcl_record_annotation(record, record->mark))
            return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "the release '%s' is another one by now",
                            record->name);

        status = prepare(record, wanted, error);
        if (status < 0)
            return status;
        if (!vcl_record_claim(record->secret, record->holder))
            return vcl_no_memory(error);

        VCL_AUTO_ERROR *why = NULL;
        status = vcl_record_put(kube, call, record, &why);
        if (status != VCLUSTER_E_CONFLICT)
            return vcl_error_pass(error, &why, status);
        status = VCLUSTER_OK; /* somebody was faster: look again */
    }
}

int vcl_record_lock(vcl_kube *kube,
                    vcl_call *call,
                    vcl_record *record,
                    const char *status_wanted,
                    bool take_over,
                    vcluster_error **error)
{
    claim_request wanted = { .status = status_wanted, .take_over = take_over };

    return lock(kube, call, record, &wanted, error);
}

int vcl_record_lock_from(vcl_kube *kube,
                         vcl_call *call,
                         vcl_record *record,
                         const char *from,
                         const char *status_wanted,
                         vcluster_error **error)
{
    claim_request wanted = { .status = status_wanted, .from = from };

    return lock(kube, call, record, &wanted, error);
}

int vcl_record_take_over(vcl_kube *kube,
                         vcl_call *call,
                         vcl_record *record,
                         const char *status_wanted,
                         bool take_over,
                         vcluster_error **error)
{
    claim_request wanted = { .status = status_wanted,
                             .take_over = take_over,
                             .only_pending = true };
    VCL_AUTO_ERROR *why = NULL;

    int status = lock(kube, call, record, &wanted, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 1;
    return vcl_error_pass(error, &why, status);
}

int vcl_record_hold(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    claim_request wanted = { .at_rest = true };
    VCL_AUTO_ERROR *why = NULL;

    int status = lock(kube, call, record, &wanted, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 1;
    return vcl_error_pass(error, &why, status);
}

int vcl_record_let_go(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    return vcl_record_claim(record->secret, NULL) ? vcl_record_put(kube, call, record, error)
                                                  : vcl_no_memory(error);
}
