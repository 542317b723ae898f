/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces: what on a host carries the marks of a virtual cluster, living or not. Found by metadata
 * alone, with one list for each kind and mark. Whose they are is told by owners.h.
 */
#ifndef VCL_VCLUSTER_UPKEEP_TRACES_H
#define VCL_VCLUSTER_UPKEEP_TRACES_H

#include "kube/api.h"
#include "sync/translate.h"

/* By which mark an object was found. */
typedef enum vcl_trace_mark {
    VCL_TRACE_RELEASE,    /* the chart's labels */
    VCL_TRACE_KUBECONFIG, /* Secrets with the label vcluster-name */
    VCL_TRACE_SYNCED,     /* a syncer's */
    VCL_TRACE_RECORD,     /* a Helm release's, of any chart */
    VCL_TRACE_NAMESPACE   /* every namespace, marked or not */
} vcl_trace_mark;

typedef struct vcl_trace_kind {
    const char *api_version;
    const char *kind;
    vcl_trace_mark mark;
    bool cluster_scoped;
} vcl_trace_kind;

typedef struct vcl_trace {
    const vcl_trace_kind *kind; /* a constant */
    cJSON *object;              /* its metadata */
} vcl_trace;

typedef struct vcl_traces {
    vcl_trace *items; /* by kind; namespaces last */
    size_t count;
    bool hidden; /* of one owner: what lies outside of its namespace may not be listed */
} vcl_traces;

/* What to look for. */
typedef struct vcl_trace_query {
    const char *namespace_name;  /* NULL: all, and what is cluster-scoped */
    const vcl_sync_owner *owner; /* only what is marked as this one's, wherever it is; NULL: all */
} vcl_trace_query;

void vcl_traces_done(vcl_traces *traces);

/* Any list that fails is an error, but for what `hidden` tells. */
int vcl_traces_find(vcl_kube *kube,
                    vcl_call *call,
                    const vcl_trace_query *query,
                    vcl_traces *out_traces,
                    vcluster_error **error);

const char *vcl_trace_name(const vcl_trace *trace);
const char *vcl_trace_namespace(const vcl_trace *trace); /* NULL: cluster-scoped */
const char *vcl_trace_label(const vcl_trace *trace, const char *key);
const char *vcl_trace_annotation(const vcl_trace *trace, const char *key);
bool vcl_trace_is(const vcl_trace *trace, const char *kind);
/* Whether it holds data. */
bool vcl_trace_is_volume(const vcl_trace *trace);
/* Name of the virtual cluster that it tells; NULL: none, or only a marker. */
const char *vcl_trace_instance(const vcl_trace *trace);
vcl_object_key vcl_trace_key(const vcl_trace *trace);

#endif
