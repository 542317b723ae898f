/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back from coalesced values to the user's: the least that, laid over the defaults, gives
 * them again.
 */
#include "data/values.h"

static bool subtract(const cJSON *values, const cJSON *defaults, cJSON *out);

static bool subtract_member(const cJSON *value, const cJSON *usual, cJSON *out)
{
    if (usual && vcl_json_equal(value, usual))
        return true;
    if (!cJSON_IsObject(value) || !cJSON_IsObject(usual))
        return vcl_json_set(out, value->string, vcl_json_copy(value));
    cJSON *inner = vcl_json_object(out, value->string);

    return inner && subtract(value, usual, inner);
}

static bool subtract(const cJSON *values, const cJSON *defaults, cJSON *out)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, values) {
        if (!subtract_member(member, vcl_json_get(defaults, member->string), out))
            return false;
    }
    /* A default that is not there was deleted by a null. */
    cJSON_ArrayForEach (member, defaults) {
        if (!cJSON_IsNull(member) && !vcl_json_get(values, member->string) &&
            !vcl_json_set(out, member->string, cJSON_CreateNull()))
            return false;
    }
    return true;
}

int vcl_values_difference(const cJSON *values,
                          const cJSON *defaults,
                          cJSON **out_user,
                          vcluster_error **error)
{
    cJSON *user = cJSON_CreateObject();

    if (!user || !subtract(values, defaults, user)) {
        vcl_json_free_secret(user);
        return vcl_no_memory(error);
    }
    *out_user = user;
    return VCLUSTER_OK;
}
