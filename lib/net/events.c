/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors and timers of the loop; see loop.h. For its driver only. A watch that is removed
 * while callbacks run is freed after the last of them, so that a callback may remove any watch.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/client.h"
#include "net/loop.h"
#include "net/reactor.h"

/* While requests share a connection curl 7.88 now and then forgets one of them until it is called
 * again (seen: 2 of 80 bursts of four requests on a loaded machine hung for ever): so it is called.
 */
enum { LONGEST_WAIT_MS = 60000, LONGEST_WAIT_WITH_REQUESTS_MS = 50, WAIT_AFTER_FAILURE_MS = 10 };

struct vcl_watch_fd {
    int fd;
    short events;
    bool removed;
    vcl_fd_fn fn;
    void *data;
    vcl_watch_fd *next;
};

struct vcl_timer {
    vcl_reactor *reactor;
    int64_t at_ms;
    unsigned long long number; /* order of making */
    void (*fn)(void *data);
    void *data;
    vcl_timer *next;
};

/* For one more watch, and the descriptor of whoever waits. */
bool vcl_reactor_reserve(vcl_reactor *reactor)
{
    if (reactor->watch_count + 1 < reactor->watch_capacity)
        return true;

    size_t capacity = reactor->watch_capacity ? reactor->watch_capacity * 2 : 16;
    struct curl_waitfd *fds = realloc(reactor->poll_fds, capacity * sizeof(*fds));
    if (!fds)
        return false;
    reactor->poll_fds = fds;

    vcl_watch_fd **polled = realloc(reactor->polled, capacity * sizeof(*polled));
    if (!polled)
        return false;
    reactor->polled = polled;
    reactor->watch_capacity = capacity;
    return true;
}

vcl_watch_fd *vcl_loop_add_fd(vcl_http *http, int fd, short events, vcl_fd_fn fn, void *data)
{
    vcl_reactor *reactor = &http->reactor;

    if (!vcl_reactor_reserve(reactor))
        return NULL;

    vcl_watch_fd *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;
    *watch = (vcl_watch_fd){ .fd = fd, .events = events, .fn = fn, .data = data };
    watch->next = reactor->watches;
    reactor->watches = watch;
    reactor->watch_count++;
    return watch;
}

int vcl_loop_fd(const vcl_watch_fd *watch)
{
    return watch->fd;
}

void vcl_loop_set_events(vcl_watch_fd *watch, short events)
{
    watch->events = events;
}

void vcl_loop_remove_fd(vcl_watch_fd *watch)
{
    if (watch)
        watch->removed = true;
}

static void sweep(vcl_reactor *reactor)
{
    for (vcl_watch_fd **slot = &reactor->watches; *slot;) {
        vcl_watch_fd *watch = *slot;

        if (!watch->removed) {
            slot = &watch->next;
            continue;
        }
        *slot = watch->next;
        reactor->watch_count--;
        free(watch);
    }
}

/* A watch without events is left out: its hang-up could not be told and would keep the loop busy.
 */
static unsigned prepare(vcl_reactor *reactor)
{
    unsigned count = 0;

    for (vcl_watch_fd *watch = reactor->watches; watch; watch = watch->next) {
        if (watch->removed || watch->events == 0)
            continue;
        short events = (short)((watch->events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                               (watch->events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
        reactor->polled[count] = watch;
        reactor->poll_fds[count++] = (struct curl_waitfd){ .fd = watch->fd, .events = events };
    }
    return count;
}

static void dispatch(vcl_reactor *reactor, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        vcl_watch_fd *watch = reactor->polled[i];
        short seen = reactor->poll_fds[i].revents;
        short revents = (short)((seen & CURL_WAIT_POLLIN ? POLLIN : 0) |
                                (seen & CURL_WAIT_POLLOUT ? POLLOUT : 0));

        revents = (short)(revents & watch->events);
        if (revents && !watch->removed)
            watch->fn(watch, revents, watch->data);
    }
}

static int wait_ms(const vcl_reactor *reactor, int64_t limit_ms)
{
    int64_t longest = reactor->requests > 0 ? LONGEST_WAIT_WITH_REQUESTS_MS : LONGEST_WAIT_MS;
    int64_t due_ms = reactor->timers ? reactor->timers->at_ms : INT64_MAX;
    const vcl_streams *streams = &reactor->streams;

    if (longest > limit_ms)
        longest = limit_ms;
    if (streams->due_ms && streams->due_ms < due_ms)
        due_ms = streams->due_ms;
    if (streams->broken)
        return 0;
    if (due_ms == INT64_MAX)
        return (int)longest;

    int64_t left = due_ms - vcl_monotonic_ms();
    if (left < 0)
        return 0;
    return (int)(left > longest ? longest : left);
}

void vcl_reactor_wait(vcl_reactor *reactor, int fd, int64_t limit_ms)
{
    sweep(reactor);

    unsigned count = prepare(reactor);
    unsigned all = count;
    if (fd >= 0)
        reactor->poll_fds[all++] = (struct curl_waitfd){ .fd = fd, .events = CURL_WAIT_POLLIN };
    CURLMcode result =
        curl_multi_poll(reactor->multi, reactor->poll_fds, all, wait_ms(reactor, limit_ms), NULL);
    if (result != CURLM_OK) { /* short of memory: do not spin */
        (void)poll(NULL, 0, WAIT_AFTER_FAILURE_MS);
        return;
    }
    dispatch(reactor, count);
}

vcl_timer *vcl_loop_add_timer(vcl_http *http, int64_t at_ms, void (*fn)(void *data), void *data)
{
    vcl_reactor *reactor = &http->reactor;
    vcl_timer *timer = calloc(1, sizeof(*timer));
    vcl_timer **slot = &reactor->timers;

    if (!timer)
        return NULL;
    *timer = (vcl_timer){
        .reactor = reactor, .at_ms = at_ms, .number = reactor->timer_count++, .fn = fn, .data = data
    };
    while (*slot && (*slot)->at_ms <= at_ms)
        slot = &(*slot)->next;
    timer->next = *slot;
    *slot = timer;
    return timer;
}

void vcl_loop_remove_timer(vcl_timer *timer)
{
    if (!timer || timer == timer->reactor->firing) /* the loop frees that one itself */
        return;

    vcl_timer **slot = &timer->reactor->timers;
    while (*slot && *slot != timer)
        slot = &(*slot)->next;
    if (*slot)
        *slot = timer->next;
    free(timer);
}

void vcl_reactor_fire_timers(vcl_reactor *reactor)
{
    int64_t now_ms = vcl_monotonic_ms();
    unsigned long long end = reactor->timer_count;

    /* One that was made by a callback meanwhile waits for the next turn. */
    while (reactor->timers && reactor->timers->at_ms <= now_ms && reactor->timers->number < end) {
        vcl_timer *timer = reactor->timers;

        reactor->timers = timer->next;
        reactor->firing = timer;
        timer->fn(timer->data);
        reactor->firing = NULL;
        free(timer);
    }
}

bool vcl_reactor_has_events(vcl_reactor *reactor)
{
    sweep(reactor);
    return reactor->watches || reactor->timers;
}

void vcl_reactor_drop_events(vcl_reactor *reactor)
{
    for (vcl_watch_fd *watch = reactor->watches; watch; watch = watch->next)
        watch->removed = true;
    sweep(reactor);
    while (reactor->timers)
        vcl_loop_remove_timer(reactor->timers);
    free(reactor->poll_fds);
    free(reactor->polled);
}
