/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Secret by which Argo CD deploys into a virtual cluster, from its kubeconfig. A kubeconfig for
 * a tunnel names an address of the machine it was made for: Argo CD gets that of the Service, and
 * a name that the certificate of every API server has.
 */
#include <string.h>

#include "base/str.h"
#include "data/yaml.h"
#include "gitops/render.h"

static void free_tree(cJSON **tree)
{
    vcl_json_free_secret(*tree);
}
#define AUTO_SECRET_JSON __attribute__((cleanup(free_tree))) cJSON

static void free_text(char **text)
{
    vcl_free_secret(*text);
}
#define AUTO_SECRET __attribute__((cleanup(free_text))) char

/* The entry of a list by its name: {name: NAME, KEY: {...}}. */
static const cJSON *entry(const cJSON *tree, const char *list, const char *name, const char *key)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(tree, list)) {
        if (name && vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return vcl_json_get(item, key);
    }
    return NULL;
}

typedef struct login {
    const char *server;
    const char *ca;
    const char *cert;
    const char *key;
    const char *token;
} login;

static int read_login(const cJSON *tree, login *out_login, vcluster_error **error)
{
    const char *current = vcl_json_find_string(tree, "current-context", NULL);
    const cJSON *context = entry(tree, "contexts", current, "context");
    const cJSON *cluster =
        entry(tree, "clusters", vcl_json_find_string(context, "cluster", NULL), "cluster");
    const cJSON *user = entry(tree, "users", vcl_json_find_string(context, "user", NULL), "user");
    const login found = {
        .server = vcl_json_find_string(cluster, "server", NULL),
        .ca = vcl_json_find_string(cluster, "certificate-authority-data", NULL),
        .cert = vcl_json_find_string(user, "client-certificate-data", NULL),
        .key = vcl_json_find_string(user, "client-key-data", NULL),
        .token = vcl_json_find_string(user, "token", NULL),
    };

    if (!found.server)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the kubeconfig of the spec has no cluster for its current-context");
    if (vcl_json_find_bool(cluster, false, "insecure-skip-tls-verify", NULL) || !found.ca)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the kubeconfig of the spec has no certificate-authority-data: Argo CD "
                        "would verify nothing");
    if (!found.token && !(found.cert && found.key))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the kubeconfig of the spec holds neither a token nor a certificate with "
                        "its key: Argo CD runs no exec plugins of others");
    *out_login = found;
    return VCLUSTER_OK;
}

static bool is_local(const char *server)
{
    return vcl_starts_with(server, "https://localhost") ||
           vcl_starts_with(server, "https://127.") || vcl_starts_with(server, "https://[::1]");
}

/* The member `config` of the Secret; NULL when memory is short. */
static char *config_text(const login *found)
{
    AUTO_SECRET_JSON *config = cJSON_CreateObject();
    cJSON *tls = config ? vcl_json_object(config, "tlsClientConfig") : NULL;
    bool good = tls && vcl_json_set_string(tls, "caData", found->ca);

    if (is_local(found->server))
        good = good && vcl_json_set_string(tls, "serverName", "kubernetes.default.svc");
    if (found->token)
        good = good && vcl_json_set_string(config, "bearerToken", found->token);
    else
        good = good && vcl_json_set_string(tls, "certData", found->cert) &&
               vcl_json_set_string(tls, "keyData", found->key);
    return good ? vcl_json_print_go(config) : NULL;
}

int vcl_gitops_cluster(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    static const char skeleton[] = "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {}}";
    AUTO_SECRET_JSON *tree = NULL;
    login found = { 0 };

    int status = vcl_yaml_parse(spec->kubeconfig, strlen(spec->kubeconfig), &tree, error);
    if (status == 0)
        status = read_login(tree, &found, error);
    if (status < 0)
        return status;
    vcl_auto_free char *name = vcl_format("vcluster-%s", spec->name);
    vcl_auto_free char *service = vcl_format("https://%s.%s.svc", spec->name, spec->namespace_name);
    AUTO_SECRET *config = config_text(&found);
    if (!name || !service || !config)
        return vcl_no_memory(error);
    const vcl_gitops_pair pairs[] = {
        { "metadata.name", name },
        { "metadata.namespace", spec->argocd_namespace },
        { "metadata.labels.argocd\\.argoproj\\.io/secret-type", "cluster" },
        { "stringData.name", spec->name },
        { "stringData.server", is_local(found.server) ? service : found.server },
        { "stringData.config", config },
    };
    return vcl_gitops_put_object(spec, "cluster-secret.yaml", skeleton, pairs, VCL_COUNT(pairs),
                                 files, error);
}
