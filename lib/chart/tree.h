/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chart with the charts in it as one rendering sees them: those that are switched off dropped,
 * aliases applied, values imported. The loaded chart is shared and never changes, hence this copy
 * of what does. Everything lives in the arena.
 */
#ifndef VCL_CHART_TREE_H
#define VCL_CHART_TREE_H

#include "chart/chart.h"
#include "chart/template/value.h"

/* An entry of dependencies in Chart.yaml. Charts with an alias share the entries of the chart they
 * are a copy of, as in Helm: what is done to an entry is done to all. */
typedef struct vcl_tree_dependency {
    const cJSON *source;
    const char *name; /* the alias once it is applied */
    bool enabled;
    bool imported;         /* its import-values are in the form below */
    vcl_tpl_list *imports; /* maps of "child" and "parent" */
} vcl_tree_dependency;

typedef struct vcl_tree_chart {
    const vcluster_chart *chart;
    const char *name; /* or its alias */
    struct vcl_tree_chart *parent;
    struct vcl_tree_chart **children;
    size_t child_count;
    vcl_tree_dependency **dependencies; /* NULL: Chart.yaml has none, not even an empty list */
    size_t dependency_count;
    vcl_tpl_map *values; /* its defaults */
} vcl_tree_chart;

typedef struct vcl_tree {
    vcl_arena *arena;
    vcl_tree_chart *root;
    bool values_changed; /* values were imported: the root's defaults are no longer the chart's */
} vcl_tree;

/* Make the tree for a rendering with the user's values (which do not change). CONFIG: a dependency
 * is missing in charts/, the values of a subchart are no map. */
int vcl_tree_make(vcl_arena *arena,
                  const vcluster_chart *chart,
                  vcl_tpl_map *user_values,
                  vcl_tree *out_tree,
                  vcluster_error **error);

/* "root/charts/sub", or NULL when memory is short. */
const char *vcl_tree_path(vcl_arena *arena, const vcl_tree_chart *chart);

/* Whether a version is within a range ("^1.2"); what cannot be read is not. */
bool vcl_tree_in_range(const char *range, const char *version);

/* Memory was short, or the arena is full. */
int vcl_tree_memory(const vcl_arena *arena, vcluster_error **error);

/* Take what Chart.yaml names and switches off; used by vcl_tree_make() (tree_enable.c). */
int vcl_tree_enable(vcl_tree *tree,
                    vcl_tree_chart *chart,
                    vcl_tpl_map *values,
                    const char *path,
                    vcluster_error **error);
/* Put what charts import into their defaults, the innermost first (tree_import.c). */
int vcl_tree_import(vcl_tree *tree, vcl_tree_chart *chart, vcluster_error **error);

/* Metadata of the root as the record of a release has it; NULL when memory is short. */
cJSON *vcl_tree_metadata(const vcl_tree *tree);

#endif
