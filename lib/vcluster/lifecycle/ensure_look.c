/* SPDX-License-Identifier: Apache-2.0 */
/* What there is already of a virtual cluster that is to be ensured; see ensure_look.h. */
#include "vcluster/lifecycle/ensure_look.h"

#include "base/str.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/lifecycle/sole.h"
#include "vcluster/lifecycle/wanted.h"

void vcl_ensure_look_done(vcl_ensure_look *look)
{
    vcl_record_free(vcl_steal(&look->record));
    vcluster_instance_free(vcl_steal(&look->existing));
}

/* Virtual clusters in the namespace: ours, or another one, which is refused. Fails closed. */
static int look_at_workloads(const vcl_ensure_request *request,
                             vcl_call *call,
                             const char *namespace_name,
                             vcl_ensure_look *look,
                             vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance_list) list = NULL;
    vcl_instance_query query = { .namespace_name = namespace_name };

    int status = vcl_instances_list(request->client, call, &query, &list, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < list->count; i++) {
        vcluster_instance *found = &list->items[i];
        if (!vcl_streq(found->name, request->name))
            return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                            "namespace '%s' holds the virtual cluster '%s' already; there can be "
                            "one in a namespace: choose another",
                            namespace_name, found->name);
    }
    if (list->count == 0)
        return VCLUSTER_OK;
    look->existing = malloc(sizeof(*look->existing));
    if (!look->existing)
        return vcl_no_memory(error);
    *look->existing = list->items[0];
    list->items[0] = (vcluster_instance){ 0 };
    return VCLUSTER_OK;
}

/* In a namespace that does not exist there is nothing. */
int vcl_ensure_look_around(const vcl_ensure_request *request,
                           vcl_call *call,
                           const char *namespace_name,
                           vcl_ensure_look *look,
                           vcluster_error **error)
{
    vcl_kube *kube = request->client->kube;

    vcl_ensure_look_done(look);
    int status = vcl_namespace_look(kube, call, namespace_name, &look->place, error);
    if (status < 0 || !look->place.exists || look->place.going)
        return status;
    status = vcl_record_find(kube, call, request->name, namespace_name, &look->record, error);
    if (status == 0)
        status = look_at_workloads(request, call, namespace_name, look, error);
    if (status == 0 && !look->record && !look->existing)
        status = vcl_sole_check(kube, call, request->name, namespace_name, NULL, error);
    return status;
}

bool vcl_ensure_is_complete(const vcl_ensure_look *look)
{
    static const char *const later[] = { "failed", "superseded", "pending-upgrade",
                                         "pending-rollback" };

    /* Without a record it was made by someone else: by GitOps, say. */
    if (!look->record)
        return look->existing != NULL;
    if (vcl_record_is_deployed(look->record) ||
        vcl_restore_is_unfinished(look->existing, look->record))
        return true;
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (vcl_streq(look->record->status, later[i]))
            return vcl_record_revision(look->record->secret) > 1;
    }
    return false;
}

int vcl_ensure_differs(const vcl_ensure_request *request,
                       const vcl_ensure_look *look,
                       const char *chart,
                       vcluster_error **error)
{
    char wish[VCL_SHA256_HEX_SIZE];

    if (look->record && !(look->existing && vcl_record_is_deployed(look->record)))
        return 1;
    if (!vcl_wanted_anything(request))
        return 0;
    if (!look->record)
        return 1;
    int status = vcl_wanted_hash(request, chart, wish, error);
    if (status < 0)
        return status;
    return !vcl_streq(wish, vcl_json_find_string(look->record->secret, "metadata", "annotations",
                                                 VCL_ANNOTATION_WISH, NULL));
}
