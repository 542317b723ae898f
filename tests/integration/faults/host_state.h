/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a virtual cluster is made of on the host, as text that two runs of an operation can be
 * compared by: without times, versions and what the host fills in, and of what is random (keys) the
 * names only.
 */
#ifndef TESTS_HOST_STATE_H
#define TESTS_HOST_STATE_H

/* All objects in the namespace, freed with free(). Release records are counted by status and have
 * to be at rest: no lock, nothing pending, at most one deployed, none failed after it; "" is an
 * empty namespace, or none. */
char *host_state_read(const char *namespace_name);

/* As if the time that a lock lasts had passed since its holder was killed. */
void host_state_expire_locks(const char *namespace_name);

#endif
