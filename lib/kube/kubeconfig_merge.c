/* SPDX-License-Identifier: Apache-2.0 */
/* Merging one context into the user's kubeconfig, and writing one to a file; see
 * kubeconfig_merge.h. */
#include "kube/kubeconfig_merge.h"

#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "kube/kubeconfig_gaps.h"
#include "kube/kubeconfig_view.h"

/* Attempts after a lost lock, and how many contexts are remembered. */
enum { ATTEMPTS = 3, MAX_PREVIOUS = 8 };

void vcl_merge_result_done(vcl_merge_result *result)
{
    free(result->path);
    free(result->context_name);
    free(result->previous_context);
    *result = (vcl_merge_result){ 0 };
}

/* The three entries that are to be written, in the order of vcl_config_lists. */
typedef struct merge_entries {
    char *name;
    cJSON *entries[VCL_CONFIG_LISTS];
} merge_entries;

static void entries_done(merge_entries *entries)
{
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++)
        vcl_json_free_secret(entries->entries[i]);
    free(entries->name);
    *entries = (merge_entries){ 0 };
}

static cJSON *entry_body(const merge_entries *entries, size_t i)
{
    return vcl_json_get(entries->entries[i], vcl_config_lists[i][1]);
}

/* A path that means something else in another folder. */
static int check_paths(const cJSON *body, vcluster_error **error)
{
    static const char *const fields[] = { "certificate-authority", "client-certificate",
                                          "client-key", "tokenFile" };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *path = vcl_json_find_string(body, fields[i], NULL);
        if (!vcl_str_empty(path) && *path != '/')
            return vcl_fail(error, VCLUSTER_E_CONFIG,
                            "the kubeconfig to merge is not self-contained: '%s' is a relative "
                            "path",
                            fields[i]);
    }
    return VCLUSTER_OK;
}

/* A copy of an entry under a new name. */
static int copy_entry(const cJSON *tree,
                      size_t i,
                      const char *old_name,
                      merge_entries *entries,
                      vcluster_error **error)
{
    const cJSON *entry = vcl_config_tree_entry(tree, vcl_config_lists[i][0], old_name, NULL);
    const cJSON *body = vcl_json_get(entry, vcl_config_lists[i][1]);

    if (!body)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig to merge has no '%s' called '%s'",
                        vcl_config_lists[i][1], vcl_str(old_name));
    int status = check_paths(body, error);
    if (status < 0)
        return status;
    cJSON *copy = cJSON_CreateObject();
    entries->entries[i] = copy;
    return vcl_json_set(copy, vcl_config_lists[i][1], vcl_json_copy(body)) &&
                   vcl_json_set_string(copy, "name", entries->name)
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

/* The context of the text that is meant. */
static const char *text_context(const cJSON *tree)
{
    const char *name = vcl_json_find_string(tree, "current-context", NULL);
    const cJSON *contexts = vcl_json_get(tree, "contexts");

    if (vcl_str_empty(name) && cJSON_GetArraySize(contexts) == 1)
        name = vcl_json_find_string(cJSON_GetArrayItem(contexts, 0), "name", NULL);
    return name;
}

/* Marks of cluster and user, and the names in the context. */
static bool join_entries(merge_entries *entries)
{
    cJSON *context = entry_body(entries, 1);

    for (size_t i = 0; i < VCL_CONFIG_LISTS; i += 2) {
        cJSON *mark = cJSON_CreateObject();
        if (!vcl_json_set_string(mark, VCL_MARK_CONTEXT, entries->name)) {
            cJSON_Delete(mark);
            return false;
        }
        if (!vcl_mark_set(entry_body(entries, i), mark))
            return false;
    }
    return vcl_json_set_string(context, "cluster", entries->name) &&
           vcl_json_set_string(context, "user", entries->name);
}

static int
read_entries(const char *text, const char *new_name, merge_entries *entries, vcluster_error **error)
{
    cJSON *source = NULL;
    int status = vcl_config_tree_read(text, strlen(text), &source, error);

    if (status < 0)
        return vcl_wrap(error, status, "read the kubeconfig to merge");
    const char *name = text_context(source);
    const cJSON *entry = name ? vcl_config_tree_entry(source, "contexts", name, NULL) : NULL;
    const char *names[VCL_CONFIG_LISTS] = { vcl_json_find_string(entry, "context", "cluster", NULL),
                                            name,
                                            vcl_json_find_string(entry, "context", "user", NULL) };
    if (!entry)
        status =
            vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig to merge has no current context");
    entries->name = vcl_strdup(vcl_str_empty(new_name) ? name : new_name);
    if (status == VCLUSTER_OK && !entries->name)
        status = vcl_no_memory(error);
    for (size_t i = 0; i < VCL_CONFIG_LISTS && status == VCLUSTER_OK; i++)
        status = copy_entry(source, i, names[i], entries, error);
    if (status == VCLUSTER_OK && !join_entries(entries))
        status = vcl_no_memory(error);
    vcl_json_free_secret(source);
    return status;
}

/* An entry of that name that is not ours is left alone, in whatever file it is. */
static int check_foreign(const vcl_config_view *view,
                         const vcl_config_paths *paths,
                         const char *name,
                         vcluster_error **error)
{
    for (size_t i = 0; i < view->count; i++) {
        for (size_t k = 0; k < VCL_CONFIG_LISTS; k++) {
            const vcl_config_item *item =
                vcl_config_index_find(&view->files[i], (vcl_config_list)k, name);

            if (item && !item->ours)
                return vcl_fail(error, VCLUSTER_E_ALREADY_EXISTS,
                                "kubeconfig '%s' has a %s '%s' that was not added by this "
                                "library: choose another context name, or allow to replace it",
                                paths->paths[i], vcl_config_lists[k][1], name);
        }
    }
    return VCLUSTER_OK;
}

/* Append a name unless it is there, or is the context itself. */
static bool remember(cJSON *list, const char *name, const char *own_name)
{
    const cJSON *item = NULL;

    if (vcl_str_empty(name) || vcl_streq(name, own_name) ||
        cJSON_GetArraySize(list) >= MAX_PREVIOUS)
        return true;
    cJSON_ArrayForEach (item, list) {
        if (vcl_streq(cJSON_GetStringValue(item), name))
            return true;
    }
    return vcl_json_append(list, cJSON_CreateString(name));
}

static bool remember_of(cJSON *list, const cJSON *context, const char *own_name)
{
    const cJSON *mark = vcl_mark_of(vcl_json_get(context, "context"));
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(mark, VCL_MARK_PREVIOUS)) {
        if (!remember(list, cJSON_GetStringValue(item), own_name))
            return false;
    }
    return true;
}

/* What was current before. When that was one of ours, too, then also what was current before it:
 * it may be gone when this one goes. */
static int previous_contexts(const vcl_config_view *view,
                             const char *name,
                             bool set_current,
                             cJSON **out_list,
                             vcluster_error **error)
{
    const char *current = vcl_config_view_current(view);
    bool again = vcl_streq(current, name);
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    cJSON *context = NULL;

    if (list && (set_current || again)) {
        int status = vcl_config_view_context(view, current, &context, error);
        if (status < 0)
            return status;
        bool known = remember(list, current, name) && remember_of(list, context, name);
        vcl_json_free_secret(context);
        if (!known)
            return vcl_no_memory(error);
    }
    *out_list = vcl_steal(&list);
    return *out_list ? VCLUSTER_OK : vcl_no_memory(error);
}

static int mark_context(const merge_entries *entries, cJSON *previous, vcluster_error **error)
{
    cJSON *body = entry_body(entries, 1);
    const cJSON *old = vcl_mark_of(body);
    cJSON *mark = old ? vcl_json_copy(old) : cJSON_CreateObject();

    if (!mark || !vcl_json_set(mark, VCL_MARK_PREVIOUS, previous)) {
        if (!mark)
            cJSON_Delete(previous);
        cJSON_Delete(mark);
        return vcl_no_memory(error);
    }
    return vcl_mark_set(body, mark) ? VCLUSTER_OK : vcl_no_memory(error);
}

static int put_entries(vcl_config_store *store,
                       const vcl_config_index *config,
                       const merge_entries *entries,
                       bool set_current,
                       vcluster_error **error)
{
    vcl_config_edit edits[VCL_CONFIG_LISTS + 1];
    size_t count = 0;

    for (; count < VCL_CONFIG_LISTS; count++)
        edits[count] = (vcl_config_edit){ .list = vcl_config_lists[count][0],
                                          .entry = entries->entries[count] };
    if (set_current)
        edits[count++] = (vcl_config_edit){ .name = entries->name };
    return vcl_config_store_edit(store, config, edits, count, error);
}

static int fill_result(const vcl_config_store *store,
                       const merge_entries *entries,
                       vcl_merge_result *out,
                       vcluster_error **error)
{
    const cJSON *previous = vcl_json_get(vcl_mark_of(entry_body(entries, 1)), VCL_MARK_PREVIOUS);
    vcl_merge_result result = { .path = vcl_strdup(store->path),
                                .context_name = vcl_strdup(entries->name),
                                .previous_context = vcl_strdup(vcl_str(
                                    cJSON_GetStringValue(cJSON_GetArrayItem(previous, 0)))) };

    if (!result.path || !result.context_name || !result.previous_context) {
        vcl_merge_result_done(&result);
        return vcl_no_memory(error);
    }
    *out = result;
    return VCLUSTER_OK;
}

/* Everything that happens under the lock. */
static int merge_locked(vcl_config_store *store,
                        const vcl_config_paths *paths,
                        vcl_config_view *view,
                        const merge_entries *entries,
                        const vcl_merge_options *options,
                        vcluster_error **error)
{
    int status = VCLUSTER_OK;

    view->files[paths->target] = store->config; /* is the view's now */
    store->config = (vcl_config_index){ .text = NULL };
    if (!options->replace)
        status = check_foreign(view, paths, entries->name, error);
    if (status < 0)
        return status;
    cJSON *previous = NULL;
    status = previous_contexts(view, entries->name, options->set_current, &previous, error);
    if (status == VCLUSTER_OK)
        status = mark_context(entries, previous, error);
    return status < 0 ? status
                      : put_entries(store, &view->files[paths->target], entries,
                                    options->set_current, error);
}

static int merge_once(const merge_entries *entries,
                      const vcl_merge_options *options,
                      vcl_call *call,
                      vcl_merge_result *out_result,
                      vcluster_error **error)
{
    vcl_lock_times times = VCL_LOCK_TIMES;
    vcl_config_paths paths;
    vcl_config_view view = { .count = 0 };
    vcl_config_store store;

    if (options->times.wait_ms > 0)
        times = options->times;
    int status = vcl_config_paths_find(&paths, options->path, error);
    if (status < 0)
        return status;
    status = vcl_config_store_open(&store, paths.paths[paths.target], &times, NULL, call, error);
    if (status == VCLUSTER_OK) {
        status = vcl_config_view_load(&view, &paths, paths.target, call, error);
        if (status == VCLUSTER_OK)
            status = merge_locked(&store, &paths, &view, entries, options, error);
        if (status == VCLUSTER_OK)
            status = fill_result(&store, entries, out_result, error);
        vcl_config_view_done(&view);
        vcl_config_store_close(&store);
    }
    vcl_config_paths_done(&paths);
    return status;
}

int vcl_kubeconfig_merge(const char *text,
                         const vcl_merge_options *options,
                         vcl_call *call,
                         vcl_merge_result *out_result,
                         vcluster_error **error)
{
    merge_entries entries = { 0 };
    VCL_AUTO_ERROR *why = NULL;
    int status = read_entries(text, options->context_name, &entries, &why);

    for (int i = 0; i < ATTEMPTS && status == VCLUSTER_OK; i++) {
        status = merge_once(&entries, options, call, out_result, &why);
        if (status != VCLUSTER_E_CONFLICT || i + 1 == ATTEMPTS)
            break;
        vcl_error_clear(&why);
        status = VCLUSTER_OK;
    }
    entries_done(&entries);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_kubeconfig_save(const char *text, const char *path, vcl_call *call, vcluster_error **error)
{
    vcl_lock_times times = VCL_LOCK_TIMES;
    vcl_config_store store;
    struct stat info;

    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) { /* /dev/stdout, a pipe */
        store = (vcl_config_store){ .path = vcl_strdup(path), .in_place_fd = -1 };
        store.real_path = vcl_strdup(path);
        if (!store.path || !store.real_path) {
            vcl_config_store_close(&store);
            return vcl_no_memory(error);
        }
    } else {
        int status = vcl_config_store_lock(&store, path, &times, call, error);
        if (status < 0)
            return status;
    }
    int status = vcl_config_store_write(&store, text, strlen(text), true, error);
    vcl_config_store_close(&store);
    return status;
}
