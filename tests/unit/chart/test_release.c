/* SPDX-License-Identifier: Apache-2.0 */
/* Release records: the layout that Helm reads, the way back, broken records. */
#include "chart/release.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "chart_fixture.h"
#include "cmocka_support.h"
#include "data/encoding.h"

static const vcl_release_info plain_info = { .name = "demo",
                                             .namespace_name = "team",
                                             .revision = 3,
                                             .status = "pending-install",
                                             .description = "Initial install underway",
                                             .first_deployed = 1760000000,
                                             .last_deployed = 1760000060 };

static cJSON *encode(const cJSON *values, const cJSON *annotations)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    cJSON *secret = NULL;

    assert_ok(fixture_chart(&chart, &error, "Chart.yaml", "name: small\nversion: 1.2.3\n",
                            "values.yaml", "a: 1\n", "templates/x.yaml", "x: {{ .Values.a }}",
                            "values.schema.json", "{}", "files/a", "A", NULL),
              error);
    assert_ok(
        vcl_release_encode(&plain_info, chart, values, "---\nx: 1\n", annotations, &secret, &error),
        error);
    return secret;
}

static void
assert_at(const cJSON *node, const char *expected, const char *a, const char *b, const char *c)
{
    assert_text_equal(vcl_json_find_string(node, a, b, c, NULL), expected);
}

static void secrets_look_as_those_of_helm(void **state)
{
    VCL_AUTO_JSON *annotations = fixture_values("{example.com/lock: me}");
    VCL_AUTO_JSON *secret = encode(NULL, annotations);

    (void)state;
    assert_at(secret, "Secret", "kind", NULL, NULL);
    assert_at(secret, "helm.sh/release.v1", "type", NULL, NULL);
    assert_at(secret, "sh.helm.release.v1.demo.v3", "metadata", "name", NULL);
    assert_at(secret, "team", "metadata", "namespace", NULL);
    assert_at(secret, "demo", "metadata", "labels", "name");
    assert_at(secret, "helm", "metadata", "labels", "owner");
    assert_at(secret, "pending-install", "metadata", "labels", "status");
    assert_at(secret, "3", "metadata", "labels", "version");
    assert_at(secret, "1760000060", "metadata", "labels", "createdAt");
    assert_at(secret, "me", "metadata", "annotations", "example.com/lock");
}

static void releases_hold_chart_values_and_manifest(void **state)
{
    VCL_AUTO_JSON *values = fixture_values("{b: {c: <&>}}");
    VCL_AUTO_JSON *secret = encode(values, NULL);
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_release_decode(secret, &release, &error), error);
    assert_at(release, "demo", "name", NULL, NULL);
    assert_at(release, "team", "namespace", NULL, NULL);
    assert_at(release, "---\nx: 1\n", "manifest", NULL, NULL);
    assert_at(release, "<&>", "config", "b", "c");
    assert_int_equal(vcl_json_find_int(release, 0, "version", NULL), 3);
    assert_at(release, "2025-10-09T08:53:20Z", "info", "first_deployed", NULL);
    assert_at(release, "2025-10-09T08:54:20Z", "info", "last_deployed", NULL);
    assert_at(release, "", "info", "deleted", NULL);
    assert_at(release, "pending-install", "info", "status", NULL);
    assert_at(release, "small", "chart", "metadata", "name");
    assert_at(release, "v1", "chart", "metadata", "apiVersion");
    assert_at(release, "e30=", "chart", "schema", NULL);
    assert_true(cJSON_IsNull(vcl_json_find(release, "chart", "lock", NULL)));

    const cJSON *template = vcl_json_find(release, "chart", "templates", NULL)->child;
    assert_at(template, "templates/x.yaml", "name", NULL, NULL);
    assert_at(template, "eDoge3sgLlZhbHVlcy5hIH19", "data", NULL, NULL);
    assert_at(vcl_json_find(release, "chart", "files", NULL)->child, "QQ==", "data", NULL, NULL);
}

static void a_release_without_values_has_no_config(void **state)
{
    VCL_AUTO_JSON *secret = encode(NULL, NULL);
    VCL_AUTO_JSON *release = NULL;

    (void)state;
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_null(vcl_json_get(release, "config"));
}

/* base64 of base64 of gzip: what Helm takes apart. */
static void the_value_is_packed_as_helm_packs_it(void **state)
{
    VCL_AUTO_JSON *secret = encode(NULL, NULL);
    const char *text = vcl_json_find_string(secret, "data", "release", NULL);
    vcl_auto_free char *inner = NULL;
    vcl_auto_free char *data = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(vcl_base64_decode(text, &inner, &size, NULL), 0);
    assert_int_equal(vcl_base64_decode(inner, &data, &size, NULL), 0);
    assert_true(size > 20);
    assert_memory_equal(data, "\x1f\x8b\x08", 3);
}

static void the_status_changes_in_place(void **state)
{
    VCL_AUTO_JSON *secret = encode(NULL, NULL);
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_JSON *removed = NULL;

    (void)state;
    assert_int_equal(vcl_release_set_status(secret, "deployed", "Install complete", NULL), 0);
    assert_at(secret, "deployed", "metadata", "labels", "status");
    assert_at(secret, NULL, "metadata", "labels", "createdAt");
    assert_non_null(vcl_json_find_string(secret, "metadata", "labels", "modifiedAt", NULL));
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_at(release, "deployed", "info", "status", NULL);
    assert_at(release, "Install complete", "info", "description", NULL);
    assert_at(release, "", "info", "deleted", NULL);
    assert_at(release, "---\nx: 1\n", "manifest", NULL, NULL);

    assert_int_equal(vcl_release_set_status(secret, "uninstalling", NULL, NULL), 0);
    assert_int_equal(vcl_release_decode(secret, &removed, NULL), 0);
    assert_at(removed, "Install complete", "info", "description", NULL);
    assert_int_equal(strlen(vcl_json_find_string(removed, "info", "deleted", NULL)), 20);
}

static cJSON *secret_with(const char *release)
{
    cJSON *secret = fixture_values("{metadata: {name: broken}, data: {}}");

    if (release)
        vcl_json_set_string(vcl_json_get(secret, "data"), "release", release);
    return secret;
}

static char *twice_base64(const char *data, size_t size)
{
    vcl_auto_free char *inner = vcl_base64_encode(data, size);

    return vcl_base64_encode(inner, strlen(inner));
}

static void plain_releases_of_old_are_read(void **state)
{
    static const char json[] = "{\"name\":\"old\",\"info\":{\"status\":\"deployed\"}}";
    vcl_auto_free char *text = twice_base64(json, sizeof(json) - 1);
    VCL_AUTO_JSON *secret = secret_with(text);
    VCL_AUTO_JSON *release = NULL;

    (void)state;
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_at(release, "old", "name", NULL, NULL);
}

static void broken_releases_are_protocol_errors(void **state)
{
    vcl_auto_free char *no_gzip = twice_base64("\x1f\x8b\x08 broken", 10);
    vcl_auto_free char *no_json = twice_base64("{\"name\"", 7);
    vcl_auto_free char *no_info = twice_base64("{\"name\":1}", 10);
    vcl_auto_free char *no_object = twice_base64("[1]", 3);
    const char *const texts[] = { NULL, "", "***", "YQ==", no_gzip, no_json, no_info, no_object };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        VCL_AUTO_JSON *secret = secret_with(texts[i]);
        VCL_AUTO_JSON *release = NULL;
        VCL_AUTO_ERROR *error = NULL;
        assert_fails(vcl_release_decode(secret, &release, &error), VCLUSTER_E_PROTOCOL, error,
                     "Secret 'broken'");
        assert_null(release);
        assert_int_equal(vcl_release_set_status(secret, "deployed", NULL, NULL),
                         VCLUSTER_E_PROTOCOL);
    }
}

/* The JSON in a Secret. */
static char *unpack(const cJSON *secret)
{
    const char *text = vcl_json_find_string(secret, "data", "release", NULL);
    vcl_auto_free char *inner = NULL;
    vcl_auto_free char *data = NULL;
    char *json = NULL;
    size_t size = 0;

    assert_int_equal(vcl_base64_decode(text, &inner, &size, NULL), 0);
    assert_int_equal(vcl_base64_decode(inner, &data, &size, NULL), 0);
    assert_int_equal(vcl_gunzip(data, size, 1 << 20, &json, &size, NULL), 0);
    return json;
}

/* Structs keep the order of their fields in Go, maps are sorted. */
static void the_json_has_the_order_of_helm(void **state)
{
    VCL_AUTO_JSON *values = fixture_values("{z: 1, b: {d: 1, c: 2}}");
    VCL_AUTO_JSON *secret = encode(values, NULL);
    vcl_auto_free char *json = unpack(secret);

    (void)state;
    assert_string_equal(
        json,
        "{\"name\":\"demo\",\"info\":{\"first_deployed\":\"2025-10-09T08:53:20Z\","
        "\"last_deployed\":\"2025-10-09T08:54:20Z\",\"deleted\":\"\",\"description\":"
        "\"Initial install underway\",\"status\":\"pending-install\"},\"chart\":{\"metadata\":"
        "{\"name\":\"small\",\"version\":\"1.2.3\",\"apiVersion\":\"v1\"},\"lock\":null,"
        "\"templates\":[{\"name\":\"templates/x.yaml\",\"data\":\"eDoge3sgLlZhbHVlcy5hIH19\"}],"
        "\"values\":{\"a\":1},\"schema\":\"e30=\",\"files\":[{\"name\":\"files/a\",\"data\":"
        "\"QQ==\"}]},\"config\":{\"b\":{\"c\":2,\"d\":1},\"z\":1},\"manifest\":\"---\\nx: "
        "1\\n\",\"version\":3,\"namespace\":\"team\"}");
}

/* Helm 4 leaves out times that are not set and says more; nothing of it is lost. */
static void releases_of_helm_4_are_read_and_kept(void **state)
{
    static const char json[] =
        "{\"name\":\"r\",\"info\":{\"status\":\"deployed\",\"new\":{\"z\":1,\"a\":2}},"
        "\"version\":2,\"apply_method\":\"ssa\"}";
    vcl_auto_free char *packed = twice_base64(json, sizeof(json) - 1);
    VCL_AUTO_JSON *secret = secret_with(packed);
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_release_decode(secret, &release, &error), error);
    assert_ok(vcl_release_set_status(secret, "superseded", NULL, &error), error);
    vcl_auto_free char *text = unpack(secret);
    assert_string_equal(text, "{\"name\":\"r\",\"info\":{\"status\":\"superseded\",\"new\":"
                              "{\"z\":1,\"a\":2}},\"version\":2,\"apply_method\":\"ssa\"}");
}

/* A Secret of some kilobytes that would unpack to gigabytes. */
static void releases_that_are_bombs_are_refused(void **state)
{
    enum { SIZE = (64 << 20) + 4096 };
    vcl_auto_free char *zeros = calloc(1, SIZE);
    vcl_auto_free char *zipped = NULL;
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_ERROR *error = NULL;
    size_t size = 0;

    (void)state;
    assert_non_null(zeros);
    assert_int_equal(vcl_gzip(zeros, SIZE, &zipped, &size, NULL), 0);
    vcl_auto_free char *packed = twice_base64(zipped, size);
    VCL_AUTO_JSON *secret = secret_with(packed);
    assert_true(vcl_release_decode(secret, &release, &error) < 0);
    assert_null(release);
}

/* Text that gzip cannot make smaller. */
static void releases_that_no_secret_can_hold_are_refused(void **state)
{
    enum { SIZE = 3 << 20 };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *manifest = malloc(SIZE + 1);
    uint32_t random = 1;
    cJSON *secret = NULL;

    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 1664525 + 1013904223;
        manifest[i] = (char)('!' + (random >> 24) % 90);
    }
    manifest[SIZE] = '\0';
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", "name: a\nversion: 1.0.0\n", NULL),
                     0);
    assert_fails(vcl_release_encode(&plain_info, chart, NULL, manifest, NULL, &secret, &error),
                 VCLUSTER_E_CONFIG, error, "too large for a Secret");
    assert_null(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_look_as_those_of_helm),
        cmocka_unit_test(releases_hold_chart_values_and_manifest),
        cmocka_unit_test(a_release_without_values_has_no_config),
        cmocka_unit_test(the_value_is_packed_as_helm_packs_it),
        cmocka_unit_test(the_status_changes_in_place),
        cmocka_unit_test(plain_releases_of_old_are_read),
        cmocka_unit_test(broken_releases_are_protocol_errors),
        cmocka_unit_test(the_json_has_the_order_of_helm),
        cmocka_unit_test(releases_of_helm_4_are_read_and_kept),
        cmocka_unit_test(releases_that_are_bombs_are_refused),
        cmocka_unit_test(releases_that_no_secret_can_hold_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
