/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of schemas share: texts in, findings out as texts. */
#ifndef TEST_SCHEMA_SUPPORT_H
#define TEST_SCHEMA_SUPPORT_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "cmocka_support.h"
#include "data/schema.h"

#define DRAFT_4 "\"$schema\":\"http://json-schema.org/draft-04/schema#\""
#define DRAFT_6 "\"$schema\":\"http://json-schema.org/draft-06/schema#\""
#define DRAFT_7 "\"$schema\":\"http://json-schema.org/draft-07/schema#\""
#define DRAFT_2019 "\"$schema\":\"https://json-schema.org/draft/2019-09/schema\""

VCL_DEFINE_CLEANUP(vcl_schema, vcl_schema_free);

static inline vcl_schema *schema_of(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_schema *schema = NULL;

    assert_ok(vcl_schema_compile(text, strlen(text), &schema, &error), error);
    assert_non_null(schema);
    return schema;
}

/* "path: rule: message (remedy)" of each finding, one a line; "" when the value fits. */
static inline char *findings(const vcl_schema *schema, const char *value, const char *prefix)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_BUF text = { 0 };

    assert_ok(vcl_json_parse(value, strlen(value), &tree, &error), error);
    int status = vcl_schema_validate(schema, tree, prefix, &error);
    assert_int_equal(status, error ? VCLUSTER_E_CONFIG : VCLUSTER_OK);
    assert_int_equal(vcl_schema_validate(schema, tree, prefix, NULL), status);
    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    vcl_buf_add(&text, "");
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(error, i);
        const char *remedy = vcluster_finding_remedy(finding);
        vcl_buf_addf(&text, "%s%s: %s: %s", i ? "\n" : "", vcluster_finding_path(finding),
                     vcluster_finding_rule(finding), vcluster_finding_message(finding));
        if (*remedy)
            vcl_buf_addf(&text, " (%s)", remedy);
    }
    return vcl_strdup(vcl_buf_text(&text));
}

#define assert_findings(schema_text, value, expected)                                              \
    do {                                                                                           \
        VCL_AUTO_PTR(vcl_schema) test_schema = schema_of(schema_text);                             \
        vcl_auto_free char *test_findings = findings(test_schema, value, "");                      \
        assert_text_equal(test_findings, expected);                                                \
    } while (0)

#define assert_fits(schema_text, value) assert_findings(schema_text, value, "")

/* The value does not fit, and the first finding is of that rule. */
#define assert_breaks(schema_text, value, rule)                                                    \
    do {                                                                                           \
        VCL_AUTO_PTR(vcl_schema) test_schema = schema_of(schema_text);                             \
        vcl_auto_free char *test_findings = findings(test_schema, value, "");                      \
        if (!strstr(test_findings, ": " rule ": "))                                                \
            fail_msg("'%s' is not about '%s'", test_findings, rule);                               \
    } while (0)

#define assert_refused(schema_text, code, part)                                                    \
    do {                                                                                           \
        VCL_AUTO_ERROR *test_error = NULL;                                                         \
        vcl_schema *test_schema = NULL;                                                            \
        const char *test_text = (schema_text);                                                     \
        int test_status =                                                                          \
            vcl_schema_compile(test_text, strlen(test_text), &test_schema, &test_error);           \
        vcl_schema_free(test_schema);                                                              \
        assert_fails(test_status, (code), test_error, (part));                                     \
        assert_null(test_schema);                                                                  \
    } while (0)

#endif
