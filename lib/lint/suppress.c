/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings that somebody has looked at and wants to keep: comments in the text, annotations on the
 * manifest. Each gives its reason, or it does not count.
 */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "lint/lint.h"

#define WORD "vclint:ignore"
#define ANNOTATION "ignore-check.libvcluster.dev/"

enum { MAX_ID = 64 };

/* One comment. */
typedef struct ignore {
    char id[MAX_ID];
    bool whole_file;
    bool has_reason;
} ignore;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Read "# vclint:ignore[-file] ID REASON" in a line; false: there is none. */
static bool read_ignore(const char *line, size_t size, ignore *out_ignore)
{
    const char *end = line + size;
    const char *at = memmem(line, size, WORD, strlen(WORD));
    const char *hash = at;

    while (hash && hash > line && is_blank(hash[-1]))
        hash--;
    if (!at || hash == line || hash[-1] != '#')
        return false;
    *out_ignore = (ignore){ .whole_file = false };
    at += strlen(WORD);
    if ((size_t)(end - at) >= strlen("-file") && strncmp(at, "-file", strlen("-file")) == 0) {
        out_ignore->whole_file = true;
        at += strlen("-file");
    }
    while (at < end && is_blank(*at))
        at++;
    size_t length = 0;
    for (; at < end && !is_blank(*at); at++) {
        if (length < MAX_ID - 1)
            out_ignore->id[length++] = *at;
    }
    while (at < end && is_blank(*at))
        at++;
    out_ignore->has_reason = at < end;
    return true;
}

static bool means(const char *id, const vcluster_finding *finding)
{
    vcl_lint_rule rule;

    return vcl_lint_rule_find(id, &rule) && vcl_streq(rule.id, finding->rule);
}

static bool is_commented(const vcl_lint_file *file, const vcluster_finding *finding)
{
    const char *line = file->text;
    ignore ignored;

    for (int64_t number = 1; line; number++) {
        size_t size = strcspn(line, "\n");
        bool near = number == finding->line || number + 1 == finding->line;

        if (read_ignore(line, size, &ignored) && ignored.has_reason &&
            (ignored.whole_file || near) && means(ignored.id, finding))
            return true;
        line = line[size] ? line + size + 1 : NULL;
    }
    return false;
}

/* Whether the document has an annotation about the rule, with a reason. */
static bool is_annotated(const cJSON *document, const vcluster_finding *finding)
{
    const cJSON *map = vcl_json_find(document, "metadata", "annotations", NULL);

    for (const cJSON *item = map ? map->child : NULL; item; item = item->next) {
        if (item->string && vcl_starts_with(item->string, ANNOTATION) && cJSON_IsString(item) &&
            item->valuestring[0] && means(item->string + strlen(ANNOTATION), finding))
            return true;
    }
    return false;
}

/* The document that a line belongs to: the last one that has begun. */
static const cJSON *document_at(const vcl_lint_file *file, int64_t line)
{
    const cJSON *document = file->documents->child;
    const cJSON *found = NULL;

    for (const vcl_yaml_mark *mark = file->marks.documents; mark; mark = mark->next) {
        if (mark->value.kind != VCL_SPAN_MAP)
            continue;
        if ((int64_t)mark->value.line <= line)
            found = document;
        document = document->next;
    }
    return found;
}

static bool is_ignored(const vcluster_lint *lint, const vcluster_finding *finding)
{
    for (const vcl_lint_file *file = lint->files; file; file = file->next) {
        if (vcl_streq(file->name, finding->file))
            return is_annotated(document_at(file, finding->line), finding) ||
                   (strstr(file->text, WORD) && is_commented(file, finding));
    }
    return false;
}

int vcl_lint_suppress(const vcluster_lint *lint, vcluster_report **report, vcluster_error **error)
{
    VCL_AUTO_REPORT *kept = vcl_report_new();

    if (!kept)
        return vcl_no_memory(error);
    for (size_t i = 0; i < vcluster_report_size(*report); i++) {
        const vcluster_finding *f = vcluster_report_at(*report, i);
        const vcl_finding_facts facts = { .file = f->file,
                                          .line = f->line,
                                          .column = f->column,
                                          .path = f->path,
                                          .rule = f->rule,
                                          .severity = f->severity,
                                          .message = f->message,
                                          .remedy = f->remedy };
        if (!is_ignored(lint, f))
            vcl_report_add(kept, &facts);
    }
    if (vcl_report_failed(*report) || vcl_report_failed(kept))
        return vcl_no_memory(error);
    vcluster_report_free(*report);
    *report = vcl_steal(&kept);
    return 0;
}

static void
complain(vcl_lint_run *run, const vcl_lint_file *file, const ignore *ignored, const vcl_span *place)
{
    vcl_lint_rule rule;

    if (!vcl_lint_rule_find(ignored->id, &rule)) {
        vcl_auto_free char *message = vcl_format("no rule '%s' is known", ignored->id);
        if (message)
            vcl_lint_find_at(run, file, place, "", "docs/lint.md lists the rules", message);
        else
            vcl_lint_fail(run);
    } else if (!ignored->has_reason) {
        vcl_lint_find_at(run, file, place, "", "write why behind the rule",
                         "the comment gives no reason, and is not followed");
    }
}

void vcl_lint_ignore_unclear(vcl_lint_run *run, const vcl_lint_file *file)
{
    const char *line = file->text;
    ignore ignored;

    for (size_t number = 1; line; number++) {
        size_t size = strcspn(line, "\n");
        const vcl_span place = { .line = number, .column = 1 };

        if (read_ignore(line, size, &ignored))
            complain(run, file, &ignored, &place);
        line = line[size] ? line + size + 1 : NULL;
    }
}
