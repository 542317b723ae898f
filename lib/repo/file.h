/* SPDX-License-Identifier: Apache-2.0 */
/* Small files: reading one whole with a limit, and where a user keeps them. */
#ifndef VCL_REPO_FILE_H
#define VCL_REPO_FILE_H

#include <errno.h>
#include <stddef.h>

/* Read a regular file; 0 or an errno value, EFBIG beyond max. The contents are NUL-terminated and
 * freed by the caller; they may be secret. */
int vcl_repo_read_file(const char *path, size_t max, char **out_data, size_t *out_size);

/* What such a number means, for messages. */
const char *vcl_repo_file_reason(int number);

/* A path below the base directory that $VARIABLE names, or else below ~/FALLBACK; the caller frees
 * it. NULL: there is no home, or memory is short. */
char *vcl_repo_user_path(const char *variable, const char *fallback, const char *path);

#endif
