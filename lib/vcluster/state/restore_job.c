/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of upstream's restore, and whether it can be; see restore_job.h. */
#include "vcluster/state/restore_job.h"

#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "vcluster/names.h"

#define OPTIONS "VCLUSTER_STORAGE_OPTIONS"
/* Upstream's policy for the network of its snapshot pods selects by this label. */
#define APP "vcluster-snapshot"

/* ---- The objects ---- */

static const cJSON *spec_of(const vcl_restore_job *job)
{
    return vcl_json_find(job->pod.workload, "spec", "template", "spec", NULL);
}

static const cJSON *named(const cJSON *list, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return item;
    }
    return NULL;
}

/* Whether the data lie on the volume of a claim that the workload makes itself. */
static bool has_claim(const vcl_restore_job *job)
{
    const cJSON *syncer = vcl_restore_container(job->pod.workload, "syncer");

    return named(vcl_json_get(syncer, "volumeMounts"), "data") &&
           !named(vcl_json_get(spec_of(job), "volumes"), "data");
}

static bool add_volumes(cJSON *spec, const vcl_restore_job *job)
{
    const cJSON *volumes = vcl_json_get(spec_of(job), "volumes");
    cJSON *all = volumes ? vcl_json_copy(volumes) : cJSON_CreateArray();

    if (!vcl_json_set(spec, "volumes", all))
        return false;
    if (!has_claim(job))
        return true;
    vcl_auto_free char *claim = vcl_restore_claim(&job->pod);
    cJSON *data = cJSON_CreateObject();
    return vcl_json_append(all, data) && claim && vcl_json_set_string(data, "name", "data") &&
           vcl_json_set_string(vcl_json_object(data, "persistentVolumeClaim"), "claimName", claim);
}

/* That of the syncer, as its first pod has it, and where the snapshot lies. */
static bool add_environment(cJSON *container, const cJSON *syncer, const vcl_restore_job *job)
{
    const cJSON *given = vcl_json_get(syncer, "env");
    cJSON *all = cJSON_CreateArray();
    cJSON *pod = cJSON_CreateObject();
    cJSON *options = cJSON_CreateObject();
    vcl_auto_free char *first = vcl_format("%s-0", job->pod.name);
    vcl_auto_free char *secret = vcl_restore_pod_name(&job->pod);
    const cJSON *item;

    bool done = vcl_json_set(container, "env", all);
    cJSON_ArrayForEach (item, given) {
        if (!vcl_streq(vcl_json_find_string(item, "name", NULL), "POD_NAME"))
            done = done && vcl_json_append(all, vcl_json_copy(item));
    }
    done = vcl_json_append(done ? all : NULL, pod) && done;
    done = vcl_json_append(done ? all : NULL, options) && done;
    if (!done || !first || !secret)
        return false;
    cJSON *from = vcl_json_object(vcl_json_object(options, "valueFrom"), "secretKeyRef");
    return vcl_json_set_string(pod, "name", "POD_NAME") &&
           vcl_json_set_string(pod, "value", first) &&
           vcl_json_set_string(options, "name", OPTIONS) &&
           vcl_json_set_string(from, "name", secret) && vcl_json_set_string(from, "key", OPTIONS);
}

static bool copy_members(cJSON *to, const cJSON *from, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *member = vcl_json_get(from, keys[i]);
        if (member && !vcl_json_set(to, keys[i], vcl_json_copy(member)))
            return false;
    }
    return true;
}

static bool add_container(cJSON *spec, const vcl_restore_job *job)
{
    static const char *const kept[] = { "image",   "imagePullPolicy", "securityContext",
                                        "envFrom", "volumeMounts",    "resources" };
    static const char *const command[] = { "/vcluster", "restore" };
    const cJSON *syncer = vcl_restore_container(job->pod.workload, "syncer");
    cJSON *list = cJSON_CreateArray();
    cJSON *made = cJSON_CreateObject();

    bool done = vcl_json_set(spec, "containers", list);
    done = vcl_json_append(done ? list : NULL, made) && done;
    return done && vcl_json_set_string(made, "name", VCL_RESTORE_CONTAINER) &&
           vcl_json_set(made, "command", cJSON_CreateStringArray(command, 2)) &&
           copy_members(made, syncer, kept, sizeof(kept) / sizeof(kept[0])) &&
           add_environment(made, syncer, job);
}

static bool fill_spec(cJSON *spec, const vcl_restore_job *job)
{
    static const char *const kept[] = { "affinity",           "imagePullSecrets",
                                        "initContainers",     "nodeSelector",
                                        "priorityClassName",  "securityContext",
                                        "serviceAccountName", "tolerations" };

    return copy_members(spec, spec_of(job), kept, sizeof(kept) / sizeof(kept[0])) &&
           vcl_json_set_string(spec, "restartPolicy", "Never") &&
           vcl_json_set_int(spec, "terminationGracePeriodSeconds", 1) && add_volumes(spec, job) &&
           add_container(spec, job);
}

int vcl_restore_job_build(const vcl_restore_job *job, cJSON **out_object, vcluster_error **error)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    cJSON *metadata = vcl_json_object(object, "metadata");
    cJSON *spec = vcl_json_object(object, "spec");

    if (!spec || !vcl_json_set_string(object, "apiVersion", "v1") ||
        !vcl_json_set_string(object, "kind", "Pod") ||
        !vcl_restore_pod_label(&job->pod, APP, metadata) ||
        !vcl_json_set_string(vcl_json_object(metadata, "annotations"), VCL_ANNOTATION_RESTORE_URL,
                             job->place->url) ||
        !fill_spec(spec, job))
        return vcl_no_memory(error);
    *out_object = vcl_steal(&object);
    return VCLUSTER_OK;
}

cJSON *vcl_restore_job_secret(const vcl_restore_job *job, bool torn)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *metadata = vcl_json_object(object, "metadata");
    char *settings = vcl_json_print(job->place->settings);
    char *encoded = settings ? vcl_base64_encode(settings, strlen(settings)) : NULL;

    bool done = encoded && vcl_json_set_string(object, "apiVersion", "v1") &&
                vcl_json_set_string(object, "kind", "Secret") &&
                vcl_restore_pod_label(&job->pod, APP, metadata) &&
                (!torn || vcl_json_set_string(vcl_json_object(metadata, "annotations"),
                                              VCL_ANNOTATION_RESTORE_TORN, "true")) &&
                vcl_json_set_string(vcl_json_object(object, "stringData"), OPTIONS, encoded);
    vcl_free_secret(settings);
    vcl_free_secret(encoded);
    if (done)
        return object;
    vcl_json_free_secret(object);
    return NULL;
}

/* ---- Before ---- */

/* A file is only there if it lies on a volume that outlives its pod. */
static bool is_kept(const vcl_restore_job *job, const char *path)
{
    const cJSON *mounts =
        vcl_json_get(vcl_restore_container(job->pod.workload, "syncer"), "volumeMounts");
    const cJSON *mount;

    cJSON_ArrayForEach (mount, mounts) {
        const char *name = vcl_json_find_string(mount, "name", NULL);
        const char *at = vcl_str(vcl_json_find_string(mount, "mountPath", NULL));
        const cJSON *volume = named(vcl_json_get(spec_of(job), "volumes"), name);
        size_t size = strlen(at);
        bool claim = volume ? vcl_json_get(volume, "persistentVolumeClaim") != NULL
                            : vcl_streq(name, "data");
        if (claim && size && strncmp(path, at, size) == 0 &&
            (at[size - 1] == '/' || path[size] == '/'))
            return true;
    }
    return false;
}

static int check_claim(const vcl_restore_job *job, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *claim = vcl_restore_claim(&job->pod);
    const vcl_object_key key = { "v1", "PersistentVolumeClaim", job->pod.namespace_name, claim };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!claim)
        return vcl_no_memory(error);
    if (!has_claim(job))
        return VCLUSTER_OK;
    int status = vcl_kube_get_metadata(job->pod.kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "its volume claim '%s' is missing", claim);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_restore_job_check(const vcl_restore_job *job, vcl_call *call, vcluster_error **error)
{
    const char *path = vcl_json_find_string(job->place->settings, "container", "path", NULL);

    if (!vcl_restore_container(job->pod.workload, "syncer"))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "its workload has no container 'syncer': it is no control plane of "
                        "upstream's that could be restored");
    if (path && !is_kept(job, path))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "'%s' lies on no volume of the control plane, so that nothing is kept "
                        "there: its own is at /data",
                        job->place->url);
    if (has_claim(job) && vcl_json_find_int(job->pod.workload, 1, "spec", "replicas", NULL) > 1)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "its state lies in the volumes of several replicas: bring it to one first "
                        "(controlPlane.statefulSet.highAvailability.replicas: 1)");
    return check_claim(job, call, error);
}
