/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the pod of a forward. Lists block, and the I/O thread may not: a thread of the forward's
 * own asks the server and makes a descriptor readable when the answer is there. Not for other
 * layers.
 */
#ifndef VCL_KUBE_FORWARD_RESOLVER_H
#define VCL_KUBE_FORWARD_RESOLVER_H

#include "kube/api.h"

typedef struct vcl_resolver vcl_resolver;

typedef struct vcl_resolver_answer {
    char *pod; /* NULL: none was found */
    bool ready;
    vcluster_error *error; /* why not; may be NULL */
} vcl_resolver_answer;

/* query says which pods; its strings are borrowed and must outlive the resolver. Starts the thread.
 */
int vcl_resolver_new(vcl_kube *kube,
                     const vcl_list_query *query,
                     vcl_resolver **out_resolver,
                     vcluster_error **error);
/* Ends the thread, not on the loop's. Nothing may wait on the descriptor any more. */
void vcl_resolver_free(vcl_resolver *resolver);

/* Readable when there is an answer. */
int vcl_resolver_fd(const vcl_resolver *resolver);
/* Ask, at the earliest pause_ms after the last time. A question that is open stays one. */
void vcl_resolver_ask(vcl_resolver *resolver, int64_t pause_ms);
/* Take the answer and make the descriptor quiet; false when there is none. */
bool vcl_resolver_take(vcl_resolver *resolver, vcl_resolver_answer *out_answer);
void vcl_resolver_answer_done(vcl_resolver_answer *answer);

/* The pod to use out of a list: ready before only running, then the newest; never one that is
 * being deleted. NULL when there is none. Borrowed from the list. */
const char *vcl_resolver_pick(const cJSON *pods, bool *out_ready);

#endif
