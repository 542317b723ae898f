/* SPDX-License-Identifier: Apache-2.0 */
/* See etcd_message.h. Protocol Buffers: each field begins with its number and its kind. */
#include "etcd_message.h"

enum {
    HEAD_SIZE = 5,
    MAX_MESSAGE = 8 << 20,
    KIND_NUMBER = 0,
    KIND_64 = 1,
    KIND_BYTES = 2,
    KIND_32 = 5,
    FIELD_REMAINING = 2,
    FIELD_BLOB = 3
};

typedef struct reader {
    const unsigned char *next;
    const unsigned char *end;
} reader;

static bool read_number(reader *from, uint64_t *out_number)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 64 && from->next < from->end; shift += 7) {
        unsigned char byte = *from->next++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *out_number = number;
            return true;
        }
    }
    return false;
}

static bool skip(reader *from, uint64_t size)
{
    if (size > (uint64_t)(from->end - from->next))
        return false;
    from->next += size;
    return true;
}

static bool read_field(reader *from, rt_etcd_part *part)
{
    uint64_t key = 0;
    uint64_t number = 0;

    if (!read_number(from, &key))
        return false;
    switch (key & 7) {
    case KIND_NUMBER:
        if (!read_number(from, &number))
            return false;
        if (key >> 3 == FIELD_REMAINING) {
            if (number > INT64_MAX)
                return false;
            part->remaining = (int64_t)number;
        }
        return true;
    case KIND_64:
        return skip(from, 8);
    case KIND_32:
        return skip(from, 4);
    case KIND_BYTES:
        if (!read_number(from, &number))
            return false;
        if (key >> 3 == FIELD_BLOB) {
            part->blob = (const char *)from->next;
            part->blob_size = (size_t)number;
        }
        return skip(from, number);
    default:
        return false;
    }
}

int rt_etcd_next(const vcl_buf *buf,
                 rt_etcd_part *out_part,
                 size_t *out_size,
                 vcluster_error **error)
{
    const unsigned char *head = (const unsigned char *)buf->data;
    rt_etcd_part part = { 0 };

    if (buf->size < HEAD_SIZE)
        return 0;
    size_t size = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    if (head[0] != 0 || size > MAX_MESSAGE)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "etcd answers with a message that is too "
                        "large or compressed");
    if (buf->size < HEAD_SIZE + size)
        return 0;
    reader from = { head + HEAD_SIZE, head + HEAD_SIZE + size };
    while (from.next < from.end) {
        if (!read_field(&from, &part))
            return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                            "etcd answers with a message that is no part of a snapshot");
    }
    *out_part = part;
    *out_size = HEAD_SIZE + size;
    return 1;
}
