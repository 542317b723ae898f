/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text of a kubeconfig; see kubeconfig_index.h. What is wrong with an entry is
 * told when all is read: that the file is another one, or no YAML at all, matters more.
 */
#include "kube/kubeconfig_index.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml.h"
#include "data/yaml_items.h"

/* Names of entries: those of a text, and what its aliases repeat. */
enum { MAX_NAMES = 64 << 20, FIRST_ITEMS = 16 };

typedef struct index_reader {
    vcl_config_index *index;
    const char *file;
    vcluster_error *wrong[VCL_CONFIG_LISTS]; /* with the first entry that is */
} index_reader;

void vcl_config_index_done(vcl_config_index *index)
{
    if (index->text)
        vcl_wipe(index->text, index->size);
    free(index->text);
    vcl_json_free_secret(index->rest);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++)
        free(index->lists[i].items);
    vcl_buf_done(&index->names);
    *index = (vcl_config_index){ .text = NULL };
}

static bool add_item(vcl_config_items *items, vcl_config_item item)
{
    if (items->count == items->capacity) {
        size_t capacity = items->capacity ? items->capacity * 2 : FIRST_ITEMS;
        vcl_config_item *grown = realloc(items->items, capacity * sizeof(*grown));

        if (!grown)
            return false;
        items->items = grown;
        items->capacity = capacity;
    }
    items->items[items->count++] = item;
    return true;
}

static uint32_t add_name(vcl_buf *names, const char *name)
{
    size_t at = names->size;

    /* With its end; offset 0 is "". */
    if (!name || !*name || !vcl_buf_append(names, name, strlen(name) + 1))
        return 0;
    return (uint32_t)at;
}

static int check_entry(index_reader *reader,
                       vcl_config_list list,
                       const char *name,
                       const cJSON *body,
                       vcluster_error **error)
{
    const char *plural = vcl_config_lists[list][0];

    if (!name)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "kubeconfig '%s': %s[%zu] has no 'name' that is a string", reader->file,
                        plural, reader->index->lists[list].count);
    if (body && !cJSON_IsObject(body) && !cJSON_IsNull(body))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "kubeconfig '%s': %s[%s] is not a map",
                        reader->file, plural, name);
    return VCLUSTER_OK;
}

static int note_entry(void *data, const vcl_yaml_item *found, vcluster_error **error)
{
    index_reader *reader = data;
    vcl_config_index *index = reader->index;
    vcl_config_list list = (vcl_config_list)found->list;
    const char *name = vcl_json_find_string(found->tree, "name", NULL);
    const cJSON *body = vcl_json_get(found->tree, vcl_config_lists[list][1]);
    bool is_context = list == VCL_CONTEXTS;

    if (!reader->wrong[list])
        (void)check_entry(reader, list, name, body, &reader->wrong[list]);
    if (index->lists[list].count > VCL_CONFIG_MAX_ENTRIES)
        return VCLUSTER_OK; /* is refused */
    const char *cluster = is_context ? vcl_json_find_string(body, "cluster", NULL) : NULL;
    const char *user = is_context ? vcl_json_find_string(body, "user", NULL) : NULL;
    vcl_config_item item = { .start = (uint32_t)found->start,
                             .end = (uint32_t)found->end,
                             .column = (uint32_t)found->column,
                             .name = add_name(&index->names, name),
                             .cluster = add_name(&index->names, cluster),
                             .user = add_name(&index->names, user),
                             .ours = vcl_mark_of(body) != NULL };
    if (!add_item(&index->lists[list], item))
        return vcl_no_memory(error);
    if (vcl_buf_failed(&index->names))
        return index->names.state == VCL_BUF_NO_MEMORY
                   ? vcl_no_memory(error)
                   : vcl_fail(error, VCLUSTER_E_CONFIG, "the names of its entries are too long");
    return VCLUSTER_OK;
}

static int compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

/* Whether names ascend, as kubectl writes them. */
static bool ascend(const char *const *names, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) >= 0)
            return false;
    }
    return true;
}

static int
check_duplicates(const index_reader *reader, vcl_config_list list, vcluster_error **error)
{
    const vcl_config_items *items = &reader->index->lists[list];
    vcl_auto_free const char **names = calloc(items->count + 1, sizeof(*names));

    if (!names)
        return vcl_no_memory(error);
    for (size_t i = 0; i < items->count; i++)
        names[i] = vcl_config_index_name(reader->index, items->items[i].name);
    if (ascend(names, items->count))
        return VCLUSTER_OK;
    qsort(names, items->count, sizeof(*names), compare_names);
    for (size_t i = 1; i < items->count; i++) {
        if (vcl_streq(names[i - 1], names[i]))
            return vcl_fail(error, VCLUSTER_E_CONFIG, "kubeconfig '%s': two %s are called '%s'",
                            reader->file, vcl_config_lists[list][0], names[i]);
    }
    return VCLUSTER_OK;
}

/* A list is missing, null, or an array of entries with a name each. */
static int check_list(index_reader *reader, vcl_config_list list, vcluster_error **error)
{
    const cJSON *array = vcl_json_get(reader->index->rest, vcl_config_lists[list][0]);

    if (!array || cJSON_IsNull(array))
        return VCLUSTER_OK;
    if (!cJSON_IsArray(array) || reader->index->lists[list].count > VCL_CONFIG_MAX_ENTRIES)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "kubeconfig '%s': '%s' is not a list of at most %d entries", reader->file,
                        vcl_config_lists[list][0], VCL_CONFIG_MAX_ENTRIES);
    if (reader->wrong[list])
        return vcl_error_pass(error, &reader->wrong[list],
                              vcluster_error_code(reader->wrong[list]));
    return check_duplicates(reader, list, error);
}

static int check_document(index_reader *reader, vcluster_error **error)
{
    const cJSON *rest = reader->index->rest;
    const char *kind = vcl_json_find_string(rest, "kind", NULL);
    int status = VCLUSTER_OK;

    if (cJSON_IsNull(rest))
        return VCLUSTER_OK;
    if (!cJSON_IsObject(rest))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "kubeconfig '%s' is not a map: is it another file?", reader->file);
    if (kind && !vcl_streq(kind, "Config"))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "'%s' is no kubeconfig: its kind is '%s', not 'Config'", reader->file,
                        kind);
    for (size_t i = 0; i < VCL_CONFIG_LISTS && status == VCLUSTER_OK; i++)
        status = check_list(reader, (vcl_config_list)i, error);
    return status;
}

static void forget_entries(index_reader *reader)
{
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        vcl_error_clear(&reader->wrong[i]);
        reader->index->lists[i].count = 0;
    }
    vcl_buf_reset(&reader->index->names);
}

/* Read the tree of all and note its entries. */
static int read_whole(index_reader *reader, const char *text, size_t size, vcluster_error **error)
{
    vcl_config_index *index = reader->index;
    int status = vcl_yaml_parse(text, size, &index->rest, error);

    forget_entries(reader);
    (void)vcl_buf_append(&index->names, "", 1);
    index->whole = true;
    for (size_t i = 0; i < VCL_CONFIG_LISTS && status == VCLUSTER_OK; i++) {
        const cJSON *array = vcl_json_get(index->rest, vcl_config_lists[i][0]);
        const cJSON *entry = NULL;

        for (entry = cJSON_IsArray(array) ? array->child : NULL; entry && status == VCLUSTER_OK;
             entry = entry->next)
            status = note_entry(reader, &(vcl_yaml_item){ .list = i, .tree = entry }, error);
    }
    return status;
}

/* Entry by entry where that can be. */
static int read_entries(index_reader *reader, const char *text, size_t size, vcluster_error **error)
{
    static const char *const keys[] = { "clusters", "contexts", "users" };
    const vcl_yaml_lists lists = { keys, VCL_CONFIG_LISTS, note_entry, reader };
    vcl_config_index *index = reader->index;

    (void)vcl_buf_append(&index->names, "", 1);
    int status = vcl_yaml_parse_items(text, size, &lists, &index->rest, &index->nodes, error);
    if (status < 0 || index->rest)
        return status;
    return read_whole(reader, text, size, error);
}

static int read_index(vcl_config_index *index,
                      const char *text,
                      size_t size,
                      const char *file,
                      bool whole,
                      vcluster_error **error)
{
    index_reader reader = { .index = index, .file = file ? file : "(text)" };

    vcl_buf_init(&index->names, MAX_NAMES);
    int status =
        whole ? read_whole(&reader, text, size, error) : read_entries(&reader, text, size, error);
    if (status < 0)
        status = vcl_wrap(error, status, "kubeconfig '%s'", reader.file);
    else
        status = check_document(&reader, error);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++)
        vcl_error_clear(&reader.wrong[i]);
    return status;
}

int vcl_config_index_open(
    vcl_config_index *index, char *text, size_t size, const char *file, vcluster_error **error)
{
    *index = (vcl_config_index){ .text = text ? text : vcl_strdup(""), .size = size };
    if (!index->text)
        return vcl_no_memory(error);
    int status = read_index(index, index->text, size, file, false, error);
    if (status < 0)
        vcl_config_index_done(index);
    return status;
}

int vcl_config_tree_read(const char *text, size_t size, cJSON **out_tree, vcluster_error **error)
{
    vcl_config_index index = { .text = NULL };
    int status = read_index(&index, text, size, NULL, true, error);

    if (status == VCLUSTER_OK)
        *out_tree = vcl_steal(&index.rest);
    vcl_config_index_done(&index);
    return status;
}

const char *vcl_config_index_name(const vcl_config_index *index, uint32_t name)
{
    return vcl_buf_text(&index->names) + name;
}

const vcl_config_item *
vcl_config_index_find(const vcl_config_index *index, vcl_config_list list, const char *name)
{
    const vcl_config_items *items = &index->lists[list];

    for (size_t i = 0; name && i < items->count; i++) {
        if (vcl_streq(vcl_config_index_name(index, items->items[i].name), name))
            return &items->items[i];
    }
    return NULL;
}

/* The text of an entry behind as many blanks as its column: a document that says it. */
static int read_entry(const vcl_config_index *index,
                      const vcl_config_item *item,
                      cJSON **out_entry,
                      vcluster_error **error)
{
    char *text = vcl_format("%*s%.*s", (int)item->column, "", (int)(item->end - item->start),
                            index->text + item->start);

    if (!text)
        return vcl_no_memory(error);
    int status = vcl_yaml_parse(text, strlen(text), out_entry, error);
    vcl_free_secret(text);
    return status;
}

int vcl_config_index_load(const vcl_config_index *index,
                          vcl_config_list list,
                          const vcl_config_item *item,
                          cJSON **out_entry,
                          vcluster_error **error)
{
    if (!index->whole)
        return read_entry(index, item, out_entry, error);
    const char *name = vcl_config_index_name(index, item->name);
    const cJSON *entry = vcl_config_tree_entry(index->rest, vcl_config_lists[list][0], name, NULL);
    cJSON *copy = entry ? vcl_json_copy(entry) : NULL;
    if (!copy)
        return vcl_no_memory(error);
    *out_entry = copy;
    return VCLUSTER_OK;
}

const char *vcl_config_index_current(const vcl_config_index *index)
{
    return vcl_str(vcl_json_find_string(index->rest, "current-context", NULL));
}

void vcl_config_index_forget(vcl_config_index *index, vcl_config_list list, const char *name)
{
    vcl_config_items *items = &index->lists[list];
    const vcl_config_item *found = vcl_config_index_find(index, list, name);

    if (!found)
        return;
    size_t at = (size_t)(found - items->items);
    items->count--;
    memmove(&items->items[at], &items->items[at + 1], (items->count - at) * sizeof(*items->items));
}

bool vcl_config_index_set_current(vcl_config_index *index, const char *name)
{
    return vcl_json_set_string(index->rest, "current-context", name);
}
