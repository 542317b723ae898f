/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Editing the text of a kubeconfig in place: one entry is put, replaced or dropped, or
 * current-context set, and every other byte stays: comments, order, unknown fields, line breaks,
 * JSON or YAML. After the edits the new text is read again and must say exactly what was meant; a
 * layout that this module does not understand (aliases for a list, tags on it) is refused with
 * UNSUPPORTED, and the text stays as it was. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_EDIT_H
#define VCL_KUBE_KUBECONFIG_EDIT_H

#include "data/yaml_layout.h"
#include "kube/kubeconfig_mark.h"

/* Entries of a longer text that are left out of this one; see kubeconfig_gaps.h. */
typedef struct vcl_config_gap {
    size_t at;    /* in this text: where they belong */
    size_t start; /* in the longer one */
    size_t end;
    vcl_config_list list;
    bool flow;
} vcl_config_gap;

enum { VCL_MAX_GAPS = 24 };
typedef struct vcl_config_text {
    char *text; /* holds secrets */
    size_t size;
    cJSON *tree;                       /* what the text says; null for an empty one */
    vcl_config_gap gaps[VCL_MAX_GAPS]; /* in their order; edits move them along */
    size_t gap_count;
} vcl_config_text;

/* Take a copy of a text; CONFIG when it is no kubeconfig. */
int vcl_config_text_open(vcl_config_text *config,
                         const char *text,
                         size_t size,
                         vcluster_error **error);
void vcl_config_text_done(vcl_config_text *config);

/* One edit. */
typedef struct vcl_config_edit {
    const char *list;   /* "users"; NULL: current-context */
    const cJSON *entry; /* is put; NULL: drop what has the name */
    const char *name;   /* of what is dropped, if it is there; of what becomes current */
} vcl_config_edit;

/* Make several edits with one reading before and one after them; all or none. */
int vcl_config_text_edit(vcl_config_text *config,
                         const vcl_config_edit *edits,
                         size_t count,
                         vcluster_error **error);

/* Put an entry such as {"name": .., "cluster": {..}} into a list, in the place of one of its name
 * or behind all others. */
int vcl_config_text_put(vcl_config_text *config,
                        const char *list,
                        const cJSON *entry,
                        vcluster_error **error);
/* Drop an entry; ok when there is none. */
int vcl_config_text_drop(vcl_config_text *config,
                         const char *list,
                         const char *name,
                         vcluster_error **error);
/* Set current-context; "" clears it. */
int vcl_config_text_set_current(vcl_config_text *config, const char *name, vcluster_error **error);

/* A piece of text to be replaced. */
typedef struct vcl_splice {
    size_t start;
    size_t end;
    char *text; /* owned */
} vcl_splice;

enum { VCL_MAX_SPLICES = 16 };
typedef struct vcl_splices {
    vcl_splice items[VCL_MAX_SPLICES];
    size_t count;
    bool failed; /* memory was short */
} vcl_splices;

/* Add a splice. The text is owned from now on; NULL means that memory was short. */
void vcl_splice_add(vcl_splices *splices, size_t start, size_t end, char *text);
void vcl_splice_add_copy(vcl_splices *splices, size_t start, size_t end, const char *text);
void vcl_splices_done(vcl_splices *splices);
/* Put them in order; those that are at one place stay in theirs. Whether they do not overlap. */
bool vcl_splices_sort(vcl_splices *splices);
/* The text with all of them in it. */
int vcl_splices_apply(const vcl_splices *splices,
                      const vcl_config_text *config,
                      char **out_text,
                      size_t *out_size,
                      vcluster_error **error);

/* What the makers of splices know. */
typedef struct vcl_edit_place {
    const char *text;
    size_t size;
    const vcl_yaml_layout *layout;
    const char *line_break; /* of this text */
} vcl_edit_place;

/* Splices for block style (YAML as people write it). All return false for a layout that they do
 * not understand. */
bool vcl_edit_block_put(const vcl_edit_place *place,
                        const char *list,
                        const cJSON *entry,
                        int64_t index, /* of the one that is replaced, or -1 */
                        vcl_splices *splices);
bool vcl_edit_block_drop(const vcl_edit_place *place,
                         const vcl_yaml_part *list,
                         size_t index,
                         vcl_splices *splices);
bool vcl_edit_block_scalar(const vcl_edit_place *place,
                           const char *key,
                           const char *value,
                           vcl_splices *splices);

/* The same for flow style: JSON, and lists in brackets. */
bool vcl_edit_flow_put(const vcl_edit_place *place,
                       const char *list,
                       const cJSON *entry,
                       int64_t index,
                       vcl_splices *splices);
bool vcl_edit_flow_drop(const vcl_edit_place *place,
                        const vcl_yaml_part *list,
                        size_t index,
                        vcl_splices *splices);
bool vcl_edit_flow_scalar(const vcl_edit_place *place,
                          const char *key,
                          const char *value,
                          vcl_splices *splices);

/* Lines of a text. The start of the line of a place; the place behind the break that ends the line
 * in which something ends; whether only spaces and tabs stand before a place in its line. */
size_t vcl_edit_line_start(const char *text, size_t at);
size_t vcl_edit_next_line(const char *text, size_t size, size_t at);
bool vcl_edit_first_in_line(const char *text, size_t at);
/* Skip blanks, line breaks and comments. */
size_t vcl_edit_skip_space(const char *text, size_t size, size_t at);
/* Put a prefix before each line but the first, and give lines the breaks of the text. NULL when
 * memory is short. Owns nothing. */
char *vcl_edit_indent(const char *printed,
                      const char *first_prefix,
                      const char *prefix,
                      size_t prefix_size,
                      const char *line_break);

#endif
