/* SPDX-License-Identifier: Apache-2.0 */
/* The container of a pod that is meant when the caller names none: kubectl's rules, but no guess
 * where there are several. */
#include "base/limits.h"
#include "base/str.h"
#include "kube/client.h"
#include "kube/pod.h"

static const cJSON *find_container(const cJSON *pod, const char *list, const char *name)
{
    const cJSON *container = NULL;

    cJSON_ArrayForEach (container, vcl_json_find(pod, "spec", list, NULL)) {
        if (vcl_streq(vcl_json_find_string(container, "name", NULL), name))
            return container;
    }
    return NULL;
}

static void add_names(vcl_buf *names, const cJSON *pod, const char *list, const char *kind)
{
    const cJSON *container = NULL;

    cJSON_ArrayForEach (container, vcl_json_find(pod, "spec", list, NULL))
        vcl_buf_addf(names, "%s'%s'%s", names->size ? ", " : "",
                     vcl_str(vcl_json_find_string(container, "name", NULL)), kind);
}

static int fail_ambiguous(const cJSON *pod, vcluster_error **error)
{
    VCL_AUTO_BUF names = { 0 };

    vcl_buf_init(&names, VCL_MAX_MESSAGE);
    add_names(&names, pod, "containers", "");
    add_names(&names, pod, "initContainers", " (init)");
    add_names(&names, pod, "ephemeralContainers", " (ephemeral)");
    return vcl_fail(
        error, VCLUSTER_E_INVALID_ARGUMENT, "pod '%s' has several containers: name one of %s",
        vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL)), vcl_buf_text(&names));
}

int vcl_pod_pick_container(const cJSON *pod, char **out_container, vcluster_error **error)
{
    const cJSON *containers = vcl_json_find(pod, "spec", "containers", NULL);
    const char *name = vcl_json_find_string(pod, "metadata", "annotations",
                                            "kubectl.kubernetes.io/default-container", NULL);

    if (vcl_str_empty(name) || !find_container(pod, "containers", name)) {
        if (cJSON_GetArraySize(containers) > 1)
            return fail_ambiguous(pod, error);
        name = vcl_json_find_string(cJSON_GetArrayItem(containers, 0), "name", NULL);
    }
    if (vcl_str_empty(name))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the server told a pod without containers");

    char *copy = vcl_strdup(name);
    if (!copy)
        return vcl_no_memory(error);
    *out_container = copy;
    return VCLUSTER_OK;
}

static int choose(vcl_kube *kube,
                  vcl_call *call,
                  const vcl_pod_ref *ref,
                  char **out_container,
                  vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", ref->namespace_name, ref->pod };
    VCL_AUTO_JSON *pod = NULL;

    if (!vcl_str_empty(ref->container)) {
        *out_container = vcl_strdup(ref->container);
        return *out_container ? VCLUSTER_OK : vcl_no_memory(error);
    }
    int status = vcl_kube_get(kube, call, &key, &pod, error);
    return status < 0 ? status : vcl_pod_pick_container(pod, out_container, error);
}

int vcl_pod_path(vcl_kube *kube,
                 vcl_call *call,
                 const vcl_pod_ref *ref,
                 const char *subresource,
                 vcl_buf *path,
                 vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", ref->namespace_name, ref->pod };
    vcl_auto_free char *container = NULL;

    int status = vcl_kube_key_path(kube, call, &key, path, error);
    if (status == VCLUSTER_OK)
        status = choose(kube, call, ref, &container, error);
    if (status < 0)
        return status;
    vcl_buf_addf(path, "/%s", subresource);
    vcl_query_add(path, "container", container);
    return vcl_kube_check_buf(path, error);
}

/* WebSockets begin with a GET, by which servers judge them; from 1.35 on they ask for 'create',
 * too, and do not say so when they refuse for want of it. */
static const char *verbs_of(const char *subresource)
{
    return vcl_streq(subresource, "log") ? "the right 'get'" : "the rights 'get' and 'create'";
}

/* The verb of vcl for it, which is the operation of `vcl rights`, too. */
static const char *operation_of(const char *subresource)
{
    if (vcl_streq(subresource, "log"))
        return "logs";
    return vcl_streq(subresource, "portforward") ? "port-forward" : subresource;
}

int vcl_pod_lacks_rights(vcluster_error **failure,
                         const char *doing,
                         const vcl_pod_ref *ref,
                         const char *subresource)
{
    return vcl_wrap(failure, VCLUSTER_E_PERMISSION,
                    "%s pod '%s' (the user needs %s on pods/%s in namespace '%s': 'vcl rights %s' "
                    "prints a role with that)",
                    doing, vcl_str(ref->pod), verbs_of(subresource), subresource,
                    vcl_str(ref->namespace_name), operation_of(subresource));
}
