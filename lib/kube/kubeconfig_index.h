/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kubeconfig says without a tree of all of it, which for ten thousand contexts would be many
 * times its text: the names of its entries, where each stands, and what tells them apart. An entry
 * becomes a tree when it is asked for. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_INDEX_H
#define VCL_KUBE_KUBECONFIG_INDEX_H

#include "base/buf.h"
#include "kube/kubeconfig_mark.h"

/* Entries in one list. */
enum { VCL_CONFIG_MAX_ENTRIES = 100000 };

typedef struct vcl_config_item {
    uint32_t start; /* bytes of the text; see vcl_yaml_item */
    uint32_t end;
    uint32_t column;
    uint32_t name;    /* of these see vcl_config_index_name() */
    uint32_t cluster; /* that a context names; "" for none, and in other lists */
    uint32_t user;
    bool ours; /* marked, see kubeconfig_mark.h */
} vcl_config_item;

typedef struct vcl_config_items {
    vcl_config_item *items;
    size_t count;
    size_t capacity;
} vcl_config_items;

typedef struct vcl_config_index {
    char *text; /* holds secrets */
    size_t size;
    cJSON *rest; /* the document with its three lists empty; null for an empty one */
    bool whole;  /* the lists are in it: where anchors and the like tie them together */
    size_t nodes;
    vcl_config_items lists[VCL_CONFIG_LISTS]; /* as in vcl_config_lists */
    vcl_buf names;
} vcl_config_index;

/* Index a text, which is owned from now on, NULL being an empty one. CONFIG when it is no
 * kubeconfig; file is what errors call it, NULL for "(text)". */
int vcl_config_index_open(
    vcl_config_index *index, char *text, size_t size, const char *file, vcluster_error **error);
void vcl_config_index_done(vcl_config_index *index);

/* A text as a tree of all of it, checked in the same way; the tree is the caller's. */
int vcl_config_tree_read(const char *text, size_t size, cJSON **out_tree, vcluster_error **error);

/* The entry of that name; NULL when there is none. */
const vcl_config_item *
vcl_config_index_find(const vcl_config_index *index, vcl_config_list list, const char *name);
/* A name in an item, borrowed. */
const char *vcl_config_index_name(const vcl_config_index *index, uint32_t name);
/* The tree of an entry, which the caller frees with vcl_json_free_secret(). */
int vcl_config_index_load(const vcl_config_index *index,
                          vcl_config_list list,
                          const vcl_config_item *item,
                          cJSON **out_entry,
                          vcluster_error **error);
/* current-context; "" for none. */
const char *vcl_config_index_current(const vcl_config_index *index);

/* Forget an entry, or know another current-context, because the file was changed so: what is left
 * is still found where it was. False: memory is short. */
void vcl_config_index_forget(vcl_config_index *index, vcl_config_list list, const char *name);
bool vcl_config_index_set_current(vcl_config_index *index, const char *name);

#endif
