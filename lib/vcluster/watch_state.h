/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch of virtual clusters knows: the newest form of each object, and what the caller was
 * told last of each virtual cluster. The difference of the two is what is to be told next. No I/O.
 */
#ifndef VCL_VCLUSTER_WATCH_STATE_H
#define VCL_VCLUSTER_WATCH_STATE_H

#include "kube/cache.h"
#include "vcluster/compose.h"

typedef enum vcl_watch_kind {
    VCL_WATCH_STATEFUL_SETS,
    VCL_WATCH_DEPLOYMENTS,
    VCL_WATCH_PODS,
    VCL_WATCH_SECRETS,
    VCL_WATCH_KINDS
} vcl_watch_kind;

/* One workload, which stands for a virtual cluster. */
typedef struct vcl_watched {
    char *uid;                 /* of current */
    vcluster_instance current; /* as the workload alone tells it; name is NULL: gone */
    char *told_uid;
    vcluster_instance *told; /* NULL: nothing was told */
    bool dirty;              /* told may be out of date */
} vcl_watched;

/* What an object adds, by the object's name. */
typedef struct vcl_watched_part {
    char *object;
    vcl_watch_kind kind;
    vcl_instance_part part;
} vcl_watched_part;

typedef struct vcl_watch_state {
    vcl_watched *items; /* by namespace, name, kind of workload */
    size_t count;
    vcl_watched_part *parts; /* by namespace, name, Secrets first, name of the object */
    size_t part_count;
    size_t dirty_count;
    bool known[VCL_WATCH_KINDS]; /* false: the user may not read them */
} vcl_watch_state;

void vcl_watch_state_init(vcl_watch_state *state);
void vcl_watch_state_done(vcl_watch_state *state);

/* Take a change in. */
int vcl_watch_state_note(vcl_watch_state *state,
                         vcl_watch_kind kind,
                         vcl_event_type type,
                         const cJSON *object,
                         vcluster_error **error);
/* Objects of a kind cannot be read: go on without. */
void vcl_watch_state_hide(vcl_watch_state *state, vcl_watch_kind kind);

/* The next difference, in the order of namespaces and names: 1, 0 when there is none, or an error.
 * *out_instance is the caller's. */
int vcl_watch_state_tell(vcl_watch_state *state,
                         int *out_event,
                         vcluster_instance **out_instance,
                         vcluster_error **error);

#endif
