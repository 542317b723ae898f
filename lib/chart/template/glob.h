/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of .Files.Glob and .helmignore. */
#ifndef VCL_CHART_TEMPLATE_GLOB_H
#define VCL_CHART_TEMPLATE_GLOB_H

#include "chart/template/value.h"

/* Whether a path fits a pattern: * and ? stop at '/', ** does not, [a-z] [!a] {x,y} \c. */
bool vcl_tpl_glob(vcl_tpl_text pattern, vcl_tpl_text path);
/* The same without ** and {}, as Go's filepath.Match has it. */
bool vcl_tpl_match(vcl_tpl_text pattern, vcl_tpl_text path);

#endif
