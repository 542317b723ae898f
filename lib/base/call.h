/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One blocking call on its way down the layers: deadline, cancel token, progress. Whoever waits
 * does so with vcl_call_poll(), which knows all three.
 */
#ifndef VCL_BASE_CALL_H
#define VCL_BASE_CALL_H

#include <libvcluster/call.h>

#include "base/error.h"

typedef struct vcl_call {
    int64_t started_ms;  /* monotonic */
    int64_t deadline_ms; /* monotonic; INT64_MAX for none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    int64_t ticked_ms;
    bool stopped; /* a callback asked to stop */
} vcl_call;

/* Start the clock of a call. timeout_ms as in the options: 0 takes default_timeout_ms. */
void vcl_call_init(vcl_call *call,
                   int64_t timeout_ms,
                   int64_t default_timeout_ms,
                   vcluster_cancel *cancel,
                   vcluster_progress_fn progress,
                   void *user_data);

/* A call inside a call, for a part that may take at most timeout_ms: same cancel token and
 * progress, the earlier of the two deadlines. */
void vcl_call_init_part(vcl_call *part, const vcl_call *whole, int64_t timeout_ms);

/* A call for tidying up after one that failed: without its token and progress. Where the whole one
 * is over, by deadline or cancellation, only a moment is left for it: its caller waits. */
void vcl_call_init_aftermath(vcl_call *call, const vcl_call *whole);

/* 0, or TIMEOUT or CANCELLED. */
int vcl_call_check(vcl_call *call, vcluster_error **error);

/* Milliseconds until the deadline: 0 when it passed, INT64_MAX for none. */
int64_t vcl_call_left_ms(const vcl_call *call);

/* Milliseconds until the caller is to hear of progress, or the deadline passes: how long to wait at
 * most. 0: now. */
int64_t vcl_call_pause_ms(const vcl_call *call);

/* Report progress; 0, or CANCELLED when the callback asks to stop. */
int vcl_call_report(
    vcl_call *call, vcluster_error **error, int step, const char *object, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Wait until fd is readable (fd < 0: for nothing), at most wait_ms (< 0: until the deadline).
 * Ticks progress meanwhile. Returns 1 when readable, 0 when wait_ms passed, or an error. */
int vcl_call_poll(vcl_call *call, int fd, int64_t wait_ms, vcluster_error **error);
/* The same for one of several descriptors; negative ones are passed over. */
enum { VCL_CALL_MAX_FDS = 8 };
int vcl_call_poll_any(
    vcl_call *call, const int *fds, size_t count, int64_t wait_ms, vcluster_error **error);

/* Sleep in a way that deadline and cancel token can end. */
int vcl_call_sleep(vcl_call *call, int64_t wait_ms, vcluster_error **error);

/* Descriptor that is readable once the token is triggered; -1 for NULL. */
int vcl_cancel_fd(const vcluster_cancel *cancel);

/* Copy an options struct of the caller over the library's defaults. `known` is sizeof() here; the
 * caller's struct_size may be smaller (an older header) or larger (a newer one, whose extra bytes
 * must be zero, else UNSUPPORTED). */
int vcl_options_copy(
    void *destination, size_t known, const void *options, const char *type, vcluster_error **error);

#endif
