/* SPDX-License-Identifier: Apache-2.0 */
/* Names of virtual clusters and what is derived from them. */
#include "cm.h"

#include "release/pod_state.h"
#include "vcluster/names.h"

#define TEN "abcdefghij"

static void name_check_accepts_dns1035_labels(void **state)
{
    static const char *const names[] = {
        "a", "dev", "team-a", "a1", "x--y", "a-1-b", TEN TEN TEN TEN TEN "ab"
    };
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_works(vcl_name_check(names[i], &error), &error);
}

static void name_check_refuses_what_is_no_label(void **state)
{
    static const char *const names[] = { "1dev", "-a",  "a-",       "Dev", "a_b", "a.b",
                                         "a b",  "a/b", "\xc3\xa4", "a\n", "../x" };
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_fails(vcl_name_check(names[i], &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                     "is not a DNS label");
}

static void name_check_refuses_empty_and_null(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(vcl_name_check("", &error), VCLUSTER_E_INVALID_ARGUMENT, &error, "empty");
    assert_fails(vcl_name_check(NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, &error, "empty");
}

static void name_check_refuses_53_bytes_and_names_the_limit(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(vcl_name_check(TEN TEN TEN TEN TEN "abc", &error), VCLUSTER_E_INVALID_ARGUMENT,
                 &error, "has 53 bytes; at most 52");
}

static void name_check_works_without_an_error_argument(void **state)
{
    (void)state;
    assert_int_equal(vcl_name_check("A", NULL), VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(vcl_name_check("a", NULL), VCLUSTER_OK);
}

static void namespace_check_follows_dns1123(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_namespace_check(NULL, &error), &error);
    assert_works(vcl_namespace_check("1team", &error), &error);
    assert_works(vcl_namespace_check(TEN TEN TEN TEN TEN TEN "abc", &error), &error);
    assert_fails(vcl_namespace_check(TEN TEN TEN TEN TEN TEN "abcd", &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "63 bytes");
    assert_fails(vcl_namespace_check("", &error), VCLUSTER_E_INVALID_ARGUMENT, &error, "''");
    assert_fails(vcl_namespace_check("a.b", &error), VCLUSTER_E_INVALID_ARGUMENT, &error, "'a.b'");
}

static void assert_namespace(const char *given, const char *of_context, const char *expected)
{
    char *made = vcl_namespace_for(given, of_context, "dev");

    assert_string_equal(made, expected);
    free(made);
}

static void namespace_is_the_given_one_then_the_contexts_then_made_of_the_name(void **state)
{
    (void)state;
    assert_namespace("given", "context", "given");
    assert_namespace(NULL, "context", "context");
    assert_namespace(NULL, "default", "vcluster-dev");
    assert_namespace(NULL, "", "vcluster-dev");
    assert_namespace(NULL, NULL, "vcluster-dev");
}

static void context_name_has_all_three_parts(void **state)
{
    char *made = vcl_context_name("dev", "team-a", "kind-kind");

    (void)state;
    assert_string_equal(made, "vcluster_dev_team-a_kind-kind");
    free(made);
    made = vcl_context_name("dev", "team-a", NULL);
    assert_string_equal(made, "vcluster_dev_team-a_");
    free(made);
}

static void volume_claims_of_control_plane_and_etcd_are_recognised(void **state)
{
    (void)state;
    assert_true(vcl_is_volume_claim_of("data-dev-0", "dev"));
    assert_true(vcl_is_volume_claim_of("data-dev-12", "dev"));
    assert_true(vcl_is_volume_claim_of("data-dev-etcd-0", "dev"));
    assert_true(vcl_is_volume_claim_of("data-a-1-0", "a-1"));
}

/* Deleting 'a' must never take the volumes of 'a-1' along. */
static void volume_claims_of_namesakes_are_not_taken(void **state)
{
    static const char *const others[] = {
        "data-a-1-0", "data-ab-0",  "data-a-etcd-1-0", "data-a-", "data-a",       "data-a-0x",
        "data-a-x0",  "data-b-a-0", "xdata-a-0",       "a-0",     "data-a-etcd-", "data-a--0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (vcl_is_volume_claim_of(others[i], "a"))
            fail_msg("'%s' was taken for a claim of 'a'", others[i]);
    }
    assert_false(vcl_is_volume_claim_of(NULL, "a"));
}

static void image_tags_are_found_behind_ports_and_before_digests(void **state)
{
    static const struct {
        const char *image, *tag;
    } cases[] = {
        { "ghcr.io/loft-sh/vcluster-pro:0.36.0", "0.36.0" },
        { "registry:5000/vcluster", "" },
        { "registry:5000/vcluster:1.2", "1.2" },
        { "registry.local:5000/a/b:v1.35.4@sha256:0123456789abcdef", "v1.35.4" },
        { "registry:5000/a@sha256:0123456789abcdef", "" },
        { "a@sha256:0123456789abcdef", "" },
        { "vcluster", "" },
        { "vcluster:", "" },
        { "", "" },
        { NULL, "" },
    };
    VCL_AUTO_BUF tag = { 0 };

    (void)state;
    vcl_buf_init(&tag, 256);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(vcl_image_tag(cases[i].image, &tag));
        if (!vcl_streq(vcl_buf_text(&tag), cases[i].tag))
            fail_msg("'%s': tag '%s' instead of '%s'", cases[i].image, vcl_buf_text(&tag),
                     cases[i].tag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_check_accepts_dns1035_labels),
        cmocka_unit_test(name_check_refuses_what_is_no_label),
        cmocka_unit_test(name_check_refuses_empty_and_null),
        cmocka_unit_test(name_check_refuses_53_bytes_and_names_the_limit),
        cmocka_unit_test(name_check_works_without_an_error_argument),
        cmocka_unit_test(namespace_check_follows_dns1123),
        cmocka_unit_test(namespace_is_the_given_one_then_the_contexts_then_made_of_the_name),
        cmocka_unit_test(context_name_has_all_three_parts),
        cmocka_unit_test(volume_claims_of_control_plane_and_etcd_are_recognised),
        cmocka_unit_test(volume_claims_of_namesakes_are_not_taken),
        cmocka_unit_test(image_tags_are_found_behind_ports_and_before_digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
