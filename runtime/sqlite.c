/* SPDX-License-Identifier: Apache-2.0 */
/* See sqlite.h. */
#include "sqlite.h"

#include <sqlite3.h>

#include "base/str.h"

enum { BUSY_MS = 30000 };

VCL_DEFINE_CLEANUP(sqlite3, sqlite3_close);
VCL_DEFINE_CLEANUP(sqlite3_stmt, sqlite3_finalize);

static int failed(sqlite3 *db, const char *what, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "%s: %s", what,
                    db ? sqlite3_errmsg(db) : "memory is short");
}

static int open_database(const char *path, int flags, sqlite3 **out_db, vcluster_error **error)
{
    VCL_AUTO_PTR(sqlite3) db = NULL;

    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
        return failed(db, "cannot open the database", error);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    *out_db = vcl_steal(&db);
    return VCLUSTER_OK;
}

int rt_sqlite_copy(const char *from, const char *to, vcluster_error **error)
{
    VCL_AUTO_PTR(sqlite3) source = NULL;
    VCL_AUTO_PTR(sqlite3) copy = NULL;

    int status = open_database(from, SQLITE_OPEN_READWRITE, &source, error);
    if (status == VCLUSTER_OK)
        status = open_database(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &copy, error);
    if (status < 0)
        return status;

    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", source, "main");
    if (!backup)
        return failed(copy, "cannot copy the database", error);
    /* All pages in one step: in steps it would begin anew with each write of the other program. */
    int code = sqlite3_backup_step(backup, -1);
    (void)sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE)
        return failed(copy, "cannot copy the database", error);
    return sqlite3_exec(copy, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) == SQLITE_OK
               ? VCLUSTER_OK
               : failed(copy, "cannot close the copy of the database", error);
}

/* Whether a query's only answer is a text. */
static bool answers(sqlite3 *db, const char *query, const char *expected)
{
    VCL_AUTO_PTR(sqlite3_stmt) statement = NULL;

    return sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK &&
           sqlite3_step(statement) == SQLITE_ROW &&
           vcl_streq((const char *)sqlite3_column_text(statement, 0), expected);
}

int rt_sqlite_check(const char *path, vcluster_error **error)
{
    VCL_AUTO_PTR(sqlite3) db = NULL;

    int status = open_database(path, SQLITE_OPEN_READONLY, &db, error);
    if (status < 0)
        return status;
    if (!answers(db, "PRAGMA quick_check", "ok"))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the snapshot is no whole SQLite database");
    if (!answers(db, "SELECT name FROM sqlite_master WHERE type='table' AND name='kine'", "kine"))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the snapshot is a database, but not that of a virtual cluster");
    return VCLUSTER_OK;
}

void rt_sqlite_settle(const char *path)
{
    VCL_AUTO_PTR(sqlite3) db = NULL;

    if (open_database(path, SQLITE_OPEN_READWRITE, &db, NULL) == VCLUSTER_OK)
        (void)sqlite3_exec(db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
}
