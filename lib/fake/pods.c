/* SPDX-License-Identifier: Apache-2.0 */
/* The status of a pod; see controllers.h. */
#include "base/clock.h"
#include "base/str.h"
#include "fake/controllers.h"

static cJSON *state(const char *now, bool ends)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON *one = tree ? vcl_json_object(tree, ends ? "terminated" : "running") : NULL;
    bool made = one && vcl_json_set_string(one, "startedAt", now) &&
                (!ends || (vcl_json_set_string(one, "finishedAt", now) &&
                           vcl_json_set_string(one, "reason", "Completed") &&
                           vcl_json_set_int(one, "exitCode", 0)));

    if (made)
        return tree;
    cJSON_Delete(tree);
    return NULL;
}

/* One entry of containerStatuses. */
static bool add_container(cJSON *list, const cJSON *container, const char *now, bool ends)
{
    const char *image = vcl_str(vcl_json_find_string(container, "image", NULL));
    vcl_auto_free char *id = vcl_format("fake://%s", image);
    cJSON *one = cJSON_CreateObject();
    bool made =
        one && id &&
        vcl_json_set_string(one, "name", vcl_str(vcl_json_find_string(container, "name", NULL))) &&
        vcl_json_set_string(one, "image", image) && vcl_json_set_string(one, "imageID", id) &&
        vcl_json_set_int(one, "restartCount", 0) &&
        vcl_json_set(one, "ready", cJSON_CreateTrue()) &&
        vcl_json_set(one, "started", cJSON_CreateBool(!ends)) &&
        vcl_json_set(one, "state", state(now, ends));

    if (!made) {
        cJSON_Delete(one);
        return false;
    }
    return vcl_json_append(list, one);
}

static bool
add_containers(cJSON *status, const char *key, const cJSON *containers, const char *now, bool ends)
{
    cJSON *list = cJSON_AddArrayToObject(status, key);
    const cJSON *container;

    cJSON_ArrayForEach (container, containers) {
        bool sidecar = vcl_streq(vcl_json_find_string(container, "restartPolicy", NULL), "Always");
        if (!list || !add_container(list, container, now, ends && !sidecar))
            return false;
    }
    return list != NULL;
}

static bool add_conditions(cJSON *status, const char *now, bool ready)
{
    static const char *const types[] = { "PodScheduled", "Initialized", "ContainersReady",
                                         "Ready" };
    cJSON *list = cJSON_AddArrayToObject(status, "conditions");

    for (size_t i = 0; list && i < sizeof(types) / sizeof(types[0]); i++) {
        cJSON *one = cJSON_CreateObject();
        if (!one || !vcl_json_set_string(one, "type", types[i]) ||
            !vcl_json_set_string(one, "status", ready || i < 2 ? "True" : "False") ||
            !vcl_json_set_string(one, "lastTransitionTime", now)) {
            cJSON_Delete(one);
            return false;
        }
        if (!vcl_json_append(list, one))
            return false;
    }
    return list != NULL;
}

cJSON *vcl_fake_pod_status(const cJSON *pod)
{
    const cJSON *spec = vcl_json_get(pod, "spec");
    const char *policy = vcl_json_find_string(spec, "restartPolicy", NULL);
    bool ends = vcl_streq(policy, "Never") || vcl_streq(policy, "OnFailure");
    cJSON *status = cJSON_CreateObject();
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    bool made =
        status && vcl_json_set_string(status, "phase", ends ? "Succeeded" : "Running") &&
        vcl_json_set_string(status, "hostIP", "192.0.2.1") &&
        vcl_json_set_string(status, "podIP", "192.0.2.2") &&
        vcl_json_set_string(status, "startTime", now) && add_conditions(status, now, !ends) &&
        add_containers(status, "initContainerStatuses", vcl_json_get(spec, "initContainers"), now,
                       true) &&
        add_containers(status, "containerStatuses", vcl_json_get(spec, "containers"), now, ends);
    if (made)
        return status;
    cJSON_Delete(status);
    return NULL;
}
