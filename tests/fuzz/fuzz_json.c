/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as JSON: what is read must print and read again as the same tree, in all forms, and is
 * what the check without a tree takes for JSON.
 */
#include <string.h>

#include "data/json.h"
#include "fuzz.h"

static void check_text(const cJSON *tree, char *text)
{
    VCL_AUTO_JSON *again = NULL;

    FUZZ_CHECK(text);
    FUZZ_CHECK(vcl_json_parse(text, strlen(text), &again, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(vcl_json_equal(tree, again));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *tree = NULL;
    VCL_AUTO_ERROR *error = NULL;
    int status = vcl_json_parse((const char *)data, size, &tree, &error);

    FUZZ_CHECK((status == VCLUSTER_OK) == (tree != NULL));
    FUZZ_CHECK((status == VCLUSTER_OK) == (error == NULL));
    FUZZ_CHECK((status == VCLUSTER_OK) == vcl_json_is_valid((const char *)data, size));
    if (!tree)
        return 0;
    check_text(tree, vcl_json_print(tree));
    check_text(tree, vcl_json_print_go(tree));
    check_text(tree, vcl_json_print_pretty(tree));
    vcl_json_free_secret(tree);
    return 0;
}
