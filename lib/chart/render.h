/* SPDX-License-Identifier: Apache-2.0 */
/* Chart plus values to manifests, in Helm's order and form. */
#ifndef VCL_CHART_RENDER_H
#define VCL_CHART_RENDER_H

#include "chart/chart.h"

typedef struct vcl_render_input {
    const char *release_name;
    const char *namespace_name;
    int revision;
    bool is_upgrade;
    const cJSON *user_values;       /* may be NULL */
    const char *kubernetes_version; /* "v1.35.4" */
} vcl_render_input;

typedef struct vcl_rendered {
    cJSON *values;  /* coalesced */
    char *manifest; /* "---\n# Source: ...\n..." documents in install order, as `helm template` */
    cJSON *objects; /* array of the parsed objects, in the same order */
    char *hooks;    /* documents with a helm.sh/hook annotation in the same form, or "": they are in
                     * neither of the two above, and nobody runs them yet */
} vcl_rendered;

void vcl_rendered_done(vcl_rendered *rendered);

/* CONFIG when a template fails: file, line, column, reason. */
int vcl_chart_render(const vcluster_chart *chart,
                     const vcl_render_input *input,
                     vcl_rendered *out_rendered,
                     vcluster_error **error);

#endif
