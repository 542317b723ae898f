/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table from texts, or from addresses, to pointers. Keys and values are borrowed. One table
 * holds keys of one kind only. Entries are never taken out.
 */
#ifndef VCL_DATA_SCHEMA_MAP_H
#define VCL_DATA_SCHEMA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vcl_schema_map_entry {
    const void *key; /* NULL: free */
    void *value;
    uint64_t hash;
} vcl_schema_map_entry;

typedef struct vcl_schema_map {
    vcl_schema_map_entry *entries;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
} vcl_schema_map;

void *vcl_schema_map_get(const vcl_schema_map *map, const char *key);
void *vcl_schema_map_get_address(const vcl_schema_map *map, const void *key);
/* Add what is not there yet; false when memory is short. */
bool vcl_schema_map_put(vcl_schema_map *map, const char *key, void *value);
bool vcl_schema_map_put_address(vcl_schema_map *map, const void *key, void *value);
void vcl_schema_map_done(vcl_schema_map *map);

/* FNV-1a over bytes, and over what was hashed before. */
uint64_t vcl_schema_hash(uint64_t hash, const void *data, size_t size);
#define VCL_SCHEMA_HASH_START 0xcbf29ce484222325ULL

#endif
