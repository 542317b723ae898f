/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a kubeconfig's text, checked against the tree that they should give; see
 * kubeconfig_edit.h. */
#include "kube/kubeconfig_edit.h"

#include <string.h>

#include "base/str.h"
#include "kube/kubeconfig_index.h"

void vcl_config_text_done(vcl_config_text *config)
{
    if (config->text)
        vcl_wipe(config->text, config->size);
    free(config->text);
    vcl_json_free_secret(config->tree);
    *config = (vcl_config_text){ .text = NULL };
}

int vcl_config_text_open(vcl_config_text *config,
                         const char *text,
                         size_t size,
                         vcluster_error **error)
{
    vcl_config_text opened = { .text = vcl_strndup(text, size), .size = size };

    if (!opened.text)
        return vcl_no_memory(error);
    int status = vcl_config_tree_read(opened.text, size, &opened.tree, error);
    if (status < 0)
        vcl_config_text_done(&opened);
    else
        *config = opened;
    return status;
}

static int refuse(vcluster_error **error, const char *what)
{
    return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                    "'%s' is written in a way that cannot be edited in place (an anchor, an alias, "
                    "a tag or a merge key): write it out plainly, or name another file",
                    what);
}

/* Where the gaps are behind the splices, which are in order; false when one would swallow a gap. */
static bool
move_gaps(const vcl_config_text *config, const vcl_splices *splices, vcl_config_text *edited)
{
    edited->gap_count = config->gap_count;
    for (size_t i = 0; i < config->gap_count; i++) {
        vcl_config_gap gap = config->gaps[i];
        size_t at = gap.at;

        for (size_t k = 0; k < splices->count; k++) {
            const vcl_splice *splice = &splices->items[k];

            if (splice->start >= gap.at)
                break;
            if (splice->end > gap.at)
                return false;
            at += strlen(splice->text);
            at -= splice->end - splice->start;
        }
        gap.at = at;
        edited->gaps[i] = gap;
    }
    return true;
}

/* Make the splices true if they give the tree that is expected. */
static int commit(vcl_config_text *config,
                  const vcl_splices *splices,
                  const cJSON *expected,
                  const char *what,
                  vcluster_error **error)
{
    vcl_config_text edited = { .text = NULL };
    VCL_AUTO_ERROR *why = NULL;

    if (!move_gaps(config, splices, &edited))
        return refuse(error, what);
    int status = vcl_splices_apply(splices, config, &edited.text, &edited.size, error);
    if (status < 0)
        return status;
    status = vcl_config_tree_read(edited.text, edited.size, &edited.tree, &why);
    if (status == VCLUSTER_OK && vcl_json_equal(edited.tree, expected)) {
        vcl_config_text_done(config);
        *config = edited;
        return VCLUSTER_OK;
    }
    vcl_config_text_done(&edited);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    (void)refuse(error, what);
    vcl_error_set_cause(error, vcl_steal(&why)); /* what it would be: too long a list, for one */
    return VCLUSTER_E_UNSUPPORTED;
}

static const char *line_break_of(const char *text, size_t size)
{
    const char *found = memchr(text, '\n', size);

    return found && found > text && found[-1] == '\r' ? "\r\n" : "\n";
}

/* An empty text (or one with comments only) becomes a map, so that there is something to edit. */
static int ensure_map(vcl_config_text *config,
                      const vcl_edit_place *place,
                      bool *out_again,
                      vcluster_error **error)
{
    const vcl_span *root = &place->layout->root;
    VCL_AUTO_JSON *expected = cJSON_CreateObject();
    vcl_splices splices = { .count = 0 };

    *out_again = false;
    if (root->kind == VCL_SPAN_MAP)
        return VCLUSTER_OK;
    if (!cJSON_IsNull(config->tree))
        return refuse(error, "the kubeconfig");
    if (!vcl_json_set_string(expected, "apiVersion", "v1") ||
        !vcl_json_set_string(expected, "kind", "Config"))
        return vcl_no_memory(error);

    bool written = root->kind != VCL_SPAN_NONE && root->start < root->end; /* "null" */
    size_t start = written ? root->start : config->size;
    size_t end = written ? root->end : config->size;
    bool fresh = vcl_edit_line_start(config->text, start) == start;
    vcl_splice_add(&splices, start, end,
                   vcl_format("%sapiVersion: v1%skind: Config%s", fresh ? "" : place->line_break,
                              place->line_break, written ? "" : place->line_break));
    int status = splices.failed ? vcl_no_memory(error)
                                : commit(config, &splices, expected, "the kubeconfig", error);
    vcl_splices_done(&splices);
    *out_again = true;
    return status;
}

/* Read the layout, making the text a map first where make_map says so. */
static int open_place(vcl_config_text *config,
                      vcl_yaml_layout *layout,
                      vcl_edit_place *place,
                      vcluster_error **error)
{
    bool again = false;
    int status = vcl_yaml_layout_read(config->text, config->size, layout, error);

    if (status < 0)
        return status;
    *place = (vcl_edit_place){ .text = config->text,
                               .size = config->size,
                               .layout = layout,
                               .line_break = line_break_of(config->text, config->size) };
    status = layout->several ? refuse(error, "the kubeconfig")
                             : ensure_map(config, place, &again, error);
    if (status == VCLUSTER_OK && !again)
        return VCLUSTER_OK;
    vcl_yaml_layout_done(layout);
    return status < 0 ? status : open_place(config, layout, place, error);
}

/* Whether a list is edited in flow style: it is in brackets, or everything is. A list that holds
 * nothing takes the style around it. */
static bool is_flow(const vcl_yaml_layout *layout, const vcl_yaml_part *part)
{
    if (layout->root.flow)
        return true;
    return part && part->value.flow && part->item_count > 0;
}

/* Several edits of one text on their way: where things stand in it, what is to change, and the tree
 * that must come out. */
typedef struct edit_batch {
    const cJSON *tree;
    vcl_yaml_layout layout;
    vcl_edit_place place;
    vcl_splices splices;
    cJSON *expected;
} edit_batch;

/* The expected tree with the entry in its list. */
static bool expect_put(cJSON *expected, const char *list, const cJSON *entry, const char *name)
{
    size_t index = 0;
    bool there = vcl_config_tree_entry(expected, list, name, &index) != NULL;

    if (!cJSON_IsArray(vcl_json_get(expected, list)) &&
        !vcl_json_set(expected, list, cJSON_CreateArray()))
        return false;
    cJSON *copy = vcl_json_copy(entry);
    cJSON *array = vcl_json_get(expected, list);
    if (!there)
        return copy && vcl_json_append(array, copy);
    cJSON *present = cJSON_GetArrayItem(array, (int)index);
    if (!copy || !present) {
        vcl_json_free_secret(copy);
        return false;
    }
    /* Not by cJSON_InsertItemInArray(), which some versions refuse in the middle of a list. */
    vcl_json_exchange(present, copy);
    vcl_json_free_secret(copy);
    return true;
}

/* All three: false for a layout that is not understood. */
static bool plan_put(edit_batch *batch, const vcl_config_edit *edit)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(&batch->layout, edit->list);
    const char *name = vcl_json_find_string(edit->entry, "name", NULL);
    size_t index = 0;
    bool there = vcl_config_tree_entry(batch->tree, edit->list, name, &index) != NULL;
    int64_t at = there ? (int64_t)index : -1;

    if (!expect_put(batch->expected, edit->list, edit->entry, name))
        batch->splices.failed = true;
    return is_flow(&batch->layout, part)
               ? vcl_edit_flow_put(&batch->place, edit->list, edit->entry, at, &batch->splices)
               : vcl_edit_block_put(&batch->place, edit->list, edit->entry, at, &batch->splices);
}

static bool plan_drop(edit_batch *batch, const vcl_config_edit *edit)
{
    const vcl_yaml_part *part = vcl_yaml_layout_find(&batch->layout, edit->list);
    size_t index = 0;

    if (!vcl_config_tree_entry(batch->tree, edit->list, edit->name, &index))
        return true;
    if (!part || part->value.kind != VCL_SPAN_LIST || index >= part->item_count)
        return false;
    size_t left = 0;
    if (vcl_config_tree_entry(batch->expected, edit->list, edit->name, &left))
        vcl_json_free_secret(
            cJSON_DetachItemFromArray(vcl_json_get(batch->expected, edit->list), (int)left));
    return part->value.flow ? vcl_edit_flow_drop(&batch->place, part, index, &batch->splices)
                            : vcl_edit_block_drop(&batch->place, part, index, &batch->splices);
}

#define CURRENT "current-context"

static bool plan_current(edit_batch *batch, const vcl_config_edit *edit)
{
    const char *name = edit->name;

    if (vcl_streq(vcl_str(vcl_json_find_string(batch->tree, CURRENT, NULL)), name))
        return true;
    if (!vcl_json_set_string(batch->expected, CURRENT, name))
        batch->splices.failed = true;
    return batch->layout.root.flow
               ? vcl_edit_flow_scalar(&batch->place, CURRENT, name, &batch->splices)
               : vcl_edit_block_scalar(&batch->place, CURRENT, name, &batch->splices);
}

static bool plan(edit_batch *batch, const vcl_config_edit *edit)
{
    if (!edit->list)
        return plan_current(batch, edit);
    return edit->entry ? plan_put(batch, edit) : plan_drop(batch, edit);
}

/* One reading of the text, one check of what came out. */
static int edit_at_once(vcl_config_text *config,
                        const vcl_config_edit *edits,
                        size_t count,
                        vcluster_error **error)
{
    edit_batch batch = { .splices = { .count = 0 } };
    bool known = true;
    size_t i = 0;

    int status = open_place(config, &batch.layout, &batch.place, error);
    if (status < 0)
        return status;
    batch.tree = config->tree;
    batch.expected = vcl_json_copy(config->tree);
    batch.splices.failed = !batch.expected;
    while (i < count && known && !batch.splices.failed)
        known = plan(&batch, &edits[i++]);
    vcl_yaml_layout_done(&batch.layout);

    const char *what = i > 0 && edits[i - 1].list ? edits[i - 1].list : CURRENT;
    if (batch.splices.failed)
        status = vcl_no_memory(error);
    else if (!known || !vcl_splices_sort(&batch.splices))
        status = refuse(error, what);
    else if (batch.splices.count > 0)
        status = commit(config, &batch.splices, batch.expected, what, error);
    vcl_splices_done(&batch.splices);
    vcl_json_free_secret(batch.expected);
    return status;
}

/* On a copy, so that the text stays as it was when one of them fails. */
static int edit_one_by_one(vcl_config_text *config,
                           const vcl_config_edit *edits,
                           size_t count,
                           vcluster_error **error)
{
    vcl_config_text edited = { .text = NULL };
    int status = vcl_config_text_open(&edited, config->text, config->size, error);

    memcpy(edited.gaps, config->gaps, sizeof(edited.gaps));
    edited.gap_count = config->gap_count;
    for (size_t i = 0; i < count && status == VCLUSTER_OK; i++)
        status = edit_at_once(&edited, &edits[i], 1, error);
    if (status < 0) {
        vcl_config_text_done(&edited);
        return status;
    }
    vcl_config_text_done(config);
    *config = edited;
    return VCLUSTER_OK;
}

int vcl_config_text_edit(vcl_config_text *config,
                         const vcl_config_edit *edits,
                         size_t count,
                         vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status = edit_at_once(config, edits, count, &why);

    /* Edits that get into each other's way, such as two lists that end where the text does. */
    if (status == VCLUSTER_E_UNSUPPORTED && count > 1)
        return edit_one_by_one(config, edits, count, error);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_config_text_put(vcl_config_text *config,
                        const char *list,
                        const cJSON *entry,
                        vcluster_error **error)
{
    return vcl_config_text_edit(config, &(vcl_config_edit){ .list = list, .entry = entry }, 1,
                                error);
}

int vcl_config_text_drop(vcl_config_text *config,
                         const char *list,
                         const char *name,
                         vcluster_error **error)
{
    if (!vcl_config_tree_entry(config->tree, list, name, NULL))
        return VCLUSTER_OK;
    return vcl_config_text_edit(config, &(vcl_config_edit){ .list = list, .name = name }, 1, error);
}

int vcl_config_text_set_current(vcl_config_text *config, const char *name, vcluster_error **error)
{
    if (vcl_streq(vcl_str(vcl_json_find_string(config->tree, CURRENT, NULL)), name))
        return VCLUSTER_OK;
    return vcl_config_text_edit(config, &(vcl_config_edit){ .name = name }, 1, error);
}
