/* SPDX-License-Identifier: Apache-2.0 */
/* Texts by path, sorted: what a rendering makes (libvcluster/gitops.h). */
#ifndef VCL_GITOPS_FILES_H
#define VCL_GITOPS_FILES_H

#include <libvcluster/gitops.h>

#include "base/error.h"

int vcl_files_new(vcluster_files **out_files, vcluster_error **error);

/* Add a copy of a text. The path is relative, with '/' between its parts, none of which is empty,
 * "." or "..". INVALID_ARGUMENT (no such path; a text above 4 MiB; too many files), ALREADY_EXISTS.
 */
int vcl_files_add(vcluster_files *files,
                  const char *path,
                  const char *text,
                  vcluster_error **error);

/* The text of a path; NULL when there is none. */
const char *vcl_files_find(const vcluster_files *files, const char *path);

static inline void vcl_cleanup_files(vcluster_files **files)
{
    vcluster_files_free(*files);
}
#define VCL_AUTO_FILES __attribute__((cleanup(vcl_cleanup_files))) vcluster_files

#endif
