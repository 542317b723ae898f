/* SPDX-License-Identifier: Apache-2.0 */
/* What a chart's schema says of a sync rule: the first line of its description. */
#ifndef VCL_SYNC_SCHEMA_TEXT_H
#define VCL_SYNC_SCHEMA_TEXT_H

#include <libvcluster/chart.h>

/* "" where it says nothing; outer may be NULL. NULL without memory. */
char *vcl_schema_text(const vcluster_chart *chart,
                      const char *direction,
                      const char *outer,
                      const char *key);

#endif
