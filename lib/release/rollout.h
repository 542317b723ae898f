/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One new revision on its way to the cluster: what install, upgrade and rollback have in common
 * once it is known what the revision consists of.
 */
#ifndef VCL_RELEASE_ROLLOUT_H
#define VCL_RELEASE_ROLLOUT_H

#include "chart/hook.h"
#include "release/apply.h"
#include "release/history.h"
#include "release/operation.h"

typedef struct vcl_rollout {
    const vcl_release_request *request;
    const vcl_history *history;
    const char *verb;     /* "install", for messages */
    const char *pending;  /* "pending-install" */
    const char *complete; /* description of the revision in the end; NULL: as it is */
    vcl_hook_event before;
    vcl_hook_event after;

    cJSON *release;     /* JSON of the new revision */
    cJSON *objects;     /* its objects */
    cJSON *definitions; /* CRDs that go before them, or NULL */
    cJSON *previous;    /* objects of the revisions before it that may be there, or NULL */
    vcl_hooks hooks;
    const cJSON *annotations; /* of the record, or NULL; borrowed */
    bool fresh;               /* the namespace is not there yet, or was made by this call */

    cJSON *live; /* metadata of what is there of the objects */
    vcl_record *record;
} vcl_rollout;

void vcl_rollout_done(vcl_rollout *self);

/* The objects as they are applied; borrowed from the rollout. */
vcl_apply_set vcl_rollout_set(const vcl_rollout *self);

/* Look at what is there, and refuse what is foreign. Nothing is written. */
int vcl_rollout_check(vcl_rollout *self, vcl_call *call, vcluster_error **error);

/* Send the objects as a dry run, so that the server has its say. */
int vcl_rollout_try(vcl_rollout *self, vcl_call *call, vcluster_error **error);

/* Record the revision as pending, with our lock: as a new Secret, or in the place of resumed (which
 * is taken over and belongs to the rollout from now on). 1: somebody else was faster. */
int vcl_rollout_record(vcl_rollout *self,
                       vcl_call *call,
                       vcl_record **resumed,
                       vcluster_error **error);

/* Hooks, objects, what has left the chart, waiting, hooks; then the record says "deployed", or
 * "failed". With an error of the lock being lost nothing more is written. */
int vcl_rollout_run(vcl_rollout *self, vcl_call *call, vcluster_error **error);

/* The release as it is recorded now, for the caller. */
int vcl_rollout_result(vcl_rollout *self, vcluster_release **out_release, vcluster_error **error);

/* Add the objects of a recorded release to what may be there. */
int vcl_rollout_add_previous(vcl_rollout *self, const cJSON *release, vcluster_error **error);

#endif
