/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules have to know of upstream's chart VCLUSTER_UPSTREAM_CHART_VERSION where no chart
 * was given: the defaults they compare with, and the keys at the top.
 */
#include <string.h>

#include "lint/lint.h"
#include "sync/knowledge.h"

static const char policies[] =
    "{\"resourceQuota\":{\"enabled\":\"auto\",\"quota\":{"
    "\"requests.cpu\":10,\"requests.memory\":\"20Gi\",\"requests.storage\":\"100Gi\","
    "\"requests.ephemeral-storage\":\"60Gi\",\"limits.cpu\":20,\"limits.memory\":\"40Gi\","
    "\"limits.ephemeral-storage\":\"160Gi\",\"services.nodeports\":0,\"services.loadbalancers\":1,"
    "\"count/pods\":20,\"count/services\":20,\"count/persistentvolumeclaims\":20}},"
    "\"limitRange\":{\"enabled\":\"auto\","
    "\"default\":{\"ephemeral-storage\":\"8Gi\",\"memory\":\"512Mi\",\"cpu\":\"1\"},"
    "\"defaultRequest\":{\"ephemeral-storage\":\"3Gi\",\"memory\":\"128Mi\",\"cpu\":\"100m\"}},"
    "\"networkPolicy\":{\"enabled\":false,\"workload\":{\"publicEgress\":{\"enabled\":true,"
    "\"cidr\":\"0.0.0.0/0\",\"except\":[\"100.64.0.0/10\",\"127.0.0.0/8\",\"10.0.0.0/8\","
    "\"172.16.0.0/12\",\"192.168.0.0/16\"]}}}}";

static const char control_plane[] =
    "{\"service\":{\"spec\":{\"type\":\"ClusterIP\"}},"
    "\"ingress\":{\"enabled\":false,\"host\":\"my-host.com\"},"
    "\"tlsRoute\":{\"enabled\":false,\"host\":\"my-host.com\"},"
    "\"statefulSet\":{\"highAvailability\":{\"replicas\":1},\"persistence\":{"
    "\"volumeClaim\":{\"enabled\":\"auto\",\"retentionPolicy\":\"Retain\"}},"
    "\"probes\":{\"startupProbe\":{\"failureThreshold\":300,\"periodSeconds\":6}},"
    "\"resources\":{"
    "\"limits\":{\"memory\":\"4Gi\",\"ephemeral-storage\":\"10Gi\"},"
    "\"requests\":{\"cpu\":\"200m\",\"memory\":\"256Mi\",\"ephemeral-storage\":\"1Gi\"}}},"
    "\"coredns\":{\"enabled\":true,\"deployment\":{\"resources\":{"
    "\"limits\":{\"cpu\":\"1000m\",\"memory\":\"170Mi\"},"
    "\"requests\":{\"cpu\":\"20m\",\"memory\":\"64Mi\"}}}}}";

const char *const vcl_lint_known_keys[] = {
    "global",     "exportKubeConfig", "sync",         "integrations", "deploy",
    "networking", "policies",         "controlPlane", "rbac",         "plugins",
    "telemetry",  "experimental",     "privateNodes", "logging",      "sleep",
    "snapshots",  "deletion",         "platform",     "serviceCIDR",  "pro",
    "plugin",     "external",         NULL,
};

static bool set_text(cJSON *tree, const char *key, const char *text)
{
    cJSON *part = NULL;

    return vcl_json_parse(text, strlen(text), &part, NULL) == 0 && vcl_json_set(tree, key, part);
}

cJSON *vcl_lint_known_defaults(void)
{
    cJSON *tree = cJSON_CreateObject();

    if (tree && set_text(tree, "policies", policies) &&
        set_text(tree, "controlPlane", control_plane) &&
        set_text(tree, "telemetry", "{\"enabled\":true}") &&
        vcl_json_set(tree, "sync", vcl_sync_known_defaults()))
        return tree;
    cJSON_Delete(tree);
    return NULL;
}
