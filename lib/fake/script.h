/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault script: a list of rules, in JSON or YAML. Each counts the requests that it fits, and
 * acts on the one numbered `at` and those behind it, `times` in all.
 *
 *   - method: PATCH              any, when it is not said
 *     path: "/apis/apps/?*"      without the query; * and ? as in a shell, * also over '/'
 *     cluster: team-a/dev        the API server of a virtual cluster; the host's when not said
 *     at: 2                      1 when it is not said
 *     times: 3                   1 when it is not said; 0: from then on always
 *     status: 503                answered instead of what was asked for
 *     reason: ServiceUnavailable and its text, in the Status that is the body; when not said: as an
 *                                API server calls that status
 *     message: try again
 *     retryAfter: 1              seconds, as a header
 *     delayMs: 500               before anything else
 *     cut: before                end the connection: before it is done, after it, or in the middle
 *                                of the answer (before, after, answer)
 */
#ifndef VCL_FAKE_SCRIPT_H
#define VCL_FAKE_SCRIPT_H

#include "data/json.h"

typedef enum vcl_fake_cut {
    VCL_FAKE_CUT_NONE,
    VCL_FAKE_CUT_BEFORE,
    VCL_FAKE_CUT_AFTER,
    VCL_FAKE_CUT_ANSWER
} vcl_fake_cut;

typedef struct vcl_fake_rule {
    char *method, *path, *cluster, *reason, *message;
    int64_t at, times, status, retry_after, delay_ms;
    vcl_fake_cut cut;
    int64_t seen;
} vcl_fake_rule;

typedef struct vcl_fake_script {
    vcl_fake_rule *rules;
    size_t count;
} vcl_fake_script;

/* CONFIG with a finding for each thing that is wrong in it. NULL: no rules. */
int vcl_fake_script_read(const char *text, vcl_fake_script *out, vcluster_error **error);
void vcl_fake_script_done(vcl_fake_script *script);

/* Count a request; the first rule that acts on it, or NULL. */
const vcl_fake_rule *vcl_fake_script_next(vcl_fake_script *script,
                                          const char *cluster,
                                          const char *method,
                                          const char *path);

#endif
