/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What controllers of a cluster do after a write, at once instead of a moment later: pods of
 * workloads, claims that are bound, addresses of Services, what a namespace has and loses, what
 * goes with its owner. Nothing is scheduled, pulled or run.
 */
#include "fake/controllers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/yaml.h"

vcl_fake_object *vcl_fake_find(vcl_world *world,
                               const char *group,
                               const char *namespace_name,
                               const char *plural,
                               const char *name)
{
    vcl_auto_free char *path =
        vcl_format("/%s/namespaces/%s/%s/%s", group, vcl_str(namespace_name), plural, name);

    return path ? vcl_world_find(world, path) : NULL;
}

vcl_fake_object *vcl_fake_make(vcl_world *world, const char *format, ...)
{
    va_list arguments;
    cJSON *tree = NULL;

    va_start(arguments, format);
    vcl_auto_free char *text = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!text || vcl_yaml_parse(text, strlen(text), &tree, NULL) < 0)
        return NULL;
    vcl_auto_free char *path = vcl_fake_path_of(world, tree);
    if (!path) {
        cJSON_Delete(tree);
        return NULL;
    }
    return vcl_world_store(world, path, tree);
}

bool vcl_fake_set_status(vcl_world *world, vcl_fake_object *object, cJSON *status)
{
    cJSON *tree = vcl_json_copy(object->tree);

    if (!tree || !vcl_json_set(tree, "status", status)) {
        cJSON_Delete(tree);
        return false;
    }
    return vcl_world_store(world, object->path, tree) != NULL;
}

static bool is_kind(const cJSON *tree, const char *kind)
{
    return vcl_streq(vcl_json_find_string(tree, "kind", NULL), kind);
}

static const char *name_of(const cJSON *tree)
{
    return vcl_str(vcl_json_find_string(tree, "metadata", "name", NULL));
}

static const char *namespace_of(const cJSON *tree)
{
    return vcl_str(vcl_json_find_string(tree, "metadata", "namespace", NULL));
}

/* ---- One object ---- */

/* A namespace has a label, an account and the cluster's CA. */
static void run_namespace(const vcl_fake_control *c, vcl_fake_object *object)
{
    vcl_auto_free char *name = vcl_strdup(name_of(object->tree));
    cJSON *tree = vcl_json_copy(object->tree);
    cJSON *metadata = tree ? vcl_json_object(tree, "metadata") : NULL;
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
    cJSON *status = tree ? vcl_json_object(tree, "status") : NULL;

    if (!name || !labels || !status ||
        !vcl_json_set_string(labels, "kubernetes.io/metadata.name", name) ||
        !vcl_json_set_string(status, "phase", "Active")) {
        cJSON_Delete(tree);
        return;
    }
    (void)vcl_world_store(c->world, object->path, tree);
    if (vcl_fake_find(c->world, "api/v1", name, "serviceaccounts", "default"))
        return;
    (void)vcl_fake_make(c->world,
                        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, "
                        "namespace: '%s'}}",
                        name);
    (void)vcl_fake_make(c->world,
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt, "
                        "namespace: '%s'}, data: {ca.crt: ''}}",
                        name);
}

static void run_service(const vcl_fake_control *c, vcl_fake_object *object)
{
    char address[32];

    if (vcl_json_find(object->tree, "spec", "clusterIP", NULL))
        return;
    cJSON *tree = vcl_json_copy(object->tree);
    cJSON *spec = tree ? vcl_json_object(tree, "spec") : NULL;
    (void)snprintf(address, sizeof(address), "10.96.%d.%d", (int)(c->world->uids / 250 % 250),
                   (int)(c->world->uids % 250) + 2);
    if (spec && vcl_json_set_string(spec, "clusterIP", address))
        (void)vcl_world_store(c->world, object->path, vcl_steal(&tree));
    cJSON_Delete(tree);
}

static void set_status(const vcl_fake_control *c, vcl_fake_object *object, const char *yaml)
{
    cJSON *status = NULL;

    if (vcl_yaml_parse(yaml, strlen(yaml), &status, NULL) == 0)
        (void)vcl_fake_set_status(c->world, object, status);
}

static void run_pod(const vcl_fake_control *c, vcl_fake_object *object)
{
    cJSON *tree = vcl_json_copy(object->tree);
    cJSON *spec = tree ? vcl_json_object(tree, "spec") : NULL;

    if (spec && !vcl_json_get(tree, "status") &&
        vcl_json_set_string(spec, "nodeName", VCL_FAKE_NODE) &&
        vcl_json_set(tree, "status", vcl_fake_pod_status(tree)))
        (void)vcl_world_store(c->world, object->path, vcl_steal(&tree));
    cJSON_Delete(tree);
}

void vcl_fake_written(vcl_fake *fake, vcl_world *world, vcl_fake_object *object)
{
    const vcl_fake_control control = { fake, world };
    vcl_auto_free char *path = vcl_strdup(object->path);
    const cJSON *tree = object->tree;

    if (fake->bare || !path)
        return;
    if (vcl_fake_is_workload(tree)) {
        vcl_fake_run_workload(&control, object);
        vcl_fake_run_control_plane(&control, path);
    } else if (is_kind(tree, "Namespace")) {
        run_namespace(&control, object);
    } else if (is_kind(tree, "Service")) {
        run_service(&control, object);
    } else if (is_kind(tree, "PersistentVolumeClaim")) {
        set_status(&control, object, "{phase: Bound}");
    } else if (is_kind(tree, "Pod")) {
        run_pod(&control, object);
    } else if (is_kind(tree, "CustomResourceDefinition")) {
        set_status(&control, object,
                   "{conditions: [{type: NamesAccepted, status: 'True'}, "
                   "{type: Established, status: 'True'}]}");
    }
}

/* ---- What goes ---- */

/* An object that has no owner left but named some. */
static bool is_orphan(const cJSON *tree, const char *gone_uid)
{
    const cJSON *owner;
    bool named = false;
    int others = 0;

    cJSON_ArrayForEach (owner, vcl_json_find(tree, "metadata", "ownerReferences", NULL)) {
        if (vcl_streq(vcl_json_find_string(owner, "uid", NULL), gone_uid))
            named = true;
        else
            others++;
    }
    return named && others == 0;
}

/* The first that goes along with what has gone. */
static vcl_fake_object *find_dependent(vcl_world *world, const char *uid, const char *inside)
{
    for (vcl_fake_object *o = world->objects; o; o = o->next) {
        bool within =
            inside && strstr(o->path, inside) &&
            cJSON_GetArraySize(vcl_json_find(o->tree, "metadata", "finalizers", NULL)) == 0;
        if (within || is_orphan(o->tree, uid))
            return o;
    }
    return NULL;
}

/* A workload makes a pod of its own again. */
static void run_owner(const vcl_fake_control *c, const cJSON *pod)
{
    const cJSON *owner = vcl_json_find(pod, "metadata", "ownerReferences", NULL);
    const char *uid = vcl_json_find_string(owner ? owner->child : NULL, "uid", NULL);

    for (vcl_fake_object *o = c->world->objects; uid && o; o = o->next) {
        if (vcl_streq(vcl_json_find_string(o->tree, "metadata", "uid", NULL), uid)) {
            vcl_fake_written(c->fake, c->world, o);
            return;
        }
    }
}

static void gone(vcl_fake *fake, vcl_world *world, const cJSON *tree)
{
    const vcl_fake_control control = { fake, world };
    const char *uid = vcl_str(vcl_json_find_string(tree, "metadata", "uid", NULL));
    vcl_auto_free char *inside =
        is_kind(tree, "Namespace") ? vcl_format("/namespaces/%s/", name_of(tree)) : NULL;
    vcl_fake_object *dependent;

    while ((dependent = find_dependent(world, uid, inside)))
        vcl_fake_remove(fake, world, dependent);
    if (fake->bare)
        return;
    if (is_kind(tree, "Pod"))
        run_owner(&control, tree);
    if (vcl_streq(world->name, "") && *namespace_of(tree))
        vcl_fake_forget_control_planes(&control);
}

void vcl_fake_remove(vcl_fake *fake, vcl_world *world, vcl_fake_object *object)
{
    cJSON *tree = vcl_json_copy(object->tree);

    vcl_world_drop(world, object);
    if (tree)
        gone(fake, world, tree);
    vcl_json_free_secret(tree);
}

/* ---- What every cluster has ---- */

bool vcl_fake_furnish(vcl_fake *fake, vcl_world *world)
{
    static const char *const namespaces[] = { "default", "kube-node-lease", "kube-public",
                                              "kube-system" };

    for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
        vcl_fake_object *made = vcl_fake_make(
            world, "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", namespaces[i]);
        if (!made)
            return false;
        vcl_fake_written(fake, world, made);
    }
    return vcl_fake_make(world,
                         "{apiVersion: v1, kind: Service, metadata: {name: kubernetes, namespace: "
                         "default}, spec: {clusterIP: 10.96.0.1, ports: [{name: https, port: "
                         "443}]}}") &&
           (*world->name ||
            (vcl_fake_make(world,
                           "{apiVersion: v1, kind: Node, metadata: {name: " VCL_FAKE_NODE
                           "}, spec: {}, status: {capacity: {cpu: '64', memory: 256Gi, pods: "
                           "'1000'}, allocatable: {cpu: '64', memory: 256Gi, pods: '1000'}, "
                           "addresses: [{type: InternalIP, address: 192.0.2.1}], conditions: "
                           "[{type: Ready, status: 'True'}], nodeInfo: {kubeletVersion: '%s', "
                           "operatingSystem: linux, architecture: amd64}}}",
                           world->kubernetes_version) &&
             vcl_fake_make(world,
                           "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: "
                           "standard, annotations: {storageclass.kubernetes.io/is-default-class: "
                           "'true'}}, provisioner: fake.libvcluster.dev/none}")));
}
