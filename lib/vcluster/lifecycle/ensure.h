/* SPDX-License-Identifier: Apache-2.0 */
/* Making sure that a virtual cluster exists and is ready. */
#ifndef VCL_VCLUSTER_LIFECYCLE_ENSURE_H
#define VCL_VCLUSTER_LIFECYCLE_ENSURE_H

#include <libvcluster/instance.h>

#include "base/call.h"
#include "vcluster/changes.h"
#include "vcluster/lease.h"

typedef struct vcl_ensure_request {
    vcluster_client *client;
    const char *name;
    const vcluster_config *config;
    const char *namespace_name; /* as given; NULL: by rule */
    const char *distribution;   /* as given; NULL: upstream for a new one */
    const vcluster_chart *chart;
    const char *chart_source;  /* of upstream's chart; NULL: as configured */
    const char *chart_version; /* the same */
    vcl_lease lease;           /* until when it is wanted; all 0: as it is */
    bool must_be_new;          /* create, not ensure */
    bool no_wait;
    bool take_over;
    const char *kubernetes_version; /* NULL: as it is, or the chart's */
    const char *profile;            /* NULL: "default" */
    bool reset_values;              /* those of earlier revisions are dropped */
    bool atomic;                    /* what fails is undone */
    bool resume;                    /* a paused one is resumed */
    bool preflight;                 /* of a new one: refused before anything is touched */
    bool unchecked;                 /* values that check/ calls an error are tried all the same */
} vcl_ensure_request;

int vcl_ensure(const vcl_ensure_request *request,
               vcl_call *call,
               vcluster_instance **out_instance,
               vcluster_error **error);

/* What it would do. */
int vcl_ensure_plan(const vcl_ensure_request *request,
                    vcl_call *call,
                    vcluster_plan **out_plan,
                    vcluster_error **error);

#endif
