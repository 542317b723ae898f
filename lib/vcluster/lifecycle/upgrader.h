/* SPDX-License-Identifier: Apache-2.0 */
/* What an upgrade of a virtual cluster and the plan of one have in common: what is there, and what
 * the next revision is to be. */
#ifndef VCL_VCLUSTER_LIFECYCLE_UPGRADER_H
#define VCL_VCLUSTER_LIFECYCLE_UPGRADER_H

#include "release/history.h"
#include "release/operation.h"
#include "vcluster/lifecycle/plan.h"
#include "vcluster/lifecycle/upgrade.h"

typedef struct upgrader {
    const vcl_upgrade_request *request;
    vcl_ensure_request wish; /* as given, but for the chart that is kept */
    vcl_history history;
    const cJSON *base; /* the revision to start from; borrowed from the history */
    cJSON *current;    /* its release */
    vcl_plan plan;     /* chart and values of the next one */
    cJSON *labels;
    cJSON *annotations;
    char *host_version;
    bool chart_asked;
    bool moved; /* another operation has made a newer revision meanwhile */
} upgrader;

void vcl_upgrader_begin(upgrader *self, const vcl_upgrade_request *request);
void vcl_upgrader_done(upgrader *self);

/* Read the revision to start from. */
int vcl_upgrader_read(upgrader *self, vcl_call *call, vcluster_error **error);

/* What the next revision consists of. 1: it is what is there already. */
int vcl_upgrader_decide(upgrader *self, vcl_call *call, vcluster_error **error);

/* Whether these values may follow on those: PRECONDITION with all findings. */
int vcl_upgrader_check(upgrader *self, vcluster_error **error);

/* What is decided, as a request to the release. Borrows from self. */
void vcl_upgrader_release(const upgrader *self, vcl_release_request *out_request);

/* "" where it is not known. Borrowed. */
const char *vcl_upgrader_running_version(const upgrader *self);

#endif
