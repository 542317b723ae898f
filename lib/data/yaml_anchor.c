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

/* Count the nodes of a tree and how deep it is. */
static size_t measure(const cJSON *tree, int *out_depth)
{
    size_t count = 1;
    int deepest = 0;

    for (const cJSON *child = tree->child; child; child = child->next) {
        int depth;
        count += measure(child, &depth);
        deepest = depth > deepest ? depth : deepest;
    }
    *out_depth = deepest + (cJSON_IsObject(tree) || cJSON_IsArray(tree));
    return count;
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

    int depth;
    size_t count = measure(anchor->node, &depth);
    if (reader->depth + depth > VCL_MAX_YAML_DEPTH)
        return vcl_yaml_fail_depth(reader, line);
    reader->alias_nodes += count;
    if (reader->alias_nodes > VCL_MAX_YAML_ALIAS_NODES)
        return vcl_yaml_fail(reader, line, VCL_YAML_LIMIT,
                             "aliases expand to more values than the limit of %d",
                             VCL_MAX_YAML_ALIAS_NODES);
    if (!vcl_yaml_count(reader, count, line))
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
