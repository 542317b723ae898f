/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tunnel.h
 * A way to a virtual cluster for other programs: a port on 127.0.0.1, and kubeconfigs as text.
 */
#ifndef LIBVCLUSTER_TUNNEL_H
#define LIBVCLUSTER_TUNNEL_H

#include <libvcluster/credential.h>

VCLUSTER_BEGIN_DECLS

/** A listening tunnel. Safe to use from many threads; served by the client's own thread. */
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
} vcluster_tunnel_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_TUNNEL_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_tunnel_options)                                             \
    }

/**
 * Open a tunnel: connections to 127.0.0.1 reach the control plane of the virtual cluster through
 * the API server of the host. When the pod is lost its connections are reset, and new ones go to
 * the pod that took its place.
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

/** Local port on 127.0.0.1. @since 0.1 */
VCLUSTER_API int vcluster_tunnel_port(const vcluster_tunnel *tunnel);

/** "https://127.0.0.1:PORT", or "tcp://127.0.0.1:PORT" of vcluster_pod_forward(). Borrowed.
 * @since 0.1 */
VCLUSTER_API const char *vcluster_tunnel_url(const vcluster_tunnel *tunnel);

/** Number of connections that were accepted so far. @since 0.1 */
VCLUSTER_API int64_t vcluster_tunnel_connection_count(const vcluster_tunnel *tunnel);

/**
 * A self-contained kubeconfig that uses the tunnel; it works as long as the tunnel is open. It
 * holds administrator credentials of the virtual cluster.
 *
 * @param[out] out_text  freed with vcluster_free()
 * @return 0, NO_MEMORY, or UNSUPPORTED for the tunnel of a pod. Non-blocking. @since 0.1
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
