/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rule is meant: keys, kinds, plurals and the short names of kubectl, whatever their case.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "sync/rules.h"

enum { MAX_SPELLING = 256 };

static const char *const short_names[][2] = {
    { "po", "pod" },
    { "svc", "service" },
    { "ep", "endpoint" },
    { "cm", "configmap" },
    { "pvc", "persistentvolumeclaim" },
    { "pv", "persistentvolume" },
    { "ing", "ingress" },
    { "netpol", "networkpolicy" },
    { "pdb", "poddisruptionbudget" },
    { "sa", "serviceaccount" },
    { "sc", "storageclass" },
    { "pc", "priorityclass" },
    { "ns", "namespace" },
    { "no", "node" },
    { "ev", "event" },
};

/* Lower case; "policies" -> "policy", "classes" -> "class", "pods" -> "pod". */
static bool normalize(const char *text, char out[MAX_SPELLING])
{
    size_t size = strlen(text);

    if (size == 0 || size >= MAX_SPELLING)
        return false;
    for (size_t i = 0; i <= size; i++)
        out[i] = (char)tolower((unsigned char)text[i]);
    if (size > 3 && strcmp(out + size - 3, "ies") == 0)
        memcpy(out + size - 3, "y", 2);
    else if (size > 4 && strcmp(out + size - 4, "sses") == 0)
        out[size - 2] = '\0';
    else if (size > 2 && out[size - 1] == 's' && out[size - 2] != 's')
        out[size - 1] = '\0';
    for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++) {
        if (strcmp(out, short_names[i][0]) == 0)
            memcpy(out, short_names[i][1], strlen(short_names[i][1]) + 1);
    }
    return true;
}

static bool same(const char *name, const char *spelling)
{
    char a[MAX_SPELLING];
    char b[MAX_SPELLING];

    return normalize(name, a) && normalize(spelling, b) && strcmp(a, b) == 0;
}

/* "ingresses.networking.k8s.io" without its group, as kubectl allows. */
static bool same_without_group(const char *name, const char *spelling)
{
    const char *dot = strchr(spelling, '.');
    char head[MAX_SPELLING];

    if (!dot || !strchr(dot + 1, '.') || dot - spelling >= MAX_SPELLING)
        return false;
    memcpy(head, spelling, (size_t)(dot - spelling));
    head[dot - spelling] = '\0';
    return same(name, head);
}

bool vcl_sync_rule_is(const vcluster_sync_rule *rule, const char *spelling)
{
    const char *dot = strchr(rule->resource, '.');

    if (strcasecmp(rule->resource, spelling) == 0)
        return true;
    if (rule->custom) /* customResources.PLURAL.GROUP: the version behind it counts, too */
        return dot && strcasecmp(dot + 1, spelling) == 0;

    const char *key = dot ? dot + 1 : rule->resource;
    return same(key, spelling) || same_without_group(key, spelling) ||
           (rule->fact && same(rule->fact->kind, spelling));
}
