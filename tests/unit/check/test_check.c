/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on a configuration. tests/fixtures/lint/ID has what a rule finds (bad-N.yaml) and what it
 * does not (good-N.yaml), at least three of each. The first line may be
 * "# fixture: KEY=VALUE ...": chart (the stand-in next to them), licence, host (its version of
 * Kubernetes), name, namespace, and old (old/VALUE.yaml is what runs).
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"
#include "check/rule.h"
#include "cmocka_support.h"
#include "data/report.h"
#include "data/yaml.h"

#define LINT VCLUSTER_FIXTURES "/lint"

enum { MIN_FIXTURES = 3, MAX_VALUE = 64 };

/* A fixture and what its first line says. */
typedef struct fixture {
    char *text;
    cJSON *values;
    cJSON *old;
    vcluster_chart *chart;
    vcl_yaml_marks marks;
    char licence[MAX_VALUE];
    char host[MAX_VALUE];
    char name[MAX_VALUE];
    char namespace_name[MAX_VALUE];
} fixture;

static void fixture_done(fixture *f)
{
    free(f->text);
    cJSON_Delete(f->values);
    cJSON_Delete(f->old);
    vcluster_chart_free(f->chart);
    vcl_yaml_marks_done(&f->marks);
}
#define AUTO_FIXTURE __attribute__((cleanup(fixture_done))) fixture

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 1 << 16);

    assert_non_null(text);
    if (!file) {
        free(text);
        return NULL;
    }
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    (void)fclose(file);
    return text;
}

static cJSON *parse(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_yaml_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

/* The word behind "KEY" or "KEY=" in the first line; false: it is not there. */
static bool get_setting(const char *text, const char *key, char out_value[MAX_VALUE])
{
    size_t line = strcspn(text, "\n");
    size_t size = strlen(key);

    out_value[0] = '\0';
    if (!vcl_starts_with(text, "# fixture: "))
        return false;
    for (const char *at = text + strlen("# fixture: "); at < text + line; at++) {
        size_t word = strcspn(at, " \n");
        if (strncmp(at, key, size) == 0 && (word == size || at[size] == '=')) {
            if (word > size)
                (void)snprintf(out_value, MAX_VALUE, "%.*s", (int)(word - size - 1), at + size + 1);
            return true;
        }
        at += word;
    }
    return false;
}

static void load_context(fixture *f)
{
    VCL_AUTO_ERROR *error = NULL;
    char value[MAX_VALUE];
    char path[sizeof(LINT) + MAX_VALUE + 16];

    (void)get_setting(f->text, "licence", f->licence);
    (void)get_setting(f->text, "host", f->host);
    (void)get_setting(f->text, "name", f->name);
    (void)get_setting(f->text, "namespace", f->namespace_name);
    if (get_setting(f->text, "chart", value))
        assert_ok(vcl_chart_from_directory(LINT "/chart", &f->chart, &error), error);
    if (get_setting(f->text, "old", value)) {
        (void)snprintf(path, sizeof(path), LINT "/old/%s.yaml", *value ? value : "default");
        vcl_auto_free char *text = read_text(path);
        assert_non_null(text);
        f->old = parse(text);
    }
}

static const char *set(const char *text)
{
    return *text ? text : NULL;
}

static vcluster_report *run_rules(const fixture *f, const vcl_check_rule *rules, size_t count)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_report *report = NULL;
    const vcl_check_input input = { .chart = f->chart,
                                    .values = f->values,
                                    .old_values = f->old,
                                    .name = set(f->name),
                                    .namespace_name = set(f->namespace_name),
                                    .kubernetes_version = set(f->host),
                                    .licence = set(f->licence),
                                    .mark = f->marks.documents };

    assert_ok(vcl_check_run(&input, rules, count, &report, &error), error);
    return report;
}

static vcluster_report *run_all(const fixture *f)
{
    return run_rules(f, vcl_check_rules, vcl_check_rule_count);
}

/* False when there is no such fixture. */
static bool load(fixture *f, const char *id, const char *kind, int number)
{
    VCL_AUTO_ERROR *error = NULL;
    char path[sizeof(LINT) + MAX_VALUE];

    (void)snprintf(path, sizeof(path), LINT "/%s/%s-%d.yaml", id, kind, number);
    f->text = read_text(path);
    if (!f->text)
        return false;
    f->values = parse(f->text);
    assert_ok(vcl_yaml_marks_read(f->text, strlen(f->text), &f->marks, &error), error);
    load_context(f);
    return true;
}

static void assert_finding(const vcluster_finding *finding, const char *id)
{
    assert_string_equal(vcluster_finding_rule(finding), id);
    assert_true(vcluster_finding_message(finding)[0]);
    assert_true(vcluster_finding_line(finding) > 0);
}

/* Run one rule on its fixtures of a kind; gives their number. */
static int run_fixtures(const vcl_check_rule *rule, const char *kind, bool bad)
{
    for (int number = 1;; number++) {
        AUTO_FIXTURE f = { .text = NULL };
        if (!load(&f, rule->id, kind, number))
            return number - 1;
        VCL_AUTO_REPORT *report = run_rules(&f, rule, 1);
        if ((vcluster_report_size(report) > 0) != bad)
            print_error("%s/%s-%d.yaml: %zu findings, %s\n", rule->id, kind, number,
                        vcluster_report_size(report),
                        vcluster_report_size(report)
                            ? vcluster_finding_message(vcluster_report_at(report, 0))
                            : "");
        assert_int_equal(vcluster_report_size(report) > 0, bad);
        for (size_t i = 0; i < vcluster_report_size(report); i++)
            assert_finding(vcluster_report_at(report, i), rule->id);
    }
}

static void each_rule_finds_what_is_bad_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < vcl_check_rule_count; i++) {
        int bad = run_fixtures(&vcl_check_rules[i], "bad", true);
        int good = run_fixtures(&vcl_check_rules[i], "good", false);

        if (bad < MIN_FIXTURES || good < MIN_FIXTURES)
            print_error("%s has %d bad and %d good fixtures\n", vcl_check_rules[i].id, bad, good);
        assert_true(bad >= MIN_FIXTURES && good >= MIN_FIXTURES);
    }
}

static void rules_have_an_id_a_name_and_a_text_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < vcl_check_rule_count; i++) {
        const vcl_check_rule *rule = &vcl_check_rules[i];

        assert_true(rule->text[0] && rule->source[0]);
        assert_ptr_equal(vcl_check_rule_find(rule->id), rule);
        assert_ptr_equal(vcl_check_rule_find(rule->name), rule);
        if (i > 0)
            assert_true(strcmp(vcl_check_rules[i - 1].id, rule->id) < 0);
    }
    assert_null(vcl_check_rule_find("VC000"));
}

static void all_findings_come_at_once_in_the_order_of_the_text(void **state)
{
    (void)state;
    AUTO_FIXTURE f = { .text = vcl_strdup("policies:\n"
                                          "  podSecurityStandard: strict\n"
                                          "controlPlane:\n"
                                          "  distro: {k8s: {version: '1.31'}}\n"
                                          "  statefulSet:\n"
                                          "    highAvailability:\n"
                                          "      replicas: 3\n") };
    VCL_AUTO_ERROR *error = NULL;
    static const char *const wanted[] = { "VC513", "VC701", "VC302" };
    static const int64_t lines[] = { 2, 4, 7 };

    f.values = parse(f.text);
    assert_ok(vcl_yaml_marks_read(f.text, strlen(f.text), &f.marks, &error), error);
    VCL_AUTO_REPORT *report = run_all(&f);
    assert_int_equal(vcluster_report_size(report), 3);
    for (size_t i = 0; i < 3; i++) {
        const vcluster_finding *finding = vcluster_report_at(report, i);
        assert_string_equal(vcluster_finding_rule(finding), wanted[i]);
        assert_int_equal(vcluster_finding_line(finding), lines[i]);
        assert_int_equal(vcluster_finding_severity(finding), VCLUSTER_SEVERITY_ERROR);
        assert_true(vcluster_finding_remedy(finding)[0]);
    }
    assert_int_equal(vcluster_finding_column(vcluster_report_at(report, 1)), 18);
}

static void values_of_any_wrong_type_break_no_rule(void **state)
{
    static const char *const texts[] = {
        "sync: 1\ncontrolPlane: []\npolicies: x\nexperimental: [1]\nnetworking: {resolveDNS: {a: "
        "1}}\n",
        "sync: {toHost: [], fromHost: {configMaps: {enabled: true, mappings: {byName: [1, 2]}}}}\n",
        "sync: {toHost: {customResources: [1], pods: {enforceTolerations: [1, {}], patches: "
        "[1]}}}\n",
        "sync: {fromHost: {gateways: {enabled: true, mappings: {byName: [x]}, allowedRoutes: "
        "{overrides: [1, {allowedHostnames: x}]}}}}\n",
        "sync: {toHost: {namespaces: {enabled: true, mappings: {byName: [1]}}}}\n",
        "experimental: {proxy: {customResources: [1, 2]}, denyProxyRequests: [1, {rules: [2]}]}\n",
        "policies: {centralAdmission: {validatingWebhooks: [1, {webhooks: [2]}]}}\n",
        "privateNodes: {enabled: true, autoNodes: [1, {static: [2], dynamic: x}]}\n",
        "exportKubeConfig: {additionalSecrets: [1], secret: x, server: 3}\n",
        "controlPlane: {distro: {k8s: {version: [1]}}, backingStore: {etcd: x}}\n",
    };
    (void)state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        AUTO_FIXTURE f = { .values = parse(texts[i]) };
        VCL_AUTO_REPORT *report = run_all(&f);
        assert_non_null(report);
    }
}

/* By hand: VCLUSTER_TEST_CHART is the directory of upstream's chart. */
static void the_defaults_of_a_chart_are_clean(void **state)
{
    const char *path = secure_getenv("VCLUSTER_TEST_CHART");
    VCL_AUTO_ERROR *error = NULL;
    AUTO_FIXTURE f = { .values = cJSON_CreateObject() };
    (void)state;

    assert_ok(path ? vcl_chart_from_directory(path, &f.chart, &error)
                   : vcluster_chart_embedded(&f.chart, &error),
              error);
    VCL_AUTO_REPORT *report = run_all(&f);
    assert_int_equal(vcluster_report_size(report), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_finds_what_is_bad_and_nothing_else),
        cmocka_unit_test(rules_have_an_id_a_name_and_a_text_of_their_own),
        cmocka_unit_test(all_findings_come_at_once_in_the_order_of_the_text),
        cmocka_unit_test(values_of_any_wrong_type_break_no_rule),
        cmocka_unit_test(the_defaults_of_a_chart_are_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
