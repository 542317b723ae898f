/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations that need a running virtual cluster: snapshot and restore, and what comes at the
 * same time. Inside it is a ConfigMap "before", which is in the snapshot, and "later", which is
 * not.
 */
#ifndef TESTS_POD_OPERATIONS_H
#define TESTS_POD_OPERATIONS_H

#include "operations.h"

extern char pod_operations_space[64];
void pod_operations_begin(const char *prefix);
/* Remove the file of the snapshots. */
void pod_operations_forget(void);

/* Make one, or make it again what it was before an upgrade; it runs, with "before" in it. */
void pod_operations_make_one(void);
/* One runs, made with the first call. */
void pod_operations_run_one(void);
/* That, and there is no file. */
void pod_operations_without_file(void);
/* One runs, there is a file, and "later" is in it and not in the file. */
void pod_operations_with_file(void);

void pod_operations_snapshot(vcluster_client *client, int64_t timeout_ms, answer *out);
void pod_operations_restore(vcluster_client *client, int64_t timeout_ms, answer *out);
void pod_operations_upgrade(vcluster_client *client, int64_t timeout_ms, answer *out);
void pod_operations_delete(vcluster_client *client, int64_t timeout_ms, answer *out);
void pod_operations_rotate(vcluster_client *client, int64_t timeout_ms, answer *out);

bool pod_operations_has_file(void);
void pod_operations_check_file(void);    /* it is whole */
void pod_operations_check_content(void); /* "before" is there and "later" is not */
/* One runs, whose certificate is remembered; and it has another one, with which it is reached. */
void pod_operations_with_certificate(void);
void pod_operations_check_certificate(void);

#endif
