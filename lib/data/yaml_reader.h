/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the YAML reader, shared by yaml_parse.c, yaml_items.c, yaml_anchor.c, yaml_node.c
 * and yaml_map.c and nobody else; the cursor by yaml_marks.c, too.
 */
#ifndef VCL_DATA_YAML_READER_H
#define VCL_DATA_YAML_READER_H

#include <yaml.h>

#include "base/str.h"
#include "data/json.h"
#include "data/yaml_items.h"
#include "data/yaml_scalar.h"

/* Rules of findings. */
#define VCL_YAML_SYNTAX "yaml-syntax"
#define VCL_YAML_LIMIT "yaml-limit"

/* libyaml's marks count characters. They come nearly in order, so that the cursor walks the text
 * about once. */
typedef struct vcl_yaml_cursor {
    const char *text;
    size_t size;
    size_t byte; /* at which character number `character` starts */
    size_t character;
} vcl_yaml_cursor;

void vcl_yaml_cursor_init(vcl_yaml_cursor *cursor, const char *text, size_t size);
size_t vcl_yaml_byte_of(vcl_yaml_cursor *cursor, size_t character);

typedef struct vcl_yaml_anchor {
    char *name;
    const cJSON *node; /* NULL until it is complete */
} vcl_yaml_anchor;

typedef struct vcl_yaml_reader {
    yaml_parser_t parser;
    vcl_yaml_anchor *anchors;
    size_t anchor_count;
    cJSON *kept; /* nodes that are in no tree but that an anchor may name */
    size_t nodes;
    size_t alias_nodes;
    size_t alias_text;
    int depth;
    int status;
    bool loose; /* see vcl_yaml_parse_loose() */
    vcluster_error **error;

    /* For yaml_items.c only. */
    const vcl_yaml_lists *lists;
    size_t list;     /* the list that begins now is told item by item; or VCL_YAML_NO_LIST */
    bool tied;       /* something depends on another place */
    size_t last_end; /* the character behind the last thing that was read */
    vcl_yaml_cursor cursor;
} vcl_yaml_reader;

#define VCL_YAML_NO_LIST SIZE_MAX

/* Read all documents of a text, or one. */
int vcl_yaml_run(
    vcl_yaml_reader *reader, const char *text, size_t size, bool single, cJSON **out_documents);
/* The one that there is at most, or null. Owns documents. */
int vcl_yaml_only_document(cJSON *documents, cJSON **out_tree, vcluster_error **error);
/* Read the next event, which the caller deletes. */
bool vcl_yaml_next_event(vcl_yaml_reader *reader, yaml_event_t *event);
/* The node that begins with an event. */
cJSON *vcl_yaml_read_node(vcl_yaml_reader *reader, const yaml_event_t *event);

/* The number of the list that a member of the map at the root is, if it is one that is told. */
size_t vcl_yaml_list_number(const vcl_yaml_reader *reader, const char *key);
/* Read the items of a list up to its end, telling of each. */
bool vcl_yaml_tell_items(vcl_yaml_reader *reader, size_t list);
/* Met something that depends on another place: whether the reading may go on. */
bool vcl_yaml_is_apart(vcl_yaml_reader *reader);

/* Record the reason of a failure; all return NULL, which is also false. */
void *vcl_yaml_fail(vcl_yaml_reader *reader, size_t line, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void *vcl_yaml_fail_memory(vcl_yaml_reader *reader);

void *vcl_yaml_fail_depth(vcl_yaml_reader *reader, size_t line);
void *vcl_yaml_fail_tag(vcl_yaml_reader *reader, const unsigned char *tag, size_t line);

/* Count nodes that are about to be made; false over the limit. */
bool vcl_yaml_count(vcl_yaml_reader *reader, size_t count, size_t line);

/* Make the node of a scalar. Also says what a plain one resolved to, for the sake of map keys. */
cJSON *
vcl_yaml_read_scalar(vcl_yaml_reader *reader, const yaml_event_t *event, vcl_yaml_value *out_value);

/* Remember an anchor; its node follows when it is complete. Gives its number. */
bool vcl_yaml_add_anchor(vcl_yaml_reader *reader,
                         const unsigned char *name,
                         size_t line,
                         size_t *out_index);
/* A copy of the node that an anchor names. */
cJSON *vcl_yaml_read_alias(vcl_yaml_reader *reader, const char *name, size_t line);
/* Forget all anchors and kept nodes, at the end of a document. */
void vcl_yaml_forget_anchors(vcl_yaml_reader *reader);
/* Keep a node until the document ends, under an anchor unless that is NULL. Owns node. */
bool vcl_yaml_keep(vcl_yaml_reader *reader, const unsigned char *anchor, cJSON *node, size_t line);

/* A map while it is being read: its members in the order of the text, merged ones among them. */
typedef struct vcl_yaml_entry {
    cJSON *node; /* with its key as node->string */
    size_t line;
    size_t index;
    bool merged;
} vcl_yaml_entry;

enum { VCL_YAML_FEW = 8 };
typedef struct vcl_yaml_map {
    cJSON *object;
    vcl_yaml_entry *entries;
    size_t count;
    size_t capacity;
    vcl_yaml_entry few[VCL_YAML_FEW]; /* where the entries of most maps have room */
} vcl_yaml_map;

void vcl_yaml_map_init(vcl_yaml_map *map, cJSON *object);

/* Add a member; owns key and value also on failure. */
bool vcl_yaml_map_add(
    vcl_yaml_reader *reader, vcl_yaml_map *map, char *key, cJSON *value, size_t line);
/* Add what stands behind a merge key: a map, or a list of maps (not by alias). Owns value. */
bool vcl_yaml_map_merge(
    vcl_yaml_reader *reader, vcl_yaml_map *map, cJSON *value, bool by_alias, size_t line);
/* Put the members into the object. Of several with one key the last stays, but two that were both
 * written out are an error. */
bool vcl_yaml_map_finish(vcl_yaml_reader *reader, vcl_yaml_map *map);
void vcl_yaml_map_done(vcl_yaml_map *map);

/* The text of a key whose scalar was read as node and resolved to value; freed by the caller. */
char *vcl_yaml_key_text(vcl_yaml_reader *reader,
                        const cJSON *node,
                        const vcl_yaml_value *value,
                        size_t line);

static inline void vcl_cleanup_yaml_event(yaml_event_t *event)
{
    /* Texts may be secrets; what libyaml itself read them through is out of reach. */
    if (event->type == YAML_SCALAR_EVENT)
        vcl_wipe(event->data.scalar.value, event->data.scalar.length);
    yaml_event_delete(event);
}
#define VCL_YAML_EVENT __attribute__((cleanup(vcl_cleanup_yaml_event))) yaml_event_t

#endif
