/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of config.yaml that the runtime reads, and the environment of its pod. */
#include "runtime_fixture.h"

static int parse(const char *config, rt_settings *settings, vcluster_error **error)
{
    rt_identity identity = { .name = "dev", .namespace_name = "team-a" };

    return rt_settings_parse(&identity, config, strlen(config), settings, error);
}

static void empty_config_gives_the_defaults(void **state)
{
    RT_AUTO_SETTINGS settings = { 0 };

    (void)state;
    fixture_settings("", &settings);
    assert_text_equal(settings.name, "dev");
    assert_text_equal(settings.namespace_name, "team-a");
    assert_text_equal(settings.service_cidr, "10.96.0.0/16");
    assert_text_equal(settings.cluster_domain, "cluster.local");
    assert_text_equal(settings.export_context, "");
    assert_text_equal(settings.export_server, "");
    assert_int_equal(settings.port, 8443);
    assert_int_equal(cJSON_GetArraySize(settings.pod_ips), 2);
    assert_int_equal(cJSON_GetArraySize(settings.extra_sans), 0);
}

static void config_is_read_and_foreign_keys_are_left_alone(void **state)
{
    RT_AUTO_SETTINGS settings = { 0 };

    (void)state;
    fixture_settings("networking:\n"
                     "  serviceCIDR: 10.7.0.0/20,fd00:7::/112\n"
                     "  advanced: {clusterDomain: tenant.example}\n"
                     "exportKubeConfig: {context: mine, server: 'https://api.example:443'}\n"
                     "controlPlane:\n"
                     "  proxy: {port: 9443, extraSANs: [api.example, '*.api.example', 192.0.2.9]}\n"
                     "  coredns: {enabled: true}\n"
                     "sync: {toHost: {pods: {enabled: true}}}\n",
                     &settings);
    assert_text_equal(settings.service_cidr, "10.7.0.0/20,fd00:7::/112");
    assert_text_equal(settings.cluster_domain, "tenant.example");
    assert_text_equal(settings.export_context, "mine");
    assert_text_equal(settings.export_server, "https://api.example:443");
    assert_int_equal(settings.port, 9443);
    assert_int_equal(cJSON_GetArraySize(settings.extra_sans), 3);
}

static void hosts_of_ingress_and_route_are_names_of_the_certificate_when_enabled(void **state)
{
    RT_AUTO_SETTINGS both = { 0 };
    RT_AUTO_SETTINGS none = { 0 };

    (void)state;
    fixture_settings("controlPlane:\n"
                     "  proxy: {extraSANs: [api.example]}\n"
                     "  ingress: {enabled: true, host: dev.example.com}\n"
                     "  tlsRoute: {enabled: true, host: dev.example.org}\n",
                     &both);
    assert_int_equal(cJSON_GetArraySize(both.extra_sans), 3);
    assert_text_equal(cJSON_GetArrayItem(both.extra_sans, 1)->valuestring, "dev.example.com");
    assert_text_equal(cJSON_GetArrayItem(both.extra_sans, 2)->valuestring, "dev.example.org");
    fixture_settings("controlPlane: {ingress: {enabled: false, host: my-host.com}}", &none);
    assert_int_equal(cJSON_GetArraySize(none.extra_sans), 0);
}

static void unusable_values_are_refused_with_their_path(void **state)
{
    static const char *const cases[][2] = {
        { "controlPlane: {proxy: {port: 0}}", "controlPlane.proxy.port" },
        { "controlPlane: {proxy: {port: 70000}}", "controlPlane.proxy.port" },
        { "controlPlane: {proxy: {extraSANs: name}}", "controlPlane.proxy.extraSANs" },
        { "controlPlane: {proxy: {extraSANs: ['two words']}}", "'two words'" },
        { "controlPlane: {proxy: {extraSANs: [7]}}", "controlPlane.proxy.extraSANs" },
        { "controlPlane: {ingress: {enabled: true, host: 'a b'}}", "controlPlane.ingress.host" },
        { "exportKubeConfig: {server: 'http://plain'}", "exportKubeConfig.server" },
        { "networking: {advanced: {clusterDomain: 'a b'}}", "networking.advanced.clusterDomain" },
        { "- a list", "not a map" },
        { "a: [", "line" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        RT_AUTO_SETTINGS settings = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        int status = parse(cases[i][0], &settings, &error);
        assert_fails(status, VCLUSTER_E_CONFIG, error, cases[i][1]);
        assert_null(settings.name);
    }
}

static void a_pod_without_identity_is_refused(void **state)
{
    rt_identity nobody = { .name = NULL, .namespace_name = "team-a" };
    rt_identity odd = { .name = "dev", .namespace_name = "team-a", .pod_ips = "10.0.0.1,x" };
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_ERROR *first = NULL;
    VCL_AUTO_ERROR *second = NULL;

    (void)state;
    int status = rt_settings_parse(&nobody, "", 0, &settings, &first);
    assert_fails(status, VCLUSTER_E_INVALID_ARGUMENT, first, "VCLUSTER_NAME");
    status = rt_settings_parse(&odd, "", 0, &settings, &second);
    assert_fails(status, VCLUSTER_E_CONFIG, second, "POD_IPS");
}

static void a_missing_file_is_named(void **state)
{
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    int status = rt_settings_load("/nonexistent/config.yaml", &settings, &error);
    assert_fails(status, VCLUSTER_E_NOT_FOUND, error, "/nonexistent/config.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_config_gives_the_defaults),
        cmocka_unit_test(config_is_read_and_foreign_keys_are_left_alone),
        cmocka_unit_test(hosts_of_ingress_and_route_are_names_of_the_certificate_when_enabled),
        cmocka_unit_test(unusable_values_are_refused_with_their_path),
        cmocka_unit_test(a_pod_without_identity_is_refused),
        cmocka_unit_test(a_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
