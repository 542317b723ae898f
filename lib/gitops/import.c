/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back: from files of a repository to the spec of one virtual cluster, of which a rendering
 * makes the same files again. Files that others wrote are read as far as a spec can say the same;
 * what it cannot say is an error, never left out.
 */
#include <string.h>

#include "base/str.h"
#include "data/values.h"
#include "data/yaml.h"
#include "gitops/gitops.h"
#include "gitops/import.h"

/* All documents of a file. */
static int
read_documents(const char *path, const char *text, cJSON *objects, vcluster_error **error)
{
    VCL_AUTO_JSON *documents = NULL;
    int status = vcl_yaml_parse_all(text, strlen(text), &documents, error);

    if (status < 0)
        return vcl_wrap(error, status, "read '%s'", path);
    while (documents->child) {
        cJSON *entry = cJSON_CreateObject();
        cJSON *object = cJSON_DetachItemViaPointer(documents, documents->child);
        bool kept = vcl_json_append(objects, entry);
        if (!vcl_json_set(kept ? entry : NULL, "object", object) ||
            !vcl_json_set_string(entry, "path", path))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

/* All documents of all files but the values: [{path, object}]. */
static int read_objects(const vcluster_files *files, cJSON *objects, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    for (size_t i = 0; i < vcluster_files_size(files) && status == VCLUSTER_OK; i++) {
        const char *path = vcluster_files_path(files, i);

        if (!vcl_ends_with(path, "/" VCL_GITOPS_VALUES) &&
            (vcl_ends_with(path, ".yaml") || vcl_ends_with(path, ".yml")))
            status = read_documents(path, vcluster_files_text(files, i), objects, error);
    }
    return status;
}

const cJSON *vcl_gitops_find(const cJSON *objects, const char *kind, const char *name)
{
    const cJSON *entry = NULL;

    cJSON_ArrayForEach (entry, objects) {
        const cJSON *object = vcl_json_get(entry, "object");
        if (vcl_streq(vcl_json_find_string(object, "kind", NULL), kind) &&
            (!name || vcl_streq(vcl_json_find_string(object, "metadata", "name", NULL), name)))
            return object;
    }
    return NULL;
}

int vcl_gitops_say(cJSON *spec, const char *path, const char *text, vcluster_error **error)
{
    return text ? vcl_values_set(spec, path, text, VCL_SET_STRING, error) : VCLUSTER_OK;
}

int vcl_gitops_say_all(cJSON *spec,
                       const vcl_gitops_pair *pairs,
                       size_t count,
                       vcluster_error **error)
{
    int status = VCLUSTER_OK;

    for (size_t i = 0; status == 0 && i < count; i++)
        status = vcl_gitops_say(spec, pairs[i].path, pairs[i].text, error);
    return status;
}

int vcl_gitops_say_values(cJSON *spec, const cJSON *values, vcluster_error **error)
{
    if (!values || cJSON_IsNull(values))
        return VCLUSTER_OK;
    if (!cJSON_IsObject(values))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the values are no map");
    return vcl_json_set(spec, "values", vcl_json_copy(values)) ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_gitops_say_values_text(cJSON *spec, const char *text, vcluster_error **error)
{
    VCL_AUTO_JSON *values = NULL;

    int status = vcl_yaml_parse(text, strlen(text), &values, error);
    return status < 0 ? status : vcl_gitops_say_values(spec, values, error);
}

int vcl_gitops_say_values_file(cJSON *spec,
                               const vcluster_files *files,
                               const char *path,
                               vcluster_error **error)
{
    const char *text = vcl_files_find(files, path);

    if (!text)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "the file of values '%.200s' is missing",
                        path);
    int status = vcl_gitops_say_values_text(spec, text, error);
    return status < 0 ? vcl_wrap(error, status, "read '%s'", path) : status;
}

/* git.path: two folders above a file, PATH/NAME/FILE. */
int vcl_gitops_say_path(cJSON *spec, const char *path, vcluster_error **error)
{
    vcl_auto_free char *copy = vcl_strdup(path);
    if (!copy)
        return vcl_no_memory(error);
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(copy, '/');
        if (!slash)
            return VCLUSTER_OK;
        *slash = '\0';
    }
    return vcl_gitops_say(spec, "git.path", copy, error);
}

/* A spec for each virtual cluster that the files describe. */
static int read_all(const vcl_gitops_source *source, cJSON *specs, vcluster_error **error)
{
    static int (*const readers[])(const vcl_gitops_source *, const cJSON *, const char *, cJSON *,
                                  vcluster_error **) = {
        vcl_gitops_read_application,
        vcl_gitops_read_set,
        vcl_gitops_read_release,
        vcl_gitops_read_namespace,
    };
    const cJSON *entry = NULL;
    int status = VCLUSTER_OK;

    cJSON_ArrayForEach (entry, source->objects) {
        const char *path = vcl_json_find_string(entry, "path", NULL);
        for (size_t i = 0; status == 0 && i < VCL_COUNT(readers); i++)
            status = readers[i](source, vcl_json_get(entry, "object"), path, specs, error);
        if (status < 0)
            return vcl_wrap(error, status, "read '%s'", path);
    }
    return status;
}

static int choose(cJSON *specs, const char *name, cJSON **out, vcluster_error **error)
{
    cJSON *chosen = NULL;
    cJSON *spec = NULL;

    cJSON_ArrayForEach (spec, specs) {
        const char *its_name = vcl_json_find_string(spec, "name", NULL);
        if (name && !vcl_streq(its_name, name))
            continue;
        if (chosen)
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                            "the files describe '%.60s' and '%.60s': name one",
                            vcl_json_find_string(chosen, "name", NULL), vcl_str(its_name));
        chosen = spec;
    }
    if (!chosen)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no file describes a virtual cluster%s%.60s",
                        name ? " " : "", vcl_str(name));
    *out = cJSON_DetachItemViaPointer(specs, chosen);
    return VCLUSTER_OK;
}

int vcl_gitops_import(const vcluster_files *files,
                      const char *name,
                      cJSON **out_spec,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *objects = cJSON_CreateArray();
    VCL_AUTO_JSON *specs = cJSON_CreateArray();
    VCL_AUTO_JSON *chosen = NULL;

    if (!objects || !specs)
        return vcl_no_memory(error);
    const vcl_gitops_source source = { .files = files, .objects = objects };
    int status = read_objects(files, objects, error);
    if (status == 0)
        status = read_all(&source, specs, error);
    if (status == 0)
        status = choose(specs, name, &chosen, error);
    if (status == 0)
        status = vcl_gitops_take_lease(chosen, error);
    if (status == 0)
        *out_spec = vcl_steal(&chosen);
    return status;
}
