/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Install and upgrade: what there is, what there shall be, and the way from one to the other. The
 * first step is also that of a diff.
 */
#ifndef VCL_RELEASE_DEPLOY_H
#define VCL_RELEASE_DEPLOY_H

#include "release/prepare.h"
#include "release/rollout.h"
#include "release/space.h"

typedef struct vcl_deploy {
    const vcl_release_request *request;
    bool may_install;
    bool may_upgrade;
    vcl_history history;
    vcl_space space;     /* looked at when may_install */
    vcl_record *resumed; /* a pending revision whose holder is dead; NULL: a new one is made */
    const cJSON *base;   /* the revision that an upgrade starts from, NULL for an install; borrowed
                            from the history */
    cJSON *current;      /* its release */
    int64_t revision;
    bool waited; /* for an operation at work on a record at rest, which is dead if it still is */
    vcl_prepared prepared;
    vcl_rollout rollout;
} vcl_deploy;

void vcl_deploy_done(vcl_deploy *self);

/* Look, decide, render, check: everything that can be refused is refused, nothing is written.
 * 1: what was waited for has changed everything; look again. */
int vcl_deploy_plan(vcl_deploy *self, vcl_call *call, vcluster_error **error);

/* What the server says the planned deploy would change: the array of vcluster_release_diff(). With
 * refused, objects that the server refuses become entries with the change "refused" and a "reason";
 * else they fail. */
int vcl_deploy_compare(const vcl_deploy *self,
                       vcl_call *call,
                       bool refused,
                       cJSON **out_changes,
                       vcluster_error **error);

#endif
