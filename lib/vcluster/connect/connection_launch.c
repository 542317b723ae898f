/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the process of a connection; see connection.h. Its standard input is a socket, by which
 * it says "PID URL" in a line when it listens, and goes on once it has been answered: whoever has
 * asked has written it down by then. When the socket is closed before, it ends. It leaves its
 * parent at once, so that nobody has to wait for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/spawn.h"
#include "base/str.h"
#include "data/encoding.h"
#include "repo/file.h"
#include "vcluster/connect/connection.h"
#include "vcluster/connect/run.h"

enum {
    OWN_ARGUMENTS = 12,
    MAX_LINE = 256,
    MAX_LOG = 64 << 10, /* of one that failed */
    LOOK_MS = 5
};

typedef struct launch {
    pid_t pid; /* of our child, which is gone soon; it leads the session of the process */
    int fd;    /* our end of the socket */
    char line[MAX_LINE];
    size_t size;
} launch;

/* ---- Beginning ---- */

/* PROGRAM connection-hold NAME --namespace NS --context-name CONTEXT [--local-port N] HOST... */
static const char **make_arguments(const vcl_connection_wish *wish,
                                   const vcluster_connection *connection,
                                   char port[24])
{
    char **host = wish->client->vcl_arguments;
    size_t count = 0;

    while (host && host[count])
        count++;
    const char **arguments = calloc(count + OWN_ARGUMENTS, sizeof(*arguments));
    if (!arguments)
        return NULL;
    const char **at = arguments;
    *at++ = wish->program;
    *at++ = "connection-hold";
    *at++ = connection->name;
    *at++ = "--namespace";
    *at++ = connection->namespace_name;
    *at++ = "--context-name";
    *at++ = connection->context;
    if (wish->local_port > 0) {
        (void)snprintf(port, 24, "%lld", (long long)wish->local_port);
        *at++ = "--local-port";
        *at++ = port;
    }
    for (size_t i = 0; i < count; i++)
        *at++ = host[i];
    return arguments;
}

static int begin(const vcl_connection_wish *wish,
                 const vcluster_connection *connection,
                 launch *run,
                 vcluster_error **error)
{
    char port[24];
    int fds[2] = { -1, -1 };
    vcl_auto_free char *kubeconfig = vcl_format("KUBECONFIG=%s", wish->client->kubeconfig_list);
    vcl_auto_free char **environment = kubeconfig ? vcl_run_environment(NULL, kubeconfig) : NULL;
    vcl_auto_free const char **arguments = make_arguments(wish, connection, port);

    if (!environment || !arguments)
        return vcl_no_memory(error);
    vcl_auto_close int log = vcl_fd_move_up(
        open(connection->log, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
    if (log < 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot make '%s': %s", connection->log,
                        strerror(errno));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptors for a process: %s",
                        strerror(errno));
    vcl_auto_close int theirs = vcl_fd_move_up(fds[1]);
    run->fd = vcl_fd_move_up(fds[0]);
    if (theirs < 0 || run->fd < 0 || fcntl(run->fd, F_SETFL, O_NONBLOCK) != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptors for a process: %s",
                        strerror(errno));
    const vcl_spawn_files files = { theirs, log, log };
    const vcl_spawn spawn = { .arguments = arguments,
                              .environment = environment,
                              .group = VCL_SPAWN_OWN_SESSION,
                              .files = &files };
    int number = vcl_spawn_begin(&spawn, &run->pid);
    if (number == 0)
        return VCLUSTER_OK;
    run->pid = 0;
    return vcl_fail(error, number == ENOENT ? VCLUSTER_E_NOT_FOUND : VCLUSTER_E_UNAVAILABLE,
                    "cannot start '%s', which holds the tunnel: %s; name the path of vcl",
                    wish->program, strerror(number));
}

/* ---- Until it listens ---- */

/* Whether our child is gone; a host program may have waited for it already. */
static bool has_left(launch *run)
{
    pid_t got = waitpid(run->pid, NULL, WNOHANG);

    return got == run->pid || (got < 0 && errno != EINTR);
}

/* The last line that it wrote before it ended. */
static int tell_why(const vcluster_connection *connection, vcluster_error **error)
{
    vcl_auto_free char *text = NULL;
    size_t size = 0;
    const char *line = "";

    if (vcl_repo_read_file(connection->log, MAX_LOG, &text, &size) == 0) {
        while (size > 0 && strchr("\r\n ", text[size - 1]))
            text[--size] = '\0';
        char *before = strrchr(text, '\n');
        line = before ? before + 1 : text;
        vcl_sanitize(before ? before + 1 : text);
    }
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the process that was to hold it has ended%s%s",
                    *line ? ": " : " without a word", line);
}

/* A line, or the end. */
static int
hear(const vcluster_connection *connection, launch *run, vcl_call *call, vcluster_error **error)
{
    while (!memchr(run->line, '\n', run->size)) {
        int status = vcl_call_poll(call, run->fd, -1, error);
        if (status < 0)
            return status;
        if (run->size == MAX_LINE - 1)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the program is not vcl");
        ssize_t got = read(run->fd, run->line + run->size, MAX_LINE - 1 - run->size);
        if (got > 0)
            run->size += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return tell_why(connection, error);
    }
    return VCLUSTER_OK;
}

/* "PID URL" of a process in the session that we began. */
static int understand(launch *run, vcluster_connection *connection, vcluster_error **error)
{
    run->line[strcspn(run->line, "\n")] = '\0';
    char *url = strchr(run->line, ' ');
    if (url)
        *url++ = '\0';
    if (!url || !vcl_starts_with(url, "https://127.0.0.1:") ||
        !vcl_parse_i64(run->line, &connection->pid) || connection->pid < 2 ||
        getsid((pid_t)connection->pid) != run->pid)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the program is not vcl");
    connection->url = vcl_strdup(url);
    connection->process_start = vcl_process_start(connection->pid);
    connection->started = vcl_wall_seconds();
    if (!connection->url)
        return vcl_no_memory(error);
    return connection->process_start < 0 ? tell_why(connection, error) : VCLUSTER_OK;
}

static int
follow(vcluster_connection *connection, launch *run, vcl_call *call, vcluster_error **error)
{
    int status = hear(connection, run, call, error);

    if (status == 0)
        status = understand(run, connection, error);
    while (status == 0 && !has_left(run))
        status = vcl_call_sleep(call, LOOK_MS, error);
    return status;
}

/* All of its session; SIGKILL leaves it no choice, so that the wait is a short one. */
static void give_up(launch *run)
{
    if (run->fd >= 0)
        (void)close(run->fd);
    if (run->pid <= 0)
        return;
    (void)kill(-run->pid, SIGKILL);
    while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

int vcl_connection_launch(const vcl_connection_wish *wish,
                          vcluster_connection *connection,
                          vcl_call *call,
                          int *out_fd,
                          vcluster_error **error)
{
    launch run = { .fd = -1 };

    int status = begin(wish, connection, &run, error);
    if (status == 0)
        status = follow(connection, &run, call, error);
    if (status < 0) {
        give_up(&run);
        return status;
    }
    *out_fd = run.fd;
    return VCLUSTER_OK;
}

/* ---- The whole of a start ---- */

static bool is_at_port(const char *url, int64_t port)
{
    vcl_auto_free char *ending = vcl_format(":%lld", (long long)port);

    return port <= 0 || (ending && vcl_ends_with(url, ending));
}

static vcluster_connection *take_running(vcluster_connection_list *list,
                                         const vcl_connection_wish *wish,
                                         const vcluster_connection *wanted)
{
    for (size_t i = 0; i < list->count; i++) {
        const vcluster_connection *one = list->items[i];

        if (vcl_streq(one->name, wanted->name) &&
            vcl_streq(one->namespace_name, wanted->namespace_name) &&
            vcl_streq(one->host_context, wanted->host_context) &&
            vcl_streq(one->host_server, wanted->host_server) &&
            vcl_streq(one->context, wanted->context) && is_at_port(one->url, wish->local_port))
            return vcl_steal(&list->items[i]);
    }
    return NULL;
}

static int make_new(const char *folder,
                    const vcluster_connection *wanted,
                    vcluster_connection **out_connection,
                    vcluster_error **error)
{
    char random[9];
    VCL_AUTO_PTR(vcluster_connection) connection = calloc(1, sizeof(*connection));

    if (!connection)
        return vcl_no_memory(error);
    int status = vcl_random_hex(random, 8, error);
    if (status < 0)
        return status;
    connection->id = vcl_format("%s-%s", wanted->name, random);
    connection->name = vcl_strdup(wanted->name);
    connection->namespace_name = vcl_strdup(wanted->namespace_name);
    connection->host_context = vcl_strdup(wanted->host_context);
    connection->host_server = vcl_strdup(wanted->host_server);
    connection->context = vcl_strdup(wanted->context);
    connection->log = connection->id ? vcl_format("%s/%s.log", folder, connection->id) : NULL;
    if (!connection->log || !connection->name || !connection->namespace_name ||
        !connection->host_context || !connection->host_server || !connection->context)
        return vcl_no_memory(error);
    *out_connection = vcl_steal(&connection);
    return VCLUSTER_OK;
}

/* Written down first, and told so then: it ends by itself if this process does not come that far.
 */
static int write_down(const char *folder,
                      const vcluster_connection *connection,
                      int fd,
                      vcluster_error **error)
{
    int status = vcl_connection_write(folder, connection, error);

    if (status == 0 && send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
        status = tell_why(connection, error);
    return status;
}

int vcl_connection_start(const char *folder,
                         const vcl_connection_wish *wish,
                         const vcluster_connection *wanted,
                         vcl_call *call,
                         vcluster_connection **out_connection,
                         vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_connection_list) list = NULL;
    VCL_AUTO_PTR(vcluster_connection) connection = NULL;
    vcl_auto_close int lock = -1;
    vcl_auto_close int fd = -1;

    vcl_connection_sweep(folder);
    int status = vcl_connection_lock(folder, call, &lock, error);
    if (status == 0)
        status = vcl_connection_list(folder, &list, error);
    if (!list)
        return status;
    connection = take_running(list, wish, wanted);
    if (!connection) {
        status = make_new(folder, wanted, &connection, error);
        if (status == 0)
            status = vcl_connection_launch(wish, connection, call, &fd, error);
        if (status == 0)
            status = write_down(folder, connection, fd, error);
        if (status < 0 && connection)
            vcl_connection_forget(folder, connection->id);
    }
    if (status < 0)
        return status;
    *out_connection = vcl_steal(&connection);
    return VCLUSTER_OK;
}
