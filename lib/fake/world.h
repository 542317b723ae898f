/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of one cluster, and what watches are told of them. Everything here is for who holds
 * the lock of the fake. An object is known by its path, such as
 * /apis/apps/v1/namespaces/NS/statefulsets/NAME.
 */
#ifndef VCL_FAKE_WORLD_H
#define VCL_FAKE_WORLD_H

#include "data/json.h"
#include "fake/target.h"

typedef struct vcl_fake_object {
    struct vcl_fake_object *next;
    char *path;
    cJSON *tree;
    cJSON *applied; /* what each manager applied last, by its name; may be NULL */
} vcl_fake_object;

typedef struct vcl_fake_event {
    const char *type;
    int64_t version;
    char *path;
    cJSON *tree;
    cJSON *old; /* what it was before; NULL: nothing, or it has gone */
} vcl_fake_event;

/* Events that are kept: a watch from before them is told that it comes too late. */
enum { VCL_FAKE_EVENTS = 4096 };

typedef struct vcl_world {
    struct vcl_world *next;
    char *name; /* "": the host; "NAMESPACE/NAME": the virtual cluster of that name */
    char *kubernetes_version;
    vcl_fake_object *objects; /* in the order of their creation */
    vcl_fake_object **end;
    vcl_fake_event events[VCL_FAKE_EVENTS];
    uint64_t event_count; /* ever; number n is at n % VCL_FAKE_EVENTS */
    int64_t forgotten;    /* the version of the newest event that is not kept */
    int64_t version;
    int64_t uids;
    const char *created; /* creationTimestamp of new objects, not owned; NULL: what the time is */
} vcl_world;

vcl_world *vcl_world_new(const char *name, const char *kubernetes_version);
void vcl_world_free(vcl_world *world);

/* NULL: there is none. */
vcl_fake_object *vcl_world_find(vcl_world *world, const char *path);

/* Put a tree, owned from now on, in the place of what is there, or as a new object. Fills in uid,
 * creationTimestamp, generation and resourceVersion; a tree that changes nothing leaves the object
 * as it is. NULL: memory is short. */
vcl_fake_object *vcl_world_store(vcl_world *world, const char *path, cJSON *tree);
/* The same for what is to be stored and is not: the tree as it would be answered. */
bool vcl_world_complete(vcl_world *world, const vcl_fake_object *stored, cJSON *tree);

/* Give a tree a resourceVersion. */
bool vcl_world_set_version(cJSON *tree, int64_t version);

/* Remove an object and tell watches. */
void vcl_world_drop(vcl_world *world, vcl_fake_object *object);

/* Whether a request for a collection is one for the object of this path and tree. */
bool vcl_world_selects(const vcl_fake_target *target, const char *path, const cJSON *tree);

#endif
