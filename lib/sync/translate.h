/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How upstream's syncer names on the host what is in a virtual cluster: objects by kind, label
 * keys. The rule cannot be turned round: the names "a-x-b" and hashes stand in the way. What a host
 * object stands for is told by its annotations (host_object.h).
 */
#ifndef VCL_SYNC_TRANSLATE_H
#define VCL_SYNC_TRANSLATE_H

#include <stdbool.h>

#include <libvcluster/error.h>

#include "base/buf.h"

/* The longest name that is not shortened; that of a label value, too. */
enum { VCL_HOST_NAME_MAX = 63 };

/* The virtual cluster that names are made for. */
typedef struct vcl_sync_owner {
    const char *name;
    const char *namespace_name; /* on the host */
} vcl_sync_owner;

/* How names of a kind are made. */
typedef enum vcl_name_rule {
    VCL_NAME_NAMESPACED = 0, /* NAME-x-NAMESPACE-x-VCLUSTER */
    VCL_NAME_CLUSTER = 1,    /* vcluster-NAME-x-HOSTNAMESPACE-x-VCLUSTER */
    VCL_NAME_SHORT = 2,      /* "v" and 13 digits */
    VCL_NAME_SAME = 3        /* as it is: what comes from the host */
} vcl_name_rule;

/* Join parts by '-'; more than 63 bytes are cut and hashed as upstream does. The last part is
 * followed by NULL. NULL without memory. */
char *vcl_safe_concat(const char *const *parts);

/* The rule of a kind ("Pod", "PriorityClass"). */
vcl_name_rule vcl_name_rule_of(const char *kind);

/* Host name of an object; namespace_name is "" for one that is cluster-scoped. NULL without memory.
 */
char *vcl_translate_name(const vcl_sync_owner *owner,
                         const char *kind,
                         const char *namespace_name,
                         const char *name);

/* Host key of a label key that upstream takes away from its own labels; others stay: the copy of
 * the key then. NULL without memory. */
char *vcl_translate_label_key(const vcl_sync_owner *owner, const char *key);

/* Host key of a label of the virtual namespace, which pods get. NULL without memory. */
char *vcl_translate_namespace_label_key(const vcl_sync_owner *owner, const char *key);

/* Value of the label vcluster.loft.sh/managed-by on objects of the virtual cluster. NULL without
 * memory. */
char *vcl_sync_marker(const vcl_sync_owner *owner, bool cluster_scoped);

#endif
