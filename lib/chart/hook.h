/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks of a chart: what helm.sh/hook annotations of rendered documents say. */
#ifndef VCL_CHART_HOOK_H
#define VCL_CHART_HOOK_H

#include "data/json.h"

typedef enum vcl_hook_event {
    VCL_HOOK_PRE_INSTALL = 1 << 0,
    VCL_HOOK_POST_INSTALL = 1 << 1,
    VCL_HOOK_PRE_DELETE = 1 << 2,
    VCL_HOOK_POST_DELETE = 1 << 3,
    VCL_HOOK_PRE_UPGRADE = 1 << 4,
    VCL_HOOK_POST_UPGRADE = 1 << 5,
    VCL_HOOK_PRE_ROLLBACK = 1 << 6,
    VCL_HOOK_POST_ROLLBACK = 1 << 7,
    VCL_HOOK_TEST = 1 << 8,
} vcl_hook_event;

typedef enum vcl_hook_policy {
    VCL_HOOK_BEFORE_CREATION = 1 << 0, /* the default */
    VCL_HOOK_ON_SUCCESS = 1 << 1,
    VCL_HOOK_ON_FAILURE = 1 << 2,
} vcl_hook_policy;

typedef struct vcl_hook {
    char *name;
    char *kind;
    char *path;     /* "chart/templates/x.yaml" */
    char *manifest; /* its document, as Helm records it */
    cJSON *object;
    /* As the record of a release has it, policies that nobody knows and last_run included; changed
     * by vcl_hook_ran(). */
    cJSON *record;
    unsigned events;          /* of vcl_hook_event */
    unsigned delete_policies; /* of vcl_hook_policy */
    unsigned output_log_policies;
    int weight;
} vcl_hook;

typedef struct vcl_hooks {
    vcl_hook *items; /* in the order in which Helm prints and records them */
    size_t count;
} vcl_hooks;

void vcl_hooks_done(vcl_hooks *hooks);

/* Append the hook that a rendered document is; object is taken over, also on failure. */
int vcl_hooks_add(vcl_hooks *hooks,
                  const char *path,
                  const char *manifest,
                  cJSON *object,
                  vcluster_error **error);
/* Whether all events of a helm.sh/hook annotation are known: Helm passes over the document when one
 * is not. */
bool vcl_hook_events_known(const char *list);

/* The hooks as documents, as `helm template` prints them behind the manifest; without the tests
 * when skip_tests is set. NULL when memory is short. */
char *vcl_hooks_print(const vcl_hooks *hooks, bool skip_tests);

/* Note when a hook ran and how it ended ("Running", "Succeeded", "Failed"); 0 for a time that is
 * not known yet. False when memory is short. */
bool vcl_hook_ran(vcl_hook *hook, int64_t started, int64_t completed, const char *phase);

/* The hooks as an array for the JSON of a release record, and back. */
cJSON *vcl_hooks_to_json(const vcl_hooks *hooks);
int vcl_hooks_from_json(const cJSON *array, vcl_hooks *out_hooks, vcluster_error **error);

/* "pre-install"; NULL for what is no event. */
const char *vcl_hook_event_name(vcl_hook_event event);

#endif
