/* SPDX-License-Identifier: Apache-2.0 */
/* The host namespace of a virtual cluster; see namespace.h. */
#include "vcluster/lifecycle/namespace.h"

#include <stdio.h>

#include "base/str.h"
#include "vcluster/names.h"

static vcl_object_key key_of(const char *name)
{
    return (vcl_object_key){ .api_version = "v1", .kind = "Namespace", .name = name };
}

static void read_state(const cJSON *object, vcl_namespace_state *state)
{
    *state = (vcl_namespace_state){
        .exists = true,
        .ours = vcl_streq(
            vcl_json_find_string(object, "metadata", "annotations", VCL_ANNOTATION_CREATED, NULL),
            "true"),
        .going = vcl_json_find_string(object, "metadata", "deletionTimestamp", NULL) != NULL,
    };
    (void)snprintf(state->pod_security, sizeof(state->pod_security), "%s",
                   vcl_str(vcl_json_find_string(object, "metadata", "labels",
                                                "pod-security.kubernetes.io/enforce", NULL)));
}

int vcl_namespace_look(vcl_kube *kube,
                       vcl_call *call,
                       const char *name,
                       vcl_namespace_state *out_state,
                       vcluster_error **error)
{
    vcl_object_key key = key_of(name);
    VCL_AUTO_JSON *object = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get_metadata(kube, call, &key, &object, &why);
    if (status == VCLUSTER_E_NOT_FOUND) {
        *out_state = (vcl_namespace_state){ 0 };
        return VCLUSTER_OK;
    }
    if (status == VCLUSTER_E_PERMISSION) {
        /* A user of one namespace may use it without being allowed to read it. */
        *out_state = (vcl_namespace_state){ .exists = true };
        return VCLUSTER_OK;
    }
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    read_state(object, out_state);
    return VCLUSTER_OK;
}

static cJSON *manifest(const char *name, const char *instance)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    cJSON *metadata = object ? vcl_json_object(object, "metadata") : NULL;
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
    cJSON *annotations = metadata ? vcl_json_object(metadata, "annotations") : NULL;

    if (!labels || !annotations || !vcl_json_set_string(object, "apiVersion", "v1") ||
        !vcl_json_set_string(object, "kind", "Namespace") ||
        !vcl_json_set_string(metadata, "name", name) ||
        !vcl_json_set_string(labels, VCL_LABEL_INSTANCE, instance) ||
        !vcl_json_set_string(annotations, VCL_ANNOTATION_CREATED, "true"))
        return NULL;
    return vcl_steal(&object);
}

static int create(vcl_kube *kube,
                  vcl_call *call,
                  const char *name,
                  const char *instance,
                  vcl_namespace_state *out_state,
                  vcluster_error **error)
{
    VCL_AUTO_JSON *object = manifest(name, instance);
    VCL_AUTO_ERROR *why = NULL;

    if (!object)
        return vcl_no_memory(error);
    int status = vcl_kube_create(kube, call, object, NULL, VCL_MANAGER_OWN, NULL, &why);
    if (status == VCLUSTER_E_ALREADY_EXISTS)
        return vcl_namespace_look(kube, call, name, out_state, error);
    /* The answer may be all that was lost, or the request itself. */
    if (status == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(why) &&
        vcl_namespace_look(kube, call, name, out_state, NULL) == 0) {
        if (out_state->exists)
            return VCLUSTER_OK;
        vcl_error_clear(&why);
        status = vcl_kube_create(kube, call, object, NULL, VCL_MANAGER_OWN, NULL, &why);
        if (status == VCLUSTER_E_ALREADY_EXISTS)
            return vcl_namespace_look(kube, call, name, out_state, error);
    }
    if (status < 0) {
        if (error)
            *error = vcl_steal(&why);
        return vcl_wrap(error, status, "make namespace '%s'", name);
    }
    *out_state = (vcl_namespace_state){ .exists = true, .made = true, .ours = true };
    return vcl_call_report(call, error, VCLUSTER_STEP_NAMESPACE, name, "namespace made");
}

int vcl_namespace_ensure(vcl_kube *kube,
                         vcl_call *call,
                         const char *name,
                         const char *instance,
                         vcl_namespace_state *out_state,
                         vcluster_error **error)
{
    vcl_object_key key = key_of(name);

    int status = vcl_namespace_look(kube, call, name, out_state, error);
    if (status == 0 && out_state->going) {
        status = vcl_call_report(call, error, VCLUSTER_STEP_NAMESPACE, name,
                                 "a namespace of this name is being deleted; waiting for it");
        if (status == 0)
            status = vcl_kube_wait_gone(kube, call, &key, NULL, error);
        *out_state = (vcl_namespace_state){ 0 };
    }
    if (status < 0)
        return status;
    if (!out_state->exists)
        return create(kube, call, name, instance, out_state, error);
    return vcl_call_report(call, error, VCLUSTER_STEP_NAMESPACE, name, "namespace is there");
}

int vcl_namespaces_of(
    vcl_kube *kube, vcl_call *call, const char *instance, cJSON **out_names, vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format(VCL_LABEL_INSTANCE "=%s", instance);
    VCL_AUTO_JSON *names = cJSON_CreateArray();
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;

    if (!selector || !names)
        return vcl_no_memory(error);
    vcl_list_query query = {
        .api_version = "v1", .kind = "Namespace", .label_selector = selector, .metadata_only = true
    };
    int status = vcl_kube_list(kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const char *name = vcl_json_find_string(item, "metadata", "name", NULL);
        if (!vcl_json_append(names, cJSON_CreateString(vcl_str(name))))
            return vcl_no_memory(error);
    }
    *out_names = vcl_steal(&names);
    return VCLUSTER_OK;
}
