/* SPDX-License-Identifier: Apache-2.0 */
/* What the exported functions share; see api.h. */
#include "api/api.h"

#include <string.h>

#include "base/str.h"
#include "vcluster/config.h"
#include "vcluster/names.h"
#include "vcluster/versions.h"

int vcl_require(vcluster_error **error,
                const char *names,
                size_t count,
                const void *const *pointers)
{
    for (size_t i = 0; i < count; i++) {
        const char *end = strchr(names, ',');
        int size = end ? (int)(end - names) : (int)strlen(names);

        if (!pointers[i])
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%.*s is NULL", size, names);
        names += size;
        names += strspn(names, ", ");
    }
    return VCLUSTER_OK;
}

int vcl_api_begin(vcl_call *call,
                  const vcluster_client *client,
                  int64_t default_timeout_ms,
                  void *known,
                  size_t known_size,
                  const void *options,
                  const char *type,
                  vcluster_error **error)
{
    vcluster_call_options common;

    int status = vcl_options_copy(known, known_size, options, type, error);
    if (status < 0)
        return status;
    memcpy(&common, known, sizeof(common));
    if (client && client->timeout_ms != 0)
        default_timeout_ms = client->timeout_ms;
    vcl_call_init(call, common.timeout_ms, default_timeout_ms, common.cancel, common.progress,
                  common.user_data);
    return VCLUSTER_OK;
}

int vcl_api_check_names(const char *name, const char *namespace_name, vcluster_error **error)
{
    int status = vcl_name_check(name, error);

    return status < 0 ? status : vcl_namespace_check(namespace_name, error);
}

int vcl_api_values(const vcluster_chart *chart,
                   const vcluster_config *config,
                   cJSON **out_values,
                   vcluster_error **error)
{
    cJSON *values = NULL;

    int status = vcl_config_values(config, &values, error);
    if (status == 0 && vcl_streq(vcluster_chart_name(chart), "vcluster-embedded"))
        status = vcl_version_resolve_embedded(values, error);
    if (status < 0) {
        vcl_json_free_secret(values);
        return status;
    }
    *out_values = values;
    return VCLUSTER_OK;
}
