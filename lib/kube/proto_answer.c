/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope of Protocol Buffers; see proto_answer.h. */
#include "kube/proto_answer.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/proto_kinds.h"

/* Where the next byte stands. */
enum { MAGIC, AROUND, INSIDE };

enum { MAGIC_SIZE = 4, PIECE = 64 << 10 };
static const char magic[MAGIC_SIZE + 1] = "k8s";

/* Fields of the envelope, and of every list. */
enum { ENVELOPE_TYPE = 1, ENVELOPE_RAW = 2, LIST_METADATA = 1, LIST_ITEMS = 2, WIRE_BYTES = 2 };

void vcl_proto_items_init(vcl_proto_items *items,
                          const vcl_proto_message *message,
                          vcl_json_item_fn fn,
                          void *data)
{
    *items = (vcl_proto_items){ .message = message, .fn = fn, .data = data, .place = MAGIC };
    vcl_buf_init(&items->held, (size_t)VCL_MAX_WATCH_EVENT + PIECE);
}

void vcl_proto_items_done(vcl_proto_items *items)
{
    vcl_buf_done(&items->held);
    cJSON_Delete(items->rest);
    items->rest = NULL;
}

static int no_list(vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_PROTOCOL, "no list in Kubernetes' form of Protocol Buffers");
}

/* The kind that an envelope says; anything but a list is refused. */
static int check_type(const vcl_proto_part *part, vcluster_error **error)
{
    static const vcl_proto_field fields[] = { { 2, VCL_PROTO_STRING, "kind", NULL } };
    static const vcl_proto_message type = VCL_PROTO_MESSAGE_OF(fields);
    VCL_AUTO_JSON *tree = NULL;

    int status = part->wire == WIRE_BYTES
                     ? vcl_proto_read(&type, part->bytes, part->size, &tree, error)
                     : no_list(error);
    if (status < 0)
        return status;
    const char *kind = vcl_json_find_string(tree, "kind", NULL);
    return kind && vcl_ends_with(kind, "List") ? VCLUSTER_OK : no_list(error);
}

static int tell_item(vcl_proto_items *items, const vcl_proto_part *part, vcluster_error **error)
{
    cJSON *tree = NULL;

    int status = vcl_proto_read(items->message, part->bytes, part->size, &tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "item %zu of the list", items->count);
    items->count++;
    return items->fn(tree, items->data, error);
}

/* A field of the list, whole. */
static int take_field(vcl_proto_items *items, const vcl_proto_part *part, vcluster_error **error)
{
    if (part->whole > items->left)
        return no_list(error);
    items->left -= part->whole;
    if (items->left == 0)
        items->place = AROUND;
    if (part->number == LIST_ITEMS && part->wire == WIRE_BYTES)
        return tell_item(items, part, error);
    if (part->number != LIST_METADATA || part->wire != WIRE_BYTES)
        return VCLUSTER_OK;
    cJSON_Delete(vcl_steal(&items->rest));
    /* With its head it is a list that has nothing else. */
    return vcl_proto_read(&vcl_proto_list, part->bytes - part->head, part->whole, &items->rest,
                          error);
}

/* What one part of the envelope or of the list in it takes of the bytes: 0 when it is not whole. */
static int step(vcl_proto_items *items,
                const char *bytes,
                size_t size,
                size_t *out_used,
                vcluster_error **error)
{
    vcl_proto_part part;

    *out_used = 0;
    if (items->place == MAGIC) {
        if (size < MAGIC_SIZE)
            return VCLUSTER_OK;
        if (memcmp(bytes, magic, MAGIC_SIZE) != 0)
            return no_list(error);
        items->place = AROUND;
        *out_used = MAGIC_SIZE;
        return VCLUSTER_OK;
    }
    int status = vcl_proto_next(bytes, size, &part, error);
    if (status < 0)
        return status;
    if (items->place == AROUND && part.number == ENVELOPE_RAW && part.head > 0) {
        items->left = part.size;
        items->place = part.size > 0 ? INSIDE : AROUND;
        *out_used = part.head;
        return VCLUSTER_OK;
    }
    if (part.size > VCL_MAX_WATCH_EVENT)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "an item of the list is larger than the limit of %d bytes",
                        VCL_MAX_WATCH_EVENT);
    if (status == 0)
        return VCLUSTER_OK;
    *out_used = part.whole;
    if (items->place == INSIDE)
        return take_field(items, &part, error);
    return part.number == ENVELOPE_TYPE ? check_type(&part, error) : VCLUSTER_OK;
}

static int
feed_piece(vcl_proto_items *items, const char *bytes, size_t size, vcluster_error **error)
{
    vcl_buf *held = &items->held;
    size_t at = 0;
    size_t used = 0;

    if (!vcl_buf_append(held, bytes, size))
        return held->state == VCL_BUF_NO_MEMORY ? vcl_no_memory(error) : no_list(error);
    do {
        int status = at < held->size ? step(items, held->data + at, held->size - at, &used, error)
                                     : VCLUSTER_OK;
        if (status < 0)
            return status;
        at += used;
    } while (used > 0 && at < held->size);
    vcl_buf_consume(held, at);
    return VCLUSTER_OK;
}

int vcl_proto_items_feed(vcl_proto_items *items,
                         const char *bytes,
                         size_t size,
                         vcluster_error **error)
{
    while (size > 0) {
        size_t piece = size < PIECE ? size : PIECE;
        int status = feed_piece(items, bytes, piece, error);

        if (status < 0)
            return status;
        bytes += piece;
        size -= piece;
    }
    return VCLUSTER_OK;
}

int vcl_proto_items_end(vcl_proto_items *items, cJSON **out_rest, vcluster_error **error)
{
    if (items->place != AROUND || items->held.size > 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the list ends in the middle of its items");
    if (!items->rest)
        return no_list(error);
    if (!vcl_json_set(items->rest, "items", cJSON_CreateArray()))
        return vcl_no_memory(error);
    *out_rest = vcl_steal(&items->rest);
    return VCLUSTER_OK;
}

/* Only what the raw bytes of an envelope are. */
static int find_raw(const char *bytes, size_t size, vcl_proto_part *out, vcluster_error **error)
{
    if (size < MAGIC_SIZE || memcmp(bytes, magic, MAGIC_SIZE) != 0)
        return no_list(error);
    bytes += MAGIC_SIZE;
    size -= MAGIC_SIZE;
    while (size > 0) {
        int status = vcl_proto_next(bytes, size, out, error);
        if (status <= 0)
            return status < 0 ? status : no_list(error);
        if (out->number == ENVELOPE_RAW && out->wire == WIRE_BYTES)
            return VCLUSTER_OK;
        bytes += out->whole;
        size -= out->whole;
    }
    return no_list(error);
}

int vcl_proto_read_status(const char *bytes, size_t size, cJSON **out_tree, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    vcl_proto_part raw;

    int status = find_raw(bytes, size, &raw, error);
    if (status == VCLUSTER_OK)
        status = vcl_proto_read(&vcl_proto_status, raw.bytes, raw.size, &tree, error);
    if (status < 0)
        return status;
    if (!vcl_json_set_string(tree, "apiVersion", "v1") ||
        !vcl_json_set_string(tree, "kind", "Status"))
        return vcl_no_memory(error);
    *out_tree = vcl_steal(&tree);
    return VCLUSTER_OK;
}
