/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON list read piece by piece: the members of the array "items" of an object one by one as they
 * come, so that a page of five hundred objects never stands in memory, neither as text nor as tree.
 */
#ifndef VCL_DATA_JSON_ITEMS_H
#define VCL_DATA_JSON_ITEMS_H

#include "data/json.h"

/* One item, whole and read; the callee owns it. A negative answer ends the reading with it. */
typedef int (*vcl_json_item_fn)(cJSON *item, void *data, vcluster_error **error);

typedef struct vcl_json_items {
    vcl_json_item_fn fn;
    void *data;
    vcl_buf item; /* the one that is being read */
    vcl_buf rest; /* the object without its items */
    size_t nodes; /* at most so many so far: commas and brackets */
    size_t count;
    int depth; /* inside the object, or inside the item */
    int place;
    bool seen; /* there was an array of items */
    bool twice;
    bool in_string;
    bool escaped;
    bool after_item; /* a comma is due, or the end */
    bool is_key;     /* the last text at depth 1 was "items" */
    size_t key_at;   /* where in rest the last text at depth 1 began */
} vcl_json_items;

void vcl_json_items_init(vcl_json_items *items, vcl_json_item_fn fn, void *data);
void vcl_json_items_done(vcl_json_items *items);

/* The next bytes. Limits: those of vcl_json_parse() for the whole list, VCL_MAX_WATCH_EVENT for an
 * item. PROTOCOL for what is no JSON. */
int vcl_json_items_feed(vcl_json_items *items,
                        const char *bytes,
                        size_t size,
                        vcluster_error **error);

/* All bytes were fed: the object, its "items" an empty array (or what it was, if not an array). */
int vcl_json_items_end(vcl_json_items *items, cJSON **out_rest, vcluster_error **error);

#endif
