/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault campaign: threads that create, apply, delete, list, watch and tunnel through a proxy
 * that breaks requests at random, and a clean connection beside it that says what is true.
 */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "chaos_proxy.h"
#include "kube/api.h"

enum {
    CAMPAIGN_CLIENTS = 8,
    CAMPAIGN_TIMEOUT_MS = 2000, /* deadline of every call through the proxy */
    CAMPAIGN_GRACE_MS = 100
};

typedef enum campaign_verb {
    VERB_CREATE,
    VERB_GENERATE,
    VERB_APPLY,
    VERB_DELETE,
    VERB_LIST,
    VERB_TUNNEL,
    VERB_COUNT
} campaign_verb;

extern const char *const campaign_verb_names[VERB_COUNT];

typedef struct campaign {
    chaos_proxy *proxy;
    vcl_kube *clean;
    vcl_kube *kubes[CAMPAIGN_CLIENTS];
    int io_threads[CAMPAIGN_CLIENTS]; /* their kernel ids; 0: not known */
    char namespace_name[64];
    int port; /* of the tunnel to a web server; 0: none */
    atomic_bool ending;
    atomic_int defects;

    pthread_mutex_t lock; /* of all below */
    int64_t done[VERB_COUNT];
    int64_t failed[VERB_COUNT];
    int64_t late; /* calls that ended more than the grace behind their deadline */
    int64_t longest_late_ms;
    int64_t longest_unexplained_ms; /* of it no thread waited for a processor */
    int64_t statuses[32];           /* by -status */
} campaign;

/* What is wrong, printed at once. */
void campaign_defect(campaign *all, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A call through the proxy that begins, and how long its thread and its client's I/O thread have
 * waited for a processor until then. */
typedef struct campaign_start {
    int client;
    int64_t at_ms;
    int64_t starved_ms;
} campaign_start;

campaign_start campaign_begin(const campaign *all, int client);
/* Book its end. */
void campaign_book(campaign *all, campaign_verb verb, int status, const campaign_start *start);
/* Find the kernel's ids of the clients' I/O threads: each is started here. */
void campaign_find_threads(campaign *all);
/* A call with the deadline of the campaign. */
vcl_call campaign_call(int64_t timeout_ms);

typedef struct campaign_worker {
    campaign *all;
    int number;
    unsigned seed;
    pthread_t thread;
} campaign_worker;

/* Threads: verbs one after the other until the campaign ends; a watch and what it tells. */
void *campaign_work(void *data);
void *campaign_watch(void *data);

#endif
