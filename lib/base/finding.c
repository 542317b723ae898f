/* SPDX-License-Identifier: Apache-2.0 */
/* Findings, and what the interface tells of one. */
#include "base/finding.h"

#include <stdlib.h>

#include "base/str.h"

bool vcl_finding_init(vcluster_finding *finding, const vcl_finding_facts *facts)
{
    *finding = (vcluster_finding){ .file = vcl_strdup(vcl_str(facts->file)),
                                   .path = vcl_strdup(vcl_str(facts->path)),
                                   .rule = vcl_strdup(vcl_str(facts->rule)),
                                   .message = vcl_strdup(vcl_str(facts->message)),
                                   .remedy = vcl_strdup(vcl_str(facts->remedy)),
                                   .line = facts->line,
                                   .column = facts->column,
                                   .severity = facts->severity };
    if (!finding->file || !finding->path || !finding->rule || !finding->message ||
        !finding->remedy) {
        vcl_finding_done(finding);
        return false;
    }
    vcl_sanitize(finding->file);
    vcl_sanitize(finding->path);
    vcl_sanitize(finding->message);
    vcl_sanitize(finding->remedy);
    return true;
}

void vcl_edit_free(vcluster_edit *edit)
{
    if (edit)
        free(edit->text);
    free(edit);
}

void vcl_finding_done(vcluster_finding *finding)
{
    free(finding->file);
    free(finding->path);
    free(finding->rule);
    free(finding->message);
    free(finding->remedy);
    vcl_edit_free(finding->fix);
    *finding = (vcluster_finding){ 0 };
}

const char *vcluster_finding_file(const vcluster_finding *finding)
{
    return finding ? finding->file : "";
}

const char *vcluster_finding_path(const vcluster_finding *finding)
{
    return finding ? finding->path : "";
}

int64_t vcluster_finding_line(const vcluster_finding *finding)
{
    return finding ? finding->line : 0;
}

int64_t vcluster_finding_column(const vcluster_finding *finding)
{
    return finding ? finding->column : 0;
}

const char *vcluster_finding_rule(const vcluster_finding *finding)
{
    return finding ? finding->rule : "";
}

int vcluster_finding_severity(const vcluster_finding *finding)
{
    return finding ? finding->severity : VCLUSTER_SEVERITY_ERROR;
}

const char *vcluster_finding_message(const vcluster_finding *finding)
{
    return finding ? finding->message : "";
}

const char *vcluster_finding_remedy(const vcluster_finding *finding)
{
    return finding ? finding->remedy : "";
}

const vcluster_edit *vcluster_finding_fix(const vcluster_finding *finding)
{
    return finding ? finding->fix : NULL;
}

int64_t vcluster_edit_line(const vcluster_edit *edit)
{
    return edit ? edit->line : 0;
}

int64_t vcluster_edit_column(const vcluster_edit *edit)
{
    return edit ? edit->column : 0;
}

int64_t vcluster_edit_end_line(const vcluster_edit *edit)
{
    return edit ? edit->end_line : 0;
}

int64_t vcluster_edit_end_column(const vcluster_edit *edit)
{
    return edit ? edit->end_column : 0;
}

const char *vcluster_edit_text(const vcluster_edit *edit)
{
    return edit ? edit->text : "";
}

const char *vcluster_severity_name(int severity)
{
    switch (severity) {
    case VCLUSTER_SEVERITY_ERROR:
        return "error";
    case VCLUSTER_SEVERITY_WARNING:
        return "warning";
    case VCLUSTER_SEVERITY_INFO:
        return "info";
    default:
        return "unknown";
    }
}
