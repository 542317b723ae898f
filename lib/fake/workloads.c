/* SPDX-License-Identifier: Apache-2.0 */
/* The pods and claims of workloads; see controllers.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "fake/controllers.h"

/* Pods of one workload, at most: a typing error shall not fill the memory. */
enum { MAX_REPLICAS = 100 };

typedef struct workload {
    const vcl_fake_control *control;
    cJSON *tree; /* a copy: the object moves on with its status */
    const char *kind;
    const char *name;
    const char *namespace_name;
    int64_t wanted;
    char revision[20]; /* of its template */
} workload;

bool vcl_fake_is_workload(const cJSON *tree)
{
    static const char *const kinds[] = { "StatefulSet", "Deployment", "DaemonSet", "Job" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (vcl_streq(vcl_json_find_string(tree, "kind", NULL), kinds[i]))
            return true;
    }
    return false;
}

static bool is(const workload *w, const char *kind)
{
    return vcl_streq(w->kind, kind);
}

/* FNV-1a of the template. */
static void set_revision(workload *w)
{
    vcl_auto_free char *text = vcl_json_print_go(vcl_json_find(w->tree, "spec", "template", NULL));
    uint64_t hash = 14695981039346656037U;

    for (const char *c = vcl_str(text); *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    (void)snprintf(w->revision, sizeof(w->revision), "%010" PRIx64, hash & 0xffffffffffU);
}

static int64_t wanted_pods(const workload *w)
{
    const char *count = is(w, "Job") ? "completions" : "replicas";
    int64_t number = is(w, "DaemonSet") ? 1 : vcl_json_find_int(w->tree, 1, "spec", count, NULL);

    return number < 0 ? 0 : number > MAX_REPLICAS ? MAX_REPLICAS : number;
}

static char *pod_name(const workload *w, int64_t index)
{
    if (is(w, "StatefulSet"))
        return vcl_format("%s-%lld", w->name, (long long)index);
    return vcl_format("%s-%s-%lld", w->name, w->revision, (long long)index);
}

/* ---- Claims ---- */

static bool add_claim(const workload *w, const cJSON *template, const char *pod)
{
    const char *volume = vcl_str(vcl_json_find_string(template, "metadata", "name", NULL));
    vcl_auto_free char *name = vcl_format("%s-%s", volume, pod);
    vcl_auto_free char *path = vcl_format("/api/v1/namespaces/%s/persistentvolumeclaims/%s",
                                          w->namespace_name, vcl_str(name));
    if (!name || !path)
        return false;
    if (vcl_world_find(w->control->world, path))
        return true;
    cJSON *claim = vcl_json_copy(template);
    cJSON *metadata = claim ? vcl_json_object(claim, "metadata") : NULL;
    cJSON *status = claim ? vcl_json_object(claim, "status") : NULL;
    const cJSON *labels = vcl_json_find(w->tree, "spec", "selector", "matchLabels", NULL);
    if (metadata && status && vcl_json_set_string(claim, "apiVersion", "v1") &&
        vcl_json_set_string(claim, "kind", "PersistentVolumeClaim") &&
        vcl_json_set_string(metadata, "name", name) &&
        vcl_json_set_string(metadata, "namespace", w->namespace_name) &&
        (!labels || vcl_json_set(metadata, "labels", vcl_json_copy(labels))) &&
        vcl_json_set_string(status, "phase", "Bound"))
        return vcl_world_store(w->control->world, path, claim) != NULL;
    cJSON_Delete(claim);
    return false;
}

static bool add_claims(const workload *w, const char *pod)
{
    const cJSON *template;

    cJSON_ArrayForEach (template, vcl_json_find(w->tree, "spec", "volumeClaimTemplates", NULL)) {
        if (!add_claim(w, template, pod))
            return false;
    }
    return true;
}

/* ---- Pods ---- */

static cJSON *owner(const workload *w)
{
    cJSON *one = cJSON_CreateObject();
    const char *uid = vcl_str(vcl_json_find_string(w->tree, "metadata", "uid", NULL));

    if (one &&
        vcl_json_set_string(one, "apiVersion",
                            vcl_str(vcl_json_find_string(w->tree, "apiVersion", NULL))) &&
        vcl_json_set_string(one, "kind", w->kind) && vcl_json_set_string(one, "name", w->name) &&
        vcl_json_set_string(one, "uid", uid) && vcl_json_set(one, "controller", cJSON_CreateTrue()))
        return one;
    cJSON_Delete(one);
    return NULL;
}

static cJSON *new_pod(const workload *w, const char *name)
{
    const cJSON *template = vcl_json_find(w->tree, "spec", "template", NULL);
    cJSON *pod = vcl_json_copy(template);
    cJSON *metadata = pod ? vcl_json_object(pod, "metadata") : NULL;
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
    cJSON *spec = pod ? vcl_json_object(pod, "spec") : NULL;
    cJSON *owners = metadata ? cJSON_AddArrayToObject(metadata, "ownerReferences") : NULL;

    if (labels && spec && owners && vcl_json_set_string(pod, "apiVersion", "v1") &&
        vcl_json_set_string(pod, "kind", "Pod") && vcl_json_set_string(metadata, "name", name) &&
        vcl_json_set_string(metadata, "namespace", w->namespace_name) &&
        vcl_json_set_string(labels, "controller-revision-hash", w->revision) &&
        vcl_json_append(owners, owner(w)) && vcl_json_set_string(spec, "nodeName", VCL_FAKE_NODE) &&
        vcl_json_set(pod, "status", vcl_fake_pod_status(pod)))
        return pod;
    cJSON_Delete(pod);
    return NULL;
}

static bool add_pod(const workload *w, int64_t index)
{
    vcl_auto_free char *name = pod_name(w, index);
    vcl_auto_free char *path =
        vcl_format("/api/v1/namespaces/%s/pods/%s", w->namespace_name, vcl_str(name));

    if (!name || !path)
        return false;
    if (vcl_world_find(w->control->world, path))
        return true;
    return add_claims(w, name) && vcl_world_store(w->control->world, path, new_pod(w, name));
}

/* Whether a pod of this workload is none of those that it wants. */
static bool is_extra(const workload *w, const vcl_fake_object *object)
{
    const cJSON *owners = vcl_json_find(object->tree, "metadata", "ownerReferences", NULL);
    const char *uid = vcl_json_find_string(owners ? owners->child : NULL, "uid", NULL);

    if (!vcl_streq(vcl_json_find_string(object->tree, "kind", NULL), "Pod") ||
        !vcl_streq(uid, vcl_json_find_string(w->tree, "metadata", "uid", NULL)))
        return false;
    if (!vcl_streq(vcl_json_find_string(object->tree, "metadata", "labels",
                                        "controller-revision-hash", NULL),
                   w->revision))
        return true;
    int64_t index = 0;
    const char *dash = strrchr(object->path, '-');
    return !dash || !vcl_parse_i64(dash + 1, &index) || index >= w->wanted;
}

static void drop_extra(const workload *w)
{
    vcl_fake_object *object = w->control->world->objects;

    while (object) {
        vcl_fake_object *next = object->next;
        if (is_extra(w, object))
            vcl_world_drop(w->control->world, object);
        object = next;
    }
}

/* ---- Status ---- */

static bool set_counts(const workload *w, cJSON *status)
{
    static const char *const of_sets[] = { "replicas",          "readyReplicas",
                                           "currentReplicas",   "updatedReplicas",
                                           "availableReplicas", NULL };
    static const char *const of_daemons[] = { "desiredNumberScheduled", "currentNumberScheduled",
                                              "updatedNumberScheduled", "numberReady",
                                              "numberAvailable",        NULL };
    static const char *const of_jobs[] = { "succeeded", NULL };
    const char *const *names = is(w, "Job") ? of_jobs : is(w, "DaemonSet") ? of_daemons : of_sets;

    for (; *names; names++) {
        if (!vcl_json_set_int(status, *names, w->wanted))
            return false;
    }
    return true;
}

static bool add_condition(cJSON *status, const char *type)
{
    cJSON *list = cJSON_AddArrayToObject(status, "conditions");
    cJSON *one = cJSON_CreateObject();

    if (list && one && vcl_json_set_string(one, "type", type) &&
        vcl_json_set_string(one, "status", "True"))
        return vcl_json_append(list, one);
    cJSON_Delete(one);
    return false;
}

static cJSON *make_status(const workload *w)
{
    cJSON *status = cJSON_CreateObject();
    int64_t generation = vcl_json_find_int(w->tree, 1, "metadata", "generation", NULL);
    bool made = status && vcl_json_set_int(status, "observedGeneration", generation) &&
                set_counts(w, status);

    if (made && is(w, "Job"))
        made = add_condition(status, "Complete");
    else if (made && is(w, "Deployment"))
        made = add_condition(status, "Available");
    else if (made)
        made = vcl_json_set_string(status, "currentRevision", w->revision) &&
               vcl_json_set_string(status, "updateRevision", w->revision);
    if (made)
        return status;
    cJSON_Delete(status);
    return NULL;
}

/* A pod that is made anew for another template has its old name free only then. */
void vcl_fake_run_workload(const vcl_fake_control *control, vcl_fake_object *object)
{
    VCL_AUTO_JSON *tree = vcl_json_copy(object->tree);
    workload w = { .control = control,
                   .tree = tree,
                   .kind = vcl_str(vcl_json_find_string(tree, "kind", NULL)),
                   .name = vcl_str(vcl_json_find_string(tree, "metadata", "name", NULL)),
                   .namespace_name =
                       vcl_str(vcl_json_find_string(tree, "metadata", "namespace", NULL)) };

    if (!tree)
        return;
    set_revision(&w);
    w.wanted = wanted_pods(&w);
    drop_extra(&w);
    for (int64_t i = 0; i < w.wanted; i++) {
        if (!add_pod(&w, i))
            return; /* its status tells of none of this */
    }
    cJSON *status = make_status(&w);
    if (status)
        (void)vcl_fake_set_status(control->world, object, status);
}
