/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file with credentials for a program, in a private folder of its own. It is locked for as long
 * as it is in use, so that what a process that was killed left behind is known by its lack of a
 * lock.
 */
#ifndef VCL_VCLUSTER_CONNECT_PRIVATE_FILE_H
#define VCL_VCLUSTER_CONNECT_PRIVATE_FILE_H

#include "base/error.h"

typedef struct vcl_private_file {
    char *folder;
    char *path;
    int lock; /* the descriptor that holds it; of no meaning without path */
} vcl_private_file;

/* Write text into a new file (0600), and first remove what others left behind. */
int vcl_private_file_make(const char *text, vcl_private_file *file, vcluster_error **error);
/* Remove it and its folder; nothing there is fine. */
void vcl_private_file_remove(vcl_private_file *file);

/* Remove the files, and their folders, whose processes have ended without doing so. */
void vcl_private_file_sweep(void);

#endif
