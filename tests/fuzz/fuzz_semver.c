/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as versions and constraints: no crash, and a version that was read prints as one that
 * compares equal. The text is cut at its first line end: a constraint, then versions. */
#include <string.h>

#include "base/str.h"
#include "data/semver.h"
#include "fuzz.h"

static void check_version(const char *text, bool strict, vcl_version *out_version)
{
    VCL_AUTO_ERROR *error = NULL;
    int status = vcl_version_parse(text, strict, out_version, &error);

    FUZZ_CHECK((status == VCLUSTER_OK) == (error == NULL));
    FUZZ_CHECK((status == VCLUSTER_OK) == (out_version->original != NULL));
    if (status < 0)
        return;
    vcl_version again = { 0 };
    char *printed = vcl_version_format(out_version);
    FUZZ_CHECK(printed);
    if (strlen(printed) <= 256) { /* "1-..." becomes longer */
        FUZZ_CHECK(vcl_version_parse(printed, true, &again, NULL) == VCLUSTER_OK);
        FUZZ_CHECK(vcl_version_compare(out_version, &again) == 0);
        FUZZ_CHECK(vcl_version_compare(&again, out_version) == 0);
    }
    free(printed);
    vcl_version_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    vcl_constraint *constraint = NULL;
    vcl_version loose = { 0 };
    vcl_version strict = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    FUZZ_CHECK(text);
    memcpy(text, data, size);
    char *line_end = strchr(text, '\n');
    const char *rest = line_end ? line_end + 1 : text;
    check_version(rest, false, &loose);
    check_version(rest, true, &strict);
    FUZZ_CHECK(!strict.original || loose.original);
    if (loose.original && strict.original)
        FUZZ_CHECK(vcl_version_compare(&loose, &strict) == 0);
    if (line_end)
        *line_end = '\0';
    int status = vcl_constraint_parse(text, &constraint, &error);
    FUZZ_CHECK((status == VCLUSTER_OK) == (constraint != NULL));
    /* What matches without pre-releases matches with them, too. */
    if (constraint && loose.original && vcl_constraint_matches(constraint, &loose, false))
        FUZZ_CHECK(vcl_constraint_matches(constraint, &loose, true));
    vcl_constraint_free(constraint);
    vcl_version_done(&loose);
    vcl_version_done(&strict);
    free(text);
    return 0;
}
