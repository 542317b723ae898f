/* SPDX-License-Identifier: Apache-2.0 */
/* The client object: a reference-counted Kubernetes client with the context it came from. */
#ifndef VCL_VCLUSTER_CLIENT_H
#define VCL_VCLUSTER_CLIENT_H

#include <libvcluster/client.h>
#include <pthread.h>
#include <stdatomic.h>

#include "kube/api.h"
#include "kube/forward.h"
#include "kube/kubeconfig.h"

struct vcluster_client {
    atomic_int references;
    vcl_kube *kube;
    char *server;
    char *context;
    char *namespace_name;
    int64_t timeout_ms;

    vcluster_log_fn log;
    void *log_user_data;
    void (*log_destroy)(void *user_data);
    vcluster_warning_fn warning; /* kept for the clients that this one opens */
    void *warning_user_data;
    void (*warning_destroy)(void *user_data);
    pthread_mutex_t log_mutex; /* one log line at a time, from whichever thread */

    /* How another program comes to the same client: $KUBECONFIG, and options of vcl up to a NULL.
     * The list is NULL where no files say it. */
    char *kubeconfig_list;
    char **vcl_arguments;

    struct vcl_fake *fake; /* borrowed: it goes with kube; NULL: of a real cluster */

    /* Of a client that vcluster_instance_open() made: the tunnel below it. */
    vcluster_client *host;
    vcl_forward *forward;
    char *socket_directory;
    char *socket_path;
};

VCL_DEFINE_CLEANUP(vcluster_client, vcluster_client_unref);

/* Default deadlines: of one request, and of an operation that waits for something. */
enum { VCL_REQUEST_TIMEOUT_MS = 30000, VCL_OPERATION_TIMEOUT_MS = 300000 };

/* Remember how the client was made of these options. */
int vcl_client_remember(vcluster_client *client,
                        const vcluster_client_options *options,
                        vcluster_error **error);

/* A client of whatever the context says; log settings may be NULL. */
int vcl_client_make(const vcl_kubeconfig_context *context,
                    const vcluster_client_options *options,
                    vcluster_client **out_client,
                    vcluster_error **error);

#endif
