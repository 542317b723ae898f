/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port-forward to the pod of a control plane: a WebSocket (v4.channel.k8s.io) whose bytes go to
 * one more connection of the fake, which serves the virtual cluster.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "fake/host.h"
#include "kube/forward_frames.h"
#include "net/handshake.h"

enum { OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10, MAX_FRAME = 1 << 20, PORT = 8443 };

/* ---- Frames ---- */

static bool send_frame(const vcl_fake_conn *conn, int opcode, const uint8_t *bytes, size_t size)
{
    uint8_t head[4] = { (uint8_t)(0x80 | opcode), (uint8_t)size };
    size_t head_size = 2;

    if (size > 125) {
        head[1] = 126;
        head[2] = (uint8_t)(size >> 8);
        head[3] = (uint8_t)size;
        head_size = 4;
    }
    return vcl_fake_send(conn, head, head_size) && vcl_fake_send(conn, bytes, size);
}

/* The opcode of the next frame, whose payload is in the buffer; -1: the connection is at its end,
 * or says what no client of this library does. */
static int read_frame(const vcl_fake_conn *conn, vcl_buf *payload)
{
    uint8_t head[2];
    uint8_t length[8];
    uint8_t mask[4];

    vcl_buf_reset(payload);
    if (!vcl_fake_receive(conn, head, 2) || !(head[1] & 0x80))
        return -1;
    uint64_t size = head[1] & 0x7f;
    size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (!vcl_fake_receive(conn, length, more))
        return -1;
    for (size_t i = 0; i < more; i++)
        size = (i ? size << 8 : 0) | length[i];
    if (size > MAX_FRAME || !vcl_fake_receive(conn, mask, 4))
        return -1;
    for (uint64_t i = 0; i < size; i++) {
        uint8_t byte;
        if (!vcl_fake_receive(conn, &byte, 1))
            return -1;
        byte ^= mask[i % 4];
        if (!vcl_buf_append(payload, &byte, 1))
            return -1;
    }
    return head[0] & 0x0f;
}

/* ---- The two directions ---- */

/* From the client to the virtual cluster. false: at an end. */
static bool carry_in(const vcl_fake_conn *conn, int far, vcl_buf *payload)
{
    int opcode = read_frame(conn, payload);

    if (opcode == OP_PING)
        return send_frame(conn, OP_PONG, (const uint8_t *)payload->data, payload->size);
    if (opcode < 0 || opcode == OP_CLOSE)
        return false;
    const vcl_fake_conn other = { .fd = far };
    return opcode != OP_BINARY || payload->size < 2 ||
           payload->data[0] != VCL_FORWARD_DATA_CHANNEL ||
           vcl_fake_send(&other, payload->data + 1, payload->size - 1);
}

/* And back. */
static bool carry_out(const vcl_fake_conn *conn, int far)
{
    uint8_t message[16385] = { VCL_FORWARD_DATA_CHANNEL };
    ssize_t got = recv(far, message + 1, sizeof(message) - 1, 0);

    if (got < 0 && errno == EINTR)
        return true;
    return got > 0 && send_frame(conn, OP_BINARY, message, (size_t)got + 1);
}

static void pump(const vcl_fake_conn *conn, int far)
{
    struct pollfd ways[] = { { .fd = conn->fd, .events = POLLIN },
                             { .fd = far, .events = POLLIN } };
    VCL_AUTO_BUF payload = { 0 };
    bool goes_on = true;

    vcl_buf_init(&payload, MAX_FRAME);
    while (goes_on) {
        if (poll(ways, 2, -1) < 0 && errno != EINTR)
            return;
        if (ways[0].revents)
            goes_on = carry_in(conn, far, &payload);
        if (goes_on && ways[1].revents)
            goes_on = carry_out(conn, far);
    }
    (void)send_frame(conn, OP_CLOSE, (const uint8_t *)"\x03\xe8", 2);
}

/* ---- The beginning ---- */

static bool accept_upgrade(const vcl_fake_conn *conn, const char *key)
{
    static const uint8_t begun[2][3] = {
        { VCL_FORWARD_DATA_CHANNEL, PORT & 0xff, PORT >> 8 },
        { VCL_FORWARD_ERROR_CHANNEL, PORT & 0xff, PORT >> 8 },
    };
    char accept[64];

    if (!vcl_handshake_accept(key, accept))
        return false;
    vcl_auto_free char *head = vcl_format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: " VCL_FORWARD_PROTOCOL
        "\r\n\r\n",
        accept);
    return head && vcl_fake_send(conn, head, strlen(head)) &&
           send_frame(conn, OP_BINARY, begun[0], 3) && send_frame(conn, OP_BINARY, begun[1], 3);
}

/* The virtual cluster of a pod, "NAMESPACE/NAME"; NULL: there is no such pod. "": nothing listens
 * in it. */
static char *find_cluster(vcl_fake *fake, const vcl_fake_target *target)
{
    (void)pthread_mutex_lock(&fake->lock);
    const vcl_fake_object *pod =
        target->object ? vcl_world_find(fake->worlds, target->object) : NULL;
    const char *release =
        pod ? vcl_str(vcl_json_find_string(pod->tree, "metadata", "labels", "release", NULL)) : "";
    char *name = pod ? vcl_format("%s/%s", vcl_str(target->namespace_name), release) : NULL;
    if (name && !vcl_fake_world(fake, name))
        *name = '\0';
    (void)pthread_mutex_unlock(&fake->lock);
    return name;
}

static void refuse(const vcl_fake_conn *conn, const vcl_fake_target *target)
{
    vcl_auto_free char *text = vcl_format(
        "HTTP/1.1 404 Answer\r\nContent-Length: %zu\r\n\r\n"
        "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"message\":\"pods "
        "\\\"%s\\\" not found\",\"code\":404}",
        strlen(vcl_str(target->name)) +
            strlen("{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\","
                   "\"message\":\"pods \\\"\\\" not found\",\"code\":404}"),
        vcl_str(target->name));

    if (text)
        (void)vcl_fake_send(conn, text, strlen(text));
}

/* One end of a connection to the API server of a virtual cluster. */
static int open_cluster(vcl_fake *fake, const char *cluster)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    if (vcl_fake_serve(fake, cluster, ends[1], false))
        return ends[0];
    (void)close(ends[0]);
    return -1;
}

void vcl_fake_portforward(vcl_fake_conn *conn,
                          const vcl_fake_request *request,
                          const vcl_fake_target *target)
{
    static const char refused[] = "\x01"
                                  "connection refused: nothing listens in this pod";
    vcl_auto_free char *cluster = find_cluster(conn->fake, target);

    if (!cluster) {
        refuse(conn, target);
        return;
    }
    if (!accept_upgrade(conn, request->websocket_key))
        return;
    vcl_auto_close int far = *cluster ? open_cluster(conn->fake, cluster) : -1;
    if (far >= 0)
        pump(conn, far);
    else
        (void)send_frame(conn, OP_BINARY, (const uint8_t *)refused, sizeof(refused) - 1);
}
