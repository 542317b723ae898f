/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML reader: libyaml's events into a cJSON tree. libyaml only takes the text apart; what
 * scalars become is in yaml_node.c, how maps treat merge keys and duplicates in yaml_map.c, aliases
 * in yaml_anchor.c. Depth and nodes are counted event by event, before any tree of hostile size
 * exists.
 */
#include "data/yaml.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml_reader.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

enum { MAX_STREAM = VCL_MAX_TEMPLATE_OUTPUT };

void *vcl_yaml_fail(vcl_yaml_reader *reader, size_t line, const char *rule, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!message)
        return vcl_yaml_fail_memory(reader);
    reader->status = vcl_fail(reader->error, VCLUSTER_E_CONFIG, "invalid YAML at line %zu", line);
    vcl_error_add_finding(reader->error, "", (int64_t)line, rule, VCLUSTER_SEVERITY_ERROR, message,
                          NULL);
    return NULL;
}

void *vcl_yaml_fail_memory(vcl_yaml_reader *reader)
{
    reader->status = vcl_no_memory(reader->error);
    return NULL;
}

/* Where the last thing ends: a scalar, or a bracket. What is in block style ends with what is in
 * it. (A "?" that ends a list has a width, too, but something always follows it in its map.) */
static void note_end(vcl_yaml_reader *reader, const yaml_event_t *event)
{
    bool is_thing = event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT;

    if (is_thing || event->end_mark.index > event->start_mark.index)
        reader->last_end = event->end_mark.index;
}

bool vcl_yaml_next_event(vcl_yaml_reader *reader, yaml_event_t *event)
{
    yaml_parser_t *parser = &reader->parser;

    if (yaml_parser_parse(parser, event)) {
        note_end(reader, event);
        return true;
    }
    if (parser->error == YAML_MEMORY_ERROR)
        return vcl_yaml_fail_memory(reader);

    const char *problem = parser->problem ? parser->problem : "not readable";
    if (parser->error == YAML_READER_ERROR)
        (void)vcl_yaml_fail(reader, parser->mark.line + 1, VCL_YAML_SYNTAX, "byte %zu: %s",
                            parser->problem_offset, problem);
    else
        (void)vcl_yaml_fail(reader, parser->problem_mark.line + 1, VCL_YAML_SYNTAX, "%s", problem);
    return false;
}

static bool read_items(vcl_yaml_reader *reader, cJSON *list)
{
    for (;;) {
        VCL_YAML_EVENT event = { 0 };
        if (!vcl_yaml_next_event(reader, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        cJSON *item = vcl_yaml_read_node(reader, &event);
        if (!item)
            return false;
        (void)cJSON_AddItemToArray(list, item);
    }
}

/* Whether a key is a text without further ado, as nearly all are. */
static bool is_text_key(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    vcl_yaml_value value = { .kind = VCL_YAML_TEXT };

    if (event->data.scalar.tag || event->data.scalar.anchor ||
        memchr(text, '\0', event->data.scalar.length))
        return false;
    if (event->data.scalar.plain_implicit)
        vcl_yaml_resolve(text, &value);
    return value.kind == VCL_YAML_TEXT || value.kind == VCL_YAML_TIME;
}

/* Read a key: a scalar, or an alias of one. Merge keys are told by their event. */
static char *read_key(vcl_yaml_reader *reader, const yaml_event_t *event, bool *out_merge)
{
    vcl_yaml_value value = { .kind = VCL_YAML_TEXT };
    VCL_AUTO_JSON *node = NULL;
    size_t line = event->start_mark.line + 1;

    *out_merge = false;
    if (event->type == YAML_SCALAR_EVENT) {
        const char *tag = (const char *)event->data.scalar.tag;
        *out_merge = vcl_streq((const char *)event->data.scalar.value, "<<") &&
                     (event->data.scalar.plain_implicit || vcl_streq(tag, TAG_PREFIX "merge"));
        if (*out_merge)
            return vcl_yaml_is_apart(reader) ? vcl_strdup("<<") : NULL;
        if (event->data.scalar.anchor && !vcl_yaml_is_apart(reader))
            return NULL;
        if (is_text_key(event))
            return vcl_yaml_count(reader, 1, line)
                       ? vcl_strdup((const char *)event->data.scalar.value)
                       : NULL;
        node = vcl_yaml_read_scalar(reader, event, &value);
    } else if (event->type == YAML_ALIAS_EVENT && !vcl_yaml_is_apart(reader)) {
        return NULL;
    } else if (event->type == YAML_ALIAS_EVENT) {
        node = vcl_yaml_read_alias(reader, (const char *)event->data.alias.anchor, line);
    } else {
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "a key must be a text or a number");
    }
    if (!node)
        return NULL;
    char *key = vcl_yaml_key_text(reader, node, &value, line);
    if (key && event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor &&
        !vcl_yaml_keep(reader, event->data.scalar.anchor, vcl_steal(&node), line))
        vcl_free_secret(vcl_steal(&key));
    return key;
}

static bool read_member(vcl_yaml_reader *reader, const yaml_event_t *key_event, vcl_yaml_map *map)
{
    VCL_YAML_EVENT event = { 0 };
    bool merge;
    size_t line = key_event->start_mark.line + 1;
    vcl_auto_free char *key = read_key(reader, key_event, &merge);

    if (!key)
        return reader->status < 0 ? false : vcl_yaml_fail_memory(reader);
    if (!vcl_yaml_next_event(reader, &event))
        return false;
    if (event.type == YAML_SEQUENCE_START_EVENT)
        reader->list = vcl_yaml_list_number(reader, key);
    cJSON *value = vcl_yaml_read_node(reader, &event);
    if (!value)
        return false;
    if (merge)
        return vcl_yaml_map_merge(reader, map, value, event.type == YAML_ALIAS_EVENT, line);
    return vcl_yaml_map_add(reader, map, vcl_steal(&key), value, line);
}

static bool read_members(vcl_yaml_reader *reader, cJSON *object)
{
    __attribute__((cleanup(vcl_yaml_map_done))) vcl_yaml_map map = { .object = NULL };

    vcl_yaml_map_init(&map, object);
    for (;;) {
        VCL_YAML_EVENT event = { 0 };
        if (!vcl_yaml_next_event(reader, &event))
            return false;
        if (event.type == YAML_MAPPING_END_EVENT)
            return vcl_yaml_map_finish(reader, &map);
        if (!read_member(reader, &event, &map))
            return false;
    }
}

static bool is_container_tag(const char *tag, bool is_map)
{
    return vcl_str_empty(tag) || vcl_streq(tag, "!") ||
           vcl_streq(tag, is_map ? TAG_PREFIX "map" : TAG_PREFIX "seq");
}

static cJSON *read_container(vcl_yaml_reader *reader, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag =
        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    size_t line = event->start_mark.line + 1;

    if (!reader->loose && !is_container_tag((const char *)tag, is_map))
        return vcl_yaml_fail_tag(reader, tag, line);
    if (reader->depth == VCL_MAX_YAML_DEPTH)
        return vcl_yaml_fail_depth(reader, line);
    if (!vcl_yaml_count(reader, 1, line))
        return NULL;
    cJSON *node = is_map ? cJSON_CreateObject() : cJSON_CreateArray();
    if (!node)
        return vcl_yaml_fail_memory(reader);

    size_t list = reader->list;
    reader->list = VCL_YAML_NO_LIST;
    reader->depth++;
    bool read = is_map                     ? read_members(reader, node)
                : list == VCL_YAML_NO_LIST ? read_items(reader, node)
                                           : vcl_yaml_tell_items(reader, list);
    reader->depth--;
    if (!read) {
        vcl_json_free_secret(node);
        return NULL;
    }
    return node;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

cJSON *vcl_yaml_read_node(vcl_yaml_reader *reader, const yaml_event_t *event)
{
    const yaml_char_t *anchor = anchor_of(event);
    size_t line = event->start_mark.line + 1;
    vcl_yaml_value ignored;
    size_t index = 0;

    if ((anchor || event->type == YAML_ALIAS_EVENT) && !vcl_yaml_is_apart(reader))
        return NULL;
    if (event->type == YAML_ALIAS_EVENT)
        return vcl_yaml_read_alias(reader, (const char *)event->data.alias.anchor, line);
    if (anchor && !vcl_yaml_add_anchor(reader, anchor, line, &index))
        return NULL;
    cJSON *node = event->type == YAML_SCALAR_EVENT ? vcl_yaml_read_scalar(reader, event, &ignored)
                                                   : read_container(reader, event);
    if (node && anchor)
        reader->anchors[index].node = node;
    return node;
}

/* Read the rest of a document behind its start event and append its value, unless it is empty. */
static bool read_document(vcl_yaml_reader *reader, cJSON *documents)
{
    VCL_YAML_EVENT event = { 0 };
    VCL_YAML_EVENT end = { 0 };

    if (!vcl_yaml_next_event(reader, &event))
        return false;
    bool empty = event.type == YAML_SCALAR_EVENT && event.data.scalar.length == 0 &&
                 event.data.scalar.plain_implicit && !event.data.scalar.tag;
    cJSON *node = vcl_yaml_read_node(reader, &event);
    if (!node)
        return false;
    if (empty)
        cJSON_Delete(node);
    else
        (void)cJSON_AddItemToArray(documents, node);
    bool ended = vcl_yaml_next_event(reader, &end);
    vcl_yaml_forget_anchors(reader);
    return ended;
}

static bool has_directives(const yaml_event_t *event)
{
    return event->data.document_start.version_directive ||
           event->data.document_start.tag_directives.start !=
               event->data.document_start.tag_directives.end;
}

/* Read all documents; with `single`, a second one is an error, or when loose, is not read. */
static bool read_stream(vcl_yaml_reader *reader, cJSON *documents, bool single)
{
    for (size_t begun = 0;;) {
        VCL_YAML_EVENT event = { 0 };
        if (!vcl_yaml_next_event(reader, &event))
            return false;
        if (event.type == YAML_STREAM_END_EVENT)
            return true;
        if (event.type == YAML_DOCUMENT_START_EVENT) {
            if ((begun++ > 0 || has_directives(&event)) && !vcl_yaml_is_apart(reader))
                return false;
            if (!read_document(reader, documents))
                return false;
            if (reader->loose)
                return true;
            if (single && cJSON_GetArraySize(documents) > 1)
                return vcl_yaml_fail(reader, event.start_mark.line + 1, VCL_YAML_SYNTAX,
                                     "a second document begins here; only one is expected");
        }
    }
}

int vcl_yaml_run(
    vcl_yaml_reader *reader, const char *text, size_t size, bool single, cJSON **out_documents)
{
    size_t max = single ? VCL_MAX_DOCUMENT : MAX_STREAM;

    if (size > max)
        return vcl_fail(reader->error, VCLUSTER_E_CONFIG,
                        "the YAML text has %zu bytes, more than %zu", size, max);
    cJSON *documents = cJSON_CreateArray();
    if (!documents || !yaml_parser_initialize(&reader->parser)) {
        cJSON_Delete(documents);
        return vcl_no_memory(reader->error);
    }
    vcl_yaml_cursor_init(&reader->cursor, text, size);
    size_t begin = reader->cursor.byte; /* a byte order mark would count as a column */
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text + begin,
                                 size - begin);
    bool read = read_stream(reader, documents, single);
    vcl_yaml_forget_anchors(reader);
    yaml_parser_delete(&reader->parser);
    if (!read) {
        vcl_json_free_secret(documents);
        return reader->status;
    }
    *out_documents = documents;
    return VCLUSTER_OK;
}

int vcl_yaml_parse_all(const char *text, size_t size, cJSON **out_array, vcluster_error **error)
{
    vcl_yaml_reader reader = { .error = error, .list = VCL_YAML_NO_LIST };

    return vcl_yaml_run(&reader, text, size, false, out_array);
}

int vcl_yaml_only_document(cJSON *documents, cJSON **out_tree, vcluster_error **error)
{
    cJSON *tree = cJSON_DetachItemFromArray(documents, 0);

    cJSON_Delete(documents);
    if (!tree)
        tree = cJSON_CreateNull();
    if (!tree)
        return vcl_no_memory(error);
    *out_tree = tree;
    return VCLUSTER_OK;
}

static int
parse_one(const char *text, size_t size, bool loose, cJSON **out_tree, vcluster_error **error)
{
    vcl_yaml_reader reader = { .error = error, .loose = loose, .list = VCL_YAML_NO_LIST };
    cJSON *documents = NULL;
    int status = vcl_yaml_run(&reader, text, size, true, &documents);

    return status < 0 ? status : vcl_yaml_only_document(documents, out_tree, error);
}

int vcl_yaml_parse(const char *text, size_t size, cJSON **out_tree, vcluster_error **error)
{
    return parse_one(text, size, false, out_tree, error);
}

int vcl_yaml_parse_loose(const char *text, size_t size, cJSON **out_tree, vcluster_error **error)
{
    return parse_one(text, size, true, out_tree, error);
}
