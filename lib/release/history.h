/* SPDX-License-Identifier: Apache-2.0 */
/* All recorded revisions of one release. */
#ifndef VCL_RELEASE_HISTORY_H
#define VCL_RELEASE_HISTORY_H

#include "release/record.h"

typedef struct vcl_history {
    vcl_kube *kube;
    const char *name;
    const char *namespace_name;
    cJSON *items; /* metadata of the Secrets, oldest first; NULL: not read yet */
} vcl_history;

void vcl_history_done(vcl_history *history);
/* Read what is recorded (anew). */
int vcl_history_read(vcl_history *history, vcl_call *call, vcluster_error **error);

/* The newest revision, that with a number, the newest below a number, the newest that is deployed;
 * borrowed, NULL when there is none. */
const cJSON *vcl_history_newest(const vcl_history *history);
const cJSON *vcl_history_at(const vcl_history *history, int64_t revision);
const cJSON *vcl_history_below(const vcl_history *history, int64_t revision);
const cJSON *vcl_history_deployed(const vcl_history *history);
/* Status of a revision as its label says. */
const char *vcl_history_status(const cJSON *item);

/* Read a revision: the JSON of its release, and its Secret (may be NULL). */
int vcl_history_load(const vcl_history *history,
                     vcl_call *call,
                     const cJSON *item,
                     cJSON **out_secret,
                     cJSON **out_release,
                     vcluster_error **error);

/* Record all deployed revisions but one as superseded. */
int vcl_history_supersede(const vcl_history *history,
                          vcl_call *call,
                          int64_t but_revision,
                          vcluster_error **error);
/* Delete the oldest revisions until at most max are left, with the one just made; never one that is
 * deployed. max as in the options: 0 means 10, -1 all. */
int vcl_history_prune(const vcl_history *history,
                      vcl_call *call,
                      int64_t newest_revision,
                      int64_t max,
                      vcluster_error **error);

#endif
