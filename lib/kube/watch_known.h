/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which objects a watch has told, by namespace and name, each with its uid and version: enough to
 * tell the difference of a new list without keeping the objects themselves. Whoever wants those
 * adds them.
 */
#ifndef VCL_KUBE_WATCH_KNOWN_H
#define VCL_KUBE_WATCH_KNOWN_H

#include "base/cleanup.h"
#include "data/json.h"

/* One object. The strings lie behind the struct. */
typedef struct vcl_known {
    struct vcl_known *next;
    cJSON *object;  /* owned; NULL: not kept */
    uint64_t round; /* of the list that saw it last */
    const char *uid;
    const char *version;
    const char *namespace_name;
    const char *name;
} vcl_known;

typedef struct vcl_known_map {
    vcl_known **slots;
    size_t slot_count;
    size_t count;
    uint64_t seed;
} vcl_known_map;

void vcl_known_init(vcl_known_map *map);
void vcl_known_done(vcl_known_map *map);
/* One that was taken out; NULL is allowed. */
void vcl_known_free(vcl_known *known);
VCL_DEFINE_CLEANUP(vcl_known, vcl_known_free);

/* What is known under the name of this object; NULL for nothing. */
vcl_known *vcl_known_find(const vcl_known_map *map, const cJSON *object);
/* Remember this state of an object. NO_MEMORY, or PROTOCOL for one without name. */
int vcl_known_put(vcl_known_map *map, const cJSON *object, uint64_t round, vcluster_error **error);
/* Take out what is known under the name of this object, freed by the caller. */
vcl_known *vcl_known_take(vcl_known_map *map, const cJSON *object);
/* Take out one object that no list since `round` has seen, likewise. */
vcl_known *vcl_known_take_stale(vcl_known_map *map, uint64_t round, size_t *slot);
/* Call fn for each until it returns non-zero, which is returned. In no order. */
int vcl_known_each(const vcl_known_map *map,
                   int (*fn)(const vcl_known *known, void *data),
                   void *data);

#endif
