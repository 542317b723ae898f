/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes over a connection of curl; see wire.h. */
#include "net/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool take_buffer(vcl_wire *wire, uint8_t **slot)
{
    if (!*slot)
        *slot = malloc(VCL_WIRE_BUFFER);
    if (!*slot)
        wire->failure = CURLE_OUT_OF_MEMORY;
    return *slot;
}

static void drop_buffer(uint8_t **slot)
{
    if (*slot)
        vcl_wipe(*slot, VCL_WIRE_BUFFER);
    free(*slot);
    *slot = NULL;
}

void vcl_wire_done(vcl_wire *wire)
{
    drop_buffer(&wire->in);
    drop_buffer(&wire->out);
    wire->in_begin = wire->in_end = wire->out_begin = wire->out_end = 0;
}

/* false at the end and after a failure. */
static bool refill(vcl_wire *wire)
{
    size_t got = 0;

    wire->in_begin = wire->in_end = 0;
    if (wire->ended || wire->failure != CURLE_OK || !take_buffer(wire, &wire->in))
        return false;

    CURLcode result = curl_easy_recv(wire->easy, wire->in, VCL_WIRE_BUFFER, &got);
    wire->in_end = got;
    if (got == 0)
        drop_buffer(&wire->in);
    if (result == CURLE_AGAIN)
        return true;
    if (result != CURLE_OK)
        wire->failure = result;
    else if (got == 0)
        wire->ended = true;
    return result == CURLE_OK && got > 0;
}

ssize_t vcl_wire_read(vcl_wire *wire, uint8_t *bytes, size_t size)
{
    if (wire->in_begin == wire->in_end && !refill(wire))
        return -1;

    size_t left = wire->in_end - wire->in_begin;
    if (size > left)
        size = left;
    if (size > 0)
        memcpy(bytes, wire->in + wire->in_begin, size);
    wire->in_begin += size;
    return (ssize_t)size;
}

void vcl_wire_unread(vcl_wire *wire, const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > wire->in_begin) /* a buffer that was given back has in_begin 0 */
        return;
    wire->in_begin -= size;
    memcpy(wire->in + wire->in_begin, bytes, size);
}

bool vcl_wire_flush(vcl_wire *wire)
{
    while (wire->failure == CURLE_OK && wire->out_begin < wire->out_end) {
        size_t sent = 0;
        CURLcode result = curl_easy_send(wire->easy, wire->out + wire->out_begin,
                                         wire->out_end - wire->out_begin, &sent);
        if (result == CURLE_AGAIN)
            return true;
        if (result != CURLE_OK)
            wire->failure = result;
        else
            wire->out_begin += sent;
    }
    if (wire->out_begin == wire->out_end) {
        wire->out_begin = wire->out_end = 0;
        drop_buffer(&wire->out);
    }
    return wire->failure == CURLE_OK;
}

ssize_t vcl_wire_write(vcl_wire *wire, const uint8_t *bytes, size_t size)
{
    if (wire->out_end == VCL_WIRE_BUFFER && !vcl_wire_flush(wire))
        return -1;

    size_t room = VCL_WIRE_BUFFER - wire->out_end;
    if (size > room)
        size = room;
    if (size > 0 && !take_buffer(wire, &wire->out))
        return -1;
    if (size > 0)
        memcpy(wire->out + wire->out_end, bytes, size);
    wire->out_end += size;
    return wire->failure == CURLE_OK ? (ssize_t)size : -1;
}

size_t vcl_wire_pending(const vcl_wire *wire)
{
    return wire->out_end - wire->out_begin;
}
