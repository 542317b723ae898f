/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle as the data of Secret NAME-certs; see bundle.h. */
#include <string.h>

#include "base/str.h"
#include "bundle.h"
#include "data/encoding.h"

int rt_bundle_to_data(const rt_bundle *bundle, cJSON **out_data, vcluster_error **error)
{
    cJSON *data = cJSON_CreateObject();
    bool done = data != NULL;

    for (size_t i = 0; done && i < RT_BUNDLE_SIZE; i++) {
        if (!bundle->text[i])
            continue;
        char *encoded = vcl_base64_encode(bundle->text[i], strlen(bundle->text[i]));
        done = encoded && vcl_json_set_string(data, rt_bundle_name(i), encoded);
        vcl_free_secret(encoded);
    }
    if (!done) {
        vcl_json_free_secret(data);
        return vcl_no_memory(error);
    }
    *out_data = data;
    return VCLUSTER_OK;
}

int rt_bundle_from_data(const cJSON *data, rt_bundle *out_bundle, vcluster_error **error)
{
    RT_AUTO_BUNDLE bundle = { 0 };

    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        const char *encoded = vcl_json_find_string(data, rt_bundle_name(i), NULL);
        size_t size = 0;
        if (vcl_str_empty(encoded))
            continue;
        int status = vcl_base64_decode(encoded, &bundle.text[i], &size, error);
        if (status < 0)
            return vcl_wrap(error, status, "read '%s'", rt_bundle_name(i));
    }
    *out_bundle = bundle;
    bundle = (rt_bundle){ 0 };
    return VCLUSTER_OK;
}
