/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust and identity of a client as OpenSSL's objects, read from their texts once: with OpenSSL 3.0
 * that takes longer than the rest of a TLS handshake. Whoever reads a kubeconfig makes them, as it
 * looks at the texts anyway, and hands them on beside these. Never changed after they were made;
 * for any thread.
 */
#ifndef VCL_NET_TLS_PARTS_H
#define VCL_NET_TLS_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

typedef struct vcl_tls_parts vcl_tls_parts;
struct ssl_ctx_st;

/* ca_pem NULL: the system's trust; cert_pem NULL: no identity. NULL when something in the texts is
 * not what it should be, or memory is short. */
vcl_tls_parts *vcl_tls_parts_new(const char *ca_pem, const char *cert_pem, const char *key_pem);
vcl_tls_parts *vcl_tls_parts_ref(vcl_tls_parts *parts);
void vcl_tls_parts_unref(vcl_tls_parts *parts);
VCL_DEFINE_CLEANUP(vcl_tls_parts, vcl_tls_parts_unref);

/* Whether they were made of these texts. parts may be NULL. */
bool vcl_tls_parts_is_of(const vcl_tls_parts *parts,
                         const char *ca_pem,
                         const char *cert_pem,
                         const char *key_pem);
/* When the client's certificate ends, in seconds since 1970; false: there is none. */
bool vcl_tls_parts_not_after(const vcl_tls_parts *parts, int64_t *out_not_after);
/* Let a connection use them. false: OpenSSL does not take the certificate (its key may be too
 * short), and *out_refusal is its number for the reason. */
bool vcl_tls_parts_fill(const vcl_tls_parts *parts,
                        struct ssl_ctx_st *context,
                        unsigned long *out_refusal);

#endif
