/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who made a virtual cluster, and what would make it again if it were changed: told by marks on its
 * workload, by its release record and by Cluster API's object of its name.
 */
#ifndef VCL_VCLUSTER_ADOPT_ORIGIN_H
#define VCL_VCLUSTER_ADOPT_ORIGIN_H

#include "kube/api.h"
#include "vcluster/instance.h"

typedef struct vcl_origin {
    const char *name; /* as vcluster_plan_origin() tells it */
    /* The object whose controller would make it again; no kind: there is none. */
    const char *api_version;
    const char *kind;
    char *object_name;
    char *object_namespace; /* NULL: not known, or none */
    bool stands_still;      /* its controller leaves the virtual cluster alone */
} vcl_origin;

void vcl_origin_done(vcl_origin *origin);

/* workload: its metadata; record: of its release, NULL for none; release: what that says. */
int vcl_origin_find(vcl_kube *kube,
                    vcl_call *call,
                    const vcluster_instance *instance,
                    const cJSON *workload,
                    const cJSON *record,
                    const cJSON *release,
                    vcl_origin *out_origin,
                    vcluster_error **error);

/* What is to be done about what makes it again; NULL: memory is short. */
char *vcl_origin_advice(const vcl_origin *origin);

/* The marks that controllers leave on objects: label or annotation keys; ends with NULL. */
extern const char *const vcl_origin_labels[];
extern const char *const vcl_origin_annotations[];

#endif
