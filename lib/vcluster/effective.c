/* SPDX-License-Identifier: Apache-2.0 */
/* The values that a virtual cluster runs with; see effective.h. */
#include "vcluster/effective.h"

#include "base/str.h"
#include "data/encoding.h"
#include "data/yaml.h"

int vcl_effective_values(vcl_kube *kube,
                         vcl_call *call,
                         const char *name,
                         const char *namespace_name,
                         cJSON **out_values,
                         vcluster_error **error)
{
    vcl_auto_free char *secret_name = vcl_format("vc-config-%s", name);
    vcl_object_key key = { "v1", "Secret", namespace_name, secret_name };
    cJSON *secret = NULL;
    cJSON *values = NULL;
    char *text = NULL;
    size_t size = 0;

    if (!secret_name)
        return vcl_no_memory(error);
    int status = vcl_kube_get(kube, call, &key, &secret, error);
    if (status == 0)
        status =
            vcl_base64_decode(vcl_str(vcl_json_find_string(secret, "data", "config.yaml", NULL)),
                              &text, &size, error);
    if (status == 0)
        status = vcl_yaml_parse_loose(text, size, &values, error);
    if (text)
        vcl_wipe(text, size);
    free(text);
    vcl_json_free_secret(secret);
    if (status == 0 && !cJSON_IsObject(values)) {
        vcl_json_free_secret(values);
        status = vcl_fail(error, VCLUSTER_E_PROTOCOL, "Secret '%s' holds no values", secret_name);
    }
    if (status == 0)
        *out_values = values;
    return status;
}

static bool
find_missing(const cJSON *wanted, const cJSON *values, const char *above, vcluster_error **found);

/* Values are never told: they may be passwords. false: memory is short. */
static bool
check_member(const cJSON *member, const cJSON *is, const char *above, vcluster_error **found)
{
    vcl_auto_free char *path =
        *above ? vcl_format("%s.%s", above, member->string) : vcl_strdup(member->string);

    if (!path)
        return false;
    if (cJSON_IsObject(member) && (cJSON_IsObject(is) || !member->child))
        return find_missing(member, is, path, found);
    if ((is && vcl_json_equal(member, is)) || (!is && cJSON_IsNull(member)))
        return true;
    if (!*found)
        (void)vcl_fail(found, VCLUSTER_E_PRECONDITION,
                       "it was made without a Helm release (by GitOps, say) and runs with "
                       "other values: change it where it is made");
    vcl_error_add_finding(found, path, 0, "other-value", VCLUSTER_SEVERITY_ERROR,
                          "it runs with another value", NULL);
    return true;
}

static bool
find_missing(const cJSON *wanted, const cJSON *values, const char *above, vcluster_error **found)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, wanted) {
        if (!check_member(member, vcl_json_get(values, member->string), above, found))
            return false;
    }
    return true;
}

int vcl_effective_check(vcl_kube *kube,
                        vcl_call *call,
                        const char *name,
                        const char *namespace_name,
                        const cJSON *wanted,
                        vcluster_error **error)
{
    VCL_AUTO_ERROR *found = NULL;
    cJSON *values = NULL;

    int status = vcl_effective_values(kube, call, name, namespace_name, &values, error);
    if (status < 0)
        return status;
    bool ok = find_missing(wanted, values, "", &found);
    vcl_json_free_secret(values);
    if (!ok)
        return vcl_no_memory(error);
    return found ? vcl_error_pass(error, &found, VCLUSTER_E_PRECONDITION) : VCLUSTER_OK;
}
