/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parser of templates and that of their actions. */
#ifndef VCL_CHART_TEMPLATE_PARSE_ACTION_H
#define VCL_CHART_TEMPLATE_PARSE_ACTION_H

#include "chart/template/parse_private.h"

/* The whole text into parser->tree, its defines into parser->found. */
bool vcl_tpl_parse_file(vcl_tpl_parser *parser);

vcl_tpl_tree *vcl_tpl_parse_new_tree(vcl_tpl_parser *parser, vcl_tpl_text name);
bool vcl_tpl_parse_add_tree(vcl_tpl_parser *parser, const vcl_tpl_tree *tree);

#endif
