/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What NetworkPolicies let through, decided offline as the API defines it: a flow is allowed where
 * the policies of its source let it out and those of its destination let it in. A pod that no
 * policy selects is not restricted.
 */
#ifndef VCL_QUOTA_FLOWS_H
#define VCL_QUOTA_FLOWS_H

#include "data/json.h"

/* One end of a flow: a pod, or without a namespace an address outside of the cluster. */
typedef struct vcl_flow_end {
    const char *namespace_name; /* NULL: outside */
    const cJSON *namespace_labels;
    const cJSON *labels;
    const char *address; /* IPv4 or IPv6; NULL: no ipBlock means it */
} vcl_flow_end;

typedef struct vcl_flow {
    vcl_flow_end from;
    vcl_flow_end to;
    const char *protocol; /* NULL: TCP */
    int64_t port;
    const char *port_name; /* of the destination's container port, or NULL */
} vcl_flow;

/* policies: an array of NetworkPolicies, each with its namespace. */
bool vcl_flow_is_allowed(const cJSON *policies, const vcl_flow *flow);

/* Whether a LabelSelector selects labels (an object; NULL: none). An empty one selects all. */
bool vcl_selector_matches(const cJSON *selector, const cJSON *labels);

/* Whether "10.0.0.0/8" contains an address; false for what cannot be read. */
bool vcl_cidr_contains(const char *cidr, const char *address);

#endif
