/* SPDX-License-Identifier: Apache-2.0 */
/* Finding one virtual cluster by name, in a given namespace or wherever it is. */
#include "base/limits.h"
#include "base/str.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"
#include "vcluster/names.h"

static int ambiguous(const vcluster_instance_list *list, const char *name, vcluster_error **error)
{
    VCL_AUTO_BUF namespaces = { 0 };

    vcl_buf_init(&namespaces, VCL_MAX_MESSAGE);
    for (size_t i = 0; i < list->count; i++)
        (void)vcl_buf_addf(&namespaces, "%s'%s'", i ? ", " : "", list->items[i].namespace_name);
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "'%s' stands in several namespaces: %s; name the one that is meant", name,
                    vcl_buf_text(&namespaces));
}

static int not_found(const char *name, const char *namespace_name, vcluster_error **error)
{
    if (namespace_name)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no virtual cluster '%s' in namespace '%s'",
                        name, namespace_name);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no virtual cluster '%s' in any namespace", name);
}

int vcl_instance_find(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_instance **out_instance,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance_list) list = NULL;
    VCL_AUTO_ERROR *refused = NULL;
    vcl_auto_free char *by_rule = NULL;
    vcl_instance_query query = { .namespace_name = namespace_name, .name = name };

    int status = vcl_instances_list(client, call, &query, &list, namespace_name ? error : &refused);
    if (status == VCLUSTER_E_PERMISSION && !namespace_name) {
        /* A user of one namespace: look where create would have put it. */
        by_rule = vcl_namespace_for(NULL, client->namespace_name, name);
        if (!by_rule)
            return vcl_no_memory(error);
        query.namespace_name = by_rule;
        status = vcl_instances_list(client, call, &query, &list, error);
    } else if (status < 0 && !namespace_name && error) {
        *error = vcl_steal(&refused);
    }
    if (status < 0)
        return status;
    if (list->count == 0)
        return not_found(name, query.namespace_name, error);
    if (list->count > 1)
        return ambiguous(list, name, error);

    vcluster_instance *instance = malloc(sizeof(*instance));
    if (!instance)
        return vcl_no_memory(error);
    *instance = list->items[0];
    list->count = 0; /* its contents have moved */
    *out_instance = instance;
    return VCLUSTER_OK;
}
