/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes over a connection that curl has made and handed over (CURLOPT_CONNECT_ONLY), without
 * blocking. A whole TLS record fits into each buffer: reading never leaves bytes inside the TLS
 * library, where poll() would not see them, and a write that has to be repeated is repeated with
 * the same bytes at the same place, as OpenSSL demands. A buffer is there only while it holds
 * something: an idle connection has none. Loop thread only. Private to lib/net.
 */
#ifndef VCL_NET_WIRE_H
#define VCL_NET_WIRE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { VCL_WIRE_BUFFER = 16384 };

typedef struct vcl_wire {
    CURL *easy;
    CURLcode failure; /* why the connection cannot be used any more */
    bool ended;       /* the peer has closed it */
    size_t in_begin, in_end;
    size_t out_begin, out_end;
    uint8_t *in; /* VCL_WIRE_BUFFER bytes, or NULL */
    uint8_t *out;
} vcl_wire;

/* Wipe and give back the buffers; what they hold is lost. */
void vcl_wire_done(vcl_wire *wire);
/* Bytes read, 0 when there are none for now, -1 at the end or after a failure. */
ssize_t vcl_wire_read(vcl_wire *wire, uint8_t *bytes, size_t size);
/* Hand the last bytes back that were read; they must have come from one call. */
void vcl_wire_unread(vcl_wire *wire, const uint8_t *bytes, size_t size);
/* Bytes taken (0 when the peer is slow), -1 after a failure. They leave with vcl_wire_flush(). */
ssize_t vcl_wire_write(vcl_wire *wire, const uint8_t *bytes, size_t size);
/* Send what was taken, as much as goes. false after a failure. */
bool vcl_wire_flush(vcl_wire *wire);
/* Bytes taken and not yet sent. */
size_t vcl_wire_pending(const vcl_wire *wire);

#endif
