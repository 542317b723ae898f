/* SPDX-License-Identifier: Apache-2.0 */
/* Causes: what a classification finds, best first. */
#ifndef VCL_RELEASE_CAUSE_H
#define VCL_RELEASE_CAUSE_H

#include "base/error.h"
#include "release/reason.h"

struct vcluster_cause {
    const vcl_reason *reason;
    int certainty; /* ::vcluster_certainty */
    char *object;  /* "Pod/dev-0" */
    char *container;
    char *reported; /* Kubernetes' word for it: "ImagePullBackOff"; may be NULL */
    char *message;
    char *event;
    char *evidence;
    int64_t grace_ms;  /* a wait bears it so long; VCL_GRACE_EVER */
    int64_t lasted_ms; /* so long it is known to last already */
    bool crashed;      /* the container ran and ended: its log may tell more */
};

typedef struct vcl_causes {
    vcluster_cause *items;
    size_t count;
    bool failed; /* memory was short */
} vcl_causes;

void vcl_causes_done(vcl_causes *causes);
#define VCL_AUTO_CAUSES __attribute__((cleanup(vcl_causes_done))) vcl_causes

/* What points to a cause. Texts are borrowed; those that are not known are NULL. */
typedef struct vcl_clue {
    int reason;
    int certainty; /* 0: certain */
    const char *kind;
    const char *name;
    const char *container;
    const char *reported;
    const char *detail;   /* the message that Kubernetes has for it */
    const char *log;      /* the line of the log that tells it */
    const char *sentence; /* the whole message, where the usual form does not fit */
    const char *event;    /* "REASON: MESSAGE" */
    int64_t grace_ms;     /* at least so long, if the reason's own grace is shorter */
    int64_t lasted_ms;
    bool crashed;
} vcl_clue;

/* Add what a clue points to; a second clue to the same reason and object only completes the first.
 * Failures are remembered. */
void vcl_causes_add(vcl_causes *causes, const vcl_clue *clue);

/* Put the best first: the surest, and of equally sure ones those that were added first. */
void vcl_causes_rank(vcl_causes *causes);

/* Fail with a cause: its status, message and remedy, and a finding whose rule is the code. */
int vcl_cause_fail(const vcluster_cause *cause, vcluster_error **error);

#endif
