/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML printer: block maps with sorted keys, lists that are indented below their key only when
 * it prints pretty. Byte for byte what Helm's toYaml and toYamlPretty make; the texts themselves
 * are in yaml_text.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/number.h"
#include "data/yaml.h"
#include "data/yaml_scalar.h"
#include "data/yaml_style.h"
#include "data/yaml_writer.h"

enum { MAX_PRINT_DEPTH = 1000 };

/* Integers below this are printed without a detour. */
#define MAX_SIMPLE_INTEGER 1e15

/* A member of a map with its key as code points. */
typedef struct yaml_member {
    const cJSON *node;
    uint32_t *key;
    size_t size;
} yaml_member;

static bool write_node(vcl_yaml_writer *writer, const cJSON *node, bool in_map);

static int by_bytes(const void *a, const void *b)
{
    const yaml_member *left = a;
    const yaml_member *right = b;

    return strcmp(vcl_str(left->node->string), vcl_str(right->node->string));
}

static bool is_before(const yaml_member *a, const yaml_member *b, bool pretty)
{
    return vcl_yaml_compare_keys(a->key, a->size, b->key, b->size, pretty) < 0;
}

/* Merge sort. Not qsort, because the natural order has circles (1k < 01_ < 12 < 1k), which qsort
 * may not be given and which would make the result depend on the C library. */
static void sort_naturally(yaml_member *members, size_t count, yaml_member *spare, bool pretty)
{
    size_t half = count / 2;
    size_t left = 0;
    size_t right = half;

    if (count < 2)
        return;
    sort_naturally(members, half, spare, pretty);
    sort_naturally(members + half, count - half, spare, pretty);
    memcpy(spare, members, count * sizeof(*spare));
    for (size_t i = 0; i < count; i++) {
        bool take_right =
            right < count && (left == half || is_before(&spare[right], &spare[left], pretty));
        members[i] = spare[take_right ? right++ : left++];
    }
}

/* Decode UTF-8, taking each byte that is none as a character. */
static size_t decode(const char *text, uint32_t *codes)
{
    size_t used = 0;

    while (*text) {
        unsigned char lead = (unsigned char)*text++;
        uint32_t code = lead < 0xc0 ? lead : lead < 0xe0 ? lead & 0x1f : lead & 0x0f;
        if (lead >= 0xf0)
            code = lead & 0x07;
        while (lead >= 0xc0 && ((unsigned char)*text & 0xc0) == 0x80)
            code = code << 6 | ((unsigned char)*text++ & 0x3f);
        codes[used++] = code;
    }
    return used;
}

/* The members of a map, room for as many more and their keys behind them in the same block; NULL
 * when memory is short. */
static yaml_member *list_members(const cJSON *map, size_t count)
{
    size_t codes = 0;
    size_t used = 0;

    for (const cJSON *node = map->child; node; node = node->next)
        codes += strlen(vcl_str(node->string));
    yaml_member *members = malloc(2 * count * sizeof(*members) + codes * sizeof(*members->key));
    if (!members)
        return NULL;

    uint32_t *key = (uint32_t *)(members + 2 * count);
    for (const cJSON *node = map->child; node; node = node->next) {
        size_t size = decode(vcl_str(node->string), key);
        members[used++] = (yaml_member){ .node = node, .key = key, .size = size };
        key += size;
    }
    return members;
}

/* The members of a map in the order they are printed in; NULL when memory is short. The order
 * before plays no part, so that equal maps print equally. */
static yaml_member *sorted_members(const cJSON *map, size_t count, bool pretty)
{
    yaml_member *members = list_members(map, count);
    if (!members)
        return NULL;

    qsort(members, count, sizeof(*members), by_bytes);
    sort_naturally(members, count, members + count, pretty);
    return members;
}

static bool write_member(vcl_yaml_writer *writer, const cJSON *node)
{
    const char *key = vcl_str(node->string);
    bool simple = vcl_yaml_is_simple_key(key);

    vcl_yaml_write_indent(writer);
    if (!simple)
        vcl_yaml_write_indicator(writer, "?", true, true);

    int indent = writer->indent;
    writer->indent += VCL_YAML_INDENT;
    bool written = vcl_yaml_write_key(writer, key, simple);
    writer->indent = indent;
    if (!written)
        return false;

    if (!simple)
        vcl_yaml_write_indent(writer);
    vcl_yaml_write_indicator(writer, ":", !simple, !simple);
    return write_node(writer, node, true);
}

static bool write_map(vcl_yaml_writer *writer, const cJSON *map)
{
    size_t count = (size_t)cJSON_GetArraySize(map);
    int indent = writer->indent;
    bool written = true;

    yaml_member *members = sorted_members(map, count, writer->pretty);
    if (!members) {
        writer->status = vcl_no_memory(writer->error);
        return false;
    }
    writer->indent = indent < 0 ? 0 : indent + VCL_YAML_INDENT;
    for (size_t i = 0; i < count && written; i++)
        written = write_member(writer, members[i].node);
    writer->indent = indent;
    free(members);
    return written;
}

static bool write_list(vcl_yaml_writer *writer, const cJSON *list, bool in_map)
{
    int indent = writer->indent;
    bool written = true;

    if (indent < 0)
        writer->indent = 0;
    else if (writer->pretty || !in_map || writer->indention)
        writer->indent = indent + VCL_YAML_INDENT;
    for (const cJSON *item = list->child; item && written; item = item->next) {
        vcl_yaml_write_indent(writer);
        vcl_yaml_write_indicator(writer, "-", true, true);
        written = write_node(writer, item, false);
    }
    writer->indent = indent;
    return written;
}

static bool write_container(vcl_yaml_writer *writer, const cJSON *node, bool in_map)
{
    bool is_map = cJSON_IsObject(node);

    if (!node->child) {
        vcl_yaml_write_indicator(writer, is_map ? "{" : "[", true, false);
        vcl_yaml_write_indicator(writer, is_map ? "}" : "]", false, false);
        return true;
    }
    if (writer->depth == MAX_PRINT_DEPTH) {
        writer->status = vcl_fail(writer->error, VCLUSTER_E_CONFIG,
                                  "the values are nested too deeply to be printed as YAML");
        return false;
    }
    writer->depth++;
    bool written = is_map ? write_map(writer, node) : write_list(writer, node, in_map);
    writer->depth--;
    return written;
}

static bool write_number(vcl_yaml_writer *writer, const char *json)
{
    char text[VCL_NUMBER_SIZE];
    vcl_yaml_value value;

    vcl_yaml_resolve(json, &value);
    switch (value.kind) {
    case VCL_YAML_INT:
        (void)snprintf(text, sizeof(text), "%s%llu", value.negative ? "-" : "",
                       (unsigned long long)value.magnitude);
        break;
    case VCL_YAML_FLOAT:
        vcl_format_go_double(value.number, text);
        break;
    default:
        return vcl_yaml_write_text(writer, json);
    }
    vcl_yaml_write_plain(writer, text);
    return true;
}

static bool write_scalar(vcl_yaml_writer *writer, const cJSON *node)
{
    char number[VCL_NUMBER_SIZE];

    switch (node->type & 0xff) {
    case cJSON_String:
        if (node->type & VCL_YAML_BINARY) {
            vcl_yaml_write_binary(writer, node->valuestring);
            return true;
        }
        return vcl_yaml_write_text(writer, node->valuestring);
    case cJSON_Raw:
        if (writer->pretty) {
            vcl_yaml_write_plain(writer, node->valuestring);
            return true;
        }
        return write_number(writer, node->valuestring);
    case cJSON_Number:
        if (fabs(node->valuedouble) < MAX_SIMPLE_INTEGER &&
            floor(node->valuedouble) == node->valuedouble) {
            (void)snprintf(number, sizeof(number), "%lld", (long long)node->valuedouble);
            vcl_yaml_write_plain(writer, number);
            return true;
        }
        vcl_format_json_double(node->valuedouble, number);
        return write_number(writer, number);
    case cJSON_True:
        vcl_yaml_write_plain(writer, "true");
        return true;
    case cJSON_False:
        vcl_yaml_write_plain(writer, "false");
        return true;
    default:
        vcl_yaml_write_plain(writer, "null");
        return true;
    }
}

static bool write_node(vcl_yaml_writer *writer, const cJSON *node, bool in_map)
{
    if (cJSON_IsArray(node) || cJSON_IsObject(node))
        return write_container(writer, node, in_map);

    int indent = writer->indent;
    writer->indent = indent < 0 ? VCL_YAML_INDENT : indent + VCL_YAML_INDENT;
    bool written = write_scalar(writer, node);
    writer->indent = indent;
    return written;
}

/* Take the text out of a finished writer, without the newline at its end. */
static int take_text(vcl_yaml_writer *writer, char **out_text)
{
    vcl_buf *buf = &writer->buf;

    if (buf->state == VCL_BUF_TOO_LARGE)
        return vcl_fail(writer->error, VCLUSTER_E_CONFIG,
                        "the values are too large to be printed as YAML");
    if (buf->size > 0 && buf->data[buf->size - 1] == '\n')
        vcl_buf_truncate(buf, buf->size - 1);
    char *text = vcl_buf_steal(buf);
    if (!text)
        return vcl_no_memory(writer->error);
    *out_text = text;
    return VCLUSTER_OK;
}

static int print(const cJSON *tree, bool pretty, char **out_text, vcluster_error **error)
{
    vcl_yaml_writer writer = {
        .indent = -1, .whitespace = true, .indention = true, .pretty = pretty, .error = error
    };

    if (!tree)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "there is no tree to print");
    vcl_buf_init(&writer.buf, VCL_MAX_TEMPLATE_OUTPUT);
    if (write_node(&writer, tree, false)) {
        vcl_yaml_write_indent(&writer);
        writer.status = take_text(&writer, out_text);
    }
    vcl_buf_done(&writer.buf);
    return writer.status;
}

int vcl_yaml_print(const cJSON *tree, char **out_text, vcluster_error **error)
{
    return print(tree, false, out_text, error);
}

int vcl_yaml_print_pretty(const cJSON *tree, char **out_text, vcluster_error **error)
{
    return print(tree, true, out_text, error);
}
