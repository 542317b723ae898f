/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs files of the JSON-Schema-Test-Suite: schema_suite DRAFT-URL FILE... (DRAFT-URL is the draft
 * of schemas without "$schema"). Prints what was passed, refused on purpose (references out of the
 * document and dynamic ones, with their names) and failed; exits with 1 when something failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/schema.h"

typedef struct counts {
    int passed;
    int refused;
    int failed;
} counts;

static char *read_file(const char *name, size_t *out_size)
{
    FILE *file = fopen(name, "rbe");
    char *text = malloc(VCL_MAX_DOCUMENT);

    *out_size = file && text ? fread(text, 1, VCL_MAX_DOCUMENT, file) : 0;
    if (file)
        (void)fclose(file);
    return text;
}

/* The text of a schema that names its draft. */
static char *schema_text(cJSON *schema, const char *draft)
{
    if (cJSON_IsObject(schema) && !vcl_json_get(schema, "$schema"))
        (void)vcl_json_set_string(schema, "$schema", draft);
    return vcl_json_print(schema);
}

static void run_tests(const vcl_schema *schema, const cJSON *group, const char *file, counts *all)
{
    const cJSON *test;

    cJSON_ArrayForEach (test, vcl_json_get(group, "tests")) {
        VCL_AUTO_ERROR *error = NULL;
        bool valid = vcl_json_find_bool(test, false, "valid", NULL);
        int status = vcl_schema_validate(schema, vcl_json_get(test, "data"), "", &error);
        bool consistent = (status < 0) == (vcluster_error_finding_count(error) > 0);
        if ((status == VCLUSTER_OK) == valid && consistent) {
            all->passed++;
            continue;
        }
        all->failed++;
        printf("FAILED %s: %s: %s: %s\n", file, vcl_json_find_string(group, "description", NULL),
               vcl_json_find_string(test, "description", NULL), vcluster_error_to_string(error));
    }
}

static void run_group(cJSON *group, const char *file, const char *draft, counts *all)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_schema *schema = NULL;
    const char *name = vcl_json_find_string(group, "description", NULL);
    int tests = cJSON_GetArraySize(vcl_json_get(group, "tests"));
    vcl_auto_free char *text = schema_text(vcl_json_get(group, "schema"), draft);
    int status =
        text ? vcl_schema_compile(text, strlen(text), &schema, &error) : VCLUSTER_E_NO_MEMORY;

    if (status == VCLUSTER_E_UNSUPPORTED) {
        all->refused += tests;
        printf("refused %s: %s (%d tests): %s\n", file, name, tests, vcluster_error_message(error));
    } else if (status < 0) {
        all->failed += tests;
        printf("FAILED %s: %s: %s\n", file, name, vcluster_error_to_string(error));
    } else {
        run_tests(schema, group, file, all);
    }
    vcl_schema_free(schema);
}

static void run_file(const char *name, const char *draft, counts *all)
{
    const char *file = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    VCL_AUTO_JSON *groups = NULL;
    VCL_AUTO_ERROR *error = NULL;
    size_t size;
    vcl_auto_free char *text = read_file(name, &size);
    cJSON *group;

    if (!text || vcl_json_parse(text, size, &groups, &error) < 0) {
        all->failed++;
        printf("FAILED %s: %s\n", file, vcluster_error_to_string(error));
        return;
    }
    cJSON_ArrayForEach (group, groups) {
        run_group(group, file, draft, all);
    }
}

int main(int argc, char **argv)
{
    counts all = { 0 };

    if (argc < 3) {
        (void)fprintf(stderr, "usage: schema_suite DRAFT-URL FILE...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        run_file(argv[i], argv[1], &all);
    printf("%s: %d passed, %d refused, %d failed\n", argv[1], all.passed, all.refused, all.failed);
    return all.failed > 0 || all.passed == 0;
}
