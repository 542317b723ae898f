/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is ours in a user's kubeconfig: entries that a merge wrote carry an extension of this
 * library, which kubectl keeps. The one of a context also says which virtual cluster it is and
 * which contexts were current before. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_MARK_H
#define VCL_KUBE_KUBECONFIG_MARK_H

#include "data/json.h"

#define VCL_MARK "libvcluster"
/* Members of a context's mark; previous is a list of names, the last one first. */
#define VCL_MARK_NAME "name"
#define VCL_MARK_NAMESPACE "namespace"
#define VCL_MARK_HOST "host"
#define VCL_MARK_PREVIOUS "previous"
/* The member of a cluster's and a user's mark. */
#define VCL_MARK_CONTEXT "context"

/* The lists of a kubeconfig and what they call the body of an entry. */
typedef enum vcl_config_list { VCL_CLUSTERS, VCL_CONTEXTS, VCL_USERS } vcl_config_list;
enum { VCL_CONFIG_LISTS = VCL_USERS + 1 };
extern const char *const vcl_config_lists[VCL_CONFIG_LISTS][2];
/* The entry of that name in a list of a tree; *out_index is its place. NULL when there is none. */
const cJSON *
vcl_config_tree_entry(const cJSON *tree, const char *list, const char *name, size_t *out_index);

/* The mark of an entry's body; NULL when it is not ours. */
const cJSON *vcl_mark_of(const cJSON *body);
/* Give a body a mark, in the place of the one it has. Owns mark; false: memory is short. */
bool vcl_mark_set(cJSON *body, cJSON *mark);

#endif
