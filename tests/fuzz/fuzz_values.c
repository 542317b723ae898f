/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An expression of --set, --set-json, --set-literal and --set-string in the first line, a path in
 * the second, a YAML document behind: setting must do all or nothing, and merging a document with
 * itself must change nothing.
 */
#include <string.h>

#include "base/str.h"
#include "data/values.h"
#include "data/yaml.h"
#include "fuzz.h"

static void check_set(const cJSON *document, const char *expression, const char *path)
{
    static const vcl_set_mode modes[] = { VCL_SET_JSON, VCL_SET_LITERAL, VCL_SET_STRING,
                                          VCL_SET_TYPED };
    VCL_AUTO_JSON *values = vcl_json_copy(document);
    const cJSON *node = NULL;

    FUZZ_CHECK(values);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        VCL_AUTO_JSON *before = vcl_json_copy(values);
        VCL_AUTO_ERROR *error = NULL;
        FUZZ_CHECK(before);
        if (vcl_values_set_expression(values, expression, modes[i], &error) < 0)
            FUZZ_CHECK(vcl_json_equal(values, before));
    }
    if (vcl_values_set(values, path, expression, VCL_SET_STRING, NULL) < 0)
        return;
    FUZZ_CHECK(vcl_values_get(values, path, &node, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(cJSON_IsString(node) && vcl_streq(node->valuestring, expression));
}

static void check_merge(const cJSON *document)
{
    VCL_AUTO_JSON *values = vcl_json_copy(document);
    VCL_AUTO_JSON *laid = NULL;

    FUZZ_CHECK(values);
    if (vcl_values_merge(values, document, NULL) < 0)
        return;
    FUZZ_CHECK(vcl_json_equal(values, document) || cJSON_IsNull(document));
    FUZZ_CHECK(vcl_values_coalesce(document, values, &laid, NULL) == VCLUSTER_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VCL_AUTO_JSON *document = NULL;
    vcl_auto_free char *text = vcl_strndup(size ? (const char *)data : "", size);
    FUZZ_CHECK(text);
    char *path = text + strcspn(text, "\n");
    if (*path)
        *path++ = '\0';
    char *yaml = path + strcspn(path, "\n");
    if (*yaml)
        *yaml++ = '\0';

    if (vcl_yaml_parse(yaml, strlen(yaml), &document, NULL) < 0)
        return 0;
    check_set(document, text, path);
    check_merge(document);
    return 0;
}
