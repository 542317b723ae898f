/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library makes of $KUBECONFIG, as JSON on stdout, for comparison with kubectl: the merged
 * entries, and for each context what it leads to or why it is refused.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "kube/exec_plugin.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_files.h"

static const vcl_kubeconfig_source source; /* $KUBECONFIG */

static void set(cJSON *object, const char *name, const char *text)
{
    if (text)
        (void)vcl_json_set_string(object, name, text);
}

static void set_list(cJSON *object, const char *name, char *const *list)
{
    cJSON *array = cJSON_CreateArray();

    (void)vcl_json_set(object, name, array);
    for (; list && *list; list++)
        (void)vcl_json_append(array, cJSON_CreateString(*list));
}

/* Entries of one list of all files: a name stands for what vcl_config_find() finds. */
static void add_merged(cJSON *merged, vcl_config_files *files, vcl_config_list list)
{
    cJSON *object = vcl_json_object(merged, vcl_config_lists[list][0]);

    for (size_t i = 0; i < files->count; i++) {
        const vcl_config_index *index = &files->files[i].index;

        for (size_t k = 0; k < index->lists[list].count; k++) {
            const char *name = vcl_config_index_name(index, index->lists[list].items[k].name);
            vcl_config_entry entry;

            if (vcl_config_find(files, list, name, &entry, NULL) < 0)
                continue;
            cJSON *found = cJSON_CreateObject();
            set(found, "file", vcl_config_file_name(entry.file));
            (void)vcl_json_set(found, "body",
                               entry.body ? vcl_json_copy(entry.body) : cJSON_CreateNull());
            (void)vcl_json_set(object, name, found);
        }
    }
}

static void add_exec(cJSON *out, const vcl_endpoint *endpoint)
{
    /* A certificate in files is a source, too; it comes with the certificate. */
    if (!endpoint->login || endpoint->client_cert_pem)
        return;
    const vcl_exec_plugin *plugin = (const vcl_exec_plugin *)endpoint->login;
    cJSON *exec = vcl_json_object(out, "exec");

    set(exec, "apiVersion", plugin->api_version);
    set(exec, "command", plugin->command);
    set_list(exec, "args", plugin->arguments + 1);
    set_list(exec, "env", plugin->environment);
}

static void add_context(cJSON *contexts, const char *name)
{
    vcl_kubeconfig_source one = { .context = name };
    vcl_kubeconfig_context context = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    cJSON *out = vcl_json_object(contexts, name);

    if (vcl_kubeconfig_resolve(&one, &context, &error) < 0) {
        set(out, "error", vcluster_error_message(error));
        return;
    }
    const vcl_endpoint *endpoint = &context.endpoint;
    set(out, "namespace", context.namespace_name);
    set(out, "server", endpoint->server);
    set(out, "tls-server-name", endpoint->tls_server_name);
    set(out, "ca", endpoint->ca_pem);
    set(out, "proxy-url", endpoint->proxy_url);
    set(out, "cert", endpoint->client_cert_pem);
    set(out, "key", endpoint->client_key_pem);
    set(out, "token", endpoint->bearer_token);
    set(out, "tokenFile", endpoint->token_file);
    set(out, "username", endpoint->username);
    set(out, "password", endpoint->password);
    (void)vcl_json_set(out, "insecure", cJSON_CreateBool(endpoint->insecure));
    (void)vcl_json_set(out, "disable-compression", cJSON_CreateBool(endpoint->no_compression));
    set_list(out, "headers", endpoint->headers);
    add_exec(out, endpoint);
    vcl_kubeconfig_context_done(&context);
}

static void add_contexts(cJSON *answer, const vcl_config_files *files)
{
    cJSON *contexts = vcl_json_object(answer, "contexts");

    for (size_t i = 0; i < files->count; i++) {
        const vcl_config_index *index = &files->files[i].index;

        for (size_t k = 0; k < index->lists[VCL_CONTEXTS].count; k++)
            add_context(contexts,
                        vcl_config_index_name(index, index->lists[VCL_CONTEXTS].items[k].name));
    }
}

int main(void)
{
    vcl_config_files files;
    VCL_AUTO_ERROR *error = NULL;
    cJSON *answer = cJSON_CreateObject();

    if (vcl_config_files_load(&files, &source, &error) < 0) {
        set(answer, "error", vcluster_error_message(error));
    } else {
        cJSON *merged = vcl_json_object(answer, "merged");

        set(merged, "current-context", vcl_config_files_current(&files));
        add_merged(merged, &files, VCL_CLUSTERS);
        add_merged(merged, &files, VCL_USERS);
        add_merged(merged, &files, VCL_CONTEXTS);
        add_contexts(answer, &files);
        vcl_config_files_done(&files);
    }
    char *text = vcl_json_print(answer);
    (void)puts(text ? text : "{}");
    free(text);
    cJSON_Delete(answer);
    return 0;
}
