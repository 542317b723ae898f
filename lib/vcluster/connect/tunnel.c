/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels; see tunnel.h. */
#include "vcluster/connect/tunnel.h"

#include "base/parallel.h"
#include "base/str.h"
#include "data/json.h"
#include "vcluster/compose.h"
#include "vcluster/connect/private_folder.h"
#include "vcluster/connect/way.h"
#include "vcluster/instance.h"

struct vcluster_tunnel {
    vcluster_client *client;
    vcl_access *access;
    vcl_forward *forward;
    char *url;
    char *socket_folder; /* that we made for the socket; may be NULL */
    char *socket_path;   /* NULL: it listens on a port */
};

VCL_DEFINE_CLEANUP(vcluster_tunnel, vcluster_tunnel_free);

void vcluster_tunnel_free(vcluster_tunnel *tunnel)
{
    if (!tunnel)
        return;
    vcl_forward_close(tunnel->forward);
    vcl_access_free(tunnel->access);
    vcluster_client_unref(tunnel->client);
    vcl_private_folder_remove(tunnel->socket_folder);
    free(tunnel->socket_path);
    free(tunnel->url);
    free(tunnel);
}

static int check_running(const vcluster_instance *instance, vcluster_error **error)
{
    if (instance->paused)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "virtual cluster '%s' is paused: resume it first", instance->name);
    if (instance->replicas == 0)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "virtual cluster '%s' is scaled down to no replica: scale it up first",
                        instance->name);
    return VCLUSTER_OK;
}

typedef struct search {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    vcluster_instance *instance;
    vcl_access *access;
    vcl_way *way; /* to be begun beside the search; NULL: none is wanted */
    bool runs;    /* its StatefulSet does not say that it is paused, whose pod may run on a while */
} search;

static int find_instance(vcl_call *call, void *data, vcluster_error **error)
{
    search *self = data;

    return vcl_instance_find(self->client, call, self->name, self->namespace_name, &self->instance,
                             error);
}

static int read_access(vcl_call *call, void *data, vcluster_error **error)
{
    search *self = data;

    return vcl_access_read(self->client->kube, call, self->name, self->namespace_name,
                           &self->access, error);
}

/* Both at once where the namespace is known. What the virtual cluster says about itself explains
 * more than a Secret that is not there. */
static int search_at_once(search *self, vcl_call *call, vcluster_error **error)
{
    vcl_job jobs[] = { { .fn = find_instance, .data = self }, { .fn = read_access, .data = self } };
    int status = vcl_parallel_run(call, jobs, 2, error);
    for (int i = 0; i < 2; i++) {
        if (status == 0 && jobs[i].status < 0)
            status = vcl_error_pass(error, &jobs[i].error, jobs[i].status);
        else if (status == 0 && i == 0)
            status = check_running(self->instance, error);
        vcluster_error_free(jobs[i].error);
    }
    return status;
}

static int read_access_at_once(vcl_call *call, void *data, vcluster_error **error)
{
    search *self = data;
    vcl_access_place place = { self->client->kube, self->namespace_name, self->name };

    return vcl_access_read_at_once(&place, call, &self->access, error);
}

/* By a list, as those who may only connect can list StatefulSets but not get one. */
static int look_whether_it_runs(vcl_call *call, void *data, vcluster_error **error)
{
    search *self = data;
    vcl_auto_free char *selector = vcl_format("metadata.name=%s", self->name);
    vcl_list_query query = { .api_version = "apps/v1",
                             .kind = "StatefulSet",
                             .namespace_name = self->namespace_name,
                             .field_selector = selector,
                             .metadata_only = true };
    VCL_AUTO_JSON *list = NULL;

    if (!selector)
        return vcl_no_memory(error);
    int status = vcl_kube_list(self->client->kube, call, &query, &list, error);
    const cJSON *workload = cJSON_GetArrayItem(vcl_json_get(list, "items"), 0);
    self->runs = workload && !vcl_workload_is_paused(workload);
    return status;
}

/* Where the pod that is expected takes a connection the virtual cluster runs, and little else is
 * asked for. Where anything is in doubt, the search says what is the matter with it. */
static int search_behind_way(search *self, vcl_call *call, vcluster_error **error)
{
    vcl_job jobs[] = { { .fn = read_access_at_once, .data = self },
                       { .fn = look_whether_it_runs, .data = self } };

    vcl_way_begin(self->way, self->client, self->name, self->namespace_name, NULL);
    int status = vcl_parallel_run(call, jobs, 2, error);
    bool sure = status == 0 && jobs[0].status == 0 && jobs[1].status == 0;
    if (sure && self->runs && vcl_way_leads(self->way, call)) {
        self->access->pod = vcl_strdup(self->way->pod);
        return self->access->pod ? VCLUSTER_OK : vcl_no_memory(error);
    }
    if (status == 0)
        status = find_instance(call, self, error);
    if (status == 0)
        status = check_running(self->instance, error);
    if (status == 0 && jobs[0].status < 0)
        status = vcl_error_pass(error, &jobs[0].error, jobs[0].status);
    vcluster_error_free(jobs[0].error);
    vcluster_error_free(jobs[1].error);
    return status;
}

static int search_in_turn(search *self, vcl_call *call, vcluster_error **error)
{
    int status = find_instance(call, self, error);

    if (status == 0)
        status = check_running(self->instance, error);
    if (status < 0)
        return status;
    self->namespace_name = self->instance->namespace_name;
    if (self->way && self->instance->pod)
        vcl_way_begin(self->way, self->client, self->name, self->namespace_name,
                      self->instance->pod);
    return read_access(call, self, error);
}

static int
find_access(search *self, vcl_call *call, vcl_access **out_access, vcluster_error **error)
{
    int status = !self->namespace_name ? search_in_turn(self, call, error)
                 : self->way           ? search_behind_way(self, call, error)
                                       : search_at_once(self, call, error);

    if (status == 0) {
        if (self->instance)
            self->access->pod = vcl_steal(&self->instance->pod);
        *out_access = vcl_steal(&self->access);
    }
    vcluster_instance_free(self->instance);
    vcl_access_free(self->access);
    return status;
}

int vcl_access_find(vcluster_client *client,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_access **out_access,
                    vcluster_error **error)
{
    search self = { .client = client, .name = name, .namespace_name = namespace_name };

    return find_access(&self, call, out_access, error);
}

int vcl_instance_open(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_client **out_client,
                      vcluster_error **error)
{
    vcl_way way = { 0 };
    VCL_AUTO_PTR(vcl_access) access = NULL;
    search self = { .client = client, .name = name, .namespace_name = namespace_name, .way = &way };

    int status = find_access(&self, call, &access, error);
    if (status == 0)
        status = vcl_access_open(client, access, &way, out_client, error);
    vcl_way_done(&way);
    return status;
}

/* Where it listens, as far as that is decided before. */
static int prepare_socket(vcluster_tunnel *tunnel, const char *given_path, vcluster_error **error)
{
    if (given_path) {
        tunnel->socket_path = vcl_strdup(given_path);
    } else {
        int status = vcl_private_folder_make(&tunnel->socket_folder, error);
        if (status < 0)
            return status;
        tunnel->socket_path = vcl_format("%s/tunnel", tunnel->socket_folder);
    }
    return tunnel->socket_path ? VCLUSTER_OK : vcl_no_memory(error);
}

static int name_it(vcluster_tunnel *tunnel, const char *scheme, vcluster_error **error)
{
    if (tunnel->socket_path)
        tunnel->url = vcl_format("unix:%s", tunnel->socket_path);
    else
        tunnel->url = vcl_format("%s://127.0.0.1:%d", scheme, vcl_forward_port(tunnel->forward));
    return tunnel->url ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_tunnel_open(const vcl_tunnel_request *request,
                    vcl_call *call,
                    vcluster_tunnel **out_tunnel,
                    vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_tunnel) tunnel = calloc(1, sizeof(*tunnel));
    vcl_forward_options how = request->how;

    if (!tunnel)
        return vcl_no_memory(error);
    tunnel->client = vcluster_client_ref(request->client);
    int status = vcl_access_find(request->client, call, request->name, request->namespace_name,
                                 &tunnel->access, error);
    if (status == 0)
        status = vcl_access_check_forward(request->client->kube, call, tunnel->access, error);
    if (status == 0 && request->unix_socket)
        status = prepare_socket(tunnel, request->how.unix_socket, error);
    how.unix_socket = tunnel->socket_path;
    if (status == 0)
        status = vcl_access_forward(request->client->kube, tunnel->access, &how, &tunnel->forward,
                                    error);
    if (status == 0)
        status = name_it(tunnel, "https", error);
    if (status < 0)
        return status;
    *out_tunnel = vcl_steal(&tunnel);
    return VCLUSTER_OK;
}

int vcl_tunnel_open_pod(vcluster_client *client,
                        const vcl_forward_options *options,
                        vcluster_tunnel **out_tunnel,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_tunnel) tunnel = calloc(1, sizeof(*tunnel));

    if (!tunnel)
        return vcl_no_memory(error);
    tunnel->client = vcluster_client_ref(client);
    int status = vcl_forward_open(client->kube, options, &tunnel->forward, error);
    if (status == 0)
        status = name_it(tunnel, "tcp", error);
    if (status < 0)
        return status;
    *out_tunnel = vcl_steal(&tunnel);
    return VCLUSTER_OK;
}

int vcluster_tunnel_port(const vcluster_tunnel *tunnel)
{
    return tunnel ? vcl_forward_port(tunnel->forward) : 0;
}

const char *vcluster_tunnel_url(const vcluster_tunnel *tunnel)
{
    return tunnel ? tunnel->url : "";
}

const char *vcluster_tunnel_socket_path(const vcluster_tunnel *tunnel)
{
    return tunnel ? vcl_str(tunnel->socket_path) : "";
}

int64_t vcluster_tunnel_connection_count(const vcluster_tunnel *tunnel)
{
    return vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_TOTAL);
}

int64_t vcluster_tunnel_count(const vcluster_tunnel *tunnel, int stat)
{
    vcl_forward_stats stats = { 0 };

    if (tunnel)
        vcl_forward_read_stats(tunnel->forward, &stats);
    switch (stat) {
    case VCLUSTER_TUNNEL_OPEN:
        return stats.open;
    case VCLUSTER_TUNNEL_TOTAL:
        return stats.total;
    case VCLUSTER_TUNNEL_FAILED:
        return stats.failed;
    case VCLUSTER_TUNNEL_BYTES_IN:
        return stats.bytes_in;
    case VCLUSTER_TUNNEL_BYTES_OUT:
        return stats.bytes_out;
    case VCLUSTER_TUNNEL_RECONNECTS:
        return stats.reconnects;
    default:
        return 0;
    }
}

static bool describe(const vcluster_tunnel *tunnel, const char *failure, cJSON *json)
{
    vcl_forward_stats stats;
    cJSON *connections = cJSON_CreateObject();

    vcl_forward_read_stats(tunnel->forward, &stats);
    return vcl_json_set_string(json, "url", tunnel->url) &&
           vcl_json_set(json, "connections", connections) &&
           vcl_json_set_int(connections, "open", stats.open) &&
           vcl_json_set_int(connections, "total", stats.total) &&
           vcl_json_set_int(connections, "failed", stats.failed) &&
           vcl_json_set_int(json, "bytesIn", stats.bytes_in) &&
           vcl_json_set_int(json, "bytesOut", stats.bytes_out) &&
           vcl_json_set_int(json, "reconnects", stats.reconnects) &&
           vcl_json_set(json, "lastError",
                        failure ? cJSON_CreateString(failure) : cJSON_CreateNull());
}

int vcluster_tunnel_to_json(const vcluster_tunnel *tunnel, char **out_json, vcluster_error **error)
{
    if (!tunnel || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "tunnel or out_json is NULL");

    VCL_AUTO_JSON *json = cJSON_CreateObject();
    vcl_auto_free char *failure = vcl_forward_last_failure(tunnel->forward);
    char *text = json && describe(tunnel, failure, json) ? vcl_json_print(json) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}

int vcluster_tunnel_kubeconfig(const vcluster_tunnel *tunnel,
                               char **out_text,
                               vcluster_error **error)
{
    if (!tunnel || !out_text)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "tunnel or out_text is NULL");
    if (!tunnel->access)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "the tunnel leads to a pod, not to a virtual cluster");
    if (tunnel->socket_path)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "a kubeconfig cannot name a unix socket: open the tunnel on a port");
    vcl_access_form form = { .server = tunnel->url, .host_context = tunnel->client->context };
    return vcl_access_kubeconfig(tunnel->access, &form, out_text, error);
}
