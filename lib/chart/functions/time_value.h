/* SPDX-License-Identifier: Apache-2.0 */
/* Times as values of templates: structs whose hidden fields hold the time. */
#ifndef VCL_CHART_TEMPLATE_TIME_VALUE_H
#define VCL_CHART_TEMPLATE_TIME_VALUE_H

#include "chart/functions/funcs.h"
#include "chart/functions/time_text.h"

/* A zone by its name, which the engine keeps. NULL: UTC. */
const vcl_zone *vcl_tpl_zone(vcl_tpl_state *state, const char *name);
int vcl_tpl_time_value(vcl_tpl_state *state, const vcl_gotime *time, vcl_tpl_value *out);
vcl_gotime vcl_tpl_time_of(const vcl_tpl_value *value);
/* Nanoseconds later, in the same zone. */
vcl_gotime vcl_tpl_time_add(vcl_tpl_state *state, const vcl_gotime *time, int64_t nanoseconds);
/* Nanoseconds between two times; the nearest there is when they are too far from each other. */
int64_t vcl_tpl_time_between(const vcl_gotime *later, const vcl_gotime *earlier);
/* The time now, in the local zone. */
vcl_gotime vcl_tpl_time_now(vcl_tpl_state *state);

#endif
