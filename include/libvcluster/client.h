/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client.h
 * A client of one Kubernetes cluster: usually the host, but also a virtual cluster
 * (vcluster_instance_open()).
 */
#ifndef LIBVCLUSTER_CLIENT_H
#define LIBVCLUSTER_CLIENT_H

#include <libvcluster/call.h>

VCLUSTER_BEGIN_DECLS

/**
 * A client. Safe to use from many threads at once. Its connections are served by one thread of its
 * own, started with the first request, which blocks all signals. After fork() every call on a
 * client made before it fails with UNSUPPORTED in the child.
 */
typedef struct vcluster_client vcluster_client;

/** How serious a log line is. */
typedef enum vcluster_log_level {
    VCLUSTER_LOG_DEBUG = 1,
    VCLUSTER_LOG_INFO = 2,
    VCLUSTER_LOG_WARNING = 3
} vcluster_log_level;

/**
 * Receives log lines: requests with their status and duration, warnings of the API server, retries.
 * Never credentials or bodies. Called from any thread, one call at a time, with no lock of the
 * library held that another call needs; it must not call the same client.
 */
typedef void (*vcluster_log_fn)(int level, const char *message, void *user_data);

/**
 * Receives each warning of the API server, such as of a version of a kind that will go: once an
 * answer, however often the answer says it. Called by the thread of the call that is warned, one
 * call at a time; it must not call the same client.
 *
 * @param request  what was answered, such as "PATCH /apis/apps/v1/...": method and path
 * @param text     the warning, without control characters
 */
typedef void (*vcluster_warning_fn)(const char *request, const char *text, void *user_data);

/** Which programs a kubeconfig may run to log in (its `exec` entries). */
typedef enum vcluster_exec_policy {
    /** Those of kubeconfig files; none of a kubeconfig given as text. */
    VCLUSTER_EXEC_DEFAULT = 0,
    /** Any. */
    VCLUSTER_EXEC_ALLOW = 1,
    /** None. */
    VCLUSTER_EXEC_DENY = 2,
    /** Those in exec_allowlist. */
    VCLUSTER_EXEC_ALLOWLIST = 3
} vcluster_exec_policy;

/** Options of vcluster_client_new(). */
typedef struct vcluster_client_options {
    size_t struct_size;
    /** Default deadline of a blocking call in milliseconds; 0: 30,000 for single requests and
     * 300,000 for operations that wait; -1: none. */
    int64_t timeout_ms;
    /** Path of a kubeconfig; NULL: $KUBECONFIG (a list), then ~/.kube/config, then the service
     * account of the pod this runs in. */
    const char *kubeconfig_path;
    /** A kubeconfig as text; wins over the path. File references and programs inside are refused
     * unless allow_file_references and exec_policy say otherwise. */
    const char *kubeconfig_text;
    /** Context; NULL: current-context of the kubeconfig. */
    const char *context;
    /** Put in front of the library's own User-Agent, such as "backstage/1.2"; may be NULL. */
    const char *user_agent;
    /** Log callback; may be NULL. */
    vcluster_log_fn log;
    /** Handed to log. */
    void *log_user_data;
    /** Called with log_user_data when the client is gone; may be NULL. */
    void (*log_destroy)(void *user_data);
    /** URL of the API server in place of the kubeconfig's, whose credentials go to it then; its
     * tls-server-name does not hold for it. Without a context in the kubeconfig nobody logs in.
     * NULL: the kubeconfig's. */
    const char *server;
    /** Namespace in place of the context's; NULL: the context's. */
    const char *namespace_name;
    /** User to act as, in place of `as` of the kubeconfig; NULL: that one, or nobody. */
    const char *impersonate_user;
    /** Groups to act with, in place of `as-groups`; ends with NULL; may be NULL. They need a
     * user. */
    const char *const *impersonate_groups;
    /** A ::vcluster_exec_policy. Programs get no terminal, 60 seconds, and what they say is kept
     * until it expires or the server refuses it. */
    uint64_t exec_policy;
    /** With VCLUSTER_EXEC_ALLOWLIST: absolute paths, or names that are looked up in $PATH; ends
     * with NULL; may be NULL. */
    const char *const *exec_allowlist;
    /** 1: a kubeconfig given as text may name files, relative to the working directory. */
    uint64_t allow_file_references;
    /** Called for warnings of the API server, which are logged as well; may be NULL. Clients of
     * virtual clusters that this one opens call it, too. */
    vcluster_warning_fn warning;
    /** Handed to warning. */
    void *warning_user_data;
    /** Called with warning_user_data when the client is gone; may be NULL. */
    void (*warning_destroy)(void *user_data);
} vcluster_client_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_CLIENT_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_client_options)                                             \
    }

/**
 * Make a client from a kubeconfig. Reads files, sends nothing and runs no program: those that log
 * in are run by the first call that sends something, whose deadline and cancel token hold for them.
 *
 * @param options          NULL for defaults
 * @param[out] out_client  given back with vcluster_client_unref()
 * @param[out] error       may be NULL
 * @return 0. Expected: NOT_FOUND (file or context), CONFIG (malformed, contradictory, unusable or
 *         forbidden entries), UNSUPPORTED (a way to log in that this version does not know),
 *         UNAUTHENTICATED (a client certificate that has expired).
 *
 * Blocking on files only. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_client_new(const vcluster_client_options *options,
                                                        vcluster_client **out_client,
                                                        vcluster_error **error);

/** Take one more reference; returns @p client. Thread-safe. @since 0.1 */
VCLUSTER_API vcluster_client *vcluster_client_ref(vcluster_client *client);

/**
 * Give a reference back; NULL is allowed. The last one ends the client's thread and connections.
 * Objects made from the client hold references of their own, so any order will do. @since 0.1
 */
VCLUSTER_API void vcluster_client_unref(vcluster_client *client);

/** URL of the API server. Borrowed until the client is gone. @since 0.1 */
VCLUSTER_API const char *vcluster_client_server(const vcluster_client *client);

/** Name of the context in use, "" if there is none. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_client_context(const vcluster_client *client);

/** Namespace of the context, "" if it names none. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_client_namespace(const vcluster_client *client);

/** Number of HTTP requests that the client has sent so far, retries included. @since 0.1 */
VCLUSTER_API int64_t vcluster_client_request_count(const vcluster_client *client);

/**
 * Ask the API server for its version.
 *
 * @param[out] out_version  such as "v1.35.4"; freed with vcluster_free()
 * @return 0. Expected: UNAVAILABLE, UNAUTHENTICATED, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_client_server_version(vcluster_client *client,
                               const vcluster_call_options *options,
                               char **out_version,
                               vcluster_error **error);

VCLUSTER_END_DECLS

#endif
