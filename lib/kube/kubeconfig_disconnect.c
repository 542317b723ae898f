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

/* Whether a context other than ours of that name refers to a cluster or user. */
static bool
is_used(const vcl_config_view *view, const char *field, const char *target, const char *name)
{
    for (size_t i = 0; i < view->count; i++) {
        const cJSON *entry = NULL;

        cJSON_ArrayForEach (entry, vcl_json_get(view->trees[i], "contexts")) {
            const cJSON *body = vcl_json_get(entry, "context");
            bool leaves = vcl_streq(vcl_json_find_string(entry, "name", NULL), name) &&
                          vcl_mark_of(body) != NULL;

            if (!leaves && vcl_streq(vcl_json_find_string(body, field, NULL), target))
                return true;
        }
    }
    return false;
}

/* Whether the cluster or user of a context goes with it: it is ours, and nobody else's. */
static bool goes_along(const cJSON *tree,
                       const vcl_config_view *view,
                       const char *const list[2],
                       const char *target,
                       const char *name)
{
    const cJSON *entry = vcl_config_tree_entry(tree, list[0], target, NULL);

    return entry && vcl_mark_of(vcl_config_body(entry, list[0])) &&
           !is_used(view, list[1], target, name);
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

/* The edits of one file: the context goes, current-context changes where it is this one, and
 * cluster and user go along. A context that somebody wrote anew is not ours any more. */
static size_t list_edits(const cJSON *tree,
                         const vcl_config_view *view,
                         const leaving *gone,
                         vcl_config_edit edits[4])
{
    const cJSON *entry = vcl_config_tree_entry(tree, "contexts", gone->name, NULL);
    const char *current = vcl_json_find_string(tree, "current-context", NULL);
    const char *parts[VCL_CONFIG_LISTS] = { gone->cluster, gone->name, gone->user };
    size_t count = 0;

    if (!entry || vcl_mark_of(vcl_json_get(entry, "context"))) {
        if (vcl_streq(current, gone->name))
            edits[count++] = (vcl_config_edit){ .name = gone->next };
        if (entry)
            edits[count++] = (vcl_config_edit){ .list = "contexts", .name = gone->name };
    }
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i += 2) {
        if (goes_along(tree, view, vcl_config_lists[i], parts[i], gone->name))
            edits[count++] = (vcl_config_edit){ .list = vcl_config_lists[i][0], .name = parts[i] };
    }
    return count;
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
    vcl_config_edit edits[4];
    view->trees[index] = store.config.tree;
    size_t count = list_edits(store.config.tree, view, gone, edits);
    if (count > 0)
        status = vcl_config_text_edit(&store.config, edits, count, error);
    if (status < 0)
        status = vcl_wrap(error, status, "edit kubeconfig '%s'", path);
    else if (count > 0)
        status = vcl_config_store_write(&store, store.config.text, store.config.size, false, error);

    /* The view keeps the new text beyond the store. */
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
