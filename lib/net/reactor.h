/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the I/O thread (net/loop.h is what others see of it): the queue of jobs that other
 * threads hand over, and what the thread waits for. Private to lib/net.
 */
#ifndef VCL_NET_REACTOR_H
#define VCL_NET_REACTOR_H

#include <curl/curl.h>
#include <pthread.h>

#include "net/loop.h"
#include "net/sockets.h"

/* Work for the loop's thread. Its memory belongs to whoever posted it and must live until fn has
 * begun; the loop does not touch it afterwards unless it is waited for. */
typedef struct vcl_job {
    void (*fn)(vcl_http *http, void *data);
    void *data;
    struct vcl_job *next;
    bool waited;
    bool done;
} vcl_job;

/* What CURLOPT_PRIVATE of every easy handle on the loop points to. */
typedef struct vcl_easy_user {
    void (*finished)(struct vcl_easy_user *user, CURLcode result);
} vcl_easy_user;

typedef struct vcl_reactor {
    pthread_mutex_t lock; /* guards what comes next, and the shared part of every transfer */
    pthread_cond_t job_done;
    bool started;
    bool ending;
    pthread_t thread;
    vcl_job *first_job;
    vcl_job *last_job;

    CURLM *multi; /* made before the thread; others may only wake it up */

    /* Loop thread only. */
    unsigned requests;     /* ordinary ones under way: they share HTTP/2 connections */
    int64_t unanswered_ms; /* since when something of them is awaited and nothing has come; 0 */
    vcl_sockets sockets;
    vcl_watch_fd *watches;
    size_t watch_count;
    struct curl_waitfd *poll_fds; /* room for watch_capacity entries, as has polled */
    vcl_watch_fd **polled;
    size_t watch_capacity;
    vcl_timer *timers; /* the earliest first */
    vcl_timer *firing;
    unsigned long long timer_count;
} vcl_reactor;

bool vcl_reactor_init(vcl_reactor *reactor);
/* End the thread if there is one, and free everything. */
void vcl_reactor_done(vcl_reactor *reactor);

/* Hand a job over without waiting for it. Starts the thread. */
int vcl_reactor_post(vcl_http *http, vcl_job *job, vcluster_error **error);

/* events.c, on the loop's thread: wait for descriptors, timers and curl, then call back. */
void vcl_reactor_wait(vcl_reactor *reactor);
void vcl_reactor_fire_timers(vcl_reactor *reactor);
void vcl_reactor_drop_events(vcl_reactor *reactor);

#endif
