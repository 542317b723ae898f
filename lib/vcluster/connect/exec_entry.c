/* SPDX-License-Identifier: Apache-2.0 */
/* The exec entry of a kubeconfig; see exec_entry.h. */
#include "vcluster/connect/exec_entry.h"

#include <stdio.h>

#include "base/str.h"

enum { OWN_ARGUMENTS = 16 };

static void add(const char ***at, const char *name, const char *value)
{
    if (vcl_str_empty(value))
        return;
    *(*at)++ = name;
    *(*at)++ = value;
}

/* An account that is named without a role has to be there: nothing is made for it. */
static void add_account(const char ***at, const vcluster_kubeconfig_options *options)
{
    bool named = !vcl_str_empty(options->service_account);
    const char *role = named ? options->cluster_role : "cluster-admin";

    add(at, "--service-account", named ? options->service_account : "libvcluster-admin");
    add(at, "--service-account-namespace", options->service_account_namespace);
    add(at, "--cluster-role", role);
    if (!vcl_str_empty(role))
        *(*at)++ = "--create";
}

int vcl_exec_entry_init(vcl_exec_entry *entry,
                        const vcluster_client *client,
                        const vcl_access *access,
                        const vcluster_kubeconfig_options *options,
                        vcluster_error **error)
{
    size_t count = 0;

    *entry = (vcl_exec_entry){ .arguments = NULL };
    if (!client->kubeconfig_list)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a program cannot log in with a kubeconfig that is given as text: make the "
                        "client from a file, or give a token");
    while (client->vcl_arguments[count])
        count++;
    entry->arguments = calloc(count + OWN_ARGUMENTS, sizeof(*entry->arguments));
    if (!entry->arguments)
        return vcl_no_memory(error);

    const char **at = entry->arguments;
    *at++ = "credential";
    *at++ = access->name;
    add(&at, "--namespace", access->namespace_name);
    for (size_t i = 0; i < count; i++)
        *at++ = client->vcl_arguments[i];
    add_account(&at, options);
    if (options->expiration_s > 0) {
        (void)snprintf(entry->expiration, sizeof(entry->expiration), "%llds",
                       (long long)options->expiration_s);
        add(&at, "--expiration", entry->expiration);
    }
    entry->exec = (vcl_kubeconfig_exec){
        .command = vcl_str_empty(options->exec_command) ? "vcl" : options->exec_command,
        .arguments = entry->arguments,
        .kubeconfig = client->kubeconfig_list,
        .install_hint = "vcl, the program of libvcluster, logs in to this virtual cluster: install "
                        "it, or name it by its path"
    };
    return VCLUSTER_OK;
}

void vcl_exec_entry_done(vcl_exec_entry *entry)
{
    free(entry->arguments);
    *entry = (vcl_exec_entry){ .arguments = NULL };
}
