/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the loop (net/loop.h is what others see of it): the queue of jobs that other
 * threads hand over, who drives, and what is waited for. One thread at a time drives: it owns the
 * multi handle and all that is marked so below. That is a calling thread where nothing but its own
 * request is under way (lead.c), which spares two changes of threads for each request, and the I/O
 * thread for all else. Private to lib/net.
 */
#ifndef VCL_NET_REACTOR_H
#define VCL_NET_REACTOR_H

#include <curl/curl.h>
#include <pthread.h>

#include "net/loop.h"
#include "net/sockets.h"
#include "net/streams.h"

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
    bool resumes;          /* it may resume a TLS session, see vcl_easy_try_again() */
    unsigned long refusal; /* why OpenSSL does not take our certificate, in its numbers; or 0 */
} vcl_easy_user;

typedef struct vcl_reactor {
    pthread_mutex_t lock; /* guards what comes next, and the shared part of every transfer */
    pthread_cond_t job_done;
    pthread_cond_t left; /* nobody drives, and there is something to do */
    bool started;        /* the thread */
    bool ending;
    pthread_t thread;
    bool driven;
    pthread_t driver;
    bool unfinished; /* what the last driver has left: the thread goes on with it */
    bool woken;      /* the driver will look for jobs before it waits */
    vcl_job *first_job;
    vcl_job *last_job;

    CURLM *multi; /* of all but streams; made before anybody drives; others may only wake it up */

    /* The driver only. */
    unsigned transfers;    /* under way */
    unsigned requests;     /* ordinary ones of them: they share HTTP/2 connections */
    int64_t unanswered_ms; /* since when something of them is awaited and nothing has come; 0 */
    vcl_sockets sockets;
    vcl_streams streams;
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

/* Begin to drive, on a calling thread. false: others do, or the thread has to. */
bool vcl_reactor_take(vcl_http *http);
/* Driving, once: jobs, sockets that are ready, timers that are due. Never waits. */
void vcl_reactor_turn(vcl_http *http);
/* Leave what is not finished to the thread. Where it cannot be started, this one still drives. */
int vcl_reactor_leave(vcl_http *http, vcluster_error **error);

/* events.c, of the driver: wait for descriptors, timers and curl, at most limit_ms, then call back.
 * fd ends it, too; -1: none. */
void vcl_reactor_wait(vcl_reactor *reactor, int fd, int64_t limit_ms);
void vcl_reactor_fire_timers(vcl_reactor *reactor);
/* Room for what is waited for: waiting itself never needs memory. */
bool vcl_reactor_reserve(vcl_reactor *reactor);
/* Whether a descriptor or a timer is left. */
bool vcl_reactor_has_events(vcl_reactor *reactor);
void vcl_reactor_drop_events(vcl_reactor *reactor);

#endif
