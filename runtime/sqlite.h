/* SPDX-License-Identifier: Apache-2.0 */
/* kine's SQLite database as a file: a copy while it is in use, and whether one is whole. */
#ifndef RUNTIME_SQLITE_H
#define RUNTIME_SQLITE_H

#include "base/error.h"

/* Copy a database that others write to: one read transaction, so that the copy is the state of one
 * moment. The copy is one file without a journal. */
int rt_sqlite_copy(const char *from, const char *to, vcluster_error **error);

/* PROTOCOL unless the file is a whole database with kine's table. */
int rt_sqlite_check(const char *path, vcluster_error **error);

/* Fold the journal of a database that nobody uses into its file; what cannot be opened is left. */
void rt_sqlite_settle(const char *path);

#endif
