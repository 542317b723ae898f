/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing a way to a virtual cluster; see endpoint.h. All candidates are tried at once, each on a
 * thread of its own; the first in the order of preference that works is taken.
 */
#include "vcluster/connect/endpoint.h"

#include <stdatomic.h>
#include <string.h>

#include "base/parallel.h"
#include "base/str.h"

enum { TRIAL_MS = 5000 };

/* ---- The object ---- */

static const struct {
    const char *name;
    const char *remedy; /* when there is no way of the kind, or none that works */
} kinds[] = {
    [VCLUSTER_ENDPOINT_GIVEN] = { "given", "" },
    [VCLUSTER_ENDPOINT_PUBLISHED] = { "published",
                                      "set exportKubeConfig.server to an address that can be "
                                      "reached" },
    [VCLUSTER_ENDPOINT_LOAD_BALANCER] = { "load-balancer",
                                          "set controlPlane.service.spec.type to LoadBalancer" },
    [VCLUSTER_ENDPOINT_NODE_PORT] = { "node-port",
                                      "set controlPlane.service.spec.type to NodePort" },
    [VCLUSTER_ENDPOINT_INGRESS] = { "ingress",
                                    "set controlPlane.ingress.enabled and "
                                    "controlPlane.ingress.host, behind an Ingress controller that "
                                    "passes TLS through" },
    [VCLUSTER_ENDPOINT_TLS_ROUTE] = { "tls-route",
                                      "set controlPlane.tlsRoute.enabled, its host and parentRefs, "
                                      "and put the host into controlPlane.proxy.extraSANs" },
    [VCLUSTER_ENDPOINT_SERVICE] = { "service", "run this program inside the host cluster" },
    [VCLUSTER_ENDPOINT_TUNNEL] = { "tunnel", "hold a tunnel open, for programs of this machine" },
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

const char *vcluster_endpoint_kind_name(int kind)
{
    return kind >= VCLUSTER_ENDPOINT_GIVEN && kind < KIND_COUNT ? kinds[kind].name : "unknown";
}

void vcluster_endpoint_free(vcluster_endpoint *endpoint)
{
    if (!endpoint)
        return;
    vcl_ways_done(&endpoint->candidates);
    free(endpoint->name);
    free(endpoint->namespace_name);
    free(endpoint);
}

const vcluster_endpoint_candidate *vcluster_endpoint_taken(const vcluster_endpoint *endpoint)
{
    return endpoint ? &endpoint->candidates.items[endpoint->taken] : NULL;
}

size_t vcluster_endpoint_candidate_count(const vcluster_endpoint *endpoint)
{
    return endpoint ? endpoint->candidates.count : 0;
}

const vcluster_endpoint_candidate *vcluster_endpoint_candidate_at(const vcluster_endpoint *endpoint,
                                                                  size_t index)
{
    return index < vcluster_endpoint_candidate_count(endpoint) ? &endpoint->candidates.items[index]
                                                               : NULL;
}

int vcluster_endpoint_candidate_kind(const vcluster_endpoint_candidate *candidate)
{
    return candidate ? candidate->kind : 0;
}

const char *vcluster_endpoint_candidate_url(const vcluster_endpoint_candidate *candidate)
{
    return candidate ? vcl_str(candidate->url) : "";
}

const char *
vcluster_endpoint_candidate_tls_server_name(const vcluster_endpoint_candidate *candidate)
{
    return candidate ? vcl_str(candidate->tls_server_name) : "";
}

const char *vcluster_endpoint_candidate_reason(const vcluster_endpoint_candidate *candidate)
{
    return candidate ? vcl_str(candidate->reason) : "";
}

static bool put_candidate(cJSON *object, const vcluster_endpoint_candidate *candidate)
{
    return vcl_json_set_string(object, "kind", vcluster_endpoint_kind_name(candidate->kind)) &&
           vcl_json_set_string(object, "url", vcl_str(candidate->url)) &&
           vcl_json_set_string(object, "tlsServerName", vcl_str(candidate->tls_server_name));
}

cJSON *vcl_ways_to_json(const vcl_ways *candidates)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();

    for (size_t i = 0; list && i < candidates->count; i++) {
        cJSON *object = cJSON_CreateObject();
        if (!vcl_json_append(list, object) || !put_candidate(object, &candidates->items[i]) ||
            !vcl_json_set_string(object, "reason", vcl_str(candidates->items[i].reason)))
            return NULL;
    }
    return vcl_steal(&list);
}

int vcluster_endpoint_to_json(const vcluster_endpoint *endpoint,
                              char **out_json,
                              vcluster_error **error)
{
    if (!endpoint || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "endpoint or out_json is NULL");

    VCL_AUTO_JSON *json = cJSON_CreateObject();
    bool made = json && vcl_json_set_string(json, "name", endpoint->name) &&
                vcl_json_set_string(json, "namespace", endpoint->namespace_name) &&
                put_candidate(json, vcluster_endpoint_taken(endpoint)) &&
                vcl_json_set(json, "insecure", cJSON_CreateBool(endpoint->insecure)) &&
                vcl_json_set(json, "candidates", vcl_ways_to_json(&endpoint->candidates));
    char *text = made ? vcl_json_print(json) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}

/* ---- Trying ---- */

typedef struct runner {
    vcl_endpoint_trial trial;
    vcluster_endpoint_candidate *candidate;
    size_t rank;
    atomic_size_t *best; /* the lowest rank that works so far */
} runner;

/* Progress of a trial: it is given up once a better one works. */
static int is_needless(const vcluster_progress *progress, void *user_data)
{
    const runner *self = user_data;

    (void)progress;
    return atomic_load(self->best) < self->rank;
}

static int try_one(vcl_call *call, void *data, vcluster_error **error)
{
    runner *self = data;
    int64_t left = vcl_call_left_ms(call) / 2;
    vcl_call part;

    /* Half of what is left at most: that there is none better is an answer, too. */
    vcl_call_init_part(&part, call, left < TRIAL_MS ? left + 1 : TRIAL_MS);
    part.progress = is_needless;
    part.user_data = self;
    int status = vcl_endpoint_verify(&self->trial, self->candidate, &part, error);
    size_t best = atomic_load(self->best);
    while (status == 0 && self->rank < best &&
           !atomic_compare_exchange_weak(self->best, &best, self->rank))
        continue;
    return status;
}

/* Why a candidate that has a URL was not taken. */
static bool
set_reason(vcluster_endpoint_candidate *candidate, const vcl_job *job, const char *better)
{
    if (better && (job->status == 0 || job->status == VCLUSTER_E_CANCELLED))
        candidate->reason = vcl_format("it is not needed: '%s' comes first", better);
    else
        candidate->reason = vcl_strdup(job->error ? vcluster_error_message(job->error)
                                                  : vcluster_status_name(job->status));
    return candidate->reason != NULL;
}

static bool explain_all(vcl_ways *list, const vcl_job *jobs, size_t best)
{
    const char *better =
        best < list->count ? vcluster_endpoint_kind_name(list->items[best].kind) : NULL;

    for (size_t i = 0; i < list->count; i++) {
        if (i != best && list->items[i].url && !set_reason(&list->items[i], &jobs[i], better))
            return false;
    }
    return true;
}

static vcl_endpoint_trial trial_of(const vcl_endpoint_request *request)
{
    bool named = !vcl_str_empty(request->tls_server_name);

    return (vcl_endpoint_trial){ .access = request->access,
                                 .tls_server_name = named ? request->tls_server_name : NULL,
                                 .insecure = request->insecure };
}

/* *out_best is the first that works, SIZE_MAX when none does. */
static int try_all(const vcl_endpoint_request *request,
                   vcl_call *call,
                   vcl_ways *list,
                   size_t *out_best,
                   vcluster_error **error)
{
    atomic_size_t best = SIZE_MAX;
    runner runners[VCL_MAX_WAYS];
    vcl_job jobs[VCL_MAX_WAYS] = { 0 }; /* by rank, for the reasons */
    vcl_job run[VCL_MAX_WAYS];
    size_t ranks[VCL_MAX_WAYS];
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (!list->items[i].url)
            continue;
        runners[count] = (runner){
            .trial = trial_of(request), .candidate = &list->items[i], .rank = i, .best = &best
        };
        run[count] = (vcl_job){ .fn = try_one, .data = &runners[count] };
        ranks[count++] = i;
    }
    int status = vcl_parallel_run(call, run, count, error);
    for (size_t i = 0; i < count; i++)
        jobs[ranks[i]] = run[i];
    if (status == 0)
        status = vcl_call_check(call, error);
    if (status == 0 && !explain_all(list, jobs, atomic_load(&best)))
        status = vcl_no_memory(error);
    for (size_t i = 0; i < count; i++)
        vcluster_error_free(run[i].error);
    *out_best = atomic_load(&best);
    return status;
}

/* ---- Choosing ---- */

/* The server that was given, tried unless it is to be taken as it is. */
static int take_given(const vcl_endpoint_request *request,
                      vcl_call *call,
                      vcl_ways *list,
                      vcluster_error **error)
{
    vcl_endpoint_trial trial = trial_of(request);
    vcluster_endpoint_candidate *candidate = &list->items[0];
    VCL_AUTO_ERROR *why = NULL;

    if (vcl_starts_with(request->server, "http://"))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "server '%s' is plain http: credentials are never sent over that",
                        request->server);
    bool complete = vcl_starts_with(request->server, "https://");
    *candidate = (vcluster_endpoint_candidate){
        .kind = VCLUSTER_ENDPOINT_GIVEN,
        .url = vcl_format("%s%s", complete ? "" : "https://", request->server),
    };
    list->count = 1;
    if (!candidate->url)
        return vcl_no_memory(error);
    if (request->unverified)
        return vcl_str_replace(&candidate->tls_server_name, trial.tls_server_name)
                   ? VCLUSTER_OK
                   : vcl_no_memory(error);
    int status = vcl_endpoint_verify(&trial, candidate, call, &why);
    if (status == VCLUSTER_E_CANCELLED || status == VCLUSTER_E_NO_MEMORY ||
        vcl_call_left_ms(call) == 0)
        return vcl_error_pass(error, &why, status);
    if (status < 0)
        return vcl_fail(error, status,
                        "server '%s' cannot be used: %s; where it can be reached from elsewhere "
                        "only, let it be unverified",
                        candidate->url, why ? vcluster_error_message(why) : "");
    return VCLUSTER_OK;
}

static int
none_is_exposed(const vcl_endpoint_request *request, const vcl_ways *list, vcluster_error **error)
{
    int status =
        vcl_fail(error, VCLUSTER_E_PRECONDITION,
                 "virtual cluster '%s' has no address that works from here: give it one by "
                 "its values (a LoadBalancer or NodePort Service, an Ingress, a TLSRoute), "
                 "name a server, or hold a tunnel open",
                 request->access->name);

    for (size_t i = 0; i < list->count; i++) {
        const vcluster_endpoint_candidate *candidate = &list->items[i];
        vcl_auto_free char *message =
            vcl_format("%s%s%s", vcl_str(candidate->url), candidate->url ? ": " : "",
                       vcl_str(candidate->reason));
        if (!message)
            return vcl_no_memory(error);
        vcl_error_add_finding(error, kinds[candidate->kind].name, 0, "endpoint",
                              VCLUSTER_SEVERITY_ERROR, message, kinds[candidate->kind].remedy);
    }
    return status;
}

static int take_best(const vcl_endpoint_request *request,
                     vcl_call *call,
                     vcluster_endpoint *endpoint,
                     vcluster_error **error)
{
    vcl_ways *list = &endpoint->candidates;
    size_t best = SIZE_MAX;

    int status = vcl_endpoint_find(request->client, call, request->access, list, error);
    if (status == 0)
        status = try_all(request, call, list, &best, error);
    if (status < 0)
        return status;
    if (best == SIZE_MAX && request->exposed_only)
        return none_is_exposed(request, list, error);
    endpoint->taken = best == SIZE_MAX ? list->count - 1 : best;
    free(vcl_steal(&list->items[endpoint->taken].reason));
    return VCLUSTER_OK;
}

int vcl_endpoint_choose(const vcl_endpoint_request *request,
                        vcl_call *call,
                        vcluster_endpoint **out_endpoint,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_endpoint) endpoint = calloc(1, sizeof(*endpoint));

    if (!endpoint)
        return vcl_no_memory(error);
    endpoint->insecure = request->insecure;
    endpoint->name = vcl_strdup(request->access->name);
    endpoint->namespace_name = vcl_strdup(request->access->namespace_name);
    if (!endpoint->name || !endpoint->namespace_name)
        return vcl_no_memory(error);
    int status = request->server ? take_given(request, call, &endpoint->candidates, error)
                                 : take_best(request, call, endpoint, error);
    if (status < 0)
        return status;
    *out_endpoint = vcl_steal(&endpoint);
    return VCLUSTER_OK;
}
