/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the user may forward ports, asked before a tunnel is handed to programs: these would see
 * nothing but connections that are reset. A server judges a WebSocket by its GET, from 1.35 on by
 * what it does, too, which is 'create'.
 */
#include <string.h>

#include "base/parallel.h"
#include "base/str.h"
#include "data/semver.h"
#include "kube/access_review.h"
#include "kube/client.h"
#include "kube/forward.h"
#include "kube/pod.h"

/* A server that does not answer this at once must not use up the time for the tunnel itself. */
enum { LONGEST_REVIEW_MS = 3000, PART_OF_WHOLE = 4 };

typedef struct question {
    vcl_kube *kube;
    const char *namespace_name;
    const char *rule; /* as an RBAC rule */
    bool allowed;
} question;

static int ask(vcl_call *call, void *data, vcluster_error **error)
{
    question *self = data;
    VCL_AUTO_JSON *rule = NULL;

    int status = vcl_json_parse(self->rule, strlen(self->rule), &rule, error);
    if (status < 0)
        return status;
    return vcl_kube_may(self->kube, call, NULL, rule, self->namespace_name, &self->allowed, error);
}

/* Whether the server lets nobody upgrade who may not create; when in doubt it does not. */
static bool judges_by_create(vcl_kube *kube, vcl_call *call)
{
    vcl_auto_free char *text = NULL;
    vcl_version version = { 0 };

    if (vcl_kube_version(kube, call, &text, NULL) < 0 ||
        vcl_version_parse(text, false, &version, NULL) < 0)
        return false;
    bool judges = version.major > 1 || (version.major == 1 && version.minor >= 35);
    vcl_version_done(&version);
    return judges;
}

static int refuse(const vcl_pod_ref *ref, const char *verb, vcluster_error **error)
{
    (void)vcl_fail(error, VCLUSTER_E_PERMISSION, "the user cannot '%s' pods/portforward", verb);
    return vcl_pod_lacks_rights(error, "open a port-forward to", ref, "portforward");
}

int vcl_forward_check_rights(vcl_kube *kube,
                             vcl_call *call,
                             const char *namespace_name,
                             const char *pod,
                             vcluster_error **error)
{
    question questions[] = {
        { kube, namespace_name, "{\"verbs\":[\"get\"],\"resources\":[\"pods/portforward\"]}",
          true },
        { kube, namespace_name, "{\"verbs\":[\"create\"],\"resources\":[\"pods/portforward\"]}",
          true },
    };
    vcl_job jobs[] = { { .fn = ask, .data = &questions[0] }, { .fn = ask, .data = &questions[1] } };
    vcl_pod_ref ref = { .namespace_name = namespace_name, .pod = pod };

    int64_t share_ms = vcl_call_left_ms(call) / PART_OF_WHOLE;
    vcl_call review;

    vcl_call_init_part(&review, call, share_ms < LONGEST_REVIEW_MS ? share_ms : LONGEST_REVIEW_MS);
    int status = vcl_parallel_run(&review, jobs, 2, error);
    for (int i = 0; i < 2; i++) {
        if (jobs[i].status < 0) /* not everybody may ask: the tunnel will tell */
            questions[i].allowed = true;
        vcluster_error_free(jobs[i].error);
    }
    if (status == VCLUSTER_OK)
        status = vcl_call_check(call, error);
    if (status < 0)
        return status;
    if (!questions[0].allowed)
        return refuse(&ref, "get", error);
    if (!questions[1].allowed && judges_by_create(kube, &review))
        return refuse(&ref, "create", error);
    return VCLUSTER_OK;
}
