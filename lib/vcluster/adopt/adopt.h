/* SPDX-License-Identifier: Apache-2.0 */
/* Taking virtual clusters that others made into our care. */
#ifndef VCL_VCLUSTER_ADOPT_ADOPT_H
#define VCL_VCLUSTER_ADOPT_ADOPT_H

#include <libvcluster/adopt.h>

#include "base/call.h"
#include "vcluster/lease.h"

typedef struct vcl_adopt_request {
    vcluster_client *client;
    const char *name;
    const vcluster_config *config; /* NULL: as recorded, or as it runs with */
    const char *namespace_name;    /* NULL: wherever it is */
    const vcluster_chart *chart;
    const char *chart_source;
    const char *chart_version;
    vcl_lease lease;
    bool dry_run;
    bool take_over; /* from controllers, too */
    bool align;     /* what differs is changed */
} vcl_adopt_request;

/* out_plan may be NULL. */
int vcl_adopt(const vcl_adopt_request *request,
              vcl_call *call,
              vcluster_plan **out_plan,
              vcluster_error **error);

#endif
