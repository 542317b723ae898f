/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file credential.h
 * Tokens of service accounts of a virtual cluster, in place of its administrator's certificate:
 * they expire, they may do what their role allows, and they end when they are revoked.
 */
#ifndef LIBVCLUSTER_CREDENTIAL_H
#define LIBVCLUSTER_CREDENTIAL_H

#include <libvcluster/instance.h>

VCLUSTER_BEGIN_DECLS

/** A token with its expiry. Immutable; a secret that is wiped when it is freed. */
typedef struct vcluster_token vcluster_token;

/** Options of vcluster_instance_token() and vcluster_instance_open_token(). */
typedef struct vcluster_token_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name;            /**< as in ::vcluster_instance_options */
    const char *service_account;           /**< NULL: "libvcluster" */
    const char *service_account_namespace; /**< in the virtual cluster; NULL: "kube-system" */
    /** 1: make what is missing: the service account, and the binding of its role. */
    uint64_t create;
    /** With create: the account is bound to this ClusterRole everywhere, such as "view" or
     * "cluster-admin"; not together with role. */
    const char *cluster_role;
    /** With create: the account is bound to this Role, in role_namespace. */
    const char *role;
    const char *role_namespace; /**< in the virtual cluster; NULL: that of the service account */
    int64_t expiration_s;       /**< 0: 3600; the API server allows 600 and more, and may shorten */
    /** Who shall accept the token; ends with NULL; NULL: the API server. */
    const char *const *audiences;
} vcluster_token_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_TOKEN_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(vcluster_token_options)                                              \
    }

/**
 * Get a token of a service account of a virtual cluster (a TokenRequest).
 *
 * What is made for it carries the label app.kubernetes.io/managed-by=libvcluster: the service
 * account, and a ClusterRoleBinding or RoleBinding "libvcluster:NAMESPACE:ACCOUNT". A binding of
 * ours to another role is replaced, so that an account has the one role that was asked for last.
 *
 * @param client          host cluster
 * @param name            name of the virtual cluster
 * @param options         NULL for defaults
 * @param[out] out_token  freed with vcluster_token_free()
 * @return 0. Expected: NOT_FOUND (the virtual cluster, the service account without create, the
 *         role), ALREADY_EXISTS (a binding of that name that is not ours), INVALID_ARGUMENT,
 *         PRECONDITION (paused, no kubeconfig Secret yet), UNAVAILABLE.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_token(vcluster_client *client,
                                                            const char *name,
                                                            const vcluster_token_options *options,
                                                            vcluster_token **out_token,
                                                            vcluster_error **error);

/** Wipe and free a token; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_token_free(vcluster_token *token);

/** The token itself, a secret. Borrowed, as all strings of a token. @since 0.1 */
VCLUSTER_API const char *vcluster_token_text(const vcluster_token *token);

/** Who it is of: "system:serviceaccount:NAMESPACE:ACCOUNT". @since 0.1 */
VCLUSTER_API const char *vcluster_token_user(const vcluster_token *token);

/** When it expires, such as "2030-01-02T03:04:05Z" (RFC 3339). @since 0.1 */
VCLUSTER_API const char *vcluster_token_expires(const vcluster_token *token);

/** The same in seconds since 1970. @since 0.1 */
VCLUSTER_API int64_t vcluster_token_expires_at(const vcluster_token *token);

/**
 * The answer of an exec credential plugin: an ExecCredential of client.authentication.k8s.io, as
 * JSON, with the token and its expiry.
 *
 * @param api_version    the version that $KUBERNETES_EXEC_INFO asks for; NULL:
 *                       "client.authentication.k8s.io/v1"
 * @param[out] out_json  a secret, freed with vcluster_free(), which wipes it
 * @return 0, UNSUPPORTED (neither v1 nor v1beta1) or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_token_exec_credential(const vcluster_token *token,
                                                                   const char *api_version,
                                                                   char **out_json,
                                                                   vcluster_error **error);

/**
 * Open a client of a virtual cluster as vcluster_instance_open() does, but one that logs in as a
 * service account. Its token is renewed before it expires, and when the API server refuses it.
 *
 * @param options          NULL for defaults; audiences must be those of the API server
 * @param[out] out_client  given back with vcluster_client_unref()
 * @return as vcluster_instance_token().
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_open_token(vcluster_client *client,
                             const char *name,
                             const vcluster_token_options *options,
                             vcluster_client **out_client,
                             vcluster_error **error);

/** Options of vcluster_instance_token_revoke(). */
typedef struct vcluster_token_revoke_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name;            /**< as in ::vcluster_instance_options */
    const char *service_account;           /**< NULL: "libvcluster" */
    const char *service_account_namespace; /**< NULL: "kube-system" */
    uint64_t missing_ok;                   /**< 1: success when there is nothing of ours */
} vcluster_token_revoke_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_TOKEN_REVOKE_OPTIONS_INIT                                                         \
    {                                                                                              \
        .struct_size = sizeof(vcluster_token_revoke_options)                                       \
    }

/**
 * Remove what vcluster_instance_token() made for a service account: its bindings and the account
 * itself, with which every token of it ends. An account that somebody else made is left alone: it
 * loses the bindings of ours.
 *
 * @return 0. Expected: NOT_FOUND (nothing of ours is there), PRECONDITION, UNAVAILABLE.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_token_revoke(vcluster_client *client,
                               const char *name,
                               const vcluster_token_revoke_options *options,
                               vcluster_error **error);

VCLUSTER_END_DECLS

#endif
