/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules, suppression, repairs and formats. tests/fixtures/lint/ID has what a rule finds
 * (bad-N.yaml) and what it does not (good-N.yaml), at least three of each; those of rules that
 * lib/check has are looked at by its own test.
 */
#include "lint/lint.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "check/rule.h"
#include "cmocka_support.h"
#include "data/schema.h"

#define LINT VCLUSTER_FIXTURES "/lint"
#define SARIF LINT "/sarif"
#define FILE_NAME "values.yaml"

enum { MIN_FIXTURES = 3, MAX_PATH = 512 };

static void free_lint(vcluster_lint *lint)
{
    while (lint->files) {
        vcl_lint_file *next = lint->files->next;
        vcl_lint_file_free(lint->files);
        lint->files = next;
    }
    cJSON_Delete(lint->settings.tree);
}
#define AUTO_LINT __attribute__((cleanup(free_lint))) vcluster_lint

static void add(vcluster_lint *lint, const char *name, const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_lint_file **slot = &lint->files;

    while (*slot)
        slot = &(*slot)->next;
    assert_ok(vcl_lint_file_read(name, text, strlen(text), slot, &error), error);
}

static void configure(vcluster_lint *lint, const char *text)
{
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_lint_settings_read(text, strlen(text), &lint->settings, &error), error);
}

static vcluster_report *look(const vcluster_lint *lint)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_report *report = NULL;

    assert_ok(vcl_lint_look(lint, NULL, &report, &error), error);
    return report;
}

static const vcluster_finding *find(const vcluster_report *report, const char *id)
{
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        if (vcl_streq(vcluster_report_at(report, i)->rule, id))
            return vcluster_report_at(report, i);
    }
    return NULL;
}

static bool has(const vcluster_lint *lint, const char *id)
{
    VCL_AUTO_REPORT *report = look(lint);

    return find(report, id) != NULL;
}

static char *repair(vcluster_lint *lint)
{
    VCL_AUTO_ERROR *error = NULL;
    char *text = NULL;

    assert_ok(vcl_lint_repair(lint, NULL, FILE_NAME, &text, &error), error);
    return text;
}

static char *read_fixture(const char *id, const char *kind, int number)
{
    char path[MAX_PATH];

    (void)snprintf(path, sizeof(path), LINT "/%s/%s-%d.yaml", id, kind, number);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    (void)fclose(file);
    return text;
}

/* A repair that is not possible leaves the text as it is; one that is leaves no finding, and
 * nothing to do for a second one. */
static void check_repair(vcluster_lint *lint, const vcl_lint_rule *rule, const char *before)
{
    vcl_auto_free char *once = repair(lint);
    vcl_auto_free char *twice = repair(lint);

    assert_string_equal(once, twice);
    if (rule->fix && has(lint, rule->id) && strcmp(once, before) != 0)
        fail_msg("%s is still there after a repair:\n%s", rule->id, once);
}

static int check_fixtures(const vcl_lint_rule *rule, const char *kind, bool wanted)
{
    int number = 1;

    for (;; number++) {
        AUTO_LINT lint = { .files = NULL };
        vcl_auto_free char *text = read_fixture(rule->id, kind, number);

        if (!text)
            return number - 1;
        add(&lint, FILE_NAME, text);
        VCL_AUTO_REPORT *report = look(&lint);
        const vcluster_finding *found = find(report, rule->id);
        if (!found == wanted)
            fail_msg("%s: %s-%d.yaml has %s finding", rule->id, kind, number, found ? "a" : "no");
        if (found)
            assert_true(found->line > 0 && *found->message);
        check_repair(&lint, rule, text);
    }
}

static bool is_of_check(const vcl_lint_rule *rule)
{
    return vcl_check_rule_find(rule->id) != NULL;
}

static void every_rule_finds_its_bad_files_and_leaves_its_good_ones(void **state)
{
    (void)state;
    vcl_lint_rule rule;
    size_t count = 0;

    for (size_t i = 0; vcl_lint_rule_at(i, &rule); i++) {
        if (is_of_check(&rule))
            continue;
        assert_true(check_fixtures(&rule, "bad", true) >= MIN_FIXTURES);
        assert_true(check_fixtures(&rule, "good", false) >= MIN_FIXTURES);
        count++;
    }
    assert_uint_equal(count, 42);
}

static void rules_are_in_order_and_found_by_id_and_name(void **state)
{
    (void)state;
    vcl_lint_rule rule;
    vcl_lint_rule same;
    const char *last = "";

    for (size_t i = 0; vcl_lint_rule_at(i, &rule); i++) {
        assert_true(strcmp(last, rule.id) < 0);
        assert_true(vcl_lint_rule_find(rule.name, &same));
        assert_string_equal(same.id, rule.id);
        last = rule.id;
    }
    assert_false(vcl_lint_rule_find("VC999", &rule));
}

static void repairs_change_nothing_else(void **state)
{
    static const char before[] = "# Of team A.\r\n"
                                 "sync:\r\n"
                                 "  toHost: # upwards\r\n"
                                 "    persistentvolumeclaims: {enabled: true}   # typo\r\n"
                                 "    secrets: { 'all' :  true }\r\n"
                                 "policies:\r\n"
                                 "  # more to come\r\n"
                                 "  networkPolicy: {} # nothing yet\r\n"
                                 "\r\n"
                                 "logging: {}\r\n";
    static const char after[] = "# Of team A.\r\n"
                                "sync:\r\n"
                                "  toHost: # upwards\r\n"
                                "    persistentVolumeClaims: {enabled: true}   # typo\r\n"
                                "    secrets: { 'all' :  false }\r\n"
                                "policies:\r\n"
                                "  # more to come\r\n"
                                "  networkPolicy: {enabled: true} # nothing yet\r\n"
                                "  resourceQuota:\r\n"
                                "    enabled: true\r\n"
                                "\r\n"
                                "logging: {}\r\n";
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    configure(&lint, "rules: {include: [VC001, VC101, VC501, VC601]}");
    add(&lint, FILE_NAME, before);
    vcl_auto_free char *text = repair(&lint);
    assert_string_equal(text, after);
    VCL_AUTO_REPORT *report = look(&lint);
    assert_uint_equal(vcluster_report_size(report), 0);
}

static void rules_of_values_alone_are_repaired_too(void **state)
{
    static const char before[] = "sync: {fromhost: {}}\n"
                                 "controlPlane:\n"
                                 "  distro: {k8s: {version: 1.31.1, scheduler: {enabled: true}}}\n";
    static const char after[] = "sync: {fromhost: {}, fromHost: {nodes: {enabled: true}}}\n"
                                "controlPlane:\n"
                                "  distro: {k8s: {version: v1.31.1, scheduler: {enabled: true}}}\n";
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    configure(&lint, "rules: {include: [VC603, VC701]}");
    add(&lint, FILE_NAME, before);
    vcl_auto_free char *text = repair(&lint);
    assert_string_equal(text, after);
}

static void a_list_gets_one_more_item_as_it_is_written(void **state)
{
    static const char before[] = "policies:\n"
                                 "  networkPolicy:\n"
                                 "    enabled: true\n"
                                 "    workload:\n"
                                 "      publicEgress:\n"
                                 "        except:\n"
                                 "          - 10.0.0.0/8 # ours\n"
                                 "          # more to come\n"
                                 "exportKubeConfig: {server: 'https://dev.example.com'}\n"
                                 "controlPlane: {proxy: {extraSANs: [a.example.com]}}\n";
    static const char after[] =
        "policies:\n"
        "  networkPolicy:\n"
        "    enabled: true\n"
        "    workload:\n"
        "      publicEgress:\n"
        "        except:\n"
        "          - 10.0.0.0/8 # ours\n"
        "          - 169.254.169.254/32\n"
        "          # more to come\n"
        "exportKubeConfig: {server: 'https://dev.example.com'}\n"
        "controlPlane: {proxy: {extraSANs: [a.example.com, dev.example.com]}}\n";
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    configure(&lint, "rules: {include: [VC503, VC708]}");
    add(&lint, FILE_NAME, before);
    vcl_auto_free char *text = repair(&lint);
    assert_string_equal(text, after);
}

static void value_files_have_the_name_and_namespace_of_their_application(void **state)
{
    static const char app[] = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                              "metadata: {name: ci-7}\nspec:\n  destination: {namespace: ci-7}\n"
                              "  sources:\n"
                              "    - {chart: vcluster, targetRevision: 0.36.1,\n"
                              "       helm: {valueFiles: [$values/clusters/a.yaml]}}\n"
                              "    - {ref: values}\n";
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    configure(&lint, "rules: {include: [VC401, VC501]}");
    add(&lint, "app.yaml", app);
    add(&lint, "./clusters/a.yaml", "policies: {networkPolicy: {enabled: true}}\n");
    VCL_AUTO_REPORT *report = look(&lint);
    assert_uint_equal(vcluster_report_size(report), 1);
    assert_string_equal(find(report, "VC401")->file, "./clusters/a.yaml");
}

static void each_of_the_six_common_mistakes_is_found_in_one_go(void **state)
{
    static const char *const ids[] = { "VC101", "VC201", "VC301", "VC401", "VC501", "VC601" };
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    configure(&lint, "cluster: {name: ci-17, namespace: ci-17}\n"
                     "rules: {exclude: [VC306, VC504, VC511]}");
    add(&lint, "values.yaml",
        "controlPlane: {backingStore: {etcd: {deploy: {enabled: true}}}}\n"
        "sync: {toHost: {configMaps: {all: true}}}\n");
    add(&lint, "app/web.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n");
    VCL_AUTO_REPORT *report = look(&lint);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_non_null(find(report, ids[i]));
    assert_uint_equal(vcluster_report_size(report), 6);
    assert_int_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_WARNING);
}

static void a_finding_is_ignored_with_a_reason_only(void **state)
{
    (void)state;
    AUTO_LINT with = { .files = NULL };
    AUTO_LINT without = { .files = NULL };
    AUTO_LINT far = { .files = NULL };

    add(&with, FILE_NAME, "# vclint:ignore VC507 a fake one\nplugins: {x: {token: abc}}\n");
    assert_true(has(&with, "VC507") == false);
    add(&without, FILE_NAME, "# vclint:ignore VC507\nplugins: {x: {token: abc}}\n");
    assert_true(has(&without, "VC507"));
    add(&far, FILE_NAME, "# vclint:ignore VC507 a fake one\n\nplugins: {x: {token: abc}}\n");
    assert_true(has(&far, "VC507"));
}

static void an_annotation_counts_for_its_manifest(void **state)
{
    static const char release[] =
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: a%d\n"
        "  annotations: {ignore-check.libvcluster.dev/VC501: '%s'}\n"
        "spec: {targetNamespace: a%d, chart: {spec: {chart: vcluster}}}\n";
    (void)state;
    char text[2048];

    for (int reason = 0; reason < 2; reason++) {
        AUTO_LINT lint = { .files = NULL };
        (void)snprintf(text, sizeof(text), release, 1, reason ? "one tenant" : "", 1);
        add(&lint, FILE_NAME, text);
        assert_int_equal(has(&lint, "VC501"), !reason);
        assert_true(has(&lint, "VC101"));
    }
}

static void settings_choose_rules_and_severities(void **state)
{
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    configure(&lint, "rules: {include: [VC101, no-network-isolation], exclude: [VC501],\n"
                     "        severity: {quota-missing: error}}\n");
    add(&lint, FILE_NAME, "sync: {toHost: {secrets: {all: true}}}\n");
    VCL_AUTO_REPORT *report = look(&lint);
    assert_uint_equal(vcluster_report_size(report), 1);
    assert_int_equal(find(report, "VC101")->severity, VCLUSTER_SEVERITY_ERROR);
}

static void settings_that_are_wrong_are_told_all_at_once(void **state)
{
    static const char text[] = "rules: {include: [VC999], severity: {VC101: bad}, all: x}\n"
                               "cluster: {name: 1}\nversion: 2\n";
    (void)state;
    AUTO_LINT lint = { .files = NULL };
    VCL_AUTO_ERROR *error = NULL;

    int status = vcl_lint_settings_read(text, strlen(text), &lint.settings, &error);
    assert_int_equal(status, VCLUSTER_E_CONFIG);
    assert_uint_equal(vcluster_error_finding_count(error), 5);
    assert_null(lint.settings.tree);
}

static void findings_never_have_the_secret(void **state)
{
    (void)state;
    AUTO_LINT lint = { .files = NULL };
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *text = NULL;

    add(&lint, FILE_NAME, "plugins: {x: {password: c4n4ry}}\n");
    VCL_AUTO_REPORT *report = look(&lint);
    assert_non_null(find(report, "VC507"));
    assert_ok(vcl_lint_print_sarif(report, &text, &error), error);
    assert_null(strstr(text, "c4n4ry"));
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 1 << 16);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    (void)fclose(file);
    return text;
}

/* The text with one edit of it carried out, as an editor would. */
static char *carry_out(const char *text, const vcluster_edit *edit)
{
    size_t offsets[2] = { 0, 0 };
    const int64_t lines[2] = { vcluster_edit_line(edit), vcluster_edit_end_line(edit) };
    const int64_t columns[2] = { vcluster_edit_column(edit), vcluster_edit_end_column(edit) };

    for (int end = 0; end < 2; end++) {
        const char *at = text;
        for (int64_t line = 1; line < lines[end]; line++) {
            at = strchr(at, '\n');
            assert_non_null(at);
            at++;
        }
        for (int64_t column = 1; column < columns[end]; column++) {
            assert_true(*at && *at != '\n');
            for (at++; ((unsigned char)*at & 0xc0U) == 0x80U;)
                at++;
        }
        offsets[end] = (size_t)(at - text);
    }
    assert_true(offsets[0] <= offsets[1]);
    return vcl_format("%.*s%s%s", (int)offsets[0], text, vcluster_edit_text(edit),
                      text + offsets[1]);
}

/* Whether the same finding is in the text that one edit makes. */
static bool stays(const char *text, const vcluster_finding *finding)
{
    AUTO_LINT lint = { .files = NULL };
    vcl_auto_free char *changed = carry_out(text, finding->fix);

    assert_non_null(changed);
    add(&lint, FILE_NAME, changed);
    VCL_AUTO_REPORT *report = look(&lint);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *one = vcluster_report_at(report, i);
        if (vcl_streq(one->rule, finding->rule) && vcl_streq(one->path, finding->path))
            return true;
    }
    return false;
}

static size_t check_fixes_of(const char *id, int number)
{
    AUTO_LINT lint = { .files = NULL };
    vcl_auto_free char *text = read_fixture(id, "bad", number);
    size_t count = 0;

    if (!text)
        return 0;
    add(&lint, FILE_NAME, text);
    VCL_AUTO_REPORT *report = look(&lint);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *finding = vcluster_report_at(report, i);
        if (!finding->fix || !vcl_streq(finding->rule, id))
            continue;
        count++;
        if (stays(text, finding))
            fail_msg("%s: bad-%d.yaml: %s is there after its edit", id, number, finding->path);
    }
    return count;
}

static void the_edit_of_a_finding_repairs_it_alone(void **state)
{
    (void)state;
    vcl_lint_rule rule;

    for (size_t i = 0; vcl_lint_rule_at(i, &rule); i++) {
        size_t count = 0;
        for (int number = 1; number <= MIN_FIXTURES && rule.fix; number++)
            count += check_fixes_of(rule.id, number);
        if (rule.fix && count == 0 && !is_of_check(&rule))
            fail_msg("%s says that it repairs, and no finding of its files has an edit", rule.id);
    }
}

static void
check_edit(const char *text, const char *rule, const int64_t places[4], const char *inserted)
{
    AUTO_LINT lint = { .files = NULL };

    add(&lint, FILE_NAME, text);
    VCL_AUTO_REPORT *report = look(&lint);
    const vcluster_finding *finding = find(report, rule);
    assert_non_null(finding);
    const vcluster_edit *edit = vcluster_finding_fix(finding);
    assert_non_null(edit);
    assert_int_equal(vcluster_edit_line(edit), places[0]);
    assert_int_equal(vcluster_edit_column(edit), places[1]);
    assert_int_equal(vcluster_edit_end_line(edit), places[2]);
    assert_int_equal(vcluster_edit_end_column(edit), places[3]);
    assert_string_equal(vcluster_edit_text(edit), inserted);
}

static void edits_count_characters_and_take_whole_words_and_lines(void **state)
{
    static const char text[] = "# \303\234ber uns\nsync:\n"
                               "  toHost: {'\303\274': 1, secrets: {all: true}} # \303\274\n"
                               "policies:\n  # later more\n  networkPolicy: {enabled: true}\n"
                               "logging: {}";
    (void)state;

    check_edit(text, "VC601", (const int64_t[]){ 3, 35, 3, 39 }, "false");
    check_edit(text, "VC101", (const int64_t[]){ 7, 1, 7, 1 },
               "  resourceQuota:\n    enabled: true\n");
    check_edit("sync: {toHost: {ingreses: {}}}", "VC001", (const int64_t[]){ 1, 17, 1, 25 },
               "ingresses");
}

/* The results of one file, and the shape of the whole by the parts of SARIF 2.1.0 that are used. */
static void the_sarif_report_is_the_golden_one(void **state)
{
    (void)state;
    VCL_AUTO_ERROR *error = NULL;
    AUTO_LINT lint = { .files = NULL };
    vcl_auto_free char *values = read_whole(SARIF "/values.yaml");
    vcl_auto_free char *golden = read_whole(SARIF "/results.json");
    vcl_auto_free char *shape = read_whole(SARIF "/shape.schema.json");
    vcl_auto_free char *text = NULL;
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_JSON *wanted = NULL;
    vcl_schema *schema = NULL;

    add(&lint, FILE_NAME, values);
    VCL_AUTO_REPORT *report = look(&lint);
    assert_ok(vcl_lint_print_sarif(report, &text, &error), error);
    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    assert_ok(vcl_json_parse(golden, strlen(golden), &wanted, &error), error);
    const cJSON *runs = vcl_json_find(tree, "runs", NULL);
    const cJSON *results = vcl_json_find(runs->child, "results", NULL);
    if (!vcl_json_equal(results, wanted)) {
        vcl_auto_free char *actual = vcl_json_print(results);
        fail_msg("not what results.json has: %s", actual);
    }
    assert_ok(vcl_schema_compile(shape, strlen(shape), &schema, &error), error);
    assert_ok(vcl_schema_validate(schema, tree, "", &error), error);
    vcl_schema_free(schema);
}

static void values_inside_a_text_are_found_and_not_repaired(void **state)
{
    static const char text[] = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                               "metadata: {name: a}\nspec:\n  destination: {namespace: a}\n"
                               "  source:\n    chart: vcluster\n    helm:\n      values: |\n"
                               "        sync: {toHost: {secrets: {all: true}}}\n";
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    add(&lint, FILE_NAME, text);
    VCL_AUTO_REPORT *report = look(&lint);
    assert_int_equal(find(report, "VC601")->line, 9);
    vcl_auto_free char *same = repair(&lint);
    assert_string_equal(same, text);
}

static void values_that_are_no_yaml_are_a_finding_and_those_of_a_template_are_none(void **state)
{
    static const char app[] = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                              "metadata: {name: a}\nspec:\n  destination: {namespace: a}\n"
                              "  source: {chart: vcluster, helm: {values: '%s'}}\n";
    (void)state;
    AUTO_LINT broken = { .files = NULL };
    AUTO_LINT template = { .files = NULL };
    char text[1024];

    (void)snprintf(text, sizeof(text), app, "a: [");
    add(&broken, FILE_NAME, text);
    assert_true(has(&broken, "VC001"));
    assert_false(has(&broken, "VC101"));
    (void)snprintf(text, sizeof(text), app, "{{ range }}a: [");
    add(&template, FILE_NAME, text);
    assert_false(has(&template, "VC001"));
}

static void other_charts_and_other_manifests_have_no_findings(void **state)
{
    (void)state;
    AUTO_LINT lint = { .files = NULL };

    add(&lint, "a.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
        "spec: {source: {chart: nginx, helm: {valuesObject: {password: x}}}}\n");
    add(&lint, "b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n");
    add(&lint, "c.yaml", "# nothing\n");
    VCL_AUTO_REPORT *report = look(&lint);
    assert_uint_equal(vcluster_report_size(report), 0);
}

static void texts_are_escaped_in_every_format(void **state)
{
    (void)state;
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *junit = NULL;
    vcl_auto_free char *github = NULL;
    const vcl_finding_facts facts = { .file = "a:<b>,.yaml",
                                      .line = 3,
                                      .column = 4,
                                      .path = "x",
                                      .rule = "VC001",
                                      .severity = VCLUSTER_SEVERITY_ERROR,
                                      .message = "\"100%\" & more" };

    assert_non_null(report);
    vcl_report_add(report, &facts);
    assert_ok(vcl_lint_print_junit(report, &junit, &error), error);
    assert_non_null(strstr(junit, "classname=\"a:&lt;b&gt;,.yaml\""));
    assert_non_null(strstr(junit, "message=\"&quot;100%&quot; &amp; more\""));
    assert_ok(vcl_lint_print_github(report, &github, &error), error);
    assert_string_equal(github, "::error file=a%3A<b>%2C.yaml,line=3,col=4,title=VC001::"
                                "x: \"100%25\" & more\n");
}

static void the_json_report_is_as_its_schema_says(void **state)
{
    (void)state;
    AUTO_LINT lint = { .files = NULL };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = NULL;
    vcl_schema *schema = NULL;
    vcl_auto_free char *text = NULL;
    vcl_auto_free char *schema_text =
        read_whole(VCLUSTER_FIXTURES "/../../docs/lint-report.schema.json");

    add(&lint, FILE_NAME, "sync: {tohost: {}}\nplugins: {x: {password: y}}\n");
    VCL_AUTO_REPORT *report = look(&lint);
    assert_ok(vcluster_report_to_json(report, &text, &error), error);
    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    assert_ok(vcl_schema_compile(schema_text, strlen(schema_text), &schema, &error), error);
    assert_ok(vcl_schema_validate(schema, tree, "", &error), error);
    assert_true(vcl_json_set_string(tree, "errors", "1"));
    assert_int_equal(vcl_schema_validate(schema, tree, "", NULL), VCLUSTER_E_CONFIG);
    vcl_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_finds_its_bad_files_and_leaves_its_good_ones),
        cmocka_unit_test(rules_are_in_order_and_found_by_id_and_name),
        cmocka_unit_test(repairs_change_nothing_else),
        cmocka_unit_test(rules_of_values_alone_are_repaired_too),
        cmocka_unit_test(a_list_gets_one_more_item_as_it_is_written),
        cmocka_unit_test(value_files_have_the_name_and_namespace_of_their_application),
        cmocka_unit_test(each_of_the_six_common_mistakes_is_found_in_one_go),
        cmocka_unit_test(a_finding_is_ignored_with_a_reason_only),
        cmocka_unit_test(an_annotation_counts_for_its_manifest),
        cmocka_unit_test(settings_choose_rules_and_severities),
        cmocka_unit_test(settings_that_are_wrong_are_told_all_at_once),
        cmocka_unit_test(findings_never_have_the_secret),
        cmocka_unit_test(the_edit_of_a_finding_repairs_it_alone),
        cmocka_unit_test(edits_count_characters_and_take_whole_words_and_lines),
        cmocka_unit_test(the_sarif_report_is_the_golden_one),
        cmocka_unit_test(values_inside_a_text_are_found_and_not_repaired),
        cmocka_unit_test(values_that_are_no_yaml_are_a_finding_and_those_of_a_template_are_none),
        cmocka_unit_test(other_charts_and_other_manifests_have_no_findings),
        cmocka_unit_test(texts_are_escaped_in_every_format),
        cmocka_unit_test(the_json_report_is_as_its_schema_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
