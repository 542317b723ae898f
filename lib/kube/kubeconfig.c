/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a context of a kubeconfig to an endpoint. Contradictions are errors that name file, entry
 * and field; nothing is guessed. Credentials are not used for a server that is reached without
 * TLS, as in kubectl.
 */
#include "kube/kubeconfig.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kube/kubeconfig_files.h"
#include "kube/kubeconfig_user.h"

void vcl_kubeconfig_context_done(vcl_kubeconfig_context *context)
{
    free(context->name);
    free(context->namespace_name);
    vcl_endpoint_done(&context->endpoint);
    *context = (vcl_kubeconfig_context){ 0 };
}

/* Copy a string member into the endpoint. */
static int
copy_field(const vcl_config_entry *entry, const char *field, char **slot, vcluster_error **error)
{
    const char *text = NULL;
    int status = vcl_config_string(entry, field, &text, error);

    if (status < 0)
        return status;
    return vcl_str_replace(slot, text) ? VCLUSTER_OK : vcl_no_memory(error);
}

/* "https://host:port/prefix" without query, fragment and final slashes. */
static int set_server(const vcl_config_entry *cluster,
                      const char *text,
                      bool tls,
                      vcl_endpoint *endpoint,
                      vcluster_error **error)
{
    const char *scheme = tls ? "https" : "http";
    const char *rest = strstr(text, "://");

    if (rest) {
        bool https = rest - text == 5 && strncasecmp(text, "https", 5) == 0;
        if (!https && !(rest - text == 4 && strncasecmp(text, "http", 4) == 0))
            return vcl_config_fail(cluster, "server", error,
                                   "is neither an https nor an http address");
        scheme = https ? "https" : "http";
    }
    rest = rest ? rest + 3 : text;
    size_t size = strcspn(rest, "?#");
    while (size > 0 && rest[size - 1] == '/')
        size--;

    size_t host_size = strcspn(rest, "/?#");
    if (host_size == 0 || size == 0)
        return vcl_config_fail(cluster, "server", error, "names no host");
    if (memchr(rest, '@', host_size))
        return vcl_config_fail(cluster, "server", error,
                               "holds a user name: put it into the user's entry");
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)rest[i] <= ' ' || rest[i] == 127)
            return vcl_config_fail(cluster, "server", error, "holds a space or control character");
    }
    endpoint->server = vcl_format("%s://%.*s", scheme, (int)size, rest);
    return endpoint->server ? VCLUSTER_OK : vcl_no_memory(error);
}

static int
check_proxy(const vcl_config_entry *cluster, const vcl_endpoint *endpoint, vcluster_error **error)
{
    const char *url = endpoint->proxy_url;

    if (!url || vcl_starts_with(url, "http://") || vcl_starts_with(url, "https://") ||
        vcl_starts_with(url, "socks5://") || vcl_starts_with(url, "socks5h://"))
        return VCLUSTER_OK;
    return vcl_config_fail(cluster, "proxy-url", error,
                           "does not begin with http://, https:// or socks5://");
}

static int
read_trust(const vcl_config_entry *cluster, vcl_endpoint *endpoint, vcluster_error **error)
{
    int status = vcl_config_data(cluster, "certificate-authority", &endpoint->ca_pem, error);

    if (status == VCLUSTER_OK)
        status = vcl_config_bool(cluster, "insecure-skip-tls-verify", &endpoint->insecure, error);
    if (status < 0)
        return status;
    if (endpoint->ca_pem && endpoint->insecure)
        return vcl_config_fail(cluster, "insecure-skip-tls-verify", error,
                               "contradicts certificate-authority: keep one");
    return VCLUSTER_OK;
}

static int read_cluster(const vcl_config_entry *cluster,
                        const vcl_kubeconfig_source *source,
                        vcl_endpoint *endpoint,
                        vcluster_error **error)
{
    const char *server = source->server;
    int status = read_trust(cluster, endpoint, error);

    /* The name belongs to the server of the kubeconfig. */
    if (status == VCLUSTER_OK && vcl_str_empty(server))
        status = copy_field(cluster, "tls-server-name", &endpoint->tls_server_name, error);
    if (status == VCLUSTER_OK)
        status = vcl_config_bool(cluster, "disable-compression", &endpoint->no_compression, error);
    if (status == VCLUSTER_OK)
        status = copy_field(cluster, "proxy-url", &endpoint->proxy_url, error);
    if (status == VCLUSTER_OK)
        status = check_proxy(cluster, endpoint, error);
    if (status == VCLUSTER_OK && vcl_str_empty(server))
        status = vcl_config_string(cluster, "server", &server, error);
    if (status < 0)
        return status;
    if (vcl_str_empty(server))
        return vcl_config_fail(cluster, "server", error, "is missing");
    return set_server(cluster, server, endpoint->ca_pem || endpoint->insecure, endpoint, error);
}

/* The entry that a context refers to. */
static int follow(vcl_config_files *files,
                  const vcl_config_entry *context,
                  const char *field,
                  vcl_config_list list,
                  vcl_config_entry *out_entry,
                  vcluster_error **error)
{
    const char *name = NULL;
    int status = vcl_config_string(context, field, &name, error);

    if (status < 0 || !name)
        return status;
    status = vcl_config_find(files, list, name, out_entry, error);
    if (status == VCLUSTER_OK && !out_entry->name)
        status = vcl_config_fail(context, field, error, "names '%s', which is not in %s", name,
                                 vcl_config_lists[list][0]);
    return status;
}

static int read_namespace(const vcl_config_entry *context,
                          const vcl_kubeconfig_source *source,
                          vcl_kubeconfig_context *out,
                          vcluster_error **error)
{
    const char *name = source->namespace_name;
    int status = VCLUSTER_OK;

    if (!vcl_str_empty(name) && !vcl_is_dns_label(name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not the name of a namespace",
                        name);
    if (vcl_str_empty(name) && context)
        status = vcl_config_string(context, "namespace", &name, error);
    if (status < 0)
        return status;
    if (name && *name && !vcl_is_dns_label(name))
        return vcl_config_fail(context, "namespace", error, "'%s' is not the name of a namespace",
                               name);
    out->namespace_name = vcl_strdup(vcl_str(name));
    return out->namespace_name ? VCLUSTER_OK : vcl_no_memory(error);
}

static int read_context(vcl_config_files *files,
                        const vcl_kubeconfig_source *source,
                        const vcl_config_entry *context,
                        vcl_kubeconfig_context *out,
                        vcluster_error **error)
{
    vcl_config_entry cluster = { 0 };
    vcl_config_entry user = { 0 };

    out->name = vcl_strdup(context->name);
    if (!out->name)
        return vcl_no_memory(error);
    int status = read_namespace(context, source, out, error);
    if (status == VCLUSTER_OK)
        status = follow(files, context, "cluster", VCL_CLUSTERS, &cluster, error);
    if (status < 0)
        return status;
    if (!cluster.name)
        return vcl_config_fail(context, "cluster", error, "is missing");
    status = read_cluster(&cluster, source, &out->endpoint, error);
    if (status == VCLUSTER_OK)
        status = follow(files, context, "user", VCL_USERS, &user, error);
    if (status < 0)
        return status;
    status = user.name ? vcl_kubeconfig_read_user(&user, &cluster, source, &out->endpoint, error)
                       : vcl_kubeconfig_impersonate(NULL, source, &out->endpoint, error);
    return status < 0 ? status : vcl_kubeconfig_read_tls(&user, &cluster, &out->endpoint, error);
}

/* A server that is named beside a kubeconfig without contexts: nobody logs in there. */
static int read_server_only(const vcl_kubeconfig_source *source,
                            vcl_kubeconfig_context *out,
                            vcluster_error **error)
{
    const vcl_config_file nothing = { 0 };
    const vcl_config_entry cluster = { .file = &nothing, .list = "clusters", .name = "" };

    out->name = vcl_strdup("");
    if (!out->name)
        return vcl_no_memory(error);
    int status = read_namespace(NULL, source, out, error);
    if (status == VCLUSTER_OK)
        status = read_cluster(&cluster, source, &out->endpoint, error);
    return status == VCLUSTER_OK ? vcl_kubeconfig_impersonate(NULL, source, &out->endpoint, error)
                                 : status;
}

/* Which files were looked at, for an error. */
static const char *place(const vcl_kubeconfig_source *source, const vcl_config_files *files)
{
    if (source->text)
        return "the kubeconfig text";
    if (files->count == 0)
        return "$KUBECONFIG and ~/.kube/config";
    return vcl_config_file_name(&files->files[0]);
}

static int resolve(vcl_config_files *files,
                   const vcl_kubeconfig_source *source,
                   vcl_kubeconfig_context *out,
                   vcluster_error **error)
{
    const char *name = source->context;
    vcl_config_entry context;

    if (vcl_str_empty(name))
        name = vcl_config_files_current(files);
    if (!name && !vcl_str_empty(source->server))
        return read_server_only(source, out, error);
    if (!name)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "no current-context in %s: name a context, or set one with 'kubectl config "
                        "use-context'",
                        place(source, files));
    int status = vcl_config_find(files, VCL_CONTEXTS, name, &context, error);
    if (status < 0)
        return status;
    if (!context.name)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no context '%s' in %s%s", name,
                        place(source, files), files->count > 1 ? " and the files after it" : "");
    return read_context(files, source, &context, out, error);
}

/* The service account of the pod this runs in. */
static int
read_pod(const vcl_kubeconfig_source *source, vcl_kubeconfig_context *out, vcluster_error **error)
{
    int status = vcl_in_cluster_read(VCL_SERVICE_ACCOUNT_FOLDER, out, error);

    if (status == VCLUSTER_OK && !vcl_str_empty(source->namespace_name)) {
        free(vcl_steal(&out->namespace_name));
        status = read_namespace(NULL, source, out, error);
    }
    return status == VCLUSTER_OK ? vcl_kubeconfig_impersonate(NULL, source, &out->endpoint, error)
                                 : status;
}

int vcl_kubeconfig_resolve(const vcl_kubeconfig_source *source,
                           vcl_kubeconfig_context *out_context,
                           vcluster_error **error)
{
    vcl_config_files files;
    vcl_kubeconfig_context context = { 0 };
    int status = vcl_config_files_load(&files, source, error);

    if (status < 0)
        return status;
    bool in_cluster = !source->text && !source->path && vcl_str_empty(source->context) &&
                      vcl_str_empty(source->server) && vcl_config_files_empty(&files);
    if (in_cluster && vcl_in_cluster_available(VCL_SERVICE_ACCOUNT_FOLDER))
        status = read_pod(source, &context, error);
    else
        status = resolve(&files, source, &context, error);
    vcl_config_files_done(&files);

    if (status < 0)
        vcl_kubeconfig_context_done(&context);
    else
        *out_context = context;
    return status;
}
