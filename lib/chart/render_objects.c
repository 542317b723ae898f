/* SPDX-License-Identifier: Apache-2.0 */
/* What templates start from; see render_objects.h. Mirrors chartutil.ToRenderValues of Helm 3.21.
 */
#include "chart/render_objects.h"

#include <string.h>

#include "base/str.h"

/* What `helm template` says without a cluster: the groups that client-go 0.36 knows. */
static const char *const api_versions[] = {
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
    NULL,
};

/* Maps are filled through this, so that one check at the end is enough. */
typedef struct builder {
    vcl_arena *arena;
    bool failed;
} builder;

static vcl_tpl_value new_map(builder *b, vcl_tpl_type type)
{
    vcl_tpl_map *map = vcl_tpl_map_new(b->arena);

    b->failed = b->failed || !map;
    return vcl_tpl_map_value(map, type);
}

static void put(builder *b, vcl_tpl_value map, const char *key, vcl_tpl_value value)
{
    if (!b->failed && !vcl_tpl_map_set_literal(b->arena, map.map, key, value))
        b->failed = true;
}

static vcl_tpl_value copy_text(builder *b, const char *text, size_t size)
{
    char *copy = vcl_arena_copy(b->arena, text, size);

    b->failed = b->failed || !copy;
    return vcl_tpl_string((vcl_tpl_text){ copy, copy ? size : 0 });
}

static vcl_tpl_value release(builder *b, const vcl_render_input *input)
{
    vcl_tpl_value map = new_map(b, VCL_TPL_T_MAP);

    put(b, map, "Name", vcl_tpl_cstring(vcl_str(input->release_name)));
    put(b, map, "Namespace", vcl_tpl_cstring(vcl_str(input->namespace_name)));
    put(b, map, "Revision", vcl_tpl_int(input->revision));
    put(b, map, "IsInstall", vcl_tpl_bool(!input->is_upgrade));
    put(b, map, "IsUpgrade", vcl_tpl_bool(input->is_upgrade));
    put(b, map, "Service", vcl_tpl_cstring("Helm"));
    return map;
}

/* A list of texts from a JSON array; what is no text is left out. */
static vcl_tpl_value text_list(builder *b, const cJSON *array)
{
    size_t count = 0;
    vcl_tpl_list *list;

    for (const cJSON *item = array ? array->child : NULL; item; item = item->next)
        count += cJSON_IsString(item) ? 1 : 0;
    if (count == 0)
        return vcl_tpl_list_value(NULL, VCL_TPL_T_STRINGS);
    list = vcl_tpl_list_new(b->arena, count);
    b->failed = b->failed || !list;
    count = 0;
    for (const cJSON *item = array->child; list && item; item = item->next) {
        if (cJSON_IsString(item))
            list->items[count++] = vcl_tpl_cstring(item->valuestring);
    }
    return vcl_tpl_list_value(list, VCL_TPL_T_STRINGS);
}

static vcl_tpl_value annotations(builder *b, const cJSON *object)
{
    vcl_tpl_value map = vcl_tpl_map_value(NULL, VCL_TPL_T_STRING_MAP);

    if (!cJSON_IsObject(object))
        return map;
    map = new_map(b, VCL_TPL_T_STRING_MAP);
    for (const cJSON *item = object->child; item; item = item->next) {
        if (cJSON_IsString(item))
            put(b, map, item->string, vcl_tpl_cstring(item->valuestring));
    }
    return map;
}

static vcl_tpl_value maintainers(builder *b, const cJSON *array)
{
    static const char *const names[][2] = { { "Name", "name" },
                                            { "Email", "email" },
                                            { "URL", "url" } };
    int count = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : 0;
    vcl_tpl_list *list = vcl_tpl_list_new(b->arena, (size_t)count);
    size_t next = 0;

    b->failed = b->failed || !list;
    for (const cJSON *item = count ? array->child : NULL; list && item; item = item->next) {
        vcl_tpl_value entry = new_map(b, VCL_TPL_T_MAINTAINER);
        for (size_t i = 0; i < 3; i++)
            put(b, entry, names[i][0],
                vcl_tpl_cstring(vcl_str(vcl_json_find_string(item, names[i][1], NULL))));
        list->items[next++] = entry;
    }
    return vcl_tpl_list_value(list, VCL_TPL_T_LIST);
}

/* import-values: as Chart.yaml has them, or as the imports that were done. */
static vcl_tpl_value import_values(builder *b, const vcl_tree_dependency *dependency)
{
    const cJSON *list = vcl_json_get(dependency->source, "import-values");
    vcl_tpl_value value = vcl_tpl_list_value(dependency->imports, VCL_TPL_T_LIST);

    if (dependency->imported || !list)
        return value;
    b->failed = b->failed || !vcl_tpl_from_json(b->arena, list, &value);
    return value;
}

static vcl_tpl_value dependencies(builder *b, const vcl_tree_chart *chart)
{
    static const char *const names[][2] = { { "Version", "version" },
                                            { "Repository", "repository" },
                                            { "Condition", "condition" },
                                            { "Alias", "alias" } };
    vcl_tpl_list *list = vcl_tpl_list_new(b->arena, chart->dependency_count);

    b->failed = b->failed || !list;
    for (size_t i = 0; !b->failed && i < chart->dependency_count; i++) {
        const vcl_tree_dependency *dependency = chart->dependencies[i];
        vcl_tpl_value entry = new_map(b, VCL_TPL_T_DEPENDENCY);
        put(b, entry, "Name", vcl_tpl_cstring(dependency->name));
        for (size_t j = 0; j < 4; j++)
            put(b, entry, names[j][0],
                vcl_tpl_cstring(
                    vcl_str(vcl_json_find_string(dependency->source, names[j][1], NULL))));
        put(b, entry, "Tags", text_list(b, vcl_json_get(dependency->source, "tags")));
        put(b, entry, "Enabled", vcl_tpl_bool(dependency->enabled));
        put(b, entry, "ImportValues", import_values(b, dependency));
        list->items[i] = entry;
    }
    return vcl_tpl_list_value(list, VCL_TPL_T_LIST);
}

/* Chart.yaml with the names that the fields have in Go. */
static vcl_tpl_value chart_object(builder *b, const vcl_tree_chart *chart)
{
    static const char *const texts[][2] = {
        { "Home", "home" },
        { "Version", "version" },
        { "Description", "description" },
        { "Icon", "icon" },
        { "APIVersion", "apiVersion" },
        { "Condition", "condition" },
        { "Tags", "tags" },
        { "Type", "type" },
        { "AppVersion", "appVersion" },
        { "KubeVersion", "kubeVersion" },
    };
    const cJSON *metadata = chart->chart->metadata;
    vcl_tpl_value map = new_map(b, VCL_TPL_T_CHART);

    put(b, map, "Name", vcl_tpl_cstring(chart->name));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        put(b, map, texts[i][0],
            vcl_tpl_cstring(vcl_str(vcl_json_find_string(metadata, texts[i][1], NULL))));
    put(b, map, "Sources", text_list(b, vcl_json_get(metadata, "sources")));
    put(b, map, "Keywords", text_list(b, vcl_json_get(metadata, "keywords")));
    put(b, map, "Annotations", annotations(b, vcl_json_get(metadata, "annotations")));
    put(b, map, "Maintainers", maintainers(b, vcl_json_get(metadata, "maintainers")));
    put(b, map, "Dependencies", dependencies(b, chart));
    put(b, map, "Deprecated",
        vcl_tpl_bool(vcl_json_find_bool(metadata, false, "deprecated", NULL)));
    put(b, map, "IsRoot", vcl_tpl_bool(!chart->parent));
    return map;
}

/* "v1.35.4-x" to major and minor, unless the server says them. */
static vcl_tpl_value kube_version(builder *b, const vcl_render_input *input)
{
    const char *version = vcl_str(input->kubernetes_version);
    const char *digits = version + (*version == 'v');
    size_t major = strspn(digits, "0123456789");
    const char *rest = digits + major + (digits[major] == '.');
    size_t minor = strspn(rest, "0123456789");
    vcl_tpl_value map = new_map(b, VCL_TPL_T_KUBE_VERSION);
    VCL_AUTO_BUF text = { .max = 256 };

    b->failed = b->failed || !vcl_buf_addf(&text, "v%s", digits);
    put(b, map, "Version", copy_text(b, vcl_buf_text(&text), text.size));
    put(b, map, "Major",
        input->kubernetes_major ? vcl_tpl_cstring(input->kubernetes_major)
                                : copy_text(b, digits, major));
    put(b, map, "Minor",
        input->kubernetes_minor ? vcl_tpl_cstring(input->kubernetes_minor)
                                : copy_text(b, rest, minor));
    return map;
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    return count;
}

/* .Capabilities.APIVersions: those of the input, or the built-in ones, and more behind them. */
static vcl_tpl_value version_set(builder *b, const vcl_render_input *input)
{
    const char *const *base = input->api_versions ? input->api_versions : api_versions;
    size_t base_count = count_texts(base);
    size_t more_count = count_texts(input->more_api_versions);
    vcl_tpl_list *list = vcl_tpl_list_new(b->arena, base_count + more_count);

    b->failed = b->failed || !list;
    for (size_t i = 0; list && i < base_count; i++)
        list->items[i] = vcl_tpl_cstring(base[i]);
    for (size_t i = 0; list && i < more_count; i++)
        list->items[base_count + i] = vcl_tpl_cstring(input->more_api_versions[i]);
    return vcl_tpl_list_value(list, VCL_TPL_T_VERSION_SET);
}

static vcl_tpl_value capabilities(builder *b, const vcl_render_input *input)
{
    vcl_tpl_value map = new_map(b, VCL_TPL_T_CAPABILITIES);
    vcl_tpl_value helm = new_map(b, VCL_TPL_T_HELM_VERSION);

    put(b, helm, "Version", vcl_tpl_cstring("v3.21"));
    put(b, helm, "GitCommit", vcl_tpl_cstring(""));
    put(b, helm, "GitTreeState", vcl_tpl_cstring(""));
    put(b, helm, "GoVersion", vcl_tpl_cstring("go1.26.8"));
    put(b, map, "KubeVersion", kube_version(b, input));
    put(b, map, "APIVersions", version_set(b, input));
    put(b, map, "HelmVersion", helm);
    return map;
}

static vcl_tpl_value files_object(builder *b, const vcluster_chart *chart)
{
    vcl_tpl_value map = new_map(b, VCL_TPL_T_FILES);

    for (size_t i = 0; i < chart->file_count; i++) {
        const vcl_chart_file *file = &chart->files[i];
        vcl_tpl_value bytes = vcl_tpl_string((vcl_tpl_text){ file->data, file->size });
        bytes.type = VCL_TPL_T_BYTES;
        put(b, map, file->name, bytes);
    }
    return map;
}

bool vcl_render_objects_make(vcl_arena *arena,
                             const vcl_render_input *input,
                             vcl_render_objects *out_objects)
{
    builder b = { .arena = arena };

    *out_objects = (vcl_render_objects){
        .arena = arena,
        .release = release(&b, input),
        .capabilities = capabilities(&b, input),
    };
    return !b.failed;
}

vcl_tpl_map *vcl_render_dot(const vcl_render_objects *objects,
                            const vcl_tree_chart *chart,
                            vcl_tpl_map *values,
                            vcl_tpl_map **out_subcharts)
{
    builder b = { .arena = objects->arena };
    vcl_tpl_value dot = new_map(&b, VCL_TPL_T_VALUES);
    vcl_tpl_value subcharts = new_map(&b, VCL_TPL_T_MAP);

    put(&b, dot, "Values", vcl_tpl_map_value(values, VCL_TPL_T_VALUES));
    put(&b, dot, "Release", objects->release);
    put(&b, dot, "Chart", chart_object(&b, chart));
    put(&b, dot, "Capabilities", objects->capabilities);
    put(&b, dot, "Files", files_object(&b, chart->chart));
    put(&b, dot, "Subcharts", subcharts);
    *out_subcharts = subcharts.map;
    return b.failed ? NULL : dot.map;
}

bool vcl_render_set_template(vcl_arena *arena,
                             vcl_tpl_map *dot,
                             const char *path,
                             const char *base_path)
{
    vcl_tpl_map *map = vcl_tpl_map_new(arena);

    return map && vcl_tpl_map_set_literal(arena, map, "Name", vcl_tpl_cstring(path)) &&
           vcl_tpl_map_set_literal(arena, map, "BasePath", vcl_tpl_cstring(base_path)) &&
           vcl_tpl_map_set_literal(arena, dot, "Template",
                                   vcl_tpl_map_value(map, VCL_TPL_T_VALUES));
}
