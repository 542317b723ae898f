/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of service accounts, and clients that log in with them. */
#ifndef VCL_VCLUSTER_CONNECT_TOKEN_H
#define VCL_VCLUSTER_CONNECT_TOKEN_H

#include "vcluster/connect/access.h"
#include "vcluster/connect/service_account.h"

VCL_DEFINE_CLEANUP(vcluster_token, vcluster_token_free);

/* Get a token through the administrator's client of a virtual cluster. */
int vcl_token_get_for(vcluster_client *admin,
                      vcl_call *call,
                      const vcl_account *account,
                      vcluster_token **out_token,
                      vcluster_error **error);

/* A client of the virtual cluster as vcl_access_open() makes it for the administrator, on whose
 * client it holds a reference, but it logs in with tokens of the account and renews them. Owns what
 * is in account, in any case. */
int vcl_token_client(vcluster_client *host,
                     vcl_call *call,
                     const vcl_access *access,
                     vcl_account *account,
                     vcluster_client **out_client,
                     vcluster_error **error);

#endif
