/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain HTTP server for the probes of the host: /healthz and /readyz. One thread, a handful of
 * connections, one short request each; everything else is refused.
 */
#ifndef RUNTIME_HEALTH_H
#define RUNTIME_HEALTH_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/call.h"

/* Shared between the thread that works and the one that answers. */
typedef struct rt_state {
    atomic_bool published; /* the kubeconfig was published at least once */
    atomic_llong beat_ms;  /* monotonic: when the worker was last seen */
} rt_state;

/* No sign of the worker for this long: it hangs. */
enum { RT_STUCK_MS = 300000 };

/* The whole answer to a whole request header. */
void rt_health_answer(const char *request, const rt_state *state, int64_t now_ms, vcl_buf *out);

/* Listen on all addresses; port 0: any. */
int rt_health_listen(int port, int *out_fd, vcluster_error **error);
/* The port of such a listener. */
int rt_health_port(int fd);

/* Answer until the token is triggered. Closes nothing that it was given. */
int rt_health_run(int fd, const rt_state *state, vcluster_cancel *cancel, vcluster_error **error);

#endif
