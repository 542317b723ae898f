/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of a kubeconfig: FILE.lock beside it, which must not exist and is made, as kubectl and
 * client-go do. Unlike theirs, ours waits, and gets over a lock whose holder is dead: at once for
 * one of ours (the kernel drops its flock with the process), after its age for any other. A holder
 * that has its flock lives, however slow the machine is: it has ten times as long. Several that
 * find a dead lock exclude each other by a flock on the folder, so that none removes the lock that
 * another has just taken. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_LOCK_H
#define VCL_KUBE_KUBECONFIG_LOCK_H

#include <sys/types.h>

#include "base/call.h"

typedef struct vcl_lock_times {
    int64_t wait_ms;  /* how long to wait for a lock that is held */
    int64_t stale_ms; /* age at which a holder that cannot be asked counts as dead */
} vcl_lock_times;

enum { VCL_LOCK_WAIT_MS = 5000, VCL_LOCK_STALE_MS = 30000 };
#define VCL_LOCK_TIMES                                                                             \
    {                                                                                              \
        VCL_LOCK_WAIT_MS, VCL_LOCK_STALE_MS                                                        \
    }

typedef struct vcl_file_lock {
    char *path; /* of the lock; NULL: not held */
    int fd;
    dev_t device;
    ino_t inode;
    int64_t until_ms; /* monotonic; behind it others may think that we are dead */
} vcl_file_lock;

/* Take the lock of a file, whose folder exists. UNAVAILABLE (retryable) when it stays held,
 * PERMISSION where no lock can be made in the folder. */
int vcl_file_lock_take(vcl_file_lock *lock,
                       const char *path,
                       const vcl_lock_times *times,
                       vcl_call *call,
                       vcluster_error **error);

/* Whether the lock is still ours and young enough to write under it. */
bool vcl_file_lock_holds(const vcl_file_lock *lock);

/* Give it back; does nothing for one that is not held. */
void vcl_file_lock_release(vcl_file_lock *lock);

/* Remove the lock of a file if one of ours has left it that is dead. */
void vcl_file_lock_drop_dead(const char *path);

/* The folder that a file is in; NULL when memory is short. */
char *vcl_folder_of(const char *path);

#endif
