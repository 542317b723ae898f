/* SPDX-License-Identifier: Apache-2.0 */
/* Several files of a kubeconfig; see kubeconfig_view.h. */
#include "kube/kubeconfig_view.h"

#include <errno.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_files.h"

/* kubectl writes in place: a file that is not readable may be so a moment later. */
enum { TRIES = 5, PAUSE_MS = 20 };

static int read_once(vcl_config_index *index, const char *path, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    int number = vcl_read_file(path, VCL_MAX_DOCUMENT, &text, &size);

    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number && number != ENOENT)
        return vcl_fail(error, number == EACCES ? VCLUSTER_E_PERMISSION : VCLUSTER_E_CONFIG,
                        "cannot read kubeconfig '%s': %s", path, vcl_read_file_reason(number));
    int status = vcl_config_index_open(index, text, size, NULL, error);
    return status < 0 ? vcl_wrap(error, status, "read kubeconfig '%s'", path) : status;
}

static int
read_file(vcl_config_index *index, const char *path, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status = read_once(index, path, &why);

    for (int i = 1; i < TRIES && status == VCLUSTER_E_CONFIG; i++) {
        int slept = vcl_call_sleep(call, PAUSE_MS, error);
        if (slept < 0)
            return slept;
        vcl_error_clear(&why);
        status = read_once(index, path, &why);
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

    *view = (vcl_config_view){ .files = calloc(paths->count, sizeof(*view->files)),
                               .count = paths->count };
    if (!view->files)
        status = vcl_no_memory(error);
    for (size_t i = 0; i < paths->count && status == VCLUSTER_OK; i++) {
        if (i != but)
            status = read_file(&view->files[i], paths->paths[i], call, error);
    }
    if (status < 0)
        vcl_config_view_done(view);
    return status;
}

void vcl_config_view_done(vcl_config_view *view)
{
    for (size_t i = 0; view->files && i < view->count; i++)
        vcl_config_index_done(&view->files[i]);
    free(view->files);
    *view = (vcl_config_view){ .count = 0 };
}

const vcl_config_item *vcl_config_view_find(const vcl_config_view *view,
                                            vcl_config_list list,
                                            const char *name,
                                            const vcl_config_index **out_file)
{
    for (size_t i = 0; i < view->count; i++) {
        const vcl_config_item *item = vcl_config_index_find(&view->files[i], list, name);

        if (item && out_file)
            *out_file = &view->files[i];
        if (item)
            return item;
    }
    return NULL;
}

int vcl_config_view_context(const vcl_config_view *view,
                            const char *name,
                            cJSON **out_entry,
                            vcluster_error **error)
{
    const vcl_config_index *file = NULL;
    const vcl_config_item *item = vcl_config_view_find(view, VCL_CONTEXTS, name, &file);

    *out_entry = NULL;
    return item ? vcl_config_index_load(file, VCL_CONTEXTS, item, out_entry, error) : VCLUSTER_OK;
}

const char *vcl_config_view_current(const vcl_config_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        const char *name = vcl_config_index_current(&view->files[i]);
        if (*name)
            return name;
    }
    return "";
}
