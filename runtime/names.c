/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the serving certificates; see names.h. The list is upstream's for its proxy on 8443,
 * plus the names with ".svc" that upstream leaves out.
 */
#include "names.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#include "base/str.h"

static bool contains(const cJSON *array, const char *text)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, array) {
        if (vcl_streq(item->valuestring, text))
            return true;
    }
    return false;
}

/* Add a text (NULL: memory was short while it was made) unless it is there or empty. */
static bool add(cJSON *array, const char *text)
{
    if (!text)
        return false;
    return !*text || contains(array, text) || vcl_json_append(array, cJSON_CreateString(text));
}

static bool add_format(cJSON *array, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool add_format(cJSON *array, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *name = vcl_vformat(format, arguments);
    va_end(arguments);
    return add(array, name);
}

static bool add_all(cJSON *array, const cJSON *texts)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, texts) {
        if (cJSON_IsString(item) && !add(array, item->valuestring))
            return false;
    }
    return true;
}

/* Clear the bits behind the prefix, then add one. */
static void first_of_network(unsigned char *bytes, int size, int prefix)
{
    for (int bit = prefix; bit < size * 8; bit++)
        bytes[bit / 8] &= (unsigned char)~(0x80 >> (bit % 8));
    bytes[size - 1] |= 1;
}

static bool first_address(const char *cidr, char text[INET6_ADDRSTRLEN])
{
    unsigned char bytes[sizeof(struct in6_addr)];
    const char *slash = strchr(cidr, '/');
    int64_t prefix = 0;

    if (!slash || slash - cidr >= INET6_ADDRSTRLEN || !vcl_parse_i64(slash + 1, &prefix))
        return false;
    memcpy(text, cidr, (size_t)(slash - cidr));
    text[slash - cidr] = '\0';

    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    int size = family == AF_INET ? 4 : 16;
    if (inet_pton(family, text, bytes) != 1 || prefix < 1 || prefix > size * 8 - 2)
        return false;
    first_of_network(bytes, size, (int)prefix);
    return inet_ntop(family, bytes, text, INET6_ADDRSTRLEN) != NULL;
}

int rt_first_addresses(const char *cidrs, cJSON **out_addresses, vcluster_error **error)
{
    VCL_AUTO_JSON *addresses = cJSON_CreateArray();

    for (const char *rest = cidrs; addresses && *rest;) {
        char address[INET6_ADDRSTRLEN];
        size_t size = strcspn(rest, ",");
        vcl_auto_free char *cidr = vcl_strndup(rest, size);
        if (!cidr)
            return vcl_no_memory(error);
        if (!first_address(cidr, address)) {
            int status = vcl_fail(error, VCLUSTER_E_CONFIG,
                                  "networking.serviceCIDR: '%.100s' is no range such as "
                                  "10.96.0.0/16",
                                  cidr);
            vcl_error_set_field(error, "networking.serviceCIDR");
            return status;
        }
        if (!add(addresses, address))
            return vcl_no_memory(error);
        rest += size + (rest[size] == ',');
    }
    if (!addresses)
        return vcl_no_memory(error);
    *out_addresses = vcl_steal(&addresses);
    return VCLUSTER_OK;
}

/* Addresses of the Service and its load balancer, and the pod's. */
static bool add_addresses(cJSON *names, const rt_settings *settings, const cJSON *service)
{
    const cJSON *balancers = vcl_json_find(service, "status", "loadBalancer", "ingress", NULL);
    const char *cluster_ip = vcl_json_find_string(service, "spec", "clusterIP", NULL);
    const cJSON *entry;

    bool done = add_all(names, vcl_json_find(service, "spec", "clusterIPs", NULL)) &&
                add_all(names, vcl_json_find(service, "spec", "externalIPs", NULL)) &&
                (vcl_streq(cluster_ip, "None") || add(names, vcl_str(cluster_ip)));
    cJSON_ArrayForEach (entry, balancers) {
        done = done && add(names, vcl_str(vcl_json_find_string(entry, "ip", NULL))) &&
               add(names, vcl_str(vcl_json_find_string(entry, "hostname", NULL)));
    }
    return done && add_all(names, settings->pod_ips);
}

int rt_server_names(const rt_settings *settings,
                    const cJSON *service,
                    cJSON **out_names,
                    vcluster_error **error)
{
    static const char *const fixed[] = {
        "kubernetes", "kubernetes.default", "kubernetes.default.svc",
        "localhost",  "127.0.0.1",          "::1"
    };
    VCL_AUTO_JSON *addresses = NULL;
    VCL_AUTO_JSON *names = cJSON_CreateStringArray(fixed, sizeof(fixed) / sizeof(fixed[0]));

    int status = rt_first_addresses(settings->service_cidr, &addresses, error);
    if (status < 0)
        return status;
    bool done = names && add_format(names, "kubernetes.default.svc.%s", settings->cluster_domain) &&
                add(names, settings->name) &&
                add_format(names, "%s.%s", settings->name, settings->namespace_name) &&
                add_format(names, "%s.%s.svc", settings->name, settings->namespace_name) &&
                add_all(names, addresses) && add_all(names, settings->extra_sans) &&
                (!service || add_addresses(names, settings, service));
    if (!done)
        return vcl_no_memory(error);
    *out_names = vcl_steal(&names);
    return VCLUSTER_OK;
}

int rt_etcd_names(const rt_settings *settings, cJSON **out_names, vcluster_error **error)
{
    static const char *const fixed[] = { "localhost", "127.0.0.1", "::1" };
    VCL_AUTO_JSON *names = cJSON_CreateStringArray(fixed, sizeof(fixed) / sizeof(fixed[0]));

    bool done =
        names && add_format(names, "%s-headless.%s", settings->name, settings->namespace_name) &&
        add_format(names, "*.%s-headless.%s.svc", settings->name, settings->namespace_name) &&
        add_format(names, "%s-etcd", settings->name) &&
        add_format(names, "%s-etcd.%s", settings->name, settings->namespace_name) &&
        add_format(names, "%s-etcd.%s.svc", settings->name, settings->namespace_name) &&
        add_format(names, "*.%s-etcd-headless.%s", settings->name, settings->namespace_name) &&
        add_format(names, "*.%s-etcd-headless.%s.svc", settings->name, settings->namespace_name) &&
        add_all(names, settings->extra_sans);
    if (!done)
        return vcl_no_memory(error);
    *out_names = vcl_steal(&names);
    return VCLUSTER_OK;
}
