/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file run.h
 * A program that works inside a virtual cluster: its KUBECONFIG leads there as long as it runs.
 */
#ifndef LIBVCLUSTER_RUN_H
#define LIBVCLUSTER_RUN_H

#include <libvcluster/tunnel.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_instance_run(). */
typedef struct vcluster_run_options {
    size_t struct_size;
    int64_t timeout_ms;      /**< for reaching the virtual cluster; the program has no deadline */
    vcluster_cancel *cancel; /**< ends the program too: SIGTERM, and later SIGKILL */
    vcluster_progress_fn progress; /**< also while the program runs */
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    /** "NAME=VALUE" up to a NULL, in place of this process's environment; KUBECONFIG is set in
     * either. */
    const char *const *environment;
    int64_t kill_after_ms; /**< between SIGTERM and SIGKILL; 0: ten seconds, -1: never SIGKILL */
    /** Set once the program has begun, on the calling thread, so that the caller's signal handlers
     * can pass signals on to it; negative when it has ended. NULL: not told. */
    volatile int64_t *out_pid;
} vcluster_run_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RUN_OPTIONS_INIT                                                                  \
    {                                                                                              \
        .struct_size = sizeof(vcluster_run_options)                                                \
    }

/**
 * Run a program with a tunnel and a kubeconfig of its own, for as long as it lives, and wait for
 * its end. It has the standard streams and the working directory of this process; nobody's
 * kubeconfig is changed. Its kubeconfig is a file (0600) in a folder that only this user can enter;
 * both are removed, if this process is killed by the user's next run. No signal handler is touched.
 *
 * @param command  program and arguments up to a NULL; the program is looked for in PATH, and no
 *                 shell is involved
 * @param[out] out_exit_code  as a shell tells it: 128 and the signal for a program that a signal
 *                            ended, 127 for one that is not there, 126 for one that cannot be run
 * @return 0 whatever the exit code. Expected: as vcluster_tunnel_open(); CANCELLED after the
 * program has ended; UNAVAILABLE (this process ignores SIGCHLD: the exit code is not known).
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_run(vcluster_client *client,
                                                          const char *name,
                                                          const char *const *command,
                                                          const vcluster_run_options *options,
                                                          int *out_exit_code,
                                                          vcluster_error **error);

VCLUSTER_END_DECLS

#endif
