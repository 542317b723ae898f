/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels in the background: `connections` lists them, `connection-hold` is the process that holds
 * one. The library starts it with a socket as its standard input; see vcluster_connection_start().
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vcl.h"

enum { MAX_LOG = 1 << 20, AGAIN_MS = 10000, LOOK_MS = 100 };

/* ---- Starting, listing, stopping ---- */

int vcl_connection_begin(const vcl_arguments *arguments,
                         vcluster_client *client,
                         vcluster_connection **out_connection,
                         vcluster_error **error)
{
    vcluster_connection_start_options options = VCLUSTER_CONNECTION_START_OPTIONS_INIT;
    char *self = realpath("/proc/self/exe", NULL);

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.program = self; /* NULL: the one in $PATH */
    options.local_port = arguments->local_port;
    options.context_name = arguments->context_name;
    int status =
        vcluster_connection_start(client, arguments->operands[0], &options, out_connection, error);
    free(self);
    return status;
}

static int stop_one(const vcl_arguments *arguments, const char *id, vcluster_error **error)
{
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    int status = vcluster_connection_stop(id, &options, error);
    if (status == VCLUSTER_E_NOT_FOUND) { /* it ended by itself meanwhile */
        vcluster_error_free(*error);
        *error = NULL;
        status = 0;
    }
    return status;
}

/* By its context: the one that was removed, or an operand. By its name, that is narrowed down. */
static bool
is_meant(const vcl_arguments *arguments, const vcluster_connection *one, const char *context)
{
    const char *operand = arguments->operand_count > 0 ? arguments->operands[0] : "";

    if (context)
        return !strcmp(vcluster_connection_context(one), context);
    if (!strcmp(vcluster_connection_context(one), operand))
        return true;
    return !strcmp(vcluster_connection_name(one), operand) &&
           (!arguments->namespace_name ||
            !strcmp(vcluster_connection_namespace(one), arguments->namespace_name)) &&
           (!arguments->context ||
            !strcmp(vcluster_connection_host_context(one), arguments->context));
}

int vcl_connections_stop(const vcl_arguments *arguments,
                         const char *context,
                         size_t *out_count,
                         vcluster_error **error)
{
    vcluster_connection_list *list = NULL;

    *out_count = 0;
    int status = vcluster_connection_list_new(NULL, &list, error);
    for (size_t i = 0; status == 0 && i < vcluster_connection_list_size(list); i++) {
        const vcluster_connection *one = vcluster_connection_list_at(list, i);

        if (!is_meant(arguments, one, context))
            continue;
        status = stop_one(arguments, vcluster_connection_id(one), error);
        *out_count += status == 0;
    }
    vcluster_connection_list_free(list);
    return status;
}

static void print_row(const vcluster_connection *one)
{
    (void)printf("%-24s %-24s %-26s %8lld  %s  %s\n", vcluster_connection_name(one),
                 vcluster_connection_namespace(one), vcluster_connection_url(one),
                 (long long)vcluster_connection_pid(one), vcluster_connection_context(one),
                 vcluster_connection_log(one));
}

static int print_json(const vcluster_connection_list *list, vcluster_error **error)
{
    int status = 0;

    (void)putchar('[');
    for (size_t i = 0; status == 0 && i < vcluster_connection_list_size(list); i++) {
        char *text = NULL;

        status = vcluster_connection_to_json(vcluster_connection_list_at(list, i), &text, error);
        if (status == 0)
            (void)printf("%s%s", i > 0 ? "," : "", text);
        vcluster_free(text);
    }
    (void)puts("]");
    return status;
}

int vcl_command_connections(const vcl_arguments *arguments)
{
    vcluster_connection_list *list = NULL;
    vcluster_error *error = NULL;

    int status = vcluster_connection_list_new(NULL, &list, &error);
    if (status == 0 && arguments->json)
        status = print_json(list, &error);
    else if (status == 0)
        (void)printf("%-24s %-24s %-26s %8s  %s  %s\n", "NAME", "NAMESPACE", "URL", "PID",
                     "CONTEXT", "LOG");
    for (size_t i = 0; status == 0 && !arguments->json && i < vcluster_connection_list_size(list);
         i++)
        print_row(vcluster_connection_list_at(list, i));
    vcluster_connection_list_free(list);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

/* ---- Holding ---- */

/* The log is our standard error, at whose end each line is written. */
static void keep_log_small(void)
{
    struct stat info;

    if (fstat(STDERR_FILENO, &info) == 0 && S_ISREG(info.st_mode) && info.st_size >= MAX_LOG)
        (void)!ftruncate(STDERR_FILENO, 0); /* it goes on growing then; nobody can be told */
}

static void say(const char *what, const char *detail)
{
    char stamp[32] = "";
    struct tm now;
    time_t seconds = time(NULL);

    keep_log_small();
    if (gmtime_r(&seconds, &now))
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &now);
    (void)fprintf(stderr, "%s %s%s\n", stamp, what, detail);
}

/* Say where it listens, and wait until that is written down. From then on nobody is at the other
 * end, and standard input is empty. */
static bool introduce(const vcluster_tunnel *tunnel)
{
    char answer = '\0';
    ssize_t got;

    int size = dprintf(STDIN_FILENO, "%ld %s\n", (long)getpid(), vcluster_tunnel_url(tunnel));
    do {
        got = size > 0 ? read(STDIN_FILENO, &answer, 1) : -1;
    } while (size > 0 && got < 0 && errno == EINTR);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDIN_FILENO);
        (void)close(nothing);
    }
    return got == 1;
}

typedef struct holding {
    const vcl_arguments *arguments;
    const vcluster_tunnel *tunnel;
    int64_t failed; /* connections, as was said last */
    int64_t found_again;
    bool seen;
    bool gone;
} holding;

static int on_event(int event, const vcluster_instance *instance, void *data)
{
    holding *self = data;

    if (strcmp(vcluster_instance_name(instance), self->arguments->operands[0]) != 0)
        return 0;
    self->gone = event == VCLUSTER_INSTANCE_REMOVED;
    self->seen = true;
    return self->gone;
}

/* Told several times a second while the watch waits. */
static int on_tick(const vcluster_progress *progress, void *data)
{
    holding *self = data;
    int64_t failed = vcluster_tunnel_count(self->tunnel, VCLUSTER_TUNNEL_FAILED);
    int64_t found_again = vcluster_tunnel_count(self->tunnel, VCLUSTER_TUNNEL_RECONNECTS);

    keep_log_small();
    if (failed != self->failed) {
        vcluster_error *error = NULL;
        char *text = NULL;

        if (vcluster_tunnel_to_json(self->tunnel, &text, &error) == 0)
            say("connections were reset: ", text);
        vcluster_free(text);
        vcluster_error_free(error);
    }
    if (found_again != self->found_again)
        say("a pod was found again", "");
    self->failed = failed;
    self->found_again = found_again;
    /* One that went before the watch began is never told as removed: look for it. */
    return !self->seen && vcluster_progress_elapsed_ms(progress) > AGAIN_MS;
}

/* Whether it is gone for certain, asked for where it cannot be watched. */
static bool is_gone(const vcl_arguments *arguments, vcluster_client *client)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcluster_instance_get(client, arguments->operands[0], &options, &instance, &error);
    vcluster_instance_free(instance);
    vcluster_error_free(error);
    return status == VCLUSTER_E_NOT_FOUND;
}

static bool is_cancelled(const vcl_arguments *arguments)
{
    return vcluster_cancel_triggered(arguments->cancel);
}

static void wait_a_while(const vcl_arguments *arguments)
{
    for (int waited_ms = 0; waited_ms < AGAIN_MS && !is_cancelled(arguments); waited_ms += LOOK_MS)
        (void)poll(NULL, 0, LOOK_MS);
}

/* Until the virtual cluster is gone (true) or a signal comes. */
static bool hold(const vcl_arguments *arguments, vcluster_client *client, vcluster_tunnel *tunnel)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    holding self = { .arguments = arguments, .tunnel = tunnel };

    options.timeout_ms = -1;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.progress = on_tick;
    options.user_data = &self;
    while (!self.gone && !is_cancelled(arguments)) {
        vcluster_error *error = NULL;

        self.seen = false;
        int status = vcluster_instance_watch(client, &options, on_event, &self, &error);
        if (status < 0 && !is_cancelled(arguments)) {
            say("cannot watch it: ", vcluster_error_to_string(error));
            self.gone = is_gone(arguments, client);
            if (!self.gone)
                wait_a_while(arguments);
        }
        vcluster_error_free(error);
    }
    return self.gone;
}

static int open_and_hold(const vcl_arguments *arguments, vcluster_client *client)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.local_port = arguments->local_port > 0 ? arguments->local_port : 0;
    int status = vcluster_tunnel_open(client, arguments->operands[0], &options, &tunnel, &error);
    if (status < 0)
        return vcl_report_error(error);
    bool asked_for = introduce(tunnel);
    if (asked_for) {
        say("listening on ", vcluster_tunnel_url(tunnel));
        bool gone = hold(arguments, client, tunnel);
        say("ended: ", gone ? "the virtual cluster is deleted" : "it was asked to");
        if (gone && vcl_kubeconfig_leave(arguments, arguments->context_name, &error) < 0)
            (void)vcl_report_error(error);
    }
    vcluster_tunnel_free(tunnel);
    return VCL_EXIT_OK;
}

int vcl_command_connection_hold(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    pid_t child = fork(); /* before there is a thread: our parent's parent need not wait for us */
    if (child < 0) {
        perror("vcl: cannot leave the foreground");
        return VCL_EXIT_FAILED;
    }
    if (child > 0)
        _exit(VCL_EXIT_OK);
    int status = vcl_make_client(arguments, &client, &error);
    int exit_code = status < 0 ? vcl_report_error(error) : open_and_hold(arguments, client);
    vcluster_client_unref(client);
    return exit_code;
}
