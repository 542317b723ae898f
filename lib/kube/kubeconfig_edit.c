/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a kubeconfig's text, each checked against the tree that it should give; see
 * kubeconfig_edit.h. */
#include "kube/kubeconfig_edit.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml.h"
#include "kube/kubeconfig_files.h"

void vcl_splice_add(vcl_splices *splices, size_t start, size_t end, char *text)
{
    if (!text || splices->count == VCL_MAX_SPLICES) {
        splices->failed = true;
        vcl_free_secret(text);
        return;
    }
    splices->items[splices->count++] = (vcl_splice){ .start = start, .end = end, .text = text };
}

void vcl_splice_add_copy(vcl_splices *splices, size_t start, size_t end, const char *text)
{
    vcl_splice_add(splices, start, end, vcl_strdup(text));
}

void vcl_splices_done(vcl_splices *splices)
{
    for (size_t i = 0; i < splices->count; i++)
        vcl_free_secret(splices->items[i].text);
    *splices = (vcl_splices){ .count = 0 };
}

void vcl_config_text_done(vcl_config_text *config)
{
    if (config->text)
        vcl_wipe(config->text, config->size);
    free(config->text);
    vcl_json_free_secret(config->tree);
    *config = (vcl_config_text){ .text = NULL };
}

/* Read a text as a kubeconfig; the tree is the caller's. */
static int read_tree(const char *text, cJSON **out_tree, vcluster_error **error)
{
    vcl_kubeconfig_source source = { .text = text };
    vcl_config_files files;
    int status = vcl_config_files_load(&files, &source, error);

    if (status < 0)
        return status;
    *out_tree = vcl_steal(&files.files[0].tree);
    vcl_config_files_done(&files);
    return VCLUSTER_OK;
}

int vcl_config_text_open(vcl_config_text *config,
                         const char *text,
                         size_t size,
                         vcluster_error **error)
{
    vcl_config_text opened = { .text = vcl_strndup(text, size), .size = size };

    if (!opened.text)
        return vcl_no_memory(error);
    int status = read_tree(opened.text, &opened.tree, error);
    if (status < 0)
        vcl_config_text_done(&opened);
    else
        *config = opened;
    return status;
}

const cJSON *
vcl_config_tree_entry(const cJSON *tree, const char *list, const char *name, size_t *out_index)
{
    const cJSON *entry = NULL;
    size_t index = 0;

    cJSON_ArrayForEach (entry, vcl_json_get(tree, list)) {
        if (vcl_streq(vcl_json_find_string(entry, "name", NULL), name)) {
            if (out_index)
                *out_index = index;
            return entry;
        }
        index++;
    }
    return NULL;
}

/* The text with all splices. */
static int splice(const vcl_config_text *config,
                  const vcl_splices *splices,
                  char **out_text,
                  size_t *out_size,
                  vcluster_error **error)
{
    VCL_AUTO_BUF result = { 0 };
    size_t at = 0;

    vcl_buf_init(&result, VCL_MAX_DOCUMENT);
    vcl_buf_append(&result, "", 0);
    for (size_t i = 0; i < splices->count; i++) {
        const vcl_splice *item = &splices->items[i];
        vcl_buf_append(&result, config->text + at, item->start - at);
        vcl_buf_add(&result, item->text);
        at = item->end;
    }
    vcl_buf_append(&result, config->text + at, config->size - at);
    if (vcl_buf_failed(&result) && result.state == VCL_BUF_TOO_LARGE)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig would be larger than %d bytes",
                        VCL_MAX_DOCUMENT);
    size_t size = result.size;
    char *text = vcl_buf_steal(&result);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    *out_size = size;
    return VCLUSTER_OK;
}

static int refuse(vcluster_error **error, const char *what)
{
    return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                    "'%s' is written in a way that cannot be edited in place (an anchor, an alias, "
                    "a tag or a merge key): write it out plainly, or name another file",
                    what);
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

    int status = splice(config, splices, &edited.text, &edited.size, error);
    if (status < 0)
        return status;
    status = read_tree(edited.text, &edited.tree, &why);
    if (status == VCLUSTER_OK && vcl_json_equal(edited.tree, expected)) {
        vcl_config_text_done(config);
        *config = edited;
        return VCLUSTER_OK;
    }
    vcl_config_text_done(&edited);
    return status == VCLUSTER_E_NO_MEMORY ? vcl_no_memory(error) : refuse(error, what);
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

/* The tree with a list that has the entry; an index < 0 appends. */
static cJSON *expect_put(const cJSON *tree, const char *list, const cJSON *entry, int64_t index)
{
    VCL_AUTO_JSON *expected = vcl_json_copy(tree);
    cJSON *copy = vcl_json_copy(entry);

    if (!expected || !copy) {
        cJSON_Delete(copy);
        return NULL;
    }
    if (!cJSON_IsArray(vcl_json_get(expected, list)) &&
        !vcl_json_set(expected, list, cJSON_CreateArray())) {
        cJSON_Delete(copy);
        return NULL;
    }
    cJSON *array = vcl_json_get(expected, list);
    if (index < 0)
        return vcl_json_append(array, copy) ? vcl_steal(&expected) : NULL;
    (void)cJSON_ReplaceItemInArray(array, (int)index, copy);
    return vcl_steal(&expected);
}

/* Whether a list is edited in flow style: it is in brackets, or everything is. A list that holds
 * nothing takes the style around it. */
static bool is_flow(const vcl_yaml_layout *layout, const vcl_yaml_part *part)
{
    if (layout->root.flow)
        return true;
    return part && part->value.flow && part->item_count > 0;
}

int vcl_config_text_put(vcl_config_text *config,
                        const char *list,
                        const cJSON *entry,
                        vcluster_error **error)
{
    vcl_yaml_layout layout;
    vcl_edit_place place;
    vcl_splices splices = { .count = 0 };
    size_t index = 0;

    int status = open_place(config, &layout, &place, error);
    if (status < 0)
        return status;
    const char *name = vcl_json_find_string(entry, "name", NULL);
    bool there = vcl_config_tree_entry(config->tree, list, name, &index) != NULL;
    int64_t at = there ? (int64_t)index : -1;
    VCL_AUTO_JSON *expected = expect_put(config->tree, list, entry, at);
    const vcl_yaml_part *part = vcl_yaml_layout_find(&layout, list);
    bool known = is_flow(&layout, part) ? vcl_edit_flow_put(&place, list, entry, at, &splices)
                                        : vcl_edit_block_put(&place, list, entry, at, &splices);
    vcl_yaml_layout_done(&layout);
    if (!expected || splices.failed)
        status = vcl_no_memory(error);
    else
        status = known ? commit(config, &splices, expected, list, error) : refuse(error, list);
    vcl_splices_done(&splices);
    return status;
}

int vcl_config_text_drop(vcl_config_text *config,
                         const char *list,
                         const char *name,
                         vcluster_error **error)
{
    vcl_yaml_layout layout;
    vcl_edit_place place;
    vcl_splices splices = { .count = 0 };
    size_t index = 0;

    if (!vcl_config_tree_entry(config->tree, list, name, &index))
        return VCLUSTER_OK;
    int status = open_place(config, &layout, &place, error);
    if (status < 0)
        return status;
    VCL_AUTO_JSON *expected = vcl_json_copy(config->tree);
    const vcl_yaml_part *part = vcl_yaml_layout_find(&layout, list);
    bool known = part && part->value.kind == VCL_SPAN_LIST && index < part->item_count;
    if (expected)
        cJSON_DeleteItemFromArray(vcl_json_get(expected, list), (int)index);
    if (known)
        known = part->value.flow ? vcl_edit_flow_drop(&place, part, index, &splices)
                                 : vcl_edit_block_drop(&place, part, index, &splices);
    vcl_yaml_layout_done(&layout);
    if (!expected || splices.failed)
        status = vcl_no_memory(error);
    else
        status = known ? commit(config, &splices, expected, list, error) : refuse(error, list);
    vcl_splices_done(&splices);
    return status;
}

#define CURRENT "current-context"

int vcl_config_text_set_current(vcl_config_text *config, const char *name, vcluster_error **error)
{
    vcl_yaml_layout layout;
    vcl_edit_place place;
    vcl_splices splices = { .count = 0 };

    if (vcl_streq(vcl_str(vcl_json_find_string(config->tree, CURRENT, NULL)), name))
        return VCLUSTER_OK;
    int status = open_place(config, &layout, &place, error);
    if (status < 0)
        return status;
    VCL_AUTO_JSON *expected = vcl_json_copy(config->tree);
    bool made = expected && vcl_json_set_string(expected, CURRENT, name);
    bool known = layout.root.flow ? vcl_edit_flow_scalar(&place, CURRENT, name, &splices)
                                  : vcl_edit_block_scalar(&place, CURRENT, name, &splices);
    vcl_yaml_layout_done(&layout);
    if (!made || splices.failed)
        status = vcl_no_memory(error);
    else
        status =
            known ? commit(config, &splices, expected, CURRENT, error) : refuse(error, CURRENT);
    vcl_splices_done(&splices);
    return status;
}
