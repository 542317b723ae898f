/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks out of libyaml's; see yaml_marks.h. libyaml's marks count characters, and the end mark of a
 * block map or list is where the next thing begins: its true end is that of its last child.
 */
#include "data/yaml_marks.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml_reader.h"

typedef struct mark_reader {
    yaml_parser_t parser;
    vcl_yaml_cursor cursor;
    size_t count;
    vcluster_error **error;
    int status;
} mark_reader;

static size_t byte_of(mark_reader *reader, const yaml_mark_t *mark)
{
    return vcl_yaml_byte_of(&reader->cursor, mark->index);
}

static bool fail(mark_reader *reader, const char *why)
{
    if (reader->parser.error == YAML_MEMORY_ERROR)
        reader->status = vcl_no_memory(reader->error);
    else
        reader->status = vcl_fail(reader->error, VCLUSTER_E_CONFIG, "invalid YAML: %s", why);
    return false;
}

static bool fail_memory(mark_reader *reader)
{
    reader->status = vcl_no_memory(reader->error);
    return false;
}

static bool next_event(mark_reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    return fail(reader, reader->parser.problem ? reader->parser.problem : "not readable");
}

/* What the first event of a node tells about it. */
static void begin_span(mark_reader *reader, const yaml_event_t *event, vcl_span *span)
{
    *span = (vcl_span){ .kind = VCL_SPAN_ALIAS,
                        .start = byte_of(reader, &event->start_mark),
                        .end = byte_of(reader, &event->end_mark),
                        .line = event->start_mark.line + 1,
                        .column = event->start_mark.column + 1 };
    if (event->type == YAML_SCALAR_EVENT) {
        span->kind = VCL_SPAN_SCALAR;
        span->decorated = event->data.scalar.anchor || event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        span->kind = VCL_SPAN_LIST;
        span->flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        span->decorated = event->data.sequence_start.anchor || event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        span->kind = VCL_SPAN_MAP;
        span->flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        span->decorated = event->data.mapping_start.anchor || event->data.mapping_start.tag;
    }
}

static bool is_end(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
}

/* A flow collection ends where it says, a block one with its last child. */
static void end_span(mark_reader *reader, const yaml_event_t *event, size_t last, vcl_span *span)
{
    if (span->flow)
        span->end = byte_of(reader, &event->end_mark);
    else
        span->end = last > span->start ? last : span->start;
}

static void free_marks(vcl_yaml_mark *mark)
{
    while (mark) {
        vcl_yaml_mark *next = mark->next;

        free_marks(mark->child);
        free(mark->key);
        free(mark);
        mark = next;
    }
}

/* Make a mark and put it where the list of its neighbours ends. */
static vcl_yaml_mark *add_mark(mark_reader *reader, vcl_yaml_mark **slot)
{
    if (++reader->count > VCL_MAX_JSON_NODES) {
        (void)fail(reader, "it has more values than the limit");
        return NULL;
    }
    *slot = calloc(1, sizeof(**slot));
    if (!*slot)
        (void)fail_memory(reader);
    return *slot;
}

static int by_key(const void *a, const void *b)
{
    const vcl_yaml_mark *left = *(const vcl_yaml_mark *const *)a;
    const vcl_yaml_mark *right = *(const vcl_yaml_mark *const *)b;
    int order = strcmp(left->key, right->key);

    return order ? order : (left->key_span.start > right->key_span.start) ? 1 : -1;
}

/* A merge key may be there twice: it is an instruction, no name. */
static bool may_repeat(const vcl_yaml_mark *mark)
{
    return !mark->key || vcl_streq(mark->key, "<<");
}

static bool find_duplicates(mark_reader *reader, const vcl_yaml_mark *map, size_t count)
{
    size_t known = 0;

    if (count < 2)
        return true;
    vcl_auto_free vcl_yaml_mark **sorted = calloc(count, sizeof(vcl_yaml_mark *));
    if (!sorted)
        return fail_memory(reader);
    for (vcl_yaml_mark *mark = map->child; mark; mark = mark->next) {
        if (!may_repeat(mark))
            sorted[known++] = mark;
    }
    qsort(sorted, known, sizeof(vcl_yaml_mark *), by_key);
    for (size_t i = 1; i < known; i++)
        sorted[i]->duplicate = strcmp(sorted[i - 1]->key, sorted[i]->key) == 0;
    return true;
}

static bool
read_value(mark_reader *reader, const yaml_event_t *first, int depth, vcl_yaml_mark *mark);

/* Read a key that is no scalar, of which only the range is kept. */
static bool
read_odd_key(mark_reader *reader, const yaml_event_t *event, int depth, vcl_yaml_mark *mark)
{
    vcl_yaml_mark inner = { .key = NULL };
    bool read = read_value(reader, event, depth, &inner);

    mark->key_span = inner.value;
    free_marks(inner.child);
    return read;
}

static bool read_key(mark_reader *reader, const yaml_event_t *event, int depth, vcl_yaml_mark *mark)
{
    if (event->type != YAML_SCALAR_EVENT)
        return read_odd_key(reader, event, depth, mark);
    begin_span(reader, event, &mark->key_span);
    mark->key = vcl_strdup((const char *)event->data.scalar.value);
    return mark->key || fail_memory(reader);
}

/* Read what is inside a map or a list, up to its end. */
static bool read_children(mark_reader *reader, int depth, vcl_yaml_mark *mark)
{
    vcl_yaml_mark **slot = &mark->child;
    size_t count = 0;
    size_t last = 0;

    for (;; count++) {
        VCL_YAML_EVENT event = { 0 };
        VCL_YAML_EVENT value = { 0 };
        bool is_map = mark->value.kind == VCL_SPAN_MAP;

        if (!next_event(reader, &event))
            return false;
        if (is_end(&event)) {
            end_span(reader, &event, last, &mark->value);
            return !is_map || find_duplicates(reader, mark, count);
        }
        vcl_yaml_mark *child = add_mark(reader, slot);
        if (!child)
            return false;
        slot = &child->next;
        if (is_map && (!read_key(reader, &event, depth + 1, child) || !next_event(reader, &value)))
            return false;
        if (!read_value(reader, is_map ? &value : &event, depth + 1, child))
            return false;
        last = child->value.end;
    }
}

static bool
read_value(mark_reader *reader, const yaml_event_t *first, int depth, vcl_yaml_mark *mark)
{
    begin_span(reader, first, &mark->value);
    if (mark->value.kind != VCL_SPAN_LIST && mark->value.kind != VCL_SPAN_MAP)
        return true;
    if (depth >= VCL_MAX_YAML_DEPTH)
        return fail(reader, "nested too deep");
    return read_children(reader, depth, mark);
}

static bool read_stream(mark_reader *reader, vcl_yaml_marks *marks)
{
    vcl_yaml_mark **slot = &marks->documents;

    for (;;) {
        VCL_YAML_EVENT event = { 0 };

        if (!next_event(reader, &event))
            return false;
        if (event.type == YAML_STREAM_END_EVENT)
            return true;
        if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT ||
            event.type == YAML_DOCUMENT_END_EVENT)
            continue;
        vcl_yaml_mark *document = add_mark(reader, slot);
        if (!document || !read_value(reader, &event, 0, document))
            return false;
        slot = &document->next;
    }
}

int vcl_yaml_marks_read(const char *text,
                        size_t size,
                        vcl_yaml_marks *out_marks,
                        vcluster_error **error)
{
    vcl_yaml_marks marks = { .documents = NULL };
    mark_reader reader = { .error = error };

    vcl_yaml_cursor_init(&reader.cursor, text, size);
    size_t begin = reader.cursor.byte;
    if (!yaml_parser_initialize(&reader.parser))
        return vcl_no_memory(error);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text + begin, size - begin);
    bool read = read_stream(&reader, &marks);
    yaml_parser_delete(&reader.parser);
    if (!read) {
        vcl_yaml_marks_done(&marks);
        return reader.status;
    }
    *out_marks = marks;
    return VCLUSTER_OK;
}

void vcl_yaml_marks_done(vcl_yaml_marks *marks)
{
    free_marks(marks->documents);
    marks->documents = NULL;
}

const vcl_yaml_mark *vcl_yaml_mark_member(const vcl_yaml_mark *mark, const char *key)
{
    const vcl_yaml_mark *found = NULL;

    if (!mark || mark->value.kind != VCL_SPAN_MAP)
        return NULL;
    for (const vcl_yaml_mark *child = mark->child; child; child = child->next) {
        if (vcl_streq(child->key, key))
            found = child;
    }
    return found;
}

const vcl_yaml_mark *vcl_yaml_mark_item(const vcl_yaml_mark *mark, size_t index)
{
    if (!mark || mark->value.kind != VCL_SPAN_LIST)
        return NULL;
    const vcl_yaml_mark *child = mark->child;
    while (child && index-- > 0)
        child = child->next;
    return child;
}

const vcl_span *vcl_yaml_mark_place(const vcl_yaml_mark *mark)
{
    return mark->key_span.kind == VCL_SPAN_NONE ? &mark->value : &mark->key_span;
}

/* Take one step of a path: where it leads, NULL when it leads nowhere or the path ends or cannot be
 * read. */
static const vcl_yaml_mark *step(const vcl_yaml_mark *from, const char **path, char *key)
{
    const char *at = *path;
    size_t size = 0;

    if (*at == '[') {
        size_t index = 0;
        for (at++; *at >= '0' && *at <= '9' && index < VCL_MAX_JSON_NODES; at++)
            index = index * 10 + (size_t)(*at - '0');
        *path = *at == ']' ? at + 1 : at;
        return *at == ']' ? vcl_yaml_mark_item(from, index) : NULL;
    }
    if (*at == '.')
        at++;
    for (; *at && *at != '.' && *at != '['; at++) {
        if (*at == '\\' && at[1])
            at++;
        key[size++] = *at;
    }
    key[size] = '\0';
    *path = at;
    return vcl_yaml_mark_member(from, key);
}

const vcl_yaml_mark *
vcl_yaml_mark_find(const vcl_yaml_mark *document, const char *path, bool *out_exact)
{
    const vcl_yaml_mark *mark = document;
    bool exact = document != NULL;
    vcl_auto_free char *key = exact ? malloc(strlen(path) + 1) : NULL;

    while (exact && key && *path) {
        const vcl_yaml_mark *next = step(mark, &path, key);
        exact = next != NULL;
        mark = next ? next : mark;
    }
    if (out_exact)
        *out_exact = exact && key;
    return mark;
}
