/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an object is ready; see ready.h. */
#include "release/ready.h"

#include <string.h>

#include "base/str.h"

typedef vcl_readiness (*rule_fn)(const cJSON *object, const cJSON *related, vcl_buf *why);

static int64_t number(const cJSON *object, int64_t otherwise, const char *part, const char *key)
{
    return vcl_json_find_int(object, otherwise, part, key, NULL);
}

static bool is_condition(const cJSON *object, const char *type, const char *status)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(object, "status", "conditions", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "type", NULL), type))
            return vcl_streq(vcl_json_find_string(item, "status", NULL), status);
    }
    return false;
}

static bool is_observed(const cJSON *object, vcl_buf *why)
{
    if (number(object, 0, "status", "observedGeneration") ==
        number(object, 0, "metadata", "generation"))
        return true;
    (void)vcl_buf_add(why, "its controller has not seen the change yet");
    return false;
}

static vcl_readiness short_of(vcl_buf *why, int64_t have, int64_t need, const char *what)
{
    (void)vcl_buf_addf(why, "%lld of %lld %s", (long long)have, (long long)need, what);
    return VCL_NOT_READY;
}

/* An IntOrString: a number, or a percentage of total. */
static int64_t scaled(const cJSON *node, int64_t otherwise, int64_t total, bool round_up)
{
    int64_t value = 0;

    if (!node)
        return otherwise;
    if (vcl_json_to_int(node, &value))
        return value;
    if (!cJSON_IsString(node) || !vcl_ends_with(node->valuestring, "%"))
        return otherwise;
    vcl_auto_free char *digits = vcl_strndup(node->valuestring, strlen(node->valuestring) - 1);
    if (!digits || !vcl_parse_i64(digits, &value) || value < 0 || value > 1000000)
        return otherwise;
    return (value * total + (round_up ? 99 : 0)) / 100;
}

/* How many pods of a Deployment may be missing while it rolls. */
static int64_t max_unavailable(const cJSON *deployment, int64_t replicas)
{
    const cJSON *rolling = vcl_json_find(deployment, "spec", "strategy", "rollingUpdate", NULL);

    if (vcl_streq(vcl_json_find_string(deployment, "spec", "strategy", "type", NULL), "Recreate") ||
        replicas == 0)
        return 0;
    /* The server's own defaults are 25 % of each. */
    int64_t surge = scaled(vcl_json_get(rolling, "maxSurge"), (replicas + 3) / 4, replicas, true);
    int64_t missing =
        scaled(vcl_json_get(rolling, "maxUnavailable"), replicas / 4, replicas, false);
    if (surge == 0 && missing == 0)
        missing = 1;
    return missing < replicas ? missing : replicas;
}

static vcl_readiness pod(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    const char *phase = vcl_json_find_string(object, "status", "phase", NULL);

    (void)related;
    if (is_condition(object, "Ready", "True"))
        return VCL_READY;
    (void)vcl_buf_addf(why, "pod is %s", vcl_str_empty(phase) ? "Pending" : phase);
    return VCL_NOT_READY;
}

static vcl_readiness job(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    int64_t failed = number(object, 0, "status", "failed");
    int64_t need = number(object, -1, "spec", "completions");
    int64_t have = number(object, 0, "status", "succeeded");

    (void)related;
    if (failed > number(object, 6, "spec", "backoffLimit") ||
        is_condition(object, "Failed", "True")) {
        (void)vcl_buf_addf(why, "job has failed (%lld pods)", (long long)failed);
        return VCL_NEVER_READY;
    }
    return need < 0 || have >= need ? VCL_READY : short_of(why, have, need, "completions");
}

static vcl_readiness deployment(const cJSON *object, const cJSON *replica_set, vcl_buf *why)
{
    int64_t replicas = number(object, 1, "spec", "replicas");
    int64_t need = replicas - max_unavailable(object, replicas);
    int64_t ready = number(replica_set ? replica_set : object, 0, "status", "readyReplicas");

    if (vcl_json_find_bool(object, false, "spec", "paused", NULL))
        return VCL_READY;
    if (!is_observed(object, why) || (replica_set && !is_observed(replica_set, why)))
        return VCL_NOT_READY;
    if (!replica_set &&
        number(object, 0, "status", "updatedReplicas") < number(object, 0, "status", "replicas")) {
        (void)vcl_buf_add(why, "pods of the old template are left");
        return VCL_NOT_READY;
    }
    return ready >= need ? VCL_READY : short_of(why, ready, need, "pods are ready");
}

static vcl_readiness daemon_set(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    const cJSON *strategy = vcl_json_find(object, "spec", "updateStrategy", NULL);
    int64_t desired = number(object, 0, "status", "desiredNumberScheduled");
    int64_t updated = number(object, 0, "status", "updatedNumberScheduled");
    int64_t ready = number(object, 0, "status", "numberReady");

    (void)related;
    if (!is_observed(object, why))
        return VCL_NOT_READY;
    if (!vcl_streq(vcl_json_find_string(strategy, "type", NULL), "RollingUpdate"))
        return VCL_READY;
    if (updated != desired)
        return short_of(why, updated, desired, "pods are of the new template");
    const cJSON *missing = vcl_json_find(strategy, "rollingUpdate", "maxUnavailable", NULL);
    int64_t need = desired - scaled(missing, missing ? desired : 0, desired, true);
    return ready >= need ? VCL_READY : short_of(why, ready, need, "pods are ready");
}

static vcl_readiness stateful_set(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    const cJSON *strategy = vcl_json_find(object, "spec", "updateStrategy", NULL);
    int64_t partition = vcl_json_find_int(strategy, 0, "rollingUpdate", "partition", NULL);
    int64_t replicas = number(object, 1, "spec", "replicas");
    int64_t updated = number(object, 0, "status", "updatedReplicas");
    int64_t ready = number(object, 0, "status", "readyReplicas");

    (void)related;
    if (!is_observed(object, why))
        return VCL_NOT_READY;
    if (!vcl_streq(vcl_json_find_string(strategy, "type", NULL), "RollingUpdate"))
        return VCL_READY;
    if (updated < replicas - partition)
        return short_of(why, updated, replicas - partition, "pods are of the new template");
    if (ready != replicas)
        return short_of(why, ready, replicas, "pods are ready");
    if (partition == 0 &&
        !vcl_streq(vcl_json_find_string(object, "status", "currentRevision", NULL),
                   vcl_json_find_string(object, "status", "updateRevision", NULL))) {
        (void)vcl_buf_add(why, "the new revision is not the current one yet");
        return VCL_NOT_READY;
    }
    return VCL_READY;
}

/* ReplicaSet and ReplicationController: all their pods are ready. */
static vcl_readiness replica_set(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    int64_t need = number(object, 1, "spec", "replicas");
    int64_t ready = number(object, 0, "status", "readyReplicas");

    (void)related;
    if (!is_observed(object, why))
        return VCL_NOT_READY;
    return ready >= need ? VCL_READY : short_of(why, ready, need, "pods are ready");
}

static vcl_readiness claim(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    const char *phase = vcl_json_find_string(object, "status", "phase", NULL);

    (void)related;
    if (vcl_streq(phase, "Bound"))
        return VCL_READY;
    (void)vcl_buf_addf(why, "volume claim is %s", vcl_str_empty(phase) ? "Pending" : phase);
    return VCL_NOT_READY;
}

static vcl_readiness service(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    const char *type = vcl_json_find_string(object, "spec", "type", NULL);

    (void)related;
    if (vcl_streq(type, "ExternalName"))
        return VCL_READY;
    if (vcl_str_empty(vcl_json_find_string(object, "spec", "clusterIP", NULL))) {
        (void)vcl_buf_add(why, "service has no cluster IP");
        return VCL_NOT_READY;
    }
    const cJSON *external = vcl_json_find(object, "spec", "externalIPs", NULL);
    const cJSON *ingress = vcl_json_find(object, "status", "loadBalancer", "ingress", NULL);
    if (!vcl_streq(type, "LoadBalancer") || (external && external->child) || cJSON_IsArray(ingress))
        return VCL_READY;
    (void)vcl_buf_add(why, "load balancer has no address");
    return VCL_NOT_READY;
}

static vcl_readiness definition(const cJSON *object, const cJSON *related, vcl_buf *why)
{
    (void)related;
    if (is_condition(object, "Established", "True") ||
        is_condition(object, "NamesAccepted", "False"))
        return VCL_READY;
    (void)vcl_buf_add(why, "kind is not established yet");
    return VCL_NOT_READY;
}

static const struct rule {
    const char *group; /* "" or "apps/", ...: whatever the version */
    const char *kind;
    rule_fn fn;
} rules[] = {
    { "", "PersistentVolumeClaim", claim },
    { "", "Pod", pod },
    { "", "ReplicationController", replica_set },
    { "", "Service", service },
    { "apiextensions.k8s.io/", "CustomResourceDefinition", definition },
    { "apps/", "DaemonSet", daemon_set },
    { "apps/", "Deployment", deployment },
    { "apps/", "ReplicaSet", replica_set },
    { "apps/", "StatefulSet", stateful_set },
    { "batch/", "Job", job },
};

static rule_fn find_rule(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        bool same_group = *rules[i].group ? vcl_starts_with(api_version, rules[i].group)
                                          : vcl_streq(api_version, "v1");
        if (same_group && vcl_streq(kind, rules[i].kind))
            return rules[i].fn;
    }
    return NULL;
}

bool vcl_ready_has_rule(const char *api_version, const char *kind, bool jobs)
{
    rule_fn fn = find_rule(vcl_str(api_version), vcl_str(kind));

    return fn && (fn != job || jobs);
}

vcl_readiness vcl_ready_check(const cJSON *object, const cJSON *related, vcl_buf *out_why)
{
    rule_fn fn = find_rule(vcl_str(vcl_json_find_string(object, "apiVersion", NULL)),
                           vcl_str(vcl_json_find_string(object, "kind", NULL)));

    vcl_buf_reset(out_why);
    return fn ? fn(object, related, out_why) : VCL_READY;
}
