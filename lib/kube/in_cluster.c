/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a program that runs in a pod: its service account's files. */
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "kube/kubeconfig_user.h"

enum { MAX_FILE = 1 << 20 };

bool vcl_in_cluster_available(const char *folder)
{
    vcl_auto_free char *token = vcl_format("%s/token", folder);

    return !vcl_str_empty(secure_getenv("KUBERNETES_SERVICE_HOST")) &&
           !vcl_str_empty(secure_getenv("KUBERNETES_SERVICE_PORT")) && token &&
           access(token, F_OK) == 0;
}

/* Text of one of the files, without white space at its end. */
static int read_file(const char *folder, const char *name, char **out_text, vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s/%s", folder, name);
    size_t size = 0;

    if (!path)
        return vcl_no_memory(error);
    int number = vcl_read_file(path, MAX_FILE, out_text, &size);
    if (number)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "cannot read '%s' of the pod's service account: %s", path,
                        vcl_read_file_reason(number));
    while (size > 0 && strchr(" \t\r\n", (*out_text)[size - 1]))
        (*out_text)[--size] = '\0';
    return VCLUSTER_OK;
}

/* $POD_NAMESPACE, the service account's, "default". */
static char *find_namespace(const char *folder)
{
    const char *given = secure_getenv("POD_NAMESPACE");
    char *text = NULL;

    if (vcl_is_dns_label(given))
        return vcl_strdup(given);
    if (read_file(folder, "namespace", &text, NULL) == VCLUSTER_OK && vcl_is_dns_label(text))
        return text;
    free(text);
    return vcl_strdup("default");
}

int vcl_in_cluster_read(const char *folder,
                        vcl_kubeconfig_context *out_context,
                        vcluster_error **error)
{
    const char *host = vcl_str(secure_getenv("KUBERNETES_SERVICE_HOST"));
    const char *port = vcl_str(secure_getenv("KUBERNETES_SERVICE_PORT"));
    bool brackets = strchr(host, ':') && *host != '[';
    vcl_endpoint *endpoint = &out_context->endpoint;
    int status = read_file(folder, "ca.crt", &endpoint->ca_pem, error);

    if (status < 0)
        return status;
    endpoint->server =
        vcl_format("https://%s%s%s:%s", brackets ? "[" : "", host, brackets ? "]" : "", port);
    endpoint->token_file = vcl_format("%s/token", folder);
    out_context->name = vcl_strdup("");
    out_context->namespace_name = find_namespace(folder);
    if (!endpoint->server || !endpoint->token_file || !out_context->name ||
        !out_context->namespace_name)
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}
