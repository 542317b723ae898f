/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a connection out of the user's kubeconfig; see kubeconfig_merge.h. */
#include "kube/kubeconfig_merge.h"

#include <string.h>

#include "base/str.h"
#include "kube/kubeconfig_gaps.h"
#include "kube/kubeconfig_view.h"

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

/* Whether a context of ours is of the virtual cluster. */
static int is_of_instance(const vcl_config_index *file,
                          const vcl_config_item *item,
                          const vcl_disconnect_options *options,
                          bool *out_is,
                          vcluster_error **error)
{
    cJSON *entry = NULL;

    *out_is = false;
    if (!item->ours)
        return VCLUSTER_OK;
    int status = vcl_config_index_load(file, VCL_CONTEXTS, item, &entry, error);
    if (status == VCLUSTER_OK)
        *out_is = selects(options, vcl_mark_of(vcl_json_get(entry, "context")));
    vcl_json_free_secret(entry);
    return status;
}

/* Look for it in one file. */
static int choose_in_file(const vcl_config_index *file,
                          const vcl_disconnect_options *options,
                          const char **found,
                          vcluster_error **error)
{
    const vcl_config_items *contexts = &file->lists[VCL_CONTEXTS];

    for (size_t i = 0; i < contexts->count; i++) {
        const char *name = vcl_config_index_name(file, contexts->items[i].name);
        bool is_it;

        int status = is_of_instance(file, &contexts->items[i], options, &is_it, error);
        if (status < 0)
            return status;
        if (!is_it || vcl_streq(*found, name))
            continue;
        if (*found)
            return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                            "contexts '%s' and '%s' are both of a virtual cluster '%s': name the "
                            "context",
                            *found, name, options->name);
        *found = name;
    }
    return VCLUSTER_OK;
}

/* The one context of ours that is of the virtual cluster. */
static int choose_by_instance(const vcl_config_view *view,
                              const vcl_disconnect_options *options,
                              const char **out_name,
                              vcluster_error **error)
{
    const char *found = NULL;

    for (size_t i = 0; i < view->count; i++) {
        int status = choose_in_file(&view->files[i], options, &found, error);
        if (status < 0)
            return status;
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
    const vcl_config_item *item = vcl_config_view_find(view, VCL_CONTEXTS, name, NULL);
    if (!item) {
        vcl_auto_free char *what = vcl_format("no context '%s' is in the kubeconfig", name);
        return what ? fail_missing(options, what, error) : vcl_no_memory(error);
    }
    if (!item->ours)
        return fail_foreign(name, error);
    *out_name = name;
    return VCLUSTER_OK;
}

/* Whether a context other than ours of that name refers to a cluster or user. */
static bool
is_used(const vcl_config_view *view, vcl_config_list list, const char *target, const char *name)
{
    for (size_t i = 0; i < view->count; i++) {
        const vcl_config_index *file = &view->files[i];
        const vcl_config_items *contexts = &file->lists[VCL_CONTEXTS];

        for (size_t k = 0; k < contexts->count; k++) {
            const vcl_config_item *item = &contexts->items[k];
            uint32_t uses = list == VCL_CLUSTERS ? item->cluster : item->user;
            bool leaves = item->ours && vcl_streq(vcl_config_index_name(file, item->name), name);

            if (!leaves && vcl_streq(vcl_config_index_name(file, uses), target))
                return true;
        }
    }
    return false;
}

/* Whether the cluster or user of a context goes with it: it is ours, and nobody else's. */
static bool goes_along(const vcl_config_index *file,
                       const vcl_config_view *view,
                       vcl_config_list list,
                       const char *target,
                       const char *name)
{
    const vcl_config_item *item = vcl_config_index_find(file, list, target);

    return item && item->ours && !is_used(view, list, target, name);
}

/* The last of the contexts before that is still there; "" when none is. */
static const char *restored(const vcl_config_view *view, const cJSON *previous, const char *name)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, previous) {
        const char *before = cJSON_GetStringValue(item);
        if (!vcl_str_empty(before) && !vcl_streq(before, name) &&
            vcl_config_view_find(view, VCL_CONTEXTS, before, NULL))
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
static size_t list_edits(const vcl_config_index *file,
                         const vcl_config_view *view,
                         const leaving *gone,
                         vcl_config_edit edits[4])
{
    const vcl_config_item *item = vcl_config_index_find(file, VCL_CONTEXTS, gone->name);
    const char *current = vcl_config_index_current(file);
    const char *parts[VCL_CONFIG_LISTS] = { gone->cluster, gone->name, gone->user };
    size_t count = 0;

    if (!item || item->ours) {
        if (vcl_streq(current, gone->name))
            edits[count++] = (vcl_config_edit){ .name = gone->next };
        if (item)
            edits[count++] = (vcl_config_edit){ .list = "contexts", .name = gone->name };
    }
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i += 2) {
        if (goes_along(file, view, (vcl_config_list)i, parts[i], gone->name))
            edits[count++] = (vcl_config_edit){ .list = vcl_config_lists[i][0], .name = parts[i] };
    }
    return count;
}

/* Whether a file has anything of the context. */
static bool concerns(const vcl_config_index *file, const leaving *gone)
{
    return vcl_streq(vcl_config_index_current(file), gone->name) ||
           vcl_config_index_find(file, VCL_CONTEXTS, gone->name) ||
           vcl_config_index_find(file, VCL_CLUSTERS, gone->cluster) ||
           vcl_config_index_find(file, VCL_USERS, gone->user);
}

/* The view learns what a file says now. */
static int note_edits(vcl_config_index *file,
                      const vcl_config_edit *edits,
                      size_t count,
                      vcluster_error **error)
{
    for (size_t i = 0; i < count; i++) {
        if (!edits[i].list && !vcl_config_index_set_current(file, edits[i].name))
            return vcl_no_memory(error);
        for (size_t k = 0; k < VCL_CONFIG_LISTS; k++) {
            if (vcl_streq(edits[i].list, vcl_config_lists[k][0]))
                vcl_config_index_forget(file, (vcl_config_list)k, edits[i].name);
        }
    }
    return VCLUSTER_OK;
}

/* Edit one file under its lock, and what the view knows of it. */
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
    vcl_config_index *file = &view->files[index];
    int status = vcl_config_store_open(&store, path, &times, file, call, error);
    if (status < 0)
        return status;
    vcl_config_edit edits[4];
    vcl_config_index_done(file); /* the view keeps what is true now, beyond the store */
    *file = store.config;
    store.config = (vcl_config_index){ .text = NULL };
    size_t count = list_edits(file, view, gone, edits);
    if (count > 0)
        status = vcl_config_store_edit(&store, file, edits, count, error);
    if (status == VCLUSTER_OK)
        status = note_edits(file, edits, count, error);
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
    cJSON *entry = NULL;
    int status = vcl_config_view_context(view, name, &entry, error);
    const cJSON *body = vcl_json_get(entry, "context");
    const char *next = restored(view, vcl_json_get(vcl_mark_of(body), VCL_MARK_PREVIOUS), name);

    *out = (leaving){ .name = name,
                      .cluster = vcl_strdup(vcl_str(vcl_json_find_string(body, "cluster", NULL))),
                      .user = vcl_strdup(vcl_str(vcl_json_find_string(body, "user", NULL))),
                      .next = vcl_strdup(next) };
    vcl_json_free_secret(entry);
    if (status < 0)
        return status;
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
        if (concerns(&view->files[i], &gone))
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
    /* One that was killed behind its work has left nothing else to do. */
    for (size_t i = 0; i < paths.count; i++)
        vcl_config_store_drop_locks(paths.paths[i]);
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
