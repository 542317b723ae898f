/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is made of a loaded chart when it is first needed and kept with it: its compiled schema and
 * its parsed templates. A chart may be used by many threads, hence the lock; what it hands out
 * never changes.
 */
#ifndef VCL_CHART_CACHE_H
#define VCL_CHART_CACHE_H

#include "chart/chart.h"
#include "chart/template/parse.h"

/* The compiled schema of a chart; borrowed, NULL when it has none. */
int vcl_chart_compiled_schema(const vcluster_chart *chart,
                              const vcl_schema **out_schema,
                              vcluster_error **error);

/* A template with the path that it has in this rendering: charts in charts/ come and go with the
 * values, and have names of their own there. */
typedef struct vcl_chart_template {
    const char *path;
    const vcl_chart_file *file; /* of the chart, or of one in it */
} vcl_chart_template;

/* Templates parsed together, one after the other. */
typedef struct vcl_chart_templates vcl_chart_templates;

const vcl_tpl_set *vcl_chart_templates_set(const vcl_chart_templates *templates);
/* What they hold, in bytes. */
size_t vcl_chart_templates_size(const vcl_chart_templates *templates);

/* Exactly these files in exactly this order, parsed now or kept from the rendering before. They
 * stay until they are given back. CONFIG when one cannot be parsed: file, line, reason. */
int vcl_chart_take_templates(const vcluster_chart *chart,
                             const vcl_chart_template *files,
                             size_t count,
                             vcl_chart_templates **out_templates,
                             vcluster_error **error);
/* templates may be NULL. */
void vcl_chart_give_templates(const vcluster_chart *chart, vcl_chart_templates *templates);

#endif
