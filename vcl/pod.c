/* SPDX-License-Identifier: Apache-2.0 */
/* logs, exec and port-forward: pods of the host, or of a virtual cluster (--in). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "vcl.h"

/* The client of the cluster whose pods are meant. The namespace is that of the pod; the virtual
 * cluster is searched in all of them. */
static int
make_client(const vcl_arguments *arguments, vcluster_client **out_client, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *host = NULL;

    int status = vcl_make_client(arguments, &host, error);
    if (status < 0 || !arguments->inside) {
        *out_client = host;
        return status;
    }
    options.cancel = arguments->cancel;
    status = vcluster_instance_open(host, arguments->inside, &options, out_client, error);
    vcluster_client_unref(host);
    return status;
}

static int write_out(int stream, const void *bytes, size_t size, void *data)
{
    int fd = stream == VCLUSTER_POD_ERROR_OUTPUT ? STDERR_FILENO : STDOUT_FILENO;
    const char *at = bytes;

    (void)data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return 1; /* nobody reads any more */
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

static bool parse_number(const char *option, const char *text, int64_t most, int64_t *out_number)
{
    char *end = NULL;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < 0 || number > most) {
        (void)fprintf(stderr, "vcl: %s '%s': expected a number from 0 to %lld\n", option, text,
                      (long long)most);
        return false;
    }
    *out_number = number;
    return true;
}

int vcl_command_logs(const vcl_arguments *arguments)
{
    vcluster_pod_logs_options options = VCLUSTER_POD_LOGS_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    if (arguments->tail && !parse_number("--tail", arguments->tail, INT32_MAX, &options.tail_lines))
        return VCL_EXIT_USAGE;
    options.timeout_ms = arguments->timeout_ms ? arguments->timeout_ms : -1;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.container = arguments->container;
    options.follow = arguments->follow;
    options.previous = arguments->previous;
    options.timestamps = arguments->timestamps;
    options.tail = arguments->tail != NULL;
    options.since_seconds = arguments->since_ms > 0 ? (arguments->since_ms + 999) / 1000 : 0;
    options.since_time = arguments->since_time;
    int status = make_client(arguments, &client, &error);
    if (status == 0)
        status =
            vcluster_pod_logs(client, arguments->operands[0], &options, write_out, NULL, &error);
    vcluster_client_unref(client);
    if (status == VCLUSTER_E_CANCELLED && arguments->follow) { /* how that ends */
        vcluster_error_free(error);
        return VCL_EXIT_OK;
    }
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

static int terminal_size(int64_t *out_columns, int64_t *out_rows, void *data)
{
    struct winsize size;

    (void)data;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return -1;
    *out_columns = size.ws_col;
    *out_rows = size.ws_row;
    return 0;
}

/* Every key goes to the command, Ctrl-C too. Returns whether the terminal must be restored. */
static bool make_raw(struct termios *before)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    raw = *before;
    cfmakeraw(&raw);
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

static int execute(const vcl_arguments *arguments, int *out_exit_code, vcluster_error **error)
{
    vcluster_pod_exec_options options = VCLUSTER_POD_EXEC_OPTIONS_INIT;
    vcluster_client *client = NULL;
    struct termios before;

    options.timeout_ms = arguments->timeout_ms ? arguments->timeout_ms : -1;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.container = arguments->container;
    options.tty = arguments->tty;
    options.terminal_size = arguments->tty ? terminal_size : NULL;
    options.use_input_fd = arguments->stdin_wanted;
    options.input_fd = STDIN_FILENO;
    int status = make_client(arguments, &client, error);
    if (status == 0) {
        bool raw = arguments->tty && arguments->stdin_wanted && make_raw(&before);
        status = vcluster_pod_exec(client, arguments->operands[0],
                                   (const char *const *)arguments->command, &options, write_out,
                                   NULL, out_exit_code, error);
        if (raw)
            (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    }
    vcluster_client_unref(client);
    return status;
}

int vcl_command_exec(const vcl_arguments *arguments)
{
    vcluster_error *error = NULL;
    int exit_code = VCL_EXIT_FAILED;

    if (!arguments->command) {
        (void)fputs("vcl exec: no program is named behind '--'\n", stderr);
        return VCL_EXIT_USAGE;
    }
    return execute(arguments, &exit_code, &error) < 0 ? vcl_report_error(error) : exit_code;
}

/* "8080:80", ":80" (any local port) or "80" (the same one here). */
static bool parse_ports(const char *text, int64_t *out_local, int64_t *out_remote)
{
    const char *colon = strchr(text, ':');
    char local[8] = "0";

    if (!colon)
        return parse_number("port", text, 65535, out_remote) &&
               parse_number("port", text, 65535, out_local);
    if ((size_t)(colon - text) >= sizeof(local)) {
        (void)fprintf(stderr, "vcl: '%s' is not [LOCAL:]PORT\n", text);
        return false;
    }
    if (colon > text)
        (void)snprintf(local, sizeof(local), "%.*s", (int)(colon - text), text);
    return parse_number("port", local, 65535, out_local) &&
           parse_number("port", colon + 1, 65535, out_remote);
}

int vcl_command_port_forward(const vcl_arguments *arguments)
{
    vcluster_pod_forward_options options = VCLUSTER_POD_FORWARD_OPTIONS_INIT;
    const char *pod = arguments->operand_count == 2 ? arguments->operands[0] : NULL;
    vcluster_client *client = NULL;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;
    int64_t port = 0;

    if (!pod == !arguments->selector) {
        (void)fputs("vcl port-forward: name a pod or labels (-l), and a port\n", stderr);
        return VCL_EXIT_USAGE;
    }
    if (!parse_ports(arguments->operands[pod ? 1 : 0], &options.local_port, &port))
        return VCL_EXIT_USAGE;
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.label_selector = arguments->selector;
    int status = make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_pod_forward(client, pod, port, &options, &tunnel, &error);
    if (status == 0) {
        (void)printf("127.0.0.1:%d\n", vcluster_tunnel_port(tunnel));
        (void)fflush(stdout);
        (void)fprintf(stderr, "tunnel to port %lld; it is open until this program ends (Ctrl-C)\n",
                      (long long)port);
        vcl_wait_for_signal(arguments->cancel);
    }
    vcluster_tunnel_free(tunnel);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}
