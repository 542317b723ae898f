/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: sync rules and host names. Those that only hand out what rules hold are in sync/rule.c.
 */
#include <string.h>

#include <libvcluster/sync.h>

#include "api/api.h"
#include "base/str.h"
#include "sync/rules.h"
#include "sync/translate.h"
#include "vcluster/config.h"
#include "vcluster/names.h"

int vcluster_sync_rules_new(const vcluster_chart *chart,
                            const vcluster_config *config,
                            vcluster_sync_rules **out_rules,
                            vcluster_error **error)
{
    int status = VCL_REQUIRE(error, out_rules);

    if (status == 0)
        status = vcl_sync_rules_read(chart, config ? config->values : NULL, out_rules, error);
    return status < 0 ? vcl_wrap(error, status, "read sync rules") : status;
}

static int check_state(int state, vcluster_error **error)
{
    if (state < 0 || state > VCLUSTER_SYNC_AUTO)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%d is no state of a sync rule", state);
    return 0;
}

static int parse_settings(const char *text, cJSON **out_settings, vcluster_error **error)
{
    if (!text)
        return 0;
    int status = vcl_json_parse(text, strlen(text), out_settings, error);
    if (status < 0)
        return status;
    if (!cJSON_IsObject(*out_settings))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "settings are not a JSON object such as {\"all\":true}");
    return 0;
}

int vcluster_sync_set(vcluster_config *config,
                      const vcluster_chart *chart,
                      const char *direction,
                      const char *resource,
                      int state,
                      const char *settings,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *parsed = NULL;

    int status = VCL_REQUIRE(error, config, resource);
    if (status == 0)
        status = check_state(state, error);
    if (status == 0)
        status = parse_settings(settings, &parsed, error);
    if (status == 0)
        status = vcl_sync_set(config->values, chart, direction, resource, state, parsed, error);
    return status < 0 ? vcl_wrap(error, status, "set sync rule '%s'", vcl_str(resource)) : status;
}

int vcluster_host_name(const char *vcluster_name,
                       const char *host_namespace,
                       const char *kind,
                       const char *namespace_name,
                       const char *name,
                       char **out_name,
                       vcluster_error **error)
{
    const vcl_sync_owner owner = { .name = vcluster_name, .namespace_name = host_namespace };

    int status = VCL_REQUIRE(error, vcluster_name, host_namespace, kind, name, out_name);
    if (status == 0 && !namespace_name && vcl_name_rule_of(kind) == VCL_NAME_NAMESPACED)
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                          "kind '%s' is namespaced: namespace_name is NULL", kind);
    if (status < 0)
        return status;
    char *host = vcl_translate_name(&owner, kind, vcl_str(namespace_name), name);
    if (!host)
        return vcl_no_memory(error);
    *out_name = host;
    return 0;
}
