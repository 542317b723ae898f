/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a virtual cluster can be used: its API server answers, and has ended its start-up. That
 * is some seconds before the node has asked its readiness probe and told the host.
 */
#ifndef VCL_VCLUSTER_CONNECT_USABLE_H
#define VCL_VCLUSTER_CONNECT_USABLE_H

#include "vcluster/client.h"

/* Whether the API server's container runs in this pod of a control plane; pod may be NULL. */
bool vcl_usable_may_answer(const cJSON *pod);

/* Ask the API server once, for 2 s at most; inner is a client of the virtual cluster. 1: yes; 0:
 * not yet. Fails only with CANCELLED, and with PERMISSION of the host.
 *
 * vcl_usable_answers: it gives an answer that only an authenticated user gets.
 * vcl_usable_started: its start-up hooks have ended, too, which takes a second more. */
int vcl_usable_answers(vcluster_client *inner, vcl_call *call, vcluster_error **error);
int vcl_usable_started(vcluster_client *inner, vcl_call *call, vcluster_error **error);

#endif
