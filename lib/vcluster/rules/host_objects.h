/* SPDX-License-Identifier: Apache-2.0 */
/* What of a virtual cluster lies on its host, with the names it has inside. */
#ifndef VCL_VCLUSTER_RULES_HOST_OBJECTS_H
#define VCL_VCLUSTER_RULES_HOST_OBJECTS_H

#include "data/json.h"
#include "kube/api.h"
#include "sync/translate.h"

/* An array of {"apiVersion", "kind", "namespace", "name", "virtualNamespace", "virtualName",
 * "note"}, sorted by kind and name; see vcluster_instance_host_objects(). */
int vcl_host_objects_list(vcl_kube *kube,
                          vcl_call *call,
                          const char *name,
                          const char *namespace_name,
                          cJSON **out_list,
                          vcluster_error **error);

/* Of which of some kinds, the keys of @p wanted, something of a virtual cluster is there:
 * {"Pod": true, "Ingress": false}, without those that cannot be listed. */
int vcl_host_objects_kinds(vcl_kube *kube,
                           vcl_call *call,
                           const vcl_sync_owner *owner,
                           const cJSON *wanted,
                           cJSON **out_found,
                           vcluster_error **error);

/* One host object as such an entry; NULL without memory. */
cJSON *vcl_host_object_tell(const cJSON *object, const char *name, const char *namespace_name);

/* Whether the host itself made it of a synced object: it stands for nothing inside. */
bool vcl_host_object_is_derived(const cJSON *object);

/* Write into the notes of entries which have the same name inside as another of their kind. */
bool vcl_host_objects_mark(cJSON *list);

#endif
