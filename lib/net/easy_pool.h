/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles of requests that have ended, kept for those that follow: what they have in common, which
 * is most, is set once. Safe to use from many threads. Private to lib/net.
 */
#ifndef VCL_NET_EASY_POOL_H
#define VCL_NET_EASY_POOL_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>

/* As many as are under way at once as a rule; each takes some 10 KB. */
enum { VCL_EASY_POOL_SIZE = 8 };

typedef struct vcl_easy_pool {
    pthread_mutex_t lock;
    CURL *idle[VCL_EASY_POOL_SIZE];
    size_t count;
} vcl_easy_pool;

bool vcl_easy_pool_init(vcl_easy_pool *pool);
void vcl_easy_pool_done(vcl_easy_pool *pool);

/* NULL: there is none. */
CURL *vcl_easy_pool_take(vcl_easy_pool *pool);
/* Takes the handle in any case. Nothing may run on it, and all that it points to may go. */
void vcl_easy_pool_give(vcl_easy_pool *pool, CURL *easy);

#endif
