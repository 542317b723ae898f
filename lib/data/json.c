/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees of cJSON nodes: finding, setting, comparing, wiping. Reading is in json_parse.c, printing
 * in json_print.c. Strings inside nodes belong to cJSON's allocator, hence cJSON_malloc here.
 */
#include "data/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/number.h"

static void wipe_strings(cJSON *tree)
{
    for (cJSON *node = tree; node; node = node->next) {
        if (node->valuestring && !(node->type & cJSON_IsReference))
            vcl_wipe(node->valuestring, strlen(node->valuestring));
        if (node->string && !(node->type & cJSON_StringIsConst))
            vcl_wipe(node->string, strlen(node->string));
        if (node->child && !(node->type & cJSON_IsReference))
            wipe_strings(node->child);
    }
}

void vcl_json_free_secret(cJSON *tree)
{
    wipe_strings(tree);
    cJSON_Delete(tree);
}

cJSON *vcl_json_copy(const cJSON *tree)
{
    return cJSON_Duplicate(tree, true);
}

cJSON *vcl_json_get(const cJSON *node, const char *key)
{
    if (!cJSON_IsObject(node) || !key)
        return NULL;
    for (cJSON *member = node->child; member; member = member->next) {
        if (member->string && strcmp(member->string, key) == 0)
            return member;
    }
    return NULL;
}

static cJSON *find(const cJSON *node, const char *key, va_list more)
{
    cJSON *found = vcl_json_get(node, key);

    for (const char *next = va_arg(more, const char *); found && next;
         next = va_arg(more, const char *))
        found = vcl_json_get(found, next);
    return found;
}

cJSON *vcl_json_find(const cJSON *node, const char *key, ...)
{
    va_list more;

    va_start(more, key);
    cJSON *found = find(node, key, more);
    va_end(more);
    return found;
}

const char *vcl_json_find_string(const cJSON *node, const char *key, ...)
{
    va_list more;

    va_start(more, key);
    const cJSON *found = find(node, key, more);
    va_end(more);
    return cJSON_IsString(found) ? found->valuestring : NULL;
}

int64_t vcl_json_find_int(const cJSON *node, int64_t otherwise, const char *key, ...)
{
    va_list more;
    int64_t value;

    va_start(more, key);
    const cJSON *found = find(node, key, more);
    va_end(more);
    return vcl_json_to_int(found, &value) ? value : otherwise;
}

bool vcl_json_find_bool(const cJSON *node, bool otherwise, const char *key, ...)
{
    va_list more;

    va_start(more, key);
    const cJSON *found = find(node, key, more);
    va_end(more);
    return cJSON_IsBool(found) ? cJSON_IsTrue(found) : otherwise;
}

bool vcl_json_to_int(const cJSON *node, int64_t *out_value)
{
    if (cJSON_IsRaw(node))
        return vcl_parse_i64(node->valuestring, out_value);
    if (!cJSON_IsNumber(node))
        return false;

    double value = node->valuedouble;
    if (!(value >= -0x1p63 && value < 0x1p63) || value != trunc(value))
        return false;
    *out_value = (int64_t)value;
    return true;
}

/* Name a node that is in no object yet. */
static bool set_key(cJSON *node, const char *key)
{
    size_t size = strlen(key) + 1;
    char *copy = cJSON_malloc(size);

    if (!copy)
        return false;
    memcpy(copy, key, size);
    if (node->string && !(node->type & cJSON_StringIsConst))
        cJSON_free(node->string);
    node->string = copy;
    node->type &= ~cJSON_StringIsConst;
    return true;
}

bool vcl_json_set(cJSON *object, const char *key, cJSON *value)
{
    if (!value)
        return false;
    if (!cJSON_IsObject(object) || !key || !set_key(value, key)) {
        cJSON_Delete(value);
        return false;
    }

    cJSON *old = vcl_json_get(object, key);
    bool done =
        old ? cJSON_ReplaceItemViaPointer(object, old, value) : cJSON_AddItemToArray(object, value);
    if (!done)
        cJSON_Delete(value);
    return done;
}

bool vcl_json_set_string(cJSON *object, const char *key, const char *value)
{
    return vcl_json_set(object, key, value ? cJSON_CreateString(value) : NULL);
}

cJSON *vcl_json_new_int(int64_t value)
{
    const int64_t exact = (int64_t)1 << 53;
    char text[VCL_NUMBER_SIZE];

    if (value >= -exact && value <= exact)
        return cJSON_CreateNumber((double)value);
    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    return cJSON_CreateRaw(text);
}

bool vcl_json_set_int(cJSON *object, const char *key, int64_t value)
{
    return vcl_json_set(object, key, vcl_json_new_int(value));
}

bool vcl_json_append(cJSON *array, cJSON *value)
{
    if (!value)
        return false;
    if (!cJSON_IsArray(array) || !cJSON_AddItemToArray(array, value)) {
        cJSON_Delete(value);
        return false;
    }
    return true;
}

cJSON *vcl_json_object(cJSON *object, const char *key)
{
    cJSON *member = vcl_json_get(object, key);

    if (cJSON_IsObject(member))
        return member;
    member = cJSON_CreateObject();
    return vcl_json_set(object, key, member) ? member : NULL;
}

void vcl_json_remove(cJSON *object, const char *key)
{
    cJSON *member = vcl_json_get(object, key);

    if (member)
        cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
}

cJSON *vcl_json_take(cJSON *object, const char *const *path)
{
    cJSON *member = vcl_json_get(object, *path);

    if (!member)
        return NULL;
    if (!path[1])
        return cJSON_DetachItemViaPointer(object, member);
    cJSON *taken = vcl_json_take(member, path + 1);
    if (taken && !member->child)
        vcl_json_remove(object, *path);
    return taken;
}

void vcl_json_exchange(cJSON *a, cJSON *b)
{
    cJSON first = *a;
    int flags = cJSON_StringIsConst;

    a->child = b->child;
    a->type = (b->type & ~flags) | (first.type & flags);
    a->valuestring = b->valuestring;
    a->valueint = b->valueint;
    a->valuedouble = b->valuedouble;
    b->child = first.child;
    b->type = (first.type & ~flags) | (b->type & flags);
    b->valuestring = first.valuestring;
    b->valueint = first.valueint;
    b->valuedouble = first.valuedouble;
}

static bool members_equal(const cJSON *a, const cJSON *b)
{
    const cJSON *other = b->child;

    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
        return false;
    /* Most trees that are compared have their keys in the same order. */
    for (const cJSON *member = a->child; member; member = member->next) {
        const cJSON *match = other;
        if (!other || !vcl_streq(member->string, other->string))
            match = vcl_json_get(b, member->string);
        if (!match || !vcl_json_equal(member, match))
            return false;
        other = match->next;
    }
    return true;
}

static bool elements_equal(const cJSON *a, const cJSON *b)
{
    const cJSON *left = a->child;
    const cJSON *right = b->child;

    while (left && right && vcl_json_equal(left, right)) {
        left = left->next;
        right = right->next;
    }
    return !left && !right;
}

bool vcl_json_equal(const cJSON *a, const cJSON *b)
{
    if (!a || !b)
        return a == b;
    if ((a->type & 0xff) != (b->type & 0xff))
        return false;

    switch (a->type & 0xff) {
    case cJSON_Number:
        return !(a->valuedouble < b->valuedouble) && !(a->valuedouble > b->valuedouble);
    case cJSON_String:
    case cJSON_Raw:
        return vcl_streq(a->valuestring, b->valuestring);
    case cJSON_Array:
        return elements_equal(a, b);
    case cJSON_Object:
        return members_equal(a, b);
    default:
        return true;
    }
}
