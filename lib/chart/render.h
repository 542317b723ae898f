/* SPDX-License-Identifier: Apache-2.0 */
/* Chart plus values to manifests, in Helm's order and form. */
#ifndef VCL_CHART_RENDER_H
#define VCL_CHART_RENDER_H

#include "chart/chart.h"
#include "chart/hook.h"

/* What `lookup` asks the host for: an object, or with an empty name the list. *out_object stays
 * NULL when there is none. */
typedef int (*vcl_lookup_fn)(void *data,
                             const char *api_version,
                             const char *kind,
                             const char *namespace_name,
                             const char *name,
                             cJSON **out_object,
                             vcluster_error **error);

typedef struct vcl_render_input {
    const char *release_name;
    const char *namespace_name;
    int revision;
    bool is_upgrade;
    const cJSON *user_values;       /* may be NULL */
    const char *kubernetes_version; /* "v1.35.4" */
    /* As the server says them ("1", "29+"); NULL: those of the version. */
    const char *kubernetes_major;
    const char *kubernetes_minor;
    /* .Capabilities.APIVersions: "apps/v1", "apps/v1/Deployment"; ends with NULL. NULL: Helm's
     * built-in list. more_api_versions: added to whichever it is. */
    const char *const *api_versions;
    const char *const *more_api_versions;
    vcl_lookup_fn lookup; /* NULL: finds nothing, as offline */
    void *lookup_data;
    bool skip_schema;
} vcl_render_input;

typedef struct vcl_rendered {
    cJSON *values;   /* coalesced */
    char *manifest;  /* "---\n# Source: ...\n..." documents in install order, as `helm template` */
    cJSON *objects;  /* array of the parsed objects, in the same order */
    vcl_hooks hooks; /* documents with a helm.sh/hook annotation: in neither of the two above */
    char *notes;     /* of NOTES.txt, or "" */
    char *crds;      /* the files of crds/ of the chart and its enabled subcharts as documents */
    /* Array of the same; NULL when one of them cannot be read, which only matters to an install:
     * vcl_yaml_parse_all() of crds says why. */
    cJSON *crd_objects;
    /* Chart.yaml and default values as Helm records them where the chart has dependencies: without
     * those that are off, with the subcharts' values. NULL: as the chart has them. */
    cJSON *record_metadata;
    cJSON *record_values;
} vcl_rendered;

void vcl_rendered_done(vcl_rendered *rendered);

/* Check values (the user's, or NULL) laid over the chart's defaults against the schemas of the
 * chart and of its enabled subcharts: CONFIG with a finding for each violation. */
int vcl_chart_validate(const vcluster_chart *chart,
                       const cJSON *user_values,
                       vcluster_error **error);

/* CONFIG when a template fails: file, line, column, reason. */
int vcl_chart_render(const vcluster_chart *chart,
                     const vcl_render_input *input,
                     vcl_rendered *out_rendered,
                     vcluster_error **error);

#endif
