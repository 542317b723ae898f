/* SPDX-License-Identifier: Apache-2.0 */
/* .vclint.yaml: which rules, how grave, and what the files do not tell of their cluster. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "data/values.h"
#include "data/yaml.h"
#include "lint/lint.h"

static int severity_of(const char *name)
{
    for (int severity = VCLUSTER_SEVERITY_ERROR; severity <= VCLUSTER_SEVERITY_INFO; severity++) {
        if (vcl_streq(vcluster_severity_name(severity), name))
            return severity;
    }
    return 0;
}

/* Add "WHAT 'NAME' ..." as a finding; name may be NULL. */
static void find(vcluster_report *report, const char *path, const char *what, const char *name)
{
    const vcl_finding_facts facts = { .path = path, .severity = VCLUSTER_SEVERITY_ERROR };

    vcl_report_addf(report, &facts, "%s: '%s'", what, vcl_str(name));
}

static void
check_keys(vcluster_report *report, const char *path, const cJSON *object, const char *const *known)
{
    if (object && !cJSON_IsObject(object))
        find(report, path, "this is no map", path);
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next) {
        const char *const *key = known;
        while (*key && !vcl_streq(*key, member->string))
            key++;
        if (!*key)
            find(report, path, "no such key", member->string);
    }
}

static void check_rule(vcluster_report *report, const char *path, const char *id)
{
    vcl_lint_rule rule;

    if (!id || !vcl_lint_rule_find(id, &rule))
        find(report, path, "no such rule", id);
}

static void check_list(vcluster_report *report, const char *path, const cJSON *list)
{
    const cJSON *item = NULL;

    if (list && !cJSON_IsArray(list))
        find(report, path, "this is no list", path);
    cJSON_ArrayForEach (item, list)
        check_rule(report, path, cJSON_IsString(item) ? item->valuestring : NULL);
}

static void check_severities(vcluster_report *report, const cJSON *map)
{
    const char *path = "rules.severity";

    if (map && !cJSON_IsObject(map))
        find(report, path, "this is no map", path);
    for (const cJSON *member = map ? map->child : NULL; member; member = member->next) {
        check_rule(report, path, member->string);
        if (!cJSON_IsString(member) || severity_of(member->valuestring) == 0)
            find(report, path, "the severity is none of error, warning and info", member->string);
    }
}

static void check_cluster(vcluster_report *report, const cJSON *cluster)
{
    static const char *const keys[] = { "name", "namespace", "purpose", "licence", NULL };

    check_keys(report, "cluster", cluster, keys);
    for (const cJSON *member = cluster ? cluster->child : NULL; member; member = member->next) {
        if (!cJSON_IsString(member))
            find(report, "cluster", "the value is no text", member->string);
    }
}

static int check(const cJSON *tree, vcluster_error **error)
{
    static const char *const top[] = { "rules", "cluster", "kubernetesVersion", NULL };
    static const char *const rules[] = { "include", "exclude", "severity", NULL };
    const cJSON *part = vcl_json_get(tree, "rules");

    VCL_AUTO_REPORT *report = vcl_report_new();
    if (!report)
        return vcl_no_memory(error);
    check_keys(report, "", tree, top);
    check_keys(report, "rules", part, rules);
    check_list(report, "rules.include", vcl_json_get(part, "include"));
    check_list(report, "rules.exclude", vcl_json_get(part, "exclude"));
    check_severities(report, vcl_json_get(part, "severity"));
    check_cluster(report, vcl_json_get(tree, "cluster"));
    return vcl_report_to_error(report, VCLUSTER_E_CONFIG, "the settings cannot be used", error);
}

int vcl_lint_settings_read(const char *data,
                           size_t size,
                           vcl_lint_settings *out_settings,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;

    int status = vcl_yaml_parse(data, size, &tree, error);
    if (status == 0 && !cJSON_IsNull(tree))
        status = check(tree, error);
    if (status < 0)
        return status;
    cJSON_Delete(out_settings->tree);
    out_settings->tree = vcl_steal(&tree);
    return 0;
}

static bool lists(const cJSON *list, const vcl_lint_rule *rule)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, list) {
        if (vcl_streq(item->valuestring, rule->id) || vcl_streq(item->valuestring, rule->name))
            return true;
    }
    return false;
}

bool vcl_lint_wants(const vcl_lint_settings *settings, const vcl_lint_rule *rule)
{
    const cJSON *rules = vcl_json_get(settings->tree, "rules");
    const cJSON *include = vcl_json_get(rules, "include");

    return (!include || lists(include, rule)) && !lists(vcl_json_get(rules, "exclude"), rule);
}

int vcl_lint_severity(const vcl_lint_settings *settings, const vcl_lint_rule *rule, int severity)
{
    const cJSON *map = vcl_json_find(settings->tree, "rules", "severity", NULL);
    const char *name = vcl_json_find_string(map, rule->id, NULL);

    if (!name)
        name = vcl_json_find_string(map, rule->name, NULL);
    return name ? severity_of(name) : severity;
}

const char *vcl_lint_setting(const vcl_lint_settings *settings, const char *key)
{
    const cJSON *node = NULL;

    if (!settings->tree || vcl_values_get(settings->tree, key, &node, NULL) < 0)
        return NULL;
    return cJSON_IsString(node) ? node->valuestring : NULL;
}
