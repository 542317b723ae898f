/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing the kubeconfig; see publish.h. */
#include "publish.h"

#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "log.h"

static bool set_base64(cJSON *data, const char *key, const char *text)
{
    char *encoded = vcl_base64_encode(text, strlen(text));
    bool done = encoded && vcl_json_set_string(data, key, encoded);

    vcl_free_secret(encoded);
    return done;
}

static int make_kubeconfig(const rt_settings *settings,
                           const rt_credentials *credentials,
                           char **out_text,
                           vcluster_error **error)
{
    vcl_auto_free char *local = vcl_format("https://localhost:%d", settings->port);
    const char *server = *settings->export_server ? settings->export_server : local;
    rt_kubeconfig_names names = { .user = "kubernetes-super-admin" };

    if (!local)
        return vcl_no_memory(error);
    if (*settings->export_context)
        names.all = settings->export_context;
    return rt_kubeconfig_write(credentials, &names, server, out_text, error);
}

int rt_publish_data(const rt_settings *settings,
                    const rt_credentials *credentials,
                    cJSON **out_data,
                    vcluster_error **error)
{
    char *kubeconfig = NULL;
    int status = make_kubeconfig(settings, credentials, &kubeconfig, error);

    if (status < 0)
        return status;
    cJSON *data = cJSON_CreateObject();
    bool done = data && set_base64(data, "config", kubeconfig) &&
                set_base64(data, "certificate-authority", credentials->authority) &&
                set_base64(data, "client-certificate", credentials->client.certificate) &&
                set_base64(data, "client-key", credentials->client.key) &&
                set_base64(data, "token", "");
    vcl_free_secret(kubeconfig);
    if (!done) {
        vcl_json_free_secret(data);
        return vcl_no_memory(error);
    }
    *out_data = data;
    return VCLUSTER_OK;
}

/* Put the members of `wanted` over those of `present`; others stay. Says whether anything changed;
 * false in *done: memory is short. */
static bool overlay(cJSON *present, const cJSON *wanted, bool *done)
{
    bool changed = false;

    for (const cJSON *item = wanted ? wanted->child : NULL; item; item = item->next) {
        const cJSON *old = vcl_json_get(present, item->string);
        if (old && vcl_json_equal(old, item))
            continue;
        /* The server leaves out an empty value. */
        if (!old && cJSON_IsString(item) && !*item->valuestring)
            continue;
        changed = true;
        *done = *done && vcl_json_set(present, item->string, vcl_json_copy(item));
    }
    return changed;
}

/* Make the Secret that is there what it should be. */
static int
correct(vcl_kube *host, vcl_call *call, cJSON *present, cJSON *wanted, vcluster_error **error)
{
    cJSON *metadata = vcl_json_object(present, "metadata");
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
    cJSON *data = vcl_json_object(present, "data");
    const cJSON *owners = vcl_json_find(wanted, "metadata", "ownerReferences", NULL);
    bool done = labels && data;

    if (!done)
        return vcl_no_memory(error);
    bool changed = overlay(data, vcl_json_get(wanted, "data"), &done);
    changed |= overlay(labels, vcl_json_find(wanted, "metadata", "labels", NULL), &done);
    if (!vcl_json_equal(vcl_json_get(metadata, "ownerReferences"), owners)) {
        changed = true;
        done = done && vcl_json_set(metadata, "ownerReferences", vcl_json_copy(owners));
    }
    if (!done)
        return vcl_no_memory(error);
    if (!changed)
        return VCLUSTER_OK;

    cJSON *stored = NULL;
    int status = vcl_kube_replace(host, call, present, RT_FIELD_MANAGER, &stored, error);
    vcl_json_free_secret(stored);
    if (status == VCLUSTER_OK)
        rt_log("syncer: secret/%s corrected",
               vcl_str(vcl_json_find_string(metadata, "name", NULL)));
    return status;
}

static int create_or_correct(vcl_kube *host,
                             vcl_call *call,
                             const rt_settings *settings,
                             cJSON *wanted,
                             const cJSON *service,
                             bool *out_foreign,
                             vcluster_error **error)
{
    VCL_AUTO_ERROR *reason = NULL;
    const char *name = vcl_json_find_string(wanted, "metadata", "name", NULL);
    cJSON *present = NULL;

    int status = rt_host_secret(host, call, settings, name, &present, &reason);
    if (status == VCLUSTER_E_NOT_FOUND) {
        status = vcl_kube_create(host, call, wanted, settings->namespace_name, RT_FIELD_MANAGER,
                                 &present, error);
        if (status == VCLUSTER_OK)
            rt_log("syncer: kubeconfig published as secret/%s", name);
    } else if (status == VCLUSTER_OK) {
        *out_foreign = rt_secret_is_foreign(present, service);
        status = correct(host, call, present, wanted, error);
    } else if (error) {
        *error = vcl_steal(&reason);
    }
    vcl_json_free_secret(present);
    return status;
}

int rt_publish(vcl_kube *host,
               vcl_call *call,
               const rt_settings *settings,
               const rt_credentials *credentials,
               bool *out_foreign,
               vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format("vc-%s", settings->name);
    VCL_AUTO_JSON *service = NULL;
    cJSON *data = NULL;
    cJSON *wanted = NULL;

    *out_foreign = false;
    int status =
        name ? rt_host_service(host, call, settings, &service, error) : vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = rt_publish_data(settings, credentials, &data, error);
    if (status == VCLUSTER_OK)
        status = rt_secret_new(settings, name, service, data, &wanted, error);
    if (status == VCLUSTER_OK)
        status = create_or_correct(host, call, settings, wanted, service, out_foreign, error);
    vcl_json_free_secret(wanted);
    return status < 0 ? vcl_wrap(error, status, "publish the kubeconfig") : status;
}
