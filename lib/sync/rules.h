/* SPDX-License-Identifier: Apache-2.0 */
/* The sync rules of a values document (libvcluster/sync.h). */
#ifndef VCL_SYNC_RULES_H
#define VCL_SYNC_RULES_H

#include <libvcluster/sync.h>

#include "data/json.h"
#include "sync/knowledge.h"

struct vcluster_sync_rule {
    const char *direction;
    char *resource;
    char *path;
    char *settings;
    char *description;         /* of the chart's schema, where fact is NULL */
    const vcl_sync_fact *fact; /* NULL for what only the chart or the user knows */
    int state;
    int default_state;
    bool active;
    bool custom; /* of customResources */
};

struct vcluster_sync_rules {
    vcluster_sync_rule *items;
    size_t size;
    size_t capacity;
};

/* chart may be NULL, and so may values: the user's. */
int vcl_sync_rules_read(const vcluster_chart *chart,
                        const cJSON *values,
                        vcluster_sync_rules **out_rules,
                        vcluster_error **error);

/* Whether a spelling means a rule (spelling.c). */
bool vcl_sync_rule_is(const vcluster_sync_rule *rule, const char *spelling);

/* "on" and "off" as a member of a rule has them: a boolean, or text. -1 for anything else, and
 * VCLUSTER_SYNC_OFF for NULL. */
int vcl_sync_state_of(const cJSON *enabled);

/* Change a rule in the user's values. */
int vcl_sync_set(cJSON *values,
                 const vcluster_chart *chart,
                 const char *direction,
                 const char *resource,
                 int state,
                 const cJSON *settings,
                 vcluster_error **error);

static inline void vcl_cleanup_sync_rules(vcluster_sync_rules **rules)
{
    vcluster_sync_rules_free(*rules);
}
#define VCL_AUTO_SYNC_RULES __attribute__((cleanup(vcl_cleanup_sync_rules))) vcluster_sync_rules

#endif
