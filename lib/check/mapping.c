/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings by name of what comes from the host: NAMESPACE/NAME, or all of a namespace by a star as
 * NAME; where the own namespace of the virtual cluster is meant, "/NAME" and "".
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"

#define CUSTOM "sync.fromHost.customResources"

/* One side: what is in front of '/', and behind it ("" without). */
static const char *wrong_with_side(const char *text, bool own_allowed)
{
    const char *slash = strchr(text, '/');
    vcl_auto_free char *space =
        slash ? vcl_strndup(text, (size_t)(slash - text)) : vcl_strdup(text);
    const char *name = slash ? slash + 1 : "";

    if (!space)
        return NULL;
    if (vcl_count_char(text, '/') > 1)
        return "has more than one '/'";
    if (!vcl_is_dns_label(space) && !(own_allowed && *space == '\0'))
        return "has no valid namespace in front of '/'";
    if (*name && !vcl_streq(name, "*") && !vcl_is_dns_subdomain(name))
        return "has no valid name behind '/'";
    if (slash && *name == '\0')
        return "has no name behind '/'";
    return NULL;
}

/* Rules for a pair of sides that are fine alone. *out_warning: upstream lets it pass. */
static const char *wrong_with_pair(const char *host, const char *virtual_side, bool *out_warning)
{
    bool all_host = vcl_ends_with(host, "/*");
    bool all_virtual = vcl_ends_with(virtual_side, "/*");

    if (*host == '\0') {
        *out_warning = strchr(virtual_side, '/') && !all_virtual;
        return *out_warning ? "maps a whole namespace to one object: write NAMESPACE or NAMESPACE/*"
                            : NULL;
    }
    if (!strchr(host, '/'))
        return "needs NAMESPACE/NAME, NAMESPACE/*, /NAME or \"\" as its key";
    if (!strchr(virtual_side, '/'))
        return "needs NAMESPACE/NAME or NAMESPACE/* as its value";
    if (all_host && !all_virtual)
        return "maps a whole namespace to one object";
    *out_warning = !all_host && all_virtual;
    return *out_warning ? "maps one object to a whole namespace" : NULL;
}

static void check_pair(vcl_check *check, const char *at, const cJSON *pair)
{
    const char *host = pair->string;
    const char *virtual_side = cJSON_IsString(pair) ? pair->valuestring : "";
    bool warning = false;
    const char *wrong = *host ? wrong_with_side(host, true) : NULL;

    if (wrong) {
        vcl_check_find(check, at, NULL, "the key '%s' %s", host, wrong);
        return;
    }
    wrong = wrong_with_side(virtual_side, false);
    if (wrong) {
        vcl_check_find(check, at, NULL, "the value '%s' %s", virtual_side, wrong);
        return;
    }
    wrong = wrong_with_pair(host, virtual_side, &warning);
    if (wrong)
        vcl_check_find_as(check, warning ? VCLUSTER_SEVERITY_WARNING : VCLUSTER_SEVERITY_ERROR, at,
                          NULL, "'%s: %s' %s", host, virtual_side, wrong);
}

static void check_map(vcl_check *check, const char *path, const cJSON *map)
{
    for (const cJSON *pair = vcl_check_members(map); pair; pair = pair->next) {
        vcl_auto_free char *at = vcl_check_member(check, path, pair->string);
        if (at)
            check_pair(check, at, pair);
    }
}

static void check_custom(vcl_check *check)
{
    const cJSON *rules = vcl_check_get(check, CUSTOM);

    for (const cJSON *rule = vcl_check_members(rules); rule; rule = rule->next) {
        vcl_auto_free char *path = vcl_check_member(check, CUSTOM, rule->string);
        vcl_auto_free char *map = path ? vcl_format("%s.mappings.byName", path) : NULL;

        if (map && vcl_streq(vcl_json_find_string(rule, "scope", NULL), "Namespaced"))
            check_map(check, map, vcl_json_find(rule, "mappings", "byName", NULL));
    }
}

void vcl_check_mappings(vcl_check *check)
{
    static const char *const kinds[] = { "configMaps", "secrets" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        vcl_auto_free char *enabled = vcl_format("sync.fromHost.%s.enabled", kinds[i]);
        vcl_auto_free char *path = vcl_format("sync.fromHost.%s.mappings.byName", kinds[i]);

        if (!enabled || !path || !vcl_check_on(check, enabled))
            continue;
        if (!vcl_check_filled(vcl_check_get(check, path)))
            vcl_check_find(check, path, "add pairs such as \"default/app\": \"default/app\"",
                           "%s come from the host, but no mapping says which", kinds[i]);
        check_map(check, path, vcl_check_get(check, path));
    }
    check_custom(check);
}
