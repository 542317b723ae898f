/* SPDX-License-Identifier: Apache-2.0 */
/* The objects that templates start from: .Values .Release .Chart .Capabilities .Files. */
#ifndef VCL_CHART_RENDER_OBJECTS_H
#define VCL_CHART_RENDER_OBJECTS_H

#include "chart/render.h"
#include "chart/template/value.h"

/* The map behind the dot; false when memory is short. .Template is set for each file later. */
bool vcl_render_objects(vcl_arena *arena,
                        const vcluster_chart *chart,
                        const vcl_render_input *input,
                        const cJSON *values,
                        vcl_tpl_value *out_dot);

#endif
