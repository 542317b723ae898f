/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of entries, and all files of a kubeconfig together; see kubeconfig_mark.h. */
#include "kube/kubeconfig_mark.h"

#include <errno.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_files.h"

/* kubectl writes in place: a file that is not readable may be so a moment later. */
enum { TRIES = 5, PAUSE_MS = 20 };

const char *const vcl_config_lists[VCL_CONFIG_LISTS][2] = { { "clusters", "cluster" },
                                                            { "contexts", "context" },
                                                            { "users", "user" } };

const cJSON *vcl_config_body(const cJSON *entry, const char *list)
{
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        if (vcl_streq(vcl_config_lists[i][0], list))
            return vcl_json_get(entry, vcl_config_lists[i][1]);
    }
    return NULL;
}

const cJSON *vcl_mark_of(const cJSON *body)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(body, "extensions")) {
        const cJSON *mark = vcl_json_get(item, "extension");

        if (vcl_streq(vcl_json_find_string(item, "name", NULL), VCL_MARK) && cJSON_IsObject(mark))
            return mark;
    }
    return NULL;
}

/* The extensions of a body without our own. */
static cJSON *other_extensions(cJSON *body)
{
    cJSON *list = vcl_json_get(body, "extensions");

    if (!cJSON_IsArray(list)) {
        if (!vcl_json_set(body, "extensions", cJSON_CreateArray()))
            return NULL;
        return vcl_json_get(body, "extensions");
    }
    for (int i = cJSON_GetArraySize(list); i-- > 0;) {
        const cJSON *item = cJSON_GetArrayItem(list, i);
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), VCL_MARK))
            cJSON_DeleteItemFromArray(list, i);
    }
    return list;
}

bool vcl_mark_set(cJSON *body, cJSON *mark)
{
    cJSON *item = cJSON_CreateObject();
    cJSON *list = other_extensions(body);

    if (!list || !vcl_json_set(item, "extension", mark)) {
        if (!list)
            cJSON_Delete(mark);
        cJSON_Delete(item);
        return false;
    }
    if (!vcl_json_set_string(item, "name", VCL_MARK)) {
        cJSON_Delete(item);
        return false;
    }
    return vcl_json_append(list, item);
}

static int read_once(vcl_config_text *config, const char *path, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    int number = vcl_read_file(path, VCL_MAX_DOCUMENT, &text, &size);

    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number && number != ENOENT)
        return vcl_fail(error, number == EACCES ? VCLUSTER_E_PERMISSION : VCLUSTER_E_CONFIG,
                        "cannot read kubeconfig '%s': %s", path, vcl_read_file_reason(number));
    int status = vcl_config_text_open(config, vcl_str(text), size, error);
    vcl_free_secret(text);
    return status < 0 ? vcl_wrap(error, status, "read kubeconfig '%s'", path) : status;
}

static int
read_text(vcl_config_text *config, const char *path, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status = read_once(config, path, &why);

    for (int i = 1; i < TRIES && status == VCLUSTER_E_CONFIG; i++) {
        int slept = vcl_call_sleep(call, PAUSE_MS, error);
        if (slept < 0)
            return slept;
        vcl_error_clear(&why);
        status = read_once(config, path, &why);
    }
    return status < 0 ? vcl_error_pass(error, &why, status) : status;
}

int vcl_config_view_load(vcl_config_view *view,
                         const vcl_config_paths *paths,
                         size_t but,
                         vcl_call *call,
                         vcluster_error **error)
{
    int status = VCLUSTER_OK;

    *view = (vcl_config_view){ .texts = calloc(paths->count, sizeof(*view->texts)),
                               .trees = calloc(paths->count, sizeof(*view->trees)),
                               .count = paths->count };
    if (!view->texts || !view->trees)
        status = vcl_no_memory(error);
    for (size_t i = 0; i < paths->count && status == VCLUSTER_OK; i++) {
        if (i != but)
            status = read_text(&view->texts[i], paths->paths[i], call, error);
        view->trees[i] = view->texts[i].tree;
    }
    if (status < 0)
        vcl_config_view_done(view);
    return status;
}

void vcl_config_view_done(vcl_config_view *view)
{
    for (size_t i = 0; view->texts && i < view->count; i++)
        vcl_config_text_done(&view->texts[i]);
    free(view->texts);
    free(view->trees);
    *view = (vcl_config_view){ .count = 0 };
}

const cJSON *vcl_config_view_entry(const vcl_config_view *view, const char *list, const char *name)
{
    for (size_t i = 0; i < view->count; i++) {
        const cJSON *entry = vcl_config_tree_entry(view->trees[i], list, name, NULL);
        if (entry)
            return entry;
    }
    return NULL;
}

const char *vcl_config_view_current(const vcl_config_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        const char *name = vcl_json_find_string(view->trees[i], "current-context", NULL);
        if (!vcl_str_empty(name))
            return name;
    }
    return "";
}
