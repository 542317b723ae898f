/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON printer: compact, indented, and byte for byte as Go's encoding/json; see json.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "data/json.h"
#include "data/number.h"

/* A tree that a program built may be deeper than one that was read, but not without end. */
enum { MAX_PRINT_DEPTH = 1000, MAX_PRINT_SIZE = VCL_MAX_HTTP_BODY * 8 };
enum { ESCAPE_SIZE = 12 };

typedef struct json_writer {
    vcl_buf buf;
    bool go;
    bool indent;
    int depth;
} json_writer;

static void write_value(json_writer *writer, const cJSON *node);

/* Whether the character at text must be escaped; then the escape, and the bytes it stands for. */
static bool
escape_of(const json_writer *writer, const char *text, char escape[ESCAPE_SIZE], size_t *out_taken)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    const char *found = strchr(plain, *text);

    *out_taken = 1;
    if (found) {
        (void)snprintf(escape, ESCAPE_SIZE, "\\%c", names[found - plain]);
        return true;
    }
    if ((unsigned char)*text < 0x20 || (writer->go && strchr("<>&", *text))) {
        (void)snprintf(escape, ESCAPE_SIZE, "\\u%04x", (unsigned)*text);
        return true;
    }
    if (strncmp(text, "\xe2\x80", 2) == 0 && (text[2] == '\xa8' || text[2] == '\xa9')) {
        (void)snprintf(escape, ESCAPE_SIZE, "\\u202%d", text[2] == '\xa8' ? 8 : 9);
        *out_taken = 3;
        return true;
    }
    return false;
}

/* Most characters: escape_of() need not look at them. */
static bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '-' && c <= ':') || c == ' ';
}

static void write_string(json_writer *writer, const char *text)
{
    const char *start = text;
    char escape[ESCAPE_SIZE];
    size_t taken;

    vcl_buf_add_char(&writer->buf, '"');
    while (*text) {
        if (is_plain(*text) || !escape_of(writer, text, escape, &taken)) {
            text++;
            continue;
        }
        vcl_buf_append(&writer->buf, start, (size_t)(text - start));
        vcl_buf_add(&writer->buf, escape);
        text += taken;
        start = text;
    }
    vcl_buf_add(&writer->buf, start);
    vcl_buf_add_char(&writer->buf, '"');
}

static void write_line(json_writer *writer)
{
    if (!writer->indent)
        return;
    vcl_buf_add_char(&writer->buf, '\n');
    for (int i = 0; i < writer->depth; i++)
        vcl_buf_append(&writer->buf, "  ", 2);
}

static int by_key(const void *a, const void *b)
{
    const cJSON *const *left = a;
    const cJSON *const *right = b;

    return strcmp((*left)->string, (*right)->string);
}

/* The members of an object in bytewise order of their keys. */
static const cJSON **sorted_members(const cJSON *object, size_t count)
{
    const cJSON **members = calloc(count, sizeof(*members));
    size_t used = 0;

    if (!members)
        return NULL;
    for (const cJSON *node = object->child; node && used < count; node = node->next)
        members[used++] = node;
    qsort(members, used, sizeof(*members), by_key);
    return members;
}

static void write_element(json_writer *writer, const cJSON *node, bool member, bool first)
{
    if (!first)
        vcl_buf_add_char(&writer->buf, ',');
    write_line(writer);
    if (member) {
        write_string(writer, node->string ? node->string : "");
        vcl_buf_add(&writer->buf, writer->indent ? ": " : ":");
    }
    write_value(writer, node);
}

static void write_elements(json_writer *writer, const cJSON *container)
{
    bool object = cJSON_IsObject(container);
    size_t count = (size_t)cJSON_GetArraySize(container);

    if (object && writer->go && count > 1 && !(container->type & VCL_JSON_ORDERED)) {
        vcl_auto_free const cJSON **members = sorted_members(container, count);
        if (!members) {
            writer->buf.state = VCL_BUF_NO_MEMORY;
            return;
        }
        for (size_t i = 0; i < count; i++)
            write_element(writer, members[i], true, i == 0);
        return;
    }
    for (const cJSON *node = container->child; node; node = node->next)
        write_element(writer, node, object, node == container->child);
}

static void write_container(json_writer *writer, const cJSON *node)
{
    const char *brackets = cJSON_IsObject(node) ? "{}" : "[]";

    if (writer->depth >= MAX_PRINT_DEPTH) {
        writer->buf.state = VCL_BUF_TOO_LARGE;
        return;
    }
    vcl_buf_add_char(&writer->buf, brackets[0]);
    writer->depth++;
    write_elements(writer, node);
    writer->depth--;
    if (node->child)
        write_line(writer);
    vcl_buf_add_char(&writer->buf, brackets[1]);
}

static void write_value(json_writer *writer, const cJSON *node)
{
    char number[VCL_NUMBER_SIZE];

    switch (node->type & 0xff) {
    case cJSON_True:
        vcl_buf_add(&writer->buf, "true");
        break;
    case cJSON_False:
        vcl_buf_add(&writer->buf, "false");
        break;
    case cJSON_Number:
        vcl_format_json_double(node->valuedouble, number);
        vcl_buf_add(&writer->buf, number);
        break;
    case cJSON_Raw:
        vcl_buf_add(&writer->buf, node->valuestring);
        break;
    case cJSON_String:
        write_string(writer, node->valuestring);
        break;
    case cJSON_Array:
    case cJSON_Object:
        write_container(writer, node);
        break;
    default:
        vcl_buf_add(&writer->buf, "null");
    }
}

static char *print(const cJSON *tree, bool go, bool indent)
{
    json_writer writer = { .go = go, .indent = indent };

    if (!tree)
        return NULL;
    vcl_buf_init(&writer.buf, MAX_PRINT_SIZE);
    write_value(&writer, tree);
    return vcl_buf_steal(&writer.buf);
}

char *vcl_json_print(const cJSON *tree)
{
    return print(tree, false, false);
}

char *vcl_json_print_go(const cJSON *tree)
{
    return print(tree, true, false);
}

char *vcl_json_print_pretty(const cJSON *tree)
{
    return print(tree, true, true);
}
