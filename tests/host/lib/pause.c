/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that holds a pod's namespaces: collects the zombies that a shared process namespace
 * hands to it, and sleeps until it is told to end. Takes the place of registry.k8s.io/pause on
 * machines that cannot pull it.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int number)
{
    (void)number;
    _exit(0);
}

static void collect(int number)
{
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

int main(void)
{
    signal(SIGINT, end);
    signal(SIGTERM, end);
    signal(SIGCHLD, collect);
    for (;;) {
        pause();
    }
}
