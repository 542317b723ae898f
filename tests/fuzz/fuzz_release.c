/* SPDX-License-Identifier: Apache-2.0 */
/* A stored release as it stands inside of its base64: it is read or refused, and one that is read
 * keeps everything but its status when that is changed. */
#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "data/encoding.h"
#include "fuzz.h"

static cJSON *make_secret(const char *data, size_t size)
{
    vcl_auto_free char *inner = vcl_base64_encode(data, size);
    vcl_auto_free char *outer = inner ? vcl_base64_encode(inner, strlen(inner)) : NULL;
    cJSON *secret = cJSON_CreateObject();

    FUZZ_CHECK(outer && secret);
    FUZZ_CHECK(vcl_json_set_string(vcl_json_object(secret, "data"), "release", outer));
    return secret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VCL_AUTO_JSON *secret = make_secret(size ? (const char *)data : "", size);
    VCL_AUTO_JSON *before = NULL;
    VCL_AUTO_JSON *after = NULL;

    if (vcl_release_decode(secret, &before, NULL) < 0)
        return 0;
    FUZZ_CHECK(cJSON_IsObject(before));
    if (vcl_release_set_status(secret, "failed", NULL, NULL) < 0)
        return 0;
    FUZZ_CHECK(vcl_release_decode(secret, &after, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(vcl_streq(vcl_json_find_string(after, "info", "status", NULL), "failed"));
    FUZZ_CHECK(vcl_json_set(vcl_json_get(after, "info"), "status", cJSON_CreateNull()));
    FUZZ_CHECK(vcl_json_set(vcl_json_get(before, "info"), "status", cJSON_CreateNull()));
    FUZZ_CHECK(vcl_json_equal(before, after));
    return 0;
}
