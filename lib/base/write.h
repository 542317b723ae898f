/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to a descriptor that blocks. */
#ifndef VCL_BASE_WRITE_H
#define VCL_BASE_WRITE_H

#include <stddef.h>

/* A part of what is written, borrowed. */
typedef struct vcl_write_piece {
    const char *data;
    size_t size;
} vcl_write_piece;

/* All of the bytes, whatever interrupts it. Returns 0 or an errno. */
int vcl_write_all(int fd, const void *bytes, size_t size);

#endif
