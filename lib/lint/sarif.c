/* SPDX-License-Identifier: Apache-2.0 */
/* The report as SARIF 2.1.0, which code scanning reads. */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "lint/lint.h"

static const char *level_of(int severity)
{
    static const char *const levels[] = { "none", "error", "warning", "note" };

    return levels[severity];
}

/* {"text": TEXT} as a member; false without memory, as all of these. */
static bool set_message(cJSON *object, const char *key, const char *text)
{
    cJSON *message = vcl_json_object(object, key);

    return message && vcl_json_set_string(message, "text", text);
}

static bool add_rule(cJSON *rules, const vcl_lint_rule *rule)
{
    /* On GitHub's scale of 0 to 10, where the rule is about security. */
    const char *grave = rule->severity == VCLUSTER_SEVERITY_ERROR ? "8.0" : "5.0";
    bool security = vcl_starts_with(rule->id, "VC5");
    cJSON *object = cJSON_CreateObject();

    if (!vcl_json_append(rules, object))
        return false;
    cJSON *configuration = vcl_json_object(object, "defaultConfiguration");
    cJSON *properties = security ? vcl_json_object(object, "properties") : NULL;
    return vcl_json_set_string(object, "id", rule->id) &&
           vcl_json_set_string(object, "name", rule->name) &&
           set_message(object, "shortDescription", rule->text) &&
           set_message(object, "help", rule->text) && configuration &&
           vcl_json_set_string(configuration, "level", level_of(rule->severity)) &&
           (!security ||
            (properties && vcl_json_set_string(properties, "security-severity", grave)));
}

static bool add_rules(cJSON *driver)
{
    cJSON *rules = cJSON_CreateArray();
    vcl_lint_rule rule;

    if (!vcl_json_set(driver, "rules", rules))
        return false;
    for (size_t i = 0; vcl_lint_rule_at(i, &rule); i++) {
        if (!add_rule(rules, &rule))
            return false;
    }
    return true;
}

/* The same for the same mistake, wherever in the file it stands: FNV-1a of file, rule and path. */
static bool set_fingerprint(cJSON *result, const vcluster_finding *f)
{
    const char *const parts[] = { f->file, f->rule, f->path };
    uint64_t hash = 0xcbf29ce484222325U;
    cJSON *object = vcl_json_object(result, "partialFingerprints");

    for (size_t i = 0; i < 3; i++) {
        const char *at = parts[i];
        do {
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3U;
        } while (*at++);
    }
    vcl_auto_free char *text = vcl_format("%016llx", (unsigned long long)hash);
    return object && text && vcl_json_set_string(object, "place/v1", text);
}

/* A new object at the end of a new array of that name; NULL without memory. */
static cJSON *add_only_item(cJSON *object, const char *key)
{
    cJSON *list = cJSON_CreateArray();

    if (!vcl_json_set(object, key, list))
        return NULL;
    cJSON *item = cJSON_CreateObject();
    return vcl_json_append(list, item) ? item : NULL;
}

static bool add_location(cJSON *result, const vcluster_finding *f)
{
    cJSON *location = add_only_item(result, "locations");
    cJSON *physical = location ? vcl_json_object(location, "physicalLocation") : NULL;
    cJSON *artifact = physical ? vcl_json_object(physical, "artifactLocation") : NULL;
    if (!artifact || !vcl_json_set_string(artifact, "uri", f->file))
        return false;
    if (f->line == 0)
        return true;
    cJSON *region = vcl_json_object(physical, "region");
    return region && vcl_json_set_int(region, "startLine", f->line) &&
           vcl_json_set_int(region, "startColumn", f->column > 0 ? f->column : 1);
}

/* The repair as the proposal to replace one region of the finding's file. */
static bool add_fix(cJSON *result, const vcluster_finding *f)
{
    if (!f->fix)
        return true;
    cJSON *fix = add_only_item(result, "fixes");
    cJSON *change = fix ? add_only_item(fix, "artifactChanges") : NULL;
    cJSON *artifact = change ? vcl_json_object(change, "artifactLocation") : NULL;
    cJSON *replacement = artifact ? add_only_item(change, "replacements") : NULL;
    cJSON *region = replacement ? vcl_json_object(replacement, "deletedRegion") : NULL;

    return region && set_message(fix, "description", *f->remedy ? f->remedy : f->message) &&
           vcl_json_set_string(artifact, "uri", f->file) &&
           vcl_json_set_int(region, "startLine", f->fix->line) &&
           vcl_json_set_int(region, "startColumn", f->fix->column) &&
           vcl_json_set_int(region, "endLine", f->fix->end_line) &&
           vcl_json_set_int(region, "endColumn", f->fix->end_column) &&
           set_message(replacement, "insertedContent", f->fix->text);
}

static bool add_result(cJSON *results, const vcluster_finding *f)
{
    cJSON *result = cJSON_CreateObject();
    vcl_auto_free char *text = vcl_format("%s%s%s%s%s", f->path, *f->path ? ": " : "", f->message,
                                          *f->remedy ? "; " : "", f->remedy);

    return vcl_json_append(results, result) && text &&
           vcl_json_set_string(result, "ruleId", f->rule) &&
           vcl_json_set_string(result, "level", level_of(f->severity)) &&
           set_message(result, "message", text) && add_location(result, f) &&
           set_fingerprint(result, f) && add_fix(result, f);
}

static bool add_run(cJSON *runs, const vcluster_report *report)
{
    cJSON *run = cJSON_CreateObject();
    cJSON *results = cJSON_CreateArray();

    if (!vcl_json_append(runs, run)) {
        cJSON_Delete(results);
        return false;
    }
    cJSON *tool = vcl_json_object(run, "tool");
    cJSON *driver = tool ? vcl_json_object(tool, "driver") : NULL;
    if (!vcl_json_set(run, "results", results) || !driver ||
        !vcl_json_set_string(driver, "name", "vcl lint") ||
        !vcl_json_set_string(driver, "version", VCLUSTER_VERSION) || !add_rules(driver) ||
        !vcl_json_set_string(run, "columnKind", "unicodeCodePoints"))
        return false;
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        if (!add_result(results, vcluster_report_at(report, i)))
            return false;
    }
    return true;
}

int vcl_lint_print_sarif(const vcluster_report *report, char **out_text, vcluster_error **error)
{
    static const char schema[] = "https://json.schemastore.org/sarif-2.1.0.json";
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    cJSON *runs = cJSON_CreateArray();

    if (!tree || !vcl_json_set_string(tree, "$schema", schema) ||
        !vcl_json_set_string(tree, "version", "2.1.0")) {
        cJSON_Delete(runs);
        return vcl_no_memory(error);
    }
    if (!vcl_json_set(tree, "runs", runs) || !add_run(runs, report))
        return vcl_no_memory(error);
    char *text = vcl_json_print(tree);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    return 0;
}
