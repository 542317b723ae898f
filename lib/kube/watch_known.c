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

void vcl_known_done(vcl_known_map *map)
{
    for (size_t i = 0; i < map->slot_count; i++) {
        while (map->slots[i]) {
            vcl_known *next = map->slots[i]->next;

            free(map->slots[i]);
            map->slots[i] = next;
        }
    }
    free(map->slots);
    *map = (vcl_known_map){ 0 };
}

/* FNV-1a with a seed. */
static uint64_t hash(const vcl_known_map *map, const char *text)
{
    uint64_t value = 14695981039346656037u ^ map->seed;

    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 1099511628211u;
    return value ^ (value >> 29);
}

/* Where the pointer to this object is, or would be. */
static vcl_known **find_slot(const vcl_known_map *map, const char *uid)
{
    vcl_known **slot = &map->slots[hash(map, uid) & (map->slot_count - 1)];

    while (*slot && !vcl_streq((*slot)->uid, uid))
        slot = &(*slot)->next;
    return slot;
}

vcl_known *vcl_known_find(const vcl_known_map *map, const char *uid)
{
    return map->slot_count && uid ? *find_slot(map, uid) : NULL;
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
            vcl_known **slot = &bigger.slots[hash(map, known->uid) & (bigger.slot_count - 1)];

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

static vcl_known *make(const cJSON *object, const char *uid)
{
    const char *version = vcl_str(vcl_json_find_string(object, "metadata", "resourceVersion", NULL));
    const char *namespace_name = vcl_str(vcl_json_find_string(object, "metadata", "namespace", NULL));
    const char *name = vcl_str(vcl_json_find_string(object, "metadata", "name", NULL));
    vcl_known *known = malloc(sizeof(*known) + strlen(uid) + strlen(version) +
                              strlen(namespace_name) + strlen(name) + 4);

    if (!known)
        return NULL;
    char *at = (char *)(known + 1);
    *known = (vcl_known){ 0 };
    known->uid = place(&at, uid);
    known->version = place(&at, version);
    known->namespace_name = place(&at, namespace_name);
    known->name = place(&at, name);
    return known;
}

int vcl_known_put(vcl_known_map *map, const cJSON *object, uint64_t round, vcluster_error **error)
{
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);

    if (vcl_str_empty(uid))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the server sent an object without a uid");
    if (map->count >= MAX_KNOWN)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "a watch of more than %d objects", MAX_KNOWN);

    vcl_known *known = make(object, uid);
    if (!known || !grow(map)) {
        free(known);
        return vcl_no_memory(error);
    }
    known->round = round;
    vcl_known **slot = find_slot(map, uid);
    vcl_known *old = *slot;
    known->next = old ? old->next : NULL;
    *slot = known;
    map->count += old ? 0 : 1;
    free(old);
    return VCLUSTER_OK;
}

bool vcl_known_remove(vcl_known_map *map, const char *uid)
{
    if (!vcl_known_find(map, uid))
        return false;

    vcl_known **slot = find_slot(map, uid);
    vcl_known *known = *slot;
    *slot = known->next;
    free(known);
    map->count--;
    return true;
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
