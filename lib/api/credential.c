/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: tokens of service accounts. */
#include <libvcluster/credential.h>

#include "api/api.h"
#include "base/str.h"
#include "vcluster/connect/token.h"
#include "vcluster/connect/tunnel.h"

/* Check the options and find the virtual cluster. account is given back by the caller. */
static int begin(vcluster_client *client,
                 const char *name,
                 const vcluster_token_options *options,
                 vcl_call *call,
                 vcl_account *account,
                 vcl_access **out_access,
                 vcluster_error **error)
{
    vcluster_token_options known = VCLUSTER_TOKEN_OPTIONS_INIT;

    int status = VCL_API_BEGIN(call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = vcl_account_init(account, &known, error);
    return status < 0
               ? status
               : vcl_access_find(client, call, name, known.namespace_name, out_access, error);
}

int vcluster_instance_token(vcluster_client *client,
                            const char *name,
                            const vcluster_token_options *options,
                            vcluster_token **out_token,
                            vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    VCL_AUTO_PTR(vcluster_client) admin = NULL;
    vcl_account account = { 0 };
    vcl_call call;

    int status = VCL_REQUIRE(error, out_token);
    if (status == 0)
        status = begin(client, name, options, &call, &account, &access, error);
    if (status == 0)
        status = vcl_access_open(client, access, NULL, &admin, error);
    if (status == 0)
        status = vcl_token_get_for(admin, &call, &account, out_token, error);
    vcl_account_done(&account);
    return status < 0
               ? vcl_wrap(error, status, "get a token of virtual cluster '%s'", vcl_str(name))
               : status;
}

int vcluster_instance_open_token(vcluster_client *client,
                                 const char *name,
                                 const vcluster_token_options *options,
                                 vcluster_client **out_client,
                                 vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    vcl_account account = { 0 };
    vcl_call call;

    int status = VCL_REQUIRE(error, out_client);
    if (status == 0)
        status = begin(client, name, options, &call, &account, &access, error);
    if (status == 0)
        status = vcl_token_client(client, &call, access, &account, out_client, error);
    vcl_account_done(&account);
    return status < 0 ? vcl_wrap(error, status, "open virtual cluster '%s'", vcl_str(name))
                      : status;
}

static int revoke_all(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      const vcluster_token_revoke_options *known,
                      const vcl_account *account,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    VCL_AUTO_PTR(vcluster_client) admin = NULL;
    bool removed = false;

    int status = vcl_access_find(client, call, name, known->namespace_name, &access, error);
    if (status == 0)
        status = vcl_access_open(client, access, NULL, &admin, error);
    if (status == 0)
        status = vcl_account_remove(admin->kube, call, account, &removed, error);
    if (status == 0 && !removed && !known->missing_ok)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "this library made nothing for service account '%s' in namespace '%s'",
                        account->name, account->namespace_name);
    return status;
}

int vcluster_instance_token_revoke(vcluster_client *client,
                                   const char *name,
                                   const vcluster_token_revoke_options *options,
                                   vcluster_error **error)
{
    vcluster_token_revoke_options known = VCLUSTER_TOKEN_REVOKE_OPTIONS_INIT;
    vcluster_token_options wanted = VCLUSTER_TOKEN_OPTIONS_INIT;
    vcl_account account = { 0 };
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    wanted.service_account = known.service_account;
    wanted.service_account_namespace = known.service_account_namespace;
    if (status == 0)
        status = vcl_account_init(&account, &wanted, error);
    if (status == 0)
        status = revoke_all(client, &call, name, &known, &account, error);
    vcl_account_done(&account);
    return status < 0
               ? vcl_wrap(error, status, "revoke tokens of virtual cluster '%s'", vcl_str(name))
               : status;
}
