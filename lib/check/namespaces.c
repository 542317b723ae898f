/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces that are synced: pairs of a virtual and a host namespace, exact, or patterns with one
 * '*' at the end; "${name}" stands for the name of the virtual cluster.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"

#define NAMESPACES "sync.toHost.namespaces"
#define BY_NAME NAMESPACES ".mappings.byName"
#define PLACEHOLDER "${name}"

enum { MAX_PREFIX = 32 };

/* The text with the name of the virtual cluster in it; where that is not known, one of a letter. */
static char *expand(const vcl_check *check, const char *text)
{
    const char *name = check->input->name ? check->input->name : "x";
    const char *at = strstr(text, PLACEHOLDER);

    if (!at)
        return vcl_strdup(text);
    return vcl_format("%.*s%s%s", (int)(at - text), text, name, at + strlen(PLACEHOLDER));
}

/* Part of a namespace: what is in front of '*'. */
static bool is_prefix(const char *text)
{
    vcl_auto_free char *whole = vcl_format("%sx", text);

    return !whole || vcl_is_dns_label(whole);
}

static const char *wrong_with_side(const vcl_check *check, const char *text)
{
    vcl_auto_free char *name = expand(check, text);
    size_t stars = vcl_count_char(text, '*');

    if (!name)
        return NULL;
    if (strstr(name, "${"))
        return "has a placeholder that is not known, or one twice: there is only ${name}, once";
    if (*name == '\0')
        return "is empty";
    if (stars == 0)
        return vcl_is_dns_label(name) ? NULL : "is no name of a namespace";
    if (stars > 1 || !vcl_ends_with(name, "*"))
        return "has '*' elsewhere than once at its end";
    name[strlen(name) - 1] = '\0';
    if (strlen(name) > MAX_PREFIX)
        return "has more than 32 characters in front of '*'";
    return is_prefix(name) ? NULL : "is no beginning of a namespace";
}

/* Whether a host side takes in the namespace of the control plane. */
static bool takes_own(const vcl_check *check, const char *host)
{
    vcl_auto_free char *name = expand(check, host);
    const char *own = check->input->namespace_name;
    size_t size = name ? strlen(name) : 0;

    if (!name || !own)
        return false;
    if (size > 0 && name[size - 1] == '*')
        return strncmp(own, name, size - 1) == 0;
    return vcl_streq(own, name);
}

static void check_pair(vcl_check *check, const char *at, const cJSON *map, const cJSON *pair)
{
    const char *inside = pair->string;
    const char *host = cJSON_IsString(pair) ? pair->valuestring : "";
    const char *wrong_inside = wrong_with_side(check, inside);
    const char *wrong_host = wrong_with_side(check, host);

    if (wrong_inside)
        vcl_check_find(check, at, NULL, "the virtual namespace '%s' %s", inside, wrong_inside);
    if (wrong_host)
        vcl_check_find(check, at, NULL, "the host namespace '%s' %s", host, wrong_host);
    if ((strchr(inside, '*') != NULL) != (strchr(host, '*') != NULL))
        vcl_check_find(check, at, "use '*' on both sides, or on none",
                       "'%s' and '%s' are a pattern and one namespace", inside, host);
    if (vcl_streq(host, "*"))
        vcl_check_find(check, at, "write a prefix in front of '*', such as ${name}-*",
                       "all namespaces of the host would belong to the virtual cluster");
    else if (takes_own(check, host))
        vcl_check_find(check, at, "choose other namespaces",
                       "the host namespace '%s' is that of the control plane", host);
    for (const cJSON *other = vcl_check_members(map); other && other != pair; other = other->next) {
        if (cJSON_IsString(other) && vcl_streq(other->valuestring, host))
            vcl_check_find(check, at, NULL, "the host namespace '%s' has '%s' already", host,
                           other->string);
    }
}

void vcl_check_namespaces(vcl_check *check)
{
    const cJSON *map = vcl_check_get(check, BY_NAME);

    if (!vcl_check_on(check, NAMESPACES ".enabled"))
        return;
    if (!vcl_check_filled(map))
        vcl_check_find(check, BY_NAME, "add pairs such as \"team-*\": \"${name}-team-*\"",
                       "namespaces are synced, but no mapping says which");
    for (const cJSON *pair = vcl_check_members(map); pair; pair = pair->next) {
        vcl_auto_free char *at = vcl_check_member(check, BY_NAME, pair->string);
        if (at)
            check_pair(check, at, map, pair);
    }
}
