/* SPDX-License-Identifier: Apache-2.0 */
/* What would make an ensure fail, found before anything is touched. */
#ifndef VCL_VCLUSTER_PREFLIGHT_PREFLIGHT_H
#define VCL_VCLUSTER_PREFLIGHT_PREFLIGHT_H

#include "data/report.h"
#include "vcluster/lifecycle/ensure.h"
#include "vcluster/lifecycle/plan.h"
#include "vcluster/preflight/held_rights.h"
#include "vcluster/preflight/rights.h"

int vcl_preflight(const vcl_ensure_request *request,
                  vcl_call *call,
                  vcluster_report **out_report,
                  vcluster_error **error);

/* The same as a refusal: PRECONDITION with all findings where one is an error. */
int vcl_preflight_refuse(const vcl_ensure_request *request, vcl_call *call, vcluster_error **error);

/* Parts of it, which ask nothing. Names of objects, and images, as manifests have them. */
void vcl_preflight_names(const cJSON *objects, vcluster_report *report);
void vcl_preflight_images(const cJSON *objects, vcluster_report *report);
/* An image reference: NULL where it can be read, else what is wrong with it (a constant). */
const char *vcl_preflight_image_fault(const char *image);

/* Volume claims against storage classes; NULL: they may not be listed. */
int vcl_preflight_storage(const cJSON *objects,
                          const cJSON *classes,
                          vcluster_report *report,
                          vcluster_error **error);

/* The rights that a new virtual cluster with these objects needs, and those that its roles grant,
 * against those that are held. */
int vcl_preflight_rights(const vcl_held *held,
                         const vcl_rights_request *wanted,
                         vcl_call *call,
                         vcluster_report *report,
                         vcluster_error **error);

/* The PodSpec of a workload; NULL for what has none. */
const cJSON *vcl_preflight_pod_spec(const cJSON *object);
/* "KIND/NAME", to be freed; NULL without memory. */
char *vcl_preflight_path(const cJSON *object);

#endif
