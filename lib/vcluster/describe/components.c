/* SPDX-License-Identifier: Apache-2.0 */
/* The containers of a control plane, as its pods have them; see describe.h. */
#include "base/str.h"
#include "data/json.h"
#include "vcluster/describe/describe.h"

static void component_done(vcluster_component *component)
{
    free(component->pod);
    free(component->name);
    free(component->image);
    free(component->state);
}

void vcl_components_done(vcl_components *components)
{
    for (size_t i = 0; i < components->count; i++)
        component_done(&components->items[i]);
    free(components->items);
    *components = (vcl_components){ 0 };
}

static const cJSON *status_of(const cJSON *pod, const char *list, const char *name)
{
    const cJSON *status;

    cJSON_ArrayForEach (status, vcl_json_find(pod, "status", list, NULL)) {
        if (vcl_streq(vcl_json_find_string(status, "name", NULL), name))
            return status;
    }
    return NULL;
}

static const char *state_of(const cJSON *status)
{
    const cJSON *state = vcl_json_get(status, "state");
    const char *ended = vcl_json_find_string(state, "terminated", "reason", NULL);
    const char *waits = vcl_json_find_string(state, "waiting", "reason", NULL);

    if (vcl_json_get(state, "running"))
        return "Running";
    if (vcl_json_get(state, "terminated"))
        return ended ? ended : "Terminated";
    return waits ? waits : "Waiting";
}

static bool add(vcl_components *components,
                const cJSON *pod,
                const cJSON *container,
                const char *list,
                vcluster_error **error)
{
    const char *name = vcl_str(vcl_json_find_string(container, "name", NULL));
    const cJSON *status = status_of(pod, list, name);
    vcluster_component *one = &components->items[components->count++];

    *one = (vcluster_component){
        .pod = vcl_strdup(vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL))),
        .name = vcl_strdup(name),
        .image = vcl_strdup(vcl_str(vcl_json_find_string(container, "image", NULL))),
        .state = vcl_strdup(state_of(status)),
        .ready = vcl_json_find_bool(status, false, "ready", NULL),
        .restarts = vcl_json_find_int(status, 0, "restartCount", NULL),
    };
    if (one->pod && one->name && one->image && one->state)
        return true;
    (void)vcl_no_memory(error);
    return false;
}

static size_t count_containers(const cJSON *pods)
{
    const cJSON *pod;
    size_t count = 0;

    cJSON_ArrayForEach (pod, pods)
        count += (size_t)cJSON_GetArraySize(vcl_json_find(pod, "spec", "initContainers", NULL)) +
                 (size_t)cJSON_GetArraySize(vcl_json_find(pod, "spec", "containers", NULL));
    return count;
}

static bool add_pod(vcl_components *components, const cJSON *pod, vcluster_error **error)
{
    const cJSON *container;

    cJSON_ArrayForEach (container, vcl_json_find(pod, "spec", "initContainers", NULL)) {
        bool sidecar = vcl_streq(vcl_json_find_string(container, "restartPolicy", NULL), "Always");
        if (sidecar && !add(components, pod, container, "initContainerStatuses", error))
            return false;
    }
    cJSON_ArrayForEach (container, vcl_json_find(pod, "spec", "containers", NULL)) {
        if (!add(components, pod, container, "containerStatuses", error))
            return false;
    }
    return true;
}

int vcl_components_of(const cJSON *pods, vcl_components *out, vcluster_error **error)
{
    vcl_components components = { .items = calloc(count_containers(pods) + 1,
                                                  sizeof(*components.items)) };
    const cJSON *pod;

    if (!components.items)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (pod, pods) {
        if (!add_pod(&components, pod, error)) {
            vcl_components_done(&components);
            return VCLUSTER_E_NO_MEMORY;
        }
    }
    *out = components;
    return VCLUSTER_OK;
}

const char *vcluster_component_name(const vcluster_component *component)
{
    return component ? component->name : "";
}

const char *vcluster_component_pod(const vcluster_component *component)
{
    return component ? component->pod : "";
}

const char *vcluster_component_image(const vcluster_component *component)
{
    return component ? component->image : "";
}

const char *vcluster_component_state(const vcluster_component *component)
{
    return component ? component->state : "";
}

bool vcluster_component_ready(const vcluster_component *component)
{
    return component && component->ready;
}

int64_t vcluster_component_restarts(const vcluster_component *component)
{
    return component ? component->restarts : 0;
}
