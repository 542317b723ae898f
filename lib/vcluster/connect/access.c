/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of a virtual cluster and the ways to it; see access.h. */
#include "vcluster/connect/access.h"

#include <curl/curl.h>
#include <string.h>

#include "base/parallel.h"
#include "base/str.h"
#include "data/encoding.h"
#include "vcluster/connect/way.h"
#include "vcluster/names.h"

void vcl_access_free(vcl_access *access)
{
    if (!access)
        return;
    vcl_kubeconfig_context_done(&access->context);
    free(access->name);
    free(access->namespace_name);
    free(access->pod);
    free(access);
}

static const char *owner_uid(const cJSON *secret)
{
    const cJSON *owner;

    cJSON_ArrayForEach (owner, vcl_json_find(secret, "metadata", "ownerReferences", NULL)) {
        if (vcl_streq(vcl_json_find_string(owner, "kind", NULL), "Service"))
            return vcl_json_find_string(owner, "uid", NULL);
    }
    return NULL;
}

static int not_yet(const char *name, const char *why, vcluster_error **error)
{
    int status =
        vcl_fail(error, VCLUSTER_E_PRECONDITION, "the kubeconfig Secret 'vc-%s' %s", name, why);
    vcl_error_set_retryable(error, true);
    return status;
}

/* One of two objects that are read. */
typedef struct part {
    vcl_kube *kube;
    vcl_object_key key;
    bool metadata_only;
    cJSON *object;
} part;

static int read_part(vcl_call *call, void *data, vcluster_error **error)
{
    part *self = data;

    return self->metadata_only
               ? vcl_kube_get_metadata(self->kube, call, &self->key, &self->object, error)
               : vcl_kube_get(self->kube, call, &self->key, &self->object, error);
}

static int check_secret(const vcl_access *access, vcl_job *job, vcluster_error **error)
{
    if (job->status == VCLUSTER_E_NOT_FOUND)
        return not_yet(access->name, "is not there yet: the control plane has not come up", error);
    return job->status < 0 ? vcl_error_pass(error, &job->error, job->status) : VCLUSTER_OK;
}

/* The Secret outlives its Service for a moment after a delete: a create right behind it must not
 * be served the credentials of the dead cluster. */
static int
check_owner(const vcl_access *access, const char *uid, vcl_job *job, vcluster_error **error)
{
    const part *service = job->data;

    if (!uid || job->status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK; /* reading Services is not needed for anything else */
    if (job->status == VCLUSTER_E_NOT_FOUND)
        return not_yet(access->name, "belongs to a virtual cluster that was deleted", error);
    if (job->status < 0)
        return vcl_error_pass(error, &job->error, job->status);
    if (!vcl_streq(vcl_json_find_string(service->object, "metadata", "uid", NULL), uid))
        return not_yet(access->name, "belongs to an earlier virtual cluster of the same name",
                       error);
    return VCLUSTER_OK;
}

static int port_of(const char *server)
{
    CURLU *url = curl_url();
    char *port = NULL;
    int64_t number = 0;

    if (url && !curl_url_set(url, CURLUPART_URL, server, 0))
        (void)curl_url_get(url, CURLUPART_PORT, &port, 0);
    bool valid = vcl_parse_i64(port, &number) && number > 0 && number < 65536;
    curl_free(port);
    curl_url_cleanup(url);
    return valid ? (int)number : VCL_ACCESS_PORT;
}

static int parse_secret(const cJSON *secret, vcl_access *access, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    const char *encoded = vcl_json_find_string(secret, "data", "config", NULL);

    if (vcl_str_empty(encoded))
        return not_yet(access->name, "holds no kubeconfig yet", error);
    int status = vcl_base64_decode(encoded, &text, &size, error);
    if (status < 0)
        return status;

    vcl_kubeconfig_source source = { .text = text };
    status = vcl_kubeconfig_resolve(&source, &access->context, error);
    vcl_free_secret(text);
    if (status < 0)
        return vcl_wrap(error, status, "read the kubeconfig in Secret 'vc-%s'", access->name);
    access->port = port_of(access->context.endpoint.server);
    return VCLUSTER_OK;
}

/* Spares the second request while there is no Secret yet. */
static int read_in_turn(vcl_call *call, vcl_job *secret, vcl_job *service)
{
    const part *read = secret->data;

    secret->status = read_part(call, secret->data, &secret->error);
    if (secret->status == 0 && owner_uid(read->object))
        service->status = read_part(call, service->data, &service->error);
    return VCLUSTER_OK;
}

static int
read_parts(vcl_access *access, vcl_call *call, part parts[2], bool at_once, vcluster_error **error)
{
    vcl_job jobs[] = { { .fn = read_part, .data = &parts[0] },
                       { .fn = read_part, .data = &parts[1] } };
    int status =
        at_once ? vcl_parallel_run(call, jobs, 2, error) : read_in_turn(call, &jobs[0], &jobs[1]);

    if (status == 0)
        status = check_secret(access, &jobs[0], error);
    if (status == 0)
        status = check_owner(access, owner_uid(parts[0].object), &jobs[1], error);
    if (status == 0)
        status = parse_secret(parts[0].object, access, error);
    vcluster_error_free(jobs[0].error);
    vcluster_error_free(jobs[1].error);
    return status;
}

static int read_access(const vcl_access_place *place,
                       vcl_call *call,
                       bool at_once,
                       vcl_access **out_access,
                       vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = calloc(1, sizeof(*access));
    vcl_auto_free char *secret_name = vcl_format("vc-%s", place->name);
    part parts[] = { { .kube = place->kube,
                       .key = { "v1", "Secret", place->namespace_name, secret_name } },
                     { .kube = place->kube,
                       .key = { "v1", "Service", place->namespace_name, place->name },
                       .metadata_only = true } };

    if (!access || !secret_name)
        return vcl_no_memory(error);
    access->name = vcl_strdup(place->name);
    access->namespace_name = vcl_strdup(place->namespace_name);
    if (!access->name || !access->namespace_name)
        return vcl_no_memory(error);

    int status = read_parts(access, call, parts, at_once, error);
    vcl_json_free_secret(parts[0].object);
    cJSON_Delete(parts[1].object);
    if (status < 0)
        return status;
    *out_access = vcl_steal(&access);
    return VCLUSTER_OK;
}

int vcl_access_read(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_access **out_access,
                    vcluster_error **error)
{
    vcl_access_place place = { kube, namespace_name, name };

    return read_access(&place, call, false, out_access, error);
}

int vcl_access_read_at_once(const vcl_access_place *place,
                            vcl_call *call,
                            vcl_access **out_access,
                            vcluster_error **error)
{
    return read_access(place, call, true, out_access, error);
}

int vcl_access_check_forward(vcl_kube *kube,
                             vcl_call *call,
                             const vcl_access *access,
                             vcluster_error **error)
{
    vcl_auto_free char *pods = vcl_format("app=vcluster,release=%s", access->name);

    return pods ? vcl_forward_check_rights(kube, call, access->namespace_name, pods, error)
                : vcl_no_memory(error);
}

int vcl_access_forward(vcl_kube *kube,
                       const vcl_access *access,
                       const vcl_forward_options *options,
                       vcl_forward **out_forward,
                       vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("app=vcluster,release=%s", access->name);
    vcl_forward_options whole = *options;

    if (!selector)
        return vcl_no_memory(error);
    whole.namespace_name = access->namespace_name;
    whole.label_selector = selector;
    whole.first_pod = access->pod;
    if (whole.remote_port == 0)
        whole.remote_port = access->port;
    return vcl_forward_open(kube, &whole, out_forward, error);
}

/* A client over the way, which becomes its own. */
static int make_client(vcluster_client *host,
                       const vcl_access *access,
                       vcl_way *way,
                       vcluster_client **out_client,
                       vcluster_error **error)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcl_kubeconfig_context context = access->context; /* strings are copied by the client */
    vcluster_client *client = NULL;

    options.timeout_ms = host->timeout_ms;
    options.warning = host->warning; /* whose user_data lives as long as the host, which is held */
    options.warning_user_data = host->warning_user_data;
    context.endpoint.unix_socket = way->path;
    context.endpoint.login = NULL;
    int status = vcl_access_source_new(host, access, &context.endpoint.login, error);
    if (status == VCLUSTER_OK)
        status = vcl_client_make(&context, &options, &client, error);
    vcl_login_source_unref(context.endpoint.login);
    if (!client)
        return status;
    client->host = vcluster_client_ref(host);
    client->forward = vcl_steal(&way->forward);
    vcl_http_set_obstacle(vcl_kube_http(client->kube), vcl_forward_obstacle, client->forward);
    client->socket_directory = vcl_steal(&way->folder);
    client->socket_path = vcl_steal(&way->path);
    *out_client = client;
    return VCLUSTER_OK;
}

int vcl_access_open(vcluster_client *host,
                    const vcl_access *access,
                    vcl_way *way,
                    vcluster_client **out_client,
                    vcluster_error **error)
{
    vcl_way own = { 0 };
    int status = VCLUSTER_OK;

    if (!way || !vcl_way_fits(way, access)) {
        way = &own;
        status = vcl_way_open(way, host, access, error);
    }
    if (status == VCLUSTER_OK)
        status = make_client(host, access, way, out_client, error);
    vcl_way_done(way);
    return status;
}

int vcl_access_kubeconfig(const vcl_access *access,
                          const vcl_access_form *form,
                          char **out_text,
                          vcluster_error **error)
{
    const vcl_endpoint *endpoint = &access->context.endpoint;
    bool as_admin = !form->token && !form->exec;
    vcl_auto_free char *name =
        form->context_name
            ? vcl_strdup(form->context_name)
            : vcl_context_name(access->name, access->namespace_name, form->host_context);
    if (!name)
        return vcl_no_memory(error);

    vcl_kubeconfig_entry entry = { .name = name,
                                   .server = form->server,
                                   .tls_server_name = form->tls_server_name,
                                   .insecure = form->insecure,
                                   .ca_pem = endpoint->ca_pem,
                                   .client_cert_pem = as_admin ? endpoint->client_cert_pem : NULL,
                                   .client_key_pem = as_admin ? endpoint->client_key_pem : NULL,
                                   .token = as_admin ? endpoint->bearer_token : form->token,
                                   .exec = form->exec,
                                   .instance_name = access->name,
                                   .instance_namespace = access->namespace_name,
                                   .host_context = form->host_context };
    return vcl_kubeconfig_write(&entry, out_text, error);
}
