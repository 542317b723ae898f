/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connecting to a running virtual cluster in the background, and the end of that: a process that
 * holds a tunnel, what is written down of it, and a context in a kubeconfig.
 */
#ifndef TESTS_CONNECT_OPERATIONS_H
#define TESTS_CONNECT_OPERATIONS_H

#include "operations.h"

/* Stop those that are there, and remove their files. */
void connect_operations_forget(void);

void connect_operations_none(void); /* none is there, and an empty kubeconfig */
void connect_operations_one(void);  /* one is there, as operation connect makes it */

void connect_operations_connect(vcluster_client *client, int64_t timeout_ms, answer *out);
void connect_operations_disconnect(vcluster_client *client, int64_t timeout_ms, answer *out);

/* One process, one record, one context that leads inside; or nothing of all that. */
void connect_operations_check_one(void);
void connect_operations_check_none(void);

#endif
