/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes over a connection of curl; see wire.h. */
#include "net/wire.h"

#include <string.h>

static bool refill(vcl_wire *wire)
{
    size_t got = 0;

    wire->in_begin = wire->in_end = 0;
    if (wire->ended || wire->failure != CURLE_OK)
        return false;

    CURLcode result = curl_easy_recv(wire->easy, wire->in, sizeof(wire->in), &got);
    if (result == CURLE_AGAIN)
        return true;
    if (result != CURLE_OK)
        wire->failure = result;
    else if (got == 0)
        wire->ended = true;
    wire->in_end = got;
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
    if (size == 0 || size > wire->in_begin)
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
    if (wire->out_begin == wire->out_end)
        wire->out_begin = wire->out_end = 0;
    return wire->failure == CURLE_OK;
}

ssize_t vcl_wire_write(vcl_wire *wire, const uint8_t *bytes, size_t size)
{
    if (wire->out_end == sizeof(wire->out) && !vcl_wire_flush(wire))
        return -1;

    size_t room = sizeof(wire->out) - wire->out_end;
    if (size > room)
        size = room;
    if (size > 0)
        memcpy(wire->out + wire->out_end, bytes, size);
    wire->out_end += size;
    return wire->failure == CURLE_OK ? (ssize_t)size : -1;
}

size_t vcl_wire_pending(const vcl_wire *wire)
{
    return wire->out_end - wire->out_begin;
}
