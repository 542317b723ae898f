/* SPDX-License-Identifier: Apache-2.0 */
/* Running the hooks of a release. */
#ifndef VCL_RELEASE_HOOK_RUN_H
#define VCL_RELEASE_HOOK_RUN_H

#include "chart/hook.h"
#include "release/record.h"

typedef struct vcl_hook_run {
    vcl_kube *kube;
    const char *release;
    const char *namespace_name; /* for hooks that name none */
    vcl_record *record;         /* its lock is renewed meanwhile */
    vcl_hooks *hooks;           /* when they ran is noted in their records */
} vcl_hook_run;

/* Run those of an event: by weight, then name; one that is there from before is deleted first (its
 * policy permitting), Jobs and Pods are waited for. The error of one that fails names it, the pod,
 * the container and the last line of its log. */
int vcl_hooks_run(const vcl_hook_run *run,
                  vcl_hook_event event,
                  vcl_call *call,
                  vcluster_error **error);

#endif
