/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, hexadecimal, SHA-256, gzip, random text. */
#ifndef VCL_DATA_ENCODING_H
#define VCL_DATA_ENCODING_H

#include "base/buf.h"
#include "base/error.h"

/* Standard base64 with padding, one line; NULL when memory is short. */
char *vcl_base64_encode(const void *data, size_t size);
/* Decode; white space is skipped, anything else foreign is a PROTOCOL error. The result is NUL-
 * terminated (the NUL is not counted) and freed by the caller. */
int vcl_base64_decode(const char *text, char **out_data, size_t *out_size, vcluster_error **error);

enum { VCL_SHA256_HEX_SIZE = 65 };
/* SHA-256 as lower-case hexadecimal text. */
int vcl_sha256_hex(const void *data,
                   size_t size,
                   char hex[VCL_SHA256_HEX_SIZE],
                   vcluster_error **error);

/* gzip at the best level, without name or time (the same input gives the same bytes). */
int vcl_gzip(
    const void *data, size_t size, char **out_data, size_t *out_size, vcluster_error **error);
/* Unpack at most max bytes; more is a PROTOCOL error, as is a cut or damaged stream. */
int vcl_gunzip(const void *data,
               size_t size,
               size_t max,
               char **out_data,
               size_t *out_size,
               vcluster_error **error);

/* Random lower-case hexadecimal text of `size` characters plus NUL. */
int vcl_random_hex(char *text, size_t size, vcluster_error **error);

#endif
