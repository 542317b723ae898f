/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a virtual cluster can be used; see usable.h. */
#include "vcluster/connect/usable.h"

#include "release/pod_state.h"

enum { PROBE_TIMEOUT_MS = 2000 };

/* Ours has a container of its own for it, upstream's is inside the syncer. */
bool vcl_usable_may_answer(const cJSON *pod)
{
    return pod &&
           (vcl_pod_container_running(pod, "kube-apiserver") ||
            (!vcl_json_find(pod, "metadata", "annotations", "libvcluster.dev/distribution", NULL) &&
             vcl_pod_container_running(pod, "syncer")));
}

/* 1: the path is answered with 200; 0: not yet. */
static int probe(vcluster_client *inner, vcl_call *call, const char *path, vcluster_error **error)
{
    vcl_http_request request = { .method = "GET", .path = path, .accept = "*/*" };
    vcl_http_response response = { 0 };
    VCL_AUTO_ERROR *why = NULL;
    vcl_call part;

    vcl_call_init_part(&part, call, PROBE_TIMEOUT_MS);
    int status = vcl_http_send(vcl_kube_http(inner->kube), &part, &request, &response, &why);
    int http_status = response.status;
    vcl_http_response_done(&response);
    /* Of the host: what the API server inside refuses is an answer. */
    if (status == VCLUSTER_E_CANCELLED || status == VCLUSTER_E_PERMISSION)
        return vcl_error_pass(error, &why, status);
    return status == 0 && http_status == 200 ? 1 : 0;
}

int vcl_usable_answers(vcluster_client *inner, vcl_call *call, vcluster_error **error)
{
    return probe(inner, call, "/api", error);
}

int vcl_usable_started(vcluster_client *inner, vcl_call *call, vcluster_error **error)
{
    return probe(inner, call, "/readyz", error);
}
