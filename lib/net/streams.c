/* SPDX-License-Identifier: Apache-2.0 */
/* Streams on a multi handle of their own; see streams.h. */
#include "net/streams.h"

#include <poll.h>

#include "base/clock.h"
#include "net/client.h"
#include "net/loop.h"

static void on_ready(vcl_watch_fd *watch, short revents, void *data)
{
    vcl_http *http = data;
    int mask =
        (revents & POLLIN ? CURL_CSELECT_IN : 0) | (revents & POLLOUT ? CURL_CSELECT_OUT : 0);
    int running;

    (void)curl_multi_socket_action(http->reactor.streams.multi, vcl_loop_fd(watch), mask, &running);
}

/* Interest of curl in a socket; known is what curl_multi_assign() has put there. */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
    vcl_http *http = data;
    vcl_streams *streams = &http->reactor.streams;
    short events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    vcl_watch_fd *watch = known;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        vcl_loop_remove_fd(watch);
        return 0;
    }
    if (watch) {
        vcl_loop_set_events(watch, events);
        return 0;
    }
    watch = vcl_loop_add_fd(http, fd, events, on_ready, http);
    if (!watch || curl_multi_assign(streams->multi, fd, watch) != CURLM_OK) {
        vcl_loop_remove_fd(watch);
        streams->broken = true;
        return -1; /* curl ends all of them */
    }
    return 0;
}

static int on_due(CURLM *multi, long after_ms, void *data)
{
    vcl_streams *streams = data;

    (void)multi;
    streams->due_ms = after_ms < 0 ? 0 : vcl_monotonic_ms() + after_ms;
    return 0;
}

static bool make(vcl_http *http)
{
    vcl_streams *streams = &http->reactor.streams;

    streams->multi = curl_multi_init();
    if (!streams->multi)
        return false;
    (void)curl_multi_setopt(streams->multi, CURLMOPT_SOCKETFUNCTION, on_interest);
    (void)curl_multi_setopt(streams->multi, CURLMOPT_SOCKETDATA, http);
    (void)curl_multi_setopt(streams->multi, CURLMOPT_TIMERFUNCTION, on_due);
    (void)curl_multi_setopt(streams->multi, CURLMOPT_TIMERDATA, streams);
    return true;
}

bool vcl_streams_add(vcl_http *http, CURL *easy)
{
    vcl_streams *streams = &http->reactor.streams;

    return (streams->multi || make(http)) &&
           curl_multi_add_handle(streams->multi, easy) == CURLM_OK;
}

void vcl_streams_remove(vcl_http *http, CURL *easy)
{
    (void)curl_multi_remove_handle(http->reactor.streams.multi, easy);
}

void vcl_streams_turn(vcl_streams *streams)
{
    int running;

    if (streams->broken) {
        streams->broken = false;
        (void)curl_multi_perform(streams->multi, &running);
    }
    if (streams->due_ms == 0 || streams->due_ms > vcl_monotonic_ms())
        return;
    streams->due_ms = 0;
    (void)curl_multi_socket_action(streams->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void vcl_streams_done(vcl_streams *streams)
{
    if (streams->multi)
        (void)curl_multi_cleanup(streams->multi);
    streams->multi = NULL;
}
