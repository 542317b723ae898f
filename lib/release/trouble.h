/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a workload does not come up, for those who wait for it: reads what classify.h needs (events,
 * the log of a container that crashes), and ends the wait by what that finds.
 */
#ifndef VCL_RELEASE_TROUBLE_H
#define VCL_RELEASE_TROUBLE_H

#include "base/call.h"
#include "kube/api.h"

/* What a wait remembers between looks; all 0 at first. */
typedef struct vcl_trouble_memory {
    int64_t since_ms;  /* 0: there was no trouble */
    int64_t looked_at; /* restarts, and 1, of which the logs gave no reason to end the wait yet */
    int64_t until_ms;  /* nor will they before then */
} vcl_trouble_memory;

/* What a wait sees of a workload's pods. */
typedef struct vcl_trouble_query {
    vcl_kube *kube;
    const cJSON *pods;   /* array */
    const cJSON *events; /* array; may be NULL */
    bool of_job;         /* what a Job does about containers that end is its own affair */
    vcl_trouble_memory *memory;
} vcl_trouble_query;

/* Fail when the pods are in a trouble that is certain and has lasted longer than may be borne; 0
 * otherwise. */
int vcl_trouble_check(const vcl_trouble_query *query, vcl_call *call, vcluster_error **error);

/* Events that were there before, those that were told, and those that count. */
typedef struct vcl_events {
    vcl_kube *kube;
    const char *const *names; /* of the workloads; ends with NULL */
    const char *namespace_name;
    cJSON *seen;   /* an object with a key for each state of an event; the caller makes it */
    cJSON *recent; /* array of those that are about the workloads and came since the beginning */
} vcl_events;

void vcl_events_done(vcl_events *events);

/* Remember the events that are there now: they belong to an earlier attempt. */
int vcl_events_begin(vcl_events *events, vcl_call *call, vcluster_error **error);

/* Read them again into `recent`. What new ones tell (images being pulled) is reported as progress,
 * once. */
int vcl_events_read(vcl_events *events, vcl_call *call, vcluster_error **error);

/* The same, and fail when they alone say that waiting is in vain: a pod that is refused. */
int vcl_events_look(vcl_events *events, vcl_call *call, vcluster_error **error);

/* The end of the log of each container that crashes, or also of each that is not ready, as
 * vcl_scene has them. */
int vcl_trouble_logs(vcl_kube *kube,
                     vcl_call *call,
                     const cJSON *pods,
                     bool of_unready,
                     cJSON **out_logs,
                     vcluster_error **error);

/* The last line of a container's log, of the run before if there was one; NULL without one: an
 * explanation must not fail for lack of a log. The caller frees it. */
char *vcl_trouble_log_line(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container);

#endif
