/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about quotas: there is none, or one that keeps pods out that should run. */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

#define QUOTA "policies.resourceQuota"
#define RANGE "policies.limitRange"

/* Upstream's rule: made when it is not off, and one of the two is on. */
static bool is_made(const vcl_lint_subject *subject, const char *path)
{
    const cJSON *node = vcl_lint_get(subject, path);
    bool off =
        cJSON_IsFalse(node) || (cJSON_IsString(node) && vcl_streq(node->valuestring, "false"));

    return !off &&
           (vcl_lint_on(subject, QUOTA ".enabled") || vcl_lint_on(subject, RANGE ".enabled"));
}

bool vcl_lint_has_quota(const vcl_lint_subject *subject)
{
    return is_made(subject, QUOTA ".enabled");
}

bool vcl_lint_has_range(const vcl_lint_subject *subject)
{
    return is_made(subject, RANGE ".enabled");
}

void vcl_lint_quota_missing(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (!vcl_lint_has_quota(subject) && !vcl_lint_beside(run, subject, "ResourceQuota", false))
        vcl_lint_find(run, subject, QUOTA ".enabled",
                      "set " QUOTA ".enabled to true, and quota to what the tenant may use",
                      "no quota: one virtual cluster can use up the host");
}

/* "limits.cpu" -> "cpu", where a LimitRange fills it in; NULL for what it does not. */
static const char *filled_in(const char *key)
{
    static const char *const names[] = { "cpu", "memory", "ephemeral-storage" };
    const char *dot = strchr(key, '.');

    if (dot && !vcl_starts_with(key, "limits.") && !vcl_starts_with(key, "requests."))
        return NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_streq(dot ? dot + 1 : key, names[i]))
            return names[i];
    }
    return NULL;
}

/* A limit that is filled in is the request, too. */
static bool has_default(const vcl_lint_subject *subject, const char *key, const char *name)
{
    const cJSON *limit = vcl_json_get(vcl_lint_get(subject, RANGE ".default"), name);
    const cJSON *request = vcl_json_get(vcl_lint_get(subject, RANGE ".defaultRequest"), name);
    bool has_limit = limit && !cJSON_IsNull(limit);

    return has_limit || (!vcl_starts_with(key, "limits.") && request && !cJSON_IsNull(request));
}

void vcl_lint_quota_without_limits(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *hard = NULL;

    if (!vcl_lint_has_quota(subject) || vcl_lint_beside(run, subject, "LimitRange", false))
        return;
    bool range = vcl_lint_has_range(subject);
    cJSON_ArrayForEach (hard, vcl_lint_get(subject, QUOTA ".quota")) {
        const char *name = cJSON_IsNull(hard) ? NULL : filled_in(vcl_str(hard->string));
        if (!name || (range && has_default(subject, hard->string, name)))
            continue;
        vcl_auto_free char *path = vcl_format(RANGE ".default.%s", name);
        if (!path)
            return vcl_lint_fail(run);
        if (range)
            vcl_lint_find(run, subject, path, "set " RANGE ".default",
                          "the quota has '%s', and no limit range fills in '%s': pods without it "
                          "are refused",
                          hard->string, name);
        else
            vcl_lint_find(run, subject, RANGE ".enabled", "set " RANGE ".enabled to true",
                          "the quota has '%s', and there is no limit range: pods without it are "
                          "refused, those of the control plane among them",
                          hard->string);
        if (!range)
            return;
    }
}

bool vcl_lint_read_quantity(const cJSON *node, vcl_quantity *out_quantity)
{
    int64_t number = 0;

    if (vcl_json_to_int(node, &number)) {
        *out_quantity = vcl_quantity_from_int(number);
        return true;
    }
    return cJSON_IsString(node) && vcl_quantity_parse(node->valuestring, out_quantity, NULL) == 0;
}

/* Add what one container needs of "limits.cpu" to a sum. */
static void
add_need(const vcl_lint_subject *subject, const char *resources, const char *key, vcl_quantity *sum)
{
    const char *dot = strchr(key, '.');
    vcl_auto_free char *part = dot ? vcl_strndup(key, (size_t)(dot - key)) : vcl_strdup("requests");
    vcl_quantity need;

    if (part && vcl_lint_read_quantity(vcl_json_find(vcl_lint_get(subject, resources), part,
                                                     dot ? dot + 1 : key, NULL),
                                       &need))
        (void)vcl_quantity_add(sum, &need);
}

static void check_hard(vcl_lint_run *run, const vcl_lint_subject *subject, const cJSON *hard)
{
    enum { LEAST_PODS = 3 }; /* the control plane, its DNS, and one for the tenant */
    const char *key = vcl_str(hard->string);
    vcl_quantity need = vcl_quantity_from_int(0);
    vcl_quantity limit;
    char text[VCL_QUANTITY_TEXT];

    if (!vcl_lint_read_quantity(hard, &limit))
        return;
    if (vcl_streq(key, "pods") || vcl_streq(key, "count/pods")) {
        need = vcl_quantity_from_int(LEAST_PODS);
    } else if (filled_in(key)) {
        add_need(subject, "controlPlane.statefulSet.resources", key, &need);
        if (vcl_lint_on(subject, "controlPlane.coredns.enabled"))
            add_need(subject, "controlPlane.coredns.deployment.resources", key, &need);
    }
    if (vcl_quantity_compare(&limit, &need) >= 0)
        return;
    vcl_quantity_print(&need, text);
    vcl_auto_free char *remedy = vcl_format("give it %s and what the tenant shall have", text);
    if (remedy)
        vcl_lint_find(run, subject, QUOTA ".quota", remedy,
                      "'%s' is less than the control plane and its DNS need, %s: they do not start",
                      key, text);
    else
        vcl_lint_fail(run);
}

void vcl_lint_quota_too_small(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *hard = NULL;

    if (!vcl_lint_has_quota(subject))
        return;
    cJSON_ArrayForEach (hard, vcl_lint_get(subject, QUOTA ".quota"))
        check_hard(run, subject, hard);
}
