/* SPDX-License-Identifier: Apache-2.0 */
/* Texts by path, sorted: what a rendering makes (libvcluster/gitops.h). */
#ifndef VCL_GITOPS_FILES_H
#define VCL_GITOPS_FILES_H

#include <libvcluster/gitops.h>

#include "base/error.h"

/* The text of a path; NULL when there is none. */
const char *vcl_files_find(const vcluster_files *files, const char *path);

static inline void vcl_cleanup_files(vcluster_files **files)
{
    vcluster_files_free(*files);
}
#define VCL_AUTO_FILES __attribute__((cleanup(vcl_cleanup_files))) vcluster_files

#endif
