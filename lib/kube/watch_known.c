/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of the objects that a watch has told; see watch_known.h. */
#include "kube/watch_known.h"

#include <string.h>

#include "base/str.h"
#include "kube/client.h"

enum { FIRST_SLOTS = 64, MAX_KNOWN = 2000000 };

void vcl_known_init(vcl_known_map *map)
{
    *map = (vcl_known_map){ .seed = (uint64_t)vcl_kube_random(INT64_MAX) };
}

void vcl_known_free(vcl_known *known)
{
    if (!known)
        return;
    vcl_json_free_secret(known->object);
    free(known);
}

void vcl_known_done(vcl_known_map *map)
{
    for (size_t i = 0; i < map->slot_count; i++) {
        while (map->slots[i]) {
            vcl_known *next = map->slots[i]->next;

            vcl_known_free(map->slots[i]);
            map->slots[i] = next;
        }
    }
    free(map->slots);
    *map = (vcl_known_map){ 0 };
}

/* What names an object: borrowed from it. */
typedef struct identity {
    const char *namespace_name;
    const char *name;
} identity;

static identity identity_of(const cJSON *object)
{
    return (identity){ vcl_str(vcl_json_find_string(object, "metadata", "namespace", NULL)),
                       vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)) };
}

/* FNV-1a with a seed, over both strings and what stands between them. */
static uint64_t hash(const vcl_known_map *map, identity id)
{
    uint64_t value = 14695981039346656037u ^ map->seed;

    for (const char *c = id.namespace_name; *c; c++)
        value = (value ^ (unsigned char)*c) * 1099511628211u;
    value = (value ^ '/') * 1099511628211u;
    for (const char *c = id.name; *c; c++)
        value = (value ^ (unsigned char)*c) * 1099511628211u;
    return value ^ (value >> 29);
}

/* Where the pointer to this object is, or would be. There are slots. */
static vcl_known **find_slot(const vcl_known_map *map, identity id)
{
    vcl_known **slot = &map->slots[hash(map, id) & (map->slot_count - 1)];

    while (*slot && !(vcl_streq((*slot)->name, id.name) &&
                      vcl_streq((*slot)->namespace_name, id.namespace_name)))
        slot = &(*slot)->next;
    return slot;
}

vcl_known *vcl_known_find(const vcl_known_map *map, const cJSON *object)
{
    return map->slot_count ? *find_slot(map, identity_of(object)) : NULL;
}

static bool grow(vcl_known_map *map)
{
    vcl_known_map bigger = *map;

    if (map->count < map->slot_count)
        return true;
    bigger.slot_count = map->slot_count ? map->slot_count * 2 : FIRST_SLOTS;
    bigger.slots = calloc(bigger.slot_count, sizeof(vcl_known *));
    if (!bigger.slots)
        return false;

    for (size_t i = 0; i < map->slot_count; i++) {
        while (map->slots[i]) {
            vcl_known *known = map->slots[i];
            identity id = { known->namespace_name, known->name };
            vcl_known **slot = &bigger.slots[hash(map, id) & (bigger.slot_count - 1)];

            map->slots[i] = known->next;
            known->next = *slot;
            *slot = known;
        }
    }
    free(map->slots);
    *map = bigger;
    return true;
}

/* Copy a string behind the struct. */
static const char *place(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *to = memcpy(*at, text, size);

    *at += size;
    return to;
}

static vcl_known *make(const cJSON *object)
{
    identity id = identity_of(object);
    const char *uid = vcl_str(vcl_json_find_string(object, "metadata", "uid", NULL));
    const char *version =
        vcl_str(vcl_json_find_string(object, "metadata", "resourceVersion", NULL));
    vcl_known *known = malloc(sizeof(*known) + strlen(uid) + strlen(version) +
                              strlen(id.namespace_name) + strlen(id.name) + 4);

    if (!known)
        return NULL;
    char *at = (char *)(known + 1);
    *known = (vcl_known){ 0 };
    known->uid = place(&at, uid);
    known->version = place(&at, version);
    known->namespace_name = place(&at, id.namespace_name);
    known->name = place(&at, id.name);
    return known;
}

int vcl_known_put(vcl_known_map *map, const cJSON *object, uint64_t round, vcluster_error **error)
{
    if (!*identity_of(object).name)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the server sent an object without a name");
    if (map->count >= MAX_KNOWN)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "a watch of more than %d objects", MAX_KNOWN);

    vcl_known *known = make(object);
    if (!known || !grow(map)) {
        free(known);
        return vcl_no_memory(error);
    }
    known->round = round;
    vcl_known **slot = find_slot(map, identity_of(object));
    vcl_known *old = *slot;
    known->next = old ? old->next : NULL;
    *slot = known;
    map->count += old ? 0 : 1;
    vcl_known_free(old);
    return VCLUSTER_OK;
}

vcl_known *vcl_known_take(vcl_known_map *map, const cJSON *object)
{
    if (!map->slot_count)
        return NULL;

    vcl_known **slot = find_slot(map, identity_of(object));
    vcl_known *known = *slot;
    if (known) {
        *slot = known->next;
        map->count--;
    }
    return known;
}

vcl_known *vcl_known_take_stale(vcl_known_map *map, uint64_t round, size_t *slot)
{
    for (; *slot < map->slot_count; (*slot)++) {
        for (vcl_known **at = &map->slots[*slot]; *at; at = &(*at)->next) {
            vcl_known *known = *at;

            if (known->round >= round)
                continue;
            *at = known->next;
            map->count--;
            return known;
        }
    }
    return NULL;
}

int vcl_known_each(const vcl_known_map *map,
                   int (*fn)(const vcl_known *known, void *data),
                   void *data)
{
    for (size_t i = 0; i < map->slot_count; i++) {
        for (const vcl_known *known = map->slots[i]; known; known = known->next) {
            int status = fn(known, data);
            if (status != 0)
                return status;
        }
    }
    return 0;
}
