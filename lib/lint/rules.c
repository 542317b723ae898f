/* SPDX-License-Identifier: Apache-2.0 */
/* The rules as one list: those of the table here and those of check/. */
#include <string.h>

#include "base/str.h"
#include "check/rule.h"
#include "data/values.h"
#include "lint/rows.h"

/* Those of check/ that can be repaired. */
static bool is_repaired(const char *id)
{
    return vcl_streq(id, "VC001") || vcl_streq(id, "VC603") || vcl_streq(id, "VC701");
}

static void from_check(const vcl_check_rule *row, vcl_lint_rule *out_rule)
{
    *out_rule = (vcl_lint_rule){ .id = row->id,
                                 .name = row->name,
                                 .severity = row->severity,
                                 .text = row->text,
                                 .fix = is_repaired(row->id) };
}

bool vcl_lint_rule_at(size_t index, vcl_lint_rule *out_rule)
{
    size_t mine = 0;
    size_t other = 0;

    /* Both tables are in the order of ids. */
    for (size_t i = 0; mine < vcl_lint_row_count || other < vcl_check_rule_count; i++) {
        bool take = other == vcl_check_rule_count ||
                    (mine < vcl_lint_row_count &&
                     strcmp(vcl_lint_rows[mine].rule.id, vcl_check_rules[other].id) < 0);
        if (i == index) {
            if (take)
                *out_rule = vcl_lint_rows[mine].rule;
            else
                from_check(&vcl_check_rules[other], out_rule);
            return true;
        }
        if (take)
            mine++;
        else
            other++;
    }
    return false;
}

bool vcl_lint_rule_find(const char *id, vcl_lint_rule *out_rule)
{
    vcl_lint_rule rule;

    for (size_t i = 0; vcl_lint_rule_at(i, &rule); i++) {
        if (vcl_streq(rule.id, id) || vcl_streq(rule.name, id)) {
            *out_rule = rule;
            return true;
        }
    }
    return false;
}

void vcl_lint_look_at_file(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (size_t i = 0; i < vcl_lint_row_count; i++) {
        run->rule = vcl_lint_rows[i].rule;
        if (vcl_lint_rows[i].look_at_file && vcl_lint_wants(&run->lint->settings, &run->rule))
            vcl_lint_rows[i].look_at_file(run, file);
    }
}

/* What check/ found, by the settings. */
static void take_over(vcl_lint_run *run, const vcluster_report *found)
{
    for (size_t i = 0; i < vcluster_report_size(found); i++) {
        const vcluster_finding *f = vcluster_report_at(found, i);

        if (!vcl_lint_rule_find(f->rule, &run->rule) ||
            !vcl_lint_wants(&run->lint->settings, &run->rule))
            continue;
        const vcl_finding_facts facts = { .file = f->file,
                                          .line = f->line,
                                          .column = f->column,
                                          .path = f->path,
                                          .rule = f->rule,
                                          .severity = vcl_lint_severity(&run->lint->settings,
                                                                        &run->rule, f->severity),
                                          .message = f->message,
                                          .remedy = f->remedy };
        vcl_report_add(run->report, &facts);
    }
}

/* What runs under the name of a subject that is a file; NULL: nothing was added. */
static const vcl_lint_subject *find_live(const vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const vcl_lint_subject *live = subject->file->live ? NULL : run->subjects;

    while (live && !(live->file->live && vcl_streq(live->name, subject->name) &&
                     vcl_streq(live->namespace_name, subject->namespace_name)))
        live = live->next;
    return live;
}

static void check(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    VCL_AUTO_REPORT *found = NULL;
    const vcl_lint_settings *settings = &run->lint->settings;
    const vcl_lint_subject *live = find_live(run, subject);
    const vcl_lint_file *file = live ? live->file : subject->file;
    const char *version = file->kubernetes_version;
    const vcl_check_input input = {
        .chart = subject->file->chart ? subject->file->chart : run->chart,
        .values = subject->values,
        .old_values = live ? live->values : NULL,
        .name = subject->name,
        .namespace_name = subject->namespace_name,
        .kubernetes_version = version ? version : vcl_lint_setting(settings, "kubernetesVersion"),
        .licence = vcl_lint_setting(settings, "cluster.licence"),
        .file = subject->file->name,
        .mark = subject->file->live ? NULL : subject->mark,
    };

    int status = vcl_check_run(&input, vcl_check_rules, vcl_check_rule_count, &found, &run->error);
    if (status < 0)
        run->status = status;
    else
        take_over(run, found);
}

void vcl_lint_look_at_subject(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (run->status == 0 && !subject->partial)
        check(run, subject);
    if (run->status == 0 && !run->chart && !subject->file->chart && !subject->partial &&
        vcl_lint_rule_find("VC001", &run->rule) && vcl_lint_wants(&run->lint->settings, &run->rule))
        vcl_lint_unknown_keys(run, subject);
    if (run->status == 0 && subject->unreadable && vcl_lint_rule_find("VC001", &run->rule) &&
        vcl_lint_wants(&run->lint->settings, &run->rule))
        vcl_lint_find(run, subject, "", "correct the text", "the values are no YAML");
    for (size_t i = 0; i < vcl_lint_row_count && run->status == 0; i++) {
        run->rule = vcl_lint_rows[i].rule;
        if (vcl_lint_rows[i].look_at_subject &&
            (!subject->partial || vcl_lint_rows[i].of_manifest) &&
            vcl_lint_wants(&run->lint->settings, &run->rule))
            vcl_lint_rows[i].look_at_subject(run, subject);
    }
}
