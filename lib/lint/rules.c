/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rules, which goes on with that of check/. */
#include <string.h>

#include "base/str.h"
#include "check/rule.h"
#include "data/values.h"
#include "lint/lint.h"

#define ERROR VCLUSTER_SEVERITY_ERROR
#define WARNING VCLUSTER_SEVERITY_WARNING

/* A rule and its function, of which there is one. */
typedef struct lint_row {
    vcl_lint_rule rule;
    void (*look_at_subject)(vcl_lint_run *run, const vcl_lint_subject *subject);
    void (*look_at_file)(vcl_lint_run *run, const vcl_lint_file *file);
} lint_row;

static const lint_row rows[] = {
    { { "VC000", "ignore-unclear", WARNING,
        "a comment that ignores a finding without a reason, or a rule that is not known", false },
      NULL,
      vcl_lint_ignore_unclear },
    { { "VC002", "duplicate-key", ERROR, "a key that is there twice in one map", false },
      NULL,
      vcl_lint_duplicate_keys },
    { { "VC101", "quota-missing", WARNING, "no ResourceQuota in the namespace on the host", true },
      vcl_lint_quota_missing,
      NULL },
    { { "VC102", "quota-without-limitrange", ERROR,
        "a quota on what pods need not ask for, and no LimitRange that fills it in", true },
      vcl_lint_quota_without_limits,
      NULL },
    { { "VC103", "quota-below-control-plane", ERROR,
        "a quota that the control plane itself does not fit in", false },
      vcl_lint_quota_too_small,
      NULL },
    { { "VC201", "ingress-not-synced", WARNING, "Ingresses inside that the host never gets", true },
      vcl_lint_ingress_not_synced,
      NULL },
    { { "VC301", "store-too-heavy", WARNING,
        "an etcd of its own for a virtual cluster that does not live long", true },
      vcl_lint_store_too_heavy,
      NULL },
    { { "VC401", "no-ttl", WARNING, "a virtual cluster for CI or tests that nothing deletes",
        false },
      vcl_lint_no_ttl,
      NULL },
    { { "VC403", "shared-namespace", ERROR, "two virtual clusters in one namespace", false },
      vcl_lint_shared_namespace,
      NULL },
    { { "VC404", "name-invalid", ERROR, "a name that the objects of a virtual cluster cannot carry",
        false },
      vcl_lint_name_invalid,
      NULL },
    { { "VC501", "no-network-isolation", WARNING, "no NetworkPolicy in the namespace on the host",
        true },
      vcl_lint_no_isolation,
      NULL },
    { { "VC506", "insecure-kubeconfig", ERROR, "a certificate that is not verified", false },
      vcl_lint_insecure_kubeconfig,
      NULL },
    { { "VC507", "secret-in-values", ERROR, "a password, token or key in the values", false },
      vcl_lint_secret_in_values,
      NULL },
    { { "VC601", "oversync-all", WARNING, "everything is synced where less would do", true },
      vcl_lint_oversync,
      NULL },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Those of check/ that can be repaired. */
static bool is_repaired(const char *id)
{
    return vcl_streq(id, "VC001") || vcl_streq(id, "VC603") || vcl_streq(id, "VC701");
}

/* What needs the values of before, which no file has. */
static bool needs_old_values(const char *id)
{
    return vcl_streq(id, "VC303");
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
    for (size_t i = 0; mine < ROWS || other < vcl_check_rule_count; i++) {
        if (other < vcl_check_rule_count && needs_old_values(vcl_check_rules[other].id))
            other++;
        bool take = other == vcl_check_rule_count ||
                    (mine < ROWS && strcmp(rows[mine].rule.id, vcl_check_rules[other].id) < 0);
        if (i == index) {
            if (take)
                *out_rule = rows[mine].rule;
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
    for (size_t i = 0; i < ROWS; i++) {
        run->rule = rows[i].rule;
        if (rows[i].look_at_file && vcl_lint_wants(&run->lint->settings, &run->rule))
            rows[i].look_at_file(run, file);
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

static void check(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    VCL_AUTO_REPORT *found = NULL;
    const vcl_lint_settings *settings = &run->lint->settings;
    const vcl_check_input input = {
        .chart = run->chart,
        .values = subject->values,
        .name = subject->name,
        .namespace_name = subject->namespace_name,
        .kubernetes_version = vcl_lint_setting(settings, "kubernetesVersion"),
        .licence = vcl_lint_setting(settings, "cluster.licence"),
        .file = subject->file->name,
        .mark = subject->mark,
    };

    int status = vcl_check_run(&input, vcl_check_rules, vcl_check_rule_count, &found, &run->error);
    if (status < 0)
        run->status = status;
    else
        take_over(run, found);
}

void vcl_lint_look_at_subject(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (run->status == 0)
        check(run, subject);
    if (run->status == 0 && !run->chart && vcl_lint_rule_find("VC001", &run->rule) &&
        vcl_lint_wants(&run->lint->settings, &run->rule))
        vcl_lint_unknown_keys(run, subject);
    for (size_t i = 0; i < ROWS && run->status == 0; i++) {
        run->rule = rows[i].rule;
        if (rows[i].look_at_subject && vcl_lint_wants(&run->lint->settings, &run->rule))
            rows[i].look_at_subject(run, subject);
    }
}
