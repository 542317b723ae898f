/* SPDX-License-Identifier: Apache-2.0 */
/* What pods, claims, services and all other objects use of a quota. */
#include "quota/usage.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

/* Kinds whose objects are counted under their bare name, too. */
static bool has_bare_name(const char *resource)
{
    static const char *const names[] = { "pods",
                                         "services",
                                         "secrets",
                                         "configmaps",
                                         "persistentvolumeclaims",
                                         "replicationcontrollers",
                                         "resourcequotas" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], resource) == 0)
            return true;
    }
    return false;
}

/* Lower-case plural of a kind: by English, which the API follows but for "endpoints". */
static char *plural(const char *kind)
{
    vcl_auto_free char *lower = vcl_strdup(kind);
    size_t size = strlen(kind);

    if (!lower)
        return NULL;
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (strcmp(lower, "endpoints") == 0)
        return vcl_steal(&lower);
    if (size > 1 && lower[size - 1] == 'y' && !strchr("aeiou", lower[size - 2])) {
        lower[size - 1] = '\0';
        return vcl_format("%sies", lower);
    }
    if (size > 0 && lower[size - 1] == 's')
        return vcl_format("%ses", lower);
    return vcl_format("%ss", lower);
}

char *vcl_usage_resource_name(const cJSON *object)
{
    const char *version = vcl_str(vcl_json_find_string(object, "apiVersion", NULL));
    const char *slash = strchr(version, '/');
    vcl_auto_free char *name = plural(vcl_str(vcl_json_find_string(object, "kind", NULL)));

    if (!name || !slash)
        return vcl_steal(&name);
    return vcl_format("%s.%.*s", name, (int)(slash - version), version);
}

static int add_count(vcl_resources *usage, const char *resource, vcluster_error **error)
{
    vcl_auto_free char *counted = vcl_format("count/%s", resource);

    if (!counted)
        return vcl_no_memory(error);
    vcl_resources_add_count(usage, counted, 1);
    if (has_bare_name(resource))
        vcl_resources_add_count(usage, resource, 1);
    return 0;
}

static int add_named(vcl_resources *usage,
                     const char *prefix,
                     const vcl_amount *resource,
                     vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format("%s%s", prefix, resource->name);

    if (!name)
        return vcl_no_memory(error);
    vcl_resources_add(usage, name, &resource->amount);
    return 0;
}

/* CPU, memory and ephemeral storage are counted under their bare name, too, huge pages as well;
 * whatever has a domain only as "requests.". */
static bool is_native(const char *name)
{
    return strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0 ||
           strcmp(name, "ephemeral-storage") == 0 || strncmp(name, "hugepages-", 10) == 0;
}

static int add_pod(vcl_resources *usage, const cJSON *spec, vcluster_error **error)
{
    VCL_AUTO_POD_RESOURCES pod = { 0 };

    int status = vcl_pod_resources_read(&pod, spec, error);
    for (size_t i = 0; status == 0 && i < pod.requests.size; i++) {
        const vcl_amount *request = &pod.requests.items[i];

        if (is_native(request->name))
            vcl_resources_add(usage, request->name, &request->amount);
        if (is_native(request->name) || strchr(request->name, '/'))
            status = add_named(usage, "requests.", request, error);
    }
    for (size_t i = 0; status == 0 && i < pod.limits.size; i++) {
        const vcl_amount *limit = &pod.limits.items[i];

        if (is_native(limit->name) && strncmp(limit->name, "hugepages-", 10) != 0)
            status = add_named(usage, "limits.", limit, error);
    }
    return status;
}

static bool is_over(const cJSON *pod)
{
    const char *phase = vcl_str(vcl_json_find_string(pod, "status", "phase", NULL));

    return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

static int add_claim(vcl_resources *usage, const cJSON *object, vcluster_error **error)
{
    static const char suffix[] = ".storageclass.storage.k8s.io/";
    VCL_AUTO_RESOURCES requests = { 0 };
    const char *class_name = vcl_json_find_string(object, "spec", "storageClassName", NULL);

    int status = vcl_resources_read(
        &requests, vcl_json_find(object, "spec", "resources", "requests", NULL), error);
    if (status < 0)
        return status;
    const vcl_quantity *storage = vcl_resources_get(&requests, "storage");
    if (storage)
        vcl_resources_add(usage, "requests.storage", storage);
    if (!class_name || !*class_name)
        return 0;

    vcl_auto_free char *size = vcl_format("%s%srequests.storage", class_name, suffix);
    vcl_auto_free char *count = vcl_format("%s%spersistentvolumeclaims", class_name, suffix);
    if (!size || !count)
        return vcl_no_memory(error);
    if (storage)
        vcl_resources_add(usage, size, storage);
    vcl_resources_add_count(usage, count, 1);
    return 0;
}

/* Node ports of a load balancer that is told to have none: those that are named all the same. */
static int64_t node_ports(const cJSON *spec, bool only_named)
{
    const cJSON *ports = vcl_json_get(spec, "ports");
    int64_t count = 0;

    for (const cJSON *port = ports ? ports->child : NULL; port; port = port->next)
        count += !only_named || vcl_json_find_int(port, 0, "nodePort", NULL) > 0;
    return count;
}

static void add_service(vcl_resources *usage, const cJSON *object)
{
    const cJSON *spec = vcl_json_get(object, "spec");
    const char *type = vcl_str(vcl_json_find_string(spec, "type", NULL));

    if (strcmp(type, "NodePort") == 0) {
        vcl_resources_add_count(usage, "services.nodeports", node_ports(spec, false));
    } else if (strcmp(type, "LoadBalancer") == 0) {
        bool given = vcl_json_find_bool(spec, true, "allocateLoadBalancerNodePorts", NULL);
        vcl_resources_add_count(usage, "services.nodeports", node_ports(spec, !given));
        vcl_resources_add_count(usage, "services.loadbalancers", 1);
    }
}

int vcl_usage_add(vcl_resources *usage, const cJSON *object, vcluster_error **error)
{
    vcl_auto_free char *resource = vcl_usage_resource_name(object);

    if (!resource)
        return vcl_no_memory(error);
    bool gone = strcmp(resource, "pods") == 0 && is_over(object);
    if (gone) { /* it has no node any more, but the object is there */
        vcl_resources_add_count(usage, "count/pods", 1);
        return usage->failed ? vcl_no_memory(error) : 0;
    }
    int status = add_count(usage, resource, error);
    if (status == 0 && strcmp(resource, "pods") == 0)
        status = add_pod(usage, vcl_json_get(object, "spec"), error);
    else if (status == 0 && strcmp(resource, "persistentvolumeclaims") == 0)
        status = add_claim(usage, object, error);
    else if (status == 0 && strcmp(resource, "services") == 0)
        add_service(usage, object);
    if (status == 0 && usage->failed)
        status =
            vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "what is used is too much to be added up");
    return status;
}
