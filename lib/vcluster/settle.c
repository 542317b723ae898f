/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until a changed workload has made its pods anew; see settle.h. Without it an answer of
 * the old API server, which is about to go, would be taken for one of the new.
 */
#include "vcluster/settle.h"

#include "base/clock.h"
#include "base/str.h"
#include "release/trouble.h"

enum { LOOK_MS = 200, EVENTS_MS = 1000 };

bool vcl_workload_settled(const cJSON *workload)
{
    const cJSON *status = vcl_json_get(workload, "status");
    int64_t wanted = vcl_json_find_int(workload, 1, "spec", "replicas", NULL);
    int64_t generation = vcl_json_find_int(workload, 0, "metadata", "generation", NULL);

    if (vcl_json_find_int(status, -1, "observedGeneration", NULL) < generation)
        return false;
    /* Neither one of an older template, nor one too many. */
    return vcl_json_find_int(status, 0, "updatedReplicas", NULL) == wanted &&
           vcl_json_find_int(status, 0, "replicas", NULL) == wanted;
}

/* 1: settled; 0: not yet. */
static int look(const vcl_wait_request *request, vcl_call *call, vcluster_error **error)
{
    static const char *const kinds[] = { "StatefulSet", "Deployment" };

    for (int i = 0; i < 2; i++) {
        vcl_object_key key = { "apps/v1", kinds[i], request->namespace_name, request->name };
        VCL_AUTO_JSON *workload = NULL;
        VCL_AUTO_ERROR *why = NULL;

        int status = vcl_kube_get(request->client->kube, call, &key, &workload, &why);
        if (status == 0)
            return vcl_workload_settled(workload);
        if (status != VCLUSTER_E_NOT_FOUND)
            return vcl_error_pass(error, &why, status);
    }
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                    "the workload of virtual cluster '%s' went away while it was waited for",
                    request->name);
}

static int wait_loop(const vcl_wait_request *request,
                     vcl_call *call,
                     vcl_events *events,
                     vcluster_error **error)
{
    int64_t looked_ms = vcl_monotonic_ms();
    int status;

    while ((status = look(request, call, error)) == 0) {
        if (vcl_monotonic_ms() - looked_ms >= EVENTS_MS) {
            status = vcl_events_look(events, call, error);
            looked_ms = vcl_monotonic_ms();
        }
        if (status == 0 && request->record)
            status = vcl_record_renew(request->client->kube, call, request->record, error);
        if (status == 0)
            status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            break;
    }
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_wait_settled(const vcl_wait_request *request, vcl_call *call, vcluster_error **error)
{
    __attribute__((cleanup(vcl_events_done))) vcl_events events = {
        .kube = request->client->kube,
        .names = (const char *const[]){ request->name, NULL },
        .namespace_name = request->namespace_name,
        .seen = cJSON_CreateObject(),
    };

    if (!events.seen)
        return vcl_no_memory(error);
    int status = vcl_events_begin(&events, call, error);
    return status < 0 ? status : wait_loop(request, call, &events, error);
}
