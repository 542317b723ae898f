/* SPDX-License-Identifier: Apache-2.0 */
/* Request and answer of a credential plugin; see exec_credential.h. */
#include "kube/exec_credential.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "data/encoding.h"
#include "data/yaml.h"
#include "kube/certificate.h"
#include "net/server.h"

/* ---- What it is told ---- */

static bool set_flag(cJSON *object, const char *name, bool value)
{
    return !value || vcl_json_set(object, name, cJSON_CreateTrue());
}

static bool set_text(cJSON *object, const char *name, const char *text)
{
    return vcl_str_empty(text) || vcl_json_set_string(object, name, text);
}

static bool set_authority(cJSON *cluster, const char *ca_pem)
{
    if (vcl_str_empty(ca_pem))
        return true;
    vcl_auto_free char *base64 = vcl_base64_encode(ca_pem, strlen(ca_pem));
    return base64 && vcl_json_set_string(cluster, "certificate-authority-data", base64);
}

static bool
set_cluster(cJSON *spec, const vcl_endpoint *endpoint, const char *server, const cJSON *config)
{
    cJSON *cluster = vcl_json_object(spec, "cluster");

    return cluster && vcl_json_set_string(cluster, "server", server) &&
           set_text(cluster, "tls-server-name", endpoint->tls_server_name) &&
           set_flag(cluster, "insecure-skip-tls-verify", endpoint->insecure) &&
           set_authority(cluster, endpoint->ca_pem) &&
           set_text(cluster, "proxy-url", endpoint->proxy_url) &&
           set_flag(cluster, "disable-compression", endpoint->no_compression) &&
           vcl_json_set(cluster, "config", config ? vcl_json_copy(config) : cJSON_CreateNull());
}

char *vcl_exec_info_print(const char *api_version,
                          const vcl_endpoint *endpoint,
                          const char *server,
                          const cJSON *config)
{
    cJSON *info = cJSON_CreateObject();
    char *text = NULL;

    if (vcl_json_set_string(info, "kind", "ExecCredential") &&
        vcl_json_set_string(info, "apiVersion", api_version)) {
        cJSON *spec = vcl_json_object(info, "spec");

        if (spec && (!endpoint || set_cluster(spec, endpoint, server, config)) &&
            vcl_json_set(spec, "interactive", cJSON_CreateFalse()))
            text = vcl_json_print(info);
    }
    vcl_json_free_secret(info);
    return text;
}

/* ---- What it answers ---- */

static int refuse(vcluster_error **error, const char *what)
{
    return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "its answer %s", what);
}

static int check_kind(const cJSON *answer, const char *api_version, vcluster_error **error)
{
    const char *version = vcl_json_find_string(answer, "apiVersion", NULL);

    if (!vcl_streq(vcl_json_find_string(answer, "kind", NULL), "ExecCredential"))
        return refuse(error, "is no ExecCredential: does the program print something else, too?");
    if (vcl_streq(version, api_version))
        return VCLUSTER_OK;
    /* A version, not any text: what it printed could be a secret in the wrong place. */
    bool known = vcl_streq(version, VCL_EXEC_V1) || vcl_streq(version, VCL_EXEC_V1BETA1);
    return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                    "its answer has apiVersion '%s' where '%s' was asked for",
                    known ? version : "(another one)", api_version);
}

/* A string member of the status, copied; NULL for none. */
static int take_text(const cJSON *status, const char *name, char **out_text, vcluster_error **error)
{
    const cJSON *node = vcl_json_get(status, name);

    if (!node || cJSON_IsNull(node) || vcl_streq(cJSON_GetStringValue(node), ""))
        return VCLUSTER_OK;
    if (!cJSON_IsString(node))
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                        "its answer has a status.%s that is not a string", name);
    *out_text = vcl_strdup(node->valuestring);
    return *out_text ? VCLUSTER_OK : vcl_no_memory(error);
}

static int take_expiry(const cJSON *status, vcl_login *login, vcluster_error **error)
{
    const cJSON *node = vcl_json_get(status, "expirationTimestamp");

    login->expires_at = INT64_MAX;
    if (!node || cJSON_IsNull(node))
        return VCLUSTER_OK;
    if (!cJSON_IsString(node) || !vcl_parse_rfc3339(node->valuestring, &login->expires_at))
        return refuse(error, "has a status.expirationTimestamp that is no time");
    return VCLUSTER_OK;
}

static int check_login(const vcl_login *login, vcluster_error **error)
{
    int64_t not_after;

    if (!login->token && !login->client_cert_pem && !login->client_key_pem)
        return refuse(error, "has neither a token nor a client certificate");
    if (!login->client_cert_pem != !login->client_key_pem)
        return refuse(error,
                      "has one of clientCertificateData and clientKeyData without the other");
    if (login->token && !vcl_is_header_token(login->token))
        return refuse(error, "has a token with white space or control characters");
    if (!login->client_cert_pem)
        return VCLUSTER_OK;
    switch (vcl_certificate_key(login->client_cert_pem, login->client_key_pem, &not_after)) {
    case VCL_CERTIFICATE_UNREADABLE:
        return refuse(error, "has no certificate in PEM form in clientCertificateData");
    case VCL_KEY_UNREADABLE:
        return refuse(error, "has no private key in PEM form in clientKeyData");
    case VCL_KEY_OTHER:
        return refuse(error, "has a clientKeyData that does not belong to clientCertificateData");
    default:
        return VCLUSTER_OK;
    }
}

static int
read_answer(const cJSON *answer, const char *api_version, vcl_login *login, vcluster_error **error)
{
    const cJSON *body = vcl_json_get(answer, "status");
    int status = check_kind(answer, api_version, error);

    if (status < 0)
        return status;
    if (!cJSON_IsObject(body))
        return refuse(error, "has no status");
    status = take_text(body, "token", &login->token, error);
    if (status == VCLUSTER_OK)
        status = take_text(body, "clientCertificateData", &login->client_cert_pem, error);
    if (status == VCLUSTER_OK)
        status = take_text(body, "clientKeyData", &login->client_key_pem, error);
    if (status == VCLUSTER_OK)
        status = take_expiry(body, login, error);
    return status == VCLUSTER_OK ? check_login(login, error) : status;
}

int vcl_exec_credential_parse(const char *text,
                              size_t size,
                              const char *api_version,
                              vcl_login *login,
                              vcluster_error **error)
{
    cJSON *answer = NULL;
    vcl_login read = { 0 };

    /* JSON is YAML, and client-go takes YAML here. Its own error could repeat a part of the text.
     */
    int status = vcl_yaml_parse(text, size, &answer, NULL);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0)
        return refuse(error, "is not JSON: does the program print something else, too?");
    status = read_answer(answer, api_version, &read, error);
    vcl_json_free_secret(answer);
    if (status < 0)
        vcl_login_done(&read);
    else
        *login = read;
    return status;
}
