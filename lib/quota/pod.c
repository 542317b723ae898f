/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and limits of a pod. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "quota/usage.h"

enum { MAX_MISSING = 4096 };

void vcl_pod_resources_done(vcl_pod_resources *pod)
{
    vcl_resources_done(&pod->requests);
    vcl_resources_done(&pod->limits);
}

/* What one container sets. A limit without a request is a request, too, by the API's defaults. */
static int read_container(vcl_pod_resources *one, const cJSON *container, vcluster_error **error)
{
    const cJSON *resources = vcl_json_get(container, "resources");
    int status = vcl_resources_read(&one->limits, vcl_json_get(resources, "limits"), error);

    if (status == 0)
        status = vcl_resources_read(&one->requests, vcl_json_get(resources, "limits"), error);
    if (status == 0)
        status = vcl_resources_read(&one->requests, vcl_json_get(resources, "requests"), error);
    return status < 0 ? vcl_wrap(error, status, "container '%s'",
                                 vcl_str(vcl_json_find_string(container, "name", NULL)))
                      : 0;
}

static void add_pod(vcl_pod_resources *sum, const vcl_pod_resources *one)
{
    vcl_resources_add_all(&sum->requests, &one->requests);
    vcl_resources_add_all(&sum->limits, &one->limits);
}

static int add_containers(vcl_pod_resources *sum, const cJSON *list, vcluster_error **error)
{
    for (const cJSON *container = list ? list->child : NULL; container;
         container = container->next) {
        VCL_AUTO_POD_RESOURCES one = { 0 };

        int status = read_container(&one, container, error);
        if (status < 0)
            return status;
        add_pod(sum, &one);
    }
    return 0;
}

static bool is_sidecar(const cJSON *container)
{
    const char *policy = vcl_json_find_string(container, "restartPolicy", NULL);

    return policy && strcmp(policy, "Always") == 0;
}

/* Init containers run one after the other, each beside the sidecars that were started before it;
 * sidecars run beside the containers, too. */
static int add_init(vcl_pod_resources *sum, const cJSON *list, vcluster_error **error)
{
    VCL_AUTO_POD_RESOURCES sidecars = { 0 };
    VCL_AUTO_POD_RESOURCES peak = { 0 };

    for (const cJSON *container = list ? list->child : NULL; container;
         container = container->next) {
        VCL_AUTO_POD_RESOURCES one = { 0 };

        int status = read_container(&one, container, error);
        if (status < 0)
            return status;
        if (is_sidecar(container)) {
            add_pod(&sidecars, &one);
            add_pod(sum, &one);
            vcl_resources_max_all(&peak.requests, &sidecars.requests);
            vcl_resources_max_all(&peak.limits, &sidecars.limits);
        } else {
            add_pod(&one, &sidecars);
            vcl_resources_max_all(&peak.requests, &one.requests);
            vcl_resources_max_all(&peak.limits, &one.limits);
        }
    }
    vcl_resources_max_all(&sum->requests, &peak.requests);
    vcl_resources_max_all(&sum->limits, &peak.limits);
    return 0;
}

/* What the pod sets for itself takes the place of the sum. */
static int apply_pod_level(vcl_pod_resources *sum, const cJSON *spec, vcluster_error **error)
{
    const cJSON *resources = vcl_json_get(spec, "resources");

    if (!resources)
        return 0;
    int status = vcl_resources_read(&sum->limits, vcl_json_get(resources, "limits"), error);
    if (status == 0)
        status = vcl_resources_read(&sum->requests, vcl_json_get(resources, "requests"), error);
    return status < 0 ? vcl_wrap(error, status, "resources of the pod") : 0;
}

/* The overhead of the runtime class comes on top; of limits only where there are some. */
static int add_overhead(vcl_pod_resources *sum, const cJSON *spec, vcluster_error **error)
{
    VCL_AUTO_RESOURCES overhead = { 0 };

    int status = vcl_resources_read(&overhead, vcl_json_get(spec, "overhead"), error);
    if (status < 0)
        return vcl_wrap(error, status, "overhead");
    vcl_resources_add_all(&sum->requests, &overhead);
    for (size_t i = 0; i < overhead.size; i++) {
        const vcl_amount *more = &overhead.items[i];
        if (vcl_resources_get(&sum->limits, more->name))
            vcl_resources_add(&sum->limits, more->name, &more->amount);
    }
    return 0;
}

int vcl_pod_resources_read(vcl_pod_resources *pod, const cJSON *spec, vcluster_error **error)
{
    VCL_AUTO_POD_RESOURCES sum = { 0 };

    int status = add_containers(&sum, vcl_json_get(spec, "containers"), error);
    if (status == 0)
        status = add_init(&sum, vcl_json_get(spec, "initContainers"), error);
    if (status == 0)
        status = apply_pod_level(&sum, spec, error);
    if (status == 0)
        status = add_overhead(&sum, spec, error);
    if (status < 0)
        return status;
    if (sum.requests.failed || sum.limits.failed)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the resources of the pod are too many or too large to add up");
    vcl_pod_resources_done(pod);
    *pod = sum;
    sum = (vcl_pod_resources){ 0 };
    return 0;
}

/* Names of a quota that every container has to set, and where. */
static const struct {
    const char *name;
    const char *resource;
    bool limit;
} wanted[] = {
    { "cpu", "cpu", false },          { "memory", "memory", false },
    { "requests.cpu", "cpu", false }, { "requests.memory", "memory", false },
    { "limits.cpu", "cpu", true },    { "limits.memory", "memory", true },
};

static void add_missing(const vcl_resources *hard,
                        const cJSON *container,
                        const vcl_pod_resources *has,
                        vcl_buf *text)
{
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const vcl_resources *list = wanted[i].limit ? &has->limits : &has->requests;

        if (!vcl_resources_get(hard, wanted[i].name) || vcl_resources_get(list, wanted[i].resource))
            continue;
        vcl_buf_addf(text, "%s%s for: %s", text->size > 0 ? "; " : "", wanted[i].name,
                     vcl_str(vcl_json_find_string(container, "name", NULL)));
    }
}

/* A container with amounts that cannot be read has others to say so. */
static bool look_at(const vcl_resources *hard, const cJSON *list, vcl_buf *text)
{
    for (const cJSON *container = list ? list->child : NULL; container;
         container = container->next) {
        VCL_AUTO_POD_RESOURCES has = { 0 };

        if (read_container(&has, container, NULL) == VCLUSTER_E_NO_MEMORY)
            return false;
        add_missing(hard, container, &has, text);
    }
    return true;
}

char *vcl_usage_missing(const vcl_resources *hard, const cJSON *spec, bool *out_failed)
{
    VCL_AUTO_BUF text = { 0 };

    *out_failed = false;
    if (vcl_json_get(spec, "resources"))
        return NULL; /* set for the pod as a whole */
    vcl_buf_init(&text, MAX_MISSING);
    *out_failed = !look_at(hard, vcl_json_get(spec, "containers"), &text) ||
                  !look_at(hard, vcl_json_get(spec, "initContainers"), &text);
    if (*out_failed || text.size == 0)
        return NULL;
    char *missing = vcl_buf_steal(&text);
    *out_failed = missing == NULL;
    return missing;
}
