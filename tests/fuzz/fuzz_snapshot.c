/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the front of a snapshot file, all at once and byte by byte. */
#include "fuzz.h"
#include "vcluster/state/snapshot_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_BUF again = { 0 };
    cJSON *about = NULL;
    size_t needed = 0;
    int status = vcl_snapshot_head_parse((const char *)data, size, &about, &needed, &error);

    FUZZ_CHECK((status < 0) == (error != NULL));
    FUZZ_CHECK((status == 1) == (about != NULL));
    FUZZ_CHECK(status < 0 || (status == 1 ? needed <= size : needed > size));
    for (size_t part = 0; status == 1 && part < needed; part += 1 + needed / 64) {
        cJSON *none = NULL;
        size_t more = 0;
        FUZZ_CHECK(vcl_snapshot_head_parse((const char *)data, part, &none, &more, NULL) == 0);
        FUZZ_CHECK(!none && more > part);
    }
    if (status == 1) {
        vcl_buf_init(&again, 64 << 20);
        int encoded = vcl_snapshot_head_encode(about, &again, NULL);
        FUZZ_CHECK(encoded == VCLUSTER_OK || encoded == VCLUSTER_E_CONFIG);
    }
    vcl_json_free_secret(about);
    return 0;
}
