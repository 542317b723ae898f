/* SPDX-License-Identifier: Apache-2.0 */
/* Sync rules that need or exclude each other, and what is written inside them. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"

#define NODES "sync.fromHost.nodes"
#define HYBRID "sync.toHost.pods.hybridScheduling"
#define TOLERATIONS "sync.toHost.pods.enforceTolerations"

static bool has_scheduler(const vcl_check *check)
{
    return vcl_check_on(check, "controlPlane.distro.k8s.scheduler.enabled") ||
           vcl_check_on(check, "controlPlane.advanced.virtualScheduler.enabled");
}

void vcl_check_nodes_required(vcl_check *check)
{
    bool scheduler = has_scheduler(check);

    if (!vcl_check_on(check, NODES ".enabled") &&
        (scheduler || vcl_check_on(check, HYBRID ".enabled")))
        vcl_check_find(check, NODES ".enabled", "set " NODES ".enabled to true",
                       "%s needs the nodes of the host, which are not synced",
                       scheduler ? "a virtual scheduler" : "hybrid scheduling");
}

void vcl_check_hybrid_no_scheduler(vcl_check *check)
{
    if (has_scheduler(check) && vcl_check_on(check, HYBRID ".enabled") &&
        !vcl_check_filled(vcl_check_get(check, HYBRID ".hostSchedulers")))
        vcl_check_find(check, HYBRID ".hostSchedulers",
                       "name a scheduler of the host, or switch hybrid scheduling off",
                       "hybrid scheduling has no effect without a scheduler of the host");
}

void vcl_check_class_both_ways(vcl_check *check)
{
    static const char *const classes[] = { "storageClasses", "priorityClasses" };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        vcl_auto_free char *to = vcl_format("sync.toHost.%s.enabled", classes[i]);
        vcl_auto_free char *from = vcl_format("sync.fromHost.%s.enabled", classes[i]);

        if (to && from && vcl_check_on(check, to) && vcl_check_on(check, from))
            vcl_check_find(check, to, "switch one of the two off",
                           "%s go to the host and come from the host at once", classes[i]);
    }
}

/* What a patch does, of which there must be exactly one. */
static int count_actions(const cJSON *patch)
{
    return (vcl_check_filled(vcl_json_get(patch, "expression")) ||
            vcl_check_filled(vcl_json_get(patch, "reverseExpression"))) +
           cJSON_IsObject(vcl_json_get(patch, "labels")) +
           cJSON_IsObject(vcl_json_get(patch, "reference"));
}

static bool has_path_before(const cJSON *patches, const cJSON *patch, const char *path)
{
    for (const cJSON *other = patches->child; other && other != patch; other = other->next) {
        if (vcl_streq(vcl_str(vcl_json_find_string(other, "path", NULL)), path))
            return true;
    }
    return false;
}

static void check_patch(vcl_check *check, const char *at, const cJSON *patches, const cJSON *patch)
{
    const char *path = vcl_str(vcl_json_find_string(patch, "path", NULL));
    int actions = count_actions(patch);

    if (actions != 1)
        vcl_check_find(check, at, "give it exactly one of expression, reference and labels",
                       "the patch has %s of expression, reference and labels",
                       actions == 0 ? "none" : "more than one");
    if (has_path_before(patches, patch, path))
        vcl_check_find(check, at, "make one patch of them",
                       "an earlier patch has the path '%s', too", path);
    if (vcl_streq(path, "metadata.name") || vcl_streq(path, "metadata.namespace"))
        vcl_check_find_as(check, VCLUSTER_SEVERITY_WARNING, at, "take it out",
                          "the syncer goes by '%s', which must not be patched", path);
}

/* All lists of patches below a part of the values. */
static void check_patches(vcl_check *check, const char *path, const cJSON *node, int depth)
{
    for (const cJSON *member = node->child; member && depth > 0; member = member->next) {
        int index = 0;
        vcl_auto_free char *at = vcl_check_member(check, path, member->string);
        if (!at)
            return;
        if (cJSON_IsObject(member))
            check_patches(check, at, member, depth - 1);
        if (!cJSON_IsArray(member) || !vcl_streq(member->string, "patches"))
            continue;
        for (const cJSON *patch = member->child; patch; patch = patch->next, index++) {
            vcl_auto_free char *item = vcl_check_item(check, at, index);
            if (item)
                check_patch(check, item, member, patch);
        }
    }
}

void vcl_check_patches(vcl_check *check)
{
    enum { DEEP_ENOUGH = 4 }; /* toHost.gatewayApi.httpRoutes.patches */
    const cJSON *sync = vcl_check_get(check, "sync");

    if (cJSON_IsObject(sync))
        check_patches(check, "sync", sync, DEEP_ENOUGH);
}

/* "*", "KEY", "KEY=VALUE", "KEY:EFFECT", "KEY=VALUE:EFFECT". */
static const char *wrong_with_toleration(const char *text)
{
    static const char *const effects[] = { "NoSchedule", "PreferNoSchedule", "NoExecute", "",
                                           NULL };
    const char *colon = strchr(text, ':');
    vcl_auto_free char *pair = colon ? vcl_strndup(text, (size_t)(colon - text)) : vcl_strdup(text);
    const char *equal = pair ? strchr(pair, '=') : NULL;

    if (vcl_streq(text, "*") || !pair)
        return NULL;
    if (vcl_count_char(text, ':') > 1 || vcl_count_char(pair, '=') > 1)
        return "it is none of '*', 'KEY', 'KEY=VALUE' and 'KEY=VALUE:EFFECT'";
    if (equal && !vcl_is_label_value(equal + 1))
        return "what is behind '=' is no value of a label";
    if (colon && !vcl_is_one_of(colon + 1, effects))
        return "the effect is none of NoSchedule, PreferNoSchedule and NoExecute";
    return NULL;
}

void vcl_check_tolerations(vcl_check *check)
{
    const cJSON *item = NULL;
    int index = 0;

    cJSON_ArrayForEach (item, vcl_check_get(check, TOLERATIONS)) {
        const char *wrong = cJSON_IsString(item) ? wrong_with_toleration(item->valuestring) : NULL;
        vcl_auto_free char *path = wrong ? vcl_check_item(check, TOLERATIONS, index) : NULL;

        if (wrong)
            vcl_check_find(check, path, "write it as in 'team=a:NoSchedule'",
                           "'%s' is no toleration: %s", item->valuestring, wrong);
        index++;
    }
}

static const char *wrong_with_expression(const cJSON *expression)
{
    static const char *const with_values[] = { "In", "NotIn", NULL };
    static const char *const without[] = { "Exists", "DoesNotExist", NULL };
    const char *operator_name = vcl_str(vcl_json_find_string(expression, "operator", NULL));
    const cJSON *values = vcl_json_get(expression, "values");
    const cJSON *value = NULL;

    if (!vcl_is_label_key(vcl_str(vcl_json_find_string(expression, "key", NULL))))
        return "'key' is no key of a label";
    if (!vcl_is_one_of(operator_name, with_values) && !vcl_is_one_of(operator_name, without))
        return "'operator' is none of In, NotIn, Exists and DoesNotExist";
    if (vcl_is_one_of(operator_name, with_values) != vcl_check_filled(values))
        return "In and NotIn need values, Exists and DoesNotExist have none";
    cJSON_ArrayForEach (value, values) {
        if (!cJSON_IsString(value) || !vcl_is_label_value(value->valuestring))
            return "one of 'values' is no value of a label";
    }
    return NULL;
}

static void check_labels(vcl_check *check, const char *path, const cJSON *labels)
{
    for (const cJSON *label = vcl_check_members(labels); label; label = label->next) {
        bool fine = vcl_is_label_key(label->string) && cJSON_IsString(label) &&
                    vcl_is_label_value(label->valuestring);
        vcl_auto_free char *at = fine ? NULL : vcl_check_member(check, path, label->string);

        if (!fine)
            vcl_check_find(check, at, "use letters, digits, '-', '_' and '.', at most 63",
                           "it is no label that an object can have");
    }
}

static void check_expressions(vcl_check *check, const char *path, const cJSON *list)
{
    const cJSON *item = NULL;
    int index = 0;

    cJSON_ArrayForEach (item, list) {
        const char *wrong = wrong_with_expression(item);
        vcl_auto_free char *at = wrong ? vcl_check_item(check, path, index) : NULL;

        if (wrong)
            vcl_check_find(check, at, NULL, "the selector cannot be read: %s", wrong);
        index++;
    }
}

void vcl_check_class_selectors(vcl_check *check)
{
    static const char *const classes[] = { "runtimeClasses",  "ingressClasses", "gatewayClasses",
                                           "priorityClasses", "storageClasses", "gateways",
                                           "deviceClasses" };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        vcl_auto_free char *path = vcl_format("sync.fromHost.%s.selector", classes[i]);
        const cJSON *selector = path ? vcl_check_get(check, path) : NULL;
        vcl_auto_free char *labels = path ? vcl_format("%s.matchLabels", path) : NULL;
        vcl_auto_free char *list = path ? vcl_format("%s.matchExpressions", path) : NULL;

        if (!selector || !labels || !list)
            continue;
        check_labels(check, labels, vcl_json_get(selector, "matchLabels"));
        check_expressions(check, list, vcl_json_get(selector, "matchExpressions"));
    }
}
