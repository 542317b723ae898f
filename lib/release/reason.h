/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of reasons why something is not ready: what each means, what to do, how long it may
 * pass by itself. */
#ifndef VCL_RELEASE_REASON_H
#define VCL_RELEASE_REASON_H

#include <libvcluster/diagnosis.h>

typedef struct vcl_reason {
    int id; /* ::vcluster_reason */
    const char *code;
    int status;       /* ::vcluster_status of a wait that it ends */
    int64_t grace_ms; /* a wait bears it so long; VCL_GRACE_EVER: until its deadline */
    bool helps;       /* waiting may */
    const char *remedy;
} vcl_reason;

enum { VCL_GRACE_EVER = -1 };

/* NULL when there is none with that id. */
const vcl_reason *vcl_reason_find(int id);

/* The whole catalogue, in the order of ids. */
const vcl_reason *vcl_reason_all(size_t *out_count);

#endif
