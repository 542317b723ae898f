/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a snapshot in the pod: SQLite that is written to meanwhile, and the way back. */
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "runtime/etcd_message.h"
#include "runtime/restore.h"
#include "runtime/snapshot.h"
#include "runtime/sqlite.h"
#include "runtime_fixture.h"

enum { ROWS = 3000 };

typedef struct fixture {
    char data[64];
    char signs[64];
} fixture;

static char *in(const char *folder, const char *name)
{
    char *path = vcl_format("%s/%s", folder, name);

    assert_non_null(path);
    return path;
}

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

static sqlite3 *open_database(const char *folder)
{
    vcl_auto_free char *path = in(folder, "state.db");
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 10000);
    run(db, "PRAGMA journal_mode=WAL");
    return db;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    (void)snprintf(f->data, sizeof(f->data), "/tmp/test-snapshot-data-XXXXXX");
    (void)snprintf(f->signs, sizeof(f->signs), "/tmp/test-snapshot-signs-XXXXXX");
    assert_non_null(mkdtemp(f->data));
    assert_non_null(mkdtemp(f->signs));
    sqlite3 *db = open_database(f->data);
    run(db, "CREATE TABLE kine (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b INT, value BLOB)");
    run(db, "BEGIN");
    for (int i = 0; i < ROWS; i++)
        run(db, "INSERT INTO kine (a, b, value) VALUES (1, 1, randomblob(500))");
    run(db, "COMMIT");
    (void)sqlite3_close(db);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = { "state.db",       "state.db-wal", "state.db-shm",
                                         ".snapshot.lock", "copy.db",      "open",
                                         "received",       "stream",       ".restore/draft" };
    fixture *f = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        vcl_auto_free char *a = in(f->data, names[i]);
        vcl_auto_free char *b = in(f->signs, names[i]);
        (void)unlink(a);
        (void)unlink(b);
    }
    vcl_auto_free char *restore = in(f->data, ".restore");
    (void)rmdir(restore);
    int left = rmdir(f->data) + rmdir(f->signs); /* nothing else is left behind */
    free(f);
    return left;
}

static int count(const char *path, const char *what)
{
    vcl_auto_free char *sql = vcl_format("SELECT %s FROM kine", what);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int number = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return number;
}

typedef struct writer {
    pthread_t thread;
    const char *folder;
    atomic_bool stop;
    atomic_int rows;
} writer;

/* a and b are always the same within a transaction, and never between two. */
static void *write_on(void *data)
{
    writer *self = data;
    sqlite3 *db = NULL;
    vcl_auto_free char *path = vcl_format("%s/state.db", self->folder);

    if (!path || sqlite3_open(path, &db) != SQLITE_OK)
        return NULL;
    (void)sqlite3_busy_timeout(db, 10000);
    while (!atomic_load(&self->stop)) {
        if (sqlite3_exec(db,
                         "BEGIN IMMEDIATE; INSERT INTO kine (a, b, value) VALUES (1, 0, "
                         "randomblob(500)); INSERT INTO kine (a, b, value) VALUES (0, 1, 'x'); "
                         "COMMIT",
                         NULL, NULL, NULL) == SQLITE_OK)
            atomic_fetch_add(&self->rows, 2);
    }
    (void)sqlite3_close(db);
    return self;
}

static void a_copy_is_the_state_of_one_moment_while_others_write(void **state)
{
    const fixture *f = *state;
    vcl_auto_free char *from = in(f->data, "state.db");
    vcl_auto_free char *to = in(f->data, "copy.db");
    writer other = { .folder = f->data };
    VCL_AUTO_ERROR *error = NULL;
    void *done = NULL;

    assert_int_equal(pthread_create(&other.thread, NULL, write_on, &other), 0);
    while (atomic_load(&other.rows) == 0) /* it is at work */
        (void)sched_yield();
    int status = rt_sqlite_copy(from, to, &error);
    atomic_store(&other.stop, true);
    assert_int_equal(pthread_join(other.thread, &done), 0);
    assert_non_null(done);
    assert_ok(status, error);
    assert_ok(rt_sqlite_check(to, &error), error);
    assert_int_equal(count(to, "sum(a) - sum(b)"), 0);
    assert_true(count(to, "count(*)") > ROWS);
    assert_true(count(to, "count(*)") <= count(from, "count(*)"));
}

/* A child that sends a snapshot and waits for acknowledgements, as over an exec. */
static pid_t send_snapshot(const fixture *f, int *out_output, int *out_input)
{
    int output[2];
    int input[2];

    assert_int_equal(pipe(output), 0);
    assert_int_equal(pipe(input), 0);
    pid_t child = fork();
    if (child == 0) {
        rt_snapshot_options options = {
            .store = "sqlite", .data = f->data, .output = output[1], .input = input[0]
        };
        (void)close(output[0]);
        (void)close(input[1]);
        _exit(rt_snapshot(&options, NULL) == VCLUSTER_OK ? 0 : 1);
    }
    (void)close(output[1]);
    (void)close(input[0]);
    *out_output = output[0];
    *out_input = input[1];
    return child;
}

/* Takes one into a file. */
static void take_snapshot(const fixture *f, const char *to)
{
    char piece[4096];
    int64_t taken = -1;
    int output = -1;
    int input = -1;
    ssize_t got;

    pid_t child = send_snapshot(f, &output, &input);
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while ((got = read(output, piece, sizeof(piece))) > 0) {
        assert_int_equal(write(fd, piece, (size_t)got), got);
        for (int64_t before = taken / RT_PIECE; before < (taken + got) / RT_PIECE; before++)
            assert_int_equal(write(input, "+", 1), 1);
        taken += got;
    }
    (void)close(fd);
    (void)close(output);
    (void)close(input);
    int code = 0;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
}

static rt_restore_options restore_options(const fixture *f, int input)
{
    return (rt_restore_options){
        .store = "sqlite", .data = f->data, .signs = f->signs, .input = input
    };
}

/* What the holding container does before it waits. */
static void make_ready(const fixture *f)
{
    vcl_auto_free char *folder = in(f->data, ".restore");
    vcl_auto_free char *sign = in(f->signs, "open");

    (void)mkdir(folder, 0700);
    int fd = open(sign, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
}

static int receive(const fixture *f, const char *from, vcluster_error **error)
{
    vcl_call call;
    int fd = open(from, O_RDONLY);
    rt_restore_options options = restore_options(f, fd);

    assert_true(fd >= 0);
    vcl_call_init(&call, 5000, 5000, NULL, NULL, NULL);
    int status = rt_restore_receive(&options, &call, error);
    (void)close(fd);
    return status;
}

static void what_was_written_after_a_snapshot_is_gone_when_it_is_back(void **state)
{
    const fixture *f = *state;
    vcl_auto_free char *stream = in(f->signs, "stream");
    vcl_auto_free char *database = in(f->data, "state.db");
    rt_restore_options options = restore_options(f, -1);
    VCL_AUTO_ERROR *error = NULL;

    take_snapshot(f, stream);
    sqlite3 *db = open_database(f->data);
    run(db, "DELETE FROM kine");
    /* Left open: as a store that was killed, it leaves a journal behind. */
    make_ready(f);
    assert_ok(receive(f, stream, &error), error);
    (void)sqlite3_close(db);
    assert_int_equal(count(database, "count(*)"), 0);
    assert_ok(rt_restore_commit(&options, &error), error);
    assert_int_equal(count(database, "count(*)"), ROWS);
}

static void damaged_and_cut_data_are_refused_and_change_nothing(void **state)
{
    const fixture *f = *state;
    vcl_auto_free char *stream = in(f->signs, "stream");
    vcl_auto_free char *received = in(f->signs, "received");
    vcl_auto_free char *database = in(f->data, "state.db");
    struct stat about = { 0 };

    take_snapshot(f, stream);
    make_ready(f);
    assert_int_equal(stat(stream, &about), 0);
    for (int i = 0; i < 2; i++) {
        VCL_AUTO_ERROR *error = NULL;
        if (i == 0) {
            int fd = open(stream, O_WRONLY);
            assert_int_equal(pwrite(fd, "!", 1, about.st_size - 1000), 1);
            (void)close(fd);
        } else {
            assert_int_equal(truncate(stream, about.st_size / 2), 0);
        }
        assert_true(receive(f, stream, &error) < 0);
        assert_non_null(strstr(vcluster_error_to_string(error), i == 0 ? "damaged" : "too early"));
        assert_int_equal(access(received, F_OK), -1);
        assert_int_equal(count(database, "count(*)"), ROWS);
    }
}

static void a_database_of_somebody_else_is_refused(void **state)
{
    const fixture *f = *state;
    vcl_auto_free char *database = in(f->data, "state.db");
    VCL_AUTO_ERROR *error = NULL;
    sqlite3 *db = open_database(f->data);

    run(db, "ALTER TABLE kine RENAME TO other");
    (void)sqlite3_close(db);
    int status = rt_sqlite_check(database, &error);
    assert_fails(status, VCLUSTER_E_PROTOCOL, error, "not that of a virtual cluster");
}

/* As an exec whose client went away without a word: its pipes stay open. */
static void a_receiver_that_is_silent_keeps_no_other_waiting(void **state)
{
    const fixture *f = *state;
    vcl_auto_free char *stream = in(f->signs, "stream");
    int output = -1;
    int input = -1;
    char byte;

    pid_t child = send_snapshot(f, &output, &input);
    assert_int_equal(read(output, &byte, 1), 1); /* it sends, and is stuck when the pipe is full */
    take_snapshot(f, stream);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    (void)close(output);
    (void)close(input);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_receiver_that_takes_nothing_more_is_not_overrun(void **state)
{
    char *bytes = calloc(1, RT_PIECE);
    VCL_AUTO_ERROR *error = NULL;
    rt_sink sink = { 0 };
    int input[2];
    int full = open("/dev/null", O_WRONLY);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(pipe(input), 0);
    assert_ok(rt_sink_begin(&sink, full, input[0], (int64_t)RT_PIECE * 10, &error), error);
    for (int i = 0; i < RT_WINDOW_PIECES; i++)
        assert_ok(rt_sink_write(&sink, bytes, RT_PIECE, &error), error);
    (void)close(input[1]); /* in place of an acknowledgement */
    int status = rt_sink_write(&sink, bytes, 1, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, error, "went away");
    assert_int_equal(sink.sent, (int64_t)RT_PIECE * RT_WINDOW_PIECES);
    rt_sink_done(&sink);
    (void)close(input[0]);
    (void)close(full);
    free(bytes);
}

static void etcd_tells_its_parts_one_by_one(void **state)
{
    static const char message[] = "\0\0\0\0\x0c\x0a\x01\x08\x10\x05\x1a\x05"
                                  "hello";
    VCL_AUTO_BUF buf = { 0 };
    rt_etcd_part part = { 0 };
    size_t size = 0;

    (void)state;
    vcl_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < sizeof(message) - 1; i++) {
        assert_int_equal(rt_etcd_next(&buf, &part, &size, NULL), 0);
        assert_true(vcl_buf_append(&buf, message + i, 1));
    }
    assert_int_equal(rt_etcd_next(&buf, &part, &size, NULL), 1);
    assert_int_equal(part.remaining, 5);
    assert_uint_equal(part.blob_size, 5);
    assert_memory_equal(part.blob, "hello", 5);
    assert_uint_equal(size, sizeof(message) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_copy_is_the_state_of_one_moment_while_others_write),
        TEST(what_was_written_after_a_snapshot_is_gone_when_it_is_back),
        TEST(damaged_and_cut_data_are_refused_and_change_nothing),
        TEST(a_database_of_somebody_else_is_refused),
        TEST(a_receiver_that_is_silent_keeps_no_other_waiting),
        cmocka_unit_test(a_receiver_that_takes_nothing_more_is_not_overrun),
        cmocka_unit_test(etcd_tells_its_parts_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
