/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles; see profiles.h. The figures behind them, of upstream 0.36: with the default 20 requests
 * a second the controller manager takes 4 s longer until the first ServiceAccount exists; GOGC=30
 * takes a quarter off the memory of the API server.
 */
#include "vcluster/lifecycle/profiles.h"

#include <string.h>

#include "base/str.h"

enum { FAST = 1, LEAN = 2 };

static int flags_of(const char *profile)
{
    if (vcl_streq(profile, "fast"))
        return FAST;
    if (vcl_streq(profile, "lean"))
        return FAST | LEAN;
    return !profile || vcl_streq(profile, "default") ? 0 : -1;
}

int vcl_profile_check(const char *profile, vcluster_error **error)
{
    if (flags_of(profile) >= 0)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "profile '%s' is none of 'default', 'fast' and 'lean'", profile);
}

bool vcl_profile_changes(const char *profile)
{
    return flags_of(profile) > 0;
}

/* The array at the end of a path, made when it is missing; NULL: memory is short, or something else
 * is in its place. */
static cJSON *array_at(cJSON *values, const char *const *path)
{
    for (; path[1]; path++) {
        values = vcl_json_object(values, path[0]);
        if (!values)
            return NULL;
    }
    cJSON *array = vcl_json_get(values, path[0]);
    if (array && !cJSON_IsNull(array))
        return cJSON_IsArray(array) ? array : NULL;
    return vcl_json_set(values, path[0], cJSON_CreateArray()) ? vcl_json_get(values, path[0])
                                                              : NULL;
}

/* "--flag=value", unless the flag is there. */
static bool add_argument(cJSON *list, const char *argument)
{
    size_t size = strcspn(argument, "=");
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        const char *text = vcl_str(cJSON_GetStringValue(item));
        if (strncmp(text, argument, size) == 0 && (text[size] == '=' || !text[size]))
            return true;
    }
    return vcl_json_append(list, cJSON_CreateString(argument));
}

static bool add_variable(cJSON *list, const char *name, const char *value)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return true;
    }
    cJSON *variable = cJSON_CreateObject();
    return vcl_json_append(list, variable) && vcl_json_set_string(variable, "name", name) &&
           vcl_json_set_string(variable, "value", value);
}

/* Tokens in Secrets that are refreshed, not in annotations of pods for ten years. */
static bool use_secrets(cJSON *values)
{
    static const char key[] = "useSecretsForSATokens";
    static const char *const path[] = { "sync", "toHost", "pods" };

    for (size_t i = 0; i < 3 && values; i++)
        values = vcl_json_object(values, path[i]);
    return values && (vcl_json_get(values, key) || vcl_json_set(values, key, cJSON_CreateTrue()));
}

int vcl_profile_apply(const char *profile, bool embedded, cJSON *values, vcluster_error **error)
{
    static const char *const arguments[] = { "controlPlane",      "distro",    "k8s",
                                             "controllerManager", "extraArgs", NULL };
    static const char *const variables[] = { "controlPlane", "statefulSet", "env", NULL };
    int flags = flags_of(profile);
    bool ok = true;

    /* The embedded control plane starts its controller manager so anyway, and runs no pods. */
    if (flags & FAST && !embedded) {
        cJSON *list = array_at(values, arguments);
        ok = list && add_argument(list, "--kube-api-qps=300") &&
             add_argument(list, "--kube-api-burst=600") && use_secrets(values);
    }
    if (ok && flags & LEAN) {
        cJSON *list = array_at(values, variables);
        ok = list && add_variable(list, "GOGC", "30") && add_variable(list, "GOMEMLIMIT", "400MiB");
    }
    return ok ? VCLUSTER_OK : vcl_no_memory(error);
}
