/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forward: its listener, and the pod that its connections go to. The pod is found with the first
 * connection and again whenever a connection finds it unusable.
 */
#include "kube/forward.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/forward_listen.h"
#include "kube/forward_private.h"

enum {
    MAX_CONNECTIONS = 1024,
    ACCEPTS_AT_ONCE = 16,
    /* Pause of the listener when no descriptor is left. */
    LISTEN_PAUSE_MS = 100,
    FIRST_FIND_PAUSE_MS = 100,
    LAST_FIND_PAUSE_MS = 500,
    /* Longer than a network cut or the restart of a pod takes as a rule. */
    DEFAULT_WAIT_MS = 60000
};

void vcl_forward_note(vcl_forward *forward, const char *text)
{
    pthread_mutex_lock(&forward->mutex);
    (void)vcl_str_replace(&forward->failure, text);
    pthread_mutex_unlock(&forward->mutex);
}

void vcl_forward_note_obstacle(vcl_forward *forward, const vcluster_error *error)
{
    pthread_mutex_lock(&forward->mutex);
    (void)vcl_str_replace(&forward->obstacle, error ? vcluster_error_to_string(error) : NULL);
    forward->obstacle_status = vcluster_error_code(error);
    forward->obstacle_http = vcluster_error_http_status(error);
    pthread_mutex_unlock(&forward->mutex);
}

int vcl_forward_obstacle(void *data, vcluster_error **error)
{
    vcl_forward *forward = data;
    int status = VCLUSTER_OK;

    pthread_mutex_lock(&forward->mutex);
    if (forward->obstacle) {
        status = vcl_fail(error, forward->obstacle_status, "%s", forward->obstacle);
        vcl_error_set_http(error, forward->obstacle_http);
        vcl_error_set_retryable(error, false);
    }
    pthread_mutex_unlock(&forward->mutex);
    return status;
}

char *vcl_forward_last_failure(const vcl_forward *forward)
{
    vcl_forward *locked = (vcl_forward *)(uintptr_t)forward;

    pthread_mutex_lock(&locked->mutex);
    char *copy = vcl_strdup(forward->failure);
    pthread_mutex_unlock(&locked->mutex);
    return copy;
}

int vcl_forward_port(const vcl_forward *forward)
{
    return forward->local_port;
}

void vcl_forward_read_stats(const vcl_forward *forward, vcl_forward_stats *stats)
{
    *stats = (vcl_forward_stats){ .open = atomic_load(&forward->connection_count),
                                  .total = atomic_load(&forward->accepted_count),
                                  .failed = atomic_load(&forward->failed_count),
                                  .bytes_in = atomic_load(&forward->bytes_in),
                                  .bytes_out = atomic_load(&forward->bytes_out),
                                  .reconnects = atomic_load(&forward->reconnect_count) };
}

void vcl_forward_lose_pod(vcl_forward *forward, int64_t pod_number)
{
    if (pod_number != forward->pod_number)
        return; /* another one has been found since */
    free(forward->pod);
    forward->pod = NULL;
}

void vcl_forward_find_pod(vcl_forward *forward, int64_t pause_ms)
{
    vcl_resolver_ask(forward->resolver, pause_ms);
}

/* Do something with each connection that waits; it may end or begin to wait again by that. */
static void for_waiting(vcl_forward *forward, void (*fn)(vcl_connection *connection))
{
    for (vcl_connection *c = forward->connections; c;) {
        vcl_connection *next = vcl_connection_next(c);

        if (vcl_connection_waits(c))
            fn(c);
        c = next;
    }
}

static void give_up(vcl_connection *connection)
{
    vcl_connection_fail(connection, NULL);
}

static bool anybody_waits(const vcl_forward *forward)
{
    for (const vcl_connection *c = forward->connections; c; c = vcl_connection_next(c)) {
        if (vcl_connection_waits(c))
            return true;
    }
    return false;
}

/* Errors of the search that will not pass. */
static bool is_final(const vcluster_error *error)
{
    int code = vcluster_error_code(error);

    if (code == VCLUSTER_E_UNAVAILABLE) /* a certificate that is not trusted stays so */
        return !vcluster_error_retryable(error);
    return code == VCLUSTER_E_PERMISSION || code == VCLUSTER_E_UNAUTHENTICATED ||
           code == VCLUSTER_E_INVALID_ARGUMENT || code == VCLUSTER_E_UNSUPPORTED ||
           code == VCLUSTER_E_CONFIG;
}

static void search_again(vcl_forward *forward)
{
    vcl_forward_find_pod(forward, forward->find_pause_ms);
    forward->find_pause_ms *= 2;
    if (forward->find_pause_ms > LAST_FIND_PAUSE_MS)
        forward->find_pause_ms = LAST_FIND_PAUSE_MS;
}

static void use_answer(vcl_resolver_answer *answer, void *data)
{
    vcl_forward *forward = data;

    if (answer->error)
        vcl_forward_note(forward, vcluster_error_to_string(answer->error));
    if (is_final(answer->error)) {
        vcl_forward_note_obstacle(forward, answer->error);
        for_waiting(forward, give_up);
        return;
    }
    if (!answer->pod) {
        if (anybody_waits(forward))
            search_again(forward);
        return;
    }
    forward->find_pause_ms = FIRST_FIND_PAUSE_MS;
    free(forward->pod);
    forward->pod = vcl_steal(&answer->pod);
    forward->pod_ready = answer->ready;
    forward->pod_number++;
    if (forward->pod_answered)
        atomic_fetch_add(&forward->reconnect_count, 1);
    forward->pod_answered = false;
    for_waiting(forward, vcl_connection_dial);
}

static void listen_again(void *data)
{
    vcl_forward *forward = data;

    forward->listen_timer = NULL;
    vcl_loop_set_events(forward->listen_watch, POLLIN);
}

/* No descriptor or memory for one more connection: do not turn in circles. */
static void rest(vcl_forward *forward)
{
    if (forward->listen_timer)
        return;
    forward->listen_timer = vcl_loop_add_timer(
        vcl_kube_http(forward->kube), vcl_monotonic_ms() + LISTEN_PAUSE_MS, listen_again, forward);
    if (forward->listen_timer)
        vcl_loop_set_events(forward->listen_watch, 0);
}

/* Whether the connection that was dialed ahead is the one that has come. One that is of no use any
 * more sees its local side close. */
static bool takes_ahead(vcl_forward *forward, int fd)
{
    if (!forward->ahead)
        return false;
    bool taken = vcl_connection_adopt(forward->ahead, fd);
    vcl_forward_drop_ahead(forward);
    return taken;
}

static void on_listener(vcl_watch_fd *watch, short revents, void *data)
{
    vcl_forward *forward = data;
    int one = 1;

    (void)watch;
    (void)revents;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int fd = accept4(forward->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0) {
            bool short_of_something =
                errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (short_of_something)
                rest(forward);
            return;
        }
        if (!forward->unix_socket)
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        if (atomic_load(&forward->connection_count) >= MAX_CONNECTIONS) {
            vcl_forward_note(forward, "too many connections at once");
            (void)close(fd);
        } else if (!takes_ahead(forward, fd)) {
            vcl_connection_new(forward, fd);
        }
    }
}

static void start(vcl_http *http, void *data)
{
    vcl_forward *forward = data;

    forward->listen_watch = vcl_loop_add_fd(http, forward->listen_fd, POLLIN, on_listener, forward);
}

static void stop(vcl_http *http, void *data)
{
    vcl_forward *forward = data;

    (void)http;
    vcl_loop_remove_fd(forward->listen_watch);
    vcl_loop_remove_timer(forward->listen_timer);
    while (forward->connections)
        vcl_connection_abandon(forward->connections);
}

static int check_options(const vcl_forward_options *options, vcluster_error **error)
{
    if (!vcl_is_dns_label(options->namespace_name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not the name of a namespace",
                        vcl_str(options->namespace_name));
    if (vcl_str_empty(options->label_selector) == vcl_str_empty(options->pod))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a forward needs a label selector or the name of a pod");
    if (options->pod && !vcl_is_dns_subdomain(options->pod))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not the name of a pod",
                        options->pod);
    if (options->remote_port < 1 || options->remote_port > 65535 || options->local_port < 0 ||
        options->local_port > 65535)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%d and %d are not usable as ports",
                        options->remote_port, options->local_port);
    return VCLUSTER_OK;
}

/* Free all but what runs on the loop. */
static void release(vcl_forward *forward)
{
    vcl_resolver_free(forward->resolver);
    vcl_forward_stop_listening(forward->listen_fd, forward->unix_socket);
    pthread_mutex_destroy(&forward->mutex);
    vcl_bell_done(&forward->ahead_bell);
    free(forward->namespace_name);
    free(forward->label_selector);
    free(forward->field_selector);
    free(forward->unix_socket);
    free(forward->failure);
    free(forward->obstacle);
    free(forward->pod);
    free(forward);
}

static int prepare(vcl_forward *forward, const vcl_forward_options *options, vcluster_error **error)
{
    forward->namespace_name = vcl_strdup(options->namespace_name);
    if (options->pod)
        forward->field_selector = vcl_format("metadata.name=%s", options->pod);
    else
        forward->label_selector = vcl_strdup(options->label_selector);
    forward->pod = vcl_strdup(options->first_pod);
    forward->pod_ready = forward->pod != NULL;
    if (options->first_pod && !forward->pod)
        return vcl_no_memory(error);
    forward->remote_port = options->remote_port;
    forward->wait_ms = options->wait_ms > 0 ? options->wait_ms : DEFAULT_WAIT_MS;
    if (!forward->namespace_name || (!forward->label_selector && !forward->field_selector))
        return vcl_no_memory(error);

    int status = options->unix_socket
                     ? vcl_forward_listen_unix(options->unix_socket, &forward->listen_fd, error)
                     : vcl_forward_listen_tcp(options->local_port, &forward->listen_fd,
                                              &forward->local_port, error);
    if (status < 0)
        return status;
    forward->unix_socket = vcl_strdup(options->unix_socket);
    if (options->unix_socket && !forward->unix_socket) {
        (void)unlink(options->unix_socket);
        return vcl_no_memory(error);
    }
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = forward->namespace_name,
                             .label_selector = forward->label_selector,
                             .field_selector = forward->field_selector };
    return vcl_resolver_new(forward->kube, &query, use_answer, forward, &forward->resolver, error);
}

int vcl_forward_open(vcl_kube *kube,
                     const vcl_forward_options *options,
                     vcl_forward **out_forward,
                     vcluster_error **error)
{
    int status = check_options(options, error);

    if (status < 0)
        return status;
    vcl_forward *forward = calloc(1, sizeof(*forward));
    if (!forward)
        return vcl_no_memory(error);
    forward->kube = kube;
    forward->pid = getpid();
    forward->listen_fd = -1;
    forward->ahead_bell = (vcl_bell)VCL_BELL_NONE;
    forward->find_pause_ms = FIRST_FIND_PAUSE_MS;
    if (pthread_mutex_init(&forward->mutex, NULL) != 0) {
        free(forward);
        return vcl_no_memory(error);
    }

    status = prepare(forward, options, error);
    if (status == VCLUSTER_OK)
        status = vcl_loop_run(vcl_kube_http(kube), start, forward, error);
    if (status == VCLUSTER_OK && !forward->listen_watch)
        status = vcl_no_memory(error);
    if (status < 0) {
        release(forward);
        return status;
    }
    *out_forward = forward;
    return VCLUSTER_OK;
}

static void dial_ahead(vcl_http *http, void *data)
{
    vcl_forward *forward = data;
    const vcl_connection *before = forward->connections;
    int ends[2];

    (void)http;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
        vcl_bell_ring(&forward->ahead_bell);
        return;
    }
    vcl_connection_new(forward, ends[0]);
    if (forward->connections == before) { /* it has ended already */
        (void)close(ends[1]);
        vcl_bell_ring(&forward->ahead_bell);
        return;
    }
    forward->ahead = forward->connections;
    forward->ahead_fd = ends[1];
}

int vcl_forward_dial_ahead(vcl_forward *forward, vcluster_error **error)
{
    if (!vcl_bell_is_made(&forward->ahead_bell) && !vcl_bell_init(&forward->ahead_bell))
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor for a forward: %s",
                        strerror(errno));
    return vcl_loop_run(vcl_kube_http(forward->kube), dial_ahead, forward, error);
}

int vcl_forward_await_ahead(const vcl_forward *forward,
                            vcl_call *call,
                            int64_t wait_ms,
                            vcluster_error **error)
{
    int status = vcl_call_poll(call, forward->ahead_bell.read_fd, wait_ms, error);

    return status < 0 ? status : atomic_load(&forward->ahead_taken);
}

void vcl_forward_was_taken(vcl_forward *forward, const vcl_connection *connection)
{
    if (forward->ahead != connection)
        return;
    atomic_store(&forward->ahead_taken, true);
    vcl_bell_ring(&forward->ahead_bell);
}

void vcl_forward_drop_ahead(vcl_forward *forward)
{
    forward->ahead = NULL;
    (void)close(forward->ahead_fd);
    vcl_bell_ring(&forward->ahead_bell);
}

void vcl_forward_close(vcl_forward *forward)
{
    if (!forward)
        return;
    if (forward->pid != getpid()) { /* the socket file and the threads are the parent's */
        (void)close(forward->listen_fd);
        return;
    }
    if (vcl_loop_run(vcl_kube_http(forward->kube), stop, forward, NULL) == VCLUSTER_OK)
        release(forward);
}
