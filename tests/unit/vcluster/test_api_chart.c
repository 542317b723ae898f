/* SPDX-License-Identifier: Apache-2.0 */
/* The exported functions of charts and releases: what they hand out, and what they refuse before
 * anything is sent. */
#include "cm.h"

#include <libvcluster/vcluster.h>

#include "base/str.h"
#include "fake_host.h"

#define CHART VCLUSTER_FIXTURES "/charts/options"

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;

static int begin(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    assert_works(vcluster_chart_load(CHART, &chart, &error), &error);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

#define REFUSED(call, part) assert_fails((call), VCLUSTER_E_INVALID_ARGUMENT, &error, (part))

static void null_arguments_are_named(void **state)
{
    vcluster_error *error = NULL;
    vcluster_chart *made = NULL;
    vcluster_release *release = NULL;
    vcluster_release_list *list = NULL;
    char *text = NULL;

    (void)state;
    REFUSED(vcluster_chart_parse(NULL, 1, &made, &error), "data is NULL");
    REFUSED(vcluster_chart_parse("x", 1, NULL, &error), "out_chart is NULL");
    REFUSED(vcluster_chart_fetch(NULL, NULL, &made, &error), "reference is NULL");
    REFUSED(vcluster_chart_fetch("x", NULL, NULL, &error), "out_chart is NULL");
    REFUSED(vcluster_chart_upstream(NULL, NULL, &error), "out_chart is NULL");
    REFUSED(vcluster_chart_metadata(NULL, &text, &error), "chart is NULL");
    REFUSED(vcluster_chart_metadata(chart, NULL, &error), "out_json is NULL");
    REFUSED(vcluster_chart_validate(NULL, NULL, &error), "chart is NULL");
    REFUSED(vcluster_release_install(NULL, "a", chart, NULL, NULL, NULL, &error), "client is NULL");
    REFUSED(vcluster_release_install(client, NULL, chart, NULL, NULL, NULL, &error),
            "name is NULL");
    REFUSED(vcluster_release_install(client, "a", NULL, NULL, NULL, NULL, &error), "chart is NULL");
    REFUSED(vcluster_release_upgrade(client, "a", NULL, NULL, NULL, NULL, &error), "chart is NULL");
    REFUSED(vcluster_release_rollback(client, NULL, 0, NULL, NULL, &error), "name is NULL");
    REFUSED(vcluster_release_uninstall(NULL, "a", NULL, &error), "client is NULL");
    REFUSED(vcluster_release_diff(client, "a", NULL, NULL, NULL, &text, &error), "chart is NULL");
    REFUSED(vcluster_release_diff(client, "a", chart, NULL, NULL, NULL, &error),
            "out_json is NULL");
    REFUSED(vcluster_release_get(client, "a", 0, NULL, NULL, &error), "out_release is NULL");
    REFUSED(vcluster_release_get(client, NULL, 0, NULL, &release, &error), "name is NULL");
    REFUSED(vcluster_release_history(client, "a", NULL, NULL, &error), "out_list is NULL");
    REFUSED(vcluster_release_history(NULL, "a", NULL, &list, &error), "client is NULL");
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void names_of_releases_are_checked(void **state)
{
    static const char *const names[] = { "", "Dev", "a/b", "a?x=y", "a-", ".a", "a..b" };
    vcluster_error *error = NULL;
    vcluster_release *release = NULL;
    vcluster_release_list *list = NULL;
    char *text = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = names[i];
        REFUSED(vcluster_release_install(client, name, chart, NULL, NULL, NULL, &error), "name");
        REFUSED(vcluster_release_upgrade(client, name, chart, NULL, NULL, NULL, &error), "name");
        REFUSED(vcluster_release_rollback(client, name, 0, NULL, NULL, &error), "name");
        REFUSED(vcluster_release_uninstall(client, name, NULL, &error), "name");
        REFUSED(vcluster_release_diff(client, name, chart, NULL, NULL, &text, &error), "name");
        REFUSED(vcluster_release_get(client, name, 0, NULL, &release, &error), "name");
        REFUSED(vcluster_release_history(client, name, NULL, &list, &error), "name");
        REFUSED(vcluster_chart_template(chart, name, NULL, NULL, &text, &error), "name");
    }
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void options_of_releases_are_checked(void **state)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;
    vcluster_error *error = NULL;
    vcluster_release *release = NULL;

    (void)state;
    options.namespace_name = "a/../b";
    REFUSED(vcluster_release_install(client, "a", chart, NULL, &options, NULL, &error),
            "namespace");
    options.namespace_name = NULL;
    options.value_policy = 4;
    REFUSED(vcluster_release_upgrade(client, "a", chart, NULL, &options, NULL, &error),
            "value_policy 4");
    options.value_policy = 0;
    options.history_max = -2;
    REFUSED(vcluster_release_upgrade(client, "a", chart, NULL, &options, NULL, &error),
            "history_max -2");
    REFUSED(vcluster_release_rollback(client, "a", -1, NULL, NULL, &error), "revision -1");
    REFUSED(vcluster_release_get(client, "a", -1, NULL, &release, &error), "revision -1");
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void a_chart_hands_out_what_it_holds(void **state)
{
    vcluster_error *error = NULL;
    vcluster_chart *embedded = NULL;
    char *json = NULL;

    (void)state;
    assert_string_equal(vcluster_chart_app_version(chart), "4.5");
    assert_string_equal(vcluster_chart_values(chart), "port: 80 # of the service\n");
    assert_non_null(strstr(vcluster_chart_schema(chart), "\"minimum\""));
    assert_works(vcluster_chart_metadata(chart, &json, &error), &error);
    assert_non_null(strstr(json, "\"version\":\"1.2.3\""));
    vcluster_free(json);
    assert_null(vcluster_chart_values(NULL));

    assert_works(vcluster_chart_embedded(&embedded, &error), &error);
    assert_non_null(vcluster_chart_schema(embedded));
    vcluster_chart_free(embedded);
}

static void bytes_that_are_no_chart_are_refused(void **state)
{
    vcluster_error *error = NULL;
    vcluster_chart *made = NULL;

    (void)state;
    assert_fails(vcluster_chart_parse("no chart", 8, &made, &error), VCLUSTER_E_CONFIG, &error,
                 "from memory");
    assert_fails(vcluster_chart_parse("", 0, &made, &error), VCLUSTER_E_CONFIG, &error, "");
    assert_null(made);
}

static vcluster_config *config_of(const char *text)
{
    vcluster_config *config = NULL;

    assert_int_equal(vcluster_config_parse(text, &config, NULL), VCLUSTER_OK);
    return config;
}

static void values_are_checked_against_the_schema(void **state)
{
    vcluster_config *wrong = config_of("{port: 0, host: x}");
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_chart_validate(chart, NULL, &error), &error);
    assert_int_equal(vcluster_chart_validate(chart, wrong, &error), VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    vcluster_error_free(error);
    vcluster_config_free(wrong);
}

/* Render with options; the text belongs to the caller. */
static char *render(const vcluster_template_options *options)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    assert_works(vcluster_chart_template(chart, "dev", NULL, options, &text, &error), &error);
    return text;
}

static void assert_rendered(const vcluster_template_options *options, const char *part, bool there)
{
    char *text = render(options);

    if ((strstr(text, part) != NULL) != there)
        fail_msg("'%s' is %s:\n%s", part, there ? "missing" : "there", text);
    vcluster_free(text);
}

static void parts_come_in_the_order_of_helm(void **state)
{
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;
    static const char *const parts[] = { "things.example.com", "dev-state", "dev-hook",
                                         "dev-test" };

    (void)state;
    options.include_crds = 1;
    char *text = render(&options);
    const char *place = text;
    for (size_t i = 0; i < 4; i++) {
        place = strstr(place, parts[i]);
        if (!place)
            fail_msg("'%s' is missing or too early:\n%s", parts[i], text);
    }
    assert_true(vcl_starts_with(text, "---\n# Source: options/crds/thing.yaml\napiVersion: "));
    vcluster_free(text);
}

static void parts_are_left_out(void **state)
{
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;

    (void)state;
    assert_rendered(&options, "things.example.com", false);
    assert_rendered(&options, "dev-hook", true);
    options.skip_tests = 1;
    assert_rendered(&options, "dev-test", false);
    assert_rendered(&options, "dev-hook", true);
    options.no_hooks = 1;
    assert_rendered(&options, "dev-hook", false);
    assert_rendered(&options, "dev-state", true);
}

static void what_the_cluster_offers_is_given(void **state)
{
    static const char *const more[] = { "example.com/v1/Thing", NULL };
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;

    (void)state;
    assert_rendered(NULL, "version: v1.35.4", true);
    assert_rendered(NULL, "upgrade: \"false\"", true);
    assert_rendered(NULL, "namespace: default", true);
    options.api_versions = more;
    options.is_upgrade = 1;
    options.namespace_name = "team-a";
    assert_rendered(&options, "things: \"true\"", true);
    assert_rendered(&options, "others: \"false\"", true);
    assert_rendered(&options, "upgrade: \"true\"", true);
    assert_rendered(&options, "namespace: team-a", true);
}

static void versions_of_kubernetes_are_read_as_helm_does(void **state)
{
    static const char *const versions[][2] = {
        { "1.30", "version: v1.30\n" },
        { "v1.29.3", "version: v1.29.3\n" },
        { " v1.28.1-gke.100", "version: v1.28.1\n" },
        { "1.27.0.5", "version: v1.27.0.5\n" },
    };
    static const char *const wrong[] = { "", "v", "1", "x1.2", "01.2", "latest" };
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        options.kubernetes_version = versions[i][0];
        assert_rendered(&options, versions[i][1], true);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        options.kubernetes_version = wrong[i];
        REFUSED(vcluster_chart_template(chart, "dev", NULL, &options, &text, &error), "version");
    }
}

static void the_schema_is_skipped_when_asked(void **state)
{
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;
    vcluster_config *wrong = config_of("{port: 0}");
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_fails(vcluster_chart_template(chart, "dev", wrong, &options, &text, &error),
                 VCLUSTER_E_CONFIG, &error, "schema");
    options.skip_schema = 1;
    assert_works(vcluster_chart_template(chart, "dev", wrong, &options, &text, &error), &error);
    vcluster_free(text);
    vcluster_config_free(wrong);
}

static void a_chart_is_got_from_a_path(void **state)
{
    vcluster_error *error = NULL;
    vcluster_chart *fetched = NULL;

    (void)state;
    assert_works(vcluster_chart_fetch(CHART, NULL, &fetched, &error), &error);
    assert_string_equal(vcluster_chart_name(fetched), "options");
    vcluster_chart_free(fetched);
    assert_fails(vcluster_chart_fetch("./no-such-chart", NULL, &fetched, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "no-such-chart");
}

static void a_chart_and_a_source_exclude_each_other(void **state)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    options.chart = chart;
    options.chart_version = "1";
    REFUSED(vcluster_instance_ensure(client, "dev", NULL, &options, NULL, &error),
            "chart_source and chart_version");
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void expressions_of_every_form_are_applied(void **state)
{
    vcluster_config *config = config_of("{}");
    vcluster_error *error = NULL;
    char *yaml = NULL;

    (void)state;
    assert_works(vcluster_config_set_json(config, "a={\"b\":[1,true]}", &error), &error);
    assert_works(vcluster_config_set_string_expression(config, "c=1,d=true", &error), &error);
    assert_works(vcluster_config_set_literal(config, "e=x,y={z}", &error), &error);
    assert_works(vcluster_config_set_file(config, "f=" CHART "/values.yaml", &error), &error);
    assert_works(vcluster_config_to_yaml(config, &yaml, &error), &error);
    assert_string_equal(yaml, "a:\n  b:\n  - 1\n  - true\nc: \"1\"\nd: \"true\"\ne: x,y={z}\n"
                              "f: |\n  port: 80 # of the service\n");
    vcluster_free(yaml);
    assert_fails(vcluster_config_set_file(config, "f=/no/such/file", &error), VCLUSTER_E_NOT_FOUND,
                 &error, "");
    REFUSED(vcluster_config_set_json(config, NULL, &error), "NULL");
    REFUSED(vcluster_config_set_literal(NULL, "a=b", &error), "NULL");
    vcluster_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_arguments_are_named),
        cmocka_unit_test(names_of_releases_are_checked),
        cmocka_unit_test(options_of_releases_are_checked),
        cmocka_unit_test(a_chart_hands_out_what_it_holds),
        cmocka_unit_test(bytes_that_are_no_chart_are_refused),
        cmocka_unit_test(values_are_checked_against_the_schema),
        cmocka_unit_test(parts_come_in_the_order_of_helm),
        cmocka_unit_test(parts_are_left_out),
        cmocka_unit_test(what_the_cluster_offers_is_given),
        cmocka_unit_test(versions_of_kubernetes_are_read_as_helm_does),
        cmocka_unit_test(the_schema_is_skipped_when_asked),
        cmocka_unit_test(a_chart_is_got_from_a_path),
        cmocka_unit_test(a_chart_and_a_source_exclude_each_other),
        cmocka_unit_test(expressions_of_every_form_are_applied),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
