/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a JSON list in pieces: what is taken must be what reading it at once gives. */
#include "data/json_items.h"
#include "fuzz.h"

static int keep(cJSON *item, void *data, vcluster_error **error)
{
    (void)error;
    FUZZ_CHECK(vcl_json_append(data, item));
    return VCLUSTER_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t step = size ? (size_t)data[0] % 7 + 1 : 1;
    VCL_AUTO_JSON *array = cJSON_CreateArray();
    VCL_AUTO_JSON *rest = NULL;
    VCL_AUTO_JSON *whole = NULL;
    vcl_json_items items;
    int status = 0;

    vcl_json_items_init(&items, keep, array);
    for (size_t at = 1; status == 0 && at < size; at += step)
        status = vcl_json_items_feed(&items, (const char *)data + at,
                                     size - at < step ? size - at : step, NULL);
    if (status == 0)
        status = vcl_json_items_end(&items, &rest, NULL);
    vcl_json_items_done(&items);
    if (status != 0)
        return 0;
    FUZZ_CHECK(vcl_json_parse((const char *)data + 1, size - 1, &whole, NULL) == 0);
    if (array->child && cJSON_IsArray(vcl_json_get(rest, "items")) &&
        !vcl_json_get(rest, "items")->child)
        FUZZ_CHECK(vcl_json_set(rest, "items", vcl_json_copy(array)) &&
                   vcl_json_equal(rest, whole));
    return 0;
}
