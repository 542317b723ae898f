/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the host for everything that may lead to a virtual cluster; see endpoint.h. Three jobs go
 * on at once: its Service (and where that has a node port, the pod and its node), the Ingresses,
 * and the TLSRoutes with their Gateways. What the user may not read is told, and is no error.
 */
#include <string.h>

#include "base/parallel.h"
#include "base/str.h"
#include "kube/kubeconfig_user.h"
#include "vcluster/connect/endpoint.h"
#include "vcluster/names.h"

#define GATEWAY_GROUP "gateway.networking.k8s.io"
/* Objects that a virtual cluster put there: its tenants' own, never its control plane's. */
#define NOT_SYNCED "!vcluster.loft.sh/managed-by"
enum { MAX_GATEWAYS = 8 };

typedef struct finder {
    vcl_kube *kube;
    const vcl_access *access;
    vcl_ways candidates; /* what the job found */
} finder;

/* Whether the search goes on after a failure, which is told as the reason for there being no such
 * way; the error is freed then. */
static bool go_on(finder *self, int status, int kind, const char *what, vcluster_error **error)
{
    if (status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED ||
        status == VCLUSTER_E_NO_MEMORY)
        return false;
    if (status == VCLUSTER_E_PERMISSION)
        vcl_ways_lack(&self->candidates, kind, "reading %s is not allowed", what);
    else
        vcl_ways_lack(&self->candidates, kind, "%s cannot be read: %s", what,
                      error && *error ? vcluster_error_message(*error)
                                      : vcluster_status_name(status));
    vcl_error_clear(error);
    return true;
}

/* ---- The Service ---- */

/* A pod of the control plane that has a place, the ready one if there is one. */
static const cJSON *choose_pod(const cJSON *items)
{
    const cJSON *chosen = NULL;
    const cJSON *pod;
    const cJSON *condition;

    cJSON_ArrayForEach (pod, items) {
        if (vcl_str_empty(vcl_json_find_string(pod, "status", "hostIP", NULL)) ||
            vcl_json_find(pod, "metadata", "deletionTimestamp", NULL))
            continue;
        chosen = chosen ? chosen : pod;
        cJSON_ArrayForEach (condition, vcl_json_find(pod, "status", "conditions", NULL)) {
            if (vcl_streq(vcl_json_find_string(condition, "type", NULL), "Ready") &&
                vcl_streq(vcl_json_find_string(condition, "status", NULL), "True"))
                return pod;
        }
    }
    return chosen;
}

static bool add_addresses(cJSON *addresses, const cJSON *node, const char *type)
{
    const cJSON *entry;

    cJSON_ArrayForEach (entry, vcl_json_find(node, "status", "addresses", NULL)) {
        const char *address = vcl_json_find_string(entry, "address", NULL);
        if (vcl_streq(vcl_json_find_string(entry, "type", NULL), type) && address &&
            !vcl_json_append(addresses, cJSON_CreateString(address)))
            return false;
    }
    return true;
}

/* Addresses of the pod's node, from outside first; the node itself may be out of bounds. That node
 * is right whatever the Service's externalTrafficPolicy is. */
static int node_addresses(
    finder *self, vcl_call *call, const cJSON *pod, cJSON **out_addresses, vcluster_error **error)
{
    vcl_object_key key = { .api_version = "v1",
                           .kind = "Node",
                           .name = vcl_json_find_string(pod, "spec", "nodeName", NULL) };
    VCL_AUTO_JSON *addresses = cJSON_CreateArray();
    VCL_AUTO_JSON *node = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status =
        key.name ? vcl_kube_get(self->kube, call, &key, &node, &why) : VCLUSTER_E_NOT_FOUND;
    if (status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED)
        return vcl_error_pass(error, &why, status);
    bool made = addresses && add_addresses(addresses, node, "ExternalIP") &&
                add_addresses(addresses, node, "InternalIP");
    const char *host_ip = vcl_json_find_string(pod, "status", "hostIP", NULL);
    if (made && cJSON_GetArraySize(addresses) == 0 && host_ip)
        made = vcl_json_append(addresses, cJSON_CreateString(host_ip));
    if (!made)
        return vcl_no_memory(error);
    *out_addresses = vcl_steal(&addresses);
    return VCLUSTER_OK;
}

static int find_node(finder *self, vcl_call *call, const cJSON *service, vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("app=vcluster,release=%s", self->access->name);
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = self->access->namespace_name,
                             .label_selector = selector };
    VCL_AUTO_JSON *pods = NULL;
    VCL_AUTO_JSON *addresses = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!selector)
        return vcl_no_memory(error);
    int status = vcl_kube_list(self->kube, call, &query, &pods, &why);
    if (status < 0)
        return go_on(self, status, VCLUSTER_ENDPOINT_NODE_PORT, "its pods", &why)
                   ? VCLUSTER_OK
                   : vcl_error_pass(error, &why, status);
    const cJSON *pod = choose_pod(vcl_json_get(pods, "items"));
    status = pod ? node_addresses(self, call, pod, &addresses, error) : VCLUSTER_OK;
    if (status == 0)
        vcl_ways_of_node(&self->candidates, service, addresses);
    return status;
}

static int find_service(vcl_call *call, void *data, vcluster_error **error)
{
    finder *self = data;
    vcl_object_key key = { .api_version = "v1",
                           .kind = "Service",
                           .namespace_name = self->access->namespace_name,
                           .name = self->access->name };
    VCL_AUTO_JSON *service = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get(self->kube, call, &key, &service, &why);
    if (status < 0) {
        if (!go_on(self, status, VCLUSTER_ENDPOINT_LOAD_BALANCER, "its Service", &why))
            return vcl_error_pass(error, &why, status);
        vcl_ways_lack(&self->candidates, VCLUSTER_ENDPOINT_NODE_PORT, "its Service is not known");
        return VCLUSTER_OK;
    }
    vcl_ways_of_balancer(&self->candidates, service);
    if (vcl_service_port(service, "nodePort") != 0)
        return find_node(self, call, service, error);
    vcl_ways_of_node(&self->candidates, service, NULL);
    return VCLUSTER_OK;
}

/* ---- Ingresses ---- */

static int find_ingresses(vcl_call *call, void *data, vcluster_error **error)
{
    finder *self = data;
    vcl_list_query query = { .api_version = "networking.k8s.io/v1",
                             .kind = "Ingress",
                             .namespace_name = self->access->namespace_name,
                             .label_selector = NOT_SYNCED };
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_list(self->kube, call, &query, &list, &why);
    if (status < 0)
        return go_on(self, status, VCLUSTER_ENDPOINT_INGRESS, "Ingresses", &why)
                   ? VCLUSTER_OK
                   : vcl_error_pass(error, &why, status);
    vcl_ways_of_ingresses(&self->candidates, vcl_json_get(list, "items"), self->access->name);
    return VCLUSTER_OK;
}

/* ---- TLSRoutes ---- */

/* "gateway.networking.k8s.io/v1", or an older version where only that is served; NULL: none is. */
static const char *route_version(const cJSON *served)
{
    static const char *const versions[] = { GATEWAY_GROUP "/v1", GATEWAY_GROUP "/v1alpha3",
                                            GATEWAY_GROUP "/v1alpha2" };
    const cJSON *item;

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        size_t size = strlen(versions[i]);
        cJSON_ArrayForEach (item, served) {
            const char *text = vcl_str(cJSON_GetStringValue(item));
            if (vcl_starts_with(text, versions[i]) && vcl_streq(text + size, "/TLSRoute"))
                return versions[i];
        }
    }
    return NULL;
}

static int read_gateway(finder *self,
                        vcl_call *call,
                        const vcl_object_key *key,
                        cJSON *gateways,
                        vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    cJSON *gateway = NULL;
    int status = vcl_kube_get(self->kube, call, key, &gateway, &why);

    if (status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED)
        return vcl_error_pass(error, &why, status);
    if (status == 0 && !vcl_json_append(gateways, gateway))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* Put the Gateways of a route into it; one that cannot be read is left out: its port is taken for
 * 443 then. */
static int
read_gateways(finder *self, vcl_call *call, cJSON *route, int *left, vcluster_error **error)
{
    cJSON *gateways = cJSON_CreateArray();
    const cJSON *reference;

    if (!vcl_json_set(route, "gateways", gateways))
        return vcl_no_memory(error);
    cJSON_ArrayForEach (reference, vcl_json_find(route, "spec", "parentRefs", NULL)) {
        const char *namespace_name = vcl_json_find_string(reference, "namespace", NULL);
        vcl_object_key key = { .api_version = GATEWAY_GROUP "/v1",
                               .kind = "Gateway",
                               .namespace_name =
                                   namespace_name ? namespace_name : self->access->namespace_name,
                               .name = vcl_json_find_string(reference, "name", NULL) };

        if (!key.name || (*left)-- <= 0)
            continue;
        int status = read_gateway(self, call, &key, gateways, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int list_routes(
    finder *self, vcl_call *call, const char *api_version, cJSON **out_list, vcluster_error **error)
{
    vcl_list_query query = { .api_version = api_version,
                             .kind = "TLSRoute",
                             .namespace_name = self->access->namespace_name,
                             .label_selector = NOT_SYNCED };
    VCL_AUTO_JSON *list = NULL;
    cJSON *route;
    int left = MAX_GATEWAYS;

    int status = vcl_kube_list(self->kube, call, &query, &list, error);
    cJSON_ArrayForEach (route, vcl_json_get(list, "items")) {
        if (status == 0 && vcl_route_leads_to(route, self->access->name))
            status = read_gateways(self, call, route, &left, error);
    }
    if (status == 0)
        *out_list = vcl_steal(&list);
    return status;
}

static int find_routes(vcl_call *call, void *data, vcluster_error **error)
{
    finder *self = data;
    VCL_AUTO_JSON *served = NULL;
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_api_versions(self->kube, call, &served, &why);
    const char *api_version = status == 0 ? route_version(served) : NULL;
    if (status == 0 && !api_version) {
        vcl_ways_lack(&self->candidates, VCLUSTER_ENDPOINT_TLS_ROUTE,
                      "the host does not serve TLSRoutes of the Gateway API");
        return VCLUSTER_OK;
    }
    if (status == 0)
        status = list_routes(self, call, api_version, &list, &why);
    if (status < 0)
        return go_on(self, status, VCLUSTER_ENDPOINT_TLS_ROUTE, "TLSRoutes", &why)
                   ? VCLUSTER_OK
                   : vcl_error_pass(error, &why, status);
    vcl_ways_of_routes(&self->candidates, vcl_json_get(list, "items"), self->access->name);
    return VCLUSTER_OK;
}

/* ---- All of them ---- */

static bool is_loopback(const char *server)
{
    return strstr(server, "://localhost") || strstr(server, "://127.") ||
           strstr(server, "://[::1]");
}

static void add_published(vcl_ways *list, const vcl_access *access)
{
    const vcl_endpoint *endpoint = &access->context.endpoint;
    vcluster_endpoint_candidate *candidate = &list->items[list->count];

    if (is_loopback(endpoint->server)) {
        vcl_ways_lack(list, VCLUSTER_ENDPOINT_PUBLISHED,
                      "its kubeconfig names '%s', which is the pod itself", endpoint->server);
        return;
    }
    *candidate = (vcluster_endpoint_candidate){ .kind = VCLUSTER_ENDPOINT_PUBLISHED,
                                                .url = vcl_strdup(endpoint->server) };
    list->count++;
    if (!candidate->url || !vcl_str_replace(&candidate->tls_server_name, endpoint->tls_server_name))
        list->failed = true;
}

static void add_service_name(vcl_ways *list, const vcl_access *access)
{
    vcl_auto_free char *host = vcl_format("%s.%s.svc", access->name, access->namespace_name);

    if (!host)
        list->failed = true;
    else if (vcl_in_cluster_available(VCL_SERVICE_ACCOUNT_FOLDER))
        vcl_ways_add(list, VCLUSTER_ENDPOINT_SERVICE, host, 443, NULL);
    else
        vcl_ways_lack(list, VCLUSTER_ENDPOINT_SERVICE,
                      "this program does not run inside a cluster");
}

int vcl_endpoint_find(vcluster_client *client,
                      vcl_call *call,
                      const vcl_access *access,
                      vcl_ways *list,
                      vcluster_error **error)
{
    static const vcl_job_fn functions[] = { find_service, find_ingresses, find_routes };
    enum { JOBS = sizeof(functions) / sizeof(functions[0]) };
    finder finders[JOBS];
    vcl_job jobs[JOBS];

    for (size_t i = 0; i < JOBS; i++) {
        finders[i] = (finder){ .kube = client->kube, .access = access };
        jobs[i] = (vcl_job){ .fn = functions[i], .data = &finders[i] };
    }
    int status = vcl_parallel_run(call, jobs, JOBS, error);
    add_published(list, access);
    for (size_t i = 0; i < JOBS; i++) {
        if (status == 0 && jobs[i].status < 0)
            status = vcl_error_pass(error, &jobs[i].error, jobs[i].status);
        vcluster_error_free(jobs[i].error);
        vcl_ways_move(list, &finders[i].candidates);
    }
    add_service_name(list, access);
    if (list->count == VCL_MAX_WAYS) { /* there is always room for the last resort */
        list->count--;
        vcl_ways last = { .items = { list->items[list->count] }, .count = 1 };
        vcl_ways_done(&last);
    }
    vcl_ways_lack(list, VCLUSTER_ENDPOINT_TUNNEL,
                  "it lasts only as long as the program that opens it");
    return status == 0 && list->failed ? vcl_no_memory(error) : status;
}
