/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that are mostly long lists: the items of the lists that are named come one by one, each
 * with its place in the text, and what is around them becomes a tree. Accepted and refused is what
 * vcl_yaml_parse() accepts and refuses, with the same errors; but no tree of the whole ever exists.
 */
#ifndef VCL_DATA_YAML_ITEMS_H
#define VCL_DATA_YAML_ITEMS_H

#include "data/json.h"

typedef struct vcl_yaml_item {
    size_t list; /* the number of its list */
    const cJSON *tree;
    size_t start;  /* bytes; behind the dash of an item in block style */
    size_t end;    /* of the last thing in it, as in yaml_marks.h */
    size_t column; /* of the start, from 0 */
} vcl_yaml_item;

/* Told of an item; the tree is gone afterwards. A negative status ends the reading. */
typedef int (*vcl_yaml_item_fn)(void *data, const vcl_yaml_item *item, vcluster_error **error);

typedef struct vcl_yaml_lists {
    const char *const *keys; /* of the map at the root */
    size_t count;
    vcl_yaml_item_fn fn;
    void *data;
} vcl_yaml_lists;

/* *out_rest is the document with these lists empty, and *out_nodes how many values the whole has.
 * Where something depends on another place of the text (anchors, aliases, merge keys, directives,
 * several documents) *out_rest is NULL, and what items came so far counts for nothing: only
 * vcl_yaml_parse() can tell. Otherwise the text of an item, behind as many blanks as its column,
 * says by itself what the item says. */
int vcl_yaml_parse_items(const char *text,
                         size_t size,
                         const vcl_yaml_lists *lists,
                         cJSON **out_rest,
                         size_t *out_nodes,
                         vcluster_error **error);

#endif
