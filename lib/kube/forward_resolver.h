/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the pods of forwards. Lists block, and the I/O thread may not: one thread of the client,
 * started with the first forward, lists for whichever forward asks, one after the other, and hands
 * each answer to the loop. Not for other layers.
 */
#ifndef VCL_KUBE_FORWARD_RESOLVER_H
#define VCL_KUBE_FORWARD_RESOLVER_H

#include <pthread.h>
#include <sys/types.h>

#include "kube/api.h"

/* What a forward asks with. */
typedef struct vcl_resolver vcl_resolver;

/* The thread of a client, and who uses it. */
typedef struct vcl_resolvers {
    pthread_mutex_t mutex; /* guards everything here, and what is asked */
    pthread_cond_t changed;
    pid_t pid; /* of the process that the thread runs in; 0: not started */
    pthread_t thread;
    bool stopping;
    vcl_resolver *first;
    vcl_resolver *busy;      /* whom the thread works for now */
    vcluster_cancel *cancel; /* ends its list; may be NULL */
} vcl_resolvers;

bool vcl_resolvers_init(vcl_resolvers *all);
/* Ends the thread; every resolver was freed before. */
void vcl_resolvers_done(vcl_resolvers *all);

typedef struct vcl_resolver_answer {
    char *pod; /* NULL: none was found */
    bool ready;
    vcluster_error *error; /* why not; may be NULL */
} vcl_resolver_answer;

/* On the loop's thread. What the answer holds is freed afterwards, unless it was taken out. */
typedef void (*vcl_resolver_fn)(vcl_resolver_answer *answer, void *data);

/* query says which pods; its strings are borrowed and must outlive the resolver. */
int vcl_resolver_new(vcl_kube *kube,
                     const vcl_list_query *query,
                     vcl_resolver_fn fn,
                     void *data,
                     vcl_resolver **out_resolver,
                     vcluster_error **error);
/* Ends a list on its way; after it fn is not called any more. Not on the loop's thread. */
void vcl_resolver_free(vcl_resolver *resolver);
/* Ask, at the earliest pause_ms after the last time. A question that is open stays one. */
void vcl_resolver_ask(vcl_resolver *resolver, int64_t pause_ms);

/* The pod to use out of a list: ready before only running, then the newest; never one that is
 * being deleted. NULL when there is none. Borrowed from the list. */
const char *vcl_resolver_pick(const cJSON *pods, bool *out_ready);

#endif
