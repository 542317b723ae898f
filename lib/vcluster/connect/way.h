/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A way to a control plane for a client in this process: a forward on a private unix socket. It may
 * be begun before it is known that it is the right one, towards the pod and the port that are
 * expected, so that the API server and the kubelet open it while the rest is read.
 */
#ifndef VCL_VCLUSTER_CONNECT_WAY_H
#define VCL_VCLUSTER_CONNECT_WAY_H

#include "vcluster/connect/access.h"

struct vcl_way {
    vcl_forward *forward; /* NULL: there is none */
    char *folder;
    char *path; /* of the socket */
    char *pod;  /* that was expected; NULL: it is no guess */
};

/* Begin one, if that can be done without waiting. pod NULL: the first of its StatefulSet. */
void vcl_way_begin(vcl_way *way,
                   vcluster_client *host,
                   const char *name,
                   const char *namespace_name,
                   const char *pod);

/* Whether the pod that was expected takes its connection, which says that the virtual cluster runs.
 * Waits for that, but not long. */
bool vcl_way_leads(const vcl_way *way, vcl_call *call);

/* Whether one was begun, and what it expected is so. */
bool vcl_way_fits(const vcl_way *way, const vcl_access *access);

int vcl_way_open(vcl_way *way,
                 vcluster_client *host,
                 const vcl_access *access,
                 vcluster_error **error);

void vcl_way_done(vcl_way *way);

#endif
