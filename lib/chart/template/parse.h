/* SPDX-License-Identifier: Apache-2.0 */
/* Template text to syntax trees, and the set of all templates of a rendering. */
#ifndef VCL_CHART_TEMPLATE_PARSE_H
#define VCL_CHART_TEMPLATE_PARSE_H

#include "chart/template/ast.h"

/* Templates by name, sorted. A set with a parent is a clone made by `tpl`: what it defines is seen
 * by nobody else. */
typedef struct vcl_tpl_set {
    const struct vcl_tpl_set *parent;
    const vcl_tpl_tree **trees;
    size_t count;
    size_t capacity;
} vcl_tpl_set;

const vcl_tpl_tree *vcl_tpl_set_find(const vcl_tpl_set *set, vcl_tpl_text name);

/* Why a text cannot be parsed. */
typedef struct vcl_tpl_parse_error {
    vcl_buf message; /* without location */
    int line;
    bool no_memory;
} vcl_tpl_parse_error;

/* Parse a text that has a name; its defines join the set, as does the text itself unless it is
 * empty and there is one of that name already. name and source must outlive the arena. */
bool vcl_tpl_parse(vcl_arena *arena,
                   vcl_tpl_set *set,
                   vcl_tpl_text name,
                   vcl_tpl_text source,
                   const vcl_tpl_tree **out_tree,
                   vcl_tpl_parse_error *out_error);

#endif
