/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a connection; see connection.h. */
#include "vcluster/connect/connection.h"

#include <limits.h>
#include <stddef.h>

#include "base/str.h"

static const struct {
    const char *key;
    size_t offset;
} texts[] = {
    { "id", offsetof(vcluster_connection, id) },
    { "name", offsetof(vcluster_connection, name) },
    { "namespace", offsetof(vcluster_connection, namespace_name) },
    { "hostContext", offsetof(vcluster_connection, host_context) },
    { "hostServer", offsetof(vcluster_connection, host_server) },
    { "context", offsetof(vcluster_connection, context) },
    { "url", offsetof(vcluster_connection, url) },
    { "log", offsetof(vcluster_connection, log) },
};
static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    { "pid", offsetof(vcluster_connection, pid) },
    { "processStart", offsetof(vcluster_connection, process_start) },
    { "started", offsetof(vcluster_connection, started) },
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]), NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static char **text_at(const vcluster_connection *connection, size_t index)
{
    return (char **)((uintptr_t)connection + texts[index].offset);
}

static int64_t *number_at(const vcluster_connection *connection, size_t index)
{
    return (int64_t *)((uintptr_t)connection + numbers[index].offset);
}

cJSON *vcl_connection_tree(const vcluster_connection *connection)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    bool done = tree != NULL;

    for (size_t i = 0; i < TEXTS && done; i++)
        done = vcl_json_set_string(tree, texts[i].key, vcl_str(*text_at(connection, i)));
    for (size_t i = 0; i < NUMBERS && done; i++)
        done = vcl_json_set_int(tree, numbers[i].key, *number_at(connection, i));
    return done ? vcl_steal(&tree) : NULL;
}

/* 0 and 1 are nobody's tunnel, and to kill() 0 and less are whole groups. */
static bool is_plausible(const vcluster_connection *connection)
{
    return !vcl_str_empty(connection->id) && !vcl_str_empty(connection->name) &&
           connection->pid > 1 && connection->pid <= INT_MAX && connection->process_start >= 0;
}

int vcl_connection_parse(const char *text,
                         size_t size,
                         vcluster_connection **out_connection,
                         vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_PTR(vcluster_connection) connection = calloc(1, sizeof(*connection));

    if (!connection)
        return vcl_no_memory(error);
    int status = vcl_json_parse(text, size, &tree, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < TEXTS; i++) {
        const char *value = vcl_json_find_string(tree, texts[i].key, NULL);

        *text_at(connection, i) = vcl_strdup(vcl_str(value));
        if (!*text_at(connection, i))
            return vcl_no_memory(error);
    }
    for (size_t i = 0; i < NUMBERS; i++)
        *number_at(connection, i) = vcl_json_find_int(tree, -1, numbers[i].key, NULL);
    if (!is_plausible(connection))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "it does not describe a connection");
    *out_connection = vcl_steal(&connection);
    return VCLUSTER_OK;
}

void vcluster_connection_free(vcluster_connection *connection)
{
    for (size_t i = 0; connection && i < TEXTS; i++)
        free(*text_at(connection, i));
    free(connection);
}

void vcluster_connection_list_free(vcluster_connection_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        vcluster_connection_free(list->items[i]);
    free(list->items);
    free(list);
}

size_t vcluster_connection_list_size(const vcluster_connection_list *list)
{
    return list ? list->count : 0;
}

const vcluster_connection *vcluster_connection_list_at(const vcluster_connection_list *list,
                                                       size_t index)
{
    return index < vcluster_connection_list_size(list) ? list->items[index] : NULL;
}

const char *vcluster_connection_id(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->id) : "";
}

const char *vcluster_connection_name(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->name) : "";
}

const char *vcluster_connection_namespace(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->namespace_name) : "";
}

const char *vcluster_connection_host_context(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->host_context) : "";
}

const char *vcluster_connection_context(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->context) : "";
}

const char *vcluster_connection_url(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->url) : "";
}

const char *vcluster_connection_log(const vcluster_connection *connection)
{
    return connection ? vcl_str(connection->log) : "";
}

int64_t vcluster_connection_pid(const vcluster_connection *connection)
{
    return connection ? connection->pid : 0;
}

int64_t vcluster_connection_started(const vcluster_connection *connection)
{
    return connection ? connection->started : 0;
}

bool vcluster_connection_alive(const vcluster_connection *connection)
{
    return connection && vcl_process_start(connection->pid) == connection->process_start;
}
