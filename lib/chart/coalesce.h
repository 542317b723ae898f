/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a chart and of the charts in it laid over each other, as Helm 3.21 does it
 * (chartutil/coalesce.go). Maps are shared exactly where Helm shares them: what is put into one is
 * seen in the other, which charts that import values can tell.
 */
#ifndef VCL_CHART_COALESCE_H
#define VCL_CHART_COALESCE_H

#include "chart/tree.h"

/* Lay src under dst. A null in dst takes a value of src away and goes with it, unless merge. src
 * may change. False when memory is short. */
bool vcl_coalesce_tables(vcl_arena *arena, vcl_tpl_map *dst, vcl_tpl_map *src, bool merge);

/* Lay the defaults of a chart and of its subcharts under values, which change. CONFIG when the
 * values of a subchart are no map. */
int vcl_coalesce_chart(vcl_tree *tree,
                       const vcl_tree_chart *chart,
                       vcl_tpl_map *values,
                       bool merge,
                       vcluster_error **error);

/* A deep copy of a map, or an empty map for NULL; NULL when memory is short. */
vcl_tpl_map *vcl_coalesce_copy(vcl_arena *arena, vcl_tpl_map *map);

/* The map at a path of keys divided by dots ("a.b"), or NULL. */
vcl_tpl_map *vcl_coalesce_find(vcl_tpl_map *map, const char *path);

#endif
