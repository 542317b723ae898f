/* SPDX-License-Identifier: Apache-2.0 */
/* Roles bound to service accounts in a virtual cluster, and the mark of what is ours; see
 * service_account.h. */
#include "base/str.h"
#include "kube/access_review.h"
#include "vcluster/connect/service_account.h"
#include "vcluster/names.h"

#define MANAGED_BY "app.kubernetes.io/managed-by"
#define RBAC_GROUP "rbac.authorization.k8s.io"
#define RBAC RBAC_GROUP "/v1"

enum { TRIES = 16, PAUSE_MS = 15 }; /* five seconds in all */

/* ---- Marks ---- */

bool vcl_account_is_ours(const cJSON *object)
{
    return vcl_streq(vcl_json_find_string(object, "metadata", "labels", MANAGED_BY, NULL),
                     VCL_MANAGER_OWN);
}

cJSON *vcl_account_object(const char *api_version, const char *kind, const char *name)
{
    cJSON *object = cJSON_CreateObject();

    if (vcl_json_set_string(object, "apiVersion", api_version) &&
        vcl_json_set_string(object, "kind", kind)) {
        cJSON *metadata = vcl_json_object(object, "metadata");
        cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
        if (labels && vcl_json_set_string(labels, MANAGED_BY, VCL_MANAGER_OWN) &&
            vcl_json_set_string(metadata, "name", name))
            return object;
    }
    cJSON_Delete(object);
    return NULL;
}

/* ---- The binding ---- */

static vcl_object_key binding_key(const vcl_account *account)
{
    return (vcl_object_key){ .api_version = RBAC,
                             .kind = account->role ? "RoleBinding" : "ClusterRoleBinding",
                             .namespace_name = account->role ? account->role_namespace : NULL,
                             .name = account->binding };
}

static vcl_object_key role_key(const vcl_account *account)
{
    return (vcl_object_key){ .api_version = RBAC,
                             .kind = account->role ? "Role" : "ClusterRole",
                             .namespace_name = account->role ? account->role_namespace : NULL,
                             .name = account->role ? account->role : account->cluster_role };
}

static cJSON *new_binding(const vcl_account *account)
{
    vcl_object_key key = binding_key(account);
    vcl_object_key role = role_key(account);
    VCL_AUTO_JSON *binding = vcl_account_object(key.api_version, key.kind, key.name);
    cJSON *reference = binding ? vcl_json_object(binding, "roleRef") : NULL;
    cJSON *subject = cJSON_CreateObject();
    cJSON *subjects = cJSON_CreateArray();

    if (!reference || !vcl_json_append(subjects, subject)) {
        if (!reference)
            cJSON_Delete(subject);
        cJSON_Delete(subjects);
        return NULL;
    }
    if (!vcl_json_set(binding, "subjects", subjects))
        return NULL;
    return vcl_json_set_string(reference, "apiGroup", RBAC_GROUP) &&
                   vcl_json_set_string(reference, "kind", role.kind) &&
                   vcl_json_set_string(reference, "name", role.name) &&
                   vcl_json_set_string(subject, "kind", "ServiceAccount") &&
                   vcl_json_set_string(subject, "name", account->name) &&
                   vcl_json_set_string(subject, "namespace", account->namespace_name)
               ? vcl_steal(&binding)
               : NULL;
}

static bool binds(const cJSON *binding, const vcl_account *account)
{
    vcl_object_key role = role_key(account);
    const cJSON *subject = NULL;

    if (!vcl_streq(vcl_json_find_string(binding, "roleRef", "kind", NULL), role.kind) ||
        !vcl_streq(vcl_json_find_string(binding, "roleRef", "name", NULL), role.name))
        return false;
    cJSON_ArrayForEach (subject, vcl_json_get(binding, "subjects")) {
        if (vcl_streq(vcl_json_find_string(subject, "kind", NULL), "ServiceAccount") &&
            vcl_streq(vcl_json_find_string(subject, "name", NULL), account->name) &&
            vcl_streq(vcl_json_find_string(subject, "namespace", NULL), account->namespace_name))
            return true;
    }
    return false;
}

static int pause_before(vcl_call *call, int tries, vcluster_error **error)
{
    return vcl_call_sleep(call, (int64_t)PAUSE_MS << (tries < 5 ? tries : 5), error);
}

/* A role that is not there could be bound all the same, and would allow nothing. */
static int read_role(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_account *account,
                     cJSON **out_role,
                     vcluster_error **error)
{
    vcl_object_key key = role_key(account);
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get(kube, call, &key, out_role, &why);
    if (status != VCLUSTER_E_NOT_FOUND)
        return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
    if (account->role)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "no Role '%s' in namespace '%s' of the virtual cluster", account->role,
                        account->role_namespace);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no ClusterRole '%s' in the virtual cluster",
                    account->cluster_role);
}

/* The rules of an aggregated role, such as view, come a moment after a virtual cluster is up. */
static int get_role(vcl_kube *kube,
                    vcl_call *call,
                    const vcl_account *account,
                    cJSON **out_role,
                    vcluster_error **error)
{
    for (int i = 0;; i++) {
        VCL_AUTO_JSON *role = NULL;
        int status = read_role(kube, call, account, &role, error);

        if (status < 0)
            return status;
        bool comes = vcl_json_get(role, "aggregationRule") &&
                     cJSON_GetArraySize(vcl_json_get(role, "rules")) == 0;
        if (!comes || i == TRIES) {
            *out_role = vcl_steal(&role);
            return VCLUSTER_OK;
        }
        status = pause_before(call, i, error);
        if (status < 0)
            return status;
    }
}

/* The authorizer learns of a binding a moment later: whoever used a token at once would be refused.
 * What it does not say in time is left to the caller's first request. */
static int wait_bound(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_account *account,
                      const cJSON *role,
                      vcluster_error **error)
{
    const cJSON *rule = cJSON_GetArrayItem(vcl_json_get(role, "rules"), 0);
    vcl_auto_free char *user =
        vcl_format("system:serviceaccount:%s:%s", account->namespace_name, account->name);
    bool allowed = false;

    if (!user)
        return vcl_no_memory(error);
    for (int i = 0; i < TRIES; i++) {
        int status = vcl_kube_may(kube, call, user, rule,
                                  account->role ? account->role_namespace : NULL, &allowed, error);
        if (status == VCLUSTER_OK && !allowed)
            status = pause_before(call, i, error);
        if (status < 0 || allowed)
            return status;
    }
    return VCLUSTER_OK;
}

static int
make_binding(vcl_kube *kube, vcl_call *call, const vcl_account *account, vcluster_error **error)
{
    VCL_AUTO_JSON *binding = new_binding(account);
    VCL_AUTO_JSON *role = NULL;
    VCL_AUTO_ERROR *why = NULL;
    vcl_object_key key = binding_key(account);

    if (!binding)
        return vcl_no_memory(error);
    int status = get_role(kube, call, account, &role, error);
    if (status < 0)
        return status;
    status = vcl_kube_create(kube, call, binding, key.namespace_name, VCL_MANAGER_OWN, NULL, &why);
    if (status < 0 && status != VCLUSTER_E_ALREADY_EXISTS) /* by another call, or ours unanswered */
        return vcl_error_pass(error, &why, status);
    return wait_bound(kube, call, account, role, error);
}

/* Delete an object as it was read; one that is gone is fine. */
int vcl_account_drop(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_object_key *key,
                     const cJSON *binding,
                     vcluster_error **error)
{
    vcl_kube_delete_options options = { .uid =
                                            vcl_json_find_string(binding, "metadata", "uid", NULL),
                                        .grace_seconds = -1,
                                        .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;
    int status = vcl_kube_delete(kube, call, key, &options, &why);

    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_account_bind(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_account *account,
                     vcluster_error **error)
{
    vcl_object_key key = binding_key(account);
    VCL_AUTO_JSON *binding = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get(kube, call, &key, &binding, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return make_binding(kube, call, account, error);
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (binds(binding, account))
        return VCLUSTER_OK;
    if (!vcl_account_is_ours(binding))
        return vcl_fail(error, VCLUSTER_E_ALREADY_EXISTS,
                        "%s '%s' in the virtual cluster is not ours and binds something else",
                        key.kind, key.name);
    status = vcl_account_drop(kube, call, &key, binding, error); /* roleRef cannot be changed */
    return status < 0 ? status : make_binding(kube, call, account, error);
}

/* Bindings of a kind that are ours and of the account, in whatever namespaces. */
static int remove_bindings(vcl_kube *kube,
                           vcl_call *call,
                           const vcl_account *account,
                           const char *kind,
                           bool *out_removed,
                           vcluster_error **error)
{
    vcl_list_query query = { .api_version = RBAC,
                             .kind = kind,
                             .label_selector = MANAGED_BY "=" VCL_MANAGER_OWN,
                             .metadata_only = true };
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item = NULL;
    int status = vcl_kube_list(kube, call, &query, &list, error);

    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const char *name = vcl_json_find_string(item, "metadata", "name", NULL);
        vcl_object_key key = { .api_version = RBAC,
                               .kind = kind,
                               .namespace_name =
                                   vcl_json_find_string(item, "metadata", "namespace", NULL),
                               .name = name };

        if (!vcl_streq(name, account->binding))
            continue;
        status = vcl_account_drop(kube, call, &key, item, error);
        if (status < 0)
            return status;
        *out_removed = true;
    }
    return VCLUSTER_OK;
}

int vcl_account_unbind(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_account *account,
                       bool *out_removed,
                       vcluster_error **error)
{
    int status = remove_bindings(kube, call, account, "ClusterRoleBinding", out_removed, error);

    return status < 0 ? status
                      : remove_bindings(kube, call, account, "RoleBinding", out_removed, error);
}
