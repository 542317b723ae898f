/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates: told from Secret NAME-certs, which both distributions have. New ones of the
 * embedded distribution: what the authorities can make again is taken out of the Secret, and the
 * first container of a new pod makes it. Upstream's are made by its own program. The Secret is
 * changed in one write, so that a killed call leaves either nothing to do or what the next start
 * does.
 */
#include "vcluster/state/certs.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "data/encoding.h"
#include "data/x509.h"
#include "kube/kubeconfig.h"
#include "release/apply.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/names.h"
#include "vcluster/state/snapshot.h"
#include "vcluster/state/syncer_run.h"

enum { EXPIRING_SECONDS = 90 * 24 * 3600, LOOK_MS = 100 };

/* ---- Telling ---- */

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm parts = { 0 };

    return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

static bool set_time(cJSON *entry, const char *key, const ASN1_TIME *time)
{
    char text[VCL_RFC3339_SIZE];

    vcl_rfc3339(seconds_of(time), -1, text);
    return vcl_json_set_string(entry, key, text);
}

/* "CN=kubernetes-super-admin,O=system:masters" */
static bool set_name(cJSON *entry, const char *key, const X509_NAME *name)
{
    VCL_AUTO_PTR(BIO) bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;

    if (!bio || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0)
        return false;
    long size = BIO_get_mem_data(bio, &bytes);
    vcl_auto_free char *text = vcl_strndup(bytes, size > 0 ? (size_t)size : 0);
    if (text)
        vcl_sanitize(text);
    return text && vcl_json_set_string(entry, key, text);
}

static bool fill(cJSON *entry, const char *name, X509 *certificate, int64_t now)
{
    int64_t left = seconds_of(X509_get0_notAfter(certificate)) - now;

    return vcl_json_set_string(entry, "name", name) &&
           set_name(entry, "subject", X509_get_subject_name(certificate)) &&
           set_name(entry, "issuer", X509_get_issuer_name(certificate)) &&
           set_time(entry, "notBefore", X509_get0_notBefore(certificate)) &&
           set_time(entry, "notAfter", X509_get0_notAfter(certificate)) &&
           vcl_json_set_int(entry, "secondsLeft", left) &&
           vcl_json_set(entry, "authority", cJSON_CreateBool(X509_check_ca(certificate) > 0)) &&
           vcl_json_set_string(entry, "status",
                               left <= 0                  ? "expired"
                               : left <= EXPIRING_SECONDS ? "expiring"
                                                          : "valid");
}

static bool has_certificate(const char *name)
{
    return vcl_ends_with(name, ".crt") || vcl_ends_with(name, ".conf");
}

/* PEM as it is, or out of a kubeconfig. */
static int pem_of(const char *name, const char *encoded, char **out_pem, vcluster_error **error)
{
    vcl_kubeconfig_context context = { 0 };
    char *text = NULL;
    size_t size = 0;

    int status = vcl_base64_decode(vcl_str(encoded), &text, &size, error);
    if (status < 0)
        return status;
    if (vcl_ends_with(name, ".crt")) {
        *out_pem = text;
        return VCLUSTER_OK;
    }
    vcl_kubeconfig_source source = { .text = text };
    status = vcl_kubeconfig_resolve(&source, &context, error);
    vcl_free_secret(text);
    if (status < 0)
        return status;
    if (!context.endpoint.client_cert_pem)
        status = vcl_fail(error, VCLUSTER_E_PROTOCOL, "it holds no certificate");
    else
        *out_pem = vcl_steal(&context.endpoint.client_cert_pem);
    vcl_kubeconfig_context_done(&context);
    return status;
}

static int
add(cJSON *list, const char *name, const char *encoded, int64_t now, vcluster_error **error)
{
    vcl_auto_free char *pem = NULL;
    VCL_AUTO_PEM block = { 0 };
    cJSON *entry = cJSON_CreateObject();

    if (!vcl_json_append(list, entry))
        return vcl_no_memory(error);
    int status = pem_of(name, encoded, &pem, error);
    if (status < 0)
        return status;
    VCL_AUTO_PTR(X509)
    certificate = vcl_pem_read(pem, strlen(pem), &block) ? vcl_pem_to_certificate(&block) : NULL;
    if (!certificate)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "it is no certificate");
    return fill(entry, name, certificate, now) ? VCLUSTER_OK : vcl_no_memory(error);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* Members of an object that hold certificates, sorted. */
static int
sorted(const cJSON *data, const cJSON ***out_items, size_t *out_count, vcluster_error **error)
{
    const cJSON *item;
    size_t count = 0;
    const cJSON **items = calloc((size_t)cJSON_GetArraySize(data) + 1, sizeof(*items));

    if (!items)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (item, data) {
        if (has_certificate(item->string))
            items[count++] = item;
    }
    qsort(items, count, sizeof(*items), by_name);
    *out_items = items;
    *out_count = count;
    return VCLUSTER_OK;
}

int vcl_certs_describe(const cJSON *data, int64_t now, cJSON **out_list, vcluster_error **error)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    vcl_auto_free const cJSON **items = NULL;
    size_t count = 0;

    int status = list ? sorted(data, &items, &count, error) : vcl_no_memory(error);
    for (size_t i = 0; status == VCLUSTER_OK && i < count; i++) {
        status = add(list, items[i]->string, cJSON_GetStringValue(items[i]), now, error);
        if (status < 0)
            return vcl_wrap(error, status, "read '%s'", items[i]->string);
    }
    if (status < 0)
        return status;
    if (count == 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "there are no certificates in the Secret");
    *out_list = vcl_steal(&list);
    return VCLUSTER_OK;
}

/* ---- The Secret ---- */

static int read_secret(const vcl_certs_request *request,
                       vcl_call *call,
                       const vcluster_instance *instance,
                       cJSON **out_secret,
                       vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format(VCL_CERTS_SECRET, instance->name);
    vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    VCL_AUTO_ERROR *why = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = vcl_kube_get(request->client->kube, call, &key, out_secret, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "its certificates are not made yet: there is no Secret '%s'", name);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_certs_read(const vcl_certs_request *request,
                   vcl_call *call,
                   char **out_json,
                   vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    VCL_AUTO_JSON *list = NULL;
    cJSON *secret = NULL;

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status == VCLUSTER_OK)
        status = read_secret(request, call, instance, &secret, error);
    if (status == VCLUSTER_OK)
        status = vcl_certs_describe(vcl_json_get(secret, "data"), vcl_wall_seconds(), &list, error);
    vcl_json_free_secret(secret);
    if (status < 0)
        return status;
    char *json = vcl_json_print(list);
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return VCLUSTER_OK;
}

/* ---- New ones ---- */

size_t vcl_certs_drop_leaves(cJSON *data)
{
    static const char *const leaves[] = { "apiserver.crt",
                                          "apiserver.key",
                                          "apiserver-kubelet-client.crt",
                                          "apiserver-kubelet-client.key",
                                          "front-proxy-client.crt",
                                          "front-proxy-client.key",
                                          "apiserver-etcd-client.crt",
                                          "apiserver-etcd-client.key",
                                          "etcd-server.crt",
                                          "etcd-server.key",
                                          "etcd-peer.crt",
                                          "etcd-peer.key",
                                          "etcd-healthcheck-client.crt",
                                          "etcd-healthcheck-client.key",
                                          "admin.conf",
                                          "controller-manager.conf",
                                          "scheduler.conf" };
    size_t dropped = 0;

    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        dropped += vcl_json_get(data, leaves[i]) != NULL;
        vcl_json_remove(data, leaves[i]);
    }
    return dropped;
}

static int drop(const vcl_certs_request *request,
                vcl_call *call,
                const vcluster_instance *instance,
                vcluster_error **error)
{
    cJSON *secret = NULL;
    cJSON *stored = NULL;

    int status = read_secret(request, call, instance, &secret, error);
    if (status == VCLUSTER_OK && vcl_certs_drop_leaves(vcl_json_get(secret, "data")) > 0)
        status =
            vcl_kube_replace(request->client->kube, call, secret, VCL_MANAGER_OWN, &stored, error);
    vcl_json_free_secret(secret);
    vcl_json_free_secret(stored);
    return status;
}

/* Delete a pod, which its controller replaces; one that is gone already is fine. */
static int
restart(vcl_kube *kube, vcl_call *call, const char *space, const cJSON *pod, vcluster_error **error)
{
    const char *uid = vcl_json_find_string(pod, "metadata", "uid", NULL);
    vcl_object_key key = { "v1", "Pod", space,
                           vcl_json_find_string(pod, "metadata", "name", NULL) };
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true, .uid = uid };
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_delete(kube, call, &key, &options, &why);
    if (status == VCLUSTER_OK)
        status = vcl_kube_wait_gone(kube, call, &key, uid, &why);
    /* CONFLICT: another one has its name by now. */
    return status < 0 && status != VCLUSTER_E_NOT_FOUND && status != VCLUSTER_E_CONFLICT
               ? vcl_error_pass(error, &why, status)
               : VCLUSTER_OK;
}

/* Each pod of NAME that has this label. */
static int restart_those(const vcl_certs_request *request,
                         vcl_call *call,
                         const vcluster_instance *instance,
                         const char *app,
                         vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("app=%s,release=%s", app, instance->name);
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = instance->namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };
    VCL_AUTO_JSON *list = NULL;
    const cJSON *pod;

    int status = selector ? vcl_kube_list(request->client->kube, call, &query, &list, error)
                          : vcl_no_memory(error);
    cJSON_ArrayForEach (pod, vcl_json_get(list, "items")) {
        if (status == VCLUSTER_OK)
            status = restart(request->client->kube, call, instance->namespace_name, pod, error);
    }
    return status;
}

static int restart_all(const vcl_certs_request *request,
                       vcl_call *call,
                       const vcluster_instance *instance,
                       vcluster_error **error)
{
    int status = vcl_call_report(call, error, VCLUSTER_STEP_POD, instance->name,
                                 "the control plane restarts with new certificates");
    if (status == VCLUSTER_OK)
        status = restart_those(request, call, instance, "vcluster", error);
    /* etcd after what makes its certificates. */
    return status < 0 ? status : restart_those(request, call, instance, "vcluster-etcd", error);
}

/* Upstream's own program makes them, in the files of the control plane and in the Secret, which is
 * what the next start goes by. */
static int renew_upstream(const vcl_certs_request *request,
                          vcl_call *call,
                          const vcluster_instance *instance,
                          vcluster_error **error)
{
    static const char *const words[] = { "/vcluster", "certs", "rotate" };
    static const vcl_syncer_command command = { .command = words,
                                                .command_size = 3,
                                                .what = "/vcluster certs" };

    int status = vcl_call_report(call, error, VCLUSTER_STEP_POD, instance->name,
                                 "the control plane makes new certificates");
    if (status == VCLUSTER_OK)
        status = vcl_syncer_run(request->client->kube, call, instance, &command, error);
    return status;
}

/* Whether the published kubeconfig has the administrator's new certificate. */
static int is_published(const vcl_certs_request *request,
                        vcl_call *call,
                        const vcluster_instance *instance,
                        vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format("vc-%s", instance->name);
    vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    VCL_AUTO_ERROR *why = NULL;
    vcl_auto_free char *wanted = NULL;
    vcl_auto_free char *got = NULL;
    cJSON *certs = NULL;
    cJSON *published = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = read_secret(request, call, instance, &certs, error);
    if (status == VCLUSTER_OK)
        status = vcl_kube_get(request->client->kube, call, &key, &published, &why);
    const char *admin = vcl_json_find_string(certs, "data", "admin.conf", NULL);
    const char *client = vcl_json_find_string(published, "data", "client-certificate", NULL);
    /* exportKubeConfig.serviceAccount: a token, which certificates do not touch. */
    if (status == VCLUSTER_OK && vcl_str_empty(client) &&
        !vcl_str_empty(vcl_json_find_string(published, "data", "token", NULL)))
        status = 1;
    else if (status == VCLUSTER_OK && admin && client &&
             pem_of("admin.conf", admin, &wanted, NULL) == VCLUSTER_OK &&
             pem_of("client.crt", client, &got, NULL) == VCLUSTER_OK && vcl_streq(wanted, got))
        status = 1;
    vcl_json_free_secret(certs);
    vcl_json_free_secret(published);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 0;
    return status < 0 ? vcl_error_pass(error, &why, status) : status;
}

static int await_published(const vcl_certs_request *request,
                           vcl_call *call,
                           const vcluster_instance *instance,
                           vcluster_error **error)
{
    int status;

    while ((status = is_published(request, call, instance, error)) == 0) {
        status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            return vcl_wrap(error, status, "wait for the new kubeconfig");
    }
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_certs_rotate(const vcl_certs_request *request,
                     vcl_call *call,
                     vcluster_instance **out_instance,
                     vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    vcl_wait_request wait = { .client = request->client, .name = request->name };

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status < 0)
        return status;
    if (instance->paused || instance->replicas == 0)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "it does not run: resume it first");
    wait.namespace_name = instance->namespace_name;

    status = vcl_streq(instance->distribution, "embedded")
                 ? drop(request, call, instance, error)
                 : renew_upstream(request, call, instance, error);
    if (status == VCLUSTER_OK)
        status = restart_all(request, call, instance, error);
    if (status == VCLUSTER_OK)
        status = vcl_wait_ready(&wait, call, error);
    if (status == VCLUSTER_OK)
        status = await_published(request, call, instance, error);
    if (status == VCLUSTER_OK && out_instance)
        status = vcl_instance_find(request->client, call, instance->name, instance->namespace_name,
                                   out_instance, error);
    return status;
}
