/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema: what is said about values that do not fit, which schemas are refused, and what Helm
 * does differently from the text of the drafts. Keywords as such are the test suite's job.
 */
#include "schema_support.h"

static void findings_say_where_and_what_was_expected(void **state)
{
    static const char schema[] =
        "{\"type\":\"object\",\"properties\":{\"controlPlane\":{\"type\":\"object\","
        "\"properties\":{\"replicas\":{\"type\":\"integer\",\"minimum\":1},"
        "\"list\":{\"type\":\"array\",\"items\":{\"type\":[\"string\",\"null\"]}}},"
        "\"required\":[\"distro\"]},\"a.b\":{\"maxLength\":2},\"n\":{\"multipleOf\":0.1}}}";

    (void)state;
    assert_fits(schema, "{\"controlPlane\":{\"replicas\":3,\"distro\":0,\"list\":[\"a\",null]}}");
    assert_findings(schema, "[]", ": type: expected object, got array");
    assert_findings(schema,
                    "{\"controlPlane\":{\"replicas\":\"3\",\"list\":[1,\"a\",{}]},\"a.b\":\"xyz\","
                    "\"n\":0.35}",
                    "controlPlane.replicas: type: expected integer, got string\n"
                    "controlPlane.list[0]: type: expected null or string, got number\n"
                    "controlPlane.list[2]: type: expected null or string, got object\n"
                    "controlPlane: required: the key 'distro' is missing\n"
                    "a\\.b: maxLength: has 3 characters, at most 2 allowed\n"
                    "n: multipleOf: the number must be a multiple of 0.1");
    assert_findings(schema, "{\"controlPlane\":{\"replicas\":0,\"distro\":1}}",
                    "controlPlane.replicas: minimum: the number must be at least 1");
}

static void findings_of_several_charts_are_in_one_error(void **state)
{
    VCL_AUTO_PTR(vcl_schema) schema = schema_of("{\"type\":\"object\",\"required\":[\"a\"]}");
    VCL_AUTO_JSON *empty = cJSON_CreateObject();
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcl_schema_validate(schema, empty, "", &error), VCLUSTER_E_CONFIG);
    assert_int_equal(vcl_schema_validate(schema, list, "sub", &error), VCLUSTER_E_CONFIG);
    assert_uint_equal(vcluster_error_finding_count(error), 2);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 1);
    assert_text_equal(vcluster_finding_path(finding), "sub");
    assert_text_equal(vcluster_finding_message(finding), "expected object, got array");
    assert_text_equal(vcluster_error_to_string(error),
                      "the values do not fit the schema; the key 'a' is missing; sub: expected "
                      "object, got array");
}

static void unknown_keys_come_with_the_nearest_known_one(void **state)
{
    static const char schema[] =
        "{\"properties\":{\"sync\":{\"properties\":{\"persistentVolumeClaims\":true,"
        "\"persistentVolumes\":true,\"pods\":true,\"x\":true},\"additionalProperties\":false}}}";

    (void)state;
    assert_findings(schema, "{\"sync\":{\"persistentvolumeclaims\":1}}",
                    "sync.persistentvolumeclaims: additionalProperties: the key is not known here "
                    "(did you mean 'persistentVolumeClaims'?)");
    assert_findings(schema, "{\"sync\":{\"pdos\":1}}",
                    "sync.pdos: additionalProperties: the key is not known here "
                    "(did you mean 'pods'?)");
    assert_findings(schema, "{\"sync\":{\"services\":1,\"y\":1}}",
                    "sync.services: additionalProperties: the key is not known here\n"
                    "sync.y: additionalProperties: the key is not known here");
}

static void values_that_may_be_secret_are_not_shown(void **state)
{
    static const char schema[] =
        "{\"properties\":{\"mode\":{\"enum\":[\"on\",\"off\",1]},\"rootPassword\":{\"const\":\"\"},"
        "\"text\":{\"enum\":[\"a\"]},\"pin\":{\"type\":\"integer\",\"maximum\":5}}}";

    (void)state;
    assert_findings(schema, "{\"mode\":\"auto\"}",
                    "mode: enum: expected one of 'on', 'off', 1, got 'auto'");
    assert_findings(schema, "{\"mode\":2}",
                    "mode: enum: expected one of 'on', 'off', 1, got "
                    "another number");
    assert_findings(schema, "{\"rootPassword\":\"hunter2\"}",
                    "rootPassword: const: expected '', got another string");
    assert_findings(schema, "{\"text\":\"correct horse\"}",
                    "text: enum: expected 'a', got another string");
    assert_findings(schema, "{\"pin\":1234}", "pin: maximum: the number must be at most 5");
}

static void of_alternatives_the_one_for_the_type_speaks(void **state)
{
    static const char schema[] =
        "{\"$defs\":{\"o\":{\"type\":\"object\",\"required\":[\"name\"]}},"
        "\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/$defs/o\"}]},"
        "\"b\":{\"oneOf\":[{\"minLength\":1},{\"maxLength\":3}]},"
        "\"c\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^x\"},"
        "{\"type\":\"string\",\"maxLength\":1}]}}}";

    (void)state;
    assert_findings(schema, "{\"a\":{}}", "a: required: the key 'name' is missing");
    assert_findings(schema, "{\"a\":1}", "a: anyOf: expected null or object, got number");
    assert_findings(schema, "{\"b\":\"ab\"}",
                    "b: oneOf: the value fits several forms (number 1 and 2 of 2), but only one is "
                    "allowed");
    assert_findings(schema, "{\"c\":\"ab\"}",
                    "c: anyOf: the value fits none of the 2 allowed forms");
}

static void other_findings_read_well(void **state)
{
    (void)state;
    assert_findings("{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}",
                    ": propertyNames: the key 'ab' is not allowed: has 2 characters, at most 1 "
                    "allowed");
    assert_findings("{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}",
                    ": dependentRequired: 'a' needs 'b', which is missing");
    assert_findings("{\"prefixItems\":[true],\"items\":false}", "[1,2]",
                    ": items: has more items than the 1 that are allowed");
    assert_findings("{\"uniqueItems\":true}", "[1,\"a\",1.0]",
                    ": uniqueItems: items 0 and 2 are equal");
    assert_findings("{\"contains\":{\"type\":\"null\"},\"minContains\":2}", "[null]",
                    ": minContains: 1 items have the form that 2 or more must have");
    assert_findings("{\"properties\":{\"a\":false}}", "{\"a\":1}",
                    "a: false: no value is allowed here");
    assert_findings("{\"not\":{\"type\":\"string\"}}", "\"a\"",
                    ": not: the value has the form that is not allowed");
    assert_findings("{\"pattern\":\"^a+$\"}", "\"b\"",
                    ": pattern: the text does not match the pattern '^a+$'");
    assert_findings("{\"allOf\":[{\"type\":\"string\"},{\"type\":\"string\"}]}", "1",
                    ": type: expected string, got number");
    assert_findings("{\"properties\":{\"a\":true},\"unevaluatedProperties\":false}", "{\"b\":1}",
                    "b: unevaluatedProperties: the key is not known here");
}

static void numbers_are_compared_by_their_digits(void **state)
{
    (void)state;
    assert_fits("{\"multipleOf\":0.1}", "0.3");
    assert_fits("{\"multipleOf\":1e-7}", "12345678901234567890");
    assert_fits("{\"multipleOf\":3}", "111111111111111111111111111111");
    assert_breaks("{\"multipleOf\":7}", "111111111111111111111111111112", "multipleOf");
    assert_breaks("{\"multipleOf\":12345678901234567890}", "12345678901234567891", "multipleOf");
    assert_fits("{\"multipleOf\":12345678901234567890}", "37037036703703703670");
    assert_fits("{\"type\":\"integer\",\"multipleOf\":1e300}", "1e400");
    assert_breaks("{\"maximum\":9007199254740992}", "9007199254740993", "maximum");
    assert_fits("{\"exclusiveMinimum\":12345678901234567890}", "12345678901234567890.5");
    assert_fits("{\"const\":12345678901234567890}", "12345678901234567890.0");
    assert_breaks("{\"const\":12345678901234567890}", "12345678901234567891", "const");
    assert_fits("{\"enum\":[1,{\"a\":[1.0]}]}", "{\"a\":[1]}");
    assert_breaks("{\"uniqueItems\":true}", "[1e400,10e399]", "uniqueItems");
    assert_fits("{\"uniqueItems\":true}", "[1,true,\"1\",[1],{\"a\":1}]");
    assert_breaks("{\"type\":\"integer\"}", "1.5", "type");
    assert_fits("{\"type\":\"integer\"}", "1.0");
}

static void many_items_are_compared_by_hash(void **state)
{
    VCL_AUTO_BUF text = { 0 };

    (void)state;
    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    for (int i = 0; i < 20000; i++)
        vcl_buf_addf(&text, "%s{\"id\":%d,\"x\":\"%d\"}", i ? "," : "[", i, i % 7);
    vcl_buf_add(&text, ",{\"x\":\"3\",\"id\":17.0}]");
    assert_findings("{\"uniqueItems\":true}", vcl_buf_text(&text),
                    ": uniqueItems: items 17 and 20000 are equal");
    vcl_buf_truncate(&text, text.size - strlen(",{\"x\":\"3\",\"id\":17.0}]"));
    vcl_buf_add_char(&text, ']');
    assert_fits("{\"uniqueItems\":true}", vcl_buf_text(&text));
}

static void formats_count_up_to_draft_7_only(void **state)
{
    static const struct {
        const char *format;
        const char *good;
        const char *bad;
    } cases[] = {
        { "date", "2024-02-29", "2023-02-29" },
        { "time", "23:59:60Z", "12:00:60Z" },
        { "date-time", "2024-01-01T00:00:00.5+02:00", "2024-01-01 00:00:00Z" },
        { "duration", "P1Y2M3DT4H", "P1H" },
        { "period", "2024-01-01T00:00:00Z/P1D", "P1D" },
        { "email", "a.b@example.com", "a..b@example.com" },
        { "hostname", "a.example.com", "a_b" },
        { "ipv4", "10.0.0.1", "10.0.0.256" },
        { "ipv6", "fe80::1", "fe80::1%eth0" },
        { "uri", "https://[::1]:80/a?b#c", "a/b" },
        { "uri-reference", "a/b", "a\\\\b" },
        { "uri-template", "/a/{b}", "/a/{b" },
        { "json-pointer", "/a~1b", "a" },
        { "relative-json-pointer", "0#", "00" },
        { "uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567" },
        { "semver", "1.2.3-rc.1+b", "1.2" },
        { "regex", "^a+$", "(" },
        { "unheard-of", "anything", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *old = vcl_format("{" DRAFT_7 ",\"format\":\"%s\"}", cases[i].format);
        vcl_auto_free char *new = vcl_format("{\"format\":\"%s\"}", cases[i].format);
        vcl_auto_free char *good = vcl_format("\"%s\"", cases[i].good);
        vcl_auto_free char *bad = vcl_format("\"%s\"", vcl_str(cases[i].bad));
        assert_fits(old, good);
        assert_fits(old, "7");
        if (cases[i].bad)
            assert_breaks(old, bad, "format");
        assert_fits(new, bad);
    }
}

static void drafts_have_their_own_keywords(void **state)
{
    (void)state;
    assert_breaks("{" DRAFT_4 ",\"maximum\":5,\"exclusiveMaximum\":true}", "5", "exclusiveMaximum");
    assert_fits("{" DRAFT_4 ",\"const\":5}", "6");
    assert_breaks("{" DRAFT_7 ",\"items\":[true],\"additionalItems\":false}", "[1,2]",
                  "additionalItems");
    assert_fits("{\"additionalItems\":false,\"prefixItems\":[true]}", "[1,2]");
    assert_fits("{" DRAFT_7 ",\"$ref\":\"#/definitions/a\",\"type\":\"null\","
                "\"definitions\":{\"a\":{}}}",
                "1");
    assert_breaks("{" DRAFT_2019 ",\"$ref\":\"#/$defs/a\",\"type\":\"null\",\"$defs\":{\"a\":{}}}",
                  "1", "type");
    /* Helm: "dependencies" still counts in 2020-12. */
    assert_breaks("{\"dependencies\":{\"a\":[\"b\"]}}", "{\"a\":1}", "dependencies");
}

static void references_stay_within_the_document(void **state)
{
    static const char ids[] =
        "{\"$id\":\"http://example.com/root.json\",\"$ref\":\"sub/x.json#/$defs/n\","
        "\"$defs\":{\"s\":{\"$id\":\"sub/x.json\",\"$defs\":{\"n\":{\"$ref\":\"#here\"},"
        "\"h\":{\"$anchor\":\"here\",\"type\":\"null\"}}}}}";

    (void)state;
    assert_fits(ids, "null");
    assert_breaks(ids, "1", "type");
    assert_breaks("{\"$ref\":\"#/$defs/a~1b%25\",\"$defs\":{\"a/b%\":{\"type\":\"null\"}}}", "1",
                  "type");
    assert_breaks("{\"$ref\":\"#/x-own/0\",\"x-own\":[{\"type\":\"null\"}]}", "1", "type");
    assert_fits("{\"$ref\":\"urn:of:nobody\"}", "1");
    assert_fits("{\"$defs\":{\"unused\":{\"$ref\":\"http://example.com/\"}}}", "1");
    assert_refused("{\"properties\":{\"a\":{\"$ref\":\"http://example.com/s.json\"}}}",
                   VCLUSTER_E_UNSUPPORTED, "'#/properties/a/$ref': references must stay within");
    assert_refused("{\"$ref\":\"other.json\"}", VCLUSTER_E_UNSUPPORTED, "other.json");
    assert_refused("{\"$ref\":\"#/$defs/nowhere\"}", VCLUSTER_E_CONFIG, "leads nowhere");
    assert_refused("{\"$ref\":\"#nowhere\"}", VCLUSTER_E_CONFIG, "leads nowhere");
    assert_refused("{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":5}}", VCLUSTER_E_CONFIG,
                   "a schema must be");
    assert_refused("{\"$dynamicRef\":\"#x\",\"$defs\":{\"x\":{\"$dynamicAnchor\":\"x\"}}}",
                   VCLUSTER_E_UNSUPPORTED, "$dynamicRef");
    assert_refused("{" DRAFT_2019 ",\"$recursiveRef\":\"#\"}", VCLUSTER_E_UNSUPPORTED,
                   "$recursiveRef");
    assert_refused("{\"$schema\":\"http://example.com/own\"}", VCLUSTER_E_UNSUPPORTED, "$schema");
}

static void schemas_with_wrong_keywords_are_refused(void **state)
{
    static const struct {
        const char *schema;
        const char *part;
    } cases[] = {
        { "", "cannot be read" },
        { "{", "cannot be read" },
        { "5", "'#': a schema must be an object, true or false" },
        { "{\"type\":\"text\"}", "'#': 'type' must be one or several of" },
        { "{\"type\":[]}", "'type'" },
        { "{\"properties\":{\"a\":5}}", "'#/properties/a': a schema must be" },
        { "{\"properties\":[]}", "'properties' must be an object of schemas" },
        { "{\"required\":true}", "'required' must be an array of different strings" },
        { "{\"required\":[\"a\",\"a\"]}", "'required'" },
        { "{\"minLength\":-1}", "'minLength' must be an integer from 0" },
        { "{\"minLength\":1.5}", "'minLength'" },
        { "{\"multipleOf\":0}", "'multipleOf' must be a number above 0" },
        { "{\"exclusiveMinimum\":true}", "'exclusiveMinimum' must be a number" },
        { "{" DRAFT_4 ",\"exclusiveMinimum\":true}", "needs 'minimum'" },
        { "{" DRAFT_4 ",\"properties\":{\"a\":true}}", "in draft 4 a schema must be an object" },
        { "{" DRAFT_7 ",\"enum\":[]}", "'enum'" },
        { "{\"pattern\":\"(a\"}", "(a" },
        { "{\"patternProperties\":{\"(?=a)\":true}}", "(?=" },
        { "{\"allOf\":[]}", "'allOf' must be an array of one or more schemas" },
        { "{\"items\":[true]}", "'#/items': a schema must be" },
        { "{\"$id\":\"a#b\"}", "'$id' must be a URI without a fragment" },
        { "{\"$anchor\":\"1\"}", "'$anchor'" },
        { "{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$anchor\":\"x\"}}}", "same anchor: x" },
        { "{\"$defs\":{\"a\":{\"$id\":\"x\"},\"b\":{\"$id\":\"x\"}}}", "same id" },
        { "{\"dependentRequired\":{\"a\":[1]}}", "'dependentRequired'" },
        { "{\"title\":1}", "'title' must be a string" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i].schema, VCLUSTER_E_CONFIG, cases[i].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_say_where_and_what_was_expected),
        cmocka_unit_test(findings_of_several_charts_are_in_one_error),
        cmocka_unit_test(unknown_keys_come_with_the_nearest_known_one),
        cmocka_unit_test(values_that_may_be_secret_are_not_shown),
        cmocka_unit_test(of_alternatives_the_one_for_the_type_speaks),
        cmocka_unit_test(other_findings_read_well),
        cmocka_unit_test(numbers_are_compared_by_their_digits),
        cmocka_unit_test(many_items_are_compared_by_hash),
        cmocka_unit_test(formats_count_up_to_draft_7_only),
        cmocka_unit_test(drafts_have_their_own_keywords),
        cmocka_unit_test(references_stay_within_the_document),
        cmocka_unit_test(schemas_with_wrong_keywords_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
