/* SPDX-License-Identifier: Apache-2.0 */
/* The table of known sync rules. */
#include "sync/knowledge.h"

#include <string.h>

#define TO "toHost"
#define FROM "fromHost"
#define READ "get, list, watch "
#define WRITE "create, delete, get, list, patch, update, watch "
#define CRDS READ "customresourcedefinitions"
#define FREE "free"
#define SCALE "scale"

const vcl_sync_fact vcl_sync_facts[] = {
    { TO, "pods", "Pod", "true", "", "", "pods run on the host" },
    { TO, "services", "Service", "true", "", "", "services get addresses of the host" },
    { TO, "endpoints", "Endpoints", "true", "", "", "endpoints of services without a selector" },
    { TO, "endpointSlices", "EndpointSlice", "true", "", "",
      "endpoint slices of services without a selector" },
    { TO, "persistentVolumeClaims", "PersistentVolumeClaim", "true", "", "",
      "claims are bound by the host's storage" },
    { TO, "configMaps", "ConfigMap", "true", "", "",
      "those that copied pods use, or all of them with `all`" },
    { TO, "secrets", "Secret", "true", "", "",
      "those that copied pods and ingresses use, or all of them with `all`" },
    { TO, "ingresses", "Ingress", "false", "", "",
      "ingresses are served by the host's controller; upstream checks no host names" },
    { TO, "gatewayApi", "", "false", CRDS ", gatewayclasses", "",
      "Gateways and HTTPRoutes, served by the host" },
    { TO, "gatewayApi.gateways", "Gateway", "false", CRDS, "", "Gateways, served by the host" },
    { TO, "gatewayApi.httpRoutes", "HTTPRoute", "false", CRDS, "", "HTTPRoutes" },
    { TO, "gatewayApi.tlsRoutes", "TLSRoute", "false", CRDS, "", "TLSRoutes" },
    { TO, "gatewayApi.backendTLSPolicies", "BackendTLSPolicy", "false", CRDS, "",
      "BackendTLSPolicies" },
    { TO, "gatewayApi.referenceGrants", "ReferenceGrant", "auto", "", "",
      "ReferenceGrants, where namespaces are copied too" },
    { TO, "priorityClasses", "PriorityClass", "false", WRITE "priorityclasses", "",
      "priority classes get a name of their own on the host" },
    { TO, "networkPolicies", "NetworkPolicy", "false", "", "",
      "network policies, rewritten for the pods on the host" },
    { TO, "podDisruptionBudgets", "PodDisruptionBudget", "false", "", "",
      "disruption budgets, for evictions on the host" },
    { TO, "serviceAccounts", "ServiceAccount", "false", "", "",
      "bare service accounts, for integrations that go by them" },
    { TO, "storageClasses", "StorageClass", "false", WRITE "storageclasses", "",
      "storage classes get a name of their own on the host" },
    { TO, "persistentVolumes", "PersistentVolume", "false", WRITE "persistentvolumes", "",
      "volumes are real ones of the host, not stand-ins" },
    { TO, "namespaces", "Namespace", "false", WRITE "namespaces, serviceaccounts", FREE,
      "each virtual namespace has one of its own on the host" },
    { TO, "resourceClaims", "ResourceClaim", "false", READ "deviceclasses", FREE,
      "claims of devices" },
    { TO, "resourceClaimTemplates", "ResourceClaimTemplate", "false", READ "deviceclasses", FREE,
      "templates of claims of devices" },

    { FROM, "events", "Event", "true", "", "", "events of what was copied are shown inside" },
    { FROM, "nodes", "Node", "false", READ "pods, nodes, nodes/status", "",
      "real nodes in place of stand-ins" },
    { FROM, "ingressClasses", "IngressClass", "false", READ "ingressclasses", "",
      "ingress classes of the host can be named inside" },
    { FROM, "gatewayClasses", "GatewayClass", "false", READ "gatewayclasses, " CRDS, "",
      "gateway classes of the host can be named inside" },
    { FROM, "gateways", "Gateway", "false", READ "gateways, gatewayclasses, " CRDS, "",
      "Gateways of the host can be used by routes inside" },
    { FROM, "runtimeClasses", "RuntimeClass", "false", READ "runtimeclasses", "",
      "runtime classes of the host can be named inside" },
    { FROM, "priorityClasses", "PriorityClass", "false", WRITE "priorityclasses", "",
      "priority classes of the host can be named inside" },
    { FROM, "storageClasses", "StorageClass", "auto", READ "storageclasses", "",
      "storage classes of the host are shown inside" },
    { FROM, "csiNodes", "CSINode", "auto", READ "csinodes", "", "for a scheduler inside" },
    { FROM, "csiDrivers", "CSIDriver", "auto", READ "csidrivers", "", "for a scheduler inside" },
    { FROM, "csiStorageCapacities", "CSIStorageCapacity", "auto", READ "csistoragecapacities", "",
      "for a scheduler inside" },
    { FROM, "configMaps", "ConfigMap", "false", READ "configmaps", "",
      "config maps of the host that mappings name" },
    { FROM, "secrets", "Secret", "false", READ "secrets", "",
      "secrets of the host that mappings name" },
    { FROM, "deviceClasses", "DeviceClass", "false", READ "deviceclasses", FREE,
      "device classes of the host can be named inside" },
};
const size_t vcl_sync_fact_count = sizeof(vcl_sync_facts) / sizeof(vcl_sync_facts[0]);

const vcl_sync_fact *vcl_sync_fact_find(const char *direction, const char *resource)
{
    for (size_t i = 0; i < vcl_sync_fact_count; i++) {
        if (strcmp(vcl_sync_facts[i].direction, direction) == 0 &&
            strcmp(vcl_sync_facts[i].resource, resource) == 0)
            return &vcl_sync_facts[i];
    }
    return NULL;
}

static bool add_default(cJSON *sync, const vcl_sync_fact *fact)
{
    cJSON *rule = vcl_json_object(sync, fact->direction);
    const char *dot = strchr(fact->resource, '.');

    if (rule && dot)
        rule = vcl_json_object(rule, "gatewayApi");
    if (rule)
        rule = vcl_json_object(rule, dot ? dot + 1 : fact->resource);
    if (!rule)
        return false;
    if (strcmp(fact->state, "auto") == 0)
        return vcl_json_set_string(rule, "enabled", "auto");
    return vcl_json_set(rule, "enabled", cJSON_CreateBool(strcmp(fact->state, "true") == 0));
}

cJSON *vcl_sync_known_defaults(void)
{
    cJSON *sync = cJSON_CreateObject();
    bool ok = sync != NULL;

    for (size_t i = 0; ok && i < vcl_sync_fact_count; i++)
        ok = add_default(sync, &vcl_sync_facts[i]);
    ok = ok && vcl_json_object(vcl_json_get(sync, TO), "customResources") &&
         vcl_json_object(vcl_json_get(sync, FROM), "customResources");
    if (ok)
        return sync;
    cJSON_Delete(sync);
    return NULL;
}
