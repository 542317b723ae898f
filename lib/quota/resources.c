/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of resources: small, so that they are searched from end to end. */
#include "quota/resources.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

enum { MAX_RESOURCES = 4096 };

void vcl_resources_done(vcl_resources *list)
{
    for (size_t i = 0; i < list->size; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (vcl_resources){ 0 };
}

static vcl_amount *find(const vcl_resources *list, const char *name)
{
    for (size_t i = 0; i < list->size; i++) {
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    }
    return NULL;
}

const vcl_quantity *vcl_resources_get(const vcl_resources *list, const char *name)
{
    const vcl_amount *resource = find(list, name);

    return resource ? &resource->amount : NULL;
}

static bool grow(vcl_resources *list)
{
    size_t capacity = list->capacity * 2 + 8;

    if (list->size < list->capacity)
        return true;
    vcl_amount *grown =
        capacity <= MAX_RESOURCES ? realloc(list->items, capacity * sizeof(*grown)) : NULL;
    if (!grown)
        return false;
    list->items = grown;
    list->capacity = capacity;
    return true;
}

/* The entry of that name, made with an amount of zero where it is missing; NULL on failure. */
static vcl_amount *obtain(vcl_resources *list, const char *name)
{
    vcl_amount *resource = find(list, name);

    if (resource || list->failed)
        return resource;
    char *copy = grow(list) ? vcl_strdup(name) : NULL;
    if (!copy) {
        list->failed = true;
        return NULL;
    }
    list->items[list->size] = (vcl_amount){ .name = copy };
    return &list->items[list->size++];
}

void vcl_resources_set(vcl_resources *list, const char *name, const vcl_quantity *amount)
{
    vcl_amount *resource = obtain(list, name);

    if (resource)
        resource->amount = *amount;
}

void vcl_resources_add(vcl_resources *list, const char *name, const vcl_quantity *amount)
{
    vcl_amount *resource = obtain(list, name);

    if (resource && !vcl_quantity_add(&resource->amount, amount))
        list->failed = true;
}

void vcl_resources_add_count(vcl_resources *list, const char *name, int64_t count)
{
    const vcl_quantity amount = vcl_quantity_from_int(count);

    vcl_resources_add(list, name, &amount);
}

void vcl_resources_add_all(vcl_resources *list, const vcl_resources *more)
{
    list->failed = list->failed || more->failed;
    for (size_t i = 0; i < more->size; i++)
        vcl_resources_add(list, more->items[i].name, &more->items[i].amount);
}

void vcl_resources_max_all(vcl_resources *list, const vcl_resources *other)
{
    list->failed = list->failed || other->failed;
    for (size_t i = 0; i < other->size; i++) {
        const vcl_amount *more = &other->items[i];
        const vcl_quantity *have = vcl_resources_get(list, more->name);

        if (!have || vcl_quantity_compare(have, &more->amount) < 0)
            vcl_resources_set(list, more->name, &more->amount);
    }
}

void vcl_resources_multiply(vcl_resources *list, int64_t factor)
{
    for (size_t i = 0; i < list->size; i++) {
        if (!vcl_quantity_multiply(&list->items[i].amount, factor))
            list->failed = true;
    }
}

/* A quantity in a document is a text or a number. */
static int read_one(const cJSON *node, vcl_quantity *out_amount, vcluster_error **error)
{
    if (cJSON_IsString(node))
        return vcl_quantity_parse(node->valuestring, out_amount, error);

    vcl_auto_free char *text = node && !cJSON_IsNull(node) ? vcl_json_print(node) : NULL;
    if (!text || (!cJSON_IsNumber(node) && !cJSON_IsRaw(node)))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "it is neither a text nor a number");
    return vcl_quantity_parse(text, out_amount, error);
}

int vcl_resources_read(vcl_resources *list, const cJSON *object, vcluster_error **error)
{
    if (object && !cJSON_IsObject(object) && !cJSON_IsNull(object))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a list of resources is no map of names to quantities");
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next) {
        vcl_quantity amount;

        int status = read_one(member, &amount, error);
        if (status < 0)
            return vcl_wrap(error, status, "resource '%s'", vcl_str(member->string));
        vcl_resources_set(list, member->string, &amount);
    }
    return list->failed ? vcl_no_memory(error) : 0;
}

cJSON *vcl_resources_to_json(const vcl_resources *list)
{
    cJSON *object = cJSON_CreateObject();
    bool ok = object && !list->failed;

    for (size_t i = 0; ok && i < list->size; i++) {
        char text[VCL_QUANTITY_TEXT];

        vcl_quantity_print(&list->items[i].amount, text);
        ok = vcl_json_set_string(object, list->items[i].name, text);
    }
    if (ok)
        return object;
    cJSON_Delete(object);
    return NULL;
}
