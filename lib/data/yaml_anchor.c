/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors and aliases of the YAML reader, with the limits that stop a text from growing: an alias
 * becomes a copy of the tree that its anchor names, counted before it is made.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml_reader.h"

/* Count nodes that are about to be made. */
bool vcl_yaml_count(vcl_yaml_reader *reader, size_t count, size_t line)
{
    reader->nodes += count;
    if (reader->nodes <= VCL_MAX_JSON_NODES)
        return true;
    return vcl_yaml_fail(reader, line, VCL_YAML_LIMIT, "more values than the limit of %d",
                         VCL_MAX_JSON_NODES);
}

/* Remember an anchor; its node follows when it is complete. Returns its number. */
bool vcl_yaml_add_anchor(vcl_yaml_reader *reader,
                         const yaml_char_t *name,
                         size_t line,
                         size_t *out_index)
{
    if (reader->anchor_count == VCL_MAX_YAML_ANCHORS)
        return vcl_yaml_fail(reader, line, VCL_YAML_LIMIT, "more anchors than the limit of %d",
                             VCL_MAX_YAML_ANCHORS);

    size_t count = reader->anchor_count;
    if (count % 16 == 0) {
        vcl_yaml_anchor *grown = realloc(reader->anchors, (count + 16) * sizeof(*grown));
        if (!grown)
            return vcl_yaml_fail_memory(reader);
        reader->anchors = grown;
    }
    char *copy = vcl_strdup((const char *)name);
    if (!copy)
        return vcl_yaml_fail_memory(reader);
    reader->anchors[count] = (vcl_yaml_anchor){ .name = copy };
    reader->anchor_count++;
    *out_index = count;
    return true;
}

void vcl_yaml_forget_anchors(vcl_yaml_reader *reader)
{
    for (size_t i = 0; i < reader->anchor_count; i++)
        free(reader->anchors[i].name);
    free(reader->anchors);
    reader->anchors = NULL;
    reader->anchor_count = 0;
    vcl_json_free_secret(vcl_steal(&reader->kept));
}

typedef struct extent {
    size_t nodes;
    size_t text; /* bytes */
    int depth;
} extent;

static size_t size_of(const char *text)
{
    return text ? strlen(text) : 0;
}

static extent measure(const cJSON *tree)
{
    extent all = { .nodes = 1, .text = size_of(tree->valuestring) };

    for (const cJSON *child = tree->child; child; child = child->next) {
        extent part = measure(child);
        all.nodes += part.nodes;
        all.text += size_of(child->string) + part.text;
        all.depth = part.depth > all.depth ? part.depth : all.depth;
    }
    all.depth += cJSON_IsObject(tree) || cJSON_IsArray(tree);
    return all;
}

/* Whether one more copy of that extent may be made. */
static bool count_copy(vcl_yaml_reader *reader, const extent *copy, size_t line)
{
    if (reader->depth + copy->depth > VCL_MAX_YAML_DEPTH)
        return vcl_yaml_fail_depth(reader, line);
    reader->alias_nodes += copy->nodes;
    if (reader->alias_nodes > VCL_MAX_YAML_ALIAS_NODES)
        return vcl_yaml_fail(reader, line, VCL_YAML_LIMIT,
                             "aliases expand to more values than the limit of %d",
                             VCL_MAX_YAML_ALIAS_NODES);
    reader->alias_text += copy->text;
    if (reader->alias_text > VCL_MAX_YAML_ALIAS_TEXT)
        return vcl_yaml_fail(reader, line, VCL_YAML_LIMIT,
                             "aliases expand to more text than the limit of %d bytes",
                             VCL_MAX_YAML_ALIAS_TEXT);
    return vcl_yaml_count(reader, copy->nodes, line);
}

void *vcl_yaml_fail_depth(vcl_yaml_reader *reader, size_t line)
{
    return vcl_yaml_fail(reader, line, VCL_YAML_LIMIT, "nested deeper than the limit of %d",
                         VCL_MAX_YAML_DEPTH);
}

cJSON *vcl_yaml_read_alias(vcl_yaml_reader *reader, const char *name, size_t line)
{
    const vcl_yaml_anchor *anchor = NULL;

    for (size_t i = reader->anchor_count; i-- > 0 && !anchor;) {
        if (vcl_streq(reader->anchors[i].name, name))
            anchor = &reader->anchors[i];
    }
    if (!anchor)
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "unknown anchor '%s'", name);
    if (!anchor->node)
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "anchor '%s' contains itself", name);

    extent size = measure(anchor->node);
    if (!count_copy(reader, &size, line))
        return NULL;
    cJSON *copy = vcl_json_copy(anchor->node);
    if (!copy)
        return vcl_yaml_fail_memory(reader);
    /* The copy of a map's member is no member itself. */
    cJSON_free(copy->string);
    copy->string = NULL;
    return copy;
}

bool vcl_yaml_keep(vcl_yaml_reader *reader, const unsigned char *anchor, cJSON *node, size_t line)
{
    size_t index = 0;

    if (!reader->kept)
        reader->kept = cJSON_CreateArray();
    if (!vcl_json_append(reader->kept, node))
        return vcl_yaml_fail_memory(reader);
    if (!anchor)
        return true;
    if (!vcl_yaml_add_anchor(reader, anchor, line, &index))
        return false;
    reader->anchors[index].node = node;
    return true;
}
