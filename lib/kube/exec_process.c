/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program for its output; see exec_process.h. */
#include "kube/exec_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/spawn.h"
#include "base/str.h"

enum {
    MAX_ERRORS = 16 << 10, /* kept of stderr while it runs: the last half of it at least */
    LOOK_MS = 50           /* between looks at what has no descriptor of its own to wait on */
};

/* One output of the program. */
typedef struct stream {
    int read_fd;
    int write_fd;
    bool open; /* the program, or one it has begun, may still write */
} stream;

typedef struct execution {
    const vcl_exec_process *process;
    pid_t pid;
    stream out;
    stream errors;
    vcl_buf *text;
    vcl_exec_result *result;
    bool too_much;
} execution;

/* ---- Pipes ---- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void stream_done(stream *pipe)
{
    close_fd(&pipe->read_fd);
    close_fd(&pipe->write_fd);
}

static bool stream_init(stream *pipe)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return false;
    pipe->read_fd = vcl_fd_move_up(fds[0]);
    pipe->write_fd = vcl_fd_move_up(fds[1]);
    pipe->open = true;
    return pipe->read_fd >= 0 && pipe->write_fd >= 0 &&
           fcntl(pipe->read_fd, F_SETFL, O_NONBLOCK) == 0;
}

/* ---- Beginning ---- */

/* Returns an errno. */
static int begin(execution *run)
{
    const vcl_spawn_files files = { -1, run->out.write_fd, run->errors.write_fd };
    const vcl_spawn spawn = { .path = run->process->path,
                              .arguments = run->process->arguments,
                              .environment = run->process->environment,
                              .group = VCL_SPAWN_OWN_GROUP,
                              .files = &files };

    return vcl_spawn_begin(&spawn, &run->pid);
}

/* ---- Until its end ---- */

/* stdout is kept from its beginning, stderr to its end: there programs say why. */
static void keep(execution *run, const stream *from, const char *bytes, size_t size)
{
    vcl_buf *errors = &run->result->errors;

    if (from == &run->out) {
        run->too_much = run->too_much || !vcl_buf_append(run->text, bytes, size);
        return;
    }
    if (errors->size + size > errors->max)
        vcl_buf_consume(errors, errors->size / 2);
    (void)vcl_buf_append(errors, bytes, size);
}

/* Take what is there without waiting. */
static void drain(execution *run, stream *from)
{
    char bytes[4096];

    while (from->open && !run->too_much) {
        ssize_t got = read(from->read_fd, bytes, sizeof(bytes));

        if (got > 0)
            keep(run, from, bytes, (size_t)got);
        else if (got == 0)
            from->open = false;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            break;
        else if (errno != EINTR)
            from->open = false;
    }
    vcl_wipe(bytes, sizeof(bytes));
}

/* Whether it has ended. A host program that ignores SIGCHLD, or reaps children that are not its
 * own, leaves nothing to know: then what it has written has to do. */
static bool has_ended(execution *run)
{
    int how = 0;
    pid_t pid = waitpid(run->pid, &how, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR))
        return false;
    run->result->end = pid > 0 && WIFSIGNALED(how) ? VCL_EXEC_KILLED : VCL_EXEC_EXITED;
    if (pid > 0)
        run->result->code = WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how);
    run->pid = -1;
    return true;
}

/* A program that has ended may have left others behind that hold the pipes: they are not waited
 * for. */
static int follow(execution *run, vcl_call *part, vcluster_error **error)
{
    int64_t pause_ms = 1;

    for (;;) {
        bool ended = has_ended(run); /* first: then all that it wrote is in the pipes */
        drain(run, &run->errors);
        drain(run, &run->out);
        if (ended || run->too_much)
            return VCLUSTER_OK;

        int fd = run->out.open ? run->out.read_fd : run->errors.open ? run->errors.read_fd : -1;
        int status = vcl_call_poll(part, fd, fd < 0 ? pause_ms : LOOK_MS, error);
        if (status < 0)
            return status;
        if (fd < 0 && pause_ms < LOOK_MS)
            pause_ms *= 2;
    }
}

/* It and what it has begun. SIGKILL leaves it no choice, so that the wait is a short one. */
static void end(execution *run)
{
    pid_t got;

    if (run->pid <= 0)
        return;
    (void)kill(-run->pid, SIGKILL);
    do {
        got = waitpid(run->pid, NULL, 0);
    } while (got < 0 && errno == EINTR);
    run->pid = -1;
}

static int carry_out(execution *run, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    vcl_call part;

    if (!stream_init(&run->out) || !stream_init(&run->errors))
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptors for a program: %s",
                        strerror(errno));
    int number = begin(run);
    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number) {
        run->result->end = VCL_EXEC_NOT_BEGUN;
        run->result->code = number;
        return VCLUSTER_OK;
    }
    close_fd(&run->out.write_fd);
    close_fd(&run->errors.write_fd);

    vcl_call_init_part(&part, call, run->process->timeout_ms);
    int status = follow(run, &part, &why);
    call->stopped = part.stopped;
    call->ticked_ms = part.ticked_ms;
    end(run);
    if (status == VCLUSTER_E_TIMEOUT && vcl_call_left_ms(call) > 0) {
        run->result->end = VCL_EXEC_TOO_LONG;
        return VCLUSTER_OK;
    }
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (run->too_much && run->text->state == VCL_BUF_NO_MEMORY)
        return vcl_no_memory(error);
    if (run->too_much)
        run->result->end = VCL_EXEC_TOO_MUCH;
    return VCLUSTER_OK;
}

int vcl_exec_process_run(const vcl_exec_process *process,
                         vcl_call *call,
                         vcl_buf *out,
                         vcl_exec_result *result,
                         vcluster_error **error)
{
    execution run = { .process = process,
                      .pid = -1,
                      .out = { .read_fd = -1, .write_fd = -1 },
                      .errors = { .read_fd = -1, .write_fd = -1 },
                      .text = out,
                      .result = result };

    *result = (vcl_exec_result){ 0 };
    vcl_buf_init(&result->errors, MAX_ERRORS);
    int status = vcl_call_check(call, error);
    if (status == VCLUSTER_OK)
        status = carry_out(&run, call, error);
    stream_done(&run.out);
    stream_done(&run.errors);
    if (status < 0)
        vcl_buf_done(&result->errors);
    return status;
}
