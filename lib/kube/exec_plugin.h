/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential plugins: users[u].exec of a kubeconfig as a source of credentials. Making one runs
 * nothing; what it says is kept and asked for again by lib/net. Not for other layers.
 */
#ifndef VCL_KUBE_EXEC_PLUGIN_H
#define VCL_KUBE_EXEC_PLUGIN_H

#include "kube/kubeconfig_files.h"

enum { VCL_EXEC_TIMEOUT_MS = 60000 };

typedef struct vcl_exec_plugin {
    vcl_login_source source; /* first: it is what others hold */
    char *place;             /* "users[u].exec of kubeconfig 'f'" */
    char *api_version;
    char *command;      /* as it was given, but for a relative path */
    char **arguments;   /* argv, up to a NULL */
    char **environment; /* "NAME=value" on top of ours, up to a NULL; wiped when freed */
    char *install_hint; /* may be NULL */
    int64_t timeout_ms;
} vcl_exec_plugin;

/* CONFIG: the entry cannot be used; the policy of the source forbids it. cluster is what the plugin
 * is told about, endpoint what was read of it. */
int vcl_exec_plugin_new(const vcl_config_entry *user,
                        const vcl_config_entry *cluster,
                        const vcl_kubeconfig_source *source,
                        const vcl_endpoint *endpoint,
                        vcl_exec_plugin **out_plugin,
                        vcluster_error **error);

/* The path of the program that a command means, looked up in $PATH unless it has a slash; NULL when
 * there is none, or memory is short. */
char *vcl_exec_find_program(const char *command);

#endif
