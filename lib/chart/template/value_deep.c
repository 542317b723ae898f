/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What walks whole values: comparison, copies, JSON. Templates can make a map that holds itself
 * (set $m "self" $m), so each walk has a maximum of nesting.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "chart/template/structs.h"
#include "chart/template/utf8.h"
#include "chart/template/value.h"
#include "data/encoding.h"
#include "data/json.h"
#include "data/number.h"

/* One walk: how deep it is, and how many values it saw. Lists that hold the same list twice, again
 * and again, would be walked for ever without the second. */
typedef struct walk {
    int depth;
    size_t count;
    bool unfit; /* it ended for a reason that is in the value */
} walk;

static bool enter(walk *w)
{
    if (w->depth >= VCL_TPL_MAX_NESTING || w->count >= VCL_MAX_JSON_NODES) {
        w->unfit = true;
        return false;
    }
    w->depth++;
    w->count++;
    return true;
}

static bool equal(const vcl_tpl_value *a, const vcl_tpl_value *b, walk *w);

static bool equal_lists(const vcl_tpl_value *a, const vcl_tpl_value *b, walk *w)
{
    if (a->list == b->list)
        return true;
    if (!a->list != !b->list || vcl_tpl_list_size(a) != vcl_tpl_list_size(b))
        return false;
    for (size_t i = 0; i < vcl_tpl_list_size(a); i++) {
        if (!equal(&a->list->items[i], &b->list->items[i], w))
            return false;
    }
    return true;
}

static bool equal_maps(const vcl_tpl_value *a, const vcl_tpl_value *b, walk *w)
{
    if (a->map == b->map)
        return true;
    if (!a->map || !b->map || a->map->count != b->map->count)
        return false;
    for (size_t i = 0; i < a->map->count; i++) {
        const vcl_tpl_entry *left = &a->map->entries[i];
        const vcl_tpl_entry *right = &b->map->entries[i];
        if (!vcl_tpl_text_equal(left->key, right->key) || !equal(&left->value, &right->value, w))
            return false;
    }
    return true;
}

static bool equal_values(const vcl_tpl_value *a, const vcl_tpl_value *b, walk *w)
{
    if (a->kind != b->kind || a->type != b->type)
        return false;
    switch ((vcl_tpl_kind)a->kind) {
    case VCL_TPL_NIL:
        return true;
    case VCL_TPL_BOOL:
        return a->boolean == b->boolean;
    case VCL_TPL_INT:
        return a->integer == b->integer;
    case VCL_TPL_FLOAT:
        return a->number == b->number;
    case VCL_TPL_STRING:
        return vcl_tpl_text_equal(a->text, b->text);
    case VCL_TPL_LIST:
        return equal_lists(a, b, w);
    case VCL_TPL_MAP:
        return equal_maps(a, b, w);
    }
    return false;
}

static bool equal(const vcl_tpl_value *a, const vcl_tpl_value *b, walk *w)
{
    if (!enter(w))
        return false;

    bool same = equal_values(a, b, w);
    w->depth--;
    return same;
}

bool vcl_tpl_deep_equal(const vcl_tpl_value *a, const vcl_tpl_value *b)
{
    walk w = { 0 };

    return equal(a, b, &w);
}

static bool copy(vcl_arena *arena, const vcl_tpl_value *value, walk *w, vcl_tpl_value *out_copy)
{
    *out_copy = *value;
    if (!enter(w))
        return false;
    if (value->kind == VCL_TPL_LIST && value->list) {
        vcl_tpl_list *list = vcl_tpl_list_new(arena, value->list->count);
        if (!list)
            return false;
        for (size_t i = 0; i < list->count; i++) {
            if (!copy(arena, &value->list->items[i], w, &list->items[i]))
                return false;
        }
        out_copy->list = list;
    }
    if (value->kind == VCL_TPL_MAP && value->map) {
        vcl_tpl_map *map = vcl_tpl_map_new_for(arena, value->map->count);
        if (!map)
            return false;
        for (; map->count < value->map->count; map->count++) {
            const vcl_tpl_entry *entry = &value->map->entries[map->count];
            map->entries[map->count].key = entry->key;
            if (!copy(arena, &entry->value, w, &map->entries[map->count].value))
                return false;
        }
        out_copy->map = map;
    }
    w->depth--;
    return true;
}

bool vcl_tpl_deep_copy(vcl_arena *arena,
                       const vcl_tpl_value *value,
                       vcl_tpl_value *out_copy,
                       bool *out_unfit)
{
    walk w = { 0 };
    bool copied = copy(arena, value, &w, out_copy);

    *out_unfit = w.unfit;
    return copied;
}

static bool from_json(vcl_arena *arena, const cJSON *node, walk *w, vcl_tpl_value *out_value);

static bool copy_text(vcl_arena *arena, const char *text, vcl_tpl_text *out_text)
{
    size_t size = strlen(text);
    char *data = vcl_arena_copy(arena, text, size);

    *out_text = (vcl_tpl_text){ data, size };
    return data != NULL;
}

static size_t count_children(const cJSON *node)
{
    size_t count = 0;

    for (const cJSON *item = node->child; item; item = item->next)
        count++;
    return count;
}

static bool from_array(vcl_arena *arena, const cJSON *node, walk *w, vcl_tpl_value *out_value)
{
    vcl_tpl_list *list = vcl_tpl_list_new(arena, count_children(node));
    size_t count = 0;

    if (!list)
        return false;
    w->depth++;
    for (const cJSON *item = node->child; item; item = item->next) {
        if (!from_json(arena, item, w, &list->items[count++]))
            return false;
    }
    w->depth--;
    *out_value = vcl_tpl_list_value(list, VCL_TPL_T_LIST);
    return true;
}

static bool from_object(vcl_arena *arena, const cJSON *node, walk *w, vcl_tpl_value *out_value)
{
    vcl_tpl_map *map = vcl_tpl_map_new_for(arena, count_children(node));

    if (!map)
        return false;
    w->depth++;
    for (const cJSON *item = node->child; item; item = item->next) {
        vcl_tpl_text key;
        vcl_tpl_value value;
        if (!copy_text(arena, item->string ? item->string : "", &key) ||
            !from_json(arena, item, w, &value) || !vcl_tpl_map_set(arena, map, key, value))
            return false;
    }
    w->depth--;
    *out_value = vcl_tpl_map_value(map, VCL_TPL_T_MAP);
    return true;
}

static bool from_json(vcl_arena *arena, const cJSON *node, walk *w, vcl_tpl_value *out_value)
{
    vcl_tpl_text text;
    int64_t integer;

    *out_value = vcl_tpl_nil();
    if (!enter(w))
        return false;
    w->depth--; /* arrays and objects: below */
    if (cJSON_IsBool(node)) {
        *out_value = vcl_tpl_bool(cJSON_IsTrue(node));
    } else if (node && (node->type & VCL_JSON_INT64) && vcl_json_to_int(node, &integer)) {
        *out_value = vcl_tpl_int64(integer);
    } else if (cJSON_IsNumber(node)) {
        *out_value = vcl_tpl_float(node->valuedouble);
    } else if (cJSON_IsRaw(node)) {
        double number = 0;
        if (!vcl_parse_double(node->valuestring, &number))
            number = node->valuestring[0] == '-' ? -HUGE_VAL : HUGE_VAL;
        *out_value = vcl_tpl_float(number);
    } else if (cJSON_IsString(node)) {
        if (!copy_text(arena, node->valuestring, &text))
            return false;
        *out_value = vcl_tpl_string(text);
    } else if (cJSON_IsArray(node)) {
        return from_array(arena, node, w, out_value);
    } else if (cJSON_IsObject(node)) {
        return from_object(arena, node, w, out_value);
    }
    return true;
}

bool vcl_tpl_from_json(vcl_arena *arena, const cJSON *node, vcl_tpl_value *out_value)
{
    walk w = { 0 };

    return from_json(arena, node, &w, out_value);
}

static cJSON *to_json(const vcl_tpl_value *value, walk *w);

/* A text in cJSON's memory. Go replaces what is not UTF-8. A NUL, which the strings of a tree
 * cannot hold, is a failure. */
static char *json_text(vcl_tpl_text text, walk *w)
{
    vcl_auto_free char *repaired = NULL;

    if (text.size && memchr(text.data, '\0', text.size)) {
        w->unfit = true;
        return NULL;
    }
    if (!vcl_utf8_valid(text.data, text.size)) {
        repaired = vcl_tpl_utf8_repair(text);
        if (!repaired)
            return NULL;
        text = vcl_tpl_literal(repaired);
    }

    char *copy_of = cJSON_malloc(text.size + 1);
    if (!copy_of)
        return NULL;
    if (text.size)
        memcpy(copy_of, text.data, text.size);
    copy_of[text.size] = '\0';
    return copy_of;
}

static cJSON *text_to_json(vcl_tpl_text text, walk *w)
{
    char *valid = json_text(text, w);
    cJSON *node = valid ? cJSON_CreateNull() : NULL;

    if (!node) {
        cJSON_free(valid);
        return NULL;
    }
    node->type = cJSON_String;
    node->valuestring = valid;
    return node;
}

static cJSON *list_to_json(const vcl_tpl_value *value, walk *w)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    for (size_t i = 0; array && i < vcl_tpl_list_size(value); i++) {
        if (!vcl_json_append(array, to_json(&value->list->items[i], w)))
            return NULL;
    }
    return vcl_steal(&array);
}

/* Add a member to an object that has none of that name, without looking for one. */
static bool add_member(cJSON *object, const char *key, cJSON *item)
{
    if (item && cJSON_AddItemToObject(object, key, item))
        return true;
    cJSON_Delete(item);
    return false;
}

/* The fields of a struct in their order, as encoding/json writes them. */
static cJSON *struct_to_json(const vcl_tpl_value *value, walk *w)
{
    const vcl_tpl_field *fields = vcl_tpl_struct_fields(value->type);
    VCL_AUTO_JSON *object = cJSON_CreateObject();

    for (; object && fields->name; fields++) {
        const vcl_tpl_value *field = vcl_tpl_map_get(value->map, vcl_tpl_literal(fields->name));
        if (!field || (fields->omit_empty && !vcl_tpl_truth(field)))
            continue;
        if (!add_member(object, fields->json, to_json(field, w)))
            return NULL;
    }
    if (object)
        object->type |= VCL_JSON_ORDERED;
    return vcl_steal(&object);
}

static cJSON *map_to_json(const vcl_tpl_value *value, walk *w)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();

    for (size_t i = 0; object && i < vcl_tpl_map_size(value); i++) {
        const vcl_tpl_entry *entry = &value->map->entries[i];
        char *key = json_text(entry->key, w);
        cJSON *item = key ? to_json(&entry->value, w) : NULL;
        if (!item) {
            cJSON_free(key);
            return NULL;
        }
        item->string = key;
        (void)cJSON_AddItemToArray(object, item);
    }
    return vcl_steal(&object);
}

static cJSON *value_to_json(const vcl_tpl_value *value, walk *w)
{
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_NIL:
        return cJSON_CreateNull();
    case VCL_TPL_BOOL:
        return cJSON_CreateBool(value->boolean);
    case VCL_TPL_INT:
        return vcl_json_new_int(value->integer);
    case VCL_TPL_FLOAT:
        w->unfit = w->unfit || !isfinite(value->number);
        return isfinite(value->number) ? cJSON_CreateNumber(value->number) : NULL;
    case VCL_TPL_STRING:
        if (value->type == VCL_TPL_T_BYTES) {
            vcl_auto_free char *encoded = vcl_base64_encode(value->text.data, value->text.size);
            return encoded ? cJSON_CreateString(encoded) : NULL;
        }
        return text_to_json(value->text, w);
    case VCL_TPL_LIST:
        return value->list ? list_to_json(value, w) : cJSON_CreateNull();
    case VCL_TPL_MAP:
        if (vcl_tpl_json_form(value))
            return text_to_json(vcl_tpl_json_form(value)->text, w);
        if (vcl_tpl_struct_fields(value->type))
            return struct_to_json(value, w);
        return value->map ? map_to_json(value, w) : cJSON_CreateNull();
    }
    return NULL;
}

static cJSON *to_json(const vcl_tpl_value *value, walk *w)
{
    if (!enter(w))
        return NULL;

    cJSON *node = value_to_json(value, w);
    w->depth--;
    return node;
}

cJSON *vcl_tpl_to_json(const vcl_tpl_value *value, bool *out_unfit)
{
    walk w = { 0 };
    cJSON *tree = to_json(value, &w);

    *out_unfit = w.unfit;
    return tree;
}
