/* SPDX-License-Identifier: Apache-2.0 */
/* Plain lines on standard error, each with its time: what `kubectl logs` shows. Never secrets. */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

#include "base/error.h"

void rt_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "what: error in one line"; frees nothing. */
void rt_log_error(const char *what, const vcluster_error *error);

#endif
