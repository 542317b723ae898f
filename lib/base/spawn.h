/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginning a program. It has no signal blocked, and those at their defaults that a host program
 * may ignore; no shell is involved. Waiting for it is the caller's.
 */
#ifndef VCL_BASE_SPAWN_H
#define VCL_BASE_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

/* What belongs to the new process alone. */
typedef enum vcl_spawn_group {
    VCL_SPAWN_IN_OURS,     /* a terminal's ^C reaches it, too */
    VCL_SPAWN_OWN_GROUP,   /* it can be killed with all that it begins */
    VCL_SPAWN_OWN_SESSION, /* it outlives our terminal */
} vcl_spawn_group;

/* Descriptors that become 0, 1, 2 of the program, which then has no others; -1 is /dev/null. Those
 * that are given are above 2 (vcl_fd_move_up()). */
typedef struct vcl_spawn_files {
    int in;
    int out;
    int errors;
} vcl_spawn_files;

typedef struct vcl_spawn {
    const char *const *arguments; /* ends with NULL; the first is the program, looked up in $PATH */
    const char *path;             /* of the program, in place of that; or NULL */
    char *const *environment;
    vcl_spawn_group group;
    const vcl_spawn_files *files; /* NULL: ours */
} vcl_spawn;

/* Returns 0 or an errno. */
int vcl_spawn_begin(const vcl_spawn *spawn, pid_t *out_pid);

/* Move a descriptor above the standard ones, which a host program may have closed, and close the
 * old one: the new one, or -1 with errno set. -1 stays -1. */
int vcl_fd_move_up(int fd);

#endif
