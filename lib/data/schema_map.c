/* SPDX-License-Identifier: Apache-2.0 */
/* The hash table of schema_map.h: open addressing, at most half full. */
#include "data/schema_map.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

uint64_t vcl_schema_hash(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *byte = data;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3ULL;
    return hash;
}

static uint64_t hash_text(const char *key)
{
    return vcl_schema_hash(VCL_SCHEMA_HASH_START, key, strlen(key));
}

static uint64_t hash_address(const void *key)
{
    uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15ULL;

    return hash ^ hash >> 32;
}

/* The entry of a key, or the free one where it belongs. The table has room. */
static vcl_schema_map_entry *
find(const vcl_schema_map *map, const void *key, uint64_t hash, bool text)
{
    for (size_t i = (size_t)hash & (map->capacity - 1);; i = (i + 1) & (map->capacity - 1)) {
        vcl_schema_map_entry *entry = &map->entries[i];
        if (!entry->key || entry->key == key)
            return entry;
        if (text && entry->hash == hash && strcmp(entry->key, key) == 0)
            return entry;
    }
}

static bool grow(vcl_schema_map *map)
{
    vcl_schema_map wider = { .capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY,
                             .count = map->count };

    wider.entries = calloc(wider.capacity, sizeof(*wider.entries));
    if (!wider.entries)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        const vcl_schema_map_entry *entry = &map->entries[i];
        /* Keys of one table differ, so that addresses are enough. */
        if (entry->key)
            *find(&wider, entry->key, entry->hash, false) = *entry;
    }
    free(map->entries);
    *map = wider;
    return true;
}

static bool put(vcl_schema_map *map, const void *key, void *value, uint64_t hash, bool text)
{
    if (2 * (map->count + 1) > map->capacity && !grow(map))
        return false;

    vcl_schema_map_entry *entry = find(map, key, hash, text);
    map->count += !entry->key;
    *entry = (vcl_schema_map_entry){ .key = key, .value = value, .hash = hash };
    return true;
}

void *vcl_schema_map_get(const vcl_schema_map *map, const char *key)
{
    if (map->capacity == 0)
        return NULL;
    return find(map, key, hash_text(key), true)->value;
}

void *vcl_schema_map_get_address(const vcl_schema_map *map, const void *key)
{
    if (map->capacity == 0)
        return NULL;
    return find(map, key, hash_address(key), false)->value;
}

bool vcl_schema_map_put(vcl_schema_map *map, const char *key, void *value)
{
    return put(map, key, value, hash_text(key), true);
}

bool vcl_schema_map_put_address(vcl_schema_map *map, const void *key, void *value)
{
    return put(map, key, value, hash_address(key), false);
}

void vcl_schema_map_done(vcl_schema_map *map)
{
    free(map->entries);
    *map = (vcl_schema_map){ 0 };
}
