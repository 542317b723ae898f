/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file certs.h
 * The certificates of a virtual cluster's control plane: until when they are valid, and new ones.
 */
#ifndef LIBVCLUSTER_CERTS_H
#define LIBVCLUSTER_CERTS_H

#include <libvcluster/instance.h>

VCLUSTER_BEGIN_DECLS

/**
 * Tell the certificates of a virtual cluster, of either distribution, by one look at its Secret
 * NAME-certs.
 *
 * @param options        NULL for defaults
 * @param[out] out_json  an array of objects, sorted by name: name ("apiserver.crt", "admin.conf"),
 *                       subject, issuer, notBefore and notAfter (RFC 3339), secondsLeft, authority
 *                       (true for a certificate authority), status ("valid", "expiring" with 90
 * days or less, "expired"); freed with vcluster_free()
 * @return 0. Expected: NOT_FOUND, PRECONDITION (not made yet), PROTOCOL (no certificates in it),
 *         PERMISSION (get on the Secret), UNAVAILABLE.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/certs.c certs
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_certs(vcluster_client *client,
                        const char *name,
                        const vcluster_instance_options *options,
                        char **out_json,
                        vcluster_error **error);

/**
 * Give the control plane new certificates, signed by the authorities that it has, and wait until it
 * is ready with them and publishes its new kubeconfig.
 *
 * The control plane restarts. Kubeconfigs that were handed out stay valid until their own
 * certificates expire. After a kill the same call completes the work. Of upstream's distribution
 * its own program makes them, in the control plane that runs (from 0.27 on).
 *
 * @param options            NULL for defaults
 * @param[out] out_instance  may be NULL
 * @return 0. Expected: NOT_FOUND, PRECONDITION (paused, or no pod runs), CONFLICT, PERMISSION,
 *         UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_rotate_certs(vcluster_client *client,
                               const char *name,
                               const vcluster_instance_options *options,
                               vcluster_instance **out_instance,
                               vcluster_error **error);

VCLUSTER_END_DECLS

#endif
