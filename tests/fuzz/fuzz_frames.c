/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what comes over an open WebSocket: its frames, whole messages, and how it ends. */
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "net/client.h"
#include "net/websocket_private.h"

static void on_message(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data)
{
    size_t *left = data;

    (void)socket;
    FUZZ_CHECK(size == 0 || bytes);
    FUZZ_CHECK(size <= *left); /* nothing is told that did not come */
    *left -= size;
}

static void on_drain(vcl_websocket *socket, void *data)
{
    (void)socket;
    (void)data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char authority[] = "localhost:1";
    static CURL *unconnected;
    vcl_http http = { .server = { .authority = authority } };
    size_t left = size;
    vcl_websocket *socket = calloc(1, sizeof(*socket));

    if (!unconnected)
        unconnected = curl_easy_init();
    FUZZ_CHECK(socket && unconnected);
    socket->wire.easy = unconnected;
    socket->http = &http;
    socket->data = &left;
    socket->state = WS_OPEN;
    socket->events.on_message = on_message;
    socket->events.on_drain = on_drain;
    if (size > VCL_WIRE_BUFFER)
        size = VCL_WIRE_BUFFER;
    socket->wire.in = malloc(VCL_WIRE_BUFFER);
    FUZZ_CHECK(socket->wire.in);
    if (size > 0)
        memcpy(socket->wire.in, data, size);
    socket->wire.in_end = size;
    FUZZ_CHECK(vcl_websocket_make_frames(socket) == 0);

    /* Behind these bytes the handle has no connection, which is taken for a lost one. */
    (void)vcl_websocket_exchange(socket);
    vcl_websocket_judge_end(socket);
    FUZZ_CHECK(!socket->error || *vcluster_error_message(socket->error));
    vcluster_error_free(socket->error);
    wslay_event_context_free(socket->frames);
    vcl_wire_done(&socket->wire);
    free(socket);
    return 0;
}
