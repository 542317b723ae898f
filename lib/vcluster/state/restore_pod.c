/* SPDX-License-Identifier: Apache-2.0 */
/* The pod of a restore as an object, and its names; see restore_pod.h. */
#include "vcluster/state/restore_pod.h"

#include "base/str.h"
#include "vcluster/names.h"

char *vcl_restore_claim(const vcl_restore_pod *pod)
{
    return vcl_format(pod->etcd ? "data-%s-etcd-0" : "data-%s-0", pod->name);
}

char *vcl_restore_pod_name(const vcl_restore_pod *pod)
{
    return vcl_format("%s-restore", pod->name);
}

/* ---- The object ---- */

const cJSON *vcl_restore_container(const cJSON *workload, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item,
                        vcl_json_find(workload, "spec", "template", "spec", "containers", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return item;
    }
    return NULL;
}

static bool copy_member(cJSON *to, const cJSON *from, const char *key)
{
    const cJSON *member = vcl_json_get(from, key);

    return !member || vcl_json_set(to, key, vcl_json_copy(member));
}

static bool add_mount(cJSON *mounts, const char *name, const char *path)
{
    cJSON *mount = cJSON_CreateObject();

    return vcl_json_append(mounts, mount) && vcl_json_set_string(mount, "name", name) &&
           vcl_json_set_string(mount, "mountPath", path);
}

/* A container with the image and the rights of one of the workload. */
static bool add_container(cJSON *list,
                          const char *name,
                          const cJSON *like,
                          const char *const *command,
                          size_t command_size)
{
    cJSON *made = cJSON_CreateObject();

    if (!vcl_json_append(list, made))
        return false;
    cJSON *words = cJSON_CreateStringArray(command, (int)command_size);
    cJSON *mounts = cJSON_CreateArray();
    bool done = vcl_json_set(made, "command", words);
    done = vcl_json_set(made, "volumeMounts", mounts) && done;
    return done && vcl_json_set_string(made, "name", name) && copy_member(made, like, "image") &&
           copy_member(made, like, "imagePullPolicy") &&
           copy_member(made, like, "securityContext") && copy_member(made, like, "resources") &&
           add_mount(mounts, "data", "/data") && add_mount(mounts, "tmp", "/tmp");
}

static bool add_runtime(cJSON *list, const vcl_restore_pod *pod, const char *name, const char *verb)
{
    const char *command[] = { VCL_RESTORE_PROGRAM, verb, "--store", pod->store };

    return add_container(list, name, vcl_restore_container(pod->workload, "syncer"), command, 4);
}

/* etcd's own program makes a data folder of one member out of the snapshot. Revisions go on far
 * above those that clients may have seen. */
static bool add_etcdutl(cJSON *list, const vcl_restore_pod *pod)
{
    vcl_auto_free char *name = vcl_format(pod->etcd ? "--name=%s-etcd-0" : "--name=%s", pod->name);
    vcl_auto_free char *members =
        vcl_format(pod->etcd ? "--initial-cluster=%s-etcd-0=http://127.0.0.1:2380"
                             : "--initial-cluster=%s=http://127.0.0.1:2380",
                   pod->name);
    const char *command[] = { "etcdutl",
                              "snapshot",
                              "restore",
                              "/data/.restore/data",
                              "--data-dir=/data/.restore/etcd",
                              name,
                              members,
                              "--initial-advertise-peer-urls=http://127.0.0.1:2380",
                              "--bump-revision=1000000000",
                              "--mark-compacted" };
    const cJSON *like = pod->etcd ? vcl_restore_container(pod->etcd, "etcd")
                                  : vcl_restore_container(pod->workload, "store");

    return name && members && add_container(list, "etcdutl", like, command, 10);
}

static bool add_volumes(cJSON *spec, const vcl_restore_pod *pod)
{
    vcl_auto_free char *claim = vcl_restore_claim(pod);
    cJSON *volumes = cJSON_CreateArray();
    cJSON *data = cJSON_CreateObject();
    cJSON *tmp = cJSON_CreateObject();

    bool done = vcl_json_set(spec, "volumes", volumes);
    done = vcl_json_append(done ? volumes : NULL, data) && done;
    done = vcl_json_append(done ? volumes : NULL, tmp) && done;
    return done && claim && vcl_json_set_string(data, "name", "data") &&
           vcl_json_set_string(vcl_json_object(data, "persistentVolumeClaim"), "claimName",
                               claim) &&
           vcl_json_set_string(tmp, "name", "tmp") && vcl_json_object(tmp, "emptyDir");
}

static bool fill_spec(cJSON *spec, const vcl_restore_pod *pod)
{
    static const char *const kept[] = { "securityContext",   "nodeSelector",
                                        "affinity",          "tolerations",
                                        "priorityClassName", "serviceAccountName",
                                        "imagePullSecrets" };
    const cJSON *from =
        vcl_json_find(pod->etcd ? pod->etcd : pod->workload, "spec", "template", "spec", NULL);
    cJSON *first = cJSON_CreateArray();
    cJSON *last = cJSON_CreateArray();

    bool done = vcl_json_set(spec, "initContainers", first);
    done = vcl_json_set(spec, "containers", last) && done;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        done = done && copy_member(spec, from, kept[i]);
    return done && vcl_json_set_string(spec, "restartPolicy", "Never") &&
           vcl_json_set(spec, "automountServiceAccountToken", cJSON_CreateFalse()) &&
           vcl_json_set(spec, "enableServiceLinks", cJSON_CreateFalse()) &&
           vcl_json_set_int(spec, "terminationGracePeriodSeconds", 1) &&
           add_runtime(first, pod, "receive", "restore-hold") &&
           (vcl_streq(pod->store, "sqlite") || add_etcdutl(first, pod)) &&
           add_runtime(last, pod, "commit", "restore-commit") && add_volumes(spec, pod);
}

bool vcl_restore_pod_label(const vcl_restore_pod *pod, const char *app, cJSON *metadata)
{
    vcl_auto_free char *name = vcl_restore_pod_name(pod);
    cJSON *labels = vcl_json_object(metadata, "labels");
    cJSON *owners = cJSON_CreateArray();
    cJSON *owner = cJSON_CreateObject();

    bool done = vcl_json_set(metadata, "ownerReferences", owners);
    done = vcl_json_append(done ? owners : NULL, owner) && done;
    return done && name && labels && vcl_json_set_string(metadata, "name", name) &&
           vcl_json_set_string(labels, "app", app) &&
           vcl_json_set_string(labels, VCL_LABEL_RELEASE, pod->name) &&
           vcl_json_set_string(owner, "apiVersion", "apps/v1") &&
           vcl_json_set_string(owner, "kind", "StatefulSet") &&
           vcl_json_set_string(owner, "name", pod->name) &&
           vcl_json_set_string(owner, "uid",
                               vcl_json_find_string(pod->workload, "metadata", "uid", NULL));
}

int vcl_restore_pod_build(const vcl_restore_pod *pod, cJSON **out_object, vcluster_error **error)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    cJSON *metadata = object ? vcl_json_object(object, "metadata") : NULL;
    cJSON *spec = metadata ? vcl_json_object(object, "spec") : NULL;

    if (!spec || !vcl_json_set_string(object, "apiVersion", "v1") ||
        !vcl_json_set_string(object, "kind", "Pod") ||
        !vcl_restore_pod_label(pod, "vcluster-restore", metadata) || !fill_spec(spec, pod))
        return vcl_no_memory(error);
    *out_object = vcl_steal(&object);
    return VCLUSTER_OK;
}
