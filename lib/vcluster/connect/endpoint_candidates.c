/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What objects of the host say about ways to a virtual cluster; see endpoint.h. Nothing is asked of
 * anybody here. Whoever can write these objects can name any address: what comes out is not trusted
 * before it has shown a certificate of the virtual cluster.
 */
#include <arpa/inet.h>
#include <stdarg.h>

#include "base/str.h"
#include "vcluster/connect/endpoint.h"

enum { HTTPS_PORT = 443, MAX_ADDRESSES = 4 };

static void candidate_done(vcluster_endpoint_candidate *candidate)
{
    free(candidate->url);
    free(candidate->tls_server_name);
    free(candidate->reason);
}

void vcl_ways_done(vcl_ways *list)
{
    for (size_t i = 0; i < list->count; i++)
        candidate_done(&list->items[i]);
    list->count = 0;
}

void vcl_ways_move(vcl_ways *to, vcl_ways *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (to->count < VCL_MAX_WAYS)
            to->items[to->count++] = from->items[i];
        else
            candidate_done(&from->items[i]);
    }
    to->failed = to->failed || from->failed;
    from->count = 0;
}

static bool is_address(const char *host, int family)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(family, host, bytes) == 1;
}

void vcl_ways_add(
    vcl_ways *list, int kind, const char *host, int64_t port, const char *tls_server_name)
{
    bool v6 = host && is_address(host, AF_INET6);
    vcluster_endpoint_candidate candidate = { .kind = kind };

    if (list->count == VCL_MAX_WAYS || port < 1 || port > 65535 || !host ||
        (!v6 && !is_address(host, AF_INET) && !vcl_is_dns_subdomain(host)))
        return;
    vcl_auto_free char *bare = vcl_format(v6 ? "https://[%s]" : "https://%s", host);
    candidate.url = port == HTTPS_PORT ? vcl_strdup(bare)
                    : bare             ? vcl_format("%s:%lld", bare, (long long)port)
                                       : NULL;
    if (!candidate.url || !vcl_str_replace(&candidate.tls_server_name, tls_server_name)) {
        candidate_done(&candidate);
        list->failed = true;
        return;
    }
    list->items[list->count++] = candidate;
}

void vcl_ways_lack(vcl_ways *list, int kind, const char *format, ...)
{
    vcluster_endpoint_candidate candidate = { .kind = kind };
    va_list arguments;

    if (list->count == VCL_MAX_WAYS)
        return;
    va_start(arguments, format);
    candidate.reason = vcl_vformat(format, arguments);
    va_end(arguments);
    if (candidate.reason)
        list->items[list->count++] = candidate;
    else
        list->failed = true;
}

/* Upstream's Service has a second port, for kubelets, that leads to the same place. */
int64_t vcl_service_port(const cJSON *service, const char *member)
{
    const cJSON *ports = vcl_json_find(service, "spec", "ports", NULL);
    const cJSON *port;

    cJSON_ArrayForEach (port, ports) {
        if (vcl_streq(vcl_json_find_string(port, "name", NULL), "https") ||
            vcl_json_find_int(port, 0, "port", NULL) == HTTPS_PORT)
            return vcl_json_find_int(port, 0, member, NULL);
    }
    return vcl_json_find_int(cJSON_GetArrayItem(ports, 0), 0, member, NULL);
}

static const char *name_of(const cJSON *object)
{
    return vcl_str(vcl_json_find_string(object, "metadata", "name", NULL));
}

static const char *type_of(const cJSON *service)
{
    const char *type = vcl_json_find_string(service, "spec", "type", NULL);

    return type ? type : "ClusterIP";
}

/* Of an entry of status.loadBalancer.ingress. */
static const char *address_of(const cJSON *entry)
{
    const char *ip = vcl_json_find_string(entry, "ip", NULL);

    return vcl_str_empty(ip) ? vcl_json_find_string(entry, "hostname", NULL) : ip;
}

void vcl_ways_of_balancer(vcl_ways *list, const cJSON *service)
{
    const int kind = VCLUSTER_ENDPOINT_LOAD_BALANCER;
    size_t before = list->count;
    const cJSON *entry;

    if (!vcl_streq(type_of(service), "LoadBalancer")) {
        vcl_ways_lack(list, kind, "Service '%s' is of type %s", name_of(service), type_of(service));
        return;
    }
    cJSON_ArrayForEach (entry, vcl_json_find(service, "status", "loadBalancer", "ingress", NULL)) {
        if (list->count < before + MAX_ADDRESSES)
            vcl_ways_add(list, kind, address_of(entry), vcl_service_port(service, "port"), NULL);
    }
    if (list->count == before)
        vcl_ways_lack(list, kind, "no load balancer has given Service '%s' an address yet",
                      name_of(service));
}

void vcl_ways_of_node(vcl_ways *list, const cJSON *service, const cJSON *addresses)
{
    const int kind = VCLUSTER_ENDPOINT_NODE_PORT;
    int64_t port = vcl_service_port(service, "nodePort");
    size_t before = list->count;
    const cJSON *address;

    if (port == 0) {
        vcl_ways_lack(list, kind, "Service '%s' of type %s has no node port", name_of(service),
                      type_of(service));
        return;
    }
    cJSON_ArrayForEach (address, addresses) {
        if (list->count < before + MAX_ADDRESSES)
            vcl_ways_add(list, kind, cJSON_GetStringValue(address), port, NULL);
    }
    if (list->count == before)
        vcl_ways_lack(list, kind,
                      "the address of the node with the control plane is not "
                      "known");
}

/* The port at which a load balancer takes TLS: 443 unless it says that it has only others. */
static int64_t balancer_port(const cJSON *entry)
{
    const cJSON *ports = vcl_json_get(entry, "ports");
    const cJSON *port;

    cJSON_ArrayForEach (port, ports) {
        if (vcl_json_find_int(port, 0, "port", NULL) == HTTPS_PORT)
            return HTTPS_PORT;
    }
    return vcl_json_find_int(cJSON_GetArrayItem(ports, 0), HTTPS_PORT, "port", NULL);
}

/* By DNS, and by the addresses of whatever serves the Ingress: then the host is what is verified,
 * and what leads the way (SNI). */
static void add_ingress_host(vcl_ways *list, const char *host, const cJSON *ingress)
{
    const cJSON *entries = vcl_json_find(ingress, "status", "loadBalancer", "ingress", NULL);
    const cJSON *entry;
    int left = MAX_ADDRESSES;

    vcl_ways_add(list, VCLUSTER_ENDPOINT_INGRESS, host,
                 balancer_port(cJSON_GetArrayItem(entries, 0)), NULL);
    cJSON_ArrayForEach (entry, entries) {
        if (left-- > 0 && !vcl_streq(address_of(entry), host))
            vcl_ways_add(list, VCLUSTER_ENDPOINT_INGRESS, address_of(entry), balancer_port(entry),
                         host);
    }
}

static bool rule_leads_to(const cJSON *rule, const char *name)
{
    const cJSON *path;

    cJSON_ArrayForEach (path, vcl_json_find(rule, "http", "paths", NULL)) {
        if (vcl_streq(vcl_json_find_string(path, "backend", "service", "name", NULL), name))
            return true;
    }
    return false;
}

void vcl_ways_of_ingresses(vcl_ways *list, const cJSON *items, const char *name)
{
    size_t before = list->count;
    const cJSON *ingress;
    const cJSON *rule;

    cJSON_ArrayForEach (ingress, items) {
        cJSON_ArrayForEach (rule, vcl_json_find(ingress, "spec", "rules", NULL)) {
            const char *host = vcl_json_find_string(rule, "host", NULL);
            if (vcl_is_dns_subdomain(vcl_str(host)) && rule_leads_to(rule, name))
                add_ingress_host(list, host, ingress);
        }
    }
    if (list->count == before)
        vcl_ways_lack(list, VCLUSTER_ENDPOINT_INGRESS,
                      "no Ingress with a host leads to Service '%s'", name);
}

bool vcl_route_leads_to(const cJSON *route, const char *name)
{
    const cJSON *rule;
    const cJSON *backend;

    cJSON_ArrayForEach (rule, vcl_json_find(route, "spec", "rules", NULL)) {
        cJSON_ArrayForEach (backend, vcl_json_get(rule, "backendRefs")) {
            const char *kind = vcl_json_find_string(backend, "kind", NULL);
            if ((!kind || vcl_streq(kind, "Service")) &&
                vcl_streq(vcl_json_find_string(backend, "name", NULL), name))
                return true;
        }
    }
    return false;
}

/* Why no Gateway takes the route, NULL when one does or nobody has said. */
static const char *refusal_of(const cJSON *route)
{
    const char *refusal = NULL;
    const cJSON *parent;
    const cJSON *condition;

    cJSON_ArrayForEach (parent, vcl_json_find(route, "status", "parents", NULL)) {
        cJSON_ArrayForEach (condition, vcl_json_get(parent, "conditions")) {
            if (!vcl_streq(vcl_json_find_string(condition, "type", NULL), "Accepted"))
                continue;
            if (!vcl_streq(vcl_json_find_string(condition, "status", NULL), "False"))
                return NULL;
            refusal = vcl_json_find_string(condition, "message", NULL);
            refusal = vcl_str_empty(refusal) ? "it does not say why" : refusal;
        }
    }
    return refusal;
}

/* The port of the listener that a route is for: the one it names, else the first for TLS. */
static int64_t listener_port(const cJSON *gateway, const char *section)
{
    const cJSON *listener;

    cJSON_ArrayForEach (listener, vcl_json_find(gateway, "spec", "listeners", NULL)) {
        bool meant = section ? vcl_streq(vcl_json_find_string(listener, "name", NULL), section)
                             : vcl_streq(vcl_json_find_string(listener, "protocol", NULL), "TLS");
        if (meant)
            return vcl_json_find_int(listener, HTTPS_PORT, "port", NULL);
    }
    return HTTPS_PORT;
}

/* The Gateway of a reference among those that were read, or NULL. */
static const cJSON *gateway_of(const cJSON *route, const cJSON *reference)
{
    const char *wanted = vcl_json_find_string(reference, "name", NULL);
    const cJSON *gateway;

    cJSON_ArrayForEach (gateway, vcl_json_get(route, "gateways")) {
        if (vcl_streq(name_of(gateway), wanted))
            return gateway;
    }
    return NULL;
}

static void add_route_host(vcl_ways *list, const char *host, const cJSON *route)
{
    const cJSON *reference;
    const cJSON *address;

    cJSON_ArrayForEach (reference, vcl_json_find(route, "spec", "parentRefs", NULL)) {
        const cJSON *gateway = gateway_of(route, reference);
        int64_t port = listener_port(gateway, vcl_json_find_string(reference, "sectionName", NULL));
        int left = MAX_ADDRESSES;

        vcl_ways_add(list, VCLUSTER_ENDPOINT_TLS_ROUTE, host, port, NULL);
        cJSON_ArrayForEach (address, vcl_json_find(gateway, "status", "addresses", NULL)) {
            const char *value = vcl_json_find_string(address, "value", NULL);
            if (left-- > 0 && !vcl_streq(value, host))
                vcl_ways_add(list, VCLUSTER_ENDPOINT_TLS_ROUTE, value, port, host);
        }
    }
}

void vcl_ways_of_routes(vcl_ways *list, const cJSON *items, const char *name)
{
    const int kind = VCLUSTER_ENDPOINT_TLS_ROUTE;
    size_t before = list->count;
    const cJSON *route;
    const cJSON *host;

    cJSON_ArrayForEach (route, items) {
        if (!vcl_route_leads_to(route, name))
            continue;
        if (refusal_of(route)) {
            vcl_ways_lack(list, kind, "no Gateway takes TLSRoute '%s': %s", name_of(route),
                          refusal_of(route));
            continue;
        }
        cJSON_ArrayForEach (host, vcl_json_find(route, "spec", "hostnames", NULL)) {
            if (vcl_is_dns_subdomain(vcl_str(cJSON_GetStringValue(host))))
                add_route_host(list, cJSON_GetStringValue(host), route);
        }
    }
    if (list->count == before)
        vcl_ways_lack(list, kind, "no TLSRoute with a host leads to Service '%s'", name);
}
