/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values that an ensure asks for: those of the release so far, a profile, what the caller gave
 * and the version of Kubernetes, one over the other; and the hash by which the same wish is known
 * again. No request is sent here.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_WANTED_H
#define VCL_VCLUSTER_LIFECYCLE_WANTED_H

#include "chart/chart.h"
#include "data/encoding.h"
#include "vcluster/lifecycle/ensure.h"

/* On the record of a release: the wish it came from, and the chart. */
#define VCL_ANNOTATION_WISH "libvcluster.dev/wish"
#define VCL_ANNOTATION_CHART "libvcluster.dev/chart-digest"

/* Whether anything is asked for but that the virtual cluster exists. */
bool vcl_wanted_anything(const vcl_ensure_request *request);

/* Refuse what cannot be meant, before anything is asked. */
int vcl_wanted_check(const vcl_ensure_request *request, vcluster_error **error);

/* The user's values of the next revision. earlier: those of the last one, NULL for none. */
int vcl_wanted_values(const vcl_ensure_request *request,
                      bool embedded,
                      const cJSON *earlier,
                      cJSON **out_values,
                      vcluster_error **error);

/* Hashes as hexadecimal text: of a chart's contents, and of a wish. chart: the digest of the one
 * that was asked for, or "". */
int vcl_wanted_chart_digest(const vcluster_chart *chart,
                            char hex[VCL_SHA256_HEX_SIZE],
                            vcluster_error **error);
int vcl_wanted_hash(const vcl_ensure_request *request,
                    const char *chart,
                    char hex[VCL_SHA256_HEX_SIZE],
                    vcluster_error **error);

/* The annotations of the record. */
int vcl_wanted_annotations(const vcl_ensure_request *request,
                           const vcluster_chart *chart,
                           bool chart_asked,
                           cJSON **out_annotations,
                           vcluster_error **error);

/* The version of Kubernetes that values (complete ones) lead to, borrowed; "" when it is not said.
 */
const char *vcl_wanted_version(const cJSON *values);
/* Set it. */
bool vcl_wanted_set_version(cJSON *values, const char *tag);

#endif
