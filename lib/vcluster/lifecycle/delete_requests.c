/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What upstream's control plane was asked for: requests of snapshots. Where it has not finished
 * with one, its finalizer is on it, which nobody takes away when the control plane has gone, and
 * which would hold the namespace for ever. On an object that is being deleted it cannot be set
 * again.
 */
#include "base/str.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/deleter.h"
#include "vcluster/names.h"

/* A patch that leaves the finalizers of others; *out_patch NULL: there is nothing to take away. */
static int write_patch(const cJSON *object, char **out_patch, vcluster_error **error)
{
    const cJSON *all = vcl_json_find(object, "metadata", "finalizers", NULL);
    VCL_AUTO_JSON *patch = cJSON_CreateObject();
    cJSON *metadata = vcl_json_object(patch, "metadata");
    cJSON *others = cJSON_CreateArray();
    const cJSON *item;
    bool ours = false;

    bool done = vcl_json_set(metadata, "finalizers", others);
    cJSON_ArrayForEach (item, all) {
        if (vcl_streq(item->valuestring, VCL_FINALIZER_SNAPSHOT))
            ours = true;
        else
            done = done && vcl_json_append(others, vcl_json_copy(item));
    }
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);
    done = done && vcl_json_set_string(metadata, "resourceVersion", vcl_str(version));
    if (ours && done)
        *out_patch = vcl_json_print(patch);
    return done && (!ours || *out_patch) ? VCLUSTER_OK : vcl_no_memory(error);
}

/* One that the control plane has finished with meanwhile, and changed so, needs nothing more. */
static int let_go(deleter *self, vcl_call *call, const vcl_object_key *key, vcluster_error **error)
{
    const vcl_apply_options options = { .namespace_name = self->namespace_name,
                                        .field_manager = VCL_MANAGER_OWN };
    VCL_AUTO_ERROR *why = NULL;
    int status;

    do {
        VCL_AUTO_JSON *object = NULL;
        vcl_auto_free char *patch = NULL;

        vcluster_error_free(vcl_steal(&why));
        status = vcl_kube_get_metadata(self->kube, call, key, &object, &why);
        if (status == VCLUSTER_OK)
            status = write_patch(object, &patch, &why);
        if (status == VCLUSTER_OK && patch)
            status = vcl_kube_patch(self->kube, call, key, "application/merge-patch+json", patch,
                                    &options, NULL, &why);
    } while (status == VCLUSTER_E_CONFLICT);
    return status < 0 && status != VCLUSTER_E_NOT_FOUND ? vcl_error_pass(error, &why, status)
                                                        : VCLUSTER_OK;
}

static int drop(deleter *self, vcl_call *call, const vcl_object_key *key, vcluster_error **error)
{
    const vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_delete(self->kube, call, key, &options, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    return status < 0 ? vcl_error_pass(error, &why, status) : let_go(self, call, key, error);
}

static int drop_kind(deleter *self, vcl_call *call, const char *kind, vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format(
        "vcluster.loft.sh/snapshot-request,vcluster.loft.sh/vcluster-name=%s", self->request->name);
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = kind,
                                   .namespace_name = self->namespace_name,
                                   .label_selector = selector,
                                   .metadata_only = true };
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;

    int status =
        selector ? vcl_kube_list(self->kube, call, &query, &list, error) : vcl_no_memory(error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const vcl_object_key key = { "v1", kind, self->namespace_name,
                                     vcl_json_find_string(item, "metadata", "name", NULL) };
        status = drop(self, call, &key, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

int vcl_deleter_drop_requests(deleter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    if (self->instance && vcl_streq(self->instance->distribution, "embedded"))
        return VCLUSTER_OK;
    int status = drop_kind(self, call, "ConfigMap", &why);
    if (status == VCLUSTER_OK)
        status = drop_kind(self, call, "Secret", &why); /* the settings of their stores */
    /* Where nobody asks for snapshots there is nothing, and no right is needed. */
    if (status == VCLUSTER_E_PERMISSION)
        return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, self->request->name,
                               "requests of snapshots stay: %s", vcluster_error_message(why));
    return vcl_error_pass(error, &why, status);
}
