/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into PEM texts before they are used, so that mistakes are told by name. */
#ifndef VCL_KUBE_CERTIFICATE_H
#define VCL_KUBE_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the text holds at least one certificate; when its first one ends (seconds since 1970). */
bool vcl_certificate_read(const char *pem, int64_t *out_not_after);

typedef enum vcl_key_match {
    VCL_KEY_MATCHES,
    VCL_CERTIFICATE_UNREADABLE,
    VCL_KEY_UNREADABLE,
    VCL_KEY_OTHER
} vcl_key_match;

/* Whether a private key (never an encrypted one) belongs to the first certificate, and when that
 * ends. Both are read once: with OpenSSL 3.0 that takes as long as a handshake. */
vcl_key_match
vcl_certificate_key(const char *certificate_pem, const char *key_pem, int64_t *out_not_after);

#endif
