/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pod.h
 * Pods: their logs, commands in them, and tunnels to their ports; of any cluster a client stands
 * for, so also of a virtual one (vcluster_instance_open()).
 */
#ifndef LIBVCLUSTER_POD_H
#define LIBVCLUSTER_POD_H

#include <libvcluster/tunnel.h>

VCLUSTER_BEGIN_DECLS

/** Where bytes of a pod come from. */
typedef enum vcluster_pod_stream {
    VCLUSTER_POD_OUTPUT = 1,      /**< standard output of a command, or a log */
    VCLUSTER_POD_ERROR_OUTPUT = 2 /**< error output of a command */
} vcluster_pod_stream;

/**
 * Some bytes, as they came: not cut at lines. Called on the thread of the call, with no lock held;
 * the server is held back meanwhile.
 *
 * @param stream  a ::vcluster_pod_stream
 * @param bytes   borrowed, valid during the callback only; size is never 0
 * @return 0 to go on, anything else to end the call with CANCELLED
 */
typedef int (*vcluster_pod_output_fn)(int stream,
                                      const void *bytes,
                                      size_t size,
                                      void *output_data);

/** Options of vcluster_pod_logs(). */
typedef struct vcluster_pod_logs_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: that of the client's context, else "default" */
    /** NULL: what the pod's annotation kubectl.kubernetes.io/default-container names, else the only
     * container. */
    const char *container;
    uint64_t follow;        /**< 1: go on until the container ends */
    uint64_t previous;      /**< 1: of the run before */
    uint64_t timestamps;    /**< 1: each line begins with an RFC 3339 time */
    uint64_t tail;          /**< 1: only the last tail_lines lines */
    int64_t tail_lines;     /**< from 0; with tail only */
    int64_t since_seconds;  /**< only what is younger; 0: all */
    const char *since_time; /**< only what is younger than this RFC 3339 time; NULL: all */
    int64_t limit_bytes;    /**< at most so many; 0: all */
} vcluster_pod_logs_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_POD_LOGS_OPTIONS_INIT                                                             \
    {                                                                                              \
        .struct_size = sizeof(vcluster_pod_logs_options)                                           \
    }

/**
 * Read the log of a container.
 *
 * @param pod          name of the pod
 * @param on_output    called with what comes
 * @param output_data  handed to on_output
 * @return 0 at the end of the log; of a followed one, when the container has ended. Expected:
 *         NOT_FOUND (pod, container, run before), INVALID_ARGUMENT (several containers and none
 *         named: the message names them), PRECONDITION (the container has not started yet),
 *         PERMISSION (get on pods/log), UNAVAILABLE (the log was cut; what was told is right),
 *         TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_pod_logs(vcluster_client *client,
                                                      const char *pod,
                                                      const vcluster_pod_logs_options *options,
                                                      vcluster_pod_output_fn on_output,
                                                      void *output_data,
                                                      vcluster_error **error);

/**
 * The next piece of a command's input. Called on the thread of the call; no output is told while it
 * waits.
 *
 * @return number of bytes written to @p bytes; 0 at the end; negative to end the call with
 * CANCELLED
 */
typedef int64_t (*vcluster_pod_input_fn)(void *bytes, size_t size, void *input_data);

/**
 * Size of the terminal in characters, asked for at the start and some times a second.
 *
 * @return 0, or anything else when it is not known
 */
typedef int (*vcluster_terminal_size_fn)(int64_t *out_columns,
                                         int64_t *out_rows,
                                         void *terminal_data);

/** Options of vcluster_pod_exec(). Input comes from one of input, read_input, input_fd, or none. */
typedef struct vcluster_pod_exec_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: that of the client's context, else "default" */
    const char *container;      /**< as in ::vcluster_pod_logs_options */
    uint64_t tty;               /**< 1: the command has a terminal, and one output */
    const void *input;          /**< bytes for its standard input; borrowed during the call */
    int64_t input_size;
    vcluster_pod_input_fn read_input; /**< gives the standard input piece by piece */
    void *input_data;                 /**< handed to read_input */
    uint64_t use_input_fd;            /**< 1: the standard input is read from input_fd */
    /** A pipe, file or terminal, read as it becomes readable while output goes on; not closed. */
    int64_t input_fd;
    vcluster_terminal_size_fn terminal_size; /**< with tty only; may be NULL */
    void *terminal_data;                     /**< handed to terminal_size */
} vcluster_pod_exec_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_POD_EXEC_OPTIONS_INIT                                                             \
    {                                                                                              \
        .struct_size = sizeof(vcluster_pod_exec_options)                                           \
    }

/**
 * Run a command in a container and wait for its end.
 *
 * A command that cannot be started ends as in a shell, with 127 (not found) or 126 (not
 * executable), and the container runtime's words as error output. A call that ends early (deadline,
 * cancel, a callback) leaves the command running: the Kubernetes API has no way to end it. The end
 * of the input is told to the command by servers from Kubernetes 1.30 on; older ones cannot, which
 * is logged as a warning, and a command that waits for it goes on until the deadline. With a
 * terminal that end hangs the terminal up. A command that leaves much of its input unread may seem
 * not to end: the API server then holds its exit code back, from every client. And take what
 * comes without delay: the API server (seen in 1.35) drops the rest of a large output, and may even
 * tell success, when its client has been slower than the command for half a minute.
 *
 * @param pod                 name of the pod
 * @param command             program and arguments, ending with NULL; no shell is involved
 * @param options             may be NULL
 * @param on_output           called with what the command writes; may be NULL
 * @param output_data         handed to on_output
 * @param[out] out_exit_code  0 to 255
 * @return 0 when the command has ended, whatever its exit code. Expected: NOT_FOUND (pod,
 *         container), INVALID_ARGUMENT, PERMISSION (get and create on pods/exec), UNAVAILABLE (the
 *         connection was lost; the command may go on), TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/pod.c exec
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_pod_exec(vcluster_client *client,
                                                      const char *pod,
                                                      const char *const *command,
                                                      const vcluster_pod_exec_options *options,
                                                      vcluster_pod_output_fn on_output,
                                                      void *output_data,
                                                      int *out_exit_code,
                                                      vcluster_error **error);

/** Options of vcluster_pod_forward(). */
typedef struct vcluster_pod_forward_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: that of the client's context, else "default" */
    const char *label_selector; /**< any running pod with these labels, ready ones first */
    int64_t local_port;         /**< port on 127.0.0.1; 0: any free one */
} vcluster_pod_forward_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_POD_FORWARD_OPTIONS_INIT                                                          \
    {                                                                                              \
        .struct_size = sizeof(vcluster_pod_forward_options)                                        \
    }

/**
 * Open a tunnel to a port of a pod, named or found by labels. Connections to 127.0.0.1 reach the
 * port inside the pod's network through the API server. When the pod is lost its connections are
 * reset; new ones go to the pod of the same name or labels that took its place, which is waited
 * for.
 *
 * @param pod              name of the pod; NULL: by the label selector of the options
 * @param port             port in the pod, 1 to 65535
 * @param[out] out_tunnel  freed with vcluster_tunnel_free(); holds a reference on the client
 * @return 0. Expected: NOT_FOUND (no pod of that name), INVALID_ARGUMENT (no pod and no selector),
 *         UNAVAILABLE (the local port is taken), PERMISSION. That create on pods/portforward is
 *         missing shows with the first connection: see the log of the client.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_pod_forward(vcluster_client *client,
                     const char *pod,
                     int64_t port,
                     const vcluster_pod_forward_options *options,
                     vcluster_tunnel **out_tunnel,
                     vcluster_error **error);

VCLUSTER_END_DECLS

#endif
