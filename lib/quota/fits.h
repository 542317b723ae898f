/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether objects would be admitted into a namespace, as LimitRange and ResourceQuota admission
 * decide: one after the other, in the order of the manifest, what was admitted being used up.
 */
#ifndef VCL_QUOTA_FITS_H
#define VCL_QUOTA_FITS_H

#include "data/report.h"
#include "quota/expand.h"

typedef struct vcl_fits_request {
    const cJSON *quotas;       /* an array of ResourceQuotas; status.used counts, missing is 0 */
    const cJSON *limit_ranges; /* an array of LimitRanges */
    const cJSON *manifests;    /* an array of objects */
    vcl_expand_options expand;
} vcl_fits_request;

/* Findings: "quota-exceeded", "quota-unspecified", "limit-range" and, as a warning,
 * "limit-range-order", each with the path "KIND/NAME". CONFIG or INVALID_ARGUMENT: something cannot
 * be read. */
int vcl_fits(const vcl_fits_request *request, vcluster_report *report, vcluster_error **error);

#endif
