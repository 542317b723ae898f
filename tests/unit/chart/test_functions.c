/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of templates: the page that names them, keys and certificates, what they cost. */
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "chart/functions/funcs.h"
#include "chart/render.h"
#include "chart_fixture.h"
#include "cmocka_support.h"
#include "data/x509.h"

/* The state of a function on the page: "done", "differs", "not supported", or NULL. */
static char *state_on_page(const char *page, const char *name)
{
    vcl_auto_free char *row = vcl_format("\n| `%s` | ", name);
    const char *found = strstr(page, row);
    const char *end = found ? strstr(found + strlen(row), " |") : NULL;

    return end ? vcl_strndup(found + strlen(row), (size_t)(end - found) - strlen(row)) : NULL;
}

static void every_function_is_on_the_page(void **state)
{
    vcl_auto_free char *page = fixture_read("../../docs/chart-functions.md");
    size_t count = 0;
    const vcl_tpl_function *const *groups = vcl_tpl_function_groups(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (const vcl_tpl_function *f = groups[i]; f->name; f++) {
            vcl_auto_free char *found = state_on_page(page, f->name);
            if (!vcl_streq(found, "done") && !vcl_streq(found, "differs"))
                fail_msg("function '%s' is not on docs/chart-functions.md", f->name);
        }
    }
}

static void every_row_of_the_page_is_true(void **state)
{
    vcl_auto_free char *page = fixture_read("../../docs/chart-functions.md");
    int rows = 0;

    (void)state;
    for (const char *row = strstr(page, "\n| `"); row; row = strstr(row + 1, "\n| `")) {
        const char *end = strchr(row + 4, '`');
        assert_non_null(end);
        vcl_tpl_text name = { row + 4, (size_t)(end - row) - 4 };
        bool refused = vcl_starts_with(end, "` | not supported |");
        bool known = false;
        bool found = vcl_tpl_function_find(name, &known) != NULL;
        if (found == refused || known != refused)
            fail_msg("the row of '%.*s' is wrong", (int)name.size, name.data);
        rows++;
    }
    assert_true(rows > 230); /* Helm's map has 238 names */
}

static void functions_have_one_name_each(void **state)
{
    size_t count = 0;
    const vcl_tpl_function *const *groups = vcl_tpl_function_groups(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (const vcl_tpl_function *f = groups[i]; f->name; f++) {
            bool known = false;
            assert_ptr_equal(vcl_tpl_function_find(vcl_tpl_literal(f->name), &known), f);
        }
    }
}

/* The certificate and the key that a template puts out, one behind the other. */
static void run_pair(const char *template, X509 **out_certificate, EVP_PKEY **out_key)
{
    vcl_auto_free char *text = fixture_output("{}", template);
    VCL_AUTO_PEM certificate = { 0 };
    VCL_AUTO_PEM key = { 0 };
    const char *rest = strstr(text, "-----END CERTIFICATE-----\n");

    assert_non_null(rest);
    rest += strlen("-----END CERTIFICATE-----\n");
    assert_true(vcl_pem_read(text, strlen(text), &certificate));
    assert_true(vcl_pem_read(rest, strlen(rest), &key));
    *out_certificate = vcl_pem_to_certificate(&certificate);
    *out_key = vcl_pem_to_key(&key, EVP_PKEY_NONE);
    assert_non_null(*out_certificate);
    assert_non_null(*out_key);
    assert_int_equal(X509_check_private_key(*out_certificate, *out_key), 1);
}

/* A chart that uses all of them, against what helm template 3.21.4 printed. */
static void a_chart_of_data_functions_renders_as_with_helm(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *expected = fixture_read("charts/data.expected.yaml");
    vcl_rendered rendered = { 0 };
    const vcl_render_input input = { .release_name = "demo",
                                     .namespace_name = "team",
                                     .revision = 1,
                                     .kubernetes_version = "v1.35.4" };

    (void)state;
    assert_ok(vcluster_chart_load(VCLUSTER_FIXTURES "/charts/data", &chart, &error), error);
    assert_ok(vcl_chart_render(chart, &input, &rendered, &error), error);
    assert_string_equal(rendered.manifest, expected);
    vcl_rendered_done(&rendered);
}

/* An authority and what it signed, as two pairs in one text. */
static void certificates_are_signed_by_their_authority(void **state)
{
    vcl_auto_free char *text = fixture_output(
        "{}", "{{ $k := genPrivateKey \"ecdsa\" }}{{ $ca := genCAWithKey \"the ca\" 10 $k }}"
              "{{ $ca.Cert }}{{ (genSignedCertWithKey \"leaf\" (list \"10.0.0.1\" \"::1\") (list "
              "\"a.b\" \"*.c.d\") 5 $ca (genPrivateKey \"ed25519\")).Cert }}");
    const char *second = strstr(text + 1, "-----BEGIN");
    VCL_AUTO_PEM first_block = { 0 };
    VCL_AUTO_PEM second_block = { 0 };

    (void)state;
    assert_true(vcl_pem_read(text, strlen(text), &first_block));
    assert_true(vcl_pem_read(second, strlen(second), &second_block));
    VCL_AUTO_PTR(X509) ca = vcl_pem_to_certificate(&first_block);
    VCL_AUTO_PTR(X509) leaf = vcl_pem_to_certificate(&second_block);
    assert_non_null(ca);
    assert_non_null(leaf);
    assert_int_equal(X509_verify(leaf, X509_get0_pubkey(ca)), 1);
    assert_int_equal(X509_check_issued(ca, leaf), X509_V_OK);
    assert_int_equal(X509_check_ca(ca), 1);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(X509_check_host(leaf, "x.c.d", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(leaf, "leaf.b", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(leaf, "10.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "::1", 0), 1);
    assert_int_equal(X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0), 1);
    assert_int_equal(X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0), 1);
    assert_int_equal(X509_get_version(leaf), X509_VERSION_3);
}

static void self_signed_certificates_are_valid_for_days(void **state)
{
    VCL_AUTO_PTR(X509) certificate = NULL;
    VCL_AUTO_PTR(EVP_PKEY) key = NULL;
    int days = 0;
    int seconds = 0;

    (void)state;
    run_pair("{{ $c := genSelfSignedCert \"x\" nil nil 30 }}{{ $c.Cert }}{{ $c.Key }}",
             &certificate, &key);
    assert_int_equal(EVP_PKEY_get_bits(key), 2048);
    assert_int_equal(X509_verify(certificate, key), 1);
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate),
                                    X509_get0_notAfter(certificate)),
                     1);
    assert_int_equal(days, 30);
    assert_int_equal(seconds, 0);
    assert_int_equal(X509_get_ext_count(certificate), 3);
}

static void serial_numbers_differ(void **state)
{
    VCL_AUTO_PTR(X509) a = X509_new();
    VCL_AUTO_PTR(X509) b = X509_new();

    (void)state;
    assert_true(a && b && vcl_certificate_set_serial(a) && vcl_certificate_set_serial(b));
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(a), X509_get0_serialNumber(b)), 0);
    assert_int_equal(ASN1_STRING_type(X509_get0_serialNumber(a)), V_ASN1_INTEGER);
}

static void encryption_comes_back_and_never_repeats(void **state)
{
    vcl_auto_free char *text = fixture_output(
        "{}", "{{ range list \"\" \"x\" \"0123456789abcdef\" \"é\" (repeat 1000 \"long \") }}"
              "{{ if ne . (encryptAES \"key\" . | decryptAES \"key\") }}different{{ end }}"
              "{{ if and . (eq (encryptAES \"key\" .) (encryptAES \"key\" .)) }}same{{ end }}"
              "{{ end }}");

    (void)state;
    assert_string_equal(text, "");
}

/* Loops over what is slow run out of steps, not out of time: only two keys are made here. */
static void slow_functions_are_paid_for_in_steps(void **state)
{
    VCL_AUTO_JSON *values = fixture_values("{}");
    static const char template[] = "{{ range 1000 }}{{ range 20000000 }}{{ end }}{{ $h := bcrypt "
                                   "\"x\" }}{{ end }}";
    vcl_auto_free char *message = NULL;

    (void)state;
    assert_int_equal(fixture_run(values, template, strlen(template), &message), VCLUSTER_E_CONFIG);
    assert_non_null(strstr(message, "steps"));
}

/* What fromToml says to a text. */
static void assert_toml_error(const char *text, const char *part)
{
    vcl_auto_free char *template = vcl_format("{{ (fromToml %s).Error }}", text);
    vcl_auto_free char *message = fixture_output("{}", template);

    if (!strstr(message, part))
        fail_msg("'%s' does not contain '%s'", message, part);
}

static void toml_has_limits(void **state)
{
    (void)state;
    assert_toml_error("(printf \"a = %s\" (repeat 199 \"[\"))", "unexpected EOF");
    assert_toml_error("(printf \"a = %s\" (repeat 100000 \"[\"))", "deeper than 200 levels");
    assert_toml_error("(printf \"a = %s\" (repeat 100000 \"{a=\"))", "deeper than 200 levels");
    assert_toml_error("(printf \"a%s = 1\" (repeat 100000 \".a\"))", "more than 200 parts");
    assert_toml_error("(printf \"[a%s]\" (repeat 100000 \".a\"))", "more than 200 parts");
    assert_toml_error("(repeat 5000000 \"#\")", "larger than 4 MiB");
}

static void values_that_hold_themselves_have_no_toml(void **state)
{
    VCL_AUTO_JSON *values = fixture_values("{}");
    static const char template[] =
        "{{ $d := dict }}{{ $_ := set $d \"a\" $d }}[{{ toYamlPretty $d }}]{{ toToml $d }}";
    vcl_auto_free char *message = NULL;

    (void)state;
    assert_int_equal(fixture_run(values, template, strlen(template), &message), VCLUSTER_E_CONFIG);
    assert_non_null(strstr(message, "nested too deep"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_is_on_the_page),
        cmocka_unit_test(every_row_of_the_page_is_true),
        cmocka_unit_test(functions_have_one_name_each),
        cmocka_unit_test(a_chart_of_data_functions_renders_as_with_helm),
        cmocka_unit_test(certificates_are_signed_by_their_authority),
        cmocka_unit_test(self_signed_certificates_are_valid_for_days),
        cmocka_unit_test(serial_numbers_differ),
        cmocka_unit_test(encryption_comes_back_and_never_repeats),
        cmocka_unit_test(slow_functions_are_paid_for_in_steps),
        cmocka_unit_test(toml_has_limits),
        cmocka_unit_test(values_that_hold_themselves_have_no_toml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
