/* SPDX-License-Identifier: Apache-2.0 */
/* What a release will consist of, known completely before anything is touched. */
#ifndef VCL_RELEASE_PREPARE_H
#define VCL_RELEASE_PREPARE_H

#include "chart/render.h"
#include "release/operation.h"

typedef struct vcl_prepared {
    vcluster_chart chart; /* as it is recorded: a copy with borrowed members, but for values */
    cJSON *chart_values;  /* its values where they are not the chart's own; owned */
    cJSON *user_values;   /* as they are recorded */
    vcl_rendered rendered;
    cJSON *objects;     /* of rendered, lists resolved */
    cJSON *definitions; /* of crds/, lists resolved; empty where they are to be left out */
} vcl_prepared;

void vcl_prepared_done(vcl_prepared *prepared);

/* Decide on the values by the policy of the request and render the chart against the cluster: its
 * version, what it serves (asked for only where the chart may want to know), `lookup`. current: the
 * JSON of the release as it is, NULL for an install. */
int vcl_prepare(const vcl_release_request *request,
                vcl_call *call,
                const cJSON *current,
                int revision,
                vcl_prepared *out_prepared,
                vcluster_error **error);

#endif
