/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of a port-forward WebSocket (v4.channel.k8s.io) for one port: channel 0 carries
 * data, channel 1 the server's error text; the first message of each channel only repeats the port.
 * No I/O here.
 */
#ifndef VCL_KUBE_FORWARD_FRAMES_H
#define VCL_KUBE_FORWARD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VCL_FORWARD_PROTOCOL "v4.channel.k8s.io"

enum { VCL_FORWARD_DATA_CHANNEL = 0, VCL_FORWARD_ERROR_CHANNEL = 1, VCL_FORWARD_CHANNELS = 2 };

typedef struct vcl_forward_frames {
    int port;
    bool begun[VCL_FORWARD_CHANNELS]; /* the first message was there */
} vcl_forward_frames;

typedef enum vcl_frame_kind {
    VCL_FRAME_NOTHING, /* to be dropped */
    VCL_FRAME_DATA,
    VCL_FRAME_ERROR,
    VCL_FRAME_BROKEN /* against the protocol */
} vcl_frame_kind;

/* What a message is. *out_payload points into it. */
vcl_frame_kind vcl_forward_frame(vcl_forward_frames *frames,
                                 const uint8_t *bytes,
                                 size_t size,
                                 const uint8_t **out_payload,
                                 size_t *out_size);

/* Whether an error text says that the pod never got a connection, so that it saw nothing of what
 * was sent. */
bool vcl_forward_was_refused(const char *text);

/* Whether no server acts on the first bytes of a connection without having answered: there are
 * none, or they are the beginning of a TLS handshake. */
bool vcl_forward_is_harmless(const uint8_t *bytes, size_t size);

#endif
