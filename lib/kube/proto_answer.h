/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of an API server in its envelope for Protocol Buffers: four bytes of magic, then a
 * message that says which kind the bytes in it are. A list is read item by item as it comes.
 */
#ifndef VCL_KUBE_PROTO_ANSWER_H
#define VCL_KUBE_PROTO_ANSWER_H

#include "data/json_items.h"
#include "data/proto.h"

#define VCL_PROTO_TYPE "application/vnd.kubernetes.protobuf"

typedef struct vcl_proto_items {
    const vcl_proto_message *message; /* of an item */
    vcl_json_item_fn fn;
    void *data;
    vcl_buf held;  /* what is not whole yet */
    uint64_t left; /* of the list in its envelope */
    int place;
    size_t count;
    cJSON *rest; /* the list without its items */
} vcl_proto_items;

/* No JSON begins with this. */
static inline bool vcl_is_proto(const char *bytes, size_t size)
{
    return size > 0 && bytes[0] == 'k';
}

void vcl_proto_items_init(vcl_proto_items *items,
                          const vcl_proto_message *message,
                          vcl_json_item_fn fn,
                          void *data);
void vcl_proto_items_done(vcl_proto_items *items);

/* The next bytes. Limits: VCL_MAX_WATCH_EVENT for an item. PROTOCOL for what is no list. */
int vcl_proto_items_feed(vcl_proto_items *items,
                         const char *bytes,
                         size_t size,
                         vcluster_error **error);

/* All bytes were fed: the list, its "items" an empty array. */
int vcl_proto_items_end(vcl_proto_items *items, cJSON **out_rest, vcluster_error **error);

/* A whole answer that is a Status, as a tree with its kind. */
int vcl_proto_read_status(const char *bytes, size_t size, cJSON **out_tree, vcluster_error **error);

#endif
