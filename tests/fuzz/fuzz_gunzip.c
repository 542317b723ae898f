/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a gzip stream, and as base64 text: the limit holds, what comes out packs again. */
#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "fuzz.h"

enum { LIMIT = 1 << 20 };

static void check_gzip(const char *data, size_t size)
{
    vcl_auto_free char *packed = NULL;
    vcl_auto_free char *again = NULL;
    size_t packed_size;
    size_t again_size;

    FUZZ_CHECK(vcl_gzip(data, size, &packed, &packed_size, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(vcl_gunzip(packed, packed_size, size, &again, &again_size, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(again_size == size && memcmp(again, data, size) == 0);
}

static void check_base64(const uint8_t *data, size_t size)
{
    vcl_auto_free char *input = vcl_strndup(size ? (const char *)data : "", size);
    vcl_auto_free char *bytes = NULL;
    size_t count;

    FUZZ_CHECK(input);
    if (vcl_base64_decode(input, &bytes, &count, NULL) < 0)
        return;
    vcl_auto_free char *text = vcl_base64_encode(bytes, count);
    vcl_auto_free char *again = NULL;
    size_t again_count;
    FUZZ_CHECK(text);
    FUZZ_CHECK(vcl_base64_decode(text, &again, &again_count, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(again_count == count && memcmp(again, bytes, count) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vcl_auto_free char *text = NULL;
    size_t text_size = 0;

    if (vcl_gunzip(data, size, LIMIT, &text, &text_size, NULL) == VCLUSTER_OK) {
        FUZZ_CHECK(text_size <= LIMIT);
        check_gzip(text, text_size);
    }
    check_base64(data, size);
    return 0;
}
