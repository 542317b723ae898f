/* SPDX-License-Identifier: Apache-2.0 */
/* A chart with three objects, made here: Secret, Service, StatefulSet. */
#ifndef VCLUSTER_SMALL_CHART_H
#define VCLUSTER_SMALL_CHART_H

#include "chart/chart.h"

/* name "vcluster-embedded" stands for the embedded distribution. */
vcluster_chart *small_chart_new(const char *name);

#endif
