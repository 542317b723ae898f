/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a kubeconfig with one context, everything inline. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"
#include "data/yaml.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_mark.h"

/* FIELD-data: text in base64; nothing for no text. */
static bool set_data(cJSON *object, const char *field, const char *text)
{
    if (vcl_str_empty(text))
        return true;
    char *base64 = vcl_base64_encode(text, strlen(text));
    bool ok = base64 && vcl_json_set_string(object, field, base64);
    vcl_free_secret(base64);
    return ok;
}

static bool set_text(cJSON *object, const char *field, const char *text)
{
    return vcl_str_empty(text) || vcl_json_set_string(object, field, text);
}

/* Append {name, BODY} to a new list of the config; returns the body, NULL when memory is short. */
static cJSON *add_entry(cJSON *config, const char *list, const char *body, const char *name)
{
    cJSON *array = cJSON_CreateArray();
    cJSON *entry = cJSON_CreateObject();

    if (!vcl_json_set(config, list, array)) {
        cJSON_Delete(entry);
        return NULL;
    }
    if (!vcl_json_append(array, entry))
        return NULL;
    cJSON *object = vcl_json_object(entry, body);
    return object && vcl_json_set_string(entry, "name", name) ? object : NULL;
}

static bool add_cluster(cJSON *config, const vcl_kubeconfig_entry *entry)
{
    cJSON *cluster = add_entry(config, "clusters", "cluster", entry->name);

    if (!cluster)
        return false;
    bool trust = entry->insecure
                     ? vcl_json_set(cluster, "insecure-skip-tls-verify", cJSON_CreateTrue())
                     : set_data(cluster, "certificate-authority-data", entry->ca_pem);
    return trust && set_text(cluster, "server", entry->server) &&
           set_text(cluster, "tls-server-name", entry->tls_server_name);
}

/* What vcl_kubeconfig_disconnect() knows the virtual cluster by. */
static bool add_mark(cJSON *context, const vcl_kubeconfig_entry *entry)
{
    if (vcl_str_empty(entry->instance_name))
        return true;
    cJSON *mark = cJSON_CreateObject();
    if (!set_text(mark, VCL_MARK_HOST, entry->host_context) ||
        !set_text(mark, VCL_MARK_NAME, entry->instance_name) ||
        !set_text(mark, VCL_MARK_NAMESPACE, entry->instance_namespace)) {
        cJSON_Delete(mark);
        return false;
    }
    return vcl_mark_set(context, mark);
}

static bool add_context(cJSON *config, const vcl_kubeconfig_entry *entry)
{
    cJSON *context = add_entry(config, "contexts", "context", entry->name);

    return context && add_mark(context, entry) && set_text(context, "cluster", entry->name) &&
           set_text(context, "namespace", entry->namespace_name) &&
           set_text(context, "user", entry->name);
}

static bool add_arguments(cJSON *program, const char *const *arguments)
{
    cJSON *list = cJSON_CreateArray();

    if (!vcl_json_set(program, "args", list))
        return false;
    for (; *arguments; arguments++) {
        if (!vcl_json_append(list, cJSON_CreateString(*arguments)))
            return false;
    }
    return true;
}

static bool add_environment(cJSON *program, const char *name, const char *value)
{
    cJSON *list = cJSON_CreateArray();
    cJSON *variable = cJSON_CreateObject();

    if (!vcl_json_set(program, "env", list)) {
        cJSON_Delete(variable);
        return false;
    }
    return vcl_json_append(list, variable) && vcl_json_set_string(variable, "name", name) &&
           vcl_json_set_string(variable, "value", value);
}

static bool add_program(cJSON *user, const vcl_kubeconfig_exec *exec)
{
    cJSON *program = vcl_json_object(user, "exec");

    return program &&
           vcl_json_set_string(program, "apiVersion", "client.authentication.k8s.io/v1") &&
           add_arguments(program, exec->arguments) &&
           vcl_json_set_string(program, "command", exec->command) &&
           add_environment(program, "KUBECONFIG", exec->kubeconfig) &&
           vcl_json_set_string(program, "installHint", exec->install_hint) &&
           vcl_json_set_string(program, "interactiveMode", "Never") &&
           vcl_json_set(program, "provideClusterInfo", cJSON_CreateFalse());
}

static bool add_user(cJSON *config, const vcl_kubeconfig_entry *entry)
{
    cJSON *user = add_entry(config, "users", "user", entry->name);

    if (entry->exec)
        return user && add_program(user, entry->exec);
    return user && set_data(user, "client-certificate-data", entry->client_cert_pem) &&
           set_data(user, "client-key-data", entry->client_key_pem) &&
           set_text(user, "token", entry->token);
}

static cJSON *build(const vcl_kubeconfig_entry *entry)
{
    cJSON *config = cJSON_CreateObject();

    if (vcl_json_set_string(config, "apiVersion", "v1") && add_cluster(config, entry) &&
        add_context(config, entry) && vcl_json_set_string(config, "current-context", entry->name) &&
        vcl_json_set_string(config, "kind", "Config") && vcl_json_object(config, "preferences") &&
        add_user(config, entry))
        return config;
    vcl_json_free_secret(config);
    return NULL;
}

int vcl_kubeconfig_write(const vcl_kubeconfig_entry *entry, char **out_text, vcluster_error **error)
{
    char *yaml = NULL;

    if (vcl_str_empty(entry->name) || vcl_str_empty(entry->server))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a kubeconfig needs a name and a server");
    cJSON *config = build(entry);
    if (!config)
        return vcl_no_memory(error);
    int status = vcl_yaml_print(config, &yaml, error);
    vcl_json_free_secret(config);
    if (status < 0)
        return status;

    VCL_AUTO_BUF text = { 0 };
    vcl_buf_init(&text, (size_t)VCL_MAX_DOCUMENT + 1);
    vcl_buf_add(&text, yaml);
    vcl_buf_add_char(&text, '\n');
    vcl_free_secret(yaml);
    if (vcl_buf_failed(&text))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the kubeconfig would be larger than %d bytes",
                        VCL_MAX_DOCUMENT);
    *out_text = vcl_buf_steal(&text);
    return *out_text ? VCLUSTER_OK : vcl_no_memory(error);
}
