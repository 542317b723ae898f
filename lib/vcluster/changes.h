/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The changes of a plan (libvcluster/plan.h): how one is put together. It says nothing about how
 * they are found; ensure_plan.c and the plan of a delete do that.
 */
#ifndef VCL_VCLUSTER_CHANGES_H
#define VCL_VCLUSTER_CHANGES_H

#include <libvcluster/plan.h>

#include "base/cleanup.h"
#include "data/json.h"

struct vcluster_change {
    int action;
    int impact;
    char *api_version;
    char *kind;
    char *namespace_name;
    char *name;
    char *path;
    char *before;
    char *after;
    char *reason;
};

struct vcluster_plan {
    const char *operation; /* a constant string */
    const char *origin;    /* of an adoption: a constant string; NULL: of another operation */
    vcluster_change *items;
    size_t count;
};

VCL_DEFINE_CLEANUP(vcluster_plan, vcluster_plan_free);

/* A change to add: NULL members are "", all is copied. */
typedef struct vcl_change {
    int action;
    int impact;
    const char *api_version;
    const char *kind;
    const char *namespace_name;
    const char *name;
    const char *path;
    const cJSON *before; /* NULL: none */
    const cJSON *after;
    const char *reason;
} vcl_change;

/* An empty plan of an operation, which is a constant string: see vcluster_plan_operation(). */
int vcl_plan_new(const char *operation, vcluster_plan **out_plan, vcluster_error **error);
int vcl_plan_add(vcluster_plan *plan, const vcl_change *change, vcluster_error **error);

#endif
