/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema: schemas and values that were made to take for ever, to nest without an end or to
 * fill the memory. Each ends at a limit, soon, with a finding.
 */
#include "data/regex.h"
#include "schema_support.h"

#include <pthread.h>

static void references_in_a_circle_are_findings(void **state)
{
    (void)state;
    assert_breaks("{\"$ref\":\"#\"}", "1", "$ref");
    assert_breaks("{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"allOf\":[{\"$ref\":\"#/$defs/b\"}]},"
                  "\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"}]}}}",
                  "1", "$ref");
    assert_breaks("{" DRAFT_7 ",\"$ref\":\"#/definitions/a\",\"definitions\":{"
                  "\"a\":{\"$ref\":\"#/definitions/b\"},\"b\":{\"$ref\":\"#/definitions/a\"}}}",
                  "{}", "$ref");
    /* The same schema on a part of the value is no circle. */
    assert_fits("{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"type\":\"object\"}",
                "{\"a\":{\"a\":{\"a\":{}}}}");
}

/* {"$ref":"#/$defs/d0","$defs":{"d0":{KEYWORD "#/$defs/d1"},...,"dN":{}}} */
static char *chain(int length, const char *before, const char *after)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    vcl_buf_add(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < length; i++)
        vcl_buf_addf(&text, "\"d%d\":{%s\"$ref\":\"#/$defs/d%d\"%s},", i, before, i + 1, after);
    vcl_buf_addf(&text, "\"d%d\":{\"type\":\"null\"}}}", length);
    return vcl_buf_steal(&text);
}

static void chains_of_references_end_at_the_depth_limit(void **state)
{
    vcl_auto_free char *fine = chain(100, "", "");
    vcl_auto_free char *longest = chain(20000, "", "");
    vcl_auto_free char *nested = chain(10000, "\"allOf\":[{", "}]");

    (void)state;
    assert_fits(fine, "null");
    assert_breaks(fine, "1", "type");
    assert_findings(longest, "null", ": limit: schema and value are nested deeper than the limit");
    assert_findings(nested, "null", ": limit: schema and value are nested deeper than the limit");
}

static void nesting_in_the_text_is_limited_by_the_reader(void **state)
{
    VCL_AUTO_BUF text = { 0 };

    (void)state;
    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    for (int i = 0; i < 10000; i++)
        vcl_buf_add(&text, "{\"allOf\":[");
    vcl_buf_add(&text, "{}");
    for (int i = 0; i < 10000; i++)
        vcl_buf_add(&text, "]}");
    assert_refused(vcl_buf_text(&text), VCLUSTER_E_CONFIG, "deeper than the limit");
}

static void alternatives_that_double_end_at_the_step_limit(void **state)
{
    VCL_AUTO_BUF text = { 0 };

    (void)state;
    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    vcl_buf_add(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 60; i++)
        vcl_buf_addf(&text,
                     "\"d%d\":{\"anyOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},",
                     i, i + 1, i + 1);
    vcl_buf_add(&text, "\"d60\":{\"type\":\"null\"}}}");
    VCL_AUTO_PTR(vcl_schema) schema = schema_of(vcl_buf_text(&text));
    VCL_AUTO_JSON *good = cJSON_CreateNull();
    VCL_AUTO_JSON *bad = cJSON_CreateNumber(1);
    VCL_AUTO_ERROR *error = NULL;
    assert_int_equal(vcl_schema_validate(schema, good, "", NULL), VCLUSTER_OK);
    assert_fails(vcl_schema_validate(schema, bad, "", &error), VCLUSTER_E_CONFIG, error,
                 "more steps than the limit");
}

static void large_objects_take_no_quadratic_time(void **state)
{
    VCL_AUTO_BUF schema = { 0 };
    VCL_AUTO_BUF value = { 0 };
    const int count = 20000;

    (void)state;
    vcl_buf_init(&schema, VCL_MAX_DOCUMENT);
    vcl_buf_init(&value, VCL_MAX_DOCUMENT);
    vcl_buf_add(&schema, "{\"properties\":{");
    for (int i = 0; i < count; i++) {
        vcl_buf_addf(&schema, "%s\"k%d\":{\"$ref\":\"#/$defs/k%d\"}", i ? "," : "", i, i);
        vcl_buf_addf(&value, "%s\"k%d\":1", i ? "," : "{", count - i);
    }
    vcl_buf_add(&value, "}");
    vcl_buf_add(&schema, "},\"additionalProperties\":false,\"required\":[");
    for (int i = 0; i < count; i++)
        vcl_buf_addf(&schema, "%s\"k%d\"", i ? "," : "", i);
    vcl_buf_add(&schema, "],\"$defs\":{");
    for (int i = 0; i < count; i++)
        vcl_buf_addf(&schema, "%s\"k%d\":{\"type\":\"integer\"}", i ? "," : "", i);
    vcl_buf_add(&schema, "}}");
    assert_findings(vcl_buf_text(&schema), vcl_buf_text(&value),
                    "k20000: additionalProperties: the key is not known here\n"
                    ": required: the key 'k0' is missing");
}

static void findings_are_limited(void **state)
{
    VCL_AUTO_PTR(vcl_schema) schema = schema_of("{\"items\":{\"type\":\"string\"}}");
    VCL_AUTO_JSON *value = cJSON_CreateArray();
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_true(vcl_json_append(value, cJSON_CreateNumber(i)));
    assert_int_equal(vcl_schema_validate(schema, value, "", &error), VCLUSTER_E_CONFIG);
    assert_uint_equal(vcluster_error_finding_count(error), VCL_MAX_SCHEMA_FINDINGS + 1);
    const vcluster_finding *last = vcluster_error_finding_at(error, VCL_MAX_SCHEMA_FINDINGS);
    assert_text_equal(vcluster_finding_rule(last), "limit");
}

static void numbers_without_an_end_are_findings(void **state)
{
    char digits[VCL_MAX_SCHEMA_DIGITS + 2] = "";

    (void)state;
    memset(digits, '1', VCL_MAX_SCHEMA_DIGITS + 1);
    assert_findings("{\"multipleOf\":3}", digits,
                    ": limit: the number has more digits than the limit");
    digits[VCL_MAX_SCHEMA_DIGITS - 1] = '\0';
    assert_fits("{\"multipleOf\":3}", digits);
    assert_findings("{\"maximum\":3}", "1e999999999",
                    ": limit: the number has more digits than the limit");
    assert_breaks("{\"multipleOf\":7}", "1e999999", "multipleOf");
    assert_findings("{\"type\":\"number\"}", digits, "");
}

static void huge_patterns_are_refused(void **state)
{
    VCL_AUTO_BUF text = { 0 };

    (void)state;
    assert_refused("{\"pattern\":\"((a{1000}){1000}){1000}\"}", VCLUSTER_E_CONFIG,
                   "invalid repeat count");
    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    vcl_buf_add(&text, "{\"pattern\":\"");
    for (int i = 0; i < 20000; i++)
        vcl_buf_add_char(&text, '(');
    vcl_buf_add(&text, "\"}");
    assert_refused(vcl_buf_text(&text), VCLUSTER_E_CONFIG, "'#/pattern'");
}

static void patterns_that_explode_end_soon(void **state)
{
    VCL_AUTO_PTR(vcl_schema) schema = schema_of("{\"pattern\":\"^(a|a)*(a|a)*(a|a)*b$\"}");
    char value[200] = "\"";

    (void)state;
    memset(value + 1, 'a', 150);
    value[151] = '"';
    vcl_auto_free char *text = findings(schema, value, "");
    assert_true(*text);
}

static void *validate_often(void *data)
{
    const vcl_schema *schema = data;
    VCL_AUTO_JSON *good = cJSON_CreateString("ab1");
    VCL_AUTO_JSON *bad = cJSON_CreateString("1");
    bool fine = good && bad;

    for (int i = 0; fine && i < 200; i++) {
        VCL_AUTO_ERROR *error = NULL;
        fine = vcl_schema_validate(schema, good, "", NULL) == VCLUSTER_OK &&
               vcl_schema_validate(schema, bad, "", &error) == VCLUSTER_E_CONFIG;
    }
    return fine ? data : NULL;
}

static void threads_share_a_schema(void **state)
{
    VCL_AUTO_PTR(vcl_schema)
    schema = schema_of("{\"anyOf\":[{\"pattern\":\"^[a-z]+[0-9]$\"},{\"type\":\"null\"}]}");
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, validate_often, schema), 0);
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_in_a_circle_are_findings),
        cmocka_unit_test(chains_of_references_end_at_the_depth_limit),
        cmocka_unit_test(nesting_in_the_text_is_limited_by_the_reader),
        cmocka_unit_test(alternatives_that_double_end_at_the_step_limit),
        cmocka_unit_test(large_objects_take_no_quadratic_time),
        cmocka_unit_test(findings_are_limited),
        cmocka_unit_test(numbers_without_an_end_are_findings),
        cmocka_unit_test(huge_patterns_are_refused),
        cmocka_unit_test(patterns_that_explode_end_soon),
        cmocka_unit_test(threads_share_a_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
