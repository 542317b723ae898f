/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a connection out of the user's kubeconfig; see kubeconfig_merge.h. */
#include "kube/kubeconfig_merge.h"

#include <string.h>

#include "base/str.h"
#include "kube/kubeconfig_mark.h"

void vcl_disconnect_result_done(vcl_disconnect_result *result)
{
    free(result->context_name);
    free(result->current_context);
    *result = (vcl_disconnect_result){ 0 };
}

static int
fail_missing(const vcl_disconnect_options *options, const char *what, vcluster_error **error)
{
    if (options->missing_ok)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "%s", what);
}

static int fail_foreign(const char *name, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "context '%s' was not added by this library: remove it with 'kubectl config "
                    "delete-context'",
                    name);
}

static bool selects(const vcl_disconnect_options *options, const cJSON *mark)
{
    const char *const wanted[][2] = { { VCL_MARK_NAME, options->name },
                                      { VCL_MARK_NAMESPACE, options->namespace_name },
                                      { VCL_MARK_HOST, options->host_context } };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const char *text = vcl_json_find_string(mark, wanted[i][0], NULL);
        if (wanted[i][1] && !vcl_streq(text, wanted[i][1]))
            return false;
    }
    return mark != NULL;
}

/* The one context of ours that is of the virtual cluster. */
static int choose_by_instance(const vcl_config_view *view,
                              const vcl_disconnect_options *options,
                              const char **out_name,
                              vcluster_error **error)
{
    const char *found = NULL;

    for (size_t i = 0; i < view->count; i++) {
        const cJSON *entry = NULL;

        cJSON_ArrayForEach (entry, vcl_json_get(view->trees[i], "contexts")) {
            const char *name = vcl_json_find_string(entry, "name", NULL);

            if (!selects(options, vcl_mark_of(vcl_json_get(entry, "context"))) ||
                vcl_streq(found, name))
                continue;
            if (found)
                return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                                "contexts '%s' and '%s' are both of a virtual cluster '%s': name "
                                "the context",
                                found, name, options->name);
            found = name;
        }
    }
    *out_name = found;
    if (found)
        return VCLUSTER_OK;
    vcl_auto_free char *what = vcl_format("no context of virtual cluster '%s' that this library "
                                          "added is in the kubeconfig",
                                          options->name);
    return what ? fail_missing(options, what, error) : vcl_no_memory(error);
}

/* Which context goes; NULL: none, and that is fine. */
static int choose(const vcl_config_view *view,
                  const vcl_disconnect_options *options,
                  const char **out_name,
                  vcluster_error **error)
{
    const char *name = options->context_name;

    if (!name && options->name)
        return choose_by_instance(view, options, out_name, error);
    if (!name)
        name = vcl_config_view_current(view);
    if (!*name)
        return fail_missing(options, "there is no current context to disconnect", error);
    const cJSON *entry = vcl_config_view_entry(view, "contexts", name);
    if (!entry) {
        vcl_auto_free char *what = vcl_format("no context '%s' is in the kubeconfig", name);
        return what ? fail_missing(options, what, error) : vcl_no_memory(error);
    }
    if (!vcl_mark_of(vcl_json_get(entry, "context")))
        return fail_foreign(name, error);
    *out_name = name;
    return VCLUSTER_OK;
}

/* Whether a context other than name refers to a cluster or user. */
static bool
is_used(const vcl_config_view *view, const char *field, const char *target, const char *name)
{
    for (size_t i = 0; i < view->count; i++) {
        const cJSON *entry = NULL;

        cJSON_ArrayForEach (entry, vcl_json_get(view->trees[i], "contexts")) {
            if (!vcl_streq(vcl_json_find_string(entry, "name", NULL), name) &&
                vcl_streq(vcl_json_find_string(entry, "context", field, NULL), target))
                return true;
        }
    }
    return false;
}

/* Drop the cluster or user of a context, if it is ours and nobody else's. */
static int drop_part(vcl_config_store *store,
                     const vcl_config_view *view,
                     const char *const list[2],
                     const char *target,
                     const char *name,
                     vcluster_error **error)
{
    const cJSON *entry =
        target ? vcl_config_tree_entry(store->config.tree, list[0], target, NULL) : NULL;

    if (!entry || !vcl_mark_of(vcl_config_body(entry, list[0])) ||
        is_used(view, list[1], target, name))
        return VCLUSTER_OK;
    return vcl_config_text_drop(&store->config, list[0], target, error);
}

/* The last of the contexts before that is still there; "" when none is. */
static const char *restored(const vcl_config_view *view, const cJSON *previous, const char *name)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, previous) {
        const char *before = cJSON_GetStringValue(item);
        if (!vcl_str_empty(before) && !vcl_streq(before, name) &&
            vcl_config_view_entry(view, "contexts", before))
            return before;
    }
    return "";
}

/* What is known of the context that goes, whatever file is being edited. */
typedef struct leaving {
    const char *name;
    char *cluster;
    char *user;
    char *next; /* current-context, where it was this one */
} leaving;

/* Drop the context, and change current-context where it is this one. */
static int edit_context(vcl_config_store *store, const leaving *gone, vcluster_error **error)
{
    vcl_config_text *config = &store->config;
    const cJSON *entry = vcl_config_tree_entry(config->tree, "contexts", gone->name, NULL);
    const char *current = vcl_json_find_string(config->tree, "current-context", NULL);
    int status = VCLUSTER_OK;

    if (entry && !vcl_mark_of(vcl_json_get(entry, "context")))
        return VCLUSTER_OK; /* not ours any more: somebody wrote it anew */
    if (vcl_streq(current, gone->name))
        status = vcl_config_text_set_current(config, gone->next, error);
    return status < 0 ? status : vcl_config_text_drop(config, "contexts", gone->name, error);
}

static int edit_parts(vcl_config_store *store,
                      vcl_config_view *view,
                      size_t index,
                      const leaving *gone,
                      vcluster_error **error)
{
    view->trees[index] = store->config.tree;
    int status = drop_part(store, view, vcl_config_lists[0], gone->cluster, gone->name, error);

    view->trees[index] = store->config.tree;
    if (status == VCLUSTER_OK)
        status = drop_part(store, view, vcl_config_lists[2], gone->user, gone->name, error);
    view->trees[index] = store->config.tree;
    return status;
}

/* Whether a file has anything of the context. */
static bool concerns(const cJSON *tree, const leaving *gone)
{
    return vcl_streq(vcl_json_find_string(tree, "current-context", NULL), gone->name) ||
           vcl_config_tree_entry(tree, "contexts", gone->name, NULL) ||
           (gone->cluster && vcl_config_tree_entry(tree, "clusters", gone->cluster, NULL)) ||
           (gone->user && vcl_config_tree_entry(tree, "users", gone->user, NULL));
}

/* Edit one file under its lock. The tree of the view becomes what the file says now. */
static int leave_file(const char *path,
                      size_t index,
                      vcl_config_view *view,
                      const leaving *gone,
                      const vcl_disconnect_options *options,
                      vcl_call *call,
                      vcluster_error **error)
{
    vcl_lock_times times = VCL_LOCK_TIMES;
    vcl_config_store store;

    if (options->times.wait_ms > 0)
        times = options->times;
    int status = vcl_config_store_open(&store, path, &times, call, error);
    if (status < 0)
        return status;
    vcl_auto_free char *before = vcl_strndup(store.config.text, store.config.size);
    status = before ? edit_context(&store, gone, error) : vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = edit_parts(&store, view, index, gone, error);
    if (status < 0)
        status = vcl_wrap(error, status, "edit kubeconfig '%s'", path);
    else if (!vcl_streq(before, store.config.text))
        status = vcl_config_store_write(&store, store.config.text, store.config.size, false, error);

    /* The view keeps the new text beyond the store. */
    if (before)
        vcl_wipe(before, strlen(before));
    vcl_config_text_done(&view->texts[index]);
    view->texts[index] = store.config;
    view->trees[index] = store.config.tree;
    store.config = (vcl_config_text){ .text = NULL };
    vcl_config_store_close(&store);
    return status;
}

static void leaving_done(leaving *gone)
{
    free(gone->cluster);
    free(gone->user);
    free(gone->next);
}

static int
describe(const vcl_config_view *view, const char *name, leaving *out, vcluster_error **error)
{
    const cJSON *entry = vcl_config_view_entry(view, "contexts", name);
    const cJSON *body = vcl_json_get(entry, "context");
    const char *next = restored(view, vcl_json_get(vcl_mark_of(body), VCL_MARK_PREVIOUS), name);

    *out = (leaving){ .name = name,
                      .cluster = vcl_strdup(vcl_str(vcl_json_find_string(body, "cluster", NULL))),
                      .user = vcl_strdup(vcl_str(vcl_json_find_string(body, "user", NULL))),
                      .next = vcl_strdup(next) };
    return out->cluster && out->user && out->next ? VCLUSTER_OK : vcl_no_memory(error);
}

static int leave(const vcl_config_paths *paths,
                 vcl_config_view *view,
                 const vcl_disconnect_options *options,
                 vcl_call *call,
                 vcl_disconnect_result *result,
                 vcluster_error **error)
{
    const char *chosen = NULL;
    leaving gone = { .name = NULL };
    int status = choose(view, options, &chosen, error);

    if (status < 0)
        return status;
    result->context_name = vcl_strdup(chosen);
    if (chosen && !result->context_name)
        return vcl_no_memory(error);
    if (chosen)
        status = describe(view, result->context_name, &gone, error);
    for (size_t i = 0; chosen && i < paths->count && status == VCLUSTER_OK; i++) {
        if (concerns(view->trees[i], &gone))
            status = leave_file(paths->paths[i], i, view, &gone, options, call, error);
    }
    leaving_done(&gone);
    if (status < 0)
        return status;
    result->current_context = vcl_strdup(vcl_config_view_current(view));
    return result->current_context ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_kubeconfig_disconnect(const vcl_disconnect_options *options,
                              vcl_call *call,
                              vcl_disconnect_result *out_result,
                              vcluster_error **error)
{
    vcl_config_paths paths;
    vcl_config_view view;
    vcl_disconnect_result result = { 0 };
    int status = vcl_config_paths_find(&paths, options->path, error);

    if (status < 0)
        return status;
    status = vcl_config_view_load(&view, &paths, SIZE_MAX, call, error);
    if (status == VCLUSTER_OK) {
        status = leave(&paths, &view, options, call, &result, error);
        vcl_config_view_done(&view);
    }
    vcl_config_paths_done(&paths);
    if (status < 0)
        vcl_disconnect_result_done(&result);
    else
        *out_result = result;
    return status;
}
