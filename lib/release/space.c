/* SPDX-License-Identifier: Apache-2.0 */
/* The namespace of a release; see space.h. It gets the label that Helm gives it. */
#include "release/space.h"

#include "base/str.h"
#include "release/record.h"

static vcl_object_key key_of(const vcl_release_request *request)
{
    return (vcl_object_key){ .api_version = "v1",
                             .kind = "Namespace",
                             .name = request->namespace_name };
}

static int
refuse(const vcl_release_request *request, const vcl_space *space, vcluster_error **error)
{
    if (request->options.create_namespace || (space->exists && !space->going))
        return VCLUSTER_OK;
    if (space->going)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "namespace '%s' is being deleted",
                        request->namespace_name);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                    "namespace '%s' does not exist: make it, or ask for create_namespace",
                    request->namespace_name);
}

int vcl_space_look(const vcl_release_request *request,
                   vcl_call *call,
                   vcl_space *out_space,
                   vcluster_error **error)
{
    vcl_object_key key = key_of(request);
    VCL_AUTO_JSON *object = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get_metadata(request->kube, call, &key, &object, &why);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND && status != VCLUSTER_E_PERMISSION)
        return vcl_error_pass(error, &why, status);
    /* A user of one namespace may use it without being allowed to read it. */
    *out_space = (vcl_space){
        .exists = status != VCLUSTER_E_NOT_FOUND,
        .going = vcl_json_find_string(object, "metadata", "deletionTimestamp", NULL) != NULL,
    };
    return refuse(request, out_space, error);
}

static cJSON *manifest(const char *name)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    cJSON *metadata = object ? vcl_json_object(object, "metadata") : NULL;
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;

    if (!labels || !vcl_json_set_string(object, "apiVersion", "v1") ||
        !vcl_json_set_string(object, "kind", "Namespace") ||
        !vcl_json_set_string(metadata, "name", name) || !vcl_json_set_string(labels, "name", name))
        return NULL;
    return vcl_steal(&object);
}

int vcl_space_ensure(const vcl_release_request *request,
                     vcl_call *call,
                     const vcl_space *space,
                     vcluster_error **error)
{
    vcl_object_key key = key_of(request);
    VCL_AUTO_ERROR *why = NULL;
    VCL_AUTO_JSON *object = NULL;
    int status = VCLUSTER_OK;

    if (space->exists && !space->going)
        return VCLUSTER_OK;
    if (space->going) {
        status = vcl_call_report(call, error, VCLUSTER_STEP_NAMESPACE, key.name,
                                 "a namespace of this name is being deleted; waiting for it");
        if (status == 0)
            status = vcl_kube_wait_gone(request->kube, call, &key, NULL, error);
    }
    if (status < 0)
        return status;
    object = manifest(request->namespace_name);
    if (!object)
        return vcl_no_memory(error);
    status = vcl_kube_create(request->kube, call, object, NULL, VCL_MANAGER_HELM, NULL, &why);
    if (status == VCLUSTER_E_ALREADY_EXISTS)
        return VCLUSTER_OK;
    /* The answer may be all that was lost, or the request itself. */
    if (status == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(why)) {
        VCL_AUTO_JSON *stored = NULL;
        int found = vcl_kube_get_metadata(request->kube, call, &key, &stored, NULL);
        if (found == VCLUSTER_OK)
            return VCLUSTER_OK;
        if (found == VCLUSTER_E_NOT_FOUND) {
            vcl_error_clear(&why);
            status =
                vcl_kube_create(request->kube, call, object, NULL, VCL_MANAGER_HELM, NULL, &why);
            if (status == VCLUSTER_E_ALREADY_EXISTS)
                return VCLUSTER_OK;
        }
    }
    if (status < 0) {
        (void)vcl_error_pass(error, &why, status);
        return vcl_wrap(error, status, "make namespace '%s'", request->namespace_name);
    }
    status = vcl_call_report(call, error, VCLUSTER_STEP_NAMESPACE, key.name, "namespace made");
    return status < 0 ? status : 1;
}
