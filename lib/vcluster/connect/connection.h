/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections: tunnels that processes of their own hold. connection.c is what is known of one,
 * connection_store.c the folder in which that is written down, connection_process.c the process.
 *
 *   ID.json  one connection, written whole or not at all once it listens; no secrets
 *   ID.log   what its process says
 *   lock     held (flock) while one is started
 */
#ifndef VCL_VCLUSTER_CONNECT_CONNECTION_H
#define VCL_VCLUSTER_CONNECT_CONNECTION_H

#include <libvcluster/connection.h>

#include "base/call.h"
#include "data/json.h"
#include "vcluster/client.h"

struct vcluster_connection {
    char *id;
    char *name;
    char *namespace_name;
    char *host_context;
    char *host_server;
    char *context;
    char *url;
    char *log;
    int64_t pid;
    int64_t process_start; /* in clock ticks after the machine's, as /proc tells */
    int64_t started;
};

struct vcluster_connection_list {
    vcluster_connection **items;
    size_t count;
};

VCL_DEFINE_CLEANUP(vcluster_connection, vcluster_connection_free);
VCL_DEFINE_CLEANUP(vcluster_connection_list, vcluster_connection_list_free);

/* ---- What is known of one ---- */

/* NULL when memory is short. */
cJSON *vcl_connection_tree(const vcluster_connection *connection);
/* PROTOCOL for what is no connection. */
int vcl_connection_parse(const char *text,
                         size_t size,
                         vcluster_connection **out_connection,
                         vcluster_error **error);

/* ---- The folder ---- */

/* The one that was given, or the user's; not made yet. */
int vcl_connection_folder(const char *given, char **out_folder, vcluster_error **error);
/* Hold the lock of the folder, which is made if it is missing, until the descriptor is closed. */
int vcl_connection_lock(const char *folder, vcl_call *call, int *out_fd, vcluster_error **error);
int vcl_connection_list(const char *folder,
                        vcluster_connection_list **out_list,
                        vcluster_error **error);
/* NOT_FOUND, INVALID_ARGUMENT for what cannot be an id. */
int vcl_connection_read(const char *folder,
                        const char *id,
                        vcluster_connection **out_connection,
                        vcluster_error **error);
int vcl_connection_write(const char *folder,
                         const vcluster_connection *connection,
                         vcluster_error **error);
/* Log and record: the record last, by which what a killed call leaves is found again. */
void vcl_connection_forget(const char *folder, const char *id);
/* Remove what a start that was killed has left before it came to a record; nothing while one is
 * under way. */
void vcl_connection_sweep(const char *folder);

/* ---- The process ---- */

/* When a process began, or -1 where there is none that runs. */
int64_t vcl_process_start(int64_t pid);
/* SIGTERM, at the deadline SIGKILL; returns when it is gone. */
int vcl_connection_stop(const vcluster_connection *connection,
                        vcl_call *call,
                        vcluster_error **error);

typedef struct vcl_connection_wish {
    vcluster_client *client;
    const char *program;
    int64_t local_port;
} vcl_connection_wish;
/* Start the process; fills in url, pid and process_start. It goes on once the descriptor has been
 * written to, and ends when it is closed before. */
int vcl_connection_launch(const vcl_connection_wish *wish,
                          vcluster_connection *connection,
                          vcl_call *call,
                          int *out_fd,
                          vcluster_error **error);

/* The whole of a start: the one that is running already, or a new one. */
int vcl_connection_start(const char *folder,
                         const vcl_connection_wish *wish,
                         const vcluster_connection *wanted,
                         vcl_call *call,
                         vcluster_connection **out_connection,
                         vcluster_error **error);

#endif
