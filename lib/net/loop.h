/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O thread of a vcl_http, for what runs on it between calls: sockets of local listeners and
 * of WebSockets. All functions but vcl_loop_run() may be called on the loop's thread only.
 */
#ifndef VCL_NET_LOOP_H
#define VCL_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "net/http.h"

/* Run fn(data) on the loop's thread, once, and wait until it returned. Starts the thread. Fails
 * with UNSUPPORTED in the child of a fork. */
int vcl_loop_run(vcl_http *http,
                 void (*fn)(vcl_http *http, void *data),
                 void *data,
                 vcluster_error **error);

/* Interest in a descriptor. events are POLLIN and/or POLLOUT; may be changed from the callback. */
typedef struct vcl_watch_fd vcl_watch_fd;
typedef void (*vcl_fd_fn)(vcl_watch_fd *watch, short revents, void *data);
vcl_watch_fd *vcl_loop_add_fd(vcl_http *http, int fd, short events, vcl_fd_fn fn, void *data);
int vcl_loop_fd(const vcl_watch_fd *watch);
void vcl_loop_set_events(vcl_watch_fd *watch, short events);
void vcl_loop_remove_fd(vcl_watch_fd *watch); /* safe inside callbacks */

/* Call fn(data) once at a monotonic time; NULL-safe removal; safe inside callbacks. */
typedef struct vcl_timer vcl_timer;
vcl_timer *vcl_loop_add_timer(vcl_http *http, int64_t at_ms, void (*fn)(void *data), void *data);
void vcl_loop_remove_timer(vcl_timer *timer);

#endif
