/* SPDX-License-Identifier: Apache-2.0 */
/* A client certificate and its key in files that somebody renews, as a source of credentials. */
#ifndef VCL_KUBE_CERTIFICATE_FILES_H
#define VCL_KUBE_CERTIFICATE_FILES_H

#include "net/http.h"

enum { VCL_CERTIFICATE_AGE_MS = 60000 };

/* Read again when older than that, and after a 401. A pair that does not match is one that is being
 * written: it is left alone. The paths are copied. */
int vcl_certificate_files_new(const char *certificate_path,
                              const char *key_path,
                              vcl_login_source **out_source,
                              vcluster_error **error);

#endif
