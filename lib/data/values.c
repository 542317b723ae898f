/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging values documents: over each other as Helm merges values files, over a chart's defaults as
 * Helm 3.21 coalesces them (chartutil), and by path (the grammar is in values_set.c).
 */
#include "data/values.h"

#include <stdlib.h>

static bool merge_objects(cJSON *base, const cJSON *over)
{
    for (const cJSON *member = over->child; member; member = member->next) {
        cJSON *old = vcl_json_get(base, member->string);
        if (cJSON_IsObject(old) && cJSON_IsObject(member)) {
            if (!merge_objects(old, member))
                return false;
        } else if (!vcl_json_set(base, member->string, vcl_json_copy(member))) {
            return false;
        }
    }
    return true;
}

static bool is_map_or_nothing(const cJSON *node)
{
    return !node || cJSON_IsNull(node) || cJSON_IsObject(node);
}

/* A copy of a document, which may be NULL or null for an empty one. */
static cJSON *copy_of_map(const cJSON *document)
{
    return cJSON_IsObject(document) ? vcl_json_copy(document) : cJSON_CreateObject();
}

int vcl_values_merge(cJSON *base, const cJSON *over, vcluster_error **error)
{
    if (!base || !is_map_or_nothing(base) || !is_map_or_nothing(over))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the values are not a map");
    if (!cJSON_IsObject(over))
        return VCLUSTER_OK;

    VCL_AUTO_JSON *merged = copy_of_map(base);
    if (!merged || !merge_objects(merged, over))
        return vcl_no_memory(error);
    vcl_json_exchange(base, merged);
    return VCLUSTER_OK;
}

/* Lay defaults under values. The user's null takes a default away and goes with it; where there is
 * no default, or a null one, the null stays. A map of the user's is kept against a default that is
 * none, and the other way round. */
static bool lay_under(cJSON *values, const cJSON *defaults, bool top)
{
    for (const cJSON *member = defaults->child; member; member = member->next) {
        cJSON *own = vcl_json_get(values, member->string);
        if (!own) {
            if (!vcl_json_set(values, member->string, vcl_json_copy(member)))
                return false;
        } else if (cJSON_IsNull(own)) {
            if (top || !cJSON_IsNull(member))
                vcl_json_remove(values, member->string);
        } else if (cJSON_IsObject(own) && cJSON_IsObject(member)) {
            if (!lay_under(own, member, false))
                return false;
        }
    }
    return true;
}

int vcl_values_coalesce(const cJSON *defaults,
                        const cJSON *user,
                        cJSON **out_values,
                        vcluster_error **error)
{
    if (!is_map_or_nothing(defaults) || !is_map_or_nothing(user))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the values are not a map");

    VCL_AUTO_JSON *values = copy_of_map(user);
    if (!values || (cJSON_IsObject(defaults) && !lay_under(values, defaults, true)))
        return vcl_no_memory(error);
    *out_values = vcl_steal(&values);
    return VCLUSTER_OK;
}

bool vcl_values_take_switch(cJSON *holder, const char *policy)
{
    const char *const keys[] = { "values", "policies", policy, "enabled", NULL };

    if (!cJSON_IsTrue(vcl_json_find(holder, keys[0], keys[1], keys[2], keys[3], NULL)))
        return false;
    cJSON_Delete(vcl_json_take(holder, keys));
    return true;
}
