/* SPDX-License-Identifier: Apache-2.0 */
/* posix_spawn() with what every program of ours gets; see spawn.h. */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 3 }; /* the first one that is not a standard one */

int vcl_fd_move_up(int fd)
{
    if (fd < 0)
        return -1;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR);
    int number = errno;

    (void)close(fd);
    errno = number;
    return moved;
}

static int add_file(posix_spawn_file_actions_t *actions, int fd, int standard)
{
    if (fd >= 0)
        return posix_spawn_file_actions_adddup2(actions, fd, standard);
    return posix_spawn_file_actions_addopen(actions, standard, "/dev/null",
                                            standard == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

static int add_files(posix_spawn_file_actions_t *actions, const vcl_spawn_files *files)
{
    int number = add_file(actions, files->in, STDIN_FILENO);

    if (number == 0)
        number = add_file(actions, files->out, STDOUT_FILENO);
    if (number == 0)
        number = add_file(actions, files->errors, STDERR_FILENO);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    if (number == 0)
        number = posix_spawn_file_actions_addclosefrom_np(actions, FIRST_DESCRIPTOR);
#endif
    return number;
}

static short flags_of(const vcl_spawn *spawn)
{
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;

    if (spawn->group == VCL_SPAWN_OWN_GROUP)
        flags |= POSIX_SPAWN_SETPGROUP;
    if (spawn->group == VCL_SPAWN_OWN_SESSION)
        flags |= POSIX_SPAWN_SETSID;
#if defined(POSIX_SPAWN_CLOEXEC_DEFAULT)
    if (spawn->files)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    return (short)flags;
}

/* A program that shares our terminal keeps what is ignored there by intention (nohup); but SIGPIPE
 * is ignored by many hosts of this library for their own sake. */
static void choose_defaults(const vcl_spawn *spawn, sigset_t *defaults)
{
    static const int usual[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP };

    (void)sigemptyset(defaults);
    (void)sigaddset(defaults, SIGPIPE);
    for (size_t i = 0; spawn->group != VCL_SPAWN_IN_OURS && i < sizeof(usual) / sizeof(usual[0]);
         i++)
        (void)sigaddset(defaults, usual[i]);
}

static int set_attributes(posix_spawnattr_t *attributes, const vcl_spawn *spawn)
{
    sigset_t none;
    sigset_t defaults;

    (void)sigemptyset(&none);
    choose_defaults(spawn, &defaults);
    int number = posix_spawnattr_setflags(attributes, flags_of(spawn));
    if (number == 0)
        number = posix_spawnattr_setpgroup(attributes, 0);
    if (number == 0)
        number = posix_spawnattr_setsigmask(attributes, &none);
    if (number == 0)
        number = posix_spawnattr_setsigdefault(attributes, &defaults);
    return number;
}

/* The arguments are not changed, though the type of posix_spawn() does not say so. */
static int begin(const vcl_spawn *spawn,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes,
                 pid_t *out_pid)
{
    char *const *arguments = (char *const *)(uintptr_t)spawn->arguments;

    if (spawn->path)
        return posix_spawn(out_pid, spawn->path, actions, attributes, arguments,
                           spawn->environment);
    return posix_spawnp(out_pid, spawn->arguments[0], actions, attributes, arguments,
                        spawn->environment);
}

int vcl_spawn_begin(const vcl_spawn *spawn, pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    int number = posix_spawn_file_actions_init(&actions);
    if (number)
        return number;
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        number = spawn->files ? add_files(&actions, spawn->files) : 0;
        if (number == 0)
            number = set_attributes(&attributes, spawn);
        if (number == 0)
            number = begin(spawn, &actions, &attributes, out_pid);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return number;
}
