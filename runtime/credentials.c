/* SPDX-License-Identifier: Apache-2.0 */
/* Kubeconfig text of the control plane's own clients; see credentials.h. */
#include "credentials.h"

#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "data/json.h"
#include "data/yaml.h"

void rt_credentials_done(rt_credentials *credentials)
{
    free(credentials->authority);
    rt_pair_done(&credentials->client);
    *credentials = (rt_credentials){ 0 };
}

static bool set_base64(cJSON *object, const char *key, const char *text)
{
    char *encoded = text ? vcl_base64_encode(text, strlen(text)) : NULL;
    bool done = encoded && vcl_json_set_string(object, key, encoded);

    vcl_free_secret(encoded);
    return done;
}

/* Append {name: NAME, KIND: {}} to a list of the kubeconfig; returns the inner object. */
static cJSON *add_named(cJSON *config, const char *list, const char *kind, const char *name)
{
    cJSON *item = cJSON_CreateObject();
    cJSON *array = cJSON_CreateArray();

    if (!vcl_json_set(config, list, array)) {
        cJSON_Delete(item);
        return NULL;
    }
    if (!vcl_json_append(array, item))
        return NULL;
    cJSON *inner = vcl_json_object(item, kind);
    return inner && vcl_json_set_string(item, "name", name) ? inner : NULL;
}

static bool fill(cJSON *config,
                 const rt_credentials *credentials,
                 const char *const names[3],
                 const char *server)
{
    cJSON *cluster = add_named(config, "clusters", "cluster", names[0]);
    cJSON *user = add_named(config, "users", "user", names[1]);
    cJSON *context = add_named(config, "contexts", "context", names[2]);

    return cluster && user && context &&
           set_base64(cluster, "certificate-authority-data", credentials->authority) &&
           vcl_json_set_string(cluster, "server", server) &&
           set_base64(user, "client-certificate-data", credentials->client.certificate) &&
           set_base64(user, "client-key-data", credentials->client.key) &&
           vcl_json_set_string(context, "cluster", names[0]) &&
           vcl_json_set_string(context, "user", names[1]) &&
           vcl_json_set_string(config, "apiVersion", "v1") &&
           vcl_json_set_string(config, "kind", "Config") &&
           vcl_json_set_string(config, "current-context", names[2]) &&
           vcl_json_object(config, "preferences");
}

int rt_kubeconfig_write(const rt_credentials *credentials,
                        const rt_kubeconfig_names *names,
                        const char *server,
                        char **out_text,
                        vcluster_error **error)
{
    vcl_auto_free char *context = vcl_format("%s@kubernetes", vcl_str(names->user));
    const char *const used[3] = { names->all ? names->all : "kubernetes",
                                  names->all ? names->all : names->user,
                                  names->all ? names->all : context };
    cJSON *config = cJSON_CreateObject();

    int status = config && context && fill(config, credentials, used, server)
                     ? vcl_yaml_print(config, out_text, error)
                     : vcl_no_memory(error);
    vcl_json_free_secret(config);
    return status;
}

static int decode_member(const cJSON *object, const char *key, char **slot, vcluster_error **error)
{
    const char *encoded = vcl_json_find_string(object, key, NULL);
    size_t size = 0;

    if (vcl_str_empty(encoded))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "%s is missing", key);
    return vcl_base64_decode(encoded, slot, &size, error);
}

int rt_kubeconfig_read(const char *text, rt_credentials *out_credentials, vcluster_error **error)
{
    RT_AUTO_CREDENTIALS credentials = { 0 };
    cJSON *config = NULL;

    int status = vcl_yaml_parse(text, strlen(text), &config, error);
    if (status < 0)
        return status;
    const cJSON *cluster =
        vcl_json_get(cJSON_GetArrayItem(vcl_json_get(config, "clusters"), 0), "cluster");
    const cJSON *user = vcl_json_get(cJSON_GetArrayItem(vcl_json_get(config, "users"), 0), "user");
    status = decode_member(cluster, "certificate-authority-data", &credentials.authority, error);
    if (status == VCLUSTER_OK)
        status =
            decode_member(user, "client-certificate-data", &credentials.client.certificate, error);
    if (status == VCLUSTER_OK)
        status = decode_member(user, "client-key-data", &credentials.client.key, error);
    vcl_json_free_secret(config);
    if (status < 0)
        return status;
    *out_credentials = credentials;
    credentials = (rt_credentials){ 0 };
    return VCLUSTER_OK;
}
