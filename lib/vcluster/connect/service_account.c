/* SPDX-License-Identifier: Apache-2.0 */
/* Service accounts in a virtual cluster; see service_account.h. */
#include "vcluster/connect/service_account.h"

#include <string.h>

#include "base/str.h"
#include "vcluster/names.h"

enum { DEFAULT_EXPIRATION_S = 3600, LEAST_EXPIRATION_S = 600 };

/* ---- What is wanted ---- */

void vcl_account_done(vcl_account *account)
{
    for (char **at = account->audiences; at && *at; at++)
        free(*at);
    free(account->audiences);
    free(account->namespace_name);
    free(account->name);
    free(account->binding);
    free(account->cluster_role);
    free(account->role);
    free(account->role_namespace);
    *account = (vcl_account){ 0 };
}

static int check_options(const vcluster_token_options *options, vcluster_error **error)
{
    const char *account = options->service_account;
    const char *account_namespace = options->service_account_namespace;
    const char *role_namespace = options->role_namespace;

    if (account && !vcl_is_dns_subdomain(account))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "'%s' is not the name of a service account", account);
    if (account_namespace && !vcl_is_dns_label(account_namespace))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not the name of a namespace",
                        account_namespace);
    if (role_namespace && !vcl_is_dns_label(role_namespace))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not the name of a namespace",
                        role_namespace);
    if (options->cluster_role && options->role)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "cluster_role '%s' and role '%s' are both given: keep one",
                        options->cluster_role, options->role);
    if ((options->cluster_role || options->role) && !options->create)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "role '%s' is given, but not create, without which nothing is bound",
                        options->role ? options->role : options->cluster_role);
    if (role_namespace && !options->role)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "role_namespace '%s' is given, but no role", role_namespace);
    if (options->expiration_s != 0 && options->expiration_s < LEAST_EXPIRATION_S)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "expiration_s %lld is less than the %d that API servers allow",
                        (long long)options->expiration_s, LEAST_EXPIRATION_S);
    return VCLUSTER_OK;
}

static bool copy_text(char **slot, const char *text)
{
    return vcl_str_replace(slot, text);
}

static bool copy_audiences(vcl_account *account, const char *const *audiences)
{
    size_t count = 0;

    while (audiences && audiences[count])
        count++;
    if (count == 0)
        return true;
    account->audiences = calloc(count + 1, sizeof(*account->audiences));
    for (size_t i = 0; account->audiences && i < count; i++) {
        account->audiences[i] = vcl_strdup(audiences[i]);
        if (!account->audiences[i])
            return false;
    }
    return account->audiences != NULL;
}

int vcl_account_init(vcl_account *account,
                     const vcluster_token_options *options,
                     vcluster_error **error)
{
    const char *space = options->service_account_namespace;
    const char *name = options->service_account ? options->service_account : "libvcluster";

    *account = (vcl_account){ .create = options->create != 0 };
    int status = check_options(options, error);
    if (status < 0)
        return status;
    if (!space)
        space = "kube-system";
    account->expiration_s = options->expiration_s ? options->expiration_s : DEFAULT_EXPIRATION_S;
    account->binding = vcl_format("libvcluster:%s:%s", space, name);
    if (account->binding && copy_text(&account->namespace_name, space) &&
        copy_text(&account->name, name) &&
        copy_text(&account->cluster_role, options->cluster_role) &&
        copy_text(&account->role, options->role) &&
        copy_text(&account->role_namespace,
                  options->role_namespace ? options->role_namespace : space) &&
        copy_audiences(account, options->audiences))
        return VCLUSTER_OK;
    vcl_account_done(account);
    return vcl_no_memory(error);
}

/* ---- The account ---- */

static int
make_account(vcl_kube *kube, vcl_call *call, const vcl_account *account, vcluster_error **error)
{
    VCL_AUTO_JSON *object = vcl_account_object("v1", "ServiceAccount", account->name);
    VCL_AUTO_ERROR *why = NULL;

    if (!object)
        return vcl_no_memory(error);
    int status =
        vcl_kube_create(kube, call, object, account->namespace_name, VCL_MANAGER_OWN, NULL, &why);
    if (status == VCLUSTER_E_ALREADY_EXISTS)
        return VCLUSTER_OK;
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_account_token(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_account *account,
                      vcl_login *login,
                      vcluster_error **error)
{
    vcl_token_request request = { .namespace_name = account->namespace_name,
                                  .service_account = account->name,
                                  .expiration_s = account->expiration_s,
                                  .audiences = (const char *const *)account->audiences };
    VCL_AUTO_ERROR *why = NULL;
    int status = VCLUSTER_OK;

    /* The binding first: an account that is there has its role, whenever we were killed. */
    if (account->cluster_role || account->role)
        status = vcl_account_bind(kube, call, account, error);
    if (status < 0)
        return status;
    status = vcl_kube_token_request(kube, call, &request, login, &why);
    if (status != VCLUSTER_E_NOT_FOUND)
        return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
    if (!account->create)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "no service account '%s' in namespace '%s' of the virtual cluster: name "
                        "one that exists, or have it created",
                        account->name, account->namespace_name);
    status = make_account(kube, call, account, error);
    return status < 0 ? status : vcl_kube_token_request(kube, call, &request, login, error);
}

/* ---- Removing ---- */

int vcl_account_remove(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_account *account,
                       bool *out_removed,
                       vcluster_error **error)
{
    vcl_object_key key = { .api_version = "v1",
                           .kind = "ServiceAccount",
                           .namespace_name = account->namespace_name,
                           .name = account->name };
    VCL_AUTO_JSON *object = NULL;
    VCL_AUTO_ERROR *why = NULL;

    *out_removed = false;
    int status = vcl_account_unbind(kube, call, account, out_removed, error);
    if (status < 0)
        return status;
    status = vcl_kube_get_metadata(kube, call, &key, &object, &why);
    if (status == VCLUSTER_E_NOT_FOUND || (status == VCLUSTER_OK && !vcl_account_is_ours(object)))
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    status = vcl_account_drop(kube, call, &key, object, error);
    *out_removed = *out_removed || status == VCLUSTER_OK;
    return status;
}
