/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the parts of a YAML (or JSON) text stand: a tree of marks beside the tree of values, with
 * line, column and byte range of every key and value. For positions of findings, for keys that are
 * there twice, and for whoever edits the text itself. What the parts mean is told by
 * vcl_yaml_parse().
 */
#ifndef VCL_DATA_YAML_MARKS_H
#define VCL_DATA_YAML_MARKS_H

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

/* One key or value. An empty value (a key with nothing behind it) has start == end, behind the
 * colon. The end is that of the last thing in it: comments and blank lines behind it do not belong
 * to it. */
typedef struct vcl_span {
    vcl_span_kind kind;
    bool flow;      /* [..] or {..} */
    bool decorated; /* has an anchor or a tag, at which it starts */
    size_t start;   /* bytes */
    size_t end;
    size_t line; /* of the start, from 1 */
    size_t column;
} vcl_span;

typedef struct vcl_yaml_mark {
    char *key; /* of a member: its text; NULL for an item, and for a key that is no scalar */
    vcl_span key_span; /* VCL_SPAN_NONE for an item or a document */
    vcl_span value;
    bool duplicate;              /* an earlier member of the map has the same key */
    struct vcl_yaml_mark *child; /* members or items, in the order of the text */
    struct vcl_yaml_mark *next;
} vcl_yaml_mark;

typedef struct vcl_yaml_marks {
    vcl_yaml_mark *documents; /* one behind the other; NULL: there is none */
} vcl_yaml_marks;

/* Read all documents of a text. Limits as in vcl_yaml_parse(); CONFIG where it is no YAML. */
int vcl_yaml_marks_read(const char *text,
                        size_t size,
                        vcl_yaml_marks *out_marks,
                        vcluster_error **error);
void vcl_yaml_marks_done(vcl_yaml_marks *marks);
#define VCL_AUTO_YAML_MARKS __attribute__((cleanup(vcl_yaml_marks_done))) vcl_yaml_marks

/* The member of that key (of several, the last), or the item of that index; NULL when there is
 * none. */
const vcl_yaml_mark *vcl_yaml_mark_member(const vcl_yaml_mark *mark, const char *key);
const vcl_yaml_mark *vcl_yaml_mark_item(const vcl_yaml_mark *mark, size_t index);

/* Follow a path in the notation of --set ("a.b\.c[0].d") as far as the text has it: the mark it
 * leads to, or with *out_exact (may be NULL) false, the last one on the way. NULL for NULL. */
const vcl_yaml_mark *
vcl_yaml_mark_find(const vcl_yaml_mark *document, const char *path, bool *out_exact);

/* Where a person looks for it: its key, or for an item or a document, itself. */
const vcl_span *vcl_yaml_mark_place(const vcl_yaml_mark *mark);

#endif
