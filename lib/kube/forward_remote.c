/* SPDX-License-Identifier: Apache-2.0 */
/* The pod's side of a forwarded connection: dialing, messages, and what its end means. */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/forward_connection.h"
#include "kube/pod.h"

enum {
    /* Pause before a pod that failed is asked for again. */
    RETRY_MS = 200,
    /* A pod that refuses so long though it is said to be ready does not listen there. What is said
     * of it lags behind: its program may have ended, or begun, only now. */
    REFUSED_MS = 3000
};

/* Back to waiting for a pod; the one that was used is not good. Of one that was dialed ahead nobody
 * has asked anything yet: whoever comes will look for the pod. */
static void retry(vcl_connection *c)
{
    vcl_forward *forward = c->forward;

    if (forward->ahead == c) {
        vcl_forward_lose_pod(forward, c->pod_number);
        vcl_connection_end(c, false);
        return;
    }
    c->state = CONNECTION_WAITING;
    c->failed = c->refused = false;
    vcl_connection_update(c);
    vcl_forward_lose_pod(forward, c->pod_number);
    vcl_forward_find_pod(forward, RETRY_MS);
}

static void on_open(vcl_websocket *socket, const char *protocol, void *data)
{
    vcl_connection *c = data;
    uint8_t message[VCL_FORWARD_MESSAGE] = { VCL_FORWARD_DATA_CHANNEL };

    if (c->state != CONNECTION_DIALING)
        return;
    if (!vcl_streq(protocol, VCL_FORWARD_PROTOCOL)) {
        vcl_connection_fail(c, "the server does not speak " VCL_FORWARD_PROTOCOL);
        return;
    }
    c->state = CONNECTION_OPEN;
    vcl_forward_note_obstacle(c->forward, NULL);
    vcl_forward_was_taken(c->forward, c);
    vcl_connection_set_timer(c, c->local_ended ? VCL_FORWARD_HALF_CLOSED_MS : -1);
    for (size_t at = 0; at < c->replay.size;) {
        size_t size = c->replay.size - at;

        if (size > sizeof(message) - 1)
            size = sizeof(message) - 1;
        memcpy(message + 1, c->replay.data + at, size);
        if (!vcl_websocket_send(socket, message, size + 1)) {
            vcl_connection_fail(c, "the connection to the pod takes no data");
            return;
        }
        at += size;
    }
    vcl_connection_update(c);
}

static void take_data(vcl_connection *c, const uint8_t *bytes, size_t size)
{
    vcl_connection_forget_replay(c);
    if (c->pod_number == c->forward->pod_number)
        c->forward->pod_answered = true;
    c->active_ms = vcl_monotonic_ms();
    if (!vcl_buf_append(&c->out, bytes, size)) {
        vcl_connection_fail(c, "the pod sends faster than the local side reads");
        return;
    }
    if (vcl_local_write(c))
        vcl_connection_update(c);
}

/* The error channel: the port cannot be reached, or its connection broke. */
static void take_error(vcl_connection *c, const uint8_t *bytes, size_t size)
{
    size_t length = size < VCL_MAX_ERROR_TEXT ? size : VCL_MAX_ERROR_TEXT;
    vcl_auto_free char *text = vcl_strndup((const char *)bytes, length);

    if (text) {
        vcl_sanitize(text);
        vcl_forward_note(c->forward, text);
    }
    c->failed = true;
    c->refused = text && c->replayable && vcl_forward_was_refused(text);
    vcl_connection_update(c); /* what the local side says is for the next pod */
    vcl_websocket_close(c->socket);
}

static void on_message(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data)
{
    vcl_connection *c = data;
    const uint8_t *payload = NULL;
    size_t payload_size = 0;

    (void)socket;
    if (c->state != CONNECTION_OPEN || c->failed)
        return;
    switch (vcl_forward_frame(&c->frames, bytes, size, &payload, &payload_size)) {
    case VCL_FRAME_DATA:
        take_data(c, payload, payload_size);
        break;
    case VCL_FRAME_ERROR:
        take_error(c, payload, payload_size);
        break;
    case VCL_FRAME_BROKEN:
        vcl_connection_fail(c, "the server sent a port-forward message against its protocol");
        break;
    case VCL_FRAME_NOTHING:
        break;
    }
}

static void on_drain(vcl_websocket *socket, void *data)
{
    vcl_connection *c = data;

    (void)socket;
    if (c->state == CONNECTION_OPEN)
        vcl_connection_update(c);
}

/* Errors that another pod or another moment will not mend. */
static bool is_final(const vcluster_error *error)
{
    int code = vcluster_error_code(error);

    /* A certificate that is not trusted stays so; credentials may be renewed. */
    if (code == VCLUSTER_E_UNAVAILABLE || code == VCLUSTER_E_UNAUTHENTICATED)
        return !vcluster_error_retryable(error);
    return code == VCLUSTER_E_PERMISSION || code == VCLUSTER_E_UNSUPPORTED ||
           code == VCLUSTER_E_NO_MEMORY || code == VCLUSTER_E_CANCELLED ||
           code == VCLUSTER_E_CONFIG;
}

/* What the server refused, in the words of vcl_pod_lacks_rights(); an error that is lent. */
static void note_lack(vcl_connection *c, const vcluster_error *error)
{
    vcl_forward *forward = c->forward;
    vcl_pod_ref ref = { .namespace_name = forward->namespace_name, .pod = forward->pod };
    VCL_AUTO_ERROR *lack = NULL;

    (void)vcl_fail(&lack, VCLUSTER_E_PERMISSION, "%s", vcluster_error_to_string(error));
    vcl_error_set_http(&lack, vcluster_error_http_status(error));
    (void)vcl_pod_lacks_rights(&lack, "open a port-forward to", &ref, "portforward");
    vcl_forward_note(forward, vcluster_error_to_string(lack));
    vcl_forward_note_obstacle(forward, lack);
}

static void note_dial(vcl_connection *c, const vcluster_error *error)
{
    if (vcluster_error_code(error) == VCLUSTER_E_PERMISSION) {
        note_lack(c, error);
        return;
    }
    vcl_forward_note(c->forward, vcluster_error_to_string(error));
    if (is_final(error))
        vcl_forward_note_obstacle(c->forward, error);
}

/* The WebSocket never opened. */
static void dial_failed(vcl_connection *c, const vcluster_error *error)
{
    if (error)
        note_dial(c, error);
    if (is_final(error))
        vcl_connection_fail(c, NULL);
    else
        retry(c);
}

/* Whether the pod refuses connections for good. */
static bool refuses_always(vcl_connection *c)
{
    int64_t now_ms = vcl_monotonic_ms();

    if (c->pod_number != c->forward->pod_number || !c->forward->pod_ready)
        c->refused_ms = 0;
    else if (c->refused_ms == 0)
        c->refused_ms = now_ms;
    return c->refused_ms && now_ms - c->refused_ms >= REFUSED_MS;
}

static void refused(vcl_connection *c)
{
    if (refuses_always(c)) {
        vcl_connection_fail(c, NULL);
        return;
    }
    int64_t left_ms = c->deadline_ms - vcl_monotonic_ms();
    vcl_connection_set_timer(c, left_ms > 0 ? left_ms : 0);
    retry(c);
}

/* Nothing came from the pod, and whatever it got, it cannot have acted on it. */
static bool is_repeatable(const vcl_connection *c)
{
    return c->replayable &&
           vcl_forward_is_harmless((const uint8_t *)c->replay.data, c->replay.size);
}

/* A pod on its way out may end in order a connection that nobody took. One that is said to be ready
 * and does so twice means it. */
static bool ended_too_early(vcl_connection *c)
{
    bool ready = c->pod_number == c->forward->pod_number && c->forward->pod_ready;
    bool again = c->ended_empty;

    c->ended_empty = ready;
    return !c->local_ended && !(ready && again);
}

static void open_ended(vcl_connection *c, const vcluster_error *error)
{
    bool lost = c->failed || error;

    if (lost && !c->failed)
        vcl_forward_note(c->forward, vcluster_error_to_string(error));
    if (c->refused || (is_repeatable(c) && (lost || ended_too_early(c)))) {
        refused(c);
        return;
    }
    if (lost) {
        vcl_forward_lose_pod(c->forward, c->pod_number);
        vcl_connection_fail(c, NULL);
        return;
    }
    c->state = CONNECTION_FLUSHING;
    vcl_connection_set_timer(c, -1);
    if (vcl_connection_unwritten(c) == 0)
        vcl_local_finish(c);
    else
        vcl_connection_update(c);
}

static void on_close(vcl_websocket *socket, const vcluster_error *error, void *data)
{
    vcl_connection *c = data;

    (void)socket;
    c->socket = NULL;
    if (c->state == CONNECTION_ENDED)
        vcl_connection_release(c);
    else if (c->state == CONNECTION_DIALING)
        dial_failed(c, error);
    else if (c->state == CONNECTION_OPEN)
        open_ended(c, error);
}

static const vcl_websocket_events events = {
    .on_open = on_open, .on_message = on_message, .on_drain = on_drain, .on_close = on_close
};

static int open_socket(vcl_connection *c, vcluster_error **error)
{
    vcl_forward *forward = c->forward;
    vcl_resource pods = { "v1", "Pod", "pods", true };
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = vcl_kube_path(&pods, forward->namespace_name, forward->pod, &path, error);
    if (status < 0)
        return status;
    vcl_buf_add(&path, "/portforward");
    vcl_query_add_int(&path, "ports", forward->remote_port);
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;
    return vcl_websocket_open(vcl_kube_http(forward->kube), vcl_buf_text(&path),
                              VCL_FORWARD_PROTOCOL, &events, c, &c->socket, error);
}

void vcl_connection_dial(vcl_connection *connection)
{
    vcl_connection *c = connection;
    vcl_forward *forward = c->forward;
    VCL_AUTO_ERROR *failure = NULL;

    if (!forward->pod) /* lost again while others were dialing it */
        return;
    c->pod_number = forward->pod_number;
    c->frames = (vcl_forward_frames){ .port = forward->remote_port };
    c->state = CONNECTION_DIALING;
    if (open_socket(c, &failure) < 0)
        dial_failed(c, failure);
}
