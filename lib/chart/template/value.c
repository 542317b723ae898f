/* SPDX-License-Identifier: Apache-2.0 */
/* Values of templates: types, makers, lists, maps; see value.h. */
#include "chart/template/value.h"

#include <stdlib.h>
#include <string.h>

static const vcl_tpl_type_info types[VCL_TPL_TYPE_COUNT] = {
    [VCL_TPL_T_NIL] = { "<nil>", "invalid", false },
    [VCL_TPL_T_BOOL] = { "bool", "bool", false },
    [VCL_TPL_T_INT] = { "int", "int", false },
    [VCL_TPL_T_INT64] = { "int64", "int64", false },
    [VCL_TPL_T_UINT8] = { "uint8", "uint8", false },
    [VCL_TPL_T_UINT64] = { "uint64", "uint64", false },
    [VCL_TPL_T_FLOAT64] = { "float64", "float64", false },
    [VCL_TPL_T_STRING] = { "string", "string", false },
    [VCL_TPL_T_BYTES] = { "[]uint8", "slice", false },
    [VCL_TPL_T_LIST] = { "[]interface {}", "slice", false },
    [VCL_TPL_T_STRINGS] = { "[]string", "slice", false },
    [VCL_TPL_T_INTS] = { "[]int", "slice", false },
    [VCL_TPL_T_LISTS] = { "[][]interface {}", "slice", false },
    [VCL_TPL_T_MAPS] = { "[]map[string]interface {}", "slice", false },
    [VCL_TPL_T_VERSION_SET] = { "chartutil.VersionSet", "slice", false },
    [VCL_TPL_T_MAP] = { "map[string]interface {}", "map", false },
    [VCL_TPL_T_STRING_MAP] = { "map[string]string", "map", false },
    [VCL_TPL_T_VALUES] = { "chartutil.Values", "map", false },
    [VCL_TPL_T_FILES] = { "engine.files", "map", false },
    [VCL_TPL_T_CHART] = { "struct { chart.Metadata; IsRoot bool }", "struct", true },
    [VCL_TPL_T_CAPABILITIES] = { "*chartutil.Capabilities", "ptr", true },
    [VCL_TPL_T_KUBE_VERSION] = { "chartutil.KubeVersion", "struct", true },
    [VCL_TPL_T_HELM_VERSION] = { "version.BuildInfo", "struct", true },
    [VCL_TPL_T_DEPENDENCY] = { "*chart.Dependency", "ptr", true },
    [VCL_TPL_T_MAINTAINER] = { "*chart.Maintainer", "ptr", true },
    [VCL_TPL_T_CERTIFICATE] = { "sprig.certificate", "struct", true },
    [VCL_TPL_T_SEMVER] = { "*semver.Version", "ptr", true },
    [VCL_TPL_T_SEMVER_VALUE] = { "semver.Version", "struct", true },
    [VCL_TPL_T_TIME] = { "time.Time", "struct", true },
    [VCL_TPL_T_DURATION] = { "time.Duration", "int64", false },
    [VCL_TPL_T_MONTH] = { "time.Month", "int", false },
    [VCL_TPL_T_WEEKDAY] = { "time.Weekday", "int", false },
};

const vcl_tpl_type_info *vcl_tpl_type_of(const vcl_tpl_value *value)
{
    return &types[value->type];
}

bool vcl_tpl_text_equal(vcl_tpl_text a, vcl_tpl_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int vcl_tpl_text_compare(vcl_tpl_text a, vcl_tpl_text b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;

    if (order != 0 || a.size == b.size)
        return order;
    return a.size < b.size ? -1 : 1;
}

bool vcl_tpl_text_is(vcl_tpl_text text, const char *literal)
{
    return vcl_tpl_text_equal(text, vcl_tpl_literal(literal));
}

vcl_tpl_text vcl_tpl_literal(const char *text)
{
    return (vcl_tpl_text){ text, text ? strlen(text) : 0 };
}

vcl_tpl_value vcl_tpl_bool(bool value)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_BOOL, .type = VCL_TPL_T_BOOL, .boolean = value };
}

vcl_tpl_value vcl_tpl_int(int64_t value)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_INT, .type = VCL_TPL_T_INT, .integer = value };
}

vcl_tpl_value vcl_tpl_int64(int64_t value)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_INT, .type = VCL_TPL_T_INT64, .integer = value };
}

vcl_tpl_value vcl_tpl_float(double value)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_FLOAT, .type = VCL_TPL_T_FLOAT64, .number = value };
}

vcl_tpl_value vcl_tpl_string(vcl_tpl_text text)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_STRING, .type = VCL_TPL_T_STRING, .text = text };
}

vcl_tpl_value vcl_tpl_cstring(const char *text)
{
    return vcl_tpl_string(vcl_tpl_literal(text));
}

vcl_tpl_value vcl_tpl_list_value(vcl_tpl_list *list, vcl_tpl_type type)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_LIST, .type = (uint8_t)type, .list = list };
}

vcl_tpl_value vcl_tpl_map_value(vcl_tpl_map *map, vcl_tpl_type type)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_MAP, .type = (uint8_t)type, .map = map };
}

vcl_tpl_list *vcl_tpl_list_new(vcl_arena *arena, size_t count)
{
    if (count > (SIZE_MAX - sizeof(vcl_tpl_list)) / sizeof(vcl_tpl_value))
        return NULL;

    vcl_tpl_list *list = vcl_arena_alloc(arena, sizeof(*list) + count * sizeof(vcl_tpl_value));
    if (list)
        list->count = count;
    return list;
}

size_t vcl_tpl_list_size(const vcl_tpl_value *value)
{
    return value->list ? value->list->count : 0;
}

vcl_tpl_value vcl_tpl_list_at(const vcl_tpl_value *value, size_t index)
{
    vcl_tpl_value item = value->list->items[index];

    item.boxed = value->type == VCL_TPL_T_LIST;
    return item;
}

vcl_tpl_map *vcl_tpl_map_new(vcl_arena *arena)
{
    return vcl_arena_alloc(arena, sizeof(vcl_tpl_map));
}

vcl_tpl_map *vcl_tpl_map_new_for(vcl_arena *arena, size_t capacity)
{
    vcl_tpl_map *map = vcl_tpl_map_new(arena);

    if (!map || capacity == 0)
        return map;
    if (capacity > SIZE_MAX / sizeof(*map->entries))
        return NULL;
    map->entries = vcl_arena_alloc(arena, capacity * sizeof(*map->entries));
    map->capacity = capacity;
    return map->entries ? map : NULL;
}

size_t vcl_tpl_map_size(const vcl_tpl_value *value)
{
    return value->map ? value->map->count : 0;
}

/* Index of the key, or of the place where it would go. */
static size_t find(const vcl_tpl_map *map, vcl_tpl_text key, bool *out_found)
{
    size_t low = 0;
    size_t high = map->count;

    *out_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = vcl_tpl_text_compare(map->entries[middle].key, key);
        if (order == 0) {
            *out_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const vcl_tpl_value *vcl_tpl_map_get(const vcl_tpl_map *map, vcl_tpl_text key)
{
    bool found = false;

    if (!map)
        return NULL;

    size_t index = find(map, key, &found);
    return found ? &map->entries[index].value : NULL;
}

static bool grow(vcl_arena *arena, vcl_tpl_map *map)
{
    if (map->count < map->capacity)
        return true;

    size_t capacity = map->capacity ? map->capacity * 2 : 8;
    vcl_tpl_entry *entries = vcl_arena_alloc(arena, capacity * sizeof(*entries));
    if (!entries)
        return false;
    if (map->count)
        memcpy(entries, map->entries, map->count * sizeof(*entries));
    map->entries = entries;
    map->capacity = capacity;
    return true;
}

bool vcl_tpl_map_set(vcl_arena *arena, vcl_tpl_map *map, vcl_tpl_text key, vcl_tpl_value value)
{
    bool found = false;
    size_t index = find(map, key, &found);

    value.boxed = false;
    if (!found) {
        if (!grow(arena, map))
            return false;
        memmove(&map->entries[index + 1], &map->entries[index],
                (map->count - index) * sizeof(*map->entries));
        map->entries[index].key = key;
        map->count++;
    }
    map->entries[index].value = value;
    return true;
}

bool vcl_tpl_map_set_literal(vcl_arena *arena,
                             vcl_tpl_map *map,
                             const char *key,
                             vcl_tpl_value value)
{
    return vcl_tpl_map_set(arena, map, vcl_tpl_literal(key), value);
}

void vcl_tpl_map_remove(vcl_tpl_map *map, vcl_tpl_text key)
{
    bool found = false;
    size_t index = find(map, key, &found);

    if (!found)
        return;
    map->count--;
    memmove(&map->entries[index], &map->entries[index + 1],
            (map->count - index) * sizeof(*map->entries));
}

vcl_tpl_value vcl_tpl_map_missing(vcl_tpl_type type)
{
    vcl_tpl_value missing = vcl_tpl_nil();

    if (type == VCL_TPL_T_STRING_MAP)
        return vcl_tpl_cstring("");
    if (type == VCL_TPL_T_FILES) {
        missing = vcl_tpl_cstring("");
        missing.type = VCL_TPL_T_BYTES;
        return missing;
    }
    missing.boxed = true;
    return missing;
}

vcl_tpl_value vcl_tpl_map_at(const vcl_tpl_value *value, size_t index)
{
    vcl_tpl_value item = value->map->entries[index].value;

    item.boxed = value->type == VCL_TPL_T_MAP || value->type == VCL_TPL_T_VALUES;
    return item;
}

const vcl_tpl_value *vcl_tpl_text_form(const vcl_tpl_value *value)
{
    return value->kind == VCL_TPL_MAP && vcl_tpl_type_of(value)->is_struct
               ? vcl_tpl_map_get(value->map, vcl_tpl_literal(VCL_TPL_TEXT_FIELD))
               : NULL;
}

const vcl_tpl_value *vcl_tpl_json_form(const vcl_tpl_value *value)
{
    const vcl_tpl_value *text = vcl_tpl_text_form(value);
    const vcl_tpl_value *json =
        text ? vcl_tpl_map_get(value->map, vcl_tpl_literal(VCL_TPL_JSON_FIELD)) : NULL;

    return json ? json : text;
}

bool vcl_tpl_truth(const vcl_tpl_value *value)
{
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_NIL:
        return false;
    case VCL_TPL_BOOL:
        return value->boolean;
    case VCL_TPL_INT:
        return value->integer != 0;
    case VCL_TPL_FLOAT:
        return value->number != 0;
    case VCL_TPL_STRING:
        return value->text.size > 0;
    case VCL_TPL_LIST:
        return vcl_tpl_list_size(value) > 0;
    case VCL_TPL_MAP:
        return vcl_tpl_type_of(value)->is_struct || vcl_tpl_map_size(value) > 0;
    }
    return false;
}

bool vcl_tpl_empty(const vcl_tpl_value *value)
{
    return !vcl_tpl_truth(value);
}
