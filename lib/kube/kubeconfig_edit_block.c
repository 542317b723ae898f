/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a kubeconfig in block style; see kubeconfig_edit.h. */
#include <string.h>

#include "base/str.h"
#include "data/yaml.h"
#include "kube/kubeconfig_edit.h"

/* "- name: x\n  cluster: ..." with all lines behind an indent, ending in a line break. */
static char *render_item(const vcl_edit_place *place, const cJSON *entry, size_t indent)
{
    char *yaml = NULL;
    vcl_auto_free char *prefix = calloc(indent + 3, 1);

    if (!prefix || vcl_yaml_print(entry, &yaml, NULL) < 0)
        return NULL;
    memset(prefix, ' ', indent + 2);
    vcl_auto_free char *first = vcl_format("%.*s- ", (int)indent, prefix);
    char *lines =
        first ? vcl_edit_indent(yaml, first, prefix, indent + 2, place->line_break) : NULL;
    char *item = lines ? vcl_format("%s%s", lines, place->line_break) : NULL;
    vcl_free_secret(yaml);
    vcl_free_secret(lines);
    return item;
}

/* Insert whole lines before a place where a line starts, or at the end of a text whose last line
 * has no break. */
static void add_lines(
    const vcl_edit_place *place, size_t at, const char *head, char *lines, vcl_splices *splices)
{
    const vcl_splice *last = splices->count > 0 ? &splices->items[splices->count - 1] : NULL;
    bool behind_others = last && last->start == at && last->end == at; /* which end in a break */
    bool broken = at == 0 || behind_others || vcl_edit_line_start(place->text, at) == at;

    if (!lines)
        splices->failed = true;
    else
        vcl_splice_add(splices, at, at,
                       vcl_format("%s%s%s", broken ? "" : place->line_break, head, lines));
    vcl_free_secret(lines);
}

/* The column of the keys at the root: each begins its line. */
static bool root_indent(const vcl_edit_place *place, size_t *out_indent)
{
    const vcl_yaml_layout *layout = place->layout;

    if (layout->part_count == 0 || layout->root.decorated)
        return false;
    size_t start = layout->parts[0].key_span.start;
    size_t line = vcl_edit_line_start(place->text, start);
    if (line == 0 && strncmp(place->text, "\xef\xbb\xbf", 3) == 0)
        line = 3; /* a byte order mark is in no column */
    if (start > line && !vcl_edit_first_in_line(place->text, start))
        return false;
    *out_indent = start - line;
    return true;
}

static size_t root_end(const vcl_edit_place *place)
{
    return vcl_edit_next_line(place->text, place->size, place->layout->root.end);
}

/* Behind the colon of a key. */
static bool find_colon(const vcl_edit_place *place, const vcl_yaml_part *part, size_t *out_at)
{
    size_t at = part->key_span.end;

    while (at < place->size && (place->text[at] == ' ' || place->text[at] == '\t'))
        at++;
    if (part->key_span.decorated || at >= place->size || place->text[at] != ':')
        return false;
    *out_at = at + 1;
    return true;
}

/* Where the dash of an item stands. */
static bool
find_dash(const vcl_edit_place *place, const vcl_yaml_part *part, size_t index, size_t *out_at)
{
    size_t at = part->value.start;

    if (part->value.decorated)
        return false;
    if (index > 0)
        at = vcl_edit_skip_space(place->text, place->size, part->items[index - 1].end);
    if (at >= place->size || place->text[at] != '-' || !vcl_edit_first_in_line(place->text, at))
        return false;
    *out_at = at;
    return true;
}

/* A list that is null or [] gets its first item on the next line. */
static bool fill_list(const vcl_edit_place *place,
                      const vcl_yaml_part *part,
                      const cJSON *entry,
                      vcl_splices *splices)
{
    const vcl_span *value = &part->value;
    size_t start = value->start;
    size_t indent;
    size_t colon;

    bool empty = value->kind == VCL_SPAN_SCALAR || (value->flow && part->item_count == 0);
    if (!empty || value->decorated || !root_indent(place, &indent) ||
        !find_colon(place, part, &colon))
        return false;
    if (value->flow && memchr(place->text + start, '#', value->end - start)) {
        vcl_splice_add(splices, start + 1, start + 1, vcl_json_print(entry)); /* a comment */
        return true;
    }
    while (start > colon && (place->text[start - 1] == ' ' || place->text[start - 1] == '\t'))
        start--;
    if (start < value->end)
        vcl_splice_add_copy(splices, start, value->end, "");
    add_lines(place, vcl_edit_next_line(place->text, place->size, value->end), "",
              render_item(place, entry, indent), splices);
    return true;
}

static bool
new_list(const vcl_edit_place *place, const char *list, const cJSON *entry, vcl_splices *splices)
{
    size_t indent;

    if (!root_indent(place, &indent))
        return false;
    vcl_auto_free char *head = vcl_format("%*s%s:%s", (int)indent, "", list, place->line_break);
    if (!head)
        splices->failed = true;
    else
        add_lines(place, root_end(place), head, render_item(place, entry, indent), splices);
    return true;
}

bool vcl_edit_block_put(const vcl_edit_place *place,
                        const char *list,
                        const cJSON *entry,
                        int64_t index,
                        vcl_splices *splices)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(place->layout, list);
    size_t dash;

    if (!part)
        return new_list(place, list, entry, splices);
    if (part->value.kind != VCL_SPAN_LIST || part->value.flow)
        return fill_list(place, part, entry, splices);
    size_t which = index < 0 ? part->item_count - 1 : (size_t)index;
    if (which >= part->item_count || !find_dash(place, part, index < 0 ? 0 : which, &dash))
        return false;

    size_t line = vcl_edit_line_start(place->text, dash);
    size_t end = vcl_edit_next_line(place->text, place->size, part->items[which].end);
    char *item = render_item(place, entry, dash - line);
    if (index < 0)
        add_lines(place, end, "", item, splices);
    else
        vcl_splice_add(splices, line, end, item);
    return true;
}

bool vcl_edit_block_drop(const vcl_edit_place *place,
                         const vcl_yaml_part *list,
                         size_t index,
                         vcl_splices *splices)
{
    size_t dash;
    size_t colon;

    if (!find_dash(place, list, index, &dash) || !find_colon(place, list, &colon))
        return false;
    if (list->item_count == 1)
        vcl_splice_add_copy(splices, colon, colon, " []");
    vcl_splice_add_copy(splices, vcl_edit_line_start(place->text, dash),
                        vcl_edit_next_line(place->text, place->size, list->items[index].end), "");
    return true;
}

/* A text as one line of YAML. */
static char *render_scalar(const char *value)
{
    VCL_AUTO_JSON *node = cJSON_CreateString(value);
    char *text = NULL;

    if (!node || vcl_yaml_print(node, &text, NULL) < 0)
        return NULL;
    if (!strchr(text, '\n'))
        return text;
    free(text); /* folded or in several lines */
    return vcl_json_print(node);
}

bool vcl_edit_block_scalar(const vcl_edit_place *place,
                           const char *key,
                           const char *value,
                           vcl_splices *splices)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(place->layout, key);
    vcl_auto_free char *text = render_scalar(value);
    size_t indent;

    if (!text || !root_indent(place, &indent)) {
        splices->failed = !text;
        return false;
    }
    if (!part) {
        add_lines(place, root_end(place), "",
                  vcl_format("%*s%s: %s%s", (int)indent, "", key, text, place->line_break),
                  splices);
        return true;
    }
    const vcl_span *span = &part->value;
    bool lines = span->end > span->start && place->text[span->end - 1] == '\n';
    vcl_splice_add(splices, span->start, span->end,
                   vcl_format("%s%s%s", span->start == span->end ? " " : "", text,
                              lines ? place->line_break : ""));
    return span->kind == VCL_SPAN_SCALAR || span->kind == VCL_SPAN_ALIAS;
}
