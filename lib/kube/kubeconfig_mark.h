/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is ours in a user's kubeconfig: entries that a merge wrote carry an extension of this
 * library, which kubectl keeps. The one of a context also says which virtual cluster it is and
 * which contexts were current before. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_MARK_H
#define VCL_KUBE_KUBECONFIG_MARK_H

#include "kube/kubeconfig_store.h"

#define VCL_MARK "libvcluster"
/* Members of a context's mark; previous is a list of names, the last one first. */
#define VCL_MARK_NAME "name"
#define VCL_MARK_NAMESPACE "namespace"
#define VCL_MARK_HOST "host"
#define VCL_MARK_PREVIOUS "previous"
/* The member of a cluster's and a user's mark. */
#define VCL_MARK_CONTEXT "context"

/* The lists of a kubeconfig and what they call the body of an entry. */
enum { VCL_CONFIG_LISTS = 3 };
extern const char *const vcl_config_lists[VCL_CONFIG_LISTS][2];
/* The body of an entry of a list; NULL when there is none. */
const cJSON *vcl_config_body(const cJSON *entry, const char *list);

/* The mark of an entry's body; NULL when it is not ours. */
const cJSON *vcl_mark_of(const cJSON *body);
/* Give a body a mark, in the place of the one it has. Owns mark; false: memory is short. */
bool vcl_mark_set(cJSON *body, cJSON *mark);

/* All files that make up the kubeconfig, read without locks, in order; without the one of number
 * `but`, which the caller has read under its lock and puts there. */
typedef struct vcl_config_view {
    vcl_config_text *texts;
    const cJSON **trees; /* of the texts, unless one is put in the place of another */
    size_t count;
} vcl_config_view;

int vcl_config_view_load(vcl_config_view *view,
                         const vcl_config_paths *paths,
                         size_t but,
                         vcl_call *call,
                         vcluster_error **error);
void vcl_config_view_done(vcl_config_view *view);

/* The entry that counts: of the first file that has the name. */
const cJSON *vcl_config_view_entry(const vcl_config_view *view, const char *list, const char *name);
/* current-context of the first file that sets it; "" for none. */
const char *vcl_config_view_current(const vcl_config_view *view);

#endif
