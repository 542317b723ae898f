/* SPDX-License-Identifier: Apache-2.0 */
/* Deadline, cancel token and progress of one blocking call; see call.h. */
#include "base/call.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#ifdef __linux__
#include <sys/eventfd.h>
#else
#include <fcntl.h>
#endif

#include "base/clock.h"
#include "base/str.h"

enum {
    TICK_MS = 200,
    LONGEST_PAUSE_MS = 60000,
    MAX_OPTIONS_SIZE = 4096,
    AFTERMATH_MS = 5000,
    MOMENT_MS = 60
};

struct vcluster_progress {
    int step;
    const char *object;
    const char *message;
    int64_t elapsed_ms;
};

struct vcluster_cancel {
    atomic_bool triggered;
    int read_fd;
    int write_fd;
};

int vcluster_cancel_new(vcluster_cancel **out_cancel, vcluster_error **error)
{
    if (!out_cancel)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "out_cancel is NULL");

    vcluster_cancel *cancel = calloc(1, sizeof(*cancel));
    if (!cancel)
        return vcl_no_memory(error);
#ifdef __linux__
    cancel->read_fd = cancel->write_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool made = cancel->read_fd >= 0;
#else
    int fds[2] = { -1, -1 };
    bool made = pipe(fds) == 0;
    cancel->read_fd = fds[0];
    cancel->write_fd = fds[1];
    for (int i = 0; made && i < 2; i++) {
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
#endif
    if (!made) {
        free(cancel);
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor for a cancel token: %s",
                        strerror(errno));
    }
    *out_cancel = cancel;
    return VCLUSTER_OK;
}

void vcluster_cancel_trigger(vcluster_cancel *cancel)
{
    uint64_t one = 1;
    int saved_errno = errno; /* this may run in a signal handler */

    if (!cancel)
        return;
    atomic_store(&cancel->triggered, true);
    /* A full counter or pipe is readable already, which is all that is wanted. */
    ssize_t written = write(cancel->write_fd, &one, sizeof(one));
    (void)written;
    errno = saved_errno;
}

bool vcluster_cancel_triggered(const vcluster_cancel *cancel)
{
    return cancel && atomic_load(&cancel->triggered);
}

void vcluster_cancel_free(vcluster_cancel *cancel)
{
    if (!cancel)
        return;
    (void)close(cancel->read_fd);
    if (cancel->write_fd != cancel->read_fd)
        (void)close(cancel->write_fd);
    free(cancel);
}

int vcl_cancel_fd(const vcluster_cancel *cancel)
{
    return cancel ? cancel->read_fd : -1;
}

int vcluster_progress_step(const vcluster_progress *progress)
{
    return progress ? progress->step : VCLUSTER_STEP_TICK;
}

const char *vcluster_progress_object(const vcluster_progress *progress)
{
    return progress ? progress->object : "";
}

const char *vcluster_progress_message(const vcluster_progress *progress)
{
    return progress ? progress->message : "";
}

int64_t vcluster_progress_elapsed_ms(const vcluster_progress *progress)
{
    return progress ? progress->elapsed_ms : 0;
}

const char *vcluster_step_name(int step)
{
    static const char *const names[] = { "tick",   "namespace", "release", "object",     "pod",
                                         "image",  "container", "api",     "kubeconfig", "ready",
                                         "delete", "lock",      "plan",    "scale" };

    if (step < 0 || (size_t)step >= sizeof(names) / sizeof(names[0]))
        return "unknown";
    return names[step];
}

void vcl_call_init(vcl_call *call,
                   int64_t timeout_ms,
                   int64_t default_timeout_ms,
                   vcluster_cancel *cancel,
                   vcluster_progress_fn progress,
                   void *user_data)
{
    int64_t now_ms = vcl_monotonic_ms();

    if (timeout_ms == 0)
        timeout_ms = default_timeout_ms;
    bool endless = timeout_ms < 0 || timeout_ms > INT64_MAX - now_ms;
    *call = (vcl_call){ .started_ms = now_ms,
                        .deadline_ms = endless ? INT64_MAX : now_ms + timeout_ms,
                        .cancel = cancel,
                        .progress = progress,
                        .user_data = user_data,
                        .ticked_ms = now_ms };
}

void vcl_call_init_part(vcl_call *part, const vcl_call *whole, int64_t timeout_ms)
{
    vcl_call_init(part, timeout_ms, timeout_ms, whole->cancel, whole->progress, whole->user_data);
    part->started_ms = whole->started_ms;
    part->ticked_ms = whole->ticked_ms;
    part->stopped = whole->stopped;
    if (part->deadline_ms > whole->deadline_ms)
        part->deadline_ms = whole->deadline_ms;
}

int64_t vcl_call_left_ms(const vcl_call *call)
{
    if (call->deadline_ms == INT64_MAX)
        return INT64_MAX;

    int64_t left = call->deadline_ms - vcl_monotonic_ms();
    return left > 0 ? left : 0;
}

void vcl_call_init_aftermath(vcl_call *call, const vcl_call *whole)
{
    int64_t left_ms =
        whole->stopped || vcluster_cancel_triggered(whole->cancel) ? 0 : vcl_call_left_ms(whole);
    int64_t timeout_ms = left_ms < AFTERMATH_MS ? left_ms + MOMENT_MS : AFTERMATH_MS;

    vcl_call_init(call, timeout_ms, timeout_ms, NULL, NULL, NULL);
}

int vcl_call_check(vcl_call *call, vcluster_error **error)
{
    if (call->stopped || vcluster_cancel_triggered(call->cancel))
        return vcl_fail(error, VCLUSTER_E_CANCELLED, "cancelled by the caller");
    if (vcl_call_left_ms(call) == 0)
        return vcl_fail(error, VCLUSTER_E_TIMEOUT, "the deadline of %lld ms passed",
                        (long long)(call->deadline_ms - call->started_ms));
    return VCLUSTER_OK;
}

static int
deliver(vcl_call *call, vcluster_error **error, int step, const char *object, const char *message)
{
    call->ticked_ms = vcl_monotonic_ms();
    if (!call->progress)
        return VCLUSTER_OK;

    vcluster_progress progress = { .step = step,
                                   .object = vcl_str(object),
                                   .message = message,
                                   .elapsed_ms = call->ticked_ms - call->started_ms };
    if (call->progress(&progress, call->user_data) != 0)
        call->stopped = true;
    return call->stopped ? vcl_call_check(call, error) : VCLUSTER_OK;
}

int vcl_call_report(
    vcl_call *call, vcluster_error **error, int step, const char *object, const char *format, ...)
{
    va_list arguments;

    if (!call->progress)
        return VCLUSTER_OK;
    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!message)
        return vcl_no_memory(error);
    vcl_sanitize(message);
    return deliver(call, error, step, object, message);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t vcl_call_pause_ms(const vcl_call *call)
{
    int64_t left_ms = smaller(vcl_call_left_ms(call), LONGEST_PAUSE_MS);

    if (call->progress)
        left_ms = smaller(left_ms, call->ticked_ms + TICK_MS - vcl_monotonic_ms());
    return left_ms > 0 ? left_ms : 0;
}

/* One poll: 1 when a descriptor is readable, 0 when not, or an error. */
static int
wait_once(const vcl_call *call, const int *fds, size_t count, int pause_ms, vcluster_error **error)
{
    struct pollfd polled[VCL_CALL_MAX_FDS + 1];

    for (size_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
    polled[count] = (struct pollfd){ .fd = vcl_cancel_fd(call->cancel), .events = POLLIN };
    if (poll(polled, (nfds_t)count + 1, pause_ms) < 0)
        return errno == EINTR ? 0
                              : vcl_fail(error, VCLUSTER_E_INTERNAL, "poll: %s", strerror(errno));
    for (size_t i = 0; i < count; i++) {
        if (polled[i].revents)
            return 1;
    }
    return 0;
}

int vcl_call_poll_any(
    vcl_call *call, const int *fds, size_t count, int64_t wait_ms, vcluster_error **error)
{
    int64_t end_ms = wait_ms < 0 ? INT64_MAX : vcl_monotonic_ms() + wait_ms;

    for (;;) {
        int status = vcl_call_check(call, error);
        if (status < 0)
            return status;

        int64_t now_ms = vcl_monotonic_ms();
        int64_t pause = smaller(vcl_call_pause_ms(call), end_ms - now_ms);
        if (pause < 0)
            pause = 0;

        int ready = wait_once(call, fds, count, (int)pause, error);
        if (ready != 0)
            return ready;

        now_ms = vcl_monotonic_ms();
        if (now_ms - call->ticked_ms >= TICK_MS) {
            status = deliver(call, error, VCLUSTER_STEP_TICK, "", "");
            if (status < 0)
                return status;
        }
        if (now_ms >= end_ms)
            return vcl_call_check(call, error);
    }
}

int vcl_call_poll(vcl_call *call, int fd, int64_t wait_ms, vcluster_error **error)
{
    return vcl_call_poll_any(call, &fd, 1, wait_ms, error);
}

int vcl_call_sleep(vcl_call *call, int64_t wait_ms, vcluster_error **error)
{
    return vcl_call_poll(call, -1, wait_ms, error);
}

int vcl_options_copy(
    void *destination, size_t known, const void *options, const char *type, vcluster_error **error)
{
    size_t given;

    if (!options)
        return VCLUSTER_OK;
    memcpy(&given, options, sizeof(given));
    /* A size that no header ever had is a struct that nobody initialised: its tail is not read. */
    if (given < sizeof(given) || given > MAX_OPTIONS_SIZE)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "struct_size of %s is not set: initialise it with its _INIT macro", type);

    const unsigned char *bytes = options;
    for (size_t i = known; i < given; i++) {
        if (bytes[i] != 0)
            return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                            "%s has a member that this version of the library does not know", type);
    }
    memcpy(destination, options, given < known ? given : known);
    memcpy(destination, &known, sizeof(known));
    return VCLUSTER_OK;
}
