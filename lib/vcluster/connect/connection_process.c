/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a connection: whether it runs, and ending it; see connection.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "repo/file.h"
#include "vcluster/connect/connection.h"

enum {
    MAX_STAT = 4096,
    FIELDS_TO_START = 19, /* from the state, field 3, to field 22 */
    LOOK_MS = 20,         /* between looks at a process that has no descriptor */
    KILLED_MS = 5000      /* how long SIGKILL may take */
};

/* "PID (NAME) STATE ...": the name may have anything in it, ")" too. */
int64_t vcl_process_start(int64_t pid)
{
    vcl_auto_free char *path = vcl_format("/proc/%lld/stat", (long long)pid);
    vcl_auto_free char *text = NULL;
    int64_t start = -1;
    size_t size = 0;

    if (!path || vcl_repo_read_file(path, MAX_STAT, &text, &size) != 0)
        return -1;
    char *at = strrchr(text, ')');
    if (!at || at[1] != ' ' || strchr("ZXx", at[2])) /* it has ended */
        return -1;
    at += 2;
    for (int i = 0; i < FIELDS_TO_START; i++) {
        at = strchr(at, ' ');
        if (!at++)
            return -1;
    }
    at[strcspn(at, " \n")] = '\0';
    return vcl_parse_i64(at, &start) ? start : -1;
}

static int open_process(int64_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, (pid_t)pid, 0); /* close-on-exec by itself */
#else
    (void)pid;
    return -1;
#endif
}

static void send_signal(int fd, int64_t pid, int number)
{
#ifdef SYS_pidfd_send_signal
    if (fd >= 0 && syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == 0)
        return;
#endif
    (void)kill((pid_t)pid, number);
}

static int
wait_gone(const vcluster_connection *connection, int fd, vcl_call *call, vcluster_error **error)
{
    int status = 0;

    while (status >= 0 && vcluster_connection_alive(connection))
        status = vcl_call_poll(call, fd, fd >= 0 ? -1 : LOOK_MS, error);
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_connection_stop(const vcluster_connection *connection,
                        vcl_call *call,
                        vcluster_error **error)
{
    /* Open before the look: from then on the id cannot become another process's unnoticed. */
    vcl_auto_close int fd = open_process(connection->pid);
    VCL_AUTO_ERROR *why = NULL;
    vcl_call insisting;

    if (!vcluster_connection_alive(connection))
        return VCLUSTER_OK;
    send_signal(fd, connection->pid, SIGTERM);
    int status = wait_gone(connection, fd, call, &why);
    if (status != VCLUSTER_E_TIMEOUT) {
        if (status < 0 && error)
            *error = vcl_steal(&why);
        return status;
    }
    if (vcluster_connection_alive(connection))
        send_signal(fd, connection->pid, SIGKILL);
    vcl_call_init(&insisting, KILLED_MS, KILLED_MS, NULL, NULL, NULL);
    status = wait_gone(connection, fd, &insisting, error);
    return status < 0 ? vcl_wrap(error, status, "kill process %lld", (long long)connection->pid)
                      : VCLUSTER_OK;
}
