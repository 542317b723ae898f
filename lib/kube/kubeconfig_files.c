/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the files of a kubeconfig and finding entries in them; see kubeconfig_files.h. */
#include "kube/kubeconfig_files.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* Files in one $KUBECONFIG. */
enum { MAX_FILES = 100 };

const char *vcl_config_file_name(const vcl_config_file *file)
{
    return file->path ? file->path : "(text)";
}

void vcl_config_files_done(vcl_config_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->files[i].path);
        vcl_config_index_done(&files->files[i].index);
    }
    free(files->files);
    vcl_json_free_secret(files->loaded);
    *files = (vcl_config_files){ 0 };
}

/* Index one text, which is owned, and append it. path may be NULL. */
static int add_text(vcl_config_files *files,
                    const char *path,
                    char *text,
                    size_t size,
                    bool file_references,
                    vcluster_error **error)
{
    vcl_config_file file = { .file_references = file_references };
    vcl_config_file *grown = realloc(files->files, (files->count + 1) * sizeof(*grown));

    if (grown)
        files->files = grown;
    if (grown && path)
        file.path = vcl_strdup(path);
    if (!grown || (path && !file.path)) {
        vcl_free_secret(text);
        return vcl_no_memory(error);
    }
    int status = vcl_config_index_open(&file.index, text, size, path, error);
    if (status < 0) {
        free(file.path);
        return status;
    }
    grown[files->count++] = file;
    return VCLUSTER_OK;
}

static int
add_file(vcl_config_files *files, const char *path, bool must_exist, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    int number = vcl_read_file(path, VCL_MAX_DOCUMENT, &text, &size);

    if (number == ENOENT && !must_exist)
        return VCLUSTER_OK;
    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number)
        return vcl_fail(error, number == ENOENT ? VCLUSTER_E_NOT_FOUND : VCLUSTER_E_CONFIG,
                        "cannot read kubeconfig '%s': %s", path, vcl_read_file_reason(number));
    return add_text(files, path, text, size, true, error);
}

static bool has_file(const vcl_config_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (vcl_streq(files->files[i].path, path))
            return true;
    }
    return false;
}

/* The files of a list "a:b:c"; each once, empty elements skipped. */
static int add_path_list(vcl_config_files *files, const char *list, vcluster_error **error)
{
    for (const char *at = list; *at;) {
        size_t size = strcspn(at, ":");
        vcl_auto_free char *path = vcl_strndup(at, size);

        if (!path)
            return vcl_no_memory(error);
        if (files->count >= MAX_FILES)
            return vcl_fail(error, VCLUSTER_E_CONFIG, "$KUBECONFIG names more than %d files",
                            MAX_FILES);
        if (size > 0 && !has_file(files, path)) {
            int status = add_file(files, path, false, error);
            if (status < 0)
                return status;
        }
        at += size + (at[size] == ':');
    }
    return VCLUSTER_OK;
}

static int add_default_file(vcl_config_files *files, vcluster_error **error)
{
    const char *home = secure_getenv("HOME");

    if (vcl_str_empty(home))
        return VCLUSTER_OK;
    vcl_auto_free char *path = vcl_format("%s/.kube/config", home);
    return path ? add_file(files, path, false, error) : vcl_no_memory(error);
}

static int
load(vcl_config_files *files, const vcl_kubeconfig_source *source, vcluster_error **error)
{
    const char *list = secure_getenv("KUBECONFIG");

    if (source->text && strlen(source->text) > VCL_MAX_DOCUMENT)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig text is larger than %d bytes",
                        VCL_MAX_DOCUMENT);
    if (source->text) {
        char *text = vcl_strdup(source->text);
        return text
                   ? add_text(files, NULL, text, strlen(text), source->allow_file_references, error)
                   : vcl_no_memory(error);
    }
    if (source->path)
        return add_file(files, source->path, true, error);
    if (!vcl_str_empty(list))
        return add_path_list(files, list, error);
    return add_default_file(files, error);
}

int vcl_config_files_load(vcl_config_files *files,
                          const vcl_kubeconfig_source *source,
                          vcluster_error **error)
{
    *files = (vcl_config_files){ 0 };
    int status = load(files, source, error);
    if (status < 0)
        vcl_config_files_done(files);
    return status;
}

bool vcl_config_files_empty(const vcl_config_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const vcl_config_index *index = &files->files[i].index;

        if (vcl_json_find_string(index->rest, "current-context", NULL))
            return false;
        for (size_t k = 0; k < VCL_CONFIG_LISTS; k++) {
            if (index->lists[k].count > 0)
                return false;
        }
    }
    return true;
}

const char *vcl_config_files_current(const vcl_config_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const char *name = vcl_config_index_current(&files->files[i].index);

        if (*name)
            return name;
    }
    return NULL;
}

/* Keep the tree of an entry as long as the files. */
static int load_entry(vcl_config_files *files,
                      const vcl_config_file *file,
                      vcl_config_list list,
                      const vcl_config_item *item,
                      const cJSON **out_entry,
                      vcluster_error **error)
{
    cJSON *entry = NULL;
    int status = vcl_config_index_load(&file->index, list, item, &entry, error);

    if (status < 0)
        return status;
    if (!files->loaded)
        files->loaded = cJSON_CreateArray();
    if (!vcl_json_append(files->loaded, entry))
        return vcl_no_memory(error);
    *out_entry = entry;
    return VCLUSTER_OK;
}

int vcl_config_find(vcl_config_files *files,
                    vcl_config_list list,
                    const char *name,
                    vcl_config_entry *out_entry,
                    vcluster_error **error)
{
    const cJSON *entry = NULL;

    *out_entry = (vcl_config_entry){ .name = NULL };
    for (size_t i = 0; i < files->count; i++) {
        const vcl_config_file *file = &files->files[i];
        const vcl_config_item *item = vcl_config_index_find(&file->index, list, name);

        if (!item)
            continue;
        int status = load_entry(files, file, list, item, &entry, error);
        if (status < 0)
            return status;
        *out_entry = (vcl_config_entry){ .file = file,
                                         .list = vcl_config_lists[list][0],
                                         .name = name,
                                         .body = vcl_json_get(entry, vcl_config_lists[list][1]) };
        return VCLUSTER_OK;
    }
    return VCLUSTER_OK;
}
