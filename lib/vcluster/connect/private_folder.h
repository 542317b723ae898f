/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder that only this user can enter, for a socket or for a file that holds credentials: new
 * each time, in $XDG_RUNTIME_DIR, $TMPDIR or /tmp. Its path is short enough for a socket in it.
 */
#ifndef VCL_VCLUSTER_CONNECT_PRIVATE_FOLDER_H
#define VCL_VCLUSTER_CONNECT_PRIVATE_FOLDER_H

#include "base/error.h"

#define VCL_PRIVATE_FOLDER_PREFIX "libvcluster-"

/* In which folder they are made. Borrowed. */
const char *vcl_private_folder_base(void);
/* The path is freed by vcl_private_folder_remove(). */
int vcl_private_folder_make(char **out_path, vcluster_error **error);
/* Remove the folder, which must be empty by now, and free its path; NULL is allowed. */
void vcl_private_folder_remove(char *path);

#endif
