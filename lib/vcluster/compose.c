/* SPDX-License-Identifier: Apache-2.0 */
/* What the objects of a virtual cluster say about it; see compose.h. */
#include "vcluster/compose.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "release/pod_state.h"
#include "release/record.h"
#include "vcluster/names.h"
#include "vcluster/settle.h"

static const char *metadata(const cJSON *object, const char *map, const char *key)
{
    return vcl_json_find_string(object, "metadata", map, key, NULL);
}

static char *copy_namespace(const cJSON *object)
{
    return vcl_strdup(vcl_str(vcl_json_find_string(object, "metadata", "namespace", NULL)));
}

bool vcl_workload_is_paused(const cJSON *workload)
{
    return vcl_streq(metadata(workload, "annotations", VCL_ANNOTATION_PAUSED), "true") ||
           vcl_streq(metadata(workload, "labels", VCL_LABEL_SLEEP), "true");
}

static bool fill_versions(vcluster_instance *instance, const cJSON *pod_spec)
{
    /* Upstream keeps Kubernetes in the init container "kubernetes", we in "kube-apiserver". */
    static const char *const kubernetes[] = { "kube-apiserver", "kubernetes" };
    VCL_AUTO_BUF tag = { 0 };

    vcl_buf_init(&tag, VCL_MAX_MESSAGE);
    if (!vcl_pod_spec_image_tag(pod_spec, "syncer", &tag) ||
        !vcl_str_replace(&instance->version, vcl_buf_text(&tag)))
        return false;
    for (int i = 0; i < 2 && vcl_str_empty(instance->kubernetes_version); i++) {
        if (!vcl_pod_spec_image_tag(pod_spec, kubernetes[i], &tag) ||
            !vcl_str_replace(&instance->kubernetes_version, vcl_buf_text(&tag)))
            return false;
    }
    return true;
}

static bool copy_annotation(char **slot, const cJSON *item, const char *key)
{
    const char *text = metadata(item, "annotations", key);

    *slot = vcl_strdup(text);
    return *slot || !text;
}

const char *vcl_gitops_of(const cJSON *object)
{
    if (metadata(object, "annotations", VCL_ANNOTATION_ARGO) ||
        metadata(object, "labels", VCL_LABEL_ARGO))
        return "Argo CD";
    if (metadata(object, "labels", VCL_LABEL_FLUX_HELM) ||
        metadata(object, "labels", VCL_LABEL_FLUX_KUSTOMIZE))
        return "Flux";
    return NULL;
}

/* Until when it is wanted and by whom, and what a change of it is guarded by. */
static bool fill_lease(vcluster_instance *instance, const cJSON *item)
{
    const char *gitops = vcl_gitops_of(item);

    (void)vcl_parse_rfc3339(metadata(item, "annotations", VCL_ANNOTATION_EXPIRES_AT),
                            &instance->expires_at);
    instance->workload_name = vcl_strdup(vcl_json_find_string(item, "metadata", "name", NULL));
    instance->uid = vcl_strdup(vcl_str(vcl_json_find_string(item, "metadata", "uid", NULL)));
    instance->resource_version =
        vcl_strdup(vcl_str(vcl_json_find_string(item, "metadata", "resourceVersion", NULL)));
    instance->gitops = vcl_strdup(gitops);
    return instance->workload_name && instance->uid && instance->resource_version &&
           (instance->gitops || !gitops) &&
           copy_annotation(&instance->owner, item, VCL_ANNOTATION_OWNER) &&
           copy_annotation(&instance->reaping, item, VCL_ANNOTATION_REAPING);
}

int vcl_compose_workload(const cJSON *item,
                         const char *kind,
                         vcluster_instance *out,
                         vcluster_error **error)
{
    const char *name = metadata(item, "labels", VCL_LABEL_RELEASE);

    if (vcl_str_empty(name))
        return 0;
    const char *distribution = metadata(item, "annotations", VCL_ANNOTATION_DISTRIBUTION);
    vcluster_instance instance = {
        .name = vcl_strdup(name),
        .namespace_name = copy_namespace(item),
        .distribution = vcl_strdup(distribution ? distribution : "upstream"),
        .workload_kind = vcl_strdup(kind),
        .replicas = vcl_json_find_int(item, 1, "spec", "replicas", NULL),
        .paused = vcl_workload_is_paused(item),
        .restoring = metadata(item, "annotations", VCL_ANNOTATION_RESTORING) != NULL,
        .restoring_upstream =
            vcl_streq(metadata(item, "annotations", VCL_ANNOTATION_RESTORING_UPSTREAM), "true"),
        .settled = vcl_workload_settled(item),
        .guarded = vcl_streq(metadata(item, "annotations", VCL_ANNOTATION_GUARD), "true"),
    };
    (void)vcl_parse_rfc3339(vcl_json_find_string(item, "metadata", "creationTimestamp", NULL),
                            &instance.created);
    if (!instance.name || !instance.namespace_name || !instance.distribution ||
        !instance.workload_kind || !fill_lease(&instance, item) ||
        !fill_versions(&instance, vcl_json_find(item, "spec", "template", "spec", NULL))) {
        vcl_instance_done(&instance);
        return vcl_no_memory(error);
    }
    *out = instance;
    return 1;
}

void vcl_instance_part_done(vcl_instance_part *part)
{
    free(part->namespace_name);
    free(part->name);
    free(part->status);
    free(part->pod);
    *part = (vcl_instance_part){ 0 };
}

static bool init_part(vcl_instance_part *part, const cJSON *item, const char *name)
{
    *part = (vcl_instance_part){ .namespace_name = copy_namespace(item), .name = vcl_strdup(name) };
    return part->namespace_name && part->name;
}

int vcl_compose_pod(const cJSON *item, vcl_instance_part *out, vcluster_error **error)
{
    const char *name = metadata(item, "labels", VCL_LABEL_RELEASE);
    vcl_instance_part part;
    VCL_AUTO_BUF status = { 0 };

    if (vcl_str_empty(name))
        return 0;
    vcl_buf_init(&status, VCL_MAX_MESSAGE);
    if (init_part(&part, item, name) && vcl_pod_status(item, &status))
        part.status = vcl_buf_steal(&status);
    if (!part.status) {
        vcl_instance_part_done(&part);
        return vcl_no_memory(error);
    }
    part.ready = vcl_pod_ready(item);
    if (part.ready && !vcl_json_find(item, "metadata", "deletionTimestamp", NULL)) {
        part.pod = vcl_strdup(vcl_json_find_string(item, "metadata", "name", NULL));
        if (!part.pod) {
            vcl_instance_part_done(&part);
            return vcl_no_memory(error);
        }
    }
    *out = part;
    return 1;
}

int vcl_compose_secret(const cJSON *item, vcl_instance_part *out, vcluster_error **error)
{
    static const char prefix[] = "vc-config-";
    const char *secret = vcl_json_find_string(item, "metadata", "name", NULL);
    vcl_instance_part part;

    if (!vcl_starts_with(secret, prefix) ||
        !metadata(item, "annotations", VCL_ANNOTATION_SLEEP_TYPE))
        return 0;
    if (!init_part(&part, item, secret + strlen(prefix))) {
        vcl_instance_part_done(&part);
        return vcl_no_memory(error);
    }
    part.sleeping = true;
    *out = part;
    return 1;
}

static void keep_only(cJSON *object, const char *const *keys)
{
    cJSON *next = NULL;

    for (cJSON *member = object ? object->child : NULL; member; member = next) {
        const char *const *key = keys;

        next = member->next;
        while (*key && !vcl_streq(*key, member->string))
            key++;
        if (!*key)
            cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
    }
}

static void trim_containers(cJSON *spec)
{
    static const char *const lists[] = { "containers", "initContainers" };
    static const char *const keys[] = { "name", "image", "restartPolicy", NULL };
    cJSON *container;

    for (int l = 0; l < 2; l++) {
        cJSON_ArrayForEach (container, vcl_json_get(spec, lists[l]))
            keep_only(container, keys);
    }
}

void vcl_compose_trim(cJSON *item)
{
    static const char *const metadata_keys[] = { "name",
                                                 "namespace",
                                                 "uid",
                                                 "resourceVersion",
                                                 "generation",
                                                 "creationTimestamp",
                                                 "deletionTimestamp",
                                                 "labels",
                                                 "annotations",
                                                 NULL };
    static const char *const spec_keys[] = {
        "replicas", "template", "containers", "initContainers", "nodeName", "readinessGates", NULL
    };
    static const char *const template_keys[] = { "spec", NULL };
    cJSON *spec = vcl_json_get(item, "spec");
    cJSON *template = vcl_json_get(spec, "template");
    cJSON *pod_spec = vcl_json_get(template, "spec");

    keep_only(vcl_json_get(item, "metadata"), metadata_keys);
    vcl_json_remove(vcl_json_find(item, "metadata", "annotations", NULL),
                    "kubectl.kubernetes.io/last-applied-configuration");
    keep_only(spec, spec_keys);
    keep_only(template, template_keys);
    keep_only(pod_spec, spec_keys);
    trim_containers(spec);
    trim_containers(pod_spec);
}

static bool add_note(vcluster_instance *instance, const char *text)
{
    char *note = vcl_str_empty(instance->note) ? vcl_strdup(text)
                                               : vcl_format("%s; %s", instance->note, text);
    if (!note)
        return false;
    free(instance->note);
    instance->note = note;
    return true;
}

bool vcl_compose_join(vcluster_instance *instance, const vcl_instance_part *added)
{
    instance->ready = instance->ready || added->ready;
    if (added->pod && !vcl_str_replace(&instance->pod, added->pod))
        return false;
    if (instance->paused)
        return true;
    if (added->sleeping)
        return vcl_str_replace(&instance->status, "Sleeping (workloads only)");
    if (instance->status && vcl_starts_with(instance->status, "Sleeping"))
        return true;
    return vcl_str_replace(&instance->status, added->status);
}

bool vcl_compose_finish(vcluster_instance *instance, bool pods_known, bool secrets_known)
{
    if (instance->paused)
        return vcl_str_replace(&instance->status, "Paused");
    if (!pods_known && !add_note(instance, "its pods could not be read: status and readiness are "
                                           "unknown"))
        return false;
    if (!secrets_known && !add_note(instance, "its Secrets could not be read: sleep is unknown"))
        return false;
    if (vcl_streq(instance->distribution, "embedded") &&
        !add_note(instance, "workloads do not run in the embedded distribution of this version"))
        return false;
    if (!instance->status && pods_known && instance->replicas == 0)
        return vcl_str_replace(&instance->status, "ScaledDown");
    return true;
}
