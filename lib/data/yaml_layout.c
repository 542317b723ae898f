/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte ranges out of libyaml's marks; see yaml_layout.h. Marks count characters, and the end mark
 * of a block map or list is where the next thing begins: its true end is that of its last child.
 */
#include "data/yaml_layout.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml_reader.h"

typedef struct layout_reader {
    yaml_parser_t parser;
    const char *text;
    size_t size;
    size_t byte; /* the byte at which character number `character` starts */
    size_t character;
    vcluster_error **error;
    int status;
} layout_reader;

/* Marks come nearly in order, so that this walks the text about once. */
static size_t byte_of(layout_reader *reader, const yaml_mark_t *mark)
{
    const char *text = reader->text;

    while (reader->character < mark->index && reader->byte < reader->size) {
        reader->byte++;
        while (reader->byte < reader->size && ((unsigned char)text[reader->byte] & 0xc0) == 0x80)
            reader->byte++;
        reader->character++;
    }
    while (reader->character > mark->index && reader->byte > 0) {
        reader->byte--;
        while (reader->byte > 0 && ((unsigned char)text[reader->byte] & 0xc0) == 0x80)
            reader->byte--;
        reader->character--;
    }
    return reader->byte;
}

static bool fail(layout_reader *reader, const char *why)
{
    if (reader->parser.error == YAML_MEMORY_ERROR)
        reader->status = vcl_no_memory(reader->error);
    else
        reader->status = vcl_fail(reader->error, VCLUSTER_E_CONFIG, "invalid YAML: %s", why);
    return false;
}

static bool fail_memory(layout_reader *reader)
{
    reader->status = vcl_no_memory(reader->error);
    return false;
}

static bool next_event(layout_reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    return fail(reader, reader->parser.problem ? reader->parser.problem : "not readable");
}

/* What the first event of a node tells about it. */
static void begin_span(layout_reader *reader, const yaml_event_t *event, vcl_span *span)
{
    *span = (vcl_span){ .start = byte_of(reader, &event->start_mark),
                        .end = byte_of(reader, &event->end_mark) };
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        span->kind = VCL_SPAN_SCALAR;
        span->decorated = event->data.scalar.anchor || event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        span->kind = VCL_SPAN_LIST;
        span->flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        span->decorated = event->data.sequence_start.anchor || event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        span->kind = VCL_SPAN_MAP;
        span->flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        span->decorated = event->data.mapping_start.anchor || event->data.mapping_start.tag;
        break;
    default:
        span->kind = VCL_SPAN_ALIAS;
        break;
    }
}

static bool is_end(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
}

/* A flow collection ends where it says, a block one with its last child. */
static void end_span(layout_reader *reader, const yaml_event_t *event, size_t last, vcl_span *span)
{
    if (span->flow)
        span->end = byte_of(reader, &event->end_mark);
    else
        span->end = last > span->start ? last : span->start;
}

/* Read the rest of a node of which nothing but its range is wanted. */
static bool
read_span(layout_reader *reader, const yaml_event_t *first, int depth, vcl_span *out_span)
{
    size_t last = 0;

    begin_span(reader, first, out_span);
    if (out_span->kind != VCL_SPAN_LIST && out_span->kind != VCL_SPAN_MAP)
        return true;
    if (depth > VCL_MAX_YAML_DEPTH)
        return fail(reader, "nested too deep");
    for (;;) {
        VCL_YAML_EVENT event = { 0 };
        vcl_span child;

        if (!next_event(reader, &event))
            return false;
        if (is_end(&event)) {
            end_span(reader, &event, last, out_span);
            return true;
        }
        if (!read_span(reader, &event, depth + 1, &child))
            return false;
        last = child.end;
    }
}

static bool add_item(layout_reader *reader, vcl_yaml_part *part, const vcl_span *item)
{
    if (part->item_count % 64 == 0) {
        vcl_span *grown = realloc(part->items, (part->item_count + 64) * sizeof(*grown));
        if (!grown)
            return fail_memory(reader);
        part->items = grown;
    }
    part->items[part->item_count++] = *item;
    return true;
}

static bool read_value(layout_reader *reader, vcl_yaml_part *part)
{
    VCL_YAML_EVENT first = { 0 };
    size_t last = 0;

    if (!next_event(reader, &first))
        return false;
    if (first.type != YAML_SEQUENCE_START_EVENT)
        return read_span(reader, &first, 1, &part->value);
    begin_span(reader, &first, &part->value);
    for (;;) {
        VCL_YAML_EVENT event = { 0 };
        vcl_span item;

        if (!next_event(reader, &event))
            return false;
        if (is_end(&event)) {
            end_span(reader, &event, last, &part->value);
            return true;
        }
        if (!read_span(reader, &event, 2, &item) || !add_item(reader, part, &item))
            return false;
        last = item.end;
    }
}

static vcl_yaml_part *add_part(layout_reader *reader, vcl_yaml_layout *layout)
{
    if (layout->part_count % 16 == 0) {
        vcl_yaml_part *grown =
            realloc(layout->parts, (layout->part_count + 16) * sizeof(*layout->parts));
        if (!grown) {
            (void)fail_memory(reader);
            return NULL;
        }
        layout->parts = grown;
    }
    vcl_yaml_part *part = &layout->parts[layout->part_count++];
    *part = (vcl_yaml_part){ .key = NULL };
    return part;
}

static bool read_part(layout_reader *reader, const yaml_event_t *key, vcl_yaml_layout *layout)
{
    vcl_yaml_part *part = add_part(reader, layout);

    if (!part || !read_span(reader, key, 1, &part->key_span))
        return false;
    if (key->type == YAML_SCALAR_EVENT) {
        part->key = vcl_strdup((const char *)key->data.scalar.value);
        if (!part->key)
            return fail_memory(reader);
    }
    return read_value(reader, part);
}

static bool read_root(layout_reader *reader, const yaml_event_t *first, vcl_yaml_layout *layout)
{
    if (first->type != YAML_MAPPING_START_EVENT)
        return read_span(reader, first, 0, &layout->root);
    begin_span(reader, first, &layout->root);
    for (;;) {
        VCL_YAML_EVENT event = { 0 };

        if (!next_event(reader, &event))
            return false;
        if (is_end(&event)) {
            size_t count = layout->part_count;
            end_span(reader, &event, count > 0 ? layout->parts[count - 1].value.end : 0,
                     &layout->root);
            return true;
        }
        if (!read_part(reader, &event, layout))
            return false;
    }
}

/* Only the first document is read. */
static bool read_stream(layout_reader *reader, vcl_yaml_layout *layout)
{
    size_t documents = 0;

    for (;;) {
        VCL_YAML_EVENT event = { 0 };

        if (!next_event(reader, &event))
            return false;
        if (event.type == YAML_STREAM_END_EVENT)
            return true;
        if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_END_EVENT)
            continue;
        if (event.type != YAML_DOCUMENT_START_EVENT) {
            if (!read_root(reader, &event, layout))
                return false;
        } else if (++documents > 1) {
            layout->several = true;
            return true;
        }
    }
}

int vcl_yaml_layout_read(const char *text,
                         size_t size,
                         vcl_yaml_layout *out_layout,
                         vcluster_error **error)
{
    vcl_yaml_layout layout = { .root = { .kind = VCL_SPAN_NONE } };
    layout_reader reader = { .text = text, .size = size, .error = error };

    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        reader.byte = 3; /* a byte order mark counts for nothing */
    if (!yaml_parser_initialize(&reader.parser))
        return vcl_no_memory(error);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text + reader.byte,
                                 size - reader.byte);
    bool read = read_stream(&reader, &layout);
    yaml_parser_delete(&reader.parser);
    if (!read) {
        vcl_yaml_layout_done(&layout);
        return reader.status;
    }
    *out_layout = layout;
    return VCLUSTER_OK;
}

void vcl_yaml_layout_done(vcl_yaml_layout *layout)
{
    for (size_t i = 0; i < layout->part_count; i++) {
        free(layout->parts[i].key);
        free(layout->parts[i].items);
    }
    free(layout->parts);
    *layout = (vcl_yaml_layout){ .root = { .kind = VCL_SPAN_NONE } };
}

const vcl_yaml_part *vcl_yaml_layout_find(const vcl_yaml_layout *layout, const char *key)
{
    for (size_t i = 0; i < layout->part_count; i++) {
        if (vcl_streq(layout->parts[i].key, key))
            return &layout->parts[i];
    }
    return NULL;
}
