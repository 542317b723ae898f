/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps of the YAML reader: keys of any scalar type as texts, merge keys, duplicates. As in go-yaml
 * v2, a merge key acts where it stands: it replaces members before it and is replaced by members
 * behind it. Unlike there, a key that is written twice is an error, unless the reader is loose.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/number.h"
#include "data/yaml_reader.h"

char *vcl_yaml_key_text(vcl_yaml_reader *reader,
                        const cJSON *node,
                        const vcl_yaml_value *value,
                        size_t line)
{
    char number[VCL_NUMBER_SIZE];
    const char *text = NULL;
    int64_t integer;

    if (cJSON_IsString(node)) {
        text = node->valuestring;
    } else if (cJSON_IsBool(node)) {
        text = cJSON_IsTrue(node) ? "true" : "false";
    } else if (value->kind == VCL_YAML_INT) {
        (void)snprintf(number, sizeof(number), "%s%llu", value->negative ? "-" : "",
                       (unsigned long long)value->magnitude);
        text = number;
    } else if (value->kind != VCL_YAML_FLOAT && vcl_json_to_int(node, &integer)) {
        (void)snprintf(number, sizeof(number), "%lld", (long long)integer);
        text = number;
    } else if (cJSON_IsNumber(node)) {
        vcl_format_go_float((float)node->valuedouble, number);
        text = vcl_streq(number, "+Inf") ? ".inf" : vcl_streq(number, "-Inf") ? "-.inf" : number;
    } else {
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "a key must not be null");
    }
    char *copy = vcl_strdup(text);
    return copy ? copy : vcl_yaml_fail_memory(reader);
}

void vcl_yaml_map_init(vcl_yaml_map *map, cJSON *object)
{
    map->object = object;
    map->entries = map->few;
    map->count = 0;
    map->capacity = VCL_YAML_FEW;
}

static bool grow(vcl_yaml_map *map)
{
    bool few = map->entries == map->few;
    size_t capacity = map->capacity * 2;
    vcl_yaml_entry *grown = realloc(few ? NULL : map->entries, capacity * sizeof(*grown));

    if (!grown)
        return false;
    if (few)
        memcpy(grown, map->few, sizeof(map->few));
    map->entries = grown;
    map->capacity = capacity;
    return true;
}

static bool
add_entry(vcl_yaml_reader *reader, vcl_yaml_map *map, cJSON *node, size_t line, bool merged)
{
    if (map->count == map->capacity && !grow(map)) {
        vcl_json_free_secret(node);
        return vcl_yaml_fail_memory(reader);
    }
    map->entries[map->count] =
        (vcl_yaml_entry){ .node = node, .line = line, .index = map->count, .merged = merged };
    map->count++;
    return true;
}

bool vcl_yaml_map_add(
    vcl_yaml_reader *reader, vcl_yaml_map *map, char *key, cJSON *value, size_t line)
{
    vcl_auto_free char *owned = key;
    size_t size = strlen(key) + 1;

    value->string = cJSON_malloc(size);
    if (!value->string) {
        vcl_json_free_secret(value);
        return vcl_yaml_fail_memory(reader);
    }
    memcpy(value->string, owned, size);
    return add_entry(reader, map, value, line, false);
}

/* Add copies of the members of a map. */
static bool merge_one(vcl_yaml_reader *reader, vcl_yaml_map *map, const cJSON *from, size_t line)
{
    for (const cJSON *member = from->child; member; member = member->next) {
        cJSON *copy = vcl_json_copy(member);
        if (!copy)
            return vcl_yaml_fail_memory(reader);
        if (!add_entry(reader, map, copy, line, true))
            return false;
    }
    return true;
}

bool vcl_yaml_map_merge(
    vcl_yaml_reader *reader, vcl_yaml_map *map, cJSON *value, bool by_alias, size_t line)
{
    bool maps = cJSON_IsObject(value) || (cJSON_IsArray(value) && !by_alias);

    /* An anchor may be inside it, so that it has to stay. */
    if (!vcl_yaml_keep(reader, NULL, value, line))
        return false;
    if (cJSON_IsObject(value))
        return merge_one(reader, map, value, line);

    for (const cJSON *item = maps ? value->child : NULL; item; item = item->next)
        maps = maps && cJSON_IsObject(item);
    if (!maps)
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX,
                             "a merge key '<<' needs a map or a list of maps");
    /* The first of the list wins, hence it comes last. */
    for (int i = cJSON_GetArraySize(value); i-- > 0;) {
        if (!merge_one(reader, map, cJSON_GetArrayItem(value, i), line))
            return false;
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    const vcl_yaml_entry *left = a;
    const vcl_yaml_entry *right = b;
    int order = strcmp(left->node->string, right->node->string);

    return order ? order : left->index < right->index ? -1 : left->index > right->index;
}

static int by_index(const void *a, const void *b)
{
    const vcl_yaml_entry *left = a;
    const vcl_yaml_entry *right = b;

    return left->index < right->index ? -1 : left->index > right->index;
}

/* Drop all entries that a later one of the same key replaces. The entries are sorted by key. */
static bool drop_replaced(vcl_yaml_reader *reader, vcl_yaml_map *map)
{
    const vcl_yaml_entry *written = NULL;

    for (size_t i = 0; i < map->count; i++) {
        vcl_yaml_entry *entry = &map->entries[i];
        bool again = i > 0 && map->entries[i - 1].node &&
                     vcl_streq(map->entries[i - 1].node->string, entry->node->string);
        if (!again)
            written = NULL;
        if (written && !entry->merged && !reader->loose)
            return vcl_yaml_fail(reader, entry->line, VCL_YAML_SYNTAX,
                                 "key '%.200s' is in the map twice, first in line %zu",
                                 entry->node->string, written->line);
        if (!entry->merged)
            written = entry;
    }
    for (size_t i = 0; i + 1 < map->count; i++) {
        if (!vcl_streq(map->entries[i].node->string, map->entries[i + 1].node->string))
            continue;
        cJSON *replaced = vcl_steal(&map->entries[i].node);
        if (!vcl_yaml_keep(reader, NULL, replaced, 0))
            return false;
    }
    return true;
}

/* Few keys are compared faster than they are sorted. */
static bool is_distinct(const vcl_yaml_map *map)
{
    if (map->count > VCL_YAML_FEW)
        return false;
    for (size_t i = 1; i < map->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (vcl_streq(map->entries[i].node->string, map->entries[k].node->string))
                return false;
        }
    }
    return true;
}

bool vcl_yaml_map_finish(vcl_yaml_reader *reader, vcl_yaml_map *map)
{
    if (!is_distinct(map)) {
        qsort(map->entries, map->count, sizeof(*map->entries), by_key);
        if (!drop_replaced(reader, map))
            return false;
        qsort(map->entries, map->count, sizeof(*map->entries), by_index);
    }
    for (size_t i = 0; i < map->count; i++) {
        cJSON *node = vcl_steal(&map->entries[i].node);
        if (node)
            (void)cJSON_AddItemToArray(map->object, node);
    }
    return true;
}

void vcl_yaml_map_done(vcl_yaml_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        vcl_json_free_secret(map->entries[i].node);
    if (map->entries != map->few)
        free(map->entries);
    vcl_yaml_map_init(map, NULL);
}
