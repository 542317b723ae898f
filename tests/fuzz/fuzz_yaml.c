/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as YAML: no crash, and a printed tree reads back as the same tree. */
#include <string.h>

#include "data/yaml.h"
#include "fuzz.h"

/* Print within a map, so that the last newline of the tree is not the one that is left off. */
static void check_round_trip(const cJSON *tree)
{
    VCL_AUTO_JSON *whole = cJSON_CreateObject();
    VCL_AUTO_JSON *again = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *text = NULL;
    vcl_auto_free char *json = vcl_json_print(tree);
    vcl_auto_free char *pretty = NULL;

    FUZZ_CHECK(json && vcl_json_set(whole, "a", vcl_json_copy(tree)));
    FUZZ_CHECK(vcl_json_set_int(whole, "b", 1));
    FUZZ_CHECK(vcl_yaml_print_pretty(whole, &pretty, NULL) == VCLUSTER_OK);
    int status = vcl_yaml_print(whole, &text, &error);
    /* Control characters do not print, a next-line becomes a space, and go-yaml writes the key "<<"
     * without quotes, which makes it a merge key. */
    if (status == VCLUSTER_E_CONFIG || strstr(json, "\xc2\x85") || strstr(json, "\"<<\":"))
        return;
    FUZZ_CHECK(status == VCLUSTER_OK);
    status = vcl_yaml_parse(text, strlen(text), &again, &error);
    /* The map around it may be one level too much, the text a few bytes too long. */
    if (status == VCLUSTER_E_CONFIG && (strstr(vcluster_error_to_string(error), "deeper") ||
                                        strstr(vcluster_error_to_string(error), "bytes")))
        return;
    FUZZ_CHECK(status == VCLUSTER_OK);
    FUZZ_CHECK(vcl_json_equal(whole, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *tree = NULL;
    cJSON *all = NULL;
    VCL_AUTO_ERROR *error = NULL;
    int status = vcl_yaml_parse((const char *)data, size, &tree, &error);

    FUZZ_CHECK((status == VCLUSTER_OK) == (tree != NULL));
    FUZZ_CHECK((status == VCLUSTER_OK) == (error == NULL));
    if (tree)
        check_round_trip(tree);
    cJSON_Delete(tree);
    status = vcl_yaml_parse_all((const char *)data, size, &all, NULL);
    FUZZ_CHECK((status == VCLUSTER_OK) == (all != NULL));
    vcl_json_free_secret(all);
    return 0;
}
