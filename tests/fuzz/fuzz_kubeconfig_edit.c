/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Editing kubeconfigs of all layouts. Whatever the text is: an edit is refused and the text stays,
 * or it says afterwards exactly what was meant and nothing else changed; what is put and dropped
 * again leaves what was there. And what is read entry by entry, and edited with gaps, is what comes
 * out of reading and editing all of it.
 */
#include <string.h>

#include "base/str.h"
#include "data/yaml.h"
#include "fuzz.h"
#include "kube/kubeconfig_gaps.h"

#define NAME "put-by-fuzz"

/* A list that is missing, null or empty is the same; so is a current-context. */
static void normalise(cJSON *tree)
{
    static const char *const lists[] = { "clusters", "contexts", "users" };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        cJSON *list = vcl_json_get(tree, lists[i]);
        if (list && cJSON_GetArraySize(list) == 0)
            vcl_json_remove(tree, lists[i]);
    }
    if (vcl_str_empty(vcl_json_find_string(tree, "current-context", NULL)))
        vcl_json_remove(tree, "current-context");
}

static cJSON *normal(const vcl_config_text *config)
{
    cJSON *tree = cJSON_IsNull(config->tree) ? cJSON_CreateObject() : vcl_json_copy(config->tree);

    FUZZ_CHECK(tree);
    normalise(tree);
    if (cJSON_IsNull(config->tree)) { /* an empty text gets these two */
        FUZZ_CHECK(vcl_json_set_string(tree, "apiVersion", "v1"));
        FUZZ_CHECK(vcl_json_set_string(tree, "kind", "Config"));
    }
    return tree;
}

/* The tree in memory is that of the text. */
static void check_text(const vcl_config_text *config)
{
    cJSON *tree = NULL;

    FUZZ_CHECK(strlen(config->text) == config->size);
    FUZZ_CHECK(vcl_yaml_parse(config->text, config->size, &tree, NULL) == 0);
    FUZZ_CHECK(vcl_json_equal(tree, config->tree));
    cJSON_Delete(tree);
}

static bool edit(vcl_config_text *config, const char *list, const char *body)
{
    cJSON *entry = cJSON_CreateObject();
    vcluster_error *error = NULL;
    char *before = vcl_strndup(config->text, config->size);

    FUZZ_CHECK(before && vcl_json_set_string(vcl_json_object(entry, body), "x-field", "1: #\n- é"));
    FUZZ_CHECK(vcl_json_set_string(entry, "name", NAME));
    int status = vcl_config_text_put(config, list, entry, &error);
    if (status < 0) {
        FUZZ_CHECK(status == VCLUSTER_E_UNSUPPORTED || status == VCLUSTER_E_CONFIG);
        FUZZ_CHECK(strcmp(config->text, before) == 0);
    } else {
        FUZZ_CHECK(vcl_json_equal(vcl_config_tree_entry(config->tree, list, NAME, NULL), entry));
    }
    cJSON_Delete(entry);
    vcluster_error_free(error);
    free(before);
    check_text(config);
    return status == 0;
}

/* Put and drop one entry and current-context; afterwards all is as it was. */
static void round_trip(const char *text, size_t size)
{
    vcl_config_text config;

    if (vcl_config_text_open(&config, text, size, NULL) < 0)
        return;
    cJSON *before = normal(&config);
    char *current = vcl_strdup(vcl_str(vcl_json_find_string(before, "current-context", NULL)));
    bool known = !vcl_config_tree_entry(config.tree, "clusters", NAME, NULL) &&
                 !vcl_config_tree_entry(config.tree, "users", NAME, NULL);

    FUZZ_CHECK(current);
    if (known && edit(&config, "clusters", "cluster") && edit(&config, "users", "user") &&
        vcl_config_text_set_current(&config, NAME, NULL) == 0) {
        FUZZ_CHECK(vcl_config_text_drop(&config, "clusters", NAME, NULL) == 0);
        FUZZ_CHECK(vcl_config_text_drop(&config, "users", NAME, NULL) == 0);
        FUZZ_CHECK(vcl_config_text_set_current(&config, current, NULL) == 0);
        cJSON *after = normal(&config);
        FUZZ_CHECK(vcl_json_equal(before, after));
        cJSON_Delete(after);
    }
    free(current);
    cJSON_Delete(before);
    vcl_config_text_done(&config);
}

/* Drop every entry that is there, the last first. */
static void drop_all(const char *text, size_t size)
{
    vcl_config_text config;

    if (vcl_config_text_open(&config, text, size, NULL) < 0)
        return;
    for (int i = cJSON_GetArraySize(vcl_json_get(config.tree, "contexts")); i-- > 0;) {
        const cJSON *entry = cJSON_GetArrayItem(vcl_json_get(config.tree, "contexts"), i);
        char *name = vcl_strdup(vcl_json_find_string(entry, "name", NULL));

        FUZZ_CHECK(name);
        (void)vcl_config_text_drop(&config, "contexts", name, NULL);
        free(name);
        check_text(&config);
    }
    vcl_config_text_done(&config);
}

/* The same entries as in a tree of all. */
static void check_entries(const vcl_config_index *index, const cJSON *tree)
{
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        const cJSON *array = vcl_json_get(tree, vcl_config_lists[i][0]);
        const cJSON *entry = cJSON_IsArray(array) ? array->child : NULL;

        for (size_t k = 0; k < index->lists[i].count; k++, entry = entry->next) {
            const vcl_config_item *item = &index->lists[i].items[k];
            cJSON *loaded = NULL;

            FUZZ_CHECK(entry && vcl_streq(vcl_config_index_name(index, item->name),
                                          vcl_json_find_string(entry, "name", NULL)));
            FUZZ_CHECK(vcl_config_index_load(index, (vcl_config_list)i, item, &loaded, NULL) == 0);
            FUZZ_CHECK(vcl_json_equal(loaded, entry));
            cJSON_Delete(loaded);
        }
        FUZZ_CHECK(!entry);
    }
}

/* Every gap that can be is made: the outcome is that of an edit of all. */
static void
edit_with_gaps(const vcl_config_index *index, const vcl_config_edit *edits, size_t count)
{
    vcl_write_piece pieces[VCL_MAX_PIECES];
    vcl_config_text all;
    vcl_config_text edited = { .text = NULL };
    cJSON *tree = NULL;

    FUZZ_CHECK(vcl_config_text_open(&all, index->text, index->size, NULL) == 0);
    int expected = vcl_config_text_edit(&all, edits, count, NULL);
    int status = vcl_config_index_edit(index, 1, edits, count, &edited, NULL);
    FUZZ_CHECK((expected == 0) == (status == 0));
    if (status == 0) {
        VCL_AUTO_BUF whole = { 0 };

        vcl_buf_init(&whole, (size_t)1 << 26);
        size_t piece_count = vcl_config_pieces(&edited, index, pieces);
        for (size_t i = 0; i < piece_count; i++)
            FUZZ_CHECK(vcl_buf_append(&whole, pieces[i].data, pieces[i].size));
        FUZZ_CHECK(vcl_yaml_parse(vcl_buf_text(&whole), whole.size, &tree, NULL) == 0);
        FUZZ_CHECK(vcl_json_equal(tree, all.tree));
        cJSON_Delete(tree);
    }
    vcl_config_text_done(&edited);
    vcl_config_text_done(&all);
}

static void merge_with_gaps(const vcl_config_index *index, const char *name)
{
    cJSON *entries[VCL_CONFIG_LISTS];
    vcl_config_edit edits[VCL_CONFIG_LISTS + 1];

    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        entries[i] = cJSON_CreateObject();
        cJSON *body = vcl_json_object(entries[i], vcl_config_lists[i][1]);
        FUZZ_CHECK(body && vcl_json_set_string(body, "x-field", "1: #\n- é"));
        FUZZ_CHECK(vcl_json_set_string(entries[i], "name", name));
        edits[i] = (vcl_config_edit){ .list = vcl_config_lists[i][0], .entry = entries[i] };
    }
    edits[VCL_CONFIG_LISTS] = (vcl_config_edit){ .name = name };
    edit_with_gaps(index, edits, VCL_CONFIG_LISTS + 1);
    edit_with_gaps(index, edits, 1);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++)
        cJSON_Delete(entries[i]);
}

/* Take out what has the name, as a disconnect does. */
static void drop_with_gaps(const vcl_config_index *index, const char *name)
{
    const vcl_config_edit edits[] = { { .name = "" },
                                      { .list = "contexts", .name = name },
                                      { .list = "clusters", .name = name },
                                      { .list = "users", .name = name } };

    edit_with_gaps(index, edits, 4);
    edit_with_gaps(index, edits + 1, 1);
}

static void entry_by_entry(const char *text, size_t size)
{
    vcl_config_index index;
    vcl_config_text all;
    vcluster_error *error = NULL;
    vcluster_error *other = NULL;
    int expected = vcl_config_text_open(&all, text, size, &other);
    int status = vcl_config_index_open(&index, vcl_strndup(text, size), size, NULL, &error);

    FUZZ_CHECK(status == expected);
    FUZZ_CHECK(vcl_streq(vcluster_error_to_string(error), vcluster_error_to_string(other)));
    vcluster_error_free(error);
    vcluster_error_free(other);
    if (status < 0)
        return;
    check_entries(&index, all.tree);
    merge_with_gaps(&index, NAME);
    for (size_t i = 0; i < index.lists[VCL_CONTEXTS].count && i < 4; i++) {
        uint32_t name = index.lists[VCL_CONTEXTS].items[i].name;

        merge_with_gaps(&index, vcl_config_index_name(&index, name));
        drop_with_gaps(&index, vcl_config_index_name(&index, name));
    }
    vcl_config_index_done(&index);
    vcl_config_text_done(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);

    if (!text)
        return 0;
    round_trip(text, strlen(text));
    drop_all(text, strlen(text));
    entry_by_entry(text, strlen(text));
    free(text);
    return 0;
}
