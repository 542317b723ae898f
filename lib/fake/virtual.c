/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a control plane does: when its workload has a pod, there is a world for its virtual cluster,
 * and the Secret vc-NAME says how to come in. The world lasts as long as the workload or the claim
 * that its data lies on.
 */
#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "fake/controllers.h"
#include "release/pod_state.h"

static const char *label(const cJSON *tree, const char *name)
{
    return vcl_json_find_string(tree, "metadata", "labels", name, NULL);
}

/* A workload that is a control plane: by its labels, and the name of its release. */
static bool is_control_plane(const cJSON *tree)
{
    return vcl_streq(label(tree, "app"), "vcluster") &&
           vcl_streq(label(tree, "release"), vcl_json_find_string(tree, "metadata", "name", NULL));
}

/* The version that the image of its API server has; else the host's. */
static char *version_of(const vcl_fake_control *c, const cJSON *workload)
{
    const cJSON *spec = vcl_json_find(workload, "spec", "template", "spec", NULL);
    VCL_AUTO_BUF tag = { 0 };

    vcl_buf_init(&tag, 256);
    if (vcl_pod_spec_image_tag(spec, "kube-apiserver", &tag) &&
        vcl_starts_with(vcl_buf_text(&tag), "v"))
        return vcl_strdup(vcl_buf_text(&tag));
    return vcl_strdup(c->world->kubernetes_version);
}

static bool add_world(const vcl_fake_control *c, const char *name, const cJSON *workload)
{
    if (vcl_fake_world(c->fake, name))
        return true;
    vcl_auto_free char *version = version_of(c, workload);
    vcl_world *world = version ? vcl_world_new(name, version) : NULL;
    if (!world)
        return false;
    world->next = c->fake->worlds->next;
    c->fake->worlds->next = world;
    return vcl_fake_furnish(c->fake, world);
}

/* The kubeconfig that the control plane publishes. There is no TLS on the fake, and nobody to log
 * in: what is sent to it stays in this process. */
static bool publish(const vcl_fake_control *c, const char *ns, const char *name)
{
    static const char kubeconfig[] =
        "apiVersion: v1\nkind: Config\ncurrent-context: kubernetes-super-admin\n"
        "clusters: [{name: local, cluster: {server: 'http://localhost:8443'}}]\n"
        "users: [{name: kubernetes-super-admin, user: {}}]\n"
        "contexts: [{name: kubernetes-super-admin, context: {cluster: local, user: "
        "kubernetes-super-admin}}]\n";
    const vcl_fake_object *service = vcl_fake_find(c->world, "api/v1", ns, "services", name);
    vcl_auto_free char *text = vcl_base64_encode(kubeconfig, strlen(kubeconfig));
    const char *uid = vcl_json_find_string(service ? service->tree : NULL, "metadata", "uid", NULL);
    vcl_auto_free char *owner =
        uid ? vcl_format(", ownerReferences: [{apiVersion: v1, kind: Service, name: '%s', uid: "
                         "'%s'}]",
                         name, uid)
            : vcl_strdup("");

    return text && owner &&
           vcl_fake_make(c->world,
                         "{apiVersion: v1, kind: Secret, metadata: {name: 'vc-%s', namespace: "
                         "'%s', labels: {app: vcluster, vcluster-name: '%s'}%s}, type: Opaque, "
                         "data: {config: %s}}",
                         name, ns, name, owner, text);
}

void vcl_fake_run_control_plane(const vcl_fake_control *control, const char *workload_path)
{
    const vcl_fake_object *workload = vcl_world_find(control->world, workload_path);
    const cJSON *tree = workload ? workload->tree : NULL;
    const char *ns = vcl_json_find_string(tree, "metadata", "namespace", NULL);
    const char *name = vcl_json_find_string(tree, "metadata", "name", NULL);
    vcl_auto_free char *key = vcl_format("%s/%s", vcl_str(ns), vcl_str(name));

    if (*control->world->name || !key || !is_control_plane(tree) ||
        vcl_json_find_int(tree, 0, "status", "readyReplicas", NULL) == 0)
        return;
    if (add_world(control, key, tree))
        (void)publish(control, ns, name);
}

/* Whether something of it is left on the host. */
static bool lives(vcl_world *host, const char *key)
{
    const char *slash = strchr(key, '/');
    vcl_auto_free char *ns = vcl_strndup(key, (size_t)(slash - key));
    vcl_auto_free char *claim = vcl_format("data-%s-0", slash + 1);

    return !ns || !claim || vcl_fake_find(host, "apis/apps/v1", ns, "statefulsets", slash + 1) ||
           vcl_fake_find(host, "apis/apps/v1", ns, "deployments", slash + 1) ||
           vcl_fake_find(host, "api/v1", ns, "persistentvolumeclaims", claim);
}

void vcl_fake_forget_control_planes(const vcl_fake_control *control)
{
    vcl_world **slot = &control->fake->worlds->next;

    while (*slot) {
        vcl_world *world = *slot;
        if (lives(control->fake->worlds, world->name)) {
            slot = &world->next;
            continue;
        }
        *slot = world->next;
        vcl_world_free(world);
    }
}
