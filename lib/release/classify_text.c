/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What messages point to; see classify_text.h. The words are those of Kubernetes 1.28 to 1.36,
 * containerd, CRI-O and of the control planes' own logs (upstream's syncer 0.24 to 0.37, kube-
 * apiserver, kine, etcd). Each table is tried from above: the telling before the general.
 */
#include "release/classify_text.h"

#include <string.h>

#include <libvcluster/diagnosis.h>

typedef struct rule {
    int reason;
    const char *words; /* all of these, divided by '|', in any order */
} rule;

/* Whether a text of this size holds all words of the rule. */
static bool holds(const char *text, size_t size, const char *words)
{
    char part[64];

    while (*words) {
        size_t length = strcspn(words, "|");
        bool found = false;

        if (length >= sizeof(part))
            return false;
        memcpy(part, words, length);
        part[length] = '\0';
        for (size_t i = 0; !found && i + length <= size; i++)
            found = strncasecmp(text + i, part, length) == 0;
        if (!found)
            return false;
        words += length + (words[length] == '|');
    }
    return true;
}

static int find(const rule *rules, size_t count, const char *text, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (holds(text, size, rules[i].words))
            return rules[i].reason;
    }
    return VCLUSTER_REASON_NONE;
}
#define FIND(rules, text) find(rules, sizeof(rules) / sizeof((rules)[0]), text, strlen(text))

size_t vcl_text_unschedulable(const char *message, int *out_reasons, size_t max)
{
    /* What can be had by making room comes before taints, which control-plane nodes always have. */
    static const rule rules[] = {
        { VCLUSTER_REASON_NODE_PRESSURE, "memory-pressure" },
        { VCLUSTER_REASON_NODE_PRESSURE, "disk-pressure" },
        { VCLUSTER_REASON_NODE_PRESSURE, "pid-pressure" },
        { VCLUSTER_REASON_NODE_NOT_READY, "node.kubernetes.io/not-ready" },
        { VCLUSTER_REASON_NODE_NOT_READY, "node.kubernetes.io/unreachable" },
        { VCLUSTER_REASON_NODE_NOT_READY, "no nodes available" },
        { VCLUSTER_REASON_NO_CPU, "Insufficient cpu" },
        { VCLUSTER_REASON_NO_MEMORY, "Insufficient memory" },
        { VCLUSTER_REASON_NO_RESOURCE, "Insufficient " },
        { VCLUSTER_REASON_TOO_MANY_PODS, "Too many pods" },
        { VCLUSTER_REASON_VOLUME_NODE, "volume node affinity conflict" },
        { VCLUSTER_REASON_VOLUME_NODE, "didn't match PersistentVolume's node affinity" },
        { VCLUSTER_REASON_VOLUME_NODE, "no available volume zone" },
        { VCLUSTER_REASON_VOLUME_UNBOUND, "unbound immediate PersistentVolumeClaims" },
        { VCLUSTER_REASON_VOLUME_UNBOUND, "didn't find available persistent volumes" },
        { VCLUSTER_REASON_CLAIM_MISSING, "persistentvolumeclaim|not found" },
        { VCLUSTER_REASON_NODE_SELECTOR, "didn't match Pod's node affinity/selector" },
        { VCLUSTER_REASON_NODE_SELECTOR, "didn't satisfy plugin|NodeAffinity" },
        { VCLUSTER_REASON_POD_AFFINITY, "pod affinity rules" },
        { VCLUSTER_REASON_POD_AFFINITY, "anti-affinity rules" },
        { VCLUSTER_REASON_POD_AFFINITY, "topology spread constraints" },
        { VCLUSTER_REASON_HOST_PORT, "didn't have free ports" },
        { VCLUSTER_REASON_TAINT, "untolerated taint" },
        { VCLUSTER_REASON_CORDONED, "were unschedulable" },
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && count < max; i++) {
        bool known = !holds(message, strlen(message), rules[i].words);
        for (size_t k = 0; !known && k < count; k++) {
            /* "Insufficient " stands in the others too. */
            known = out_reasons[k] == rules[i].reason ||
                    (rules[i].reason == VCLUSTER_REASON_NO_RESOURCE &&
                     (out_reasons[k] == VCLUSTER_REASON_NO_CPU ||
                      out_reasons[k] == VCLUSTER_REASON_NO_MEMORY));
        }
        if (!known)
            out_reasons[count++] = rules[i].reason;
    }
    if (count == 0 && max > 0)
        out_reasons[count++] = VCLUSTER_REASON_UNSCHEDULABLE;
    return count;
}

int vcl_text_refused(const char *message)
{
    static const rule rules[] = {
        { VCLUSTER_REASON_WEBHOOK_UNREACHABLE, "failed calling webhook" },
        { VCLUSTER_REASON_QUOTA_EXCEEDED, "exceeded quota" },
        { VCLUSTER_REASON_QUOTA_UNSPECIFIED, "failed quota|must specify" },
        { VCLUSTER_REASON_QUOTA_EXCEEDED, "failed quota" },
        { VCLUSTER_REASON_POD_SECURITY, "violates PodSecurity" },
        { VCLUSTER_REASON_POD_SECURITY, "unable to validate against any security context" },
        { VCLUSTER_REASON_ADMISSION_DENIED, "admission webhook|denied the request" },
        { VCLUSTER_REASON_ADMISSION_DENIED, "ValidatingAdmissionPolicy" },
        { VCLUSTER_REASON_LIMIT_RANGE, "LimitRange" },
        { VCLUSTER_REASON_LIMIT_RANGE, "usage per" },
        { VCLUSTER_REASON_SERVICE_ACCOUNT_MISSING, "error looking up service account" },
        { VCLUSTER_REASON_SERVICE_ACCOUNT_MISSING, "serviceaccount|not found" },
        { VCLUSTER_REASON_PRIORITY_CLASS_MISSING, "no PriorityClass with name" },
        { VCLUSTER_REASON_NAMESPACE_GOING, "because it is being terminated" },
        { VCLUSTER_REASON_QUOTA_UNSPECIFIED, "must specify" },
    };
    int reason = FIND(rules, message);

    return reason ? reason : VCLUSTER_REASON_POD_REFUSED;
}

int vcl_text_image(const char *message, int fallback)
{
    static const rule rules[] = {
        { VCLUSTER_REASON_IMAGE_RATE_LIMIT, "toomanyrequests" },
        { VCLUSTER_REASON_IMAGE_RATE_LIMIT, "429 Too Many Requests" },
        { VCLUSTER_REASON_IMAGE_PLATFORM, "no match for platform" },
        { VCLUSTER_REASON_IMAGE_PLATFORM, "no matching manifest for" },
        { VCLUSTER_REASON_IMAGE_PLATFORM, "no image found in|for architecture" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "no such host" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "server misbehaving" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "dial tcp" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "i/o timeout" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "TLS handshake timeout" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "x509:" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "server gave HTTP response to HTTPS client" },
        { VCLUSTER_REASON_IMAGE_REGISTRY, "503 Service Unavailable" },
        { VCLUSTER_REASON_IMAGE_AUTH, "insufficient_scope" },
        { VCLUSTER_REASON_IMAGE_AUTH, "authorization failed" },
        { VCLUSTER_REASON_IMAGE_AUTH, "unauthorized" },
        { VCLUSTER_REASON_IMAGE_AUTH, "401 Unauthorized" },
        { VCLUSTER_REASON_IMAGE_AUTH, "403 Forbidden" },
        { VCLUSTER_REASON_IMAGE_AUTH, "pull access denied" },
        { VCLUSTER_REASON_IMAGE_AUTH, "no basic auth credentials" },
        { VCLUSTER_REASON_IMAGE_NOT_FOUND, "not found" },
        { VCLUSTER_REASON_IMAGE_NOT_FOUND, "manifest unknown" },
        { VCLUSTER_REASON_IMAGE_NOT_FOUND, "NotFound" },
    };
    int reason = FIND(rules, message);

    return reason ? reason : fallback;
}

int vcl_text_claim(const char *message)
{
    static const rule rules[] = {
        { VCLUSTER_REASON_VOLUME_NO_CLASS, "no storage class is set" },
        { VCLUSTER_REASON_VOLUME_CLASS_MISSING, "storageclass.storage.k8s.io|not found" },
        { VCLUSTER_REASON_VOLUME_PROVISIONER, "failed to provision volume" },
        { VCLUSTER_REASON_VOLUME_PROVISIONER, "failed to create" },
        { VCLUSTER_REASON_VOLUME_PROVISIONER, "error getting handle for DataSource" },
        { VCLUSTER_REASON_VOLUME_UNBOUND, "external provisioner" },
    };

    return FIND(rules, message);
}

int vcl_text_mount(const char *message)
{
    static const rule rules[] = {
        { VCLUSTER_REASON_CONFIG_MISSING, "secret |not found" },
        { VCLUSTER_REASON_CONFIG_MISSING, "configmap |not found" },
        { VCLUSTER_REASON_CONFIG_MISSING, "references non-existent" },
        { VCLUSTER_REASON_CONFIG_MISSING, "object |not registered" },
        { VCLUSTER_REASON_CLAIM_MISSING, "persistentvolumeclaim |not found" },
    };
    int reason = FIND(rules, message);

    return reason ? reason : VCLUSTER_REASON_VOLUME_MOUNT;
}

static int of_log_line(const char *line, size_t size)
{
    static const rule rules[] = {
        { VCLUSTER_REASON_LICENCE, "pro feature" },
        { VCLUSTER_REASON_LICENCE, "not enabled in your license" },
        { VCLUSTER_REASON_LICENCE, "license|not allow" },
        { VCLUSTER_REASON_CERTIFICATE_EXPIRED, "certificate has expired" },
        { VCLUSTER_REASON_CERTIFICATE_EXPIRED, "certificate|is expired" },
        { VCLUSTER_REASON_DISK_FULL, "no space left on device" },
        { VCLUSTER_REASON_DISK_FULL, "database or disk is full" },
        { VCLUSTER_REASON_DISK_FULL, "mvcc: database space exceeded" },
        { VCLUSTER_REASON_PORT_IN_USE, "address already in use" },
        { VCLUSTER_REASON_RBAC, "is forbidden: User|cannot " },
        { VCLUSTER_REASON_IMAGE_PLATFORM, "exec format error" },
        { VCLUSTER_REASON_DNS, "no such host" },
        { VCLUSTER_REASON_DNS, "server misbehaving" },
        { VCLUSTER_REASON_DNS, "Temporary failure in name resolution" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "Error while dialing|2379" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "Error while dialing|store.sock" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "etcdserver: request timed out" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "etcdserver: no leader" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "password authentication failed" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "failed to connect to|user=" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "building kine|failed" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "Failed to ping database" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "unable to open database file" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, ":5432|connect: connection refused" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, ":3306|connect: connection refused" },
        { VCLUSTER_REASON_STORE_UNREACHABLE, "wait for|etcd|context deadline exceeded" },
        { VCLUSTER_REASON_CERTIFICATE_INVALID, "x509: certificate" },
        { VCLUSTER_REASON_CERTIFICATE_INVALID, "tls: failed to verify certificate" },
        { VCLUSTER_REASON_CONFIG_INVALID, "unknown flag" },
        { VCLUSTER_REASON_CONFIG_INVALID, "unknown shorthand flag" },
        { VCLUSTER_REASON_CONFIG_INVALID, "unknown field" },
        { VCLUSTER_REASON_CONFIG_INVALID, "error unmarshaling JSON" },
        { VCLUSTER_REASON_CONFIG_INVALID, "error converting YAML to JSON" },
        { VCLUSTER_REASON_CONFIG_INVALID, "parse vcluster config" },
        { VCLUSTER_REASON_CONFIG_INVALID, "validate vcluster config" },
        { VCLUSTER_REASON_CONFIG_INVALID, "invalid config" },
        { VCLUSTER_REASON_CONFIG_INVALID, "invalid argument|for \"--" },
        { VCLUSTER_REASON_CONFIG_INVALID, "there are multiple virtual clusters" },
        { VCLUSTER_REASON_CONFIG_INVALID, "config.|is not allowed" },
    };

    return find(rules, sizeof(rules) / sizeof(rules[0]), line, size);
}

bool vcl_text_misses_api_server(const char *log)
{
    return holds(log, strlen(log), "failed to wait for apiserver");
}

/* From the last line to the first: what was said last ended it. */
int vcl_text_log(const char *log, const char **out_line, size_t *out_size)
{
    const char *end = log + strlen(log);

    *out_line = "";
    *out_size = 0;
    while (end > log) {
        const char *line = end;

        while (line > log && line[-1] != '\n')
            line--;
        size_t size = (size_t)(end - line);
        while (size > 0 && line[size - 1] == '\r')
            size--;
        int reason = of_log_line(line, size);
        if (reason || (size > 0 && *out_size == 0)) {
            *out_line = line;
            *out_size = size;
        }
        if (reason)
            return reason;
        end = line > log ? line - 1 : log;
    }
    return VCLUSTER_REASON_NONE;
}
