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

/* Chart.yaml with the names that the fields have in Go. */
static vcl_tpl_value chart_object(builder *b, const vcluster_chart *chart)
{
    static const char *const texts[][2] = {
        { "Name", "name" },
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
    const cJSON *metadata = chart->metadata;
    vcl_tpl_value map = new_map(b, VCL_TPL_T_CHART);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        put(b, map, texts[i][0],
            vcl_tpl_cstring(vcl_str(vcl_json_find_string(metadata, texts[i][1], NULL))));
    put(b, map, "Sources", text_list(b, vcl_json_get(metadata, "sources")));
    put(b, map, "Keywords", text_list(b, vcl_json_get(metadata, "keywords")));
    put(b, map, "Annotations", annotations(b, vcl_json_get(metadata, "annotations")));
    put(b, map, "Maintainers", maintainers(b, vcl_json_get(metadata, "maintainers")));
    put(b, map, "Dependencies", vcl_tpl_list_value(NULL, VCL_TPL_T_LIST));
    put(b, map, "Deprecated",
        vcl_tpl_bool(vcl_json_find_bool(metadata, false, "deprecated", NULL)));
    put(b, map, "IsRoot", vcl_tpl_bool(true));
    return map;
}

/* "v1.35.4-x" to major and minor. */
static vcl_tpl_value kube_version(builder *b, const char *version)
{
    const char *digits = version + (*version == 'v');
    size_t major = strspn(digits, "0123456789");
    const char *rest = digits + major + (digits[major] == '.');
    size_t minor = strspn(rest, "0123456789");
    vcl_tpl_value map = new_map(b, VCL_TPL_T_KUBE_VERSION);
    VCL_AUTO_BUF text = { .max = 256 };

    b->failed = b->failed || !vcl_buf_addf(&text, "v%s", digits);
    put(b, map, "Version", copy_text(b, vcl_buf_text(&text), text.size));
    put(b, map, "Major", copy_text(b, digits, major));
    put(b, map, "Minor", copy_text(b, rest, minor));
    return map;
}

static vcl_tpl_value capabilities(builder *b, const vcl_render_input *input)
{
    size_t count = sizeof(api_versions) / sizeof(api_versions[0]);
    vcl_tpl_value map = new_map(b, VCL_TPL_T_CAPABILITIES);
    vcl_tpl_value helm = new_map(b, VCL_TPL_T_HELM_VERSION);
    vcl_tpl_list *list = vcl_tpl_list_new(b->arena, count);

    b->failed = b->failed || !list;
    for (size_t i = 0; list && i < count; i++)
        list->items[i] = vcl_tpl_cstring(api_versions[i]);
    put(b, helm, "Version", vcl_tpl_cstring("v3.21"));
    put(b, helm, "GitCommit", vcl_tpl_cstring(""));
    put(b, helm, "GitTreeState", vcl_tpl_cstring(""));
    put(b, helm, "GoVersion", vcl_tpl_cstring(""));
    put(b, map, "KubeVersion", kube_version(b, vcl_str(input->kubernetes_version)));
    put(b, map, "APIVersions", vcl_tpl_list_value(list, VCL_TPL_T_VERSION_SET));
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

bool vcl_render_objects(vcl_arena *arena,
                        const vcluster_chart *chart,
                        const vcl_render_input *input,
                        const cJSON *values,
                        vcl_tpl_value *out_dot)
{
    builder b = { .arena = arena };
    vcl_tpl_value values_object;
    vcl_tpl_value dot = new_map(&b, VCL_TPL_T_VALUES);

    if (!vcl_tpl_from_json(arena, values, &values_object))
        return false;
    values_object.type = VCL_TPL_T_VALUES;
    put(&b, dot, "Values", values_object);
    put(&b, dot, "Release", release(&b, input));
    put(&b, dot, "Chart", chart_object(&b, chart));
    put(&b, dot, "Capabilities", capabilities(&b, input));
    put(&b, dot, "Files", files_object(&b, chart));
    put(&b, dot, "Subcharts", new_map(&b, VCL_TPL_T_MAP));
    *out_dot = dot;
    return !b.failed;
}
