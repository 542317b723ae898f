/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library knows of the sync rules of VCLUSTER_UPSTREAM_CHART_VERSION. A chart has the last
 * word on which rules there are and what they default to; this adds what no chart says: kinds,
 * rights, licences, and a line for a person.
 */
#ifndef VCL_SYNC_KNOWLEDGE_H
#define VCL_SYNC_KNOWLEDGE_H

#include <stddef.h>

#include "data/json.h"

typedef struct vcl_sync_fact {
    const char *direction;
    const char *resource; /* as in vcluster_sync_rule_resource() */
    const char *kind;
    const char *state; /* the default: "true", "false", "auto" */
    const char *rights;
    const char *licence;
    const char *description;
} vcl_sync_fact;

extern const vcl_sync_fact vcl_sync_facts[];
extern const size_t vcl_sync_fact_count;

/* NULL for what is not known. */
const vcl_sync_fact *vcl_sync_fact_find(const char *direction, const char *resource);

/* {"toHost": {"pods": {"enabled": true}, ...}, "fromHost": ...}: the defaults, as a chart has them.
 * NULL without memory. */
cJSON *vcl_sync_known_defaults(void);

#endif
