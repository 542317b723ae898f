/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helm 3 release records: the JSON of a release to and from the Secret that stores it
 * (sh.helm.release.v1.NAME.vREV). No requests are made here.
 */
#ifndef VCL_CHART_RELEASE_H
#define VCL_CHART_RELEASE_H

#include "chart/chart.h"

typedef struct vcl_release_info {
    const char *name;
    const char *namespace_name;
    int revision;
    const char *status;      /* "pending-install", "deployed", "failed", "uninstalling", ... */
    const char *description; /* "Install complete" */
    int64_t first_deployed;  /* seconds since 1970 */
    int64_t last_deployed;
    /* What the rendering says of a chart with dependencies (vcl_rendered.record_...); NULL: the
     * chart's own. */
    const cJSON *chart_metadata;
    const cJSON *chart_values;
} vcl_release_info;

/* Name of the Secret. */
char *vcl_release_secret_name(const char *name, int revision);

/* The whole Secret, ready to be created; annotations (an object, may be NULL) are copied. */
int vcl_release_encode(const vcl_release_info *info,
                       const vcluster_chart *chart,
                       const cJSON *user_values,
                       const char *manifest,
                       const cJSON *annotations,
                       cJSON **out_secret,
                       vcluster_error **error);

/* The release JSON of a stored Secret: {name, info{status, ...}, chart, config, manifest, version,
 * namespace}. PROTOCOL for one that cannot be read. */
int vcl_release_decode(const cJSON *secret, cJSON **out_release, vcluster_error **error);

/* The JSON of a release, as vcl_release_encode() would store it. */
int vcl_release_build(const vcl_release_info *info,
                      const vcluster_chart *chart,
                      const cJSON *user_values,
                      const char *manifest,
                      cJSON **out_release,
                      vcluster_error **error);
/* The Secret of a release that is there as JSON: a new one, or another content for a stored one,
 * whose labels follow the status. */
int vcl_release_encode_json(const cJSON *release, cJSON **out_secret, vcluster_error **error);
int vcl_release_update(cJSON *secret, const cJSON *release, vcluster_error **error);

/* Change the status of a stored Secret in place: data.release and the status label. */
int vcl_release_set_status(cJSON *secret,
                           const char *status,
                           const char *description,
                           vcluster_error **error);

#endif
