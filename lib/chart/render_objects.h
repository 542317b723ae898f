/* SPDX-License-Identifier: Apache-2.0 */
/* The objects that templates start from: .Values .Release .Chart .Capabilities .Files .Subcharts.
 */
#ifndef VCL_CHART_RENDER_OBJECTS_H
#define VCL_CHART_RENDER_OBJECTS_H

#include "chart/render.h"
#include "chart/tree.h"

/* What all charts of a rendering share. */
typedef struct vcl_render_objects {
    vcl_arena *arena;
    vcl_tpl_value release;
    vcl_tpl_value capabilities;
} vcl_render_objects;

/* False when memory is short. */
bool vcl_render_objects_make(vcl_arena *arena,
                             const vcl_render_input *input,
                             vcl_render_objects *out_objects);
/* The map behind the dot of one chart, with an empty map .Subcharts; NULL when memory is short.
 * .Template is set for each file later. */
vcl_tpl_map *vcl_render_dot(const vcl_render_objects *objects,
                            const vcl_tree_chart *chart,
                            vcl_tpl_map *values,
                            vcl_tpl_map **out_subcharts);
/* Set .Template of a dot. */
bool vcl_render_set_template(vcl_arena *arena,
                             vcl_tpl_map *dot,
                             const char *path,
                             const char *base_path);

#endif
