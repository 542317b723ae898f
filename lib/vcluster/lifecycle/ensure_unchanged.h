/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of many virtual clusters that are to be ensured at once, those for which there is nothing to do:
 * known from one look at the whole host instead of six requests for each. The look begins with this
 * call, and its only answer is "as it is wanted": what an ensure of its own would have found at
 * that moment. Whatever is not certain goes that way: what differs, is not ready, is paused, going
 * or at work, shares its namespace, or is asked for twice.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_ENSURE_UNCHANGED_H
#define VCL_VCLUSTER_LIFECYCLE_ENSURE_UNCHANGED_H

#include "vcluster/lifecycle/ensure.h"

/* Sets out_unchanged[i] for each request that needs nothing but the answer that all is well; a
 * request without a name is passed over. Fails when the user may not look at the whole host. */
int vcl_ensure_find_unchanged(vcluster_client *client,
                              vcl_call *call,
                              const vcl_ensure_request *requests,
                              size_t count,
                              bool *out_unchanged,
                              vcluster_error **error);

#endif
