/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the files of a kubeconfig and finding entries in them; see kubeconfig_files.h. */
#include "kube/kubeconfig_files.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml.h"

/* Files in one $KUBECONFIG, and entries in one list. */
enum { MAX_FILES = 100, MAX_ENTRIES = 100000 };

/* What the three lists call the body of their entries. */
static const char *const lists[][2] = { { "clusters", "cluster" },
                                        { "users", "user" },
                                        { "contexts", "context" } };
enum { LIST_COUNT = sizeof(lists) / sizeof(lists[0]) };

const char *vcl_config_file_name(const vcl_config_file *file)
{
    return file->path ? file->path : "(text)";
}

void vcl_config_files_done(vcl_config_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->files[i].path);
        vcl_json_free_secret(files->files[i].tree);
    }
    free(files->files);
    *files = (vcl_config_files){ 0 };
}

static const cJSON *entry_body(const cJSON *entry, const char *list)
{
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (vcl_streq(lists[i][0], list))
            return vcl_json_get(entry, lists[i][1]);
    }
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

static int check_duplicates(const vcl_config_file *file,
                            const char *list,
                            const char **names,
                            size_t count,
                            vcluster_error **error)
{
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count; i++) {
        if (vcl_streq(names[i - 1], names[i]))
            return vcl_fail(error, VCLUSTER_E_CONFIG, "kubeconfig '%s': two %s are called '%s'",
                            vcl_config_file_name(file), list, names[i]);
    }
    return VCLUSTER_OK;
}

/* A list is missing, null, or an array of entries with a name each. */
static int check_list(const vcl_config_file *file, const char *list, vcluster_error **error)
{
    const cJSON *array = vcl_json_get(file->tree, list);
    const cJSON *entry = NULL;
    size_t count = 0;

    if (!array || cJSON_IsNull(array))
        return VCLUSTER_OK;
    int size = cJSON_GetArraySize(array);
    if (!cJSON_IsArray(array) || size > MAX_ENTRIES)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "kubeconfig '%s': '%s' is not a list of at most %d entries",
                        vcl_config_file_name(file), list, MAX_ENTRIES);

    vcl_auto_free const char **names = calloc((size_t)size + 1, sizeof(*names));
    if (!names)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (entry, array) {
        const char *name = vcl_json_find_string(entry, "name", NULL);
        const cJSON *body = entry_body(entry, list);

        if (!name)
            return vcl_fail(error, VCLUSTER_E_CONFIG,
                            "kubeconfig '%s': %s[%zu] has no 'name' that is a string",
                            vcl_config_file_name(file), list, count);
        if (body && !cJSON_IsObject(body) && !cJSON_IsNull(body))
            return vcl_fail(error, VCLUSTER_E_CONFIG, "kubeconfig '%s': %s[%s] is not a map",
                            vcl_config_file_name(file), list, name);
        names[count++] = name;
    }
    return check_duplicates(file, list, names, count, error);
}

static int check_file(const vcl_config_file *file, vcluster_error **error)
{
    const char *kind = vcl_json_find_string(file->tree, "kind", NULL);

    if (cJSON_IsNull(file->tree))
        return VCLUSTER_OK;
    if (!cJSON_IsObject(file->tree))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "kubeconfig '%s' is not a map: is it another file?",
                        vcl_config_file_name(file));
    if (kind && !vcl_streq(kind, "Config"))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "'%s' is no kubeconfig: its kind is '%s', not 'Config'",
                        vcl_config_file_name(file), kind);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        int status = check_list(file, lists[i][0], error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* Parse one text and append it. path may be NULL. */
static int add_text(vcl_config_files *files,
                    const char *path,
                    const char *text,
                    size_t size,
                    bool file_references,
                    vcluster_error **error)
{
    vcl_config_file file = { .file_references = file_references };
    vcl_config_file *grown = realloc(files->files, (files->count + 1) * sizeof(*grown));

    if (!grown)
        return vcl_no_memory(error);
    files->files = grown;
    int status = vcl_yaml_parse(text, size, &file.tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "kubeconfig '%s'", path ? path : "(text)");
    file.path = vcl_strdup(path);
    grown[files->count++] = file; /* the caller frees it, come what may */
    if (path && !file.path)
        return vcl_no_memory(error);
    return check_file(&file, error);
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
    int status = add_text(files, path, text, size, true, error);
    vcl_free_secret(text);
    return status;
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
    if (source->text)
        return add_text(files, NULL, source->text, strlen(source->text),
                        source->allow_file_references, error);
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
        const cJSON *tree = files->files[i].tree;

        if (vcl_json_find_string(tree, "current-context", NULL))
            return false;
        for (size_t k = 0; k < LIST_COUNT; k++) {
            if (cJSON_GetArraySize(vcl_json_get(tree, lists[k][0])) > 0)
                return false;
        }
    }
    return true;
}

const char *vcl_config_files_scalar(const vcl_config_files *files, const char *key)
{
    for (size_t i = 0; i < files->count; i++) {
        const char *text = vcl_json_find_string(files->files[i].tree, key, NULL);

        if (!vcl_str_empty(text))
            return text;
    }
    return NULL;
}

bool vcl_config_find(const vcl_config_files *files,
                     const char *list,
                     const char *name,
                     vcl_config_entry *out_entry)
{
    for (size_t i = 0; i < files->count; i++) {
        const cJSON *entry = NULL;

        cJSON_ArrayForEach (entry, vcl_json_get(files->files[i].tree, list)) {
            if (!vcl_streq(vcl_json_find_string(entry, "name", NULL), name))
                continue;
            *out_entry = (vcl_config_entry){ .file = &files->files[i],
                                             .list = list,
                                             .name = name,
                                             .body = entry_body(entry, list) };
            return true;
        }
    }
    return false;
}
