/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about quotas and limit ranges that do not go together: with how the control plane is
 * reached, with what it needs, with those that somebody made by hand. */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

#define QUOTA "policies.resourceQuota"
#define RANGE "policies.limitRange"
#define SERVICE "controlPlane.service.spec"

/* Whether the quota has a key that leaves no more than that; false without the key. */
static bool leaves_at_most(const vcl_lint_subject *subject, const char *key, int64_t most)
{
    const vcl_quantity bound = vcl_quantity_from_int(most);
    vcl_quantity hard;

    return vcl_lint_read_quantity(vcl_json_get(vcl_lint_get(subject, QUOTA ".quota"), key),
                                  &hard) &&
           vcl_quantity_compare(&hard, &bound) <= 0;
}

void vcl_lint_quota_nodeport(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *type = vcl_lint_text(subject, SERVICE ".type");
    bool balanced = vcl_streq(type, "LoadBalancer");
    bool has_port =
        vcl_streq(type, "NodePort") ||
        (balanced &&
         !cJSON_IsFalse(vcl_lint_get(subject, SERVICE ".allocateLoadBalancerNodePorts")));

    if (!vcl_lint_has_quota(subject))
        return;
    if (has_port && leaves_at_most(subject, "services.nodeports", 0))
        vcl_lint_find(run, subject, SERVICE ".type",
                      "set " QUOTA
                      ".quota.\"services.nodeports\" to 1 or more, or choose ClusterIP",
                      "a service of type %s takes a node port, and the quota has none: the control "
                      "plane's is refused",
                      type);
    else if (balanced && leaves_at_most(subject, "services.loadbalancers", 1))
        vcl_lint_find(run, subject, SERVICE ".type",
                      "raise " QUOTA ".quota.\"services.loadbalancers\"",
                      "the control plane takes the only load balancer that the quota has: the "
                      "tenant gets none");
}

void vcl_lint_quota_defaults(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *quota = vcl_json_find(subject->values, "policies", "resourceQuota", "quota", NULL);

    if (vcl_lint_has_quota(subject) && !(quota && quota->child))
        vcl_lint_find(run, subject, QUOTA ".quota", "write what the tenant shall have",
                      "the quota is the chart's: 20 pods, 20 services, 20 claims, 10 CPUs, 20Gi");
}

void vcl_lint_quota_twice(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (vcl_lint_has_quota(subject) && vcl_lint_beside(run, subject, "ResourceQuota", false))
        vcl_lint_find(run, subject, QUOTA ".enabled", "keep one of the two",
                      "the namespace has a ResourceQuota of its own, too: the stricter one counts");
}

/* A container of the control plane, and what bounds it. */
typedef struct bounded {
    const char *what;
    const char *resources;
    const cJSON *range; /* "max" and "min" in it */
    const char *path;   /* for the finding; NULL: a LimitRange that somebody made */
} bounded;

/* Compare what a container has with a bound; the sign says on which side it may not be. */
static bool breaks(const cJSON *has, const cJSON *bound, int sign)
{
    vcl_quantity a;
    vcl_quantity b;

    return vcl_lint_read_quantity(has, &a) && vcl_lint_read_quantity(bound, &b) &&
           vcl_quantity_compare(&a, &b) == sign;
}

static void check_bound(vcl_lint_run *run,
                        const vcl_lint_subject *subject,
                        const bounded *container,
                        const char *key,
                        int sign)
{
    static const char *const parts[] = { "limits", "requests" };
    const cJSON *resources = vcl_lint_get(subject, container->resources);
    const cJSON *bound = NULL;

    cJSON_ArrayForEach (bound, vcl_json_get(container->range, key)) {
        for (size_t i = 0; i < 2; i++) {
            const cJSON *has = vcl_json_find(resources, parts[i], vcl_str(bound->string), NULL);
            if (!breaks(has, bound, sign))
                continue;
            vcl_lint_find(run, subject, container->path ? container->path : container->resources,
                          "change the limit range, or the resources",
                          "%s has %s.%s, which the %s of %s forbids: it does not start",
                          container->what, parts[i], bound->string, key,
                          container->path ? "the limit range" : "a LimitRange in the namespace");
            break;
        }
    }
}

static void check_range(vcl_lint_run *run,
                        const vcl_lint_subject *subject,
                        const cJSON *range,
                        const char *path)
{
    const bounded containers[] = {
        { "the control plane", "controlPlane.statefulSet.resources", range, path },
        { "its DNS", "controlPlane.coredns.deployment.resources", range, path },
    };
    bool has_dns = vcl_lint_on(subject, "controlPlane.coredns.enabled");

    for (size_t i = 0; i < (has_dns ? 2U : 1U); i++) {
        check_bound(run, subject, &containers[i], "max", 1);
        check_bound(run, subject, &containers[i], "min", -1);
    }
}

void vcl_lint_range_too_tight(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *manifest = NULL;
    const cJSON *item = NULL;

    if (vcl_lint_has_range(subject))
        check_range(run, subject, vcl_lint_get(subject, RANGE), RANGE);
    while ((manifest = vcl_lint_next_beside(run, subject, "LimitRange", manifest))) {
        cJSON_ArrayForEach (item, vcl_json_find(manifest, "spec", "limits", NULL)) {
            if (vcl_streq(vcl_json_find_string(item, "type", NULL), "Container"))
                check_range(run, subject, item, NULL);
        }
    }
}
