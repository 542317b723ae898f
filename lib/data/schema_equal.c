/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types and equality of values as JSON Schema means them, and the search for equal items, by hash
 * where there are many.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/schema_node.h"

enum { FEW_ITEMS = 12, FEW_MEMBERS = 12 };

unsigned vcl_schema_type_of(const cJSON *value)
{
    switch (value->type & 0xff) {
    case cJSON_NULL:
        return VCL_TYPE_NULL;
    case cJSON_False:
    case cJSON_True:
        return VCL_TYPE_BOOLEAN;
    case cJSON_Number:
    case cJSON_Raw:
        return VCL_TYPE_NUMBER;
    case cJSON_String:
        return VCL_TYPE_STRING;
    case cJSON_Array:
        return VCL_TYPE_ARRAY;
    case cJSON_Object:
        return VCL_TYPE_OBJECT;
    default:
        return 0;
    }
}

unsigned vcl_schema_types_named(const cJSON *type)
{
    static const char *const names[] = { "null",   "boolean", "integer", "number",
                                         "string", "array",   "object" };
    unsigned types = 0;

    if (cJSON_IsString(type)) {
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            types |= vcl_streq(type->valuestring, names[i]) ? 1U << i : 0;
        return types;
    }
    for (const cJSON *item = type->child; item; item = item->next)
        types |= cJSON_IsString(item) ? vcl_schema_types_named(item) : 0;
    return types;
}

static bool items_equal(const cJSON *a, const cJSON *b)
{
    const cJSON *left = a->child;
    const cJSON *right = b->child;

    while (left && right && vcl_schema_equal(left, right)) {
        left = left->next;
        right = right->next;
    }
    return !left && !right;
}

static int compare_members(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* The members of an object in the order of their names; NULL when memory is short. */
static const cJSON **sorted_members(const cJSON *object, size_t count)
{
    const cJSON **members = malloc((count + 1) * sizeof(const cJSON *));
    size_t at = 0;

    if (!members)
        return NULL;
    for (const cJSON *member = object->child; member; member = member->next)
        members[at++] = member;
    qsort(members, count, sizeof(const cJSON *), compare_members);
    return members;
}

/* One lookup after the other. */
static bool few_members_equal(const cJSON *a, const cJSON *b)
{
    for (const cJSON *member = a->child; member; member = member->next) {
        const cJSON *other = vcl_json_get(b, member->string);
        if (!other || !vcl_schema_equal(member, other))
            return false;
    }
    return true;
}

static bool members_equal(const cJSON *a, const cJSON *b)
{
    size_t count = (size_t)cJSON_GetArraySize(a);

    if (count != (size_t)cJSON_GetArraySize(b))
        return false;
    const cJSON **left = count > FEW_MEMBERS ? sorted_members(a, count) : NULL;
    const cJSON **right = left ? sorted_members(b, count) : NULL;
    /* Without the memory for it, it only takes longer. */
    bool equal = right || few_members_equal(a, b);
    for (size_t i = 0; right && equal && i < count; i++)
        equal = vcl_streq(left[i]->string, right[i]->string) && vcl_schema_equal(left[i], right[i]);
    free(left);
    free(right);
    return equal;
}

bool vcl_schema_equal(const cJSON *a, const cJSON *b)
{
    unsigned type = vcl_schema_type_of(a);

    if (type != vcl_schema_type_of(b))
        return false;
    switch (type) {
    case VCL_TYPE_BOOLEAN:
        return cJSON_IsTrue(a) == cJSON_IsTrue(b);
    case VCL_TYPE_NUMBER:
        return vcl_schema_numbers_equal(a, b);
    case VCL_TYPE_STRING:
        return vcl_streq(a->valuestring, b->valuestring);
    case VCL_TYPE_ARRAY:
        return items_equal(a, b);
    case VCL_TYPE_OBJECT:
        return members_equal(a, b);
    default:
        return true;
    }
}

/* A hash that equal values share, whatever the order of their keys. */
static uint64_t hash_of(const cJSON *value)
{
    uint64_t hash = vcl_schema_hash(VCL_SCHEMA_HASH_START, &value->type, 1);
    uint64_t sum = 0;

    switch (vcl_schema_type_of(value)) {
    case VCL_TYPE_NUMBER:
        return vcl_schema_number_hash(value);
    case VCL_TYPE_STRING:
        return vcl_schema_hash(hash, value->valuestring, strlen(value->valuestring));
    case VCL_TYPE_ARRAY:
        for (const cJSON *item = value->child; item; item = item->next) {
            uint64_t inner = hash_of(item);
            hash = vcl_schema_hash(hash, &inner, sizeof(inner));
        }
        return hash;
    case VCL_TYPE_OBJECT:
        for (const cJSON *item = value->child; item; item = item->next)
            sum += vcl_schema_hash(hash_of(item), item->string, strlen(item->string));
        return vcl_schema_hash(hash, &sum, sizeof(sum));
    default:
        return hash;
    }
}

typedef struct hashed_item {
    const cJSON *item;
    uint64_t hash;
    size_t index;
} hashed_item;

static int compare_hashed(const void *a, const void *b)
{
    const hashed_item *left = a;
    const hashed_item *right = b;

    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

/* Among items in the order of their hashes. Different values with the same hash do not happen by
 * chance; who makes them on purpose gains no more than a few comparisons each. */
static int search(const hashed_item *items, size_t count, size_t *out_first, size_t *out_second)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count && items[j].hash == items[i].hash; j++) {
            if (j - i > VCL_MAX_SCHEMA_COLLISIONS)
                break;
            if (vcl_schema_equal(items[i].item, items[j].item)) {
                *out_first = items[i].index;
                *out_second = items[j].index;
                return 1;
            }
        }
    }
    return 0;
}

static int find_among_few(const cJSON *array, size_t *out_first, size_t *out_second)
{
    size_t i = 0;

    for (const cJSON *a = array->child; a; a = a->next, i++) {
        size_t j = i + 1;
        for (const cJSON *b = a->next; b; b = b->next, j++) {
            if (vcl_schema_equal(a, b)) {
                *out_first = i;
                *out_second = j;
                return 1;
            }
        }
    }
    return 0;
}

int vcl_schema_find_equal(const cJSON *array, size_t *out_first, size_t *out_second)
{
    size_t count = (size_t)cJSON_GetArraySize(array);
    size_t at = 0;

    if (count <= FEW_ITEMS)
        return find_among_few(array, out_first, out_second);
    vcl_auto_free hashed_item *items = calloc(count, sizeof(*items));
    if (!items)
        return VCLUSTER_E_NO_MEMORY;
    for (const cJSON *item = array->child; item; item = item->next, at++)
        items[at] = (hashed_item){ .item = item, .hash = hash_of(item), .index = at };
    qsort(items, count, sizeof(*items), compare_hashed);
    return search(items, count, out_first, out_second);
}
