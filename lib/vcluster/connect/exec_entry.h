/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exec entry of a kubeconfig that names `vcl credential`: how that program comes to the same
 * host, and to a token of which account.
 */
#ifndef VCL_VCLUSTER_CONNECT_EXEC_ENTRY_H
#define VCL_VCLUSTER_CONNECT_EXEC_ENTRY_H

#include <libvcluster/tunnel.h>

#include "vcluster/connect/access.h"

typedef struct vcl_exec_entry {
    vcl_kubeconfig_exec exec; /* borrows from the client, the access and the options */
    char expiration[24];
    const char **arguments;
} vcl_exec_entry;

/* INVALID_ARGUMENT where the client's host is not named by files. */
int vcl_exec_entry_init(vcl_exec_entry *entry,
                        const vcluster_client *client,
                        const vcl_access *access,
                        const vcluster_kubeconfig_options *options,
                        vcluster_error **error);
void vcl_exec_entry_done(vcl_exec_entry *entry);

#endif
