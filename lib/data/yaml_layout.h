/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the parts of a YAML (or JSON) text stand, for whoever edits the text itself: the members of
 * the map at its root and the items of those that are lists, as byte ranges. What the parts mean is
 * told by vcl_yaml_parse(), which must have accepted the text before.
 */
#ifndef VCL_DATA_YAML_LAYOUT_H
#define VCL_DATA_YAML_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef enum vcl_span_kind {
    VCL_SPAN_NONE,
    VCL_SPAN_SCALAR,
    VCL_SPAN_LIST,
    VCL_SPAN_MAP,
    VCL_SPAN_ALIAS
} vcl_span_kind;

/* One value. An empty one (a key with nothing behind it) has start == end, behind the colon. The
 * end is that of the last thing in it: comments and blank lines behind it do not belong to it. */
typedef struct vcl_span {
    vcl_span_kind kind;
    bool flow;      /* [..] or {..} */
    bool decorated; /* has an anchor or a tag, at which it starts */
    size_t start;
    size_t end;
} vcl_span;

typedef struct vcl_yaml_part {
    char *key; /* NULL when it is no scalar */
    vcl_span key_span;
    vcl_span value;
    vcl_span *items; /* of a list */
    size_t item_count;
} vcl_yaml_part;

typedef struct vcl_yaml_layout {
    vcl_span root; /* VCL_SPAN_NONE: the text has no document at all */
    vcl_yaml_part *parts;
    size_t part_count;
    bool several; /* there are more documents than this first one */
} vcl_yaml_layout;

int vcl_yaml_layout_read(const char *text,
                         size_t size,
                         vcl_yaml_layout *out_layout,
                         vcluster_error **error);
void vcl_yaml_layout_done(vcl_yaml_layout *layout);

/* The member of that key; NULL when there is none. */
const vcl_yaml_part *vcl_yaml_layout_find(const vcl_yaml_layout *layout, const char *key);

#endif
