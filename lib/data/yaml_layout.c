/* SPDX-License-Identifier: Apache-2.0 */
/* The upper two levels of a text's marks as arrays; see yaml_layout.h. */
#include "data/yaml_layout.h"

#include <stdlib.h>

#include "base/str.h"

static size_t count_children(const vcl_yaml_mark *mark)
{
    size_t count = 0;

    for (const vcl_yaml_mark *child = mark->child; child; child = child->next)
        count++;
    return count;
}

static bool fill_items(vcl_yaml_part *part, const vcl_yaml_mark *list)
{
    size_t count = count_children(list);

    if (count == 0)
        return true;
    vcl_span *items = calloc(count, sizeof(*items));
    if (!items)
        return false;
    for (const vcl_yaml_mark *item = list->child; item; item = item->next)
        items[part->item_count++] = item->value;
    part->items = items;
    return true;
}

static bool fill_parts(vcl_yaml_layout *layout, vcl_yaml_mark *map)
{
    size_t count = count_children(map);

    if (count == 0)
        return true;
    layout->parts = calloc(count, sizeof(*layout->parts));
    if (!layout->parts)
        return false;
    for (vcl_yaml_mark *member = map->child; member; member = member->next) {
        vcl_yaml_part part = { .key_span = member->key_span, .value = member->value };

        if (member->value.kind == VCL_SPAN_LIST && !fill_items(&part, member))
            return false;
        part.key = vcl_steal(&member->key);
        layout->parts[layout->part_count++] = part;
    }
    return true;
}

int vcl_yaml_layout_read(const char *text,
                         size_t size,
                         vcl_yaml_layout *out_layout,
                         vcluster_error **error)
{
    vcl_yaml_layout layout = { .root = { .kind = VCL_SPAN_NONE } };
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };

    int status = vcl_yaml_marks_read(text, size, &marks, error);
    if (status < 0)
        return status;
    if (marks.documents) {
        layout.root = marks.documents->value;
        layout.several = marks.documents->next != NULL;
        if (layout.root.kind == VCL_SPAN_MAP && !fill_parts(&layout, marks.documents)) {
            vcl_yaml_layout_done(&layout);
            return vcl_no_memory(error);
        }
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
