/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor to wait on; see bell.h. */
#include "base/bell.h"

#include <stdint.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/eventfd.h>
#else
#include <fcntl.h>
#endif

bool vcl_bell_init(vcl_bell *bell)
{
#ifdef __linux__
    bell->read_fd = bell->write_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return bell->read_fd >= 0;
#else
    int fds[2] = { -1, -1 };

    if (pipe(fds) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    bell->read_fd = fds[0];
    bell->write_fd = fds[1];
    return true;
#endif
}

void vcl_bell_done(vcl_bell *bell)
{
    if (bell->write_fd >= 0 && bell->write_fd != bell->read_fd)
        (void)close(bell->write_fd);
    if (bell->read_fd >= 0)
        (void)close(bell->read_fd);
    bell->read_fd = bell->write_fd = -1;
}

void vcl_bell_ring(const vcl_bell *bell)
{
    uint64_t one = 1;

    if (!vcl_bell_is_made(bell))
        return;
    /* A full counter or pipe is readable already, which is all that is wanted. */
    ssize_t written = write(bell->write_fd, &one, sizeof(one));
    (void)written;
}

void vcl_bell_quiet(const vcl_bell *bell)
{
    uint64_t rings[16];

    while (vcl_bell_is_made(bell) &&
           read(bell->read_fd, rings, sizeof(rings)) == (ssize_t)sizeof(rings))
        ;
}
