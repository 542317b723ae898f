/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a tar archive in memory: ustar, pax and GNU long names. */
#ifndef VCL_CHART_TAR_H
#define VCL_CHART_TAR_H

#include "base/error.h"

typedef enum vcl_tar_kind {
    VCL_TAR_FILE,
    VCL_TAR_DIRECTORY,
    VCL_TAR_OTHER, /* a link, a device, a pipe */
} vcl_tar_kind;

typedef struct vcl_tar_entry {
    vcl_tar_kind kind;
    char *name; /* freed by vcl_tar_next() and vcl_tar_done() */
    const char *data;
    size_t size;
} vcl_tar_entry;

typedef struct vcl_tar {
    const char *data;
    size_t size;
    size_t pos;
    vcl_tar_entry entry;
} vcl_tar;

/* The next entry into tar->entry: 1, 0 at the end, or CONFIG for a damaged archive. */
int vcl_tar_next(vcl_tar *tar, vcluster_error **error);
void vcl_tar_done(vcl_tar *tar);

#endif
