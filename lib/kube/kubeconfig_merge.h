/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting a connection into the user's kubeconfig and taking it out again. A merge adds one
 * cluster, user and context of one name, marked as ours, and remembers what was current before in
 * the mark of the context; a disconnect removes marked entries only, and puts current-context back
 * only when it is the one that goes.
 */
#ifndef VCL_KUBE_KUBECONFIG_MERGE_H
#define VCL_KUBE_KUBECONFIG_MERGE_H

#include "kube/kubeconfig_lock.h"

typedef struct vcl_merge_options {
    const char *path;         /* NULL: as kubectl finds it */
    const char *context_name; /* NULL: that of the text */
    bool set_current;
    bool replace;         /* also an entry of that name that is not ours */
    vcl_lock_times times; /* 0: the usual ones */
} vcl_merge_options;

typedef struct vcl_merge_result {
    char *path;
    char *context_name;
    char *previous_context; /* current before the first merge of this context; "" for none */
} vcl_merge_result;

void vcl_merge_result_done(vcl_merge_result *result);

/* Merge the current (or only) context of a self-contained kubeconfig. Errors: CONFIG (text or file
 * malformed), ALREADY_EXISTS (an entry of that name is somebody else's), UNSUPPORTED (a layout that
 * cannot be edited), UNAVAILABLE (the lock), PERMISSION. */
int vcl_kubeconfig_merge(const char *text,
                         const vcl_merge_options *options,
                         vcl_call *call,
                         vcl_merge_result *out_result,
                         vcluster_error **error);

typedef struct vcl_disconnect_options {
    const char *path;         /* NULL: all files that kubectl reads */
    const char *context_name; /* which one; or else */
    const char *name;         /* the virtual cluster; neither: the current context */
    const char *namespace_name;
    const char *host_context;
    bool missing_ok;
    vcl_lock_times times;
} vcl_disconnect_options;

typedef struct vcl_disconnect_result {
    char *context_name;    /* that was removed; NULL: there was none */
    char *current_context; /* now; "" for none */
} vcl_disconnect_result;

void vcl_disconnect_result_done(vcl_disconnect_result *result);

/* Errors: NOT_FOUND, PRECONDITION (the context is not one of ours; several contexts match). */
int vcl_kubeconfig_disconnect(const vcl_disconnect_options *options,
                              vcl_call *call,
                              vcl_disconnect_result *out_result,
                              vcluster_error **error);

/* Write a kubeconfig to a file of its own, for this user alone. */
int vcl_kubeconfig_save(const char *text, const char *path, vcl_call *call, vcluster_error **error);

#endif
