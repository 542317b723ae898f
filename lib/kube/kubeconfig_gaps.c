/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries an edit need not see; see kubeconfig_gaps.h. The edited text is read again and must
 * say what was meant (kubeconfig_edit.c), but only what is in it. Why that is enough for the whole:
 *
 * A gap is a run of whole items of one list, from where one begins (in block style the line of its
 * dash) to where another of the same list begins, and nothing in the document refers to another
 * place (no anchors, aliases, merge keys or directives: vcl_yaml_parse_items()). At both of its
 * ends a reader of YAML is in the same state, that of "an item of this list comes next"; so leaving
 * the run out takes these items away and changes nothing else, and putting it back where an item of
 * the same list begins in the same column adds them and changes nothing else. The neighbours of a
 * gap are never edited themselves. That the short text has just the entries it should, and that
 * each gap lies where an item of its list begins behind another one, is looked at; otherwise
 * everything is edited and read again, as a short kubeconfig always is.
 */
#include "kube/kubeconfig_gaps.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml_layout.h"

/* Where an item begins behind another one, of which ends are known: its line, or in flow style
 * itself. False where that is not plain. */
static bool
find_border(const char *text, size_t size, size_t before_end, size_t start, vcl_config_gap *out_gap)
{
    size_t at = vcl_edit_skip_space(text, size, before_end);

    if (at >= start || start > size)
        return false;
    out_gap->flow = text[at] == ',';
    out_gap->start = out_gap->flow ? start : vcl_edit_line_start(text, at);
    return out_gap->flow || (text[at] == '-' && vcl_edit_first_in_line(text, at));
}

static bool item_border(const vcl_config_index *index,
                        const vcl_config_items *list,
                        size_t i,
                        vcl_config_gap *out_gap)
{
    return find_border(index->text, index->size, list->items[i - 1].end, list->items[i].start,
                       out_gap);
}

/* Leave out the items from number `first` up to, but without, `next`. */
static void add_gap(const vcl_config_index *index,
                    vcl_config_list list,
                    size_t first,
                    size_t next,
                    vcl_config_text *config)
{
    const vcl_config_items *items = &index->lists[list];
    vcl_config_gap gap = { .list = list };
    vcl_config_gap behind = { .list = list };

    if (config->gap_count == VCL_MAX_GAPS || !item_border(index, items, first, &gap) ||
        !item_border(index, items, next, &behind) || gap.flow != behind.flow)
        return;
    gap.end = behind.start;
    config->gaps[config->gap_count++] = gap;
}

static bool is_edited(const vcl_config_index *index,
                      vcl_config_list list,
                      const vcl_config_item *item,
                      const vcl_config_edit *edits,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!vcl_streq(edits[i].list, vcl_config_lists[list][0]))
            continue;
        const char *name =
            edits[i].entry ? vcl_json_find_string(edits[i].entry, "name", NULL) : edits[i].name;
        if (vcl_streq(vcl_config_index_name(index, item->name), name))
            return true;
    }
    return false;
}

/* Leave out what is neither first nor last nor edited nor a neighbour of what is. */
static void find_gaps(const vcl_config_index *index,
                      vcl_config_list list,
                      size_t least,
                      const vcl_config_edit *edits,
                      size_t count,
                      vcl_config_text *config)
{
    const vcl_config_items *items = &index->lists[list];
    size_t first = 1; /* of those that nothing is wanted of so far */

    for (size_t i = 0; i < items->count; i++) {
        bool last = i + 1 == items->count;

        if (!last && !is_edited(index, list, &items->items[i], edits, count))
            continue;
        size_t next = last || i == 0 ? i : i - 1; /* the neighbour before it stays */
        if (last && i > 0 && is_edited(index, list, &items->items[i], edits, count))
            next = i - 1;
        if (next >= first + least)
            add_gap(index, list, first, next, config);
        first = i + 2;
    }
}

static int by_start(const void *a, const void *b)
{
    const vcl_config_gap *left = a;
    const vcl_config_gap *right = b;

    return left->start < right->start ? -1 : left->start > right->start;
}

/* The text without the gaps, which learn where they are in it. */
static char *leave_out(const vcl_config_index *index, vcl_config_text *config, size_t *out_size)
{
    VCL_AUTO_BUF buf = { 0 };
    size_t from = 0;

    vcl_buf_init(&buf, VCL_MAX_DOCUMENT);
    qsort(config->gaps, config->gap_count, sizeof(*config->gaps), by_start);
    for (size_t i = 0; i < config->gap_count; i++) {
        vcl_buf_append(&buf, index->text + from, config->gaps[i].start - from);
        config->gaps[i].at = buf.size;
        from = config->gaps[i].end;
    }
    vcl_buf_append(&buf, index->text + from, index->size - from);
    *out_size = buf.size;
    return vcl_buf_steal(&buf);
}

static bool is_left_out(const vcl_config_text *config, const vcl_config_item *item)
{
    for (size_t i = 0; i < config->gap_count; i++) {
        if (item->start >= config->gaps[i].start && item->start < config->gaps[i].end)
            return true;
    }
    return false;
}

/* Whether the short text has all entries but those that are left out, in their order. */
static bool has_the_others(const vcl_config_index *index, const vcl_config_text *config)
{
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        const vcl_config_items *items = &index->lists[i];
        const cJSON *array = vcl_json_get(config->tree, vcl_config_lists[i][0]);
        const cJSON *entry = cJSON_IsArray(array) ? array->child : NULL;

        for (size_t k = 0; k < items->count; k++) {
            if (is_left_out(config, &items->items[k]))
                continue;
            if (!entry || !vcl_streq(vcl_json_find_string(entry, "name", NULL),
                                     vcl_config_index_name(index, items->items[k].name)))
                return false;
            entry = entry->next;
        }
        if (entry)
            return false;
    }
    return true;
}

/* Whether an item of the gap's list begins at it, behind another one, in the column of those that
 * are left out. */
static bool fits(const vcl_config_gap *gap,
                 const vcl_config_text *config,
                 const vcl_yaml_layout *layout,
                 const char *original)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(layout, vcl_config_lists[gap->list][0]);
    size_t blanks = gap->flow ? 0 : strspn(original + gap->start, " ");

    for (size_t i = 1; part && i < part->item_count; i++) {
        vcl_config_gap border;

        if (find_border(config->text, config->size, part->items[i - 1].end, part->items[i].start,
                        &border) &&
            border.start == gap->at)
            return border.flow == gap->flow &&
                   (gap->flow || strspn(config->text + gap->at, " ") == blanks);
    }
    return false;
}

static int
check_gaps(const vcl_config_text *config, const vcl_config_index *index, vcluster_error **error)
{
    vcl_yaml_layout layout;
    int status = vcl_yaml_layout_read(config->text, config->size, &layout, error);

    if (status < 0)
        return status;
    for (size_t i = 0; i < config->gap_count && status == VCLUSTER_OK; i++) {
        if (!fits(&config->gaps[i], config, &layout, index->text))
            status = vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                              "entries that were left out have lost their place");
    }
    vcl_yaml_layout_done(&layout);
    return status;
}

static size_t whole_size(const vcl_config_text *config)
{
    size_t size = config->size;

    for (size_t i = 0; i < config->gap_count; i++)
        size += config->gaps[i].end - config->gaps[i].start;
    return size;
}

/* Open the short text and edit it. UNSUPPORTED: everything must be seen. */
static int edit_short(const vcl_config_index *index,
                      vcl_config_text *edited,
                      const vcl_config_edit *edits,
                      size_t count,
                      vcluster_error **error)
{
    vcl_config_text gaps = *edited;
    size_t size = 0;
    char *text = leave_out(index, &gaps, &size);

    if (!text)
        return vcl_no_memory(error);
    int status = vcl_config_text_open(edited, text, size, error);
    vcl_free_secret(text);
    if (status < 0)
        return status == VCLUSTER_E_CONFIG ? VCLUSTER_E_UNSUPPORTED : status;
    memcpy(edited->gaps, gaps.gaps, sizeof(gaps.gaps));
    edited->gap_count = gaps.gap_count;
    if (edited->gap_count > 0 && !has_the_others(index, edited))
        status = vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "entries are missing");
    if (status == VCLUSTER_OK)
        status = vcl_config_text_edit(edited, edits, count, error);
    if (status == VCLUSTER_OK && edited->gap_count > 0)
        status = check_gaps(edited, index, error);
    if (status == VCLUSTER_OK && whole_size(edited) > VCL_MAX_DOCUMENT)
        status = vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig would be larger than %d bytes",
                          VCL_MAX_DOCUMENT);
    if (status < 0)
        vcl_config_text_done(edited);
    return status;
}

static size_t count_nodes(const cJSON *tree)
{
    size_t count = 1;

    for (const cJSON *child = tree ? tree->child : NULL; child; child = child->next)
        count += 1 + count_nodes(child); /* and its key */
    return count;
}

/* Whether a kubeconfig with these entries more is one that may be read. */
static bool has_room(const vcl_config_index *index, const vcl_config_edit *edits, size_t count)
{
    size_t nodes = index->nodes + count * 8; /* members that an edit may add around */

    for (size_t i = 0; i < count; i++)
        nodes += count_nodes(edits[i].entry);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        if (index->lists[i].count + count > VCL_CONFIG_MAX_ENTRIES)
            return false;
    }
    return nodes <= VCL_MAX_JSON_NODES;
}

int vcl_config_index_edit(const vcl_config_index *index,
                          size_t least_gap,
                          const vcl_config_edit *edits,
                          size_t count,
                          vcl_config_text *out_edited,
                          vcluster_error **error)
{
    vcl_config_text edited = { .text = NULL };
    VCL_AUTO_ERROR *why = NULL;

    for (size_t i = 0; i < VCL_CONFIG_LISTS && !index->whole && has_room(index, edits, count); i++)
        find_gaps(index, (vcl_config_list)i, least_gap, edits, count, &edited);
    bool all = edited.gap_count == 0;
    int status = edit_short(index, &edited, edits, count, &why);
    if (status == VCLUSTER_E_UNSUPPORTED && !all) {
        vcl_error_clear(&why);
        edited = (vcl_config_text){ .text = NULL };
        status = edit_short(index, &edited, edits, count, &why);
    }
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    *out_edited = edited;
    return VCLUSTER_OK;
}

size_t vcl_config_pieces(const vcl_config_text *edited,
                         const vcl_config_index *index,
                         vcl_write_piece pieces[VCL_MAX_PIECES])
{
    size_t count = 0;
    size_t from = 0;

    for (size_t i = 0; i < edited->gap_count; i++) {
        const vcl_config_gap *gap = &edited->gaps[i];

        pieces[count++] = (vcl_write_piece){ edited->text + from, gap->at - from };
        pieces[count++] = (vcl_write_piece){ index->text + gap->start, gap->end - gap->start };
        from = gap->at;
    }
    pieces[count++] = (vcl_write_piece){ edited->text + from, edited->size - from };
    return count;
}

int vcl_config_store_edit(vcl_config_store *store,
                          const vcl_config_index *config,
                          const vcl_config_edit *edits,
                          size_t count,
                          vcluster_error **error)
{
    vcl_write_piece pieces[VCL_MAX_PIECES];
    vcl_config_text edited = { .text = NULL };
    int status = vcl_config_index_edit(config, VCL_LEAST_GAP, edits, count, &edited, error);

    if (status < 0)
        return vcl_wrap(error, status, "edit kubeconfig '%s'", store->path);
    size_t piece_count = vcl_config_pieces(&edited, config, pieces);
    status = vcl_config_store_write_pieces(store, pieces, piece_count, false, error);
    vcl_config_text_done(&edited);
    return status;
}
