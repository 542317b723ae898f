/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's view of config.yaml; see settings.h. */
#include "settings.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml.h"
#include "files.h"

static const char default_cidr[] = "10.96.0.0/16";
static const char default_domain[] = "cluster.local";
enum { DEFAULT_PORT = 8443, MAX_SANS = 200 };

void rt_settings_done(rt_settings *settings)
{
    free(settings->name);
    free(settings->namespace_name);
    free(settings->service_cidr);
    free(settings->cluster_domain);
    free(settings->export_context);
    free(settings->export_server);
    cJSON_Delete(settings->pod_ips);
    cJSON_Delete(settings->extra_sans);
    *settings = (rt_settings){ 0 };
}

static int wrong(vcluster_error **error, const char *path, const char *what, const char *value)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFIG, "%s: '%.100s' is not %s", path, value, what);

    vcl_error_set_field(error, path);
    return status;
}

/* "10.0.0.1,fd00::1" to an array of strings. */
static int split_list(const char *text, cJSON **out_array, vcluster_error **error)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    while (array && !vcl_str_empty(text)) {
        size_t size = strcspn(text, ",");
        vcl_auto_free char *part = vcl_strndup(text, size);
        if (!part || (size && !vcl_json_append(array, cJSON_CreateString(part))))
            return vcl_no_memory(error);
        text += size + (text[size] == ',');
    }
    if (!array)
        return vcl_no_memory(error);
    *out_array = vcl_steal(&array);
    return VCLUSTER_OK;
}

static int check_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* A name of a certificate: an address, or a DNS name that may begin with "*.". */
static bool is_certificate_name(const char *text)
{
    if (vcl_str_empty(text))
        return false;
    return check_address(text) ||
           vcl_is_dns_subdomain(vcl_starts_with(text, "*.") ? text + 2 : text);
}

static int read_sans(const cJSON *values, rt_settings *settings, vcluster_error **error)
{
    static const char path[] = "controlPlane.proxy.extraSANs";
    const cJSON *given = vcl_json_find(values, "controlPlane", "proxy", "extraSANs", NULL);
    const cJSON *item;

    settings->extra_sans = cJSON_CreateArray();
    if (!settings->extra_sans)
        return vcl_no_memory(error);
    if (given && !cJSON_IsNull(given) && !cJSON_IsArray(given))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "%s is not a list", path);
    if (cJSON_GetArraySize(given) > MAX_SANS)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "%s has more than %d entries", path, MAX_SANS);
    cJSON_ArrayForEach (item, given) {
        const char *text = cJSON_GetStringValue(item);
        if (!is_certificate_name(text))
            return wrong(error, path, "an address or a DNS name in lower case", vcl_str(text));
        if (!vcl_json_append(settings->extra_sans, cJSON_CreateString(text)))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

/* The host of an Ingress or a TLSRoute that is made. */
static int
read_host(const cJSON *values, const char *section, rt_settings *settings, vcluster_error **error)
{
    const cJSON *way = vcl_json_find(values, "controlPlane", section, NULL);
    const char *host = vcl_json_find_string(way, "host", NULL);

    if (!vcl_json_find_bool(way, false, "enabled", NULL) || vcl_str_empty(host))
        return VCLUSTER_OK;
    if (!is_certificate_name(host)) {
        vcl_auto_free char *path = vcl_format("controlPlane.%s.host", section);
        return wrong(error, vcl_str(path), "a DNS name in lower case", host);
    }
    return vcl_json_append(settings->extra_sans, cJSON_CreateString(host)) ? VCLUSTER_OK
                                                                           : vcl_no_memory(error);
}

static int read_text(const char *value, const char *otherwise, char **slot, vcluster_error **error)
{
    *slot = vcl_strdup(vcl_str_empty(value) ? otherwise : value);
    return *slot ? VCLUSTER_OK : vcl_no_memory(error);
}

static int read_values(const cJSON *values, rt_settings *settings, vcluster_error **error)
{
    const char *cidr = vcl_json_find_string(values, "networking", "serviceCIDR", NULL);
    const char *domain =
        vcl_json_find_string(values, "networking", "advanced", "clusterDomain", NULL);
    const char *context = vcl_json_find_string(values, "exportKubeConfig", "context", NULL);
    const char *server = vcl_json_find_string(values, "exportKubeConfig", "server", NULL);
    int64_t port = vcl_json_find_int(values, DEFAULT_PORT, "controlPlane", "proxy", "port", NULL);

    if (port < 1 || port > 65535)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "controlPlane.proxy.port: %lld is not a port",
                        (long long)port);
    settings->port = (int)port;
    if (!vcl_str_empty(server) && !vcl_starts_with(server, "https://"))
        return wrong(error, "exportKubeConfig.server", "an https:// address", server);
    if (!vcl_str_empty(domain) && !vcl_is_dns_subdomain(domain))
        return wrong(error, "networking.advanced.clusterDomain", "a DNS name", domain);

    int status = read_text(cidr, default_cidr, &settings->service_cidr, error);
    if (status == VCLUSTER_OK)
        status = read_text(domain, default_domain, &settings->cluster_domain, error);
    if (status == VCLUSTER_OK)
        status = read_text(context, "", &settings->export_context, error);
    if (status == VCLUSTER_OK)
        status = read_text(server, "", &settings->export_server, error);
    if (status == VCLUSTER_OK)
        status = read_sans(values, settings, error);
    if (status == VCLUSTER_OK)
        status = read_host(values, "ingress", settings, error);
    if (status == VCLUSTER_OK)
        status = read_host(values, "tlsRoute", settings, error);
    return status;
}

static int read_identity(const rt_identity *identity, rt_settings *settings, vcluster_error **error)
{
    if (!vcl_is_dns_label(identity->name) || !vcl_is_dns_label(identity->namespace_name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "VCLUSTER_NAME and POD_NAMESPACE must be DNS labels; the chart sets them");
    settings->name = vcl_strdup(identity->name);
    settings->namespace_name = vcl_strdup(identity->namespace_name);
    if (!settings->name || !settings->namespace_name)
        return vcl_no_memory(error);

    int status = split_list(identity->pod_ips, &settings->pod_ips, error);
    if (status < 0)
        return status;
    const cJSON *item;
    cJSON_ArrayForEach (item, settings->pod_ips) {
        if (!check_address(item->valuestring))
            return wrong(error, "POD_IPS", "an address", item->valuestring);
    }
    return VCLUSTER_OK;
}

int rt_settings_parse(const rt_identity *identity,
                      const char *text,
                      size_t size,
                      rt_settings *out_settings,
                      vcluster_error **error)
{
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_JSON *values = NULL;

    int status = read_identity(identity, &settings, error);
    if (status < 0)
        return status;
    status = vcl_yaml_parse(text, size, &values, error);
    if (status < 0)
        return status;
    if (!cJSON_IsObject(values) && !cJSON_IsNull(values))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "config.yaml is not a map");
    status = read_values(values, &settings, error);
    if (status < 0)
        return status;
    *out_settings = settings;
    settings = (rt_settings){ 0 };
    return VCLUSTER_OK;
}

int rt_settings_load(const char *path, rt_settings *out_settings, vcluster_error **error)
{
    rt_identity identity = { .name = secure_getenv("VCLUSTER_NAME"),
                             .namespace_name = secure_getenv("POD_NAMESPACE"),
                             .pod_ips = secure_getenv("POD_IPS") };
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    int status = rt_file_read(path, &text, error);
    if (status == VCLUSTER_OK)
        status = rt_settings_parse(&identity, vcl_buf_text(&text), text.size, out_settings, error);
    return status < 0 ? vcl_wrap(error, status, "read '%s'", path) : status;
}
