/* SPDX-License-Identifier: Apache-2.0 */
/* Gateways of the host: their mappings and which routes may use them. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"

#define GATEWAYS "sync.fromHost.gateways"
#define BY_NAME GATEWAYS ".mappings.byName"
#define ROUTES GATEWAYS ".allowedRoutes"
#define GRANTS "sync.toHost.gatewayApi.referenceGrants.enabled"

static bool is_wildcard(const char *side)
{
    return vcl_ends_with(side, "/*");
}

static const char *wrong_with_side(const char *text)
{
    const char *slash = strchr(text, '/');
    vcl_auto_free char *space = vcl_strndup(text, strcspn(text, "/"));

    if (!slash || vcl_count_char(text, '/') != 1)
        return "is none of NAMESPACE/NAME and NAMESPACE/*";
    if (space && !vcl_is_dns_label(space))
        return "has no valid namespace in front of '/'";
    if (!vcl_streq(slash + 1, "*") && !vcl_is_dns_subdomain(slash + 1))
        return "has no valid name behind '/'";
    return NULL;
}

static bool same_namespace(const char *a, const char *b)
{
    size_t size = strcspn(a, "/");

    return size == strcspn(b, "/") && strncmp(a, b, size) == 0;
}

static const char *value_of(const cJSON *pair)
{
    return cJSON_IsString(pair) ? pair->valuestring : "";
}

static bool is_reserved(const vcl_check *check, const char *side)
{
    static const char *const reserved[] = { "kube-system", "kube-public", "kube-node-lease", NULL };
    vcl_auto_free char *space = vcl_strndup(side, strcspn(side, "/"));

    return space &&
           (vcl_is_one_of(space, reserved) ||
            (check->input->namespace_name && vcl_streq(space, check->input->namespace_name)));
}

/* What a pair has against one before it. */
static const char *wrong_with_two(const cJSON *pair, const cJSON *other)
{
    const char *host = pair->string;
    const char *to = value_of(pair);
    bool wide = is_wildcard(host);
    bool other_wide = is_wildcard(other->string);

    if (wide && other_wide)
        return same_namespace(to, value_of(other)) ? "leads to the same namespace as another"
                                                   : NULL;
    if (!wide && !other_wide)
        return vcl_streq(to, value_of(other)) ? "leads to the same Gateway as another" : NULL;
    if (same_namespace(host, other->string))
        return "is of a namespace that another takes as a whole";
    return same_namespace(to, value_of(other)) ? "leads into a namespace that another fills" : NULL;
}

static void check_pair(vcl_check *check, const cJSON *map, const cJSON *pair)
{
    vcl_auto_free char *at = vcl_check_member(check, BY_NAME, pair->string);
    const char *to = value_of(pair);
    const char *wrong_key = wrong_with_side(pair->string);
    const char *wrong_value = wrong_with_side(to);

    if (wrong_key || wrong_value) {
        vcl_check_find(check, at, "write it as in \"infra/public\": \"gateways/public\"",
                       "the %s '%s' %s", wrong_key ? "key" : "value", wrong_key ? pair->string : to,
                       wrong_key ? wrong_key : wrong_value);
        return;
    }
    if (is_reserved(check, to))
        vcl_check_find(check, at, "choose another namespace", "the namespace of '%s' is reserved",
                       to);
    if (is_wildcard(pair->string) != is_wildcard(to))
        vcl_check_find(check, at, "use '*' on both sides, or on none",
                       "'%s' and '%s' are a namespace and one Gateway", pair->string, to);
    for (const cJSON *other = vcl_check_members(map); other && other != pair; other = other->next) {
        const char *wrong = wrong_with_two(pair, other);
        if (wrong)
            vcl_check_find(check, at, NULL, "the mapping %s, '%s'", wrong, other->string);
    }
}

static void check_policy(vcl_check *check, const char *path, const cJSON *policy)
{
    static const char *const known[] = { "", "All", "Same", "Selector", NULL };
    const char *from = vcl_str(vcl_json_find_string(policy, "from", NULL));
    const cJSON *selector = vcl_json_get(policy, "selector");

    if (!vcl_is_one_of(from, known))
        vcl_check_find(check, path, NULL, "'from' is none of All, Same and Selector");
    else if (vcl_streq(from, "Selector") &&
             !vcl_check_filled(vcl_json_get(selector, "matchLabels")) &&
             !vcl_check_filled(vcl_json_get(selector, "matchExpressions")))
        vcl_check_find(check, path, "add a selector", "'from' is Selector, and there is none");
}

static bool is_covered(const cJSON *map, const char *space, const char *name)
{
    vcl_auto_free char *exact = vcl_format("%s/%s", space, name);
    vcl_auto_free char *wide = vcl_format("%s/*", space);

    return *space && *name && exact && wide &&
           (vcl_json_get(map, exact) || vcl_json_get(map, wide));
}

/* A host name, perhaps with "*." in front. The syncer does not mind case and blanks around it. */
static bool is_hostname(const char *text)
{
    vcl_auto_free char *name = vcl_strdup(text);
    char *at = name;

    if (!name)
        return true;
    while (*at == ' ')
        at++;
    size_t size = strlen(at);
    while (size > 0 && at[size - 1] == ' ')
        at[--size] = '\0';
    for (char *c = at; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    return vcl_is_dns_subdomain(vcl_starts_with(at, "*.") ? at + 2 : at);
}

static void check_override(vcl_check *check, const cJSON *map, const cJSON *item, int index)
{
    vcl_auto_free char *path = vcl_check_item(check, ROUTES ".overrides", index);
    vcl_auto_free char *policy = path ? vcl_format("%s.virtualNamespacePolicy", path) : NULL;
    vcl_auto_free char *names = path ? vcl_format("%s.allowedHostnames", path) : NULL;
    const char *space = vcl_str(vcl_json_find_string(item, "hostNamespace", NULL));
    const char *name = vcl_str(vcl_json_find_string(item, "name", NULL));
    const cJSON *hostname = NULL;
    int number = 0;

    if (!policy || !names)
        return;
    check_policy(check, policy, vcl_json_get(item, "virtualNamespacePolicy"));
    if (!is_covered(map, space, name))
        vcl_check_find(check, path, "add it to " BY_NAME, "the Gateway '%s/%s' is not mapped",
                       space, name);
    cJSON_ArrayForEach (hostname, vcl_json_get(item, "allowedHostnames")) {
        vcl_auto_free char *at = vcl_check_item(check, names, number++);
        if (cJSON_IsString(hostname) && !is_hostname(hostname->valuestring))
            vcl_check_find(check, at, NULL, "'%s' is no host name", hostname->valuestring);
    }
}

void vcl_check_gateways(vcl_check *check)
{
    const cJSON *map = vcl_check_get(check, BY_NAME);
    const cJSON *grants = vcl_check_get(check, GRANTS);
    static const char *const known[] = { "", "auto", "true", "false", NULL };
    const cJSON *item = NULL;
    int index = 0;

    if (cJSON_IsString(grants) && !vcl_is_one_of(grants->valuestring, known))
        vcl_check_find(check, GRANTS, "use auto, true or false",
                       "'%s' is none of auto, true and false", grants->valuestring);
    if (!vcl_check_on(check, GATEWAYS ".enabled"))
        return;
    if (!vcl_check_filled(map))
        vcl_check_find(check, BY_NAME, "add pairs such as \"infra/public\": \"gateways/public\"",
                       "Gateways come from the host, but no mapping says which");
    for (const cJSON *pair = vcl_check_members(map); pair; pair = pair->next)
        check_pair(check, map, pair);
    check_policy(check, ROUTES ".defaultVirtualNamespacePolicy",
                 vcl_check_get(check, ROUTES ".defaultVirtualNamespacePolicy"));
    cJSON_ArrayForEach (item, vcl_check_get(check, ROUTES ".overrides"))
        check_override(check, map, item, index++);
}
