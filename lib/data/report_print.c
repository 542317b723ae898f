/* SPDX-License-Identifier: Apache-2.0 */
/* Printing a report: JSON for programs, lines for people. */
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/report.h"

static bool set_text(cJSON *object, const char *key, const char *text)
{
    return *text == '\0' || vcl_json_set_string(object, key, text);
}

static bool set_number(cJSON *object, const char *key, int64_t number)
{
    return number == 0 || vcl_json_set_int(object, key, number);
}

static bool set_fix(cJSON *object, const vcluster_edit *fix)
{
    cJSON *edit = fix ? vcl_json_object(object, "fix") : NULL;

    return !fix || (edit && vcl_json_set_int(edit, "line", fix->line) &&
                    vcl_json_set_int(edit, "column", fix->column) &&
                    vcl_json_set_int(edit, "endLine", fix->end_line) &&
                    vcl_json_set_int(edit, "endColumn", fix->end_column) &&
                    vcl_json_set_string(edit, "text", fix->text));
}

static cJSON *finding_to_json(const vcluster_finding *f)
{
    cJSON *object = cJSON_CreateObject();
    bool ok = object && set_text(object, "rule", f->rule) &&
              vcl_json_set_string(object, "severity", vcluster_severity_name(f->severity)) &&
              set_text(object, "file", f->file) && set_number(object, "line", f->line) &&
              set_number(object, "column", f->column) && set_text(object, "path", f->path) &&
              set_text(object, "message", f->message) && set_text(object, "remedy", f->remedy) &&
              set_fix(object, f->fix);

    if (ok)
        return object;
    cJSON_Delete(object);
    return NULL;
}

static int64_t count(const vcluster_report *report, int severity)
{
    int64_t found = 0;

    for (size_t i = 0; i < vcluster_report_size(report); i++)
        found += vcluster_finding_severity(vcluster_report_at(report, i)) == severity;
    return found;
}

int vcluster_report_to_json(const vcluster_report *report, char **out_json, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    cJSON *findings = cJSON_CreateArray();

    if (!tree || !vcl_json_set(tree, "findings", findings))
        return vcl_no_memory(error);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        if (!vcl_json_append(findings, finding_to_json(vcluster_report_at(report, i))))
            return vcl_no_memory(error);
    }
    char *text = NULL;
    if (vcl_json_set_int(tree, "errors", count(report, VCLUSTER_SEVERITY_ERROR)) &&
        vcl_json_set_int(tree, "warnings", count(report, VCLUSTER_SEVERITY_WARNING)) &&
        vcl_json_set_int(tree, "infos", count(report, VCLUSTER_SEVERITY_INFO)))
        text = vcl_json_print(tree);
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return 0;
}

static void add_line(vcl_buf *text, const vcluster_finding *f)
{
    if (*f->file)
        vcl_buf_addf(text, "%s:", f->file);
    if (f->line > 0)
        vcl_buf_addf(text, "%lld:", (long long)f->line);
    if (f->line > 0 && f->column > 0)
        vcl_buf_addf(text, "%lld:", (long long)f->column);
    vcl_buf_addf(text, "%s%s: ", *f->file || f->line > 0 ? " " : "",
                 vcluster_severity_name(f->severity));
    if (*f->path)
        vcl_buf_addf(text, "%s: ", f->path);
    vcl_buf_add(text, f->message);
    if (*f->rule)
        vcl_buf_addf(text, " [%s]", f->rule);
    vcl_buf_add_char(text, '\n');
    if (*f->remedy)
        vcl_buf_addf(text, "    %s\n", f->remedy);
}

int vcluster_report_to_text(const vcluster_report *report, char **out_text, vcluster_error **error)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_REPORT_TEXT);
    vcl_buf_add(&text, "");
    for (size_t i = 0; i < vcluster_report_size(report); i++)
        add_line(&text, vcluster_report_at(report, i));
    char *stolen = vcl_buf_steal(&text);
    if (!stolen)
        return vcl_no_memory(error);
    *out_text = stolen;
    return 0;
}
