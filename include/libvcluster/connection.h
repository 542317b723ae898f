/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file connection.h
 * Tunnels that outlive the program which asked for them: each is held by a process of its own, and
 * written down in a folder of the user, where other programs find it and can stop it.
 */
#ifndef LIBVCLUSTER_CONNECTION_H
#define LIBVCLUSTER_CONNECTION_H

#include <libvcluster/tunnel.h>

VCLUSTER_BEGIN_DECLS

/** A tunnel that a process in the background holds, as it was written down. Immutable. */
typedef struct vcluster_connection vcluster_connection;

/** Those of one user, the older ones first. */
typedef struct vcluster_connection_list vcluster_connection_list;

/** Options of vcluster_connection_start(). */
typedef struct vcluster_connection_start_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    const char *program;        /**< path of vcl, which holds it; NULL: "vcl", found in $PATH */
    int64_t local_port;         /**< port on 127.0.0.1; 0: any free one */
    /** Of the kubeconfig context that will lead there: NULL: vcluster_NAME_NAMESPACE_HOSTCONTEXT.
     * When the virtual cluster is deleted, the process takes that context out of the kubeconfig. */
    const char *context_name;
    /** Where it is written down; NULL: libvcluster/connections in $XDG_STATE_HOME, or else in
     * ~/.local/state. */
    const char *state_directory;
} vcluster_connection_start_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_CONNECTION_START_OPTIONS_INIT                                                     \
    {                                                                                              \
        .struct_size = sizeof(vcluster_connection_start_options)                                   \
    }

/**
 * Have a process of its own hold a tunnel, and return when it listens. It is in a session of its
 * own, listens on 127.0.0.1 only, and ends by vcluster_connection_stop(), SIGTERM, or when the
 * virtual cluster is deleted. Where one like it (virtual cluster, host, context and, if given,
 * port) is running, that one is returned. Nobody's kubeconfig is changed: make one with
 * vcluster_instance_kubeconfig() and vcluster_connection_url() as its server.
 *
 * @param client  made from kubeconfig files or in a pod: the process makes one of the same. Its own
 *                user agent, log and warning are not handed on.
 * @param[out] out_connection  freed with vcluster_connection_free(), which does not stop it
 * @return 0. Expected: as vcluster_tunnel_open(), and PRECONDITION for a client of a kubeconfig's
 *         text; NOT_FOUND where there is no such program; UNAVAILABLE (the process ended: the
 *         message has what it said). Nothing is left running on failure.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_connection_start(vcluster_client *client,
                          const char *name,
                          const vcluster_connection_start_options *options,
                          vcluster_connection **out_connection,
                          vcluster_error **error);

/** Options of vcluster_connection_list_new() and vcluster_connection_stop(). */
typedef struct vcluster_connection_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *state_directory; /**< as in ::vcluster_connection_start_options */
} vcluster_connection_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_CONNECTION_OPTIONS_INIT                                                           \
    {                                                                                              \
        .struct_size = sizeof(vcluster_connection_options)                                         \
    }

/**
 * The connections that are running. What is written down of others, whose process is gone, is
 * removed together with its log.
 *
 * @param options        NULL for defaults
 * @param[out] out_list  freed with vcluster_connection_list_free()
 * @return 0. Expected: PERMISSION or UNAVAILABLE (the folder cannot be read).
 * Reads local files only. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_connection_list_new(const vcluster_connection_options *options,
                             vcluster_connection_list **out_list,
                             vcluster_error **error);

/** Free a list and its connections, stopping none; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_connection_list_free(vcluster_connection_list *list);

/** Number of connections. @since 0.1 */
VCLUSTER_API size_t vcluster_connection_list_size(const vcluster_connection_list *list);

/** Connection number @p index, or NULL. Borrowed from the list. @since 0.1 */
VCLUSTER_API const vcluster_connection *
vcluster_connection_list_at(const vcluster_connection_list *list, size_t index);

/**
 * End the process of a connection (SIGTERM; SIGKILL when the deadline passes), wait until it is
 * gone, and remove what is written down of it. A context in a kubeconfig stays.
 *
 * @param id       vcluster_connection_id()
 * @param options  NULL for defaults: 10 s
 * @return 0, also when the process was gone. Expected: NOT_FOUND (there is no such connection),
 *         CANCELLED (it was asked to end and may do so still).
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_connection_stop(
    const char *id, const vcluster_connection_options *options, vcluster_error **error);

/** Free what describes a connection, without stopping it; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_connection_free(vcluster_connection *connection);

/** What vcluster_connection_stop() knows it by. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_id(const vcluster_connection *connection);

/** Name of the virtual cluster. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_name(const vcluster_connection *connection);

/** Its host namespace. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_namespace(const vcluster_connection *connection);

/** Context of its host, or "". Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_host_context(const vcluster_connection *connection);

/** Context that leads there in a kubeconfig, if one was merged. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_context(const vcluster_connection *connection);

/** "https://127.0.0.1:PORT". Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_url(const vcluster_connection *connection);

/** Path of the log of its process, which is emptied when it reaches 1 MiB. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_connection_log(const vcluster_connection *connection);

/** Id of its process. @since 0.1 */
VCLUSTER_API int64_t vcluster_connection_pid(const vcluster_connection *connection);

/** When it was started: seconds since 1970. @since 0.1 */
VCLUSTER_API int64_t vcluster_connection_started(const vcluster_connection *connection);

/** Whether its process runs now; another one with the same id does not count. @since 0.1 */
VCLUSTER_API bool vcluster_connection_alive(const vcluster_connection *connection);

/**
 * Everything about a connection as JSON: {"id", "name", "namespace", "hostContext", "hostServer",
 * "context", "url", "log", "pid", "processStart", "started"}.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_connection_to_json(
    const vcluster_connection *connection, char **out_json, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
