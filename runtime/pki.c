/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the control plane, kept on the host; see pki.h. */
#include "pki.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"
#include "names.h"

enum { FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 2000, REQUEST_MS = 10000 };

static char *secret_name(const rt_settings *settings)
{
    return vcl_format("%s-certs", settings->name);
}

/* Make Secret NAME-certs. ALREADY_EXISTS when somebody was faster. */
static int create(vcl_kube *host,
                  vcl_call *call,
                  const rt_settings *settings,
                  const cJSON *service,
                  const char *name,
                  rt_bundle *out_bundle,
                  vcluster_error **error)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    cJSON *data = NULL;
    cJSON *secret = NULL;
    cJSON *stored = NULL;

    int status = rt_bundle_generate(settings, vcl_wall_seconds(), &bundle, error);
    if (status == VCLUSTER_OK)
        status = rt_bundle_to_data(&bundle, &data, error);
    if (status == VCLUSTER_OK)
        status = rt_secret_new(settings, name, service, data, &secret, error);
    if (status == VCLUSTER_OK)
        status = vcl_kube_create(host, call, secret, settings->namespace_name, RT_FIELD_MANAGER,
                                 &stored, error);
    vcl_json_free_secret(stored);
    vcl_json_free_secret(secret);
    if (status < 0)
        return status;
    rt_log("pki: new certificates kept in secret/%s", name);
    *out_bundle = bundle;
    bundle = (rt_bundle){ 0 };
    return VCLUSTER_OK;
}

/* Write a changed bundle back, provided nobody else did meanwhile. */
static int store(
    vcl_kube *host, vcl_call *call, cJSON *secret, const rt_bundle *bundle, vcluster_error **error)
{
    cJSON *data = NULL;
    cJSON *stored = NULL;

    int status = rt_bundle_to_data(bundle, &data, error);
    if (status < 0)
        return status;
    cJSON *kept = vcl_json_object(secret, "data");
    for (cJSON *item = data->child; kept && item; item = item->next) {
        if (!vcl_json_set_string(kept, item->string, item->valuestring))
            kept = NULL;
    }
    vcl_json_free_secret(data);
    if (!kept)
        return vcl_no_memory(error);
    status = vcl_kube_replace(host, call, secret, RT_FIELD_MANAGER, &stored, error);
    vcl_json_free_secret(stored);
    return status;
}

/* Use the Secret that is there, renewing what is about to expire. */
static int reuse(vcl_kube *host,
                 vcl_call *call,
                 const rt_settings *settings,
                 cJSON *secret,
                 rt_bundle *out_bundle,
                 vcluster_error **error)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    bool changed = false;

    int status = rt_bundle_from_data(vcl_json_get(secret, "data"), &bundle, error);
    if (status == VCLUSTER_OK)
        status = rt_bundle_renew(&bundle, settings, vcl_wall_seconds(), &changed, error);
    if (status == VCLUSTER_OK && changed)
        status = store(host, call, secret, &bundle, error);
    if (status < 0)
        return status;
    rt_log("pki: certificates of secret/%s-certs %s", settings->name,
           changed ? "renewed" : "taken as they are");
    *out_bundle = bundle;
    bundle = (rt_bundle){ 0 };
    return VCLUSTER_OK;
}

static int reuse_or_wait(vcl_kube *host,
                         vcl_call *call,
                         const rt_settings *settings,
                         const cJSON *service,
                         cJSON *secret,
                         rt_bundle *out_bundle,
                         vcluster_error **error)
{
    if (rt_secret_is_foreign(secret, service))
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "secret/%s-certs is left over from an earlier virtual cluster and about to "
                        "be removed by the host",
                        settings->name);
    return reuse(host, call, settings, secret, out_bundle, error);
}

int rt_pki_obtain(vcl_kube *host,
                  vcl_call *call,
                  const rt_settings *settings,
                  const cJSON *service,
                  rt_bundle *out_bundle,
                  vcluster_error **error)
{
    VCL_AUTO_ERROR *missing = NULL;
    vcl_auto_free char *name = secret_name(settings);
    cJSON *secret = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = rt_host_secret(host, call, settings, name, &secret, &missing);
    if (status == VCLUSTER_E_NOT_FOUND)
        return create(host, call, settings, service, name, out_bundle, error);
    if (status == VCLUSTER_OK)
        status = reuse_or_wait(host, call, settings, service, secret, out_bundle, error);
    else if (error)
        *error = vcl_steal(&missing);
    vcl_json_free_secret(secret);
    return status < 0 ? vcl_wrap(error, status, "certificates in secret/%s", name) : status;
}

static int attempt(vcl_kube *host,
                   const rt_settings *settings,
                   vcl_call *call,
                   const char *folder,
                   vcluster_error **error)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    VCL_AUTO_JSON *service = NULL;
    VCL_AUTO_JSON *names = NULL;
    vcl_call part;

    vcl_call_init_part(&part, call, REQUEST_MS);
    int status = rt_host_service(host, &part, settings, &service, error);
    if (status == VCLUSTER_OK)
        status = rt_pki_obtain(host, &part, settings, service, &bundle, error);
    if (status == VCLUSTER_OK)
        status = rt_server_names(settings, service, &names, error);
    if (status == VCLUSTER_OK)
        status = rt_bundle_serve(&bundle, names, vcl_wall_seconds(), error);
    return status == VCLUSTER_OK ? rt_bundle_write(&bundle, folder, error) : status;
}

int rt_pki_run(const rt_settings *settings,
               vcl_call *call,
               const char *folder,
               vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_kube) host = NULL;
    int64_t pause_ms = FIRST_PAUSE_MS;

    int status = rt_host_open(&host, error);
    if (status < 0)
        return status;
    for (;;) {
        VCL_AUTO_ERROR *reason = NULL;
        status = attempt(host, settings, call, folder, &reason);
        if (status == VCLUSTER_OK)
            return VCLUSTER_OK;
        /* The last reason says more than "the deadline passed". */
        if (!rt_error_passes(reason) || vcl_call_left_ms(call) <= pause_ms ||
            vcl_call_sleep(call, pause_ms, NULL) < 0) {
            if (error)
                *error = vcl_steal(&reason);
            return status;
        }
        rt_log_error("pki: trying again", reason);
        pause_ms = pause_ms * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause_ms * 2;
    }
}
