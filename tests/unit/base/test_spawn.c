/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that is begun gets: descriptors, group, signals, environment. */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_support.h"

static char *const ENVIRONMENT[] = { (char[]){ "PATH=/usr/bin:/bin" }, (char[]){ "GIVEN=yes" },
                                     NULL };

static int exit_code_of(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* What a script of the shell printed. */
static void output_of(const char *script, vcl_spawn_group group, char *out, size_t size)
{
    const char *const arguments[] = { "sh", "-c", script, NULL };
    int fds[2];
    pid_t pid = 0;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    int theirs = vcl_fd_move_up(fds[1]);
    const vcl_spawn_files files = { -1, theirs, -1 };
    const vcl_spawn spawn = {
        .arguments = arguments, .environment = ENVIRONMENT, .group = group, .files = &files
    };
    assert_int_equal(vcl_spawn_begin(&spawn, &pid), 0);
    assert_int_equal(close(theirs), 0);
    size_t length = 0;
    ssize_t got;
    while (length < size - 1 && (got = read(fds[0], out + length, size - 1 - length)) > 0)
        length += (size_t)got;
    out[length] = '\0';
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(exit_code_of(pid), 0);
}

static void a_program_gets_its_environment_and_no_other(void **state)
{
    (void)state;
    char text[64];

    assert_int_equal(setenv("NOT_GIVEN", "no", 1), 0);
    output_of("echo $GIVEN-$NOT_GIVEN", VCL_SPAWN_IN_OURS, text, sizeof(text));
    assert_string_equal(text, "yes-\n");
}

static void a_program_gets_no_descriptor_but_the_standard_ones(void **state)
{
    (void)state;
    char text[256];
    /* Not closed on exec, by intention. */
    int leak = fcntl(STDIN_FILENO, F_DUPFD, 50); // NOLINT(android-cloexec-*)

    assert_true(leak >= 50);
    output_of("test -e /proc/self/fd/50 && echo leaked; readlink /proc/$$/fd/0 /proc/$$/fd/2",
              VCL_SPAWN_IN_OURS, text, sizeof(text));
    assert_string_equal(text, "/dev/null\n/dev/null\n");
    assert_int_equal(close(leak), 0);
}

static void groups_and_sessions_are_as_asked_for(void **state)
{
    (void)state;
    static const char script[] = "echo $$ $(ps -o pgid=,sid= -p $$)";
    char text[64];
    long pid;
    long group;
    long session;
    static const struct {
        vcl_spawn_group group;
        bool own_group;
        bool own_session;
    } cases[] = { { VCL_SPAWN_IN_OURS, false, false },
                  { VCL_SPAWN_OWN_GROUP, true, false },
                  { VCL_SPAWN_OWN_SESSION, true, true } };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *at = text;

        output_of(script, cases[i].group, text, sizeof(text));
        pid = strtol(at, &at, 10);
        group = strtol(at, &at, 10);
        session = strtol(at, &at, 10);
        assert_true(pid > 0);
        assert_int_equal(group, cases[i].own_group ? pid : getpgrp());
        assert_int_equal(session, cases[i].own_session ? pid : getsid(0));
    }
}

/* Of signals 1 to 31: what is above is the C library's own. */
static void masks_of(vcl_spawn_group group, unsigned long *out_blocked, unsigned long *out_ignored)
{
    enum { STANDARD = 0x7fffffff };
    char text[64];
    char *at = text;

    output_of("grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2", group, text, sizeof(text));
    *out_blocked = strtoul(at, &at, 16) & STANDARD;
    *out_ignored = strtoul(at, &at, 16) & STANDARD;
}

static void no_signal_is_blocked_or_without_need_ignored(void **state)
{
    (void)state;
    sigset_t all;
    sigset_t before;
    unsigned long blocked;
    unsigned long ignored;

    (void)sigfillset(&all);
    assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
    void (*pipe_before)(int) = signal(SIGPIPE, SIG_IGN);
    void (*hangup_before)(int) = signal(SIGHUP, SIG_IGN);
    masks_of(VCL_SPAWN_OWN_GROUP, &blocked, &ignored);
    assert_int_equal(blocked, 0);
    assert_int_equal(ignored, 0);
    /* One that shares our terminal keeps what nohup(1) asked for. */
    masks_of(VCL_SPAWN_IN_OURS, &blocked, &ignored);
    assert_int_equal(blocked, 0);
    assert_int_equal(ignored, 1UL << (SIGHUP - 1));
    (void)signal(SIGHUP, hangup_before);
    (void)signal(SIGPIPE, pipe_before);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void a_program_that_is_not_there_is_an_error_at_once(void **state)
{
    (void)state;
    const char *const arguments[] = { "no-such-program-here", NULL };
    vcl_spawn spawn = { .arguments = arguments, .environment = ENVIRONMENT };
    pid_t pid = 0;

    assert_int_equal(vcl_spawn_begin(&spawn, &pid), ENOENT);
    spawn.path = "/etc/passwd";
    assert_int_equal(vcl_spawn_begin(&spawn, &pid), EACCES);
}

static void a_descriptor_moves_above_the_standard_ones(void **state)
{
    (void)state;
    int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);

    assert_true(saved >= 10);
    assert_int_equal(close(STDIN_FILENO), 0);
    int low = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(low, STDIN_FILENO);
    int high = vcl_fd_move_up(low);
    assert_true(high > STDERR_FILENO);
    assert_int_equal(fcntl(low, F_GETFD), -1);
    assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
    assert_int_equal(vcl_fd_move_up(-1), -1);
    assert_int_equal(close(high), 0);
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(saved), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_gets_its_environment_and_no_other),
        cmocka_unit_test(a_program_gets_no_descriptor_but_the_standard_ones),
        cmocka_unit_test(groups_and_sessions_are_as_asked_for),
        cmocka_unit_test(no_signal_is_blocked_or_without_need_ignored),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error_at_once),
        cmocka_unit_test(a_descriptor_moves_above_the_standard_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
