/* SPDX-License-Identifier: Apache-2.0 */
/* Small files: read whole, write so that nobody ever sees half of one. */
#ifndef RUNTIME_FILES_H
#define RUNTIME_FILES_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Append the contents of a file to buf. NOT_FOUND, or CONFIG when it is larger than buf may be. */
int rt_file_read(const char *path, vcl_buf *buf, vcluster_error **error);

/* Write folder/name with a mode, by way of a temporary name. */
int rt_file_write(
    const char *folder, const char *name, const char *text, mode_t mode, vcluster_error **error);

#endif
