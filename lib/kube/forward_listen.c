/* SPDX-License-Identifier: Apache-2.0 */
/* Listening on 127.0.0.1 or a unix socket; see forward_listen.h. */
#include "kube/forward_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static int fail(vcluster_error **error, const char *what)
{
    int number = errno;

    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot listen on '%s': %s", what,
                    strerrordesc_np(number));
}

int vcl_forward_listen_tcp(int port, int *out_fd, int *out_port, vcluster_error **error)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int one = 1;
    vcl_auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return fail(error, "127.0.0.1");
    /* A port whose last connections still linger can be used again at once. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot listen on 127.0.0.1:%d: %s", port,
                        strerrordesc_np(errno));
    *out_port = ntohs(address.sin_port);
    *out_fd = fd;
    fd = -1;
    return VCLUSTER_OK;
}

/* Whether a socket file is a leftover: it is one, and nobody answers. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat info;
    vcl_auto_close int fd = -1;

    if (lstat(address->sun_path, &info) != 0 || !S_ISSOCK(info.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
           errno == ECONNREFUSED;
}

static bool bind_unix(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *generic = (const struct sockaddr *)address;

    if (bind(fd, generic, sizeof(*address)) == 0)
        return true;
    if (errno != EADDRINUSE)
        return false;
    if (!is_stale(address)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->sun_path) == 0 && bind(fd, generic, sizeof(*address)) == 0;
}

int vcl_forward_listen_unix(const char *path, int *out_fd, vcluster_error **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t size = strlen(path);

    if (size == 0 || size >= sizeof(address.sun_path))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the path of a unix socket has 1 to %zu bytes, not %zu",
                        sizeof(address.sun_path) - 1, size);
    memcpy(address.sun_path, path, size + 1);

    vcl_auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !bind_unix(fd, &address))
        return fail(error, path);
    /* Nobody can connect before listen(), so that the mode is there in time. */
    if (chmod(path, 0600) != 0 || listen(fd, BACKLOG) != 0) {
        int status = fail(error, path);
        (void)unlink(path);
        return status;
    }
    *out_fd = fd;
    fd = -1;
    return VCLUSTER_OK;
}

void vcl_forward_stop_listening(int fd, const char *path)
{
    if (fd < 0)
        return;
    if (path)
        (void)unlink(path);
    (void)close(fd);
}
