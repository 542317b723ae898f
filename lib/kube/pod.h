/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user does with one pod: reading its logs and running commands in it. Both are blocking
 * calls that give what arrives to callbacks on the calling thread; while a callback works, the
 * server is held back.
 */
#ifndef VCL_KUBE_POD_H
#define VCL_KUBE_POD_H

#include "kube/api.h"

typedef struct vcl_pod_ref {
    const char *namespace_name;
    const char *pod;
    const char *container; /* NULL: the default one, or the only one */
} vcl_pod_ref;

/* Some bytes; non-zero ends the call with CANCELLED. */
typedef int (*vcl_pod_bytes_fn)(const void *bytes, size_t size, void *data);

/* The path of a subresource of a container ("log", "exec"), to which a query is added. The
 * container is ref->container, else what the annotation kubectl.kubernetes.io/default-container
 * names, else the only one. INVALID_ARGUMENT names the choices. */
int vcl_pod_path(vcl_kube *kube,
                 vcl_call *call,
                 const vcl_pod_ref *ref,
                 const char *subresource,
                 vcl_buf *path,
                 vcluster_error **error);
/* The same out of the pod's object. */
int vcl_pod_pick_container(const cJSON *pod, char **out_container, vcluster_error **error);

/* Say of a refusal of a subresource of a pod ("exec") what the user lacks and where a role with it
 * is to be had. doing: "run a command in". Returns the status of the failure. */
int vcl_pod_lacks_rights(vcluster_error **failure,
                         const char *doing,
                         const vcl_pod_ref *ref,
                         const char *subresource);

typedef struct vcl_pod_log_options {
    bool follow;            /* go on until the container ends */
    bool previous;          /* of the run before */
    bool timestamps;        /* each line begins with an RFC 3339 time */
    bool tail;              /* only the last tail_lines */
    int64_t tail_lines;     /* from 0 */
    int64_t since_seconds;  /* 0: from the beginning */
    const char *since_time; /* RFC 3339; NULL: from the beginning */
    int64_t limit_bytes;    /* 0: none */
} vcl_pod_log_options;

/* PRECONDITION when the container has not started yet. A followed log that was cut is UNAVAILABLE
 * and may be asked for again: all that was told before was complete. */
int vcl_pod_log(vcl_kube *kube,
                vcl_call *call,
                const vcl_pod_ref *ref,
                const vcl_pod_log_options *options,
                vcl_pod_bytes_fn fn,
                void *data,
                vcluster_error **error);

typedef struct vcl_pod_exec_options {
    const char *const *command; /* program and arguments; no shell */
    size_t command_size;
    bool tty;

    /* Standard input: one of these, or none. */
    const void *input;
    size_t input_size;
    /* Fills bytes with at most size; 0 is the end, negative ends the call with CANCELLED. */
    int64_t (*read_input)(void *bytes, size_t size, void *data);
    int input_fd; /* read while it is readable; not closed. Only where reads_fd is set */
    bool reads_fd;

    vcl_pod_bytes_fn on_output;       /* may be NULL */
    vcl_pod_bytes_fn on_error_output; /* may be NULL; never called with a tty */
    /* Asked at the start and some times a second for the size of the terminal; false: not known */
    bool (*terminal_size)(int *columns, int *rows, void *data);
    void *data; /* of all callbacks */
} vcl_pod_exec_options;

/* Run a command and wait for its end. A command that the runtime could not start ends with 127 (not
 * found) or 126 (not executable), as in a shell, and the runtime's words on the error output. Ends
 * early (deadline, cancel, a callback) without ending the command: the API has no way to do so. */
int vcl_pod_exec(vcl_kube *kube,
                 vcl_call *call,
                 const vcl_pod_ref *ref,
                 const vcl_pod_exec_options *options,
                 int *out_exit_code,
                 vcluster_error **error);

#endif
