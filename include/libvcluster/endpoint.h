/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file endpoint.h
 * Where a virtual cluster can be reached from here, tried out before it is told.
 */
#ifndef LIBVCLUSTER_ENDPOINT_H
#define LIBVCLUSTER_ENDPOINT_H

#include <libvcluster/client.h>

VCLUSTER_BEGIN_DECLS

/** Ways to a virtual cluster, the better one first. */
typedef enum vcluster_endpoint_kind {
    /** The server in the options: the only one that is tried then. */
    VCLUSTER_ENDPOINT_GIVEN = 1,
    /** The server in its published kubeconfig (exportKubeConfig.server), unless that is localhost.
     */
    VCLUSTER_ENDPOINT_PUBLISHED = 2,
    /** An address that a load balancer gave to its Service. */
    VCLUSTER_ENDPOINT_LOAD_BALANCER = 3,
    /** The node port of its Service, on the node that runs the control plane. */
    VCLUSTER_ENDPOINT_NODE_PORT = 4,
    /** A host of an Ingress that leads to its Service and leaves TLS as it is. */
    VCLUSTER_ENDPOINT_INGRESS = 5,
    /** A host of a Gateway API TLSRoute that leads to its Service. */
    VCLUSTER_ENDPOINT_TLS_ROUTE = 6,
    /** The DNS name of its Service, for programs that run inside the host. */
    VCLUSTER_ENDPOINT_SERVICE = 7,
    /** None: vcluster_tunnel_open() makes a way that lasts as long as the program. */
    VCLUSTER_ENDPOINT_TUNNEL = 8
} vcluster_endpoint_kind;

/** Name of a ::vcluster_endpoint_kind, such as "node-port". A constant string. @since 0.1 */
VCLUSTER_API const char *vcluster_endpoint_kind_name(int kind);

/** Which way was taken, and why the others were not. Immutable. */
typedef struct vcluster_endpoint vcluster_endpoint;

/** One way that was looked at. Borrowed from its endpoint. */
typedef struct vcluster_endpoint_candidate vcluster_endpoint_candidate;

/** Options of vcluster_instance_endpoint(). */
typedef struct vcluster_endpoint_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    /** URL that is taken in place of all others; "https://" is put in front when it is missing. */
    const char *server;
    /** Name to verify in place of the URL's; NULL: the URL's, or where its certificate lacks that,
     * one that each certificate of a virtual cluster has. Hosts of an Ingress and of a TLSRoute
     * are always verified themselves: without them nothing would find its way. */
    const char *tls_server_name;
    uint64_t insecure;     /**< 1: certificates are not verified, and nobody logs in to try it */
    uint64_t exposed_only; /**< 1: the tunnel does not count */
    uint64_t unverified; /**< 1: server is taken as it is: it can be reached from elsewhere only */
} vcluster_endpoint_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_ENDPOINT_OPTIONS_INIT                                                             \
    {                                                                                              \
        .struct_size = sizeof(vcluster_endpoint_options)                                           \
    }

/**
 * Choose the best way to a virtual cluster that works from here: in the order of
 * ::vcluster_endpoint_kind the first one whose certificate is of this virtual cluster and has the
 * name, and that lets its credentials in. All are tried at once, each for 5 s and half of the time
 * that is left at most; those that a better one has made needless are given up.
 *
 * Needs to get the Service. What else may not be read (Ingresses, TLSRoutes, Gateways, pods, nodes)
 * is told as a candidate that was not taken.
 *
 * @param client             host cluster
 * @param options            NULL for defaults
 * @param[out] out_endpoint  freed with vcluster_endpoint_free()
 * @return 0. Expected: NOT_FOUND, INVALID_ARGUMENT (a server that is no https URL), PRECONDITION
 *         (paused; no kubeconfig Secret yet; with exposed_only: none works, and the findings of the
 *         error tell each candidate, why it was not taken and what to do), UNAVAILABLE and
 *         UNAUTHENTICATED (the given server), TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/endpoint.c endpoint
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_endpoint(vcluster_client *client,
                           const char *name,
                           const vcluster_endpoint_options *options,
                           vcluster_endpoint **out_endpoint,
                           vcluster_error **error);

/** Free an endpoint; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_endpoint_free(vcluster_endpoint *endpoint);

/** The candidate that was taken. Borrowed. @since 0.1 */
VCLUSTER_API const vcluster_endpoint_candidate *
vcluster_endpoint_taken(const vcluster_endpoint *endpoint);

/** Number of candidates, the taken one included: at least one a kind. @since 0.1 */
VCLUSTER_API size_t vcluster_endpoint_candidate_count(const vcluster_endpoint *endpoint);

/** Candidate number @p index in the order in which they are preferred, or NULL. Borrowed.
 * @since 0.1 */
VCLUSTER_API const vcluster_endpoint_candidate *
vcluster_endpoint_candidate_at(const vcluster_endpoint *endpoint, size_t index);

/** The ::vcluster_endpoint_kind. @since 0.1 */
VCLUSTER_API int vcluster_endpoint_candidate_kind(const vcluster_endpoint_candidate *candidate);

/** URL, such as "https://dev.example.com"; "" for the tunnel, and where there is no such way.
 * Borrowed. @since 0.1 */
VCLUSTER_API const char *
vcluster_endpoint_candidate_url(const vcluster_endpoint_candidate *candidate);

/** Name to verify in place of the URL's host, "" for that. Borrowed. @since 0.1 */
VCLUSTER_API const char *
vcluster_endpoint_candidate_tls_server_name(const vcluster_endpoint_candidate *candidate);

/** Why it was not taken; "" for the one that was. Borrowed. @since 0.1 */
VCLUSTER_API const char *
vcluster_endpoint_candidate_reason(const vcluster_endpoint_candidate *candidate);

/**
 * The endpoint as a JSON object: name, namespace, kind, url, tlsServerName, insecure, and
 * candidates with kind, url, tlsServerName, reason.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_endpoint_to_json(const vcluster_endpoint *endpoint,
                                                              char **out_json,
                                                              vcluster_error **error);

VCLUSTER_END_DECLS

#endif
