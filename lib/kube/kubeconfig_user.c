/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials of a kubeconfig user. What cannot be done (auth providers) is refused by name, never
 * skipped.
 */
#include "kube/kubeconfig_user.h"

#include "base/str.h"
#include "kube/certificate_files.h"
#include "kube/exec_plugin.h"

enum { MAX_TOKEN_FILE = 64 << 10 };

/* A certificate that stands in a file, as its key does, is one that somebody renews. */
static int
follow_files(const vcl_config_entry *user, vcl_endpoint *endpoint, vcluster_error **error)
{
    vcl_auto_free char *certificate = NULL;
    vcl_auto_free char *key = NULL;
    int status = vcl_config_path(user, "client-certificate", &certificate, error);

    if (status == VCLUSTER_OK)
        status = vcl_config_path(user, "client-key", &key, error);
    if (status < 0 || !certificate || !key)
        return status;
    return vcl_certificate_files_new(certificate, key, &endpoint->login, error);
}

static int
read_certificate(const vcl_config_entry *user, vcl_endpoint *endpoint, vcluster_error **error)
{
    int status = vcl_config_data(user, "client-certificate", &endpoint->client_cert_pem, error);

    if (status == VCLUSTER_OK)
        status = vcl_config_data(user, "client-key", &endpoint->client_key_pem, error);
    if (status < 0)
        return status;
    if (endpoint->client_cert_pem && !endpoint->client_key_pem)
        return vcl_config_fail(user, "client-certificate", error, "has no client-key with it");
    if (!endpoint->client_cert_pem && endpoint->client_key_pem)
        return vcl_config_fail(user, "client-key", error, "has no client-certificate with it");
    return endpoint->client_cert_pem ? follow_files(user, endpoint, error) : VCLUSTER_OK;
}

/* A token file that cannot be read is told now, not with the first request. */
static int
check_token_file(const vcl_config_entry *user, const vcl_endpoint *endpoint, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    int number = vcl_read_file(endpoint->token_file, MAX_TOKEN_FILE, &text, &size);

    vcl_free_secret(text);
    if (number)
        return vcl_config_fail(user, "tokenFile", error, "names '%s', which cannot be read: %s",
                               endpoint->token_file, vcl_read_file_reason(number));
    if (size == 0)
        return vcl_config_fail(user, "tokenFile", error, "names '%s', which is empty",
                               endpoint->token_file);
    return VCLUSTER_OK;
}

static int
copy_secret(const vcl_config_entry *user, const char *field, char **slot, vcluster_error **error)
{
    const char *text = NULL;
    int status = vcl_config_string(user, field, &text, error);

    if (status < 0)
        return status;
    return vcl_str_replace(slot, text) ? VCLUSTER_OK : vcl_no_memory(error);
}

static int read_token(const vcl_config_entry *user, vcl_endpoint *endpoint, vcluster_error **error)
{
    int status = copy_secret(user, "token", &endpoint->bearer_token, error);

    if (status == VCLUSTER_OK)
        status = vcl_config_path(user, "tokenFile", &endpoint->token_file, error);
    if (status == VCLUSTER_OK && endpoint->token_file && !endpoint->bearer_token)
        status = check_token_file(user, endpoint, error);
    if (status == VCLUSTER_OK)
        status = copy_secret(user, "username", &endpoint->username, error);
    if (status == VCLUSTER_OK)
        status = copy_secret(user, "password", &endpoint->password, error);
    if (status < 0)
        return status;
    if ((endpoint->bearer_token || endpoint->token_file) &&
        (endpoint->username || endpoint->password))
        return vcl_config_fail(user, "username", error,
                               "stands beside a token: keep one way to log in");
    return VCLUSTER_OK;
}

static bool has(const vcl_config_entry *user, const char *field)
{
    const cJSON *node = vcl_json_get(user->body, field);

    return node && !cJSON_IsNull(node);
}

static int refuse_provider(const vcl_config_entry *user, vcluster_error **error)
{
    const char *name = vcl_json_find_string(user->body, "auth-provider", "name", NULL);
    bool removed = vcl_streq(name, "gcp") || vcl_streq(name, "azure");
    vcl_auto_free char *place = vcl_format("users[%s].auth-provider", user->name);

    if (!place)
        return vcl_no_memory(error);
    int status =
        vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                 "kubeconfig '%s': %s '%s' %s: use an exec plugin (gke-gcloud-auth-plugin, "
                 "kubelogin), a token or a client certificate",
                 vcl_config_file_name(user->file), place, vcl_str(name),
                 removed ? "was removed from all clients" : "is not supported");
    vcl_error_set_field(error, place);
    return status;
}

/* exec and auth-provider count only where nothing else logs in. */
static int read_provider(const vcl_config_entry *user,
                         const vcl_config_entry *cluster,
                         const vcl_kubeconfig_source *source,
                         vcl_endpoint *endpoint,
                         vcluster_error **error)
{
    bool has_own = endpoint->client_cert_pem || endpoint->bearer_token || endpoint->token_file ||
                   endpoint->username || endpoint->password;
    vcl_exec_plugin *plugin = NULL;

    if (has(user, "exec") && has(user, "auth-provider"))
        return vcl_config_fail(user, "auth-provider", error,
                               "stands beside exec: keep one way to log in");
    if (has_own)
        return VCLUSTER_OK;
    if (has(user, "auth-provider"))
        return refuse_provider(user, error);
    if (!has(user, "exec"))
        return VCLUSTER_OK;
    if (!cJSON_IsObject(vcl_json_get(user->body, "exec")))
        return vcl_config_fail(user, "exec", error, "is not a map");

    int status = vcl_exec_plugin_new(user, cluster, source, endpoint, &plugin, error);
    if (status == VCLUSTER_OK)
        endpoint->login = &plugin->source;
    return status;
}

/* Over plain HTTP nothing may travel that others could use. */
static void drop_credentials(vcl_endpoint *endpoint)
{
    char **const secrets[] = { &endpoint->client_cert_pem, &endpoint->client_key_pem,
                               &endpoint->bearer_token,    &endpoint->token_file,
                               &endpoint->username,        &endpoint->password };

    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        vcl_free_secret(*secrets[i]);
        *secrets[i] = NULL;
    }
    vcl_login_source_unref(endpoint->login);
    endpoint->login = NULL;
}

int vcl_kubeconfig_read_user(const vcl_config_entry *user,
                             const vcl_config_entry *cluster,
                             const vcl_kubeconfig_source *source,
                             vcl_endpoint *endpoint,
                             vcluster_error **error)
{
    int status = read_certificate(user, endpoint, error);

    if (status == VCLUSTER_OK)
        status = read_token(user, endpoint, error);
    if (status == VCLUSTER_OK)
        status = read_provider(user, cluster, source, endpoint, error);
    if (status == VCLUSTER_OK)
        status = vcl_kubeconfig_impersonate(user, source, endpoint, error);
    if (status == VCLUSTER_OK && !vcl_starts_with(endpoint->server, "https://"))
        drop_credentials(endpoint);
    return status;
}
