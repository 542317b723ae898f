/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tunnel.h
 * A way to a virtual cluster for other programs: a port on 127.0.0.1, and kubeconfigs as text.
 */
#ifndef LIBVCLUSTER_TUNNEL_H
#define LIBVCLUSTER_TUNNEL_H

#include <libvcluster/credential.h>

VCLUSTER_BEGIN_DECLS

/** A listening tunnel. Safe to use from many threads; all tunnels of a client are served by two
 * threads of the client's own. */
typedef struct vcluster_tunnel vcluster_tunnel;

/** Options of vcluster_tunnel_open(). */
typedef struct vcluster_tunnel_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    int64_t local_port;         /**< port on 127.0.0.1; 0: any free one */
    int64_t remote_port;        /**< port in the control-plane pod; 0: that of its kubeconfig */
    uint64_t unix_socket;       /**< 1: listen on a unix socket (mode 0600) and on no port */
    const char *socket_path;    /**< of it; NULL: in a new folder that only this user can enter */
    int64_t wait_ms; /**< how long a connection waits for a pod that takes it; 0: a minute */
} vcluster_tunnel_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_TUNNEL_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_tunnel_options)                                             \
    }

/**
 * Open a tunnel: connections to 127.0.0.1, or to a unix socket, reach the control plane of the
 * virtual cluster through the API server of the host. When the pod or the way to it is lost, its
 * connections are reset; new ones wait for the pod, or for the one that took its place. The socket
 * and its folder are removed with the tunnel.
 *
 * @param client           host cluster; the tunnel holds a reference on it
 * @param[out] out_tunnel  freed with vcluster_tunnel_free()
 * @return 0. Expected: NOT_FOUND, PRECONDITION (paused, no kubeconfig Secret), UNAVAILABLE (no
 *         ready pod; the local port is taken), PERMISSION (create on pods/portforward is needed).
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_tunnel_open(vcluster_client *client,
                                                         const char *name,
                                                         const vcluster_tunnel_options *options,
                                                         vcluster_tunnel **out_tunnel,
                                                         vcluster_error **error);

/** Close a tunnel and its connections; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_tunnel_free(vcluster_tunnel *tunnel);

/** Local port on 127.0.0.1; 0 for a tunnel on a unix socket. @since 0.1 */
VCLUSTER_API int vcluster_tunnel_port(const vcluster_tunnel *tunnel);

/** "https://127.0.0.1:PORT", "tcp://127.0.0.1:PORT" of vcluster_pod_forward(), or "unix:PATH".
 * Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_tunnel_url(const vcluster_tunnel *tunnel);

/** Path of the unix socket; "" for a tunnel on a port. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_tunnel_socket_path(const vcluster_tunnel *tunnel);

/** Number of connections that were accepted so far. @since 0.1 */
VCLUSTER_API int64_t vcluster_tunnel_connection_count(const vcluster_tunnel *tunnel);

/** What a tunnel counts. */
typedef enum vcluster_tunnel_stat {
    VCLUSTER_TUNNEL_OPEN = 1,      /**< connections that are open now, or wait for the pod */
    VCLUSTER_TUNNEL_TOTAL = 2,     /**< connections that were accepted so far */
    VCLUSTER_TUNNEL_FAILED = 3,    /**< of them, those that were reset: no pod, or it was lost */
    VCLUSTER_TUNNEL_BYTES_IN = 4,  /**< from the pod, as the local programs have taken them */
    VCLUSTER_TUNNEL_BYTES_OUT = 5, /**< from the local programs */
    VCLUSTER_TUNNEL_RECONNECTS = 6 /**< pods found after one that had answered was lost */
} vcluster_tunnel_stat;

/** One of the numbers; 0 for an unknown one. Thread-safe. @since 0.1 */
VCLUSTER_API int64_t vcluster_tunnel_count(const vcluster_tunnel *tunnel, int stat);

/**
 * Everything about a tunnel as JSON: {"url", "connections": {"open", "total", "failed"}, "bytesIn",
 * "bytesOut", "reconnects", "lastError"}; the last one is null as long as nothing went wrong.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_tunnel_to_json(const vcluster_tunnel *tunnel, char **out_json, vcluster_error **error);

/**
 * A self-contained kubeconfig that uses the tunnel; it works as long as the tunnel is open. It
 * holds administrator credentials of the virtual cluster.
 *
 * @param[out] out_text  freed with vcluster_free()
 * @return 0, NO_MEMORY, or UNSUPPORTED for the tunnel of a pod or on a unix socket, which a
 *         kubeconfig cannot name. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_tunnel_kubeconfig(const vcluster_tunnel *tunnel, char **out_text, vcluster_error **error);

/** Options of vcluster_instance_kubeconfig(). */
typedef struct vcluster_kubeconfig_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    /** URL where the control plane can be reached, such as "https://dev.example.com"; "https://" is
     * put in front when it is missing. NULL: what vcluster_instance_endpoint() chooses. */
    const char *server;
    const char *tls_server_name; /**< as in ::vcluster_endpoint_options */
    const char *context_name;    /**< NULL: vcluster_NAME_NAMESPACE_HOSTCONTEXT */
    uint64_t insecure;           /**< as in ::vcluster_endpoint_options; the kubeconfig says so */
    uint64_t unverified;         /**< as in ::vcluster_endpoint_options */
    /** Log in with this token instead of as administrator: the kubeconfig is of use until it
     * expires. May be NULL. */
    const vcluster_token *token;
    /** 1: hold no credentials at all, but name the program `vcl credential`, which fetches a
     * short-lived token with the host's kubeconfig each time that kubectl starts. The client must
     * come from kubeconfig files, or from the pod it runs in. Not together with token. */
    uint64_t exec_plugin;
    /** With exec_plugin: the program; NULL: "vcl", looked up in $PATH. */
    const char *exec_command;
    /** With exec_plugin: the account whose tokens are fetched, which must be there unless
     * cluster_role is given; NULL: "libvcluster-admin", made and bound to cluster-admin when it is
     * first used. */
    const char *service_account;
    const char *service_account_namespace; /**< NULL: "kube-system" */
    const char *cluster_role; /**< with service_account: make it, bound to this ClusterRole */
    int64_t expiration_s;     /**< with exec_plugin: of each token; 0: 3600 */
} vcluster_kubeconfig_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_KUBECONFIG_OPTIONS_INIT                                                           \
    {                                                                                              \
        .struct_size = sizeof(vcluster_kubeconfig_options)                                         \
    }

/**
 * A self-contained kubeconfig for a virtual cluster that can be reached without this program: at
 * the server that is given, or at the address that vcluster_instance_endpoint() finds to be the
 * best. It is tried out before. Where there is none, open a tunnel and take
 * vcluster_tunnel_kubeconfig(), or give vcluster_tunnel_url() as the server here.
 *
 * @param[out] out_text  freed with vcluster_free()
 * @return 0. Expected: those of vcluster_instance_endpoint() with exposed_only; PRECONDITION: no
 *         address works, and the findings of the error tell why not, and what to do.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_kubeconfig(vcluster_client *client,
                             const char *name,
                             const vcluster_kubeconfig_options *options,
                             char **out_text,
                             vcluster_error **error);

VCLUSTER_END_DECLS

#endif
