/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All files that make up a kubeconfig together: the first that has a name, or sets current-context,
 * counts. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_VIEW_H
#define VCL_KUBE_KUBECONFIG_VIEW_H

#include "kube/kubeconfig_store.h"

typedef struct vcl_config_view {
    vcl_config_index *files;
    size_t count;
} vcl_config_view;

/* Read the files without locks, in order; without the one of number `but`, which the caller has
 * read under its lock and puts there. */
int vcl_config_view_load(vcl_config_view *view,
                         const vcl_config_paths *paths,
                         size_t but,
                         vcl_call *call,
                         vcluster_error **error);
void vcl_config_view_done(vcl_config_view *view);

/* The entry that counts, and its file, which may be NULL; NULL when there is none. */
const vcl_config_item *vcl_config_view_find(const vcl_config_view *view,
                                            vcl_config_list list,
                                            const char *name,
                                            const vcl_config_index **out_file);
/* The tree of a context, which the caller frees with vcl_json_free_secret(); NULL: there is none.
 */
int vcl_config_view_context(const vcl_config_view *view,
                            const char *name,
                            cJSON **out_entry,
                            vcluster_error **error);
/* current-context of the first file that sets it; "" for none. */
const char *vcl_config_view_current(const vcl_config_view *view);

#endif
