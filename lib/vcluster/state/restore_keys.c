/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a snapshot on their way back into Secret NAME-certs; see restore_keys.h. */
#include "vcluster/state/restore_keys.h"

#include "base/str.h"
#include "release/record.h"
#include "vcluster/names.h"
#include "vcluster/state/snapshot.h"

static bool is_home(const cJSON *about, const vcluster_instance *instance)
{
    return vcl_streq(vcl_json_find_string(about, "name", NULL), instance->name) &&
           vcl_streq(vcl_json_find_string(about, "namespace", NULL), instance->namespace_name);
}

/* Put the snapshot's keys into the data of the Secret: all of them at home, those of service
 * accounts elsewhere. The runtime makes again what does not fit them any more. */
static int
change_keys(const cJSON *keys, bool home, cJSON *data, bool *out_changed, vcluster_error **error)
{
    for (size_t i = 0; vcl_snapshot_keys[i]; i++) {
        const char *name = vcl_snapshot_keys[i];
        const char *value = vcl_json_find_string(keys, name, NULL);
        if (!home && !vcl_starts_with(name, "sa."))
            continue;
        if (!value)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the head of the snapshot has no key '%s'",
                            name);
        if (vcl_streq(vcl_json_find_string(data, name, NULL), value))
            continue;
        *out_changed = true;
        if (!vcl_json_set_string(data, name, value))
            return vcl_no_memory(error);
        if (vcl_streq(name, "ca.crt")) {
            static const char *const copies[] = { "server-ca.crt", "server-ca.key", "client-ca.crt",
                                                  "client-ca.key" };
            for (size_t at = 0; at < sizeof(copies) / sizeof(copies[0]); at++)
                vcl_json_remove(data, copies[at]);
        }
    }
    return VCLUSTER_OK;
}

/* The published kubeconfig of another authority would keep its readers waiting for nothing. */
static int forget_kubeconfig(vcl_kube *kube,
                             vcl_call *call,
                             const vcluster_instance *instance,
                             vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format("vc-%s", instance->name);
    vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    VCL_AUTO_ERROR *why = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = vcl_kube_delete(kube, call, &key, &options, &why);
    return status < 0 && status != VCLUSTER_E_NOT_FOUND ? vcl_error_pass(error, &why, status)
                                                        : VCLUSTER_OK;
}

int vcl_restore_keys(vcl_kube *kube,
                     vcl_call *call,
                     const cJSON *about,
                     const vcluster_instance *instance,
                     vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format(VCL_CERTS_SECRET, instance->name);
    vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    bool home = is_home(about, instance);
    cJSON *secret = NULL;
    cJSON *stored = NULL;
    bool changed = false;

    if (!name)
        return vcl_no_memory(error);
    int status = vcl_kube_get(kube, call, &key, &secret, error);
    if (status == VCLUSTER_OK)
        status = change_keys(vcl_json_get(about, "keys"), home, vcl_json_object(secret, "data"),
                             &changed, error);
    if (status == VCLUSTER_OK && changed)
        status = vcl_kube_replace(kube, call, secret, VCL_MANAGER_OWN, &stored, error);
    vcl_json_free_secret(secret);
    vcl_json_free_secret(stored);
    return status == VCLUSTER_OK && changed && home ? forget_kubeconfig(kube, call, instance, error)
                                                    : status;
}
