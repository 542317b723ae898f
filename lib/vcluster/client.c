/* SPDX-License-Identifier: Apache-2.0 */
/* The client object; see client.h. */
#include "vcluster/client.h"

#include "base/str.h"

static void log_line(int level, const char *message, void *user_data)
{
    vcluster_client *client = user_data;

    (void)pthread_mutex_lock(&client->log_mutex);
    client->log(level, message, client->log_user_data);
    (void)pthread_mutex_unlock(&client->log_mutex);
}

static void client_free(vcluster_client *client)
{
    vcl_kube_free(client->kube);
    /* The tunnel below goes after the connections through it. */
    vcl_forward_close(client->forward);
    if (client->socket_path)
        (void)unlink(client->socket_path);
    if (client->socket_directory)
        (void)rmdir(client->socket_directory);
    vcluster_client_unref(client->host);

    if (client->log_destroy)
        client->log_destroy(client->log_user_data);
    if (client->warning_destroy)
        client->warning_destroy(client->warning_user_data);
    (void)pthread_mutex_destroy(&client->log_mutex);
    for (char **at = client->vcl_arguments; at && *at; at++)
        free(*at);
    free(client->vcl_arguments);
    free(client->kubeconfig_list);
    free(client->socket_path);
    free(client->socket_directory);
    free(client->server);
    free(client->context);
    free(client->namespace_name);
    free(client);
}

int vcl_client_make(const vcl_kubeconfig_context *context,
                    const vcluster_client_options *options,
                    vcluster_client **out_client,
                    vcluster_error **error)
{
    vcluster_client *client = calloc(1, sizeof(*client));
    if (!client)
        return vcl_no_memory(error);

    atomic_init(&client->references, 1);
    if (pthread_mutex_init(&client->log_mutex, NULL) != 0) {
        free(client);
        return vcl_no_memory(error);
    }
    client->timeout_ms = options->timeout_ms;
    client->log = options->log;
    client->log_user_data = options->log_user_data;
    client->server = vcl_strdup(context->endpoint.server);
    client->context = vcl_strdup(vcl_str(context->name));
    client->namespace_name = vcl_strdup(vcl_str(context->namespace_name));

    int status = VCLUSTER_OK;
    if (!client->server || !client->context || !client->namespace_name)
        status = vcl_no_memory(error);
    else
        status = vcl_kube_new(&context->endpoint, options->log ? log_line : NULL, client,
                              &client->kube, error);
    if (status < 0) {
        client_free(client);
        return status;
    }
    vcl_http_set_warning(vcl_kube_http(client->kube), options->warning, options->warning_user_data);
    client->warning = options->warning;
    client->warning_user_data = options->warning_user_data;
    client->warning_destroy = options->warning_destroy;
    client->log_destroy = options->log_destroy; /* only a client that was made owns user_data */
    *out_client = client;
    return VCLUSTER_OK;
}

/* "--NAME VALUE" at the end of the list; nothing for no value. */
static bool remember(char ***at, const char *name, const char *value)
{
    if (vcl_str_empty(value))
        return true;
    *(*at)++ = vcl_strdup(name);
    *(*at)++ = vcl_strdup(value);
    return (*at)[-1] && (*at)[-2];
}

int vcl_client_remember(vcluster_client *client,
                        const vcluster_client_options *options,
                        vcluster_error **error)
{
    const char *const *groups = options->impersonate_groups;
    size_t count = 0;

    while (groups && groups[count])
        count++;
    client->vcl_arguments = calloc(2 * count + 7, sizeof(*client->vcl_arguments));
    if (!options->kubeconfig_text)
        client->kubeconfig_list = vcl_kubeconfig_list(options->kubeconfig_path);
    if (!client->vcl_arguments || (!options->kubeconfig_text && !client->kubeconfig_list))
        return vcl_no_memory(error);

    char **at = client->vcl_arguments;
    bool done = remember(&at, "--context", client->context) &&
                remember(&at, "--host-server", options->server) &&
                remember(&at, "--as", options->impersonate_user);
    for (size_t i = 0; i < count && done; i++)
        done = remember(&at, "--as-group", groups[i]);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}

vcluster_client *vcluster_client_ref(vcluster_client *client)
{
    if (client)
        atomic_fetch_add(&client->references, 1);
    return client;
}

void vcluster_client_unref(vcluster_client *client)
{
    if (client && atomic_fetch_sub(&client->references, 1) == 1)
        client_free(client);
}
