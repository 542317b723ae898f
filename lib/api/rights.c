/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: the roles that operations need, as manifests. */
#include <libvcluster/rights.h>

#include "api/api.h"
#include "base/limits.h"
#include "base/str.h"
#include "chart/render.h"
#include "data/yaml.h"
#include "vcluster/names.h"
#include "vcluster/preflight/operation_rights.h"

#define RBAC "rbac.authorization.k8s.io"

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

/* The objects that a virtual cluster with these values is made of. */
static int render(const vcluster_rights_options *known,
                  const vcluster_config *config,
                  vcl_rendered *out_rendered,
                  vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) own = NULL;
    VCL_AUTO_JSON *values = NULL;
    const vcluster_chart *chart = known->chart;
    vcl_render_input input = {
        .release_name = "vcluster",
        .namespace_name = known->namespace_name ? known->namespace_name : "vcluster",
        .revision = 1,
        .kubernetes_version = "v1.35.4",
    };

    int status = chart ? VCLUSTER_OK : vcluster_chart_embedded(&own, error);
    if (status == 0)
        status = vcl_api_values(chart ? chart : own, config, &values, error);
    if (status < 0)
        return status;
    input.user_values = values;
    return vcl_chart_render(chart ? chart : own, &input, out_rendered, error);
}

/* {apiVersion, kind, metadata: {name, namespace}}. */
static cJSON *head(const char *kind, const char *name, const char *namespace_name)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    bool ok = object && vcl_json_set_string(object, "apiVersion", RBAC "/v1") &&
              vcl_json_set_string(object, "kind", kind);
    cJSON *metadata = ok ? vcl_json_object(object, "metadata") : NULL;

    ok = metadata && vcl_json_set_string(metadata, "name", name) &&
         (!namespace_name || vcl_json_set_string(metadata, "namespace", namespace_name));
    return ok ? vcl_steal(&object) : NULL;
}

static bool print(const cJSON *object, vcl_buf *out)
{
    VCL_AUTO_ERROR *why = NULL;
    char *text = NULL;

    if (!object || vcl_yaml_print(object, &text, &why) < 0)
        return false;
    (void)vcl_buf_addf(out, "%s%s\n", out->size ? "---\n" : "", text);
    free(text);
    return true;
}

static bool print_binding(const vcluster_rights_options *known,
                          const char *kind,
                          const char *name,
                          const char *namespace_name,
                          vcl_buf *out)
{
    vcl_auto_free char *of_binding = vcl_format("%sBinding", kind);
    VCL_AUTO_JSON *binding = of_binding ? head(of_binding, name, namespace_name) : NULL;
    cJSON *role = binding ? vcl_json_object(binding, "roleRef") : NULL;
    cJSON *subjects = cJSON_CreateArray();
    cJSON *subject = cJSON_CreateObject();
    const char *place = known->service_account_namespace ? known->service_account_namespace
                        : known->namespace_name          ? known->namespace_name
                                                         : "default";

    bool ok = role && vcl_json_set_string(role, "apiGroup", RBAC) &&
              vcl_json_set_string(role, "kind", kind) && vcl_json_set_string(role, "name", name);
    if (!ok) {
        cJSON_Delete(subjects);
        cJSON_Delete(subject);
        return false;
    }
    if (!vcl_json_set(binding, "subjects", subjects)) {
        cJSON_Delete(subject);
        return false;
    }
    return vcl_json_append(subjects, subject) &&
           vcl_json_set_string(subject, "kind", "ServiceAccount") &&
           vcl_json_set_string(subject, "name", known->service_account) &&
           vcl_json_set_string(subject, "namespace", place) && print(binding, out);
}

/* A role with these rules, and its binding; nothing for no rules. */
static bool print_role(const vcluster_rights_options *known,
                       cJSON **rules,
                       const char *namespace_name,
                       vcl_buf *out)
{
    const char *kind = namespace_name ? "Role" : "ClusterRole";
    const char *name = known->role_name ? known->role_name : "vcluster-operator";
    VCL_AUTO_JSON *role = head(kind, name, namespace_name);

    if (!(*rules)->child)
        return true;
    return role && vcl_json_set(role, "rules", vcl_steal(rules)) && print(role, out) &&
           (!known->service_account || print_binding(known, kind, name, namespace_name, out));
}

static int print_rights(const vcluster_rights_options *known,
                        vcl_operation_rights *rights,
                        char **out_yaml,
                        vcluster_error **error)
{
    VCL_AUTO_BUF out = { 0 };
    bool ok = true;

    vcl_buf_init(&out, VCL_MAX_DOCUMENT);
    while (!known->namespace_name && ok && rights->inside->child)
        ok = vcl_json_append(rights->everywhere, cJSON_DetachItemFromArray(rights->inside, 0));
    ok = ok && print_role(known, &rights->everywhere, NULL, &out) &&
         print_role(known, &rights->inside, known->namespace_name, &out);
    char *text = ok ? vcl_buf_steal(&out) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_yaml = text;
    return VCLUSTER_OK;
}

static int rights_of(const char *operations,
                     const vcluster_config *config,
                     const vcluster_rights_options *known,
                     char **out_yaml,
                     vcluster_error **error)
{
    __attribute__((cleanup(vcl_rendered_done))) vcl_rendered rendered = { 0 };
    VCL_AUTO_OPERATION_RIGHTS rights = { 0 };
    uint64_t wanted = 0;

    int status = vcl_namespace_check(known->namespace_name, error);
    if (status == 0)
        status = vcl_operations_parse(operations, &wanted, error);
    if (status == 0 && vcl_operations_touch_charts(wanted))
        status = render(known, config, &rendered, error);
    if (status == 0)
        status = vcl_operation_rights_of(wanted, rendered.objects, known->namespace_name == NULL,
                                         &rights, error);
    return status < 0 ? status : print_rights(known, &rights, out_yaml, error);
}

int vcluster_rights(const char *operations,
                    const vcluster_config *config,
                    const vcluster_rights_options *options,
                    char **out_yaml,
                    vcluster_error **error)
{
    vcluster_rights_options known = VCLUSTER_RIGHTS_OPTIONS_INIT;

    int status = VCL_REQUIRE(error, operations, out_yaml);
    if (status == 0)
        status = vcl_options_copy(&known, sizeof(known), options, "vcluster_rights_options", error);
    if (status == 0)
        status = rights_of(operations, config, &known, out_yaml, error);
    return status < 0 ? vcl_wrap(error, status, "print the rights of operations") : status;
}
