/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a program inside a virtual cluster; see run.h. The process is watched by a descriptor of
 * its own where the kernel has them, and looked at some times a second elsewhere.
 */
#include "vcluster/connect/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/spawn.h"
#include "base/str.h"

enum {
    LOOK_MS = 20, /* between looks at a program that has no descriptor */
    KILL_AFTER_MS = 10000,
    EXIT_NOT_RUNNABLE = 126,
    EXIT_NOT_THERE = 127,
    EXIT_SIGNAL = 128
};

extern char **environ;

char **vcl_run_environment(const char *const *given, char *kubeconfig)
{
    const char *const *from = given ? given : (const char *const *)environ;
    size_t count = 0;
    size_t kept = 0;

    while (from && from[count])
        count++;
    char **copy = calloc(count + 2, sizeof(*copy));
    for (size_t i = 0; copy && i < count; i++) {
        if (!vcl_starts_with(from[i], "KUBECONFIG="))
            copy[kept++] = (char *)(uintptr_t)from[i];
    }
    if (copy)
        copy[kept] = kubeconfig;
    return copy;
}

static int open_process(pid_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
#else
    (void)pid;
    return -1;
#endif
}

/* Whether it has ended; code is -1 when this process does not learn how. */
static bool has_ended(pid_t pid, int *out_code)
{
    int state = 0;
    pid_t ended = waitpid(pid, &state, WNOHANG);

    if (ended == 0 || (ended < 0 && errno == EINTR))
        return false;
    if (ended < 0)
        *out_code = -1;
    else
        *out_code = WIFSIGNALED(state) ? EXIT_SIGNAL + WTERMSIG(state) : WEXITSTATUS(state);
    return true;
}

/* After a cancellation: ask it to end, insist, and wait until it is gone. */
static void end(pid_t pid, int fd, int64_t kill_after_ms)
{
    int64_t wait_ms = kill_after_ms == 0 ? KILL_AFTER_MS : kill_after_ms;
    int64_t kill_at_ms = wait_ms < 0 ? INT64_MAX : vcl_monotonic_ms() + wait_ms;
    bool killed = false;
    vcl_call call;
    int code;

    (void)kill(pid, SIGTERM);
    vcl_call_init(&call, -1, -1, NULL, NULL, NULL);
    while (!has_ended(pid, &code)) {
        int64_t left_ms = kill_at_ms - vcl_monotonic_ms();

        if (left_ms <= 0 && !killed) {
            (void)kill(pid, SIGKILL);
            killed = true;
        }
        int64_t longest_ms = fd >= 0 && left_ms > 0 ? left_ms : LOOK_MS;
        (void)vcl_call_poll(&call, fd, longest_ms, NULL);
    }
}

static int wait_for(pid_t pid,
                    const vcluster_run_options *options,
                    vcl_call *call,
                    int *out_exit_code,
                    vcluster_error **error)
{
    vcl_auto_close int fd = open_process(pid);
    int code = 0;

    while (!has_ended(pid, &code)) {
        int status = vcl_call_poll(call, fd, fd >= 0 ? -1 : LOOK_MS, error);
        if (status < 0) {
            end(pid, fd, options->kill_after_ms);
            return status;
        }
    }
    if (code < 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the program has ended, but not how is known: this process ignores SIGCHLD "
                        "or waits for all of its children");
    *out_exit_code = code;
    return VCLUSTER_OK;
}

int vcl_run_program(const char *const *command,
                    const char *kubeconfig_path,
                    const vcluster_run_options *options,
                    vcl_call *call,
                    int *out_exit_code,
                    vcluster_error **error)
{
    vcl_auto_free char *kubeconfig = vcl_format("KUBECONFIG=%s", kubeconfig_path);
    char **environment = kubeconfig ? vcl_run_environment(options->environment, kubeconfig) : NULL;
    pid_t pid = 0;

    if (!environment)
        return vcl_no_memory(error);
    const vcl_spawn spawn = { .arguments = command, .environment = environment };
    int number = vcl_spawn_begin(&spawn, &pid);
    free(environment);
    if (number == ENOMEM || number == EAGAIN)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot start '%s': %s", command[0],
                        strerror(number));
    if (number) {
        *out_exit_code = number == ENOENT ? EXIT_NOT_THERE : EXIT_NOT_RUNNABLE;
        return VCLUSTER_OK;
    }
    if (options->out_pid)
        *options->out_pid = pid;
    int status = wait_for(pid, options, call, out_exit_code, error);
    if (options->out_pid)
        *options->out_pid = -1;
    return status;
}
