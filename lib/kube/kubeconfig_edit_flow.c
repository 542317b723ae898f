/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a kubeconfig in flow style, JSON above all; see kubeconfig_edit.h. */
#include <string.h>

#include "base/str.h"
#include "kube/kubeconfig_edit.h"

/* What stands between the start of the line and something that begins it. */
typedef struct margin {
    bool own_line;
    const char *text;
    size_t size;
} margin;

static margin margin_of(const vcl_edit_place *place, size_t start)
{
    size_t line = vcl_edit_line_start(place->text, start);

    return (margin){ .own_line = line > 0 && vcl_edit_first_in_line(place->text, start),
                     .text = place->text + line,
                     .size = start - line };
}

/* The entry behind what comes before it: on a line of its own where its neighbours are. */
static char *render(const vcl_edit_place *place, const cJSON *entry, const margin *like)
{
    char *json = like->own_line ? vcl_json_print_pretty(entry) : vcl_json_print(entry);
    char *text = json ? vcl_edit_indent(json, "", like->text, like->own_line ? like->size : 0,
                                        place->line_break)
                      : NULL;

    vcl_free_secret(json);
    return text;
}

/* Text between two things in a flow collection: ", " or a comma and a new line. */
static char *separator(const vcl_edit_place *place, const margin *like)
{
    if (!like->own_line)
        return vcl_strdup(", ");
    return vcl_format(",%s%.*s", place->line_break, (int)like->size, like->text);
}

static void add_joined(vcl_splices *splices, size_t start, size_t end, char *head, char *tail)
{
    vcl_splice_add(splices, start, end, head && tail ? vcl_format("%s%s", head, tail) : NULL);
    vcl_free_secret(head);
    vcl_free_secret(tail);
}

/* "[entry]", over several lines where the members around it have a line each. */
static char *render_list(const vcl_edit_place *place, const cJSON *entry, const margin *like)
{
    if (!like->own_line) {
        char *json = vcl_json_print(entry);
        char *list = json ? vcl_format("[%s]", json) : NULL;
        vcl_free_secret(json);
        return list;
    }
    vcl_auto_free char *deeper =
        vcl_format("%.*s%.*s", (int)like->size, like->text, (int)like->size, like->text);
    if (!deeper)
        return NULL;
    margin inner = { .own_line = true, .text = deeper, .size = like->size * 2 };
    char *item = render(place, entry, &inner);
    char *list = item ? vcl_format("[%s%s%s%s%.*s]", place->line_break, deeper, item,
                                   place->line_break, (int)like->size, like->text)
                      : NULL;
    vcl_free_secret(item);
    return list;
}

/* Add a member to the map at the root. Owns value. */
static void
add_member(const vcl_edit_place *place, const char *key, char *value, vcl_splices *splices)
{
    const vcl_yaml_layout *layout = place->layout;

    if (layout->part_count == 0) {
        size_t at = layout->root.start + 1;
        vcl_splice_add(splices, at, at, value ? vcl_format("\"%s\": %s", key, value) : NULL);
        vcl_free_secret(value);
        return;
    }
    const vcl_yaml_part *last = &layout->parts[layout->part_count - 1];
    margin like = margin_of(place, last->key_span.start);
    char *tail = value ? vcl_format("\"%s\": %s", key, value) : NULL;
    add_joined(splices, last->value.end, last->value.end, separator(place, &like), tail);
    vcl_free_secret(value);
}

static margin member_margin(const vcl_edit_place *place)
{
    const vcl_yaml_layout *layout = place->layout;

    if (layout->part_count == 0)
        return (margin){ .own_line = false };
    return margin_of(place, layout->parts[layout->part_count - 1].key_span.start);
}

bool vcl_edit_flow_put(const vcl_edit_place *place,
                       const char *list,
                       const cJSON *entry,
                       int64_t index,
                       vcl_splices *splices)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(place->layout, list);
    margin around = member_margin(place);

    if (place->layout->root.decorated || (part && part->value.decorated))
        return false;
    if (!part) {
        add_member(place, list, render_list(place, entry, &around), splices);
        return true;
    }
    if (part->item_count == 0) {
        const vcl_span *value = &part->value;
        bool nothing = value->kind == VCL_SPAN_LIST || value->kind == VCL_SPAN_SCALAR;
        bool behind_colon = value->start == value->end;
        if (behind_colon)
            add_joined(splices, value->start, value->end, vcl_strdup(" "),
                       render_list(place, entry, &around));
        else
            vcl_splice_add(splices, value->start, value->end, render_list(place, entry, &around));
        return nothing;
    }
    size_t which = index < 0 ? part->item_count - 1 : (size_t)index;
    if (which >= part->item_count)
        return false;
    const vcl_span *item = &part->items[which];
    margin like = margin_of(place, item->start);
    if (index < 0)
        add_joined(splices, item->end, item->end, separator(place, &like),
                   render(place, entry, &like));
    else
        vcl_splice_add(splices, item->start, item->end, render(place, entry, &like));
    return true;
}

/* The comma behind a place; false when something else comes next. */
static bool comma_behind(const vcl_edit_place *place, size_t at, size_t *out_comma)
{
    *out_comma = vcl_edit_skip_space(place->text, place->size, at);
    return *out_comma < place->size && place->text[*out_comma] == ',';
}

static bool only_blank(const vcl_edit_place *place, size_t start, size_t end)
{
    for (; start < end; start++) {
        if (!strchr(" \t\r\n", place->text[start]))
            return false;
    }
    return true;
}

/* Where a drop of the first of several items, or one in the middle, ends: before the next item,
 * but not behind a comment. */
static size_t drop_end(const vcl_edit_place *place, size_t comma, size_t next)
{
    return only_blank(place, comma + 1, next) ? next : comma + 1;
}

bool vcl_edit_flow_drop(const vcl_edit_place *place,
                        const vcl_yaml_part *list,
                        size_t index,
                        vcl_splices *splices)
{
    const vcl_span *item = &list->items[index];
    size_t comma;
    bool followed = comma_behind(place, item->end, &comma);

    if (list->item_count == 1) {
        size_t start = list->value.decorated ? item->start : list->value.start + 1;
        size_t end = followed ? comma + 1 : item->end;
        bool bare =
            only_blank(place, start, item->start) && only_blank(place, end, list->value.end - 1);
        vcl_splice_add_copy(splices, bare ? start : item->start, bare ? list->value.end - 1 : end,
                            "");
        return true;
    }
    if (index + 1 < list->item_count) {
        if (!followed)
            return false;
        vcl_splice_add_copy(splices, item->start,
                            drop_end(place, comma, list->items[index + 1].start), "");
        return true;
    }
    /* The last one goes with the comma before it, so that one behind it may stay. */
    size_t before;
    if (!comma_behind(place, list->items[index - 1].end, &before))
        return false;
    if (only_blank(place, before + 1, item->start)) {
        vcl_splice_add_copy(splices, before, item->end, "");
    } else {
        vcl_splice_add_copy(splices, before, before + 1, "");
        vcl_splice_add_copy(splices, item->start, item->end, "");
    }
    return true;
}

bool vcl_edit_flow_scalar(const vcl_edit_place *place,
                          const char *key,
                          const char *value,
                          vcl_splices *splices)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(place->layout, key);
    VCL_AUTO_JSON *node = cJSON_CreateString(value);
    char *text = node ? vcl_json_print(node) : NULL;

    if (!part) {
        add_member(place, key, text, splices);
        return !place->layout->root.decorated;
    }
    const vcl_span *span = &part->value;
    if (span->start == span->end)
        add_joined(splices, span->start, span->end, vcl_strdup(" "), text);
    else
        vcl_splice_add(splices, span->start, span->end, text);
    return span->kind == VCL_SPAN_SCALAR || span->kind == VCL_SPAN_ALIAS;
}
