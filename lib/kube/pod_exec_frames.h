/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of an exec WebSocket (v5 or v4.channel.k8s.io): the first byte is the channel, the
 * last message tells how the command ended as a Kubernetes Status. No I/O here.
 */
#ifndef VCL_KUBE_POD_EXEC_FRAMES_H
#define VCL_KUBE_POD_EXEC_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define VCL_EXEC_PROTOCOL_5 "v5.channel.k8s.io"
#define VCL_EXEC_PROTOCOL_4 "v4.channel.k8s.io"
#define VCL_EXEC_PROTOCOLS VCL_EXEC_PROTOCOL_5 ", " VCL_EXEC_PROTOCOL_4

enum {
    VCL_EXEC_INPUT = 0,
    VCL_EXEC_OUTPUT = 1,
    VCL_EXEC_ERROR_OUTPUT = 2,
    VCL_EXEC_STATUS = 3,
    VCL_EXEC_RESIZE = 4,
    VCL_EXEC_CLOSE = 255 /* v5: the end of the channel that the next byte names */
};

typedef enum vcl_exec_kind {
    VCL_EXEC_NOTHING, /* to be dropped */
    VCL_EXEC_DATA,    /* of *out_channel: output or error output */
    VCL_EXEC_END,     /* the Status */
    VCL_EXEC_BROKEN   /* against the protocol */
} vcl_exec_kind;

/* What a message is. *out_payload points into it. */
vcl_exec_kind vcl_exec_frame(const uint8_t *bytes,
                             size_t size,
                             int *out_channel,
                             const uint8_t **out_payload,
                             size_t *out_size);

/* How a command ended. */
typedef struct vcl_exec_end {
    int exit_code;
    char *complaint; /* of the runtime, when the command did not start (126, 127); else NULL */
} vcl_exec_end;

/* Read the Status. An end that is no exit code is an error: PROTOCOL for what is no Status. */
int vcl_exec_read_status(const void *bytes,
                         size_t size,
                         vcl_exec_end *out_end,
                         vcluster_error **error);

enum { VCL_EXEC_RESIZE_SIZE = 64 };
/* The message that tells the size of the terminal; returns its length. */
size_t vcl_exec_resize(int columns, int rows, uint8_t message[VCL_EXEC_RESIZE_SIZE]);

#endif
