/* SPDX-License-Identifier: Apache-2.0 */
/* Reading users[u].exec, and whether it may be run; see exec_plugin.h. */
#include "kube/exec_plugin.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "kube/exec_credential.h"
#include "kube/exec_run.h"

enum { MAX_LIST = 1000 };

/* Of cluster.extensions: what a cluster wants its plugin to know. */
#define CONFIG_EXTENSION "client.authentication.k8s.io/exec"

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        vcl_free_secret(list[i]);
    free(list);
}

static void destroy(vcl_login_source *source)
{
    vcl_exec_plugin *plugin = (vcl_exec_plugin *)source;

    free_list(plugin->arguments);
    free_list(plugin->environment);
    free(plugin->place);
    free(plugin->api_version);
    free(plugin->command);
    free(plugin->install_hint);
    free(plugin);
}

static int
fetch(const vcl_login_source *source, vcl_call *call, vcl_login *login, vcluster_error **error)
{
    return vcl_exec_run((const vcl_exec_plugin *)source, call, login, error);
}

/* ---- Programs ---- */

static bool is_program(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

char *vcl_exec_find_program(const char *command)
{
    const char *path = secure_getenv("PATH");

    if (strchr(command, '/'))
        return is_program(command) ? vcl_strdup(command) : NULL;
    if (vcl_str_empty(path))
        path = "/usr/local/bin:/usr/bin:/bin";
    for (const char *at = path; *at;) {
        size_t size = strcspn(at, ":");
        /* Not in the working directory: whoever may write there is not who set $PATH. */
        char *file = *at == '/' ? vcl_format("%.*s/%s", (int)size, at, command) : NULL;

        if (file && is_program(file))
            return file;
        free(file);
        at += size + (at[size] == ':');
    }
    return NULL;
}

/* ---- Policy ---- */

/* A name in the list means what $PATH makes of it, so that "./aws" is not the "aws" of the list. */
static bool is_listed(const char *const *list, const char *program)
{
    for (size_t i = 0; list && list[i]; i++) {
        vcl_auto_free char *allowed = vcl_exec_find_program(list[i]);

        if (vcl_streq(allowed, program))
            return true;
    }
    return false;
}

static int check_policy(const vcl_config_entry *exec,
                        const vcl_kubeconfig_source *source,
                        vcl_exec_plugin *plugin,
                        vcluster_error **error)
{
    switch (source->exec_policy) {
    case VCL_EXEC_ALLOW:
        return VCLUSTER_OK;
    case VCL_EXEC_DENY:
        return vcl_config_fail(exec, "command", error,
                               "is '%s', and programs may not be run: the client's exec policy",
                               plugin->command);
    case VCL_EXEC_ALLOWLIST: {
        char *program = vcl_exec_find_program(plugin->command);

        if (program && is_listed(source->exec_allowlist, program)) {
            free(plugin->command);
            plugin->command = program; /* the one that was checked is the one that runs */
            return VCLUSTER_OK;
        }
        free(program);
        return vcl_config_fail(exec, "command", error,
                               "is '%s', which is not in the client's list of allowed programs",
                               plugin->command);
    }
    default:
        if (exec->file->path)
            return VCLUSTER_OK;
        return vcl_config_fail(exec, "command", error,
                               "is '%s', and a kubeconfig given as text may run programs only if "
                               "the client's exec policy says so",
                               plugin->command);
    }
}

/* ---- Fields ---- */

static int
no_text(const vcl_config_entry *entry, const char *field, const char *what, vcluster_error **error)
{
    return vcl_config_fail(entry, field, error, "%s", what);
}

static int
read_version(const vcl_config_entry *exec, vcl_exec_plugin *plugin, vcluster_error **error)
{
    const char *version = NULL;
    int status = vcl_config_string(exec, "apiVersion", &version, error);

    if (status < 0)
        return status;
    if (!version)
        return no_text(exec, "apiVersion", "is missing", error);
    if (!vcl_streq(version, VCL_EXEC_V1) && !vcl_streq(version, VCL_EXEC_V1BETA1))
        return vcl_config_fail(exec, "apiVersion", error,
                               "is '%s', which no client knows any more: use '%s', and a plugin "
                               "that speaks it",
                               version, VCL_EXEC_V1);
    plugin->api_version = vcl_strdup(version);
    return plugin->api_version ? VCLUSTER_OK : vcl_no_memory(error);
}

static int
check_mode(const vcl_config_entry *exec, const vcl_exec_plugin *plugin, vcluster_error **error)
{
    const char *mode = NULL;
    int status = vcl_config_string(exec, "interactiveMode", &mode, error);

    if (status < 0)
        return status;
    if (!mode && vcl_streq(plugin->api_version, VCL_EXEC_V1))
        return no_text(exec, "interactiveMode", "is missing: Never or IfAvailable", error);
    if (vcl_streq(mode, "Always"))
        return no_text(exec, "interactiveMode",
                       "is Always, but there is no terminal to ask on: use IfAvailable or Never, "
                       "or log in beforehand",
                       error);
    if (mode && !vcl_streq(mode, "Never") && !vcl_streq(mode, "IfAvailable"))
        return vcl_config_fail(exec, "interactiveMode", error,
                               "is '%s': it must be Never or IfAvailable", mode);
    return VCLUSTER_OK;
}

static int
read_command(const vcl_config_entry *exec, vcl_exec_plugin *plugin, vcluster_error **error)
{
    const char *command = NULL;
    int status = vcl_config_string(exec, "command", &command, error);

    if (status < 0)
        return status;
    if (!command)
        return no_text(exec, "command", "is missing", error);
    plugin->command =
        strchr(command, '/') ? vcl_config_absolute(exec, command) : vcl_strdup(command);
    return plugin->command ? VCLUSTER_OK : vcl_no_memory(error);
}

/* An array member with at most MAX_LIST items; NULL when it is missing. */
static int get_list(const vcl_config_entry *exec,
                    const char *field,
                    const cJSON **out_list,
                    vcluster_error **error)
{
    const cJSON *list = vcl_json_get(exec->body, field);

    *out_list = NULL;
    if (!list || cJSON_IsNull(list))
        return VCLUSTER_OK;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > MAX_LIST)
        return vcl_config_fail(exec, field, error, "is not a list of at most %d items", MAX_LIST);
    *out_list = list;
    return VCLUSTER_OK;
}

/* argv[0] is the command as it was given. */
static int
read_arguments(const vcl_config_entry *exec, vcl_exec_plugin *plugin, vcluster_error **error)
{
    const cJSON *list = NULL;
    const cJSON *item = NULL;
    size_t count = 0;
    int status = get_list(exec, "args", &list, error);

    if (status < 0)
        return status;
    plugin->arguments = calloc((size_t)cJSON_GetArraySize(list) + 2, sizeof(char *));
    if (!plugin->arguments)
        return vcl_no_memory(error);
    plugin->arguments[count++] = vcl_strdup(vcl_json_find_string(exec->body, "command", NULL));
    cJSON_ArrayForEach (item, list) {
        if (!cJSON_IsString(item))
            return no_text(exec, "args", "holds something that is not a string", error);
        plugin->arguments[count] = vcl_strdup(item->valuestring);
        if (!plugin->arguments[count++])
            return vcl_no_memory(error);
    }
    return plugin->arguments[0] ? VCLUSTER_OK : vcl_no_memory(error);
}

static int read_variable(const vcl_config_entry *exec,
                         const cJSON *item,
                         char **out_text,
                         vcluster_error **error)
{
    const char *name = cJSON_GetStringValue(vcl_json_get(item, "name"));
    const cJSON *value = vcl_json_get(item, "value");
    bool no_value = !value || cJSON_IsNull(value);

    if (vcl_str_empty(name) || strchr(name, '='))
        return no_text(exec, "env", "holds an item without a usable 'name'", error);
    if (!no_value && !cJSON_IsString(value))
        return vcl_config_fail(exec, "env", error,
                               "has a value of '%s' that is not a string: "
                               "put it in quotes",
                               name);
    *out_text = vcl_format("%s=%s", name, no_value ? "" : value->valuestring);
    return *out_text ? VCLUSTER_OK : vcl_no_memory(error);
}

/* The variables of the entry, and the one that tells what is asked for. */
static int read_environment(const vcl_config_entry *exec,
                            const char *info,
                            vcl_exec_plugin *plugin,
                            vcluster_error **error)
{
    const cJSON *list = NULL;
    const cJSON *item = NULL;
    size_t count = 0;
    int status = get_list(exec, "env", &list, error);

    if (status < 0)
        return status;
    plugin->environment = calloc((size_t)cJSON_GetArraySize(list) + 2, sizeof(char *));
    if (!plugin->environment)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (item, list) {
        status = read_variable(exec, item, &plugin->environment[count++], error);
        if (status < 0)
            return status;
    }
    plugin->environment[count] = vcl_format("KUBERNETES_EXEC_INFO=%s", info);
    return plugin->environment[count] ? VCLUSTER_OK : vcl_no_memory(error);
}

static const cJSON *find_extension(const cJSON *cluster)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(cluster, "extensions")) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), CONFIG_EXTENSION))
            return vcl_json_get(item, "extension");
    }
    return NULL;
}

static int make_info(const vcl_config_entry *exec,
                     const vcl_config_entry *cluster,
                     const vcl_endpoint *endpoint,
                     const vcl_exec_plugin *plugin,
                     char **out_info,
                     vcluster_error **error)
{
    bool wanted = false;
    int status = vcl_config_bool(exec, "provideClusterInfo", &wanted, error);

    if (status < 0)
        return status;
    *out_info = vcl_exec_info_print(plugin->api_version, wanted ? endpoint : NULL, endpoint->server,
                                    find_extension(cluster->body));
    return *out_info ? VCLUSTER_OK : vcl_no_memory(error);
}

static int read_rest(const vcl_config_entry *exec,
                     const vcl_config_entry *cluster,
                     const vcl_endpoint *endpoint,
                     vcl_exec_plugin *plugin,
                     vcluster_error **error)
{
    char *info = NULL;
    const char *hint = NULL;

    int status = read_arguments(exec, plugin, error);
    if (status == VCLUSTER_OK)
        status = vcl_config_string(exec, "installHint", &hint, error);
    if (status == VCLUSTER_OK)
        status = make_info(exec, cluster, endpoint, plugin, &info, error);
    if (status == VCLUSTER_OK)
        status = read_environment(exec, info, plugin, error);
    vcl_free_secret(info);
    if (status < 0)
        return status;
    plugin->install_hint = vcl_strdup(hint);
    plugin->place = vcl_format("users[%s].exec of kubeconfig '%s'", exec->name,
                               vcl_config_file_name(exec->file));
    return plugin->place && (plugin->install_hint || !hint) ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_exec_plugin_new(const vcl_config_entry *user,
                        const vcl_config_entry *cluster,
                        const vcl_kubeconfig_source *source,
                        const vcl_endpoint *endpoint,
                        vcl_exec_plugin **out_plugin,
                        vcluster_error **error)
{
    vcl_config_entry exec = *user;
    vcl_exec_plugin *plugin = calloc(1, sizeof(*plugin));

    if (!plugin)
        return vcl_no_memory(error);
    exec.body = vcl_json_get(user->body, "exec");
    exec.below = "exec.";
    atomic_init(&plugin->source.references, 1);
    plugin->source.fetch = fetch;
    plugin->source.destroy = destroy;
    plugin->timeout_ms = VCL_EXEC_TIMEOUT_MS;

    int status = read_command(&exec, plugin, error);
    if (status == VCLUSTER_OK)
        status = check_policy(&exec, source, plugin, error);
    if (status == VCLUSTER_OK)
        status = read_version(&exec, plugin, error);
    if (status == VCLUSTER_OK)
        status = check_mode(&exec, plugin, error);
    if (status == VCLUSTER_OK)
        status = read_rest(&exec, cluster, endpoint, plugin, error);
    if (status < 0) {
        vcl_login_source_unref(&plugin->source);
        return status;
    }
    *out_plugin = plugin;
    return VCLUSTER_OK;
}
