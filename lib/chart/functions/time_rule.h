/* SPDX-License-Identifier: Apache-2.0 */
/* The rule of a zone for the years behind its table: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ). */
#ifndef VCL_CHART_TEMPLATE_TIME_RULE_H
#define VCL_CHART_TEMPLATE_TIME_RULE_H

#include "chart/functions/time_zone.h"

/* What the rule says of a time; a rule that is malformed changes nothing. */
void vcl_zone_rule(const char *rule, int64_t seconds, vcl_zone_period *period);

#endif
