/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values by path: "a.b[0].c", a backslash in front of any character that is meant literally. The
 * grammar of whole --set expressions is in values_set.c; here a path is a path and nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/values_private.h"

/* One step of a path: into a map by name, or into a list by index. */
typedef struct set_step {
    char *name; /* NULL for an index */
    int index;
} set_step;

typedef struct set_path {
    set_step steps[VCL_SET_MAX_STEPS];
    size_t count;
} set_path;

typedef struct set_reader {
    const char *start;
    const char *at;
    size_t filled; /* list members made to reach an index */
    vcluster_error **error;
} set_reader;

static void path_done(set_path *path)
{
    for (size_t i = 0; i < path->count; i++)
        free(path->steps[i].name);
    path->count = 0;
}

/* Fail at the current place. The message shows the path, never the value, which may be a secret. */
static int fail_at(const set_reader *reader, const char *what)
{
    size_t shown = strcspn(reader->start, "=");

    if (shown > VCL_SET_MAX_SHOWN)
        shown = VCL_SET_MAX_SHOWN;
    return vcl_fail(reader->error, VCLUSTER_E_INVALID_ARGUMENT, "'%.*s', character %zu: %s",
                    (int)shown, reader->start, (size_t)(reader->at - reader->start) + 1, what);
}

/* Read up to one of the stop characters or the end, taking backslashes away. */
static int read_until(set_reader *reader, const char *stops, char **out_text)
{
    size_t size = 0;

    while (reader->at[size] && !strchr(stops, reader->at[size]))
        size += reader->at[size] == '\\' && reader->at[size + 1] ? 2 : 1;
    char *text = malloc(size + 1);
    if (!text)
        return vcl_no_memory(reader->error);

    char *to = text;
    while (*reader->at && !strchr(stops, *reader->at)) {
        if (*reader->at == '\\' && !*++reader->at)
            break;
        *to++ = *reader->at++;
    }
    *to = '\0';
    *out_text = text;
    return VCLUSTER_OK;
}

/* Append a step; takes over name also on failure. */
static int add_step(const set_reader *reader, set_path *path, char *name, int index)
{
    if (path->count == VCL_SET_MAX_STEPS) {
        free(name);
        return fail_at(reader, "the path has too many steps");
    }
    path->steps[path->count++] = (set_step){ .name = name, .index = index };
    return VCLUSTER_OK;
}

static int read_index(set_reader *reader, set_path *path)
{
    const char *close = strchr(reader->at, ']');
    char digits[16] = "";
    int64_t index;

    if (!close)
        return fail_at(reader, "'[' needs an index and ']'");
    if ((size_t)(close - reader->at) >= sizeof(digits))
        return fail_at(reader, "the index is no number up to 65536");
    memcpy(digits, reader->at, (size_t)(close - reader->at));
    if (!vcl_parse_i64(digits, &index) || index < 0 || index > VCL_SET_MAX_INDEX)
        return fail_at(reader, "the index is no number up to 65536");
    reader->at = close + 1;
    return add_step(reader, path, NULL, (int)index);
}

/* Read one name with the indices behind it. */
static int read_step(set_reader *reader, set_path *path)
{
    char *name = NULL;
    int status = read_until(reader, ".[,=", &name);

    if (status < 0)
        return status;
    if (!*name) {
        free(name);
        return fail_at(reader, "expected a name");
    }
    status = add_step(reader, path, name, 0);
    while (status == VCLUSTER_OK && *reader->at == '[') {
        reader->at++;
        status = read_index(reader, path);
    }
    return status;
}

/* Read a path up to '=' or ',' or the end. */
static int read_path(set_reader *reader, set_path *path)
{
    for (int names = 0;; names++) {
        if (names > VCL_SET_MAX_NAMES)
            return fail_at(reader, "more than 30 names inside each other");
        int status = read_step(reader, path);
        if (status < 0)
            return status;
        if (*reader->at != '.')
            break;
        reader->at++;
    }
    if (*reader->at && *reader->at != '=' && *reader->at != ',')
        return fail_at(reader, "expected '.', '[' or '=' behind an index");
    return VCLUSTER_OK;
}

/* The slot at an index, the list being filled with nulls up to there. */
static int list_slot(set_reader *reader, cJSON *list, int index, cJSON **out_slot)
{
    for (int size = cJSON_GetArraySize(list); size <= index; size++) {
        if (++reader->filled > VCL_MAX_JSON_NODES)
            return fail_at(reader, "the lists become too long");
        if (!vcl_json_append(list, cJSON_CreateNull()))
            return vcl_no_memory(reader->error);
    }
    *out_slot = cJSON_GetArrayItem(list, index);
    return VCLUSTER_OK;
}

/* The member of that name, made as null when it is missing. */
static int map_slot(const set_reader *reader, cJSON *map, const char *name, cJSON **out_slot)
{
    cJSON *member = vcl_json_get(map, name);

    if (!member) {
        member = cJSON_CreateNull();
        if (!vcl_json_set(map, name, member))
            return vcl_no_memory(reader->error);
    }
    *out_slot = member;
    return VCLUSTER_OK;
}

/* Make sure that a node is the container that the step needs. Only a null becomes one: no value is
 * lost. */
static int become_container(const set_reader *reader, cJSON *node, const set_step *step)
{
    bool fits = step->name ? cJSON_IsObject(node) : cJSON_IsArray(node);

    if (fits)
        return VCLUSTER_OK;
    if (!cJSON_IsNull(node))
        return fail_at(reader, step->name ? "a value above it is not a map"
                                          : "a value above it is not a list");
    VCL_AUTO_JSON *made = step->name ? cJSON_CreateObject() : cJSON_CreateArray();
    if (!made)
        return vcl_no_memory(reader->error);
    vcl_json_exchange(node, made);
    return VCLUSTER_OK;
}

/* The node at a path, made on the way as null where it is missing. */
static int make_node(set_reader *reader, cJSON *values, const set_path *path, cJSON **out_node)
{
    cJSON *node = values;

    for (size_t i = 0; i < path->count; i++) {
        const set_step *step = &path->steps[i];
        int status = become_container(reader, node, step);
        if (status < 0)
            return status;
        cJSON *next = NULL;
        status = step->name ? map_slot(reader, node, step->name, &next)
                            : list_slot(reader, node, step->index, &next);
        if (status < 0)
            return status;
        node = next;
    }
    *out_node = node;
    return VCLUSTER_OK;
}

/* Read a text that is a path and nothing else. */
static int read_whole_path(set_reader *reader, set_path *path)
{
    if (vcl_str_empty(reader->start) || strlen(reader->start) > VCL_SET_MAX_EXPRESSION)
        return vcl_fail(reader->error, VCLUSTER_E_INVALID_ARGUMENT, "no path, or one over 1 MiB");
    int status = read_path(reader, path);
    if (status == VCLUSTER_OK && *reader->at)
        return fail_at(reader, "a path has no ',' and no '=' (write '\\,' or '\\=')");
    return status;
}

/* The node that a text is in a mode. */
static int
make_value(const char *text, vcl_set_mode mode, cJSON **out_value, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status = 0;

    if (mode == VCL_SET_FILE)
        return vcl_set_read_file(text, out_value, error);
    if (mode == VCL_SET_JSON) {
        status = vcl_json_parse(text, strlen(text), out_value, &why);
        if (status == VCLUSTER_E_NO_MEMORY)
            return vcl_no_memory(error);
        return status < 0 ? vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the value is no JSON")
                          : 0;
    }
    *out_value = vcl_set_typed(text, mode);
    return *out_value ? 0 : vcl_no_memory(error);
}

int vcl_values_set(
    cJSON *values, const char *path, const char *value, vcl_set_mode mode, vcluster_error **error)
{
    __attribute__((cleanup(path_done))) set_path steps = { .count = 0 };
    set_reader reader = { .start = path, .at = path, .error = error };
    VCL_AUTO_JSON *changed = NULL;
    VCL_AUTO_JSON *made = NULL;
    cJSON *node = NULL;

    int status = read_whole_path(&reader, &steps);
    if (status == VCLUSTER_OK)
        status = make_value(vcl_str(value), mode, &made, error);
    if (status == VCLUSTER_OK)
        status = vcl_set_start(values, &changed, error);
    if (status == VCLUSTER_OK)
        status = make_node(&reader, changed, &steps, &node);
    if (status < 0)
        return status;
    vcl_json_exchange(node, made);
    vcl_json_exchange(values, changed);
    return VCLUSTER_OK;
}

int vcl_values_get(const cJSON *values,
                   const char *path,
                   const cJSON **out_node,
                   vcluster_error **error)
{
    __attribute__((cleanup(path_done))) set_path steps = { .count = 0 };
    set_reader reader = { .start = path, .at = path, .error = error };
    const cJSON *node = values;

    int status = read_whole_path(&reader, &steps);
    if (status < 0)
        return status;
    for (size_t i = 0; node && i < steps.count; i++) {
        const set_step *step = &steps.steps[i];
        if (step->name)
            node = vcl_json_get(node, step->name);
        else
            node = cJSON_IsArray(node) ? cJSON_GetArrayItem(node, step->index) : NULL;
    }
    *out_node = node;
    return VCLUSTER_OK;
}

void vcl_values_add_key(vcl_buf *path, const char *key)
{
    for (const char *c = key; *c; c++) {
        if (strchr(".,=[]\\", *c))
            vcl_buf_add_char(path, '\\');
        vcl_buf_add_char(path, *c);
    }
}
