/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two objects; see field_diff.h. */
#include "release/field_diff.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

typedef struct differ {
    cJSON *fields;
    bool secret; /* the object is one: values are not told */
    bool failed;
} differ;

/* Of metadata, and of the object. */
static bool is_servers_own(const char *path)
{
    static const char *const paths[] = {
        ".status",
        ".metadata.managedFields",
        ".metadata.resourceVersion",
        ".metadata.generation",
        ".metadata.uid",
        ".metadata.creationTimestamp",
        ".metadata.selfLink",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (vcl_streq(paths[i], path))
            return true;
    }
    return false;
}

static size_t base64_size(const char *text)
{
    size_t size = strlen(text);
    size_t padding = 0;

    while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
        padding++;
    return size / 4 * 3 - (size >= 4 ? padding : 0);
}

static cJSON *shown(const differ *self, const char *path, const cJSON *value)
{
    bool encoded = vcl_starts_with(path, ".data");

    if (!self->secret || (!encoded && !vcl_starts_with(path, ".stringData")))
        return vcl_json_copy(value);
    size_t size = !cJSON_IsString(value) ? 0
                  : encoded              ? base64_size(value->valuestring)
                                         : strlen(value->valuestring);
    vcl_auto_free char *text = vcl_format("(secret, %zu bytes)", size);
    return text ? cJSON_CreateString(text) : NULL;
}

static void walk(differ *self, const char *path, const cJSON *before, const cJSON *after);

static void add(differ *self, const char *path, const cJSON *before, const cJSON *after)
{
    cJSON *field = cJSON_CreateObject();

    if (!vcl_json_append(self->fields, field)) {
        self->failed = true;
        return;
    }
    if (!vcl_json_set_string(field, "path", path) ||
        (before && !vcl_json_set(field, "old", shown(self, path, before))) ||
        (after && !vcl_json_set(field, "new", shown(self, path, after))))
        self->failed = true;
}

static bool is_plain(const char *key)
{
    for (const char *c = key; *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
            return false;
    }
    return *key != '\0';
}

static void walk_member(
    differ *self, const char *path, const char *key, const cJSON *before, const cJSON *after)
{
    vcl_auto_free char *inner =
        is_plain(key) ? vcl_format("%s.%s", path, key) : vcl_format("%s[\"%s\"]", path, key);

    if (!inner)
        self->failed = true;
    else if (!is_servers_own(inner))
        walk(self, inner, before, after);
}

static void walk_map(differ *self, const char *path, const cJSON *before, const cJSON *after)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, before)
        walk_member(self, path, member->string, member, vcl_json_get(after, member->string));
    cJSON_ArrayForEach (member, after) {
        if (!vcl_json_get(before, member->string))
            walk_member(self, path, member->string, NULL, member);
    }
}

static const char *name_of(const cJSON *item)
{
    return vcl_json_find_string(item, "name", NULL);
}

static const cJSON *find_named(const cJSON *list, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        if (vcl_streq(name_of(item), name))
            return item;
    }
    return NULL;
}

/* Whether all items have a name, each its own. */
static bool is_named(const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        if (!name_of(item) || find_named(list, name_of(item)) != item)
            return false;
    }
    return true;
}

static void walk_item(differ *self, char *path, const cJSON *before, const cJSON *after)
{
    if (path)
        walk(self, path, before, after);
    else
        self->failed = true;
    free(path);
}

static void walk_list(differ *self, const char *path, const cJSON *before, const cJSON *after)
{
    const cJSON *item;

    if (is_named(before) && is_named(after)) {
        cJSON_ArrayForEach (item, before)
            walk_item(self, vcl_format("%s[name=%s]", path, name_of(item)), item,
                      find_named(after, name_of(item)));
        cJSON_ArrayForEach (item, after) {
            if (!find_named(before, name_of(item)))
                walk_item(self, vcl_format("%s[name=%s]", path, name_of(item)), NULL, item);
        }
        return;
    }
    const cJSON *a = before->child;
    const cJSON *b = after->child;
    for (size_t i = 0; a || b; i++) {
        walk_item(self, vcl_format("%s[%zu]", path, i), a, b);
        a = a ? a->next : NULL;
        b = b ? b->next : NULL;
    }
}

/* The whole object, and the data of a Secret, are told by their members also where they come or go
 * as a whole. */
static void walk(differ *self, const char *path, const cJSON *before, const cJSON *after)
{
    const cJSON *one = before ? before : after;
    bool secret_map = self->secret && cJSON_IsObject(one) &&
                      (vcl_streq(path, ".data") || vcl_streq(path, ".stringData"));

    if (self->failed || (before && after && vcl_json_equal(before, after)))
        return;
    if ((cJSON_IsObject(before) && cJSON_IsObject(after)) || !*path || secret_map)
        walk_map(self, path, before, after);
    else if (cJSON_IsArray(before) && cJSON_IsArray(after))
        walk_list(self, path, before, after);
    else
        add(self, path, before, after);
}

cJSON *vcl_field_diff(const cJSON *before, const cJSON *after)
{
    differ self = { .fields = cJSON_CreateArray(),
                    .secret = vcl_streq(vcl_json_find_string(before ? before : after, "kind", NULL),
                                        "Secret") };

    if (!self.fields)
        return NULL;
    walk(&self, "", before, after);
    if (self.failed) {
        vcl_json_free_secret(self.fields);
        return NULL;
    }
    return self.fields;
}
