/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rendering wrote into the values (spec_values.c) goes back to the fields of a spec. Only
 * what those fields say whole: the rest stays in the values, so that the same is rendered again.
 */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/values.h"
#include "gitops/gitops.h"
#include "gitops/import.h"

/* Longest way of keys below the values. */
enum { MAX_KEYS = 8 };

/* Make what keys lead to, if it is there, a field of the spec. */
static int move(cJSON *spec, const char *const *keys, const char *field, vcluster_error **error)
{
    cJSON *taken = vcl_json_take(spec, keys);

    return !taken || vcl_json_set(spec, field, taken) ? VCLUSTER_OK : vcl_no_memory(error);
}

static bool is_owner(const char *text)
{
    return *text && strlen(text) <= VCL_MAX_OWNER;
}

static bool is_time(const char *text)
{
    int64_t seconds = 0;

    return vcl_parse_rfc3339(text, &seconds);
}

int vcl_gitops_take_lease(cJSON *spec, vcluster_error **error)
{
    static const struct {
        const char *annotation;
        const char *field;
        bool (*is_valid)(const char *text);
    } places[] = {
        { "libvcluster.dev/owner", "owner", is_owner },
        { "libvcluster.dev/expires-at", "expires", is_time },
    };
    int status = VCLUSTER_OK;

    for (size_t i = 0; status == 0 && i < VCL_COUNT(places); i++) {
        const char *const keys[MAX_KEYS] = { "values", "controlPlane", "statefulSet", "annotations",
                                             places[i].annotation };
        const char *text =
            vcl_json_find_string(spec, keys[0], keys[1], keys[2], keys[3], keys[4], NULL);
        if (text && places[i].is_valid(text))
            status = move(spec, keys, places[i].field, error);
    }
    return status;
}

/* All that a LimitRange has is in its field. */
static int take_range(cJSON *spec, vcluster_error **error)
{
    static const char *const keys[] = { "values", "policies", "limitRange", NULL };

    if (!cJSON_IsTrue(vcl_json_find(spec, keys[0], keys[1], keys[2], "enabled", NULL)))
        return VCLUSTER_OK;
    vcl_json_remove(vcl_json_find(spec, keys[0], keys[1], keys[2], NULL), "enabled");
    return move(spec, keys, "limitRange", error);
}

static int take_quota(cJSON *spec, vcluster_error **error)
{
    static const char *const keys[] = { "values", "policies", "resourceQuota", "quota", NULL };

    if (!cJSON_IsObject(vcl_json_find(spec, keys[0], keys[1], keys[2], keys[3], NULL)) ||
        !vcl_values_take_switch(spec, "resourceQuota"))
        return VCLUSTER_OK;
    return move(spec, keys, "quota", error);
}

int vcl_gitops_take_policies(cJSON *spec, vcluster_error **error)
{
    int status = take_quota(spec, error);

    if (status == 0)
        status = take_range(spec, error);
    if (status == 0 && vcl_values_take_switch(spec, "networkPolicy") &&
        !vcl_json_set(spec, "networkPolicy", cJSON_CreateTrue()))
        status = vcl_no_memory(error);
    return status;
}
