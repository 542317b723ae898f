/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A schema in the first line, a value behind it. Whatever they are: an error comes with a reason, a
 * value that does not fit comes with findings, and asking without wanting findings gives the same
 * answer.
 */
#include <string.h>

#include "base/str.h"
#include "data/schema.h"
#include "fuzz.h"

static void check_value(const vcl_schema *schema, const cJSON *value)
{
    VCL_AUTO_ERROR *error = NULL;
    int status = vcl_schema_validate(schema, value, "chart", &error);

    FUZZ_CHECK(status == VCLUSTER_OK || status == VCLUSTER_E_CONFIG);
    FUZZ_CHECK((status < 0) == (error != NULL));
    FUZZ_CHECK((status < 0) == (vcluster_error_finding_count(error) > 0));
    FUZZ_CHECK(vcl_schema_validate(schema, value, "", NULL) == status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size ? (const char *)data : "";
    const char *line = memchr(text, '\n', size);
    size_t first = line ? (size_t)(line - text) : size;
    vcl_schema *schema = NULL;
    VCL_AUTO_JSON *value = NULL;
    VCL_AUTO_ERROR *error = NULL;
    int status = vcl_schema_compile(text, first, &schema, &error);

    FUZZ_CHECK((status == VCLUSTER_OK) == (schema != NULL));
    FUZZ_CHECK((status == VCLUSTER_OK) == (error == NULL));
    if (schema && first < size &&
        vcl_json_parse(text + first + 1, size - first - 1, &value, NULL) == VCLUSTER_OK)
        check_value(schema, value);
    vcl_schema_free(schema);
    return 0;
}
