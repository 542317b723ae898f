/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the index of a chart repository, and what was read as versions to choose from. */
#include "base/str.h"
#include "fuzz.h"
#include "repo/choose.h"
#include "repo/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VCL_AUTO_INDEX index = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_CANDIDATES candidates = { 0 };
    VCL_AUTO_WANTED wanted = { 0 };
    size_t chosen = 0;
    int status = vcl_index_read((const char *)data, size, "demo", NULL, &index, &error);

    FUZZ_CHECK((status == VCLUSTER_OK) == (error == NULL));
    FUZZ_CHECK(status == VCLUSTER_OK || status == VCLUSTER_E_PROTOCOL);
    FUZZ_CHECK(index.found || index.count == 0);
    FUZZ_CHECK(vcl_wanted_init(&wanted, "^1", false, NULL) == VCLUSTER_OK);
    for (size_t i = 0; i < index.count; i++)
        FUZZ_CHECK(vcl_candidates_add(&candidates, index.versions[i].version, false, i));
    if (vcl_candidates_choose(&candidates, &wanted, &chosen))
        FUZZ_CHECK(chosen < index.count);
    char *near = vcl_candidates_near(&candidates, &wanted);
    FUZZ_CHECK(near);
    free(near);
    return 0;
}
