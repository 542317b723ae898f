/* SPDX-License-Identifier: Apache-2.0 */
/* Merge patches and JSON patches; see patch.h. */
#include "fake/patch.h"

#include <string.h>

#include "base/str.h"

bool vcl_fake_merge(cJSON *into, const cJSON *patch)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, patch) {
        if (cJSON_IsNull(member)) {
            vcl_json_remove(into, member->string);
        } else if (cJSON_IsObject(member)) {
            cJSON *below = vcl_json_object(into, member->string);
            if (!below || !vcl_fake_merge(below, member))
                return false;
        } else if (!vcl_json_set(into, member->string, vcl_json_copy(member))) {
            return false;
        }
    }
    return true;
}

/* The last reference token of a pointer, unescaped, and the node above it; NULL: no such node. */
static cJSON *walk(cJSON *tree, const char *pointer, char **out_last)
{
    cJSON *node = tree;

    *out_last = NULL;
    while (node && *pointer == '/') {
        size_t size = strcspn(pointer + 1, "/");
        char *token = vcl_strndup(pointer + 1, size);
        if (!token)
            return NULL;
        for (char *c = token; (c = strchr(c, '~')); c++) {
            *c = c[1] == '1' ? '/' : '~';
            memmove(c + 1, c + 2, strlen(c + 1));
        }
        pointer += 1 + size;
        if (!*pointer) {
            *out_last = token;
            return node;
        }
        int64_t index = 0;
        if (cJSON_IsArray(node))
            node = vcl_parse_i64(token, &index) ? cJSON_GetArrayItem(node, (int)index) : NULL;
        else
            node = vcl_json_get(node, token);
        free(token);
    }
    return NULL;
}

static cJSON *at(cJSON *above, const char *token)
{
    int64_t index = 0;

    if (!cJSON_IsArray(above))
        return vcl_json_get(above, token);
    return vcl_parse_i64(token, &index) ? cJSON_GetArrayItem(above, (int)index) : NULL;
}

/* Move what stands at index and behind it to behind what was appended last. */
static int rotate(cJSON *array, int index)
{
    int count = cJSON_GetArraySize(array) - 1 - index;

    for (int i = 0; i < count; i++) {
        if (!vcl_json_append(array, cJSON_DetachItemFromArray(array, index)))
            return -1;
    }
    return 1;
}

/* A copy of value at a place. */
static int put(cJSON *above, const char *token, const cJSON *value, bool is_new)
{
    cJSON *copy = vcl_json_copy(value);
    int64_t index = 0;

    if (!copy)
        return -1;
    if (!cJSON_IsArray(above))
        return vcl_json_set(above, token, copy) ? 1 : -1;
    bool inside = vcl_parse_i64(token, &index) && index >= 0 && index < cJSON_GetArraySize(above);
    if (inside && !is_new)
        cJSON_Delete(cJSON_DetachItemFromArray(above, (int)index));
    if (!vcl_json_append(above, copy))
        return -1;
    return inside ? rotate(above, (int)index) : 1;
}

static int
step(cJSON *above, const char *token, const char *op, const cJSON *value, const char **why)
{
    cJSON *present = at(above, token);

    *why = "it needs a value";
    if (!value && !vcl_streq(op, "remove"))
        return 0;
    *why = "there is nothing at the path";
    if (vcl_streq(op, "add"))
        return put(above, token, value, true);
    if (!present)
        return 0;
    if (vcl_streq(op, "replace"))
        return put(above, token, value, false);
    if (vcl_streq(op, "remove")) {
        cJSON_Delete(cJSON_DetachItemViaPointer(above, present));
        return 1;
    }
    *why = vcl_streq(op, "test") ? "a test failed" : "the operation is not known to the fake";
    return vcl_streq(op, "test") && vcl_json_equal(present, value);
}

int vcl_fake_json_patch(cJSON *tree, const cJSON *patch, const char **out_why)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, patch) {
        vcl_auto_free char *token = NULL;
        cJSON *above = walk(tree, vcl_str(vcl_json_find_string(item, "path", NULL)), &token);
        *out_why = "there is nothing at the path";
        if (!cJSON_IsObject(above) && !cJSON_IsArray(above))
            return 0;
        int done = step(above, token, vcl_str(vcl_json_find_string(item, "op", NULL)),
                        vcl_json_get(item, "value"), out_why);
        if (done <= 0)
            return done;
    }
    return 1;
}
