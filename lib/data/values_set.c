/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of Helm's --set and its relatives: name.name[index]=value, several joined by commas,
 * {a,b} for a list, a backslash in front of any character that is meant literally. Mirrors
 * pkg/strvals of Helm 3.21 with all its corners: what is read is put into the tree at once, so that
 * "a[0]" alone makes an empty list, and "a={x}b=1" sets two values. The tree is a copy, so that a
 * failure changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/values_private.h"

/* The expression ended where it may: no failure. */
enum { END = 1 };

typedef struct set_reader {
    const char *start;
    const char *pair; /* where the current path=value begins */
    const char *at;
    vcl_set_mode mode;
    size_t filled; /* list members made to reach an index */
    int lists;     /* lists inside each other */
    vcluster_error **error;
} set_reader;

static int read_key(set_reader *reader, cJSON *map, int level);

/* Fail at the current place. The message shows the path, never the value, which may be a secret. */
static int fail_at(const set_reader *reader, const char *what)
{
    size_t shown = strcspn(reader->pair, "=");

    if (shown > VCL_SET_MAX_SHOWN)
        shown = VCL_SET_MAX_SHOWN;
    return vcl_fail(reader->error, VCLUSTER_E_INVALID_ARGUMENT, "'%.*s', character %zu: %s",
                    (int)shown, reader->pair, (size_t)(reader->at - reader->start) + 1, what);
}

/* Read up to and over one of the stop characters (out_stop) or to the end (0), taking backslashes
 * away unless everything is literal. */
static int read_until(set_reader *reader, const char *stops, char **out_text, char *out_stop)
{
    bool escapes = reader->mode != VCL_SET_LITERAL;
    char *text = malloc(strlen(reader->at) + 1);
    char *to = text;

    if (!text)
        return vcl_no_memory(reader->error);
    while (*reader->at && !strchr(stops, *reader->at)) {
        if (escapes && *reader->at == '\\' && !*++reader->at)
            break;
        *to++ = *reader->at++;
    }
    *to = '\0';
    *out_text = text;
    *out_stop = *reader->at;
    reader->at += *reader->at != '\0';
    return VCLUSTER_OK;
}

cJSON *vcl_set_typed(const char *text, vcl_set_mode mode)
{
    int64_t integer;

    if (mode != VCL_SET_TYPED)
        return cJSON_CreateString(text);
    if (strcasecmp(text, "true") == 0)
        return cJSON_CreateTrue();
    if (strcasecmp(text, "false") == 0)
        return cJSON_CreateFalse();
    if (strcasecmp(text, "null") == 0)
        return cJSON_CreateNull();
    if ((text[0] == '0' && text[1]) || !vcl_parse_i64(text, &integer))
        return cJSON_CreateString(text);

    cJSON *node = vcl_json_new_int(integer);
    if (node)
        node->type |= VCL_JSON_INT64;
    return node;
}

/* The node for the text of a value, which in file mode is the name of a file. */
static int make_value(const set_reader *reader, const char *text, cJSON **out_value)
{
    if (reader->mode == VCL_SET_FILE)
        return vcl_set_read_file(text, out_value, reader->error);
    *out_value = vcl_set_typed(text, reader->mode);
    return *out_value ? VCLUSTER_OK : vcl_no_memory(reader->error);
}

static int read_scalar(set_reader *reader, const char *stops, cJSON **out_value, char *out_stop)
{
    char *text;
    int status = read_until(reader, stops, &text, out_stop);

    if (status < 0)
        return status;
    status = make_value(reader, text, out_value);
    vcl_free_secret(text);
    return status;
}

/* Read {a,b,c} behind its opening brace, and one comma behind it. */
static int read_list(set_reader *reader, cJSON **out_value)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    char stop = ',';

    while (stop == ',') {
        cJSON *value;
        int status = read_scalar(reader, ",}", &value, &stop);
        if (status < 0)
            return status;
        if (!vcl_json_append(list, value))
            return vcl_no_memory(reader->error);
    }
    if (!stop)
        return fail_at(reader, "the list needs a closing '}'");
    reader->at += *reader->at == ',';
    *out_value = vcl_steal(&list);
    return VCLUSTER_OK;
}

/* White space and one comma; whether there is nothing but that before the next value. */
static bool skip_empty(set_reader *reader)
{
    reader->at += strspn(reader->at, " \t\n\v\f\r");
    if (*reader->at && *reader->at != ',')
        return false;
    reader->at += *reader->at == ',';
    return true;
}

/* Read one JSON value, and one comma behind it. */
static int read_json(set_reader *reader, cJSON **out_value)
{
    VCL_AUTO_ERROR *why = NULL;
    size_t size;

    if (skip_empty(reader)) {
        *out_value = cJSON_CreateNull();
        return *out_value ? VCLUSTER_OK : vcl_no_memory(reader->error);
    }
    size = vcl_set_json_size(reader->at);
    if (size == 0)
        return fail_at(reader, "expected a JSON value");

    int status = vcl_json_parse(reader->at, size, out_value, &why);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(reader->error);
    if (status < 0)
        return fail_at(reader, "the JSON value cannot be read");
    reader->at += size;
    (void)skip_empty(reader);
    return VCLUSTER_OK;
}

/* Read what is behind '='; END when that is nothing. */
static int read_value(set_reader *reader, cJSON **out_value)
{
    char stop;

    if (reader->mode == VCL_SET_JSON)
        return read_json(reader, out_value);
    if (reader->mode == VCL_SET_LITERAL)
        return read_scalar(reader, "", out_value, &stop);
    if (!*reader->at) {
        *out_value = cJSON_CreateString("");
        return *out_value ? END : vcl_no_memory(reader->error);
    }
    if (*reader->at != '{')
        return read_scalar(reader, ",", out_value, &stop);
    reader->at++;
    return read_list(reader, out_value);
}

/* Helm drops what has no name. */
static int set_member(const set_reader *reader, cJSON *map, const char *name, cJSON *value)
{
    if (!*name) {
        cJSON_Delete(value);
        return VCLUSTER_OK;
    }
    return vcl_json_set(map, name, value) ? VCLUSTER_OK : vcl_no_memory(reader->error);
}

/* Put a value, which is taken over, at an index of a list, which is filled with nulls up to there.
 */
static int set_index(set_reader *reader, cJSON *list, int64_t index, cJSON *value)
{
    VCL_AUTO_JSON *owned = value;
    int64_t size = cJSON_GetArraySize(list);

    if (index > VCL_SET_MAX_INDEX)
        return fail_at(reader, "the index is larger than 65536");
    for (; size <= index; size++) {
        if (++reader->filled > VCL_MAX_JSON_NODES)
            return fail_at(reader, "the lists become too long");
        if (!vcl_json_append(list, cJSON_CreateNull()))
            return vcl_no_memory(reader->error);
    }
    vcl_json_exchange(cJSON_GetArrayItem(list, (int)index), owned);
    return VCLUSTER_OK;
}

static int read_index(set_reader *reader, int64_t *out_index)
{
    vcl_auto_free char *digits = NULL;
    char stop;
    int status = read_until(reader, "]", &digits, &stop);

    if (status < 0)
        return status;
    if (!stop)
        return fail_at(reader, "'[' needs an index and ']'");
    if (!vcl_parse_i64(digits, out_index) || *out_index < 0)
        return fail_at(reader, "the index is no number up to 65536");
    return VCLUSTER_OK;
}

/* The member of a list, NULL when the list ends before it. */
static cJSON *list_at(const cJSON *list, int64_t index)
{
    return index <= VCL_SET_MAX_INDEX ? cJSON_GetArrayItem(list, (int)index) : NULL;
}

static int read_list_item(set_reader *reader, cJSON *list, int64_t index, int level);

/* [i][j]: a list in the list. */
static int read_inner_list(set_reader *reader, cJSON *list, int64_t index, int level)
{
    cJSON *existing = list_at(list, index);
    VCL_AUTO_JSON *made = NULL;
    int64_t inner_index;
    int status = read_index(reader, &inner_index);

    if (status < 0)
        return status;
    if (existing && !cJSON_IsNull(existing)) {
        if (!cJSON_IsArray(existing))
            return fail_at(reader, "a value above it is not a list");
        return read_list_item(reader, existing, inner_index, level);
    }
    made = cJSON_CreateArray();
    if (!made)
        return vcl_no_memory(reader->error);
    status = read_list_item(reader, made, inner_index, level);
    return status == VCLUSTER_OK ? set_index(reader, list, index, vcl_steal(&made)) : status;
}

/* [i].name: a map in the list. What else was there is replaced. */
static int read_inner_map(set_reader *reader, cJSON *list, int64_t index, int level)
{
    cJSON *existing = list_at(list, index);
    VCL_AUTO_JSON *made = cJSON_CreateObject();

    if (!made)
        return vcl_no_memory(reader->error);
    if (existing) {
        if (!cJSON_IsObject(existing))
            vcl_json_exchange(existing, made);
        return read_key(reader, existing, level);
    }
    int status = read_key(reader, made, level);
    return status == VCLUSTER_OK ? set_index(reader, list, index, vcl_steal(&made)) : status;
}

static int read_item_value(set_reader *reader, cJSON *list, int64_t index)
{
    cJSON *value = NULL;
    int status = read_value(reader, &value);

    return status < 0 ? status : set_index(reader, list, index, value);
}

/* What follows "[i]". */
static int read_list_item(set_reader *reader, cJSON *list, int64_t index, int level)
{
    int status;

    if (reader->lists >= VCL_SET_MAX_STEPS)
        return fail_at(reader, "the path has too many steps");
    /* A backslash at the end is nothing, as everywhere. */
    if (reader->mode != VCL_SET_LITERAL && vcl_streq(reader->at, "\\"))
        reader->at++;
    reader->lists++;
    switch (*reader->at) {
    case '\0':
        status = END;
        break;
    case '=':
        reader->at++;
        status = read_item_value(reader, list, index);
        break;
    case '[':
        reader->at++;
        status = read_inner_list(reader, list, index, level);
        break;
    case '.':
        reader->at++;
        status = read_inner_map(reader, list, index, level);
        break;
    default:
        status = fail_at(reader, "expected '.', '[' or '=' behind an index");
    }
    reader->lists--;
    return status;
}

/* name[index]... */
static int read_named_list(set_reader *reader, cJSON *map, const char *name, int level)
{
    cJSON *existing = vcl_json_get(map, name);
    VCL_AUTO_JSON *made = NULL;
    int64_t index;
    int status = read_index(reader, &index);

    if (status < 0)
        return status;
    if (existing)
        return cJSON_IsArray(existing) ? read_list_item(reader, existing, index, level)
                                       : fail_at(reader, "a value above it is not a list");
    made = cJSON_CreateArray();
    if (!made)
        return vcl_no_memory(reader->error);
    status = read_list_item(reader, made, index, level);
    if (status < 0)
        return status;
    int set = set_member(reader, map, name, vcl_steal(&made));
    return set < 0 ? set : status;
}

/* name.name... */
static int read_named_map(set_reader *reader, cJSON *map, const char *name, int level)
{
    cJSON *existing = vcl_json_get(map, name);
    VCL_AUTO_JSON *made = existing ? NULL : cJSON_CreateObject();
    cJSON *inner = existing ? existing : made;

    if (level >= VCL_SET_MAX_NAMES)
        return fail_at(reader, "more than 30 names inside each other");
    if (!inner)
        return vcl_no_memory(reader->error);
    if (!cJSON_IsObject(inner))
        return fail_at(reader, "a value above it is not a map");

    int status = read_key(reader, inner, level + 1);
    if (status < 0)
        return status;
    if (status == VCLUSTER_OK && !inner->child)
        return fail_at(reader, "the name has no value");
    if (!made || !made->child)
        return status;
    int set = set_member(reader, map, name, vcl_steal(&made));
    return set < 0 ? set : status;
}

static int read_named_value(set_reader *reader, cJSON *map, const char *name)
{
    cJSON *value = NULL;
    int status = read_value(reader, &value);

    if (status < 0)
        return status;
    int set = set_member(reader, map, name, value);
    return set < 0 ? set : status;
}

/* One name and what follows it; END when there is none. */
static int read_key(set_reader *reader, cJSON *map, int level)
{
    vcl_auto_free char *name = NULL;
    char stop;
    int status = read_until(reader, reader->mode == VCL_SET_LITERAL ? "=[." : "=[,.", &name, &stop);

    if (status < 0)
        return status;
    switch (stop) {
    case '=':
        return read_named_value(reader, map, name);
    case '[':
        return read_named_list(reader, map, name, level);
    case '.':
        return read_named_map(reader, map, name, level);
    default:
        return stop || *name ? fail_at(reader, "expected '=' and a value") : END;
    }
}

int vcl_set_start(const cJSON *values, cJSON **out_copy, vcluster_error **error)
{
    if (!cJSON_IsObject(values) && !cJSON_IsNull(values))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the values are not a map");
    *out_copy = cJSON_IsNull(values) ? cJSON_CreateObject() : vcl_json_copy(values);
    return *out_copy ? VCLUSTER_OK : vcl_no_memory(error);
}

/* {"a": {"b": 1}} as a whole, merged over what is there. */
static int merge_json(set_reader *reader, cJSON *values)
{
    VCL_AUTO_JSON *over = NULL;
    VCL_AUTO_ERROR *why = NULL;
    int status = vcl_json_parse(reader->at, strlen(reader->at), &over, &why);

    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(reader->error);
    if (status < 0)
        return vcl_fail(reader->error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the JSON object cannot be read");
    return vcl_values_merge(values, over, reader->error);
}

int vcl_values_set_expression(cJSON *values,
                              const char *expression,
                              vcl_set_mode mode,
                              vcluster_error **error)
{
    set_reader reader = {
        .start = expression, .pair = expression, .at = expression, .mode = mode, .error = error
    };
    VCL_AUTO_JSON *changed = NULL;

    if (!expression || strlen(expression) > VCL_SET_MAX_EXPRESSION)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "no expression, or one over 1 MiB");
    if (!vcl_utf8_valid(expression, strlen(expression)))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the expression is not UTF-8");

    int status = vcl_set_start(values, &changed, error);
    if (status == VCLUSTER_OK && mode == VCL_SET_JSON &&
        expression[strspn(expression, " \t\r\n")] == '{') {
        status = merge_json(&reader, changed);
    } else {
        while (status == VCLUSTER_OK) {
            reader.pair = reader.at;
            status = read_key(&reader, changed, 0);
        }
    }
    if (status < 0)
        return status;
    vcl_json_exchange(values, changed);
    return VCLUSTER_OK;
}
