/* SPDX-License-Identifier: Apache-2.0 */
/* What an adoption works on: adopter.c finds it out, adopt_plan.c tells it, adopt.c does it. */
#ifndef VCL_VCLUSTER_ADOPT_ADOPTER_H
#define VCL_VCLUSTER_ADOPT_ADOPTER_H

#include "release/apply.h"
#include "vcluster/adopt/adopt.h"
#include "vcluster/adopt/origin.h"
#include "vcluster/changes.h"
#include "vcluster/config.h"
#include "vcluster/lifecycle/ensure_look.h"
#include "vcluster/lifecycle/plan.h"

/* On a record that an adoption has written: its objects are not all taken over yet. */
#define VCL_ANNOTATION_ADOPTING "libvcluster.dev/adopting"

typedef struct vcl_adopter {
    const vcl_adopt_request *request;
    vcl_kube *kube;
    vcl_ensure_request wish; /* the ensure that would have made it */
    vcluster_config values;  /* of the wish */
    vcl_ensure_look look;
    cJSON *release; /* as recorded; NULL: there is none */
    cJSON *objects; /* of the recorded manifest */
    vcl_plan plan;  /* of what has no release: its chart, rendered */
    vcluster_chart *chart;
    vcl_origin origin;
    cJSON *live; /* metadata of each object, or null */
    vcluster_plan *changes;
} vcl_adopter;

void vcl_adopter_done(vcl_adopter *self);

/* Look at it, and at what it was made from; nothing is changed. */
int vcl_adopter_look(vcl_adopter *self, vcl_call *call, vcluster_error **error);

/* Read a record that was read whole: its release and the objects of that. */
int vcl_adopter_read(vcl_adopter *self, vcluster_error **error);

/* Its objects: of the record, else as its chart makes them. */
vcl_apply_set vcl_adopter_objects(const vcl_adopter *self);

/* Whether there is a release, and all its objects are taken over. */
bool vcl_adopter_is_recorded(const vcl_adopter *self);
/* Whether objects are changed, even if there is a release. */
bool vcl_adopter_takes_objects(const vcl_adopter *self);

/* An annotation of the record, or NULL. */
const char *vcl_adopter_annotation(const vcl_adopter *self, const char *key);

/* Put together what will be done (adopt_plan.c). */
int vcl_adopter_plan(vcl_adopter *self, vcl_call *call, vcluster_error **error);

#endif
