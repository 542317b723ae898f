/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at each replacement of a kubeconfig at the moment at which this library makes it (rename()
 * is wrapped by the linker): the lock is held and ours, and nothing that the old file names is
 * missing in the new one. With it a loss is told apart: one that no replacement of ours would
 * explain happened between them, where only other programs write.
 */
#ifndef TEST_WRITERS_AUDIT_H
#define TEST_WRITERS_AUDIT_H

#include <stdbool.h>

enum { WRITERS_AUDIT_FAILED = 3 };

/* Count anew, in the parent of all writers; false: no memory to share with them. */
bool writers_audit_begin(void);
/* How many replacements were looked at, by all processes. */
int writers_audit_count(void);
/* The entry that this process writes next. A replacement that is wrong says so on stderr and ends
 * the process with the code above, before anything is replaced. */
void writers_audit_expect(const char *entry);

#endif
