/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A team's configuration from a mistake to a budget: sync rules, names, quota, lint, admission. The
 * same scenario as run.py and run_test.go, with the same transcript (expected.txt). No host is
 * needed: the budget is that of one in memory.
 */
#include <libvcluster/vcluster.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char values[] = "# Of a team.\nsync:\n  toHost:\n    secrets: {all: true} # easier\n";
static const char tenant[] =
    "kind: TeamCluster\nspec: {team: shop, resourceQuota: {cpu: 4, memory: 8Gi, pods: 20}}\n";
static const char wrong[] =
    "kind: TeamCluster\nspec: {team: shop, resourceQuota: {cpu: -1, memry: 8Gi}}\n";
static const char quota[] =
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: 1}}}";
static const char pods[] =
    "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c}]}}\n---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c}]}}\n";
static const char holder[] =
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: vcluster-first}, "
    "spec: {hard: {cpu: 6, memory: 8Gi}}}";
static const char total[] = "{cpu: 10, memory: 64Gi}";

static vcluster_config *config;
static vcluster_error *error;

/* What must not fail ends the program where it does. */
static void check(int status)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s\n", vcluster_error_to_string(error));
    exit(1);
}

/* What must fail: its code is told, and the error kept for its findings. */
static void refused(const char *what, int status)
{
    printf("%s: %s\n", what, vcluster_status_name(status));
}

static void forget(void)
{
    vcluster_error_free(error);
    error = NULL;
}

static void tell_finding(const char *what, const vcluster_finding *one)
{
    printf("%s: %s %s %s: %s\n", what, vcluster_severity_name(vcluster_finding_severity(one)),
           vcluster_finding_rule(one), vcluster_finding_path(one), vcluster_finding_message(one));
}

/* ---- Sync rules ---- */

static vcluster_sync_rules *read_rules(void)
{
    vcluster_sync_rules *rules = NULL;

    check(vcluster_sync_rules_new(NULL, config, &rules, &error));
    return rules;
}

static const char *activity(const vcluster_sync_rule *rule)
{
    return vcluster_sync_rule_active(rule) ? "active" : "idle";
}

static void switch_on(void)
{
    const vcluster_sync_rule *rule = NULL;

    check(vcluster_sync_set(config, NULL, "toHost", "ing", VCLUSTER_SYNC_ON, NULL, &error));
    vcluster_sync_rules *rules = read_rules();
    check(vcluster_sync_rules_find(rules, "toHost", "ingresses", &rule, &error));
    printf("ing after it is switched on: %s %s\n",
           vcluster_sync_state_name(vcluster_sync_rule_state(rule)), activity(rule));
    vcluster_sync_rules_free(rules);
}

static void sync_rules(void)
{
    static const char *const kinds[] = { "ing", "pvc" };
    vcluster_sync_rules *rules = read_rules();
    const vcluster_sync_rule *rule = NULL;
    char *text = NULL;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        check(vcluster_sync_rules_find(rules, "toHost", kinds[i], &rule, &error));
        printf("%s: %s %s %s\n", kinds[i], vcluster_sync_rule_path(rule),
               vcluster_sync_state_name(vcluster_sync_rule_state(rule)), activity(rule));
    }
    refused("ingres", vcluster_sync_rules_find(rules, "toHost", "ingres", &rule, &error));
    forget();
    vcluster_sync_rules_free(rules);
    switch_on();
    check(vcluster_config_to_yaml(config, &text, &error));
    printf("%s", text);
    vcluster_free(text);
    text = NULL;
    check(vcluster_host_name("first", "x", "Pod", "default", "web", &text, &error));
    printf("pod default/web of first: %s\n", text);
    vcluster_free(text);
}

/* ---- Quota ---- */

static void tell_hard(const char *name, const char *key, const char *path)
{
    char *json = NULL;

    check(vcluster_config_get(config, path, &json, &error));
    printf("%s: %s %.*s\n", name, key, (int)strlen(json) - 2, json + 1); /* without quotes */
    vcluster_free(json);
}

static void tell_fits(void)
{
    vcluster_report *report = NULL;

    check(vcluster_quota_fits(quota, pods, NULL, NULL, &report, &error));
    for (size_t i = 0; i < vcluster_report_size(report); i++)
        tell_finding("fits", vcluster_report_at(report, i));
    vcluster_report_free(report);
}

static void quotas(void)
{
    char *name = NULL;

    check(vcluster_config_set_tenant(config, tenant, NULL, &name, &error));
    tell_hard(name, "limits.memory", "policies.resourceQuota.quota.limits\\.memory");
    tell_hard(name, "pods", "policies.resourceQuota.quota.pods");
    tell_hard(name, "requests.cpu", "policies.resourceQuota.quota.requests\\.cpu");
    vcluster_free(name);
    refused("wrong tenant", vcluster_config_set_tenant(config, wrong, NULL, NULL, &error));
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++)
        tell_finding("wrong tenant", vcluster_error_finding_at(error, i));
    forget();
    tell_fits();
}

/* ---- Lint ---- */

/* A text in quotes, its line breaks as \n: nothing else needs it here. */
static void tell_quoted(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '\n')
            printf("\\n");
        else
            putchar(*text);
    }
    printf("\"\n");
}

static size_t look(vcluster_lint *lint, bool aloud)
{
    vcluster_report *report = NULL;

    check(vcluster_lint_run(lint, NULL, &report, &error));
    size_t size = vcluster_report_size(report);
    for (size_t i = 0; aloud && i < size; i++) {
        const vcluster_finding *one = vcluster_report_at(report, i);
        const vcluster_edit *edit = vcluster_finding_fix(one);

        printf("%s:%lld:%lld: %s %s\n", vcluster_finding_file(one),
               (long long)vcluster_finding_line(one), (long long)vcluster_finding_column(one),
               vcluster_finding_rule(one), vcluster_severity_name(vcluster_finding_severity(one)));
        if (!edit)
            continue;
        printf("edit %lld:%lld-%lld:%lld ", (long long)vcluster_edit_line(edit),
               (long long)vcluster_edit_column(edit), (long long)vcluster_edit_end_line(edit),
               (long long)vcluster_edit_end_column(edit));
        tell_quoted(vcluster_edit_text(edit));
    }
    vcluster_report_free(report);
    return size;
}

static void lint(void)
{
    static const char settings[] = "rules: {include: [VC101, VC601]}";
    vcluster_lint *files = NULL;
    char *fixed = NULL;

    check(vcluster_lint_new(&files, &error));
    check(vcluster_lint_configure(files, settings, strlen(settings), &error));
    check(vcluster_lint_add(files, "values.yaml", values, strlen(values), &error));
    look(files, true);
    check(vcluster_lint_fix(files, NULL, "values.yaml", &fixed, &error));
    printf("%sleft over: %zu\n", fixed, look(files, false));
    vcluster_free(fixed);
    vcluster_lint_free(files);
}

/* ---- Budgets ---- */

static void tell_budget(const char *what, vcluster_budget *budget)
{
    for (size_t i = 0; i < vcluster_budget_size(budget); i++) {
        const vcluster_budget_entry *one = vcluster_budget_at(budget, i);
        printf("%s: %s %s of %s, %s left, %s asked\n", what, vcluster_budget_entry_resource(one),
               vcluster_budget_entry_promised(one), vcluster_budget_entry_total(one),
               vcluster_budget_entry_left(one), vcluster_budget_entry_asked(one));
    }
    for (size_t i = 0; i < vcluster_budget_finding_count(budget); i++)
        tell_finding(what, vcluster_budget_finding_at(budget, i));
    printf("%s: %s\n", what, vcluster_budget_fits(budget) ? "fits" : "does not fit");
    vcluster_budget_free(budget);
}

static void admit(vcluster_client *host, const char *what, const char *name)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_budget *budget = NULL;

    options.budget = total;
    options.name = name;
    check(vcluster_budget_admit(host, config, NULL, &options, &budget, &error));
    tell_budget(what, budget);
}

static void admission(void)
{
    vcluster_ensure_options ensure = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_client *host = NULL;
    vcluster_budget *budget = NULL;

    check(vcluster_client_new_fake(NULL, &host, &error));
    ensure.distribution = "embedded";
    check(vcluster_instance_create(host, "first", NULL, &ensure, NULL, &error));
    check(vcluster_fake_put(host, holder, &error));
    options.budget = total;
    check(vcluster_budget_read(host, &options, &budget, &error));
    tell_budget("all", budget);
    admit(host, "one more", NULL);
    admit(host, "in place of it", "first");
    vcluster_client_unref(host);
}

int main(void)
{
    check(vcluster_config_parse(values, &config, &error));
    sync_rules();
    quotas();
    lint();
    admission();
    vcluster_config_free(config);
    return 0;
}
