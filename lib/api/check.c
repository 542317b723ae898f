/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: checking a configuration. */
#include <string.h>

#include <libvcluster/check.h>

#include "api/api.h"
#include "base/str.h"
#include "check/rule.h"
#include "vcluster/config.h"

static int check_licence(const char *licence, vcluster_error **error)
{
    static const char *const known[] = { "none", "free", "dev", "prod", "scale" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!licence || vcl_streq(licence, known[i]))
            return 0;
    }
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "licence '%s' is none of none, free, dev, prod and scale", licence);
}

static int check(vcl_check_input *input,
                 const vcluster_check_options *options,
                 vcluster_report **out_report,
                 vcluster_error **error)
{
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };
    int status = check_licence(options->licence, error);

    if (status == 0 && options->text)
        status = vcl_yaml_marks_read(options->text, strlen(options->text), &marks, error);
    if (status < 0)
        return status;
    input->mark = marks.documents;
    return vcl_check_run(input, vcl_check_rules, vcl_check_rule_count, out_report, error);
}

int vcluster_config_check(const vcluster_config *config,
                          const vcluster_chart *chart,
                          const vcluster_config *old_config,
                          const vcluster_check_options *options,
                          vcluster_report **out_report,
                          vcluster_error **error)
{
    vcluster_check_options known = VCLUSTER_CHECK_OPTIONS_INIT;
    VCL_AUTO_JSON *values = NULL;

    int status = VCL_REQUIRE(error, out_report);
    if (status == 0)
        status = vcl_options_copy(&known, sizeof(known), options, "vcluster_check_options", error);
    if (status == 0)
        status = vcl_config_values(config, &values, error);
    if (status == 0) {
        vcl_check_input input = { .chart = chart,
                                  .values = values,
                                  .old_values = old_config ? old_config->values : NULL,
                                  .name = known.name,
                                  .namespace_name = known.namespace_name,
                                  .kubernetes_version = known.kubernetes_version,
                                  .licence = known.licence,
                                  .file = known.file };
        status = check(&input, &known, out_report, error);
    }
    return status < 0 ? vcl_wrap(error, status, "check the configuration") : 0;
}

static bool add_rule(cJSON *list, const vcl_check_rule *rule)
{
    cJSON *object = cJSON_CreateObject();
    bool added = vcl_json_append(list, object);

    return added && vcl_json_set_string(object, "id", rule->id) &&
           vcl_json_set_string(object, "name", rule->name) &&
           vcl_json_set_string(object, "severity", vcluster_severity_name(rule->severity)) &&
           vcl_json_set_string(object, "source", rule->source) &&
           vcl_json_set_string(object, "text", rule->text);
}

int vcluster_check_rules_to_json(char **out_json, vcluster_error **error)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    bool ok = list != NULL;

    int status = VCL_REQUIRE(error, out_json);
    if (status < 0)
        return status;
    for (size_t i = 0; ok && i < vcl_check_rule_count; i++)
        ok = add_rule(list, &vcl_check_rules[i]);
    char *json = ok ? vcl_json_print(list) : NULL;
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return 0;
}
