/* SPDX-License-Identifier: Apache-2.0 */
/* The values that an ensure asks for; see wanted.h. */
#include "vcluster/lifecycle/wanted.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/values.h"
#include "vcluster/config.h"
#include "vcluster/lifecycle/profiles.h"
#include "vcluster/versions.h"

bool vcl_wanted_anything(const vcl_ensure_request *request)
{
    return (request->config && request->config->values->child) || request->chart ||
           request->chart_source || request->chart_version || request->kubernetes_version ||
           request->reset_values || vcl_profile_changes(request->profile);
}

int vcl_wanted_check(const vcl_ensure_request *request, vcluster_error **error)
{
    return vcl_profile_check(request->profile, error);
}

static cJSON *k8s_of(const cJSON *values)
{
    return vcl_json_find(values, "controlPlane", "distro", "k8s", NULL);
}

const char *vcl_wanted_version(const cJSON *values)
{
    const cJSON *k8s = k8s_of(values);
    const char *version = vcl_json_find_string(k8s, "version", NULL);

    return vcl_str_empty(version) ? vcl_str(vcl_json_find_string(k8s, "image", "tag", NULL))
                                  : version;
}

bool vcl_wanted_set_version(cJSON *values, const char *tag)
{
    cJSON *plane = vcl_json_object(values, "controlPlane");
    cJSON *distro = plane ? vcl_json_object(plane, "distro") : NULL;
    cJSON *k8s = distro ? vcl_json_object(distro, "k8s") : NULL;

    return k8s && vcl_json_set_string(k8s, "version", tag);
}

/* The wish itself, without what was before. */
static int
lay_over(const vcl_ensure_request *request, bool embedded, cJSON *values, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    if (request->config)
        status = vcl_values_merge(values, request->config->values, error);
    if (status == 0)
        status = vcl_profile_apply(request->profile, embedded, values, error);
    if (status == 0 && request->kubernetes_version &&
        !vcl_wanted_set_version(values, request->kubernetes_version))
        return vcl_no_memory(error);
    if (status < 0)
        return status;
    return embedded ? vcl_version_resolve_embedded(values, error)
                    : vcl_version_resolve_upstream(values, error);
}

int vcl_wanted_values(const vcl_ensure_request *request,
                      bool embedded,
                      const cJSON *earlier,
                      cJSON **out_values,
                      vcluster_error **error)
{
    bool keep = cJSON_IsObject(earlier) && !request->reset_values;
    cJSON *values = keep ? vcl_json_copy(earlier) : cJSON_CreateObject();

    int status = values ? lay_over(request, embedded, values, error) : vcl_no_memory(error);
    if (status < 0) {
        vcl_json_free_secret(values);
        return status;
    }
    *out_values = values;
    return VCLUSTER_OK;
}

static void add_files(vcl_buf *all, const vcl_chart_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)vcl_buf_addf(all, "%s\n%zu\n", files[i].name, files[i].size);
        (void)vcl_buf_append(all, files[i].data, files[i].size);
    }
}

static void add_chart(vcl_buf *all, const vcluster_chart *chart)
{
    vcl_auto_free char *metadata = vcl_json_print_go(chart->metadata);

    (void)vcl_buf_addf(all, "%s\n%s\n%s\n", vcl_str(metadata), vcl_str(chart->values_text),
                       vcl_str(chart->schema));
    add_files(all, chart->templates, chart->template_count);
    add_files(all, chart->files, chart->file_count);
    for (size_t i = 0; i < chart->dependency_count; i++)
        add_chart(all, chart->dependencies[i]);
}

int vcl_wanted_chart_digest(const vcluster_chart *chart,
                            char hex[VCL_SHA256_HEX_SIZE],
                            vcluster_error **error)
{
    VCL_AUTO_BUF all = { 0 };

    vcl_buf_init(&all, (size_t)VCL_MAX_CHART_TOTAL * 2);
    add_chart(&all, chart);
    if (vcl_buf_failed(&all))
        return vcl_no_memory(error);
    return vcl_sha256_hex(all.data, all.size, hex, error);
}

int vcl_wanted_hash(const vcl_ensure_request *request,
                    const char *chart,
                    char hex[VCL_SHA256_HEX_SIZE],
                    vcluster_error **error)
{
    VCL_AUTO_JSON *wish = cJSON_CreateObject();
    cJSON *values = request->config ? vcl_json_copy(request->config->values) : cJSON_CreateObject();

    if (!wish || !vcl_json_set(wish, "values", values) ||
        !vcl_json_set_string(wish, "chart", chart) ||
        !vcl_json_set_string(wish, "profile", vcl_str(request->profile)) ||
        !vcl_json_set_string(wish, "version", vcl_str(request->kubernetes_version)) ||
        !vcl_json_set(wish, "reset", cJSON_CreateBool(request->reset_values)))
        return vcl_no_memory(error);
    char *text = vcl_json_print_go(wish); /* keys in order */
    if (!text)
        return vcl_no_memory(error);
    int status = vcl_sha256_hex(text, strlen(text), hex, error);
    vcl_free_secret(text);
    return status;
}

int vcl_wanted_annotations(const vcl_ensure_request *request,
                           const vcluster_chart *chart,
                           bool chart_asked,
                           cJSON **out_annotations,
                           vcluster_error **error)
{
    char digest[VCL_SHA256_HEX_SIZE];
    char wish[VCL_SHA256_HEX_SIZE];
    VCL_AUTO_JSON *annotations = cJSON_CreateObject();

    int status = vcl_wanted_chart_digest(chart, digest, error);
    if (status == 0)
        status = vcl_wanted_hash(request, chart_asked ? digest : "", wish, error);
    if (status < 0)
        return status;
    if (!annotations || !vcl_json_set_string(annotations, VCL_ANNOTATION_WISH, wish) ||
        !vcl_json_set_string(annotations, VCL_ANNOTATION_CHART, digest))
        return vcl_no_memory(error);
    *out_annotations = vcl_steal(&annotations);
    return VCLUSTER_OK;
}
