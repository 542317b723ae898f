/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chart.yaml, requirements.yaml and Chart.lock in the form that Helm gives them: known keys only,
 * in Helm's order, scalars where texts belong turned into texts, control characters taken away.
 */
#ifndef VCL_CHART_METADATA_H
#define VCL_CHART_METADATA_H

#include "chart/chart.h"

/* Lay a parsed Chart.yaml or requirements.yaml (file names it) over metadata, which may be NULL and
 * becomes an object. CONFIG for a value of the wrong kind. */
int vcl_metadata_read(const cJSON *tree,
                      const char *file,
                      cJSON **metadata,
                      vcluster_error **error);
/* Bring the keys into Helm's order, and leave out what Helm leaves out. */
int vcl_metadata_order(cJSON *metadata, vcluster_error **error);
/* Check what Helm checks when it loads a chart; texts are cleaned in place. */
int vcl_metadata_check(cJSON *metadata, vcluster_error **error);
/* The lock as the record of a release holds it; null for an empty file. */
int vcl_metadata_read_lock(const cJSON *tree,
                           const char *file,
                           cJSON **out_lock,
                           vcluster_error **error);

/* Whether a node is a scalar (null is none), and the text that such a node becomes where a text is
 * wanted: numbers as Go writes a float32 where they are no integers. NULL when memory is short. */
bool vcl_metadata_is_scalar(const cJSON *node);
char *vcl_metadata_text(const cJSON *node);

/* CONFIG with a finding for a file of the chart. */
int vcl_metadata_invalid(vcluster_error **error,
                         const char *file,
                         const char *rule,
                         const char *message);

#endif
