/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making errors. Messages: lower case, no full stop, quoted operands, what to do where it is known.
 * Every function returns the status so that `return vcl_fail(error, ...)` builds and returns at
 * once. All take error == NULL.
 */
#ifndef VCL_BASE_ERROR_H
#define VCL_BASE_ERROR_H

#include <libvcluster/error.h>

#include "base/cleanup.h"

/* Make an error with a message. */
int vcl_fail(vcluster_error **error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The error for memory that could not be allocated; needs none itself. Inline, so that static
 * analysis sees that this is never a success. */
void vcl_error_set_no_memory(vcluster_error **error);

static inline int vcl_no_memory(vcluster_error **error)
{
    vcl_error_set_no_memory(error);
    return VCLUSTER_E_NO_MEMORY;
}

/* Say what was being done: the first call sets the operation, each later one (a caller further up)
 * wraps the error in one that names its own. Returns the status of the error, or status when the
 * error is not kept. */
int vcl_wrap(vcluster_error **error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add to an error that was just made; each does nothing for NULL. */
void vcl_error_set_http(vcluster_error **error, int http_status);
void vcl_error_set_reason(vcluster_error **error, const char *reason);
void vcl_error_set_field(vcluster_error **error, const char *field);
void vcl_error_set_retryable(vcluster_error **error, bool retryable);
/* Make cause (owned from now on; may be NULL) the last cause of the chain. */
void vcl_error_set_cause(vcluster_error **error, vcluster_error *cause);

/* Add a finding; path, rule, message and remedy are copied, remedy may be NULL. */
void vcl_error_add_finding(vcluster_error **error,
                           const char *path,
                           int64_t line,
                           const char *rule,
                           int severity,
                           const char *message,
                           const char *remedy);

/* Hand an error of an inner call on to the caller, who may not want it. Returns status. */
int vcl_error_pass(vcluster_error **error, vcluster_error **inner, int status);

/* Free and forget, to go on after an error that was dealt with. */
void vcl_error_clear(vcluster_error **error);

/* vcluster_error *error declared with VCL_AUTO_ERROR is freed at the end of the scope. */
static inline void vcl_cleanup_error(vcluster_error **error)
{
    vcluster_error_free(*error);
}
#define VCL_AUTO_ERROR __attribute__((cleanup(vcl_cleanup_error))) vcluster_error

#endif
