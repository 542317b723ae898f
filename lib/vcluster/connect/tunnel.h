/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels: a port of this machine that leads to a virtual cluster. */
#ifndef VCL_VCLUSTER_CONNECT_TUNNEL_H
#define VCL_VCLUSTER_CONNECT_TUNNEL_H

#include <libvcluster/tunnel.h>

#include "vcluster/connect/access.h"

typedef struct vcl_tunnel_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    vcl_forward_options how;    /* where to listen */
    bool unix_socket;           /* on how.unix_socket, NULL: in a private folder */
} vcl_tunnel_request;

int vcl_tunnel_open(const vcl_tunnel_request *request,
                    vcl_call *call,
                    vcluster_tunnel **out_tunnel,
                    vcluster_error **error);

/* A port of a pod of any kind: by label or by name. */
int vcl_tunnel_open_pod(vcluster_client *client,
                        const vcl_forward_options *options,
                        vcluster_tunnel **out_tunnel,
                        vcluster_error **error);

/* The access of a virtual cluster that can be reached: found, not paused, Secret there. */
int vcl_access_find(vcluster_client *client,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_access **out_access,
                    vcluster_error **error);

/* A client of it. A way to it is begun as soon as it is known where it may be. */
int vcl_instance_open(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_client **out_client,
                      vcluster_error **error);

#endif
