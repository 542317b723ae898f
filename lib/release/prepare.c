/* SPDX-License-Identifier: Apache-2.0 */
/* What a release will consist of; see prepare.h. */
#include "release/prepare.h"

#include <string.h>

#include "base/str.h"
#include "data/values.h"
#include "release/lookup.h"
#include "release/order.h"

void vcl_prepared_done(vcl_prepared *prepared)
{
    vcl_rendered_done(&prepared->rendered);
    vcl_json_free_secret(prepared->chart_values);
    vcl_json_free_secret(prepared->user_values);
    vcl_json_free_secret(prepared->objects);
    cJSON_Delete(prepared->definitions);
    *prepared = (vcl_prepared){ 0 };
}

/* The values over those that the user gave last time. */
static int
over_config(const cJSON *given, const cJSON *config, cJSON **out_values, vcluster_error **error)
{
    return vcl_values_coalesce(config, given, out_values, error);
}

/* Which values are the user's, and which the chart's (Helm 3.21: Upgrade.reuseValues). */
static int choose_values(const vcl_release_request *request,
                         const cJSON *current,
                         vcl_prepared *prepared,
                         vcluster_error **error)
{
    VCL_AUTO_JSON *none = cJSON_CreateObject();
    const cJSON *given = cJSON_IsObject(request->user_values) ? request->user_values : none;
    const cJSON *config = vcl_json_get(current, "config");
    const cJSON *defaults = vcl_json_find(current, "chart", "values", NULL);

    if (!none)
        return vcl_no_memory(error);
    if (!cJSON_IsObject(config))
        config = none;
    if (!cJSON_IsObject(defaults))
        defaults = none;
    switch (current ? request->options.value_policy : VCLUSTER_VALUES_RESET) {
    case VCLUSTER_VALUES_REUSE: {
        int status = vcl_values_coalesce(defaults, config, &prepared->chart_values, error);
        if (status < 0)
            return status;
        prepared->chart.values = prepared->chart_values;
        return over_config(given, config, &prepared->user_values, error);
    }
    case VCLUSTER_VALUES_RESET_THEN_REUSE:
        return over_config(given, config, &prepared->user_values, error);
    case VCLUSTER_VALUES_DEFAULT:
        prepared->user_values = vcl_json_copy(given->child ? given : config);
        break;
    case VCLUSTER_VALUES_RESET:
        prepared->user_values = vcl_json_copy(given);
        break;
    default:
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "value_policy %llu is none",
                        (unsigned long long)request->options.value_policy);
    }
    return prepared->user_values ? VCLUSTER_OK : vcl_no_memory(error);
}

/* Whether a text may make a template look at .Capabilities.APIVersions: any mention of the whole
 * may, one of the version of Kubernetes does not. */
static bool asks_for_apis(const char *text)
{
    static const char word[] = "Capabilities";

    for (text = strstr(text, word); text; text = strstr(text, word)) {
        text += sizeof(word) - 1;
        if (!vcl_starts_with(text, ".KubeVersion") && !vcl_starts_with(text, ".HelmVersion"))
            return true;
    }
    return false;
}

static bool chart_asks_for_apis(const vcluster_chart *chart)
{
    for (size_t i = 0; i < chart->template_count; i++) {
        if (asks_for_apis(chart->templates[i].data))
            return true;
    }
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (chart_asks_for_apis(chart->dependencies[i]))
            return true;
    }
    /* Values are templates, too, where a chart hands them to `tpl`. */
    return asks_for_apis(vcl_str(chart->values_text));
}

static int needs_apis(const vcl_prepared *prepared, vcluster_error **error)
{
    char *values = vcl_json_print(prepared->user_values);

    if (!values)
        return vcl_no_memory(error);
    bool needed = asks_for_apis(values) || chart_asks_for_apis(&prepared->chart);
    vcl_free_secret(values);
    return needed;
}

/* The texts of an array as a list that ends with NULL; the list is freed, the texts are borrowed.
 */
static const char **texts_of(const cJSON *array)
{
    const char **list = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*list));
    const cJSON *item;
    size_t count = 0;

    cJSON_ArrayForEach (item, array) {
        if (list && cJSON_IsString(item))
            list[count++] = item->valuestring;
    }
    return list;
}

static bool add_text(cJSON *array, char *text)
{
    bool ok = text && vcl_json_append(array, cJSON_CreateString(text));

    free(text);
    return ok;
}

/* What the chart's own definitions will serve by the time its objects are made. */
static bool add_defined(cJSON *versions, const cJSON *definitions)
{
    const cJSON *definition;
    const cJSON *version;

    cJSON_ArrayForEach (definition, definitions) {
        const char *group = vcl_json_find_string(definition, "spec", "group", NULL);
        const char *kind = vcl_json_find_string(definition, "spec", "names", "kind", NULL);
        cJSON_ArrayForEach (version, vcl_json_find(definition, "spec", "versions", NULL)) {
            const char *name = vcl_json_find_string(version, "name", NULL);
            if (!group || !kind || !name || !vcl_json_find_bool(version, false, "served", NULL))
                continue;
            if (!add_text(versions, vcl_format("%s/%s", group, name)) ||
                !add_text(versions, vcl_format("%s/%s/%s", group, name, kind)))
                return false;
        }
    }
    return true;
}

/* Resolve what was rendered. 1: there are definitions. */
static int resolve(const vcl_release_request *request,
                   bool is_install,
                   vcl_prepared *prepared,
                   vcluster_error **error)
{
    bool wanted = is_install && !request->options.skip_crds;

    vcl_json_free_secret(vcl_steal(&prepared->objects));
    cJSON_Delete(vcl_steal(&prepared->definitions));
    const vcl_rendered *rendered = &prepared->rendered;
    int status = vcl_objects_flatten(rendered->objects, &prepared->objects, error);
    if (status == 0 && wanted && !rendered->crd_objects) /* says what is wrong with them */
        status = vcl_objects_parse(rendered->crds, &prepared->definitions, error);
    else if (status == 0)
        status = vcl_objects_flatten(wanted ? rendered->crd_objects : NULL, &prepared->definitions,
                                     error);
    if (status < 0)
        return status;
    return prepared->definitions->child ? 1 : 0;
}

static int render(const vcl_render_input *given,
                  const cJSON *versions,
                  vcl_prepared *prepared,
                  vcluster_error **error)
{
    vcl_render_input input = *given;
    vcl_auto_free const char **list = versions ? texts_of(versions) : NULL;

    if (versions && !list)
        return vcl_no_memory(error);
    input.api_versions = list;
    vcl_rendered_done(&prepared->rendered);
    return vcl_chart_render(&prepared->chart, &input, &prepared->rendered, error);
}

int vcl_prepare(const vcl_release_request *request,
                vcl_call *call,
                const cJSON *current,
                int revision,
                vcl_prepared *out_prepared,
                vcluster_error **error)
{
    vcl_lookup_host host;
    vcl_auto_free char *version = NULL;
    VCL_AUTO_JSON *versions = NULL;

    out_prepared->chart = *request->chart;
    int status = choose_values(request, current, out_prepared, error);
    if (status == 0)
        status = vcl_kube_version(request->kube, call, &version, error);
    if (status == 0)
        status = needs_apis(out_prepared, error);
    bool apis = status > 0;
    if (apis)
        status = vcl_kube_api_versions(request->kube, call, &versions, error);
    if (status < 0)
        return status;

    vcl_lookup_init(&host, request->kube, call);
    vcl_render_input input = { .release_name = request->name,
                               .namespace_name = request->namespace_name,
                               .revision = revision,
                               .is_upgrade = current != NULL,
                               .user_values = out_prepared->user_values,
                               .kubernetes_version = version,
                               .lookup = vcl_lookup,
                               .lookup_data = &host,
                               .skip_schema = request->options.skip_schema != 0 };
    status = render(&input, versions, out_prepared, error);
    if (status == 0)
        status = resolve(request, !current, out_prepared, error);
    /* Helm installs the definitions first and then asks what is served. Here nothing is touched
     * before everything is known, so what they will serve is added, and all is rendered again. */
    if (status > 0 && apis) {
        status =
            add_defined(versions, out_prepared->definitions) ? VCLUSTER_OK : vcl_no_memory(error);
        if (status == 0)
            status = render(&input, versions, out_prepared, error);
        if (status == 0)
            status = resolve(request, !current, out_prepared, error);
    }
    return status < 0 ? status : VCLUSTER_OK;
}
