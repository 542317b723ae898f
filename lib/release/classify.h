/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what was read to causes: a pure function over recorded objects, the same for a wait that
 * sees some of them and for vcluster_instance_why(), which reads them all.
 */
#ifndef VCL_RELEASE_CLASSIFY_H
#define VCL_RELEASE_CLASSIFY_H

#include "data/json.h"
#include "release/cause.h"

/* Everything is borrowed, and NULL where it was not looked at. */
typedef struct vcl_scene {
    const char *name;           /* of the workload; NULL: whatever the pods are */
    const char *namespace_name; /* NULL: no words about the place */
    const char *context;
    const cJSON *place;    /* the namespace; JSON null: it does not exist */
    const cJSON *workload; /* StatefulSet or Deployment; JSON null: it does not exist */
    const cJSON *pods;     /* arrays from here */
    const cJSON *events;
    const cJSON *claims;
    const cJSON *classes;
    const cJSON *nodes;
    const cJSON *records; /* metadata of the release records */
    const cJSON *logs;    /* of { pod, container, text } */
    int64_t now;          /* seconds since 1970; 0: ages do not count */
} vcl_scene;

/* The scene in a recording, whose members are named as those of the scene. */
void vcl_scene_of(const cJSON *recording, vcl_scene *out_scene);

/* All causes, ranked. Returns NO_MEMORY or 0. */
int vcl_classify(const vcl_scene *scene, vcl_causes *out_causes, vcluster_error **error);

/* Parts of it, each adding to causes. */
void vcl_classify_pod(const vcl_scene *scene, const cJSON *pod, vcl_causes *causes);
void vcl_classify_events(const vcl_scene *scene, vcl_causes *causes);
void vcl_classify_claims(const vcl_scene *scene, vcl_causes *causes);
void vcl_classify_nodes(const vcl_scene *scene, vcl_causes *causes);

/* What they share. */
const cJSON *vcl_condition(const cJSON *object, const char *type);
const char *vcl_name_of(const cJSON *object);
const cJSON *vcl_by_name(const cJSON *array, const char *name);
/* A workload that is refused its pod. event may be NULL. */
void vcl_event_refused(
    const char *kind, const char *name, const char *message, const char *event, vcl_causes *causes);

#endif
