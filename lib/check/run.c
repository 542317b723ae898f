/* SPDX-License-Identifier: Apache-2.0 */
/* Running rules over a configuration, and what their functions share; see rule.h. */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"
#include "check/rule.h"
#include "data/report.h"
#include "data/values.h"
#include "sync/knowledge.h"

const vcl_check_rule *vcl_check_rule_find(const char *id)
{
    for (size_t i = 0; i < vcl_check_rule_count; i++) {
        if (vcl_streq(vcl_check_rules[i].id, id) || vcl_streq(vcl_check_rules[i].name, id))
            return &vcl_check_rules[i];
    }
    return NULL;
}

static const cJSON *get(const cJSON *values, const char *path)
{
    const cJSON *node = NULL;

    if (!values || vcl_values_get(values, path, &node, NULL) < 0 || cJSON_IsNull(node))
        return NULL;
    return node;
}

const cJSON *vcl_check_get(const vcl_check *check, const char *path)
{
    return get(check->values, path);
}

const cJSON *vcl_check_get_user(const vcl_check *check, const char *path)
{
    return get(check->input->values, path);
}

const cJSON *vcl_check_members(const cJSON *node)
{
    return cJSON_IsObject(node) ? node->child : NULL;
}

bool vcl_check_node_on(const cJSON *node)
{
    return cJSON_IsTrue(node) || vcl_streq(cJSON_GetStringValue(node), "true");
}

bool vcl_check_on(const vcl_check *check, const char *path)
{
    return vcl_check_node_on(vcl_check_get(check, path));
}

const char *vcl_check_text(const vcl_check *check, const char *path)
{
    const cJSON *node = vcl_check_get(check, path);

    return vcl_str(cJSON_GetStringValue(node));
}

bool vcl_check_filled(const cJSON *node)
{
    return !vcl_str_empty(cJSON_GetStringValue(node)) || (node && node->child);
}

static void fail_memory(vcl_check *check)
{
    if (check->status == 0)
        check->status = vcl_no_memory(&check->error);
}

char *vcl_check_member(vcl_check *check, const char *path, const char *key)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, VCL_MAX_MESSAGE);
    vcl_buf_add(&buf, path);
    if (*path)
        vcl_buf_add_char(&buf, '.');
    vcl_values_add_key(&buf, key);
    char *text = vcl_buf_steal(&buf);
    if (!text)
        fail_memory(check);
    return text;
}

char *vcl_check_item(vcl_check *check, const char *path, int index)
{
    char *text = vcl_format("%s[%d]", path, index);

    if (!text)
        fail_memory(check);
    return text;
}

static void add(vcl_check *check,
                int severity,
                const char *path,
                const char *remedy,
                const char *format,
                va_list arguments) __attribute__((format(printf, 5, 0)));

static void add(vcl_check *check,
                int severity,
                const char *path,
                const char *remedy,
                const char *format,
                va_list arguments)
{
    const vcl_check_input *input = check->input;
    const vcl_yaml_mark *mark = vcl_yaml_mark_find(input->mark, vcl_str(path), NULL);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    vcl_finding_facts facts = { .file = input->file,
                                .path = path,
                                .rule = check->rule->id,
                                .severity = severity,
                                .message = message,
                                .remedy = remedy };

    if (mark) {
        facts.line = (int64_t)vcl_yaml_mark_place(mark)->line + input->first_line;
        facts.column = (int64_t)vcl_yaml_mark_place(mark)->column;
    }
    if (message && path)
        vcl_report_add(check->report, &facts);
    else
        fail_memory(check);
}

void vcl_check_find(vcl_check *check, const char *path, const char *remedy, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(check, check->rule->severity, path, remedy, format, arguments);
    va_end(arguments);
}

void vcl_check_find_as(
    vcl_check *check, int severity, const char *path, const char *remedy, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(check, severity, path, remedy, format, arguments);
    va_end(arguments);
}

void vcl_check_fail(vcl_check *check, int status, vcluster_error **error)
{
    if (check->status == 0)
        check->status = vcl_error_pass(&check->error, error, status);
}

/* The chart's defaults, or without one those of the sync rules that the library knows. */
static cJSON *find_defaults(const vcluster_chart *chart)
{
    cJSON *defaults = chart ? vcl_json_copy(chart->values) : cJSON_CreateObject();

    if (!defaults || vcl_json_find(defaults, "sync", "toHost", NULL) ||
        vcl_json_set(defaults, "sync", vcl_sync_known_defaults()))
        return defaults;
    cJSON_Delete(defaults);
    return NULL;
}

static void check_done(vcl_check *check)
{
    vcl_json_free_secret(check->values);
    vcl_json_free_secret(check->old);
    vcluster_error_free(check->error);
    vcluster_report_free(check->report);
}

static int begin(vcl_check *check, vcluster_error **error)
{
    VCL_AUTO_JSON *defaults = find_defaults(check->input->chart);

    check->report = vcl_report_new();
    if (!defaults || !check->report)
        return vcl_no_memory(error);
    int status = vcl_values_coalesce(defaults, check->input->values, &check->values, error);
    if (status == 0 && check->input->old_values)
        status = vcl_values_coalesce(defaults, check->input->old_values, &check->old, error);
    return status;
}

int vcl_check_run(const vcl_check_input *input,
                  const vcl_check_rule *rules,
                  size_t count,
                  vcluster_report **out_report,
                  vcluster_error **error)
{
    __attribute__((cleanup(check_done))) vcl_check check = { .input = input };

    int status = begin(&check, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < count && check.status == 0; i++) {
        check.rule = &rules[i];
        check.rule->run(&check);
    }
    if (check.status < 0)
        return vcl_error_pass(error, &check.error, check.status);
    vcl_report_sort(check.report);
    if (vcl_report_failed(check.report))
        return vcl_no_memory(error);
    *out_report = vcl_steal(&check.report);
    return 0;
}
