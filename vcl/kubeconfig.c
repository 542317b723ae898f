/* SPDX-License-Identifier: Apache-2.0 */
/* kubeconfig and disconnect: what stays behind on disk when no tunnel is held. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

static int make_text(const vcl_arguments *arguments, char **out_text, vcluster_error **error)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_token *token = NULL;
    char *self = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.server = arguments->server;
    options.tls_server_name = arguments->tls_server_name;
    options.insecure = arguments->insecure;
    options.unverified = arguments->no_verify;
    options.context_name = arguments->context_name;
    int status = vcl_make_client(arguments, &client, error);
    if (arguments->exec) {
        self = realpath("/proc/self/exe", NULL);
        options.exec_plugin = 1;
        options.exec_command = self; /* NULL: the one in $PATH */
        options.service_account = arguments->service_account;
        options.service_account_namespace = arguments->service_account_namespace;
        options.cluster_role = arguments->cluster_role;
        options.expiration_s = arguments->expiration_ms / 1000;
    } else if (status == 0 && (arguments->service_account || arguments->create)) {
        status = vcl_get_token(arguments, client, &token, error);
        options.token = token;
    }
    if (status == 0)
        status =
            vcluster_instance_kubeconfig(client, arguments->operands[0], &options, out_text, error);
    vcluster_token_free(token);
    vcluster_client_unref(client);
    free(self);
    return status;
}

int vcl_kubeconfig_merge(const vcl_arguments *arguments,
                         const char *text,
                         char **out_context,
                         vcluster_error **error)
{
    vcluster_kubeconfig_merge_options options = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.path = arguments->kubeconfig;
    options.context_name = arguments->context_name;
    options.set_current = arguments->update_current;
    options.replace = arguments->replace;
    return vcluster_kubeconfig_merge(text, &options, out_context, error);
}

int vcl_kubeconfig_leave(const vcl_arguments *arguments,
                         const char *context_name,
                         vcluster_error **error)
{
    vcluster_kubeconfig_remove_options options = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;

    options.path = arguments->kubeconfig;
    options.context_name = context_name;
    options.missing_ok = 1;
    return vcluster_kubeconfig_remove(&options, NULL, error);
}

/* Into the user's kubeconfig, into a file, or to standard output. */
static int hand_on(const vcl_arguments *arguments, const char *text, vcluster_error **error)
{
    vcluster_call_options options = VCLUSTER_CALL_OPTIONS_INIT;
    char *name = NULL;
    int status = 0;

    if (arguments->merge || arguments->update_current) {
        status = vcl_kubeconfig_merge(arguments, text, &name, error);
        if (status == 0)
            (void)printf("%s\n", name);
        vcluster_free(name);
    }
    if (status == 0 && arguments->output) {
        options.timeout_ms = arguments->timeout_ms;
        options.cancel = arguments->cancel;
        status = vcluster_kubeconfig_save(text, arguments->output, &options, error);
    } else if (status == 0 && !arguments->merge && !arguments->update_current) {
        (void)fputs(text, stdout);
    }
    return status;
}

int vcl_command_kubeconfig(const vcl_arguments *arguments)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = make_text(arguments, &text, &error);
    if (status == 0)
        status = hand_on(arguments, text, &error);
    vcluster_free(text);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

static int
leave(const vcl_arguments *arguments, bool by_name, char **out_context, vcluster_error **error)
{
    vcluster_kubeconfig_remove_options options = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.path = arguments->kubeconfig;
    options.missing_ok = arguments->missing_ok;
    if (by_name) {
        options.name = arguments->operands[0];
        options.namespace_name = arguments->namespace_name;
        options.host_context = arguments->context;
    } else {
        options.context_name = arguments->operand_count > 0 ? arguments->operands[0] : NULL;
    }
    return vcluster_kubeconfig_remove(&options, out_context, error);
}

/* The operand is a context if it looks like one: the name of a virtual cluster has no "_". One of
 * any other name is tried as a context when there is no such virtual cluster. */
static int leave_any(const vcl_arguments *arguments, char **out_context, vcluster_error **error)
{
    bool has_operand = arguments->operand_count > 0;
    bool by_name = has_operand && !strchr(arguments->operands[0], '_');
    vcluster_error *second = NULL;

    int status = leave(arguments, by_name, out_context, error);
    if (!by_name || (status != VCLUSTER_E_NOT_FOUND && (status < 0 || *out_context)))
        return status;
    int again = leave(arguments, false, out_context, &second);
    if (again == VCLUSTER_E_NOT_FOUND) { /* the first error says more */
        vcluster_error_free(second);
        return status;
    }
    vcluster_error_free(*error);
    *error = second;
    return again;
}

/* A tunnel in the background ends with its context, and without one when there is none any more. */
int vcl_command_disconnect(const vcl_arguments *arguments)
{
    vcluster_error *error = NULL;
    vcluster_error *second = NULL;
    char *name = NULL;
    size_t stopped = 0;

    int status = leave_any(arguments, &name, &error);
    bool none = status == VCLUSTER_E_NOT_FOUND || (status == 0 && !name);
    if (status == 0 && name)
        (void)printf("%s\n", name);
    if ((status == 0 && name) || (none && arguments->operand_count > 0)) {
        int ended = vcl_connections_stop(arguments, name, &stopped, &second);
        if (ended < 0 || stopped > 0) {
            vcluster_error_free(error);
            error = second;
            status = ended;
        }
    }
    vcluster_free(name);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}
