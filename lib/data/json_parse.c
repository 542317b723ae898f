/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON reader: strict RFC 8259 into cJSON nodes, with a limit on depth and on nodes. It makes
 * the nodes with cJSON's constructors and fills in the strings itself, so that an escaped NUL or a
 * long number is seen here and not lost. See json.h for what the tree holds.
 */
#include "data/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/number.h"

/* From this many members on, an object is sorted to find duplicate keys. */
enum { MANY_MEMBERS = 16, MAX_NUMBER_TEXT = 4096 };

typedef struct json_reader {
    const char *start;
    const char *at;
    const char *end;
    size_t nodes;
    int depth;
    int status;
    vcluster_error **error;
} json_reader;

static cJSON *read_value(json_reader *reader);

/* Record a syntax error at the current place and return NULL. */
static void *fail_at(json_reader *reader, const char *what)
{
    size_t line = 1;
    const char *line_start = reader->start;

    for (const char *c = reader->start; c < reader->at; c++) {
        if (*c == '\n') {
            line++;
            line_start = c + 1;
        }
    }
    reader->status = vcl_fail(reader->error, VCLUSTER_E_PROTOCOL, "JSON, line %zu:%zu: %s", line,
                              (size_t)(reader->at - line_start) + 1, what);
    return NULL;
}

static void *fail_memory(json_reader *reader)
{
    reader->status = vcl_no_memory(reader->error);
    return NULL;
}

static void skip_space(json_reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                        *reader->at == '\n' || *reader->at == '\r'))
        reader->at++;
}

/* The next character that is no space, or NUL at the end. */
static char peek(json_reader *reader)
{
    skip_space(reader);
    return reader->at < reader->end ? *reader->at : '\0';
}

/* Count a node that was just made. */
static cJSON *counted(json_reader *reader, cJSON *node)
{
    if (!node)
        return fail_memory(reader);
    if (++reader->nodes > VCL_MAX_JSON_NODES) {
        cJSON_Delete(node);
        return fail_at(reader, "more values than the limit");
    }
    return node;
}

/* Four hexadecimal digits at text; -1 when they are none. */
static long hex4(const char *text, const char *end)
{
    long value = 0;

    if (end - text < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        char c = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + ('a' - 'A')) : text[i];
        const char *digit = c ? strchr(digits, c) : NULL;
        if (!digit)
            return -1;
        value = value * 16 + (digit - digits);
    }
    return value;
}

static char *put_utf8(char *to, unsigned long code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = { 0, 0xc0, 0xe0, 0xf0 };

    *to++ = (char)(leads[more] | code >> (6 * more));
    while (more-- > 0)
        *to++ = (char)(0x80 | (code >> (6 * more) & 0x3f));
    return to;
}

/* Decode \uXXXX, of which reader->at is the u. */
static char *read_unicode_escape(json_reader *reader, char *to)
{
    long code = hex4(reader->at + 1, reader->end);

    if (code < 0)
        return fail_at(reader, "\\u needs four hexadecimal digits");
    if (code == 0)
        return fail_at(reader, "\\u0000 is not supported in a text");
    reader->at += 5;
    if (code < 0xd800 || code > 0xdfff)
        return put_utf8(to, (unsigned long)code);

    long low = -1;
    if (code < 0xdc00 && reader->end - reader->at > 6 && reader->at[0] == '\\' &&
        reader->at[1] == 'u')
        low = hex4(reader->at + 2, reader->end);
    if (low < 0xdc00 || low > 0xdfff)
        return put_utf8(to, 0xfffd); /* half of a pair, as in Go */
    reader->at += 6;
    return put_utf8(to, 0x10000UL + ((unsigned long)(code - 0xd800) << 10) +
                            (unsigned long)(low - 0xdc00));
}

static char *read_escape(json_reader *reader, char *to)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    reader->at++;
    if (*reader->at == 'u')
        return read_unicode_escape(reader, to);

    const char *name = memchr(names, *reader->at, sizeof(names) - 1);
    if (!name)
        return fail_at(reader, "unknown escape in a text");
    reader->at++;
    *to++ = values[name - names];
    return to;
}

/* The size of the text behind an opening quote up to the closing one; false when there is none. */
static bool find_quote(const json_reader *reader, size_t *out_size)
{
    for (const char *c = reader->at; c < reader->end; c++) {
        if (*c == '"') {
            *out_size = (size_t)(c - reader->at);
            return true;
        }
        if (*c == '\\')
            c++;
    }
    return false;
}

/* How many bytes in front stand for themselves. */
static size_t plain_run(const char *text, const char *end)
{
    const char *at = text;

    while (at < end && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return (size_t)(at - text);
}

/* Read a string at its opening quote. The memory is cJSON's, to be put into a node. */
static char *read_string(json_reader *reader)
{
    size_t size;

    reader->at++;
    if (!find_quote(reader, &size)) {
        reader->at = reader->end;
        return fail_at(reader, "a text has no closing quote");
    }
    char *text = cJSON_malloc(size + 1);
    if (!text)
        return fail_memory(reader);

    char *to = text;
    const char *quote = reader->at + size;
    while (to && reader->at < quote) {
        size_t run = plain_run(reader->at, quote);
        memcpy(to, reader->at, run);
        to += run;
        reader->at += run;
        if (reader->at == quote)
            break;
        to = *reader->at == '\\' ? read_escape(reader, to)
                                 : fail_at(reader, "a control character in a text must be escaped");
    }
    if (!to) {
        vcl_wipe(text, size);
        cJSON_free(text);
        return NULL;
    }
    *to = '\0';
    reader->at = quote + 1;
    return text;
}

static cJSON *read_string_node(json_reader *reader)
{
    char *text = read_string(reader);
    if (!text)
        return NULL;

    cJSON *node = counted(reader, cJSON_CreateNull());
    if (!node) {
        cJSON_free(text);
        return NULL;
    }
    node->type = cJSON_String;
    node->valuestring = text;
    return node;
}

static size_t count_digits(json_reader *reader)
{
    const char *start = reader->at;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return (size_t)(reader->at - start);
}

static bool accept(json_reader *reader, const char *characters)
{
    if (reader->at == reader->end || !*reader->at || !strchr(characters, *reader->at))
        return false;
    reader->at++;
    return true;
}

/* Step over a number; false when it does not follow JSON's grammar. */
static bool skip_number(json_reader *reader)
{
    (void)accept(reader, "-");
    if (!accept(reader, "0") && count_digits(reader) == 0)
        return false;
    if (accept(reader, ".") && count_digits(reader) == 0)
        return false;
    if (accept(reader, "eE")) {
        (void)accept(reader, "+-");
        if (count_digits(reader) == 0)
            return false;
    }
    return true;
}

static cJSON *read_number(json_reader *reader)
{
    const char *start = reader->at;
    double value;

    if (!skip_number(reader))
        return fail_at(reader, "expected a value");
    if (reader->at - start > MAX_NUMBER_TEXT)
        return fail_at(reader, "a number is too long");

    char short_text[64];
    vcl_auto_free char *long_text = NULL;
    char *text = short_text;
    size_t size = (size_t)(reader->at - start);
    if (size >= sizeof(short_text)) {
        text = long_text = malloc(size + 1);
        if (!text)
            return fail_memory(reader);
    }
    memcpy(text, start, size);
    text[size] = '\0';
    return counted(reader, vcl_double_keeps(text, &value) ? cJSON_CreateNumber(value)
                                                          : cJSON_CreateRaw(text));
}

typedef struct json_member {
    const char *key;
    size_t index;
    cJSON *node;
} json_member;

static int by_key_and_index(const void *a, const void *b)
{
    const json_member *left = a;
    const json_member *right = b;
    int order = strcmp(left->key, right->key);

    return order ? order : left->index < right->index ? -1 : left->index > right->index;
}

/* Delete all members that a later one of the same key replaces. */
static bool drop_duplicates(cJSON *object, size_t count)
{
    vcl_auto_free json_member *members = calloc(count, sizeof(*members));
    if (!members)
        return false;

    size_t used = 0;
    for (cJSON *node = object->child; node; node = node->next) {
        members[used] = (json_member){ .key = node->string, .index = used, .node = node };
        used++;
    }
    qsort(members, used, sizeof(*members), by_key_and_index);
    for (size_t i = 0; i + 1 < used; i++) {
        if (strcmp(members[i].key, members[i + 1].key) == 0)
            cJSON_Delete(cJSON_DetachItemViaPointer(object, members[i].node));
    }
    return true;
}

/* Read "key": value and append it to the object. */
static bool read_member(json_reader *reader, cJSON *object, bool few)
{
    if (peek(reader) != '"')
        return fail_at(reader, "expected a key in quotes");
    char *key = read_string(reader);
    if (!key)
        return false;

    if (peek(reader) != ':') {
        cJSON_free(key);
        return fail_at(reader, "expected ':' behind the key");
    }
    reader->at++;
    cJSON *value = read_value(reader);
    if (!value) {
        cJSON_free(key);
        return false;
    }
    cJSON *old = few ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
    value->string = key;
    if (old)
        cJSON_Delete(cJSON_DetachItemViaPointer(object, old));
    (void)cJSON_AddItemToArray(object, value);
    return true;
}

/* Read the elements of a container behind its opening bracket. */
static bool read_elements(json_reader *reader, cJSON *container, char close)
{
    size_t count = 0;

    if (peek(reader) == close) {
        reader->at++;
        return true;
    }
    for (;;) {
        count++;
        if (cJSON_IsObject(container)) {
            if (!read_member(reader, container, count <= MANY_MEMBERS))
                return false;
        } else {
            cJSON *value = read_value(reader);
            if (!value)
                return false;
            (void)cJSON_AddItemToArray(container, value);
        }
        char next = peek(reader);
        if (next != ',' && next != close)
            return fail_at(reader, "expected ',' or a closing bracket");
        reader->at++;
        if (next == close)
            break;
    }
    if (cJSON_IsObject(container) && count > MANY_MEMBERS && !drop_duplicates(container, count))
        return fail_memory(reader);
    return true;
}

static cJSON *read_container(json_reader *reader)
{
    bool object = *reader->at == '{';

    if (reader->depth == VCL_MAX_JSON_DEPTH)
        return fail_at(reader, "nested deeper than the limit");
    VCL_AUTO_JSON *container = counted(reader, object ? cJSON_CreateObject() : cJSON_CreateArray());
    if (!container)
        return NULL;

    reader->at++;
    reader->depth++;
    if (!read_elements(reader, container, object ? '}' : ']')) {
        vcl_json_free_secret(vcl_steal(&container));
        return NULL;
    }
    reader->depth--;
    return vcl_steal(&container);
}

static bool accept_word(json_reader *reader, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

static cJSON *read_value(json_reader *reader)
{
    switch (peek(reader)) {
    case '{':
    case '[':
        return read_container(reader);
    case '"':
        return read_string_node(reader);
    case 't':
        if (accept_word(reader, "true"))
            return counted(reader, cJSON_CreateTrue());
        break;
    case 'f':
        if (accept_word(reader, "false"))
            return counted(reader, cJSON_CreateFalse());
        break;
    case 'n':
        if (accept_word(reader, "null"))
            return counted(reader, cJSON_CreateNull());
        break;
    default:
        return read_number(reader);
    }
    return fail_at(reader, "expected a value");
}

int vcl_json_parse(const char *text, size_t size, cJSON **out_tree, vcluster_error **error)
{
    json_reader reader = { .start = text, .at = text, .end = text + size, .error = error };

    if (!vcl_utf8_valid(text, size))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "JSON: the text is not valid UTF-8");

    cJSON *tree = read_value(&reader);
    if (!tree)
        return reader.status;
    skip_space(&reader);
    if (reader.at != reader.end) {
        (void)fail_at(&reader, "more text behind the value");
        vcl_json_free_secret(tree);
        return reader.status;
    }
    *out_tree = tree;
    return VCLUSTER_OK;
}
