/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor that one thread makes readable and another one waits on: an eventfd on Linux, a pipe
 * elsewhere. Level-triggered: it stays readable until it is made quiet.
 */
#ifndef VCL_BASE_BELL_H
#define VCL_BASE_BELL_H

#include <stdbool.h>

typedef struct vcl_bell {
    int read_fd;
    int write_fd;
} vcl_bell;

/* A bell that holds no descriptor: ringing it does nothing. */
#define VCL_BELL_NONE                                                                              \
    {                                                                                              \
        .read_fd = -1, .write_fd = -1                                                              \
    }

static inline bool vcl_bell_is_made(const vcl_bell *bell)
{
    return bell->read_fd >= 0;
}

/* false: no descriptor is left; errno says why. */
bool vcl_bell_init(vcl_bell *bell);
void vcl_bell_done(vcl_bell *bell);

void vcl_bell_ring(const vcl_bell *bell);
void vcl_bell_quiet(const vcl_bell *bell);

#endif
