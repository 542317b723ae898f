/* SPDX-License-Identifier: Apache-2.0 */
/* One look at all files, and what the functions of rules share. */
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "check/rule.h"
#include "data/values.h"
#include "lint/lint.h"

const cJSON *vcl_lint_get(const vcl_lint_subject *subject, const char *path)
{
    const cJSON *node = NULL;

    if (vcl_values_get(subject->all, path, &node, NULL) < 0 || cJSON_IsNull(node))
        return NULL;
    return node;
}

bool vcl_lint_on(const vcl_lint_subject *subject, const char *path)
{
    return vcl_check_node_on(vcl_lint_get(subject, path));
}

const char *vcl_lint_text(const vcl_lint_subject *subject, const char *path)
{
    const cJSON *node = vcl_lint_get(subject, path);

    return vcl_str(cJSON_GetStringValue(node));
}

bool vcl_lint_is_upstream(const vcl_lint_subject *subject)
{
    return vcl_lint_get(subject, "sync.toHost") != NULL;
}

void vcl_lint_fail(vcl_lint_run *run)
{
    if (run->status == 0)
        run->status = vcl_no_memory(&run->error);
}

void vcl_lint_find_at(vcl_lint_run *run,
                      const vcl_lint_file *file,
                      const vcl_span *place,
                      const char *path,
                      const char *remedy,
                      const char *message)
{
    place = file->live ? NULL : place;
    const vcl_finding_facts facts = { .file = file->name,
                                      .line = place ? (int64_t)place->line : 0,
                                      .column = place ? (int64_t)place->column : 0,
                                      .path = path,
                                      .rule = run->rule.id,
                                      .severity = vcl_lint_severity(&run->lint->settings,
                                                                    &run->rule, run->rule.severity),
                                      .message = message,
                                      .remedy = remedy };

    vcl_report_add(run->report, &facts);
}

/* Where a path of the values stands, or as much of it as is there; in values that are a text inside
 * another document, where that text stands. */
static const vcl_span *place_of(const vcl_lint_subject *subject, const char *path)
{
    const vcl_yaml_mark *mark = subject->mark
                                    ? vcl_yaml_mark_find(subject->mark, path, NULL)
                                    : vcl_yaml_mark_find(subject->document, subject->path, NULL);

    return mark ? vcl_yaml_mark_place(mark) : NULL;
}

void vcl_lint_find(vcl_lint_run *run,
                   const vcl_lint_subject *subject,
                   const char *path,
                   const char *remedy,
                   const char *format,
                   ...)
{
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (message)
        vcl_lint_find_at(run, subject->file, place_of(subject, path), path, remedy, message);
    else
        vcl_lint_fail(run);
}

void vcl_lint_find_in(vcl_lint_run *run,
                      const vcl_lint_subject *subject,
                      const char *path,
                      const char *remedy,
                      const char *format,
                      ...)
{
    const vcl_yaml_mark *mark = vcl_yaml_mark_find(subject->document, path, NULL);
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (message)
        vcl_lint_find_at(run, subject->file, mark ? vcl_yaml_mark_place(mark) : NULL, path, remedy,
                         message);
    else
        vcl_lint_fail(run);
}

static bool goes_to(const cJSON *manifest, const vcl_lint_subject *subject, bool outside)
{
    const char *name = vcl_json_find_string(manifest, "metadata", "namespace", NULL);

    if (!name || !subject->namespace_name)
        return true;
    return vcl_streq(name, subject->namespace_name) != outside;
}

const cJSON *vcl_lint_next_kind(const vcl_lint_run *run, const char *kind, const cJSON *last)
{
    const cJSON *manifest = NULL;
    bool behind = !last;

    for (const vcl_lint_file *file = run->lint->files; file; file = file->next) {
        for (manifest = file->has_manifests ? file->documents->child : NULL; manifest;
             manifest = manifest->next) {
            if (behind && vcl_streq(vcl_json_find_string(manifest, "kind", NULL), kind))
                return manifest;
            behind = behind || manifest == last;
        }
    }
    return NULL;
}

static const cJSON *next_beside(const vcl_lint_run *run,
                                const vcl_lint_subject *subject,
                                const char *kind,
                                bool outside,
                                const cJSON *last)
{
    do {
        last = vcl_lint_next_kind(run, kind, last);
    } while (last && !goes_to(last, subject, outside));
    return last;
}

const cJSON *vcl_lint_next_beside(const vcl_lint_run *run,
                                  const vcl_lint_subject *subject,
                                  const char *kind,
                                  const cJSON *last)
{
    return next_beside(run, subject, kind, false, last);
}

bool vcl_lint_beside(const vcl_lint_run *run,
                     const vcl_lint_subject *subject,
                     const char *kind,
                     bool outside)
{
    return next_beside(run, subject, kind, outside, NULL) != NULL;
}

static void begin_report(vcl_lint_run *run)
{
    run->report = vcl_report_new();
    if (!run->report)
        vcl_lint_fail(run);
}

static void suppress(vcl_lint_run *run)
{
    if (run->status == 0)
        run->status = vcl_lint_suppress(run->lint, &run->report, &run->error);
}

void vcl_lint_findings_of(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    begin_report(run);
    vcl_lint_look_at_subject(run, subject);
    suppress(run);
}

static void look_at_files(vcl_lint_run *run)
{
    begin_report(run);
    for (const vcl_lint_file *file = run->lint->files; file && run->status == 0; file = file->next)
        vcl_lint_look_at_file(run, file);
    suppress(run);
}

/* The findings of files, and behind them those of each virtual cluster with their repairs. */
static int look(vcl_lint_run *run)
{
    look_at_files(run);
    vcluster_report *all = run->report;
    for (const vcl_lint_subject *s = run->subjects; s && run->status == 0; s = s->next) {
        vcl_lint_findings_of(run, s);
        if (run->status == 0) {
            vcl_lint_propose(run, s);
            vcl_report_move(all, run->report);
        }
        vcluster_report_free(run->report);
    }
    run->report = all;
    return run->status;
}

int vcl_lint_look(const vcluster_lint *lint,
                  const vcluster_chart *chart,
                  vcluster_report **out_report,
                  vcluster_error **error)
{
    vcl_lint_subject *subjects = NULL;

    int status = vcl_lint_subjects_find(lint, chart, &subjects, error);
    if (status < 0)
        return status;
    vcl_lint_run run = { .lint = lint, .chart = chart, .subjects = subjects };
    status = look(&run);
    vcl_lint_subjects_free(subjects);
    if (status < 0) {
        vcluster_report_free(run.report);
        return vcl_error_pass(error, &run.error, status);
    }
    vcl_report_sort(run.report);
    if (vcl_report_failed(run.report)) {
        vcluster_report_free(run.report);
        return vcl_no_memory(error);
    }
    *out_report = run.report;
    return 0;
}
