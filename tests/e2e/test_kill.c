/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 at any moment: the same command, given again, completes; and nothing is left in the end.
 * The moments are spread over the length of the operation.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "e2e.h"

#define NAME "e2e-kill"
#define NAMESPACE "vcluster-e2e-kill"

extern char **environ;

static pid_t start(const char *command)
{
    const char *arguments[] = {
        e2e_vcl(), command,     NAME,   "-n",           NAMESPACE,
        "--quiet", "--timeout", "120s", "--kubeconfig", getenv("VCLUSTER_TEST_KUBECONFIG"),
        NULL,      NULL,        NULL,   NULL,           NULL
    };
    size_t count = 10;
    pid_t child = 0;

    if (!strcmp(command, "create")) {
        arguments[count++] = "--distribution";
        arguments[count++] = "embedded";
        arguments[count++] = "--set";
        arguments[count++] = "controlPlane.statefulSet.persistence.volumeClaim.enabled=false";
    }
    char *copy[16] = { NULL };
    for (size_t i = 0; i < count; i++) {
        copy[i] = strdup(arguments[i]);
        assert_non_null(copy[i]);
    }
    assert_int_equal(posix_spawn(&child, e2e_vcl(), NULL, NULL, copy, environ), 0);
    for (size_t i = 0; i < count; i++)
        free(copy[i]);
    return child;
}

static int end_of(pid_t child)
{
    int state = 0;

    assert_int_equal(waitpid(child, &state, 0), child);
    return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
}

static void kill_after(const char *command, int after_ms)
{
    const struct timespec pause = { .tv_sec = after_ms / 1000,
                                    .tv_nsec = (after_ms % 1000) * 1000000L };
    pid_t child = start(command);

    (void)nanosleep(&pause, NULL);
    (void)kill(child, SIGKILL);
    int code = end_of(child);
    print_message("%s killed after %d ms: %s\n", command, after_ms,
                  code == 128 + SIGKILL ? "in the middle" : "it had ended");
}

static bool is_there(void)
{
    return e2e_exists(e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME);
}

static void a_killed_create_and_a_killed_delete_are_completed_by_the_same_command(void **state)
{
    static const int create_ms[] = { 30, 120, 250, 1200 };
    static const int delete_ms[] = { 60, 150, 500, 1500 };

    (void)state;
    for (size_t i = 0; i < sizeof(create_ms) / sizeof(create_ms[0]); i++) {
        kill_after("create", create_ms[i]);
        assert_int_equal(end_of(start("create")), 0);
        assert_true(is_there());

        kill_after("delete", delete_ms[i]);
        int code = end_of(start("delete"));
        assert_true(code == 0 || code == 1); /* 1: the killed one had done all, nothing is found */
        assert_false(is_there());
        assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, NAMESPACE));
    }
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    return 0;
}

static int finish(void **state)
{
    int status = clean(state);

    e2e_done();
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_create_and_a_killed_delete_are_completed_by_the_same_command),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, clean, finish);
}
