/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes versions of the embedded distribution: what a user may write. */
#include "cm.h"

#include "data/yaml.h"
#include "vcluster/versions.h"

static int resolve(const char *version, cJSON **out_values, vcluster_error **error)
{
    char *yaml = vcl_format("controlPlane: {distro: {k8s: {version: %s}}}", version);

    assert_non_null(yaml);
    assert_int_equal(vcl_yaml_parse(yaml, strlen(yaml), out_values, NULL), VCLUSTER_OK);
    free(yaml);
    return vcl_version_resolve_embedded(*out_values, error);
}

static void assert_resolves(const char *written, const char *tag)
{
    VCL_AUTO_JSON *values = NULL;
    vcluster_error *error = NULL;

    assert_works(resolve(written, &values, &error), &error);
    const char *made =
        vcl_json_find_string(values, "controlPlane", "distro", "k8s", "version", NULL);
    if (!vcl_streq(made, tag))
        fail_msg("%s became '%s' instead of '%s'", written, vcl_str(made), tag);
}

static void versions_become_tags_of_the_newest_known_patch(void **state)
{
    (void)state;
    assert_resolves("'1.34'", "v1.34.4");
    assert_resolves("'v1.34'", "v1.34.4");
    assert_resolves("'1.34.4'", "v1.34.4");
    assert_resolves("v1.34.4", "v1.34.4");
    assert_resolves("'1.35'", "v1.35.4");
    assert_resolves("v1.35.4", "v1.35.4");
}

/* `version: 1.35` without quotes is a number in YAML. */
static void unquoted_numbers_are_versions_too(void **state)
{
    (void)state;
    assert_resolves("1.35", "v1.35.4");
    assert_resolves("1.34", "v1.34.4");
    assert_resolves("1.34.4", "v1.34.4");
}

static void unknown_versions_are_refused_with_path_and_remedy(void **state)
{
    static const char *const versions[] = { "'1.31'", "'1.3'",    "1.31",      "'1'",    "'1.35.'",
                                            "'v'",    "'1.34.5'", "'1.34.40'", "latest", "'vv1.35'",
                                            "true",   "[]",       "{}",        "1.3",    "'35.4'" };

    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        VCL_AUTO_JSON *values = NULL;
        VCL_AUTO_ERROR *error = NULL;

        if (resolve(versions[i], &values, &error) != VCLUSTER_E_CONFIG)
            fail_msg("%s was not refused", versions[i]);
        assert_string_equal(vcluster_error_field(error), "controlPlane.distro.k8s.version");
        assert_int_equal(vcluster_error_finding_count(error), 1);
        const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
        assert_string_equal(vcluster_finding_path(finding), "controlPlane.distro.k8s.version");
        assert_string_equal(vcluster_finding_rule(finding), "kubernetes-version");
        assert_int_equal(vcluster_finding_severity(finding), VCLUSTER_SEVERITY_ERROR);
        assert_non_null(strstr(vcluster_finding_remedy(finding), "1.35"));
    }
}

static void the_refused_version_is_named_as_it_was_written(void **state)
{
    VCL_AUTO_JSON *values = NULL;
    VCL_AUTO_JSON *number = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(resolve("v1.31.2", &values, &error), VCLUSTER_E_CONFIG, &error, "'v1.31.2'");
    assert_fails(resolve("1.31", &number, &error), VCLUSTER_E_CONFIG, &error, "'1.31'");
}

static void missing_null_and_empty_versions_are_left_alone(void **state)
{
    VCL_AUTO_JSON *none = cJSON_CreateObject();
    VCL_AUTO_JSON *null_value = NULL;
    VCL_AUTO_JSON *empty = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_version_resolve_embedded(none, &error), &error);
    assert_null(none->child);
    assert_works(resolve("null", &null_value, &error), &error);
    assert_works(resolve("''", &empty, &error), &error);
    assert_string_equal(
        vcl_json_find_string(empty, "controlPlane", "distro", "k8s", "version", NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_become_tags_of_the_newest_known_patch),
        cmocka_unit_test(unquoted_numbers_are_versions_too),
        cmocka_unit_test(unknown_versions_are_refused_with_path_and_remedy),
        cmocka_unit_test(the_refused_version_is_named_as_it_was_written),
        cmocka_unit_test(missing_null_and_empty_versions_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
