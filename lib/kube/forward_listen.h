/* SPDX-License-Identifier: Apache-2.0 */
/* The local address of a forward: a port of 127.0.0.1, or a unix socket of the user's own. */
#ifndef VCL_KUBE_FORWARD_LISTEN_H
#define VCL_KUBE_FORWARD_LISTEN_H

#include "base/error.h"

/* port 0: any free one. UNAVAILABLE when it is taken. */
int vcl_forward_listen_tcp(int port, int *out_fd, int *out_port, vcluster_error **error);
/* A socket file with mode 0600. One that nobody listens on any more is replaced. */
int vcl_forward_listen_unix(const char *path, int *out_fd, vcluster_error **error);
/* Close, and remove the socket file (path may be NULL). */
void vcl_forward_stop_listening(int fd, const char *path);

#endif
