/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of curl's connections; see sockets.h. */
#include "net/sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http.h"

/* Sent bytes that nobody acknowledges for so long end the connection. */
enum { UNACKNOWLEDGED_MS = 45000 };

static int make(const struct curl_sockaddr *address)
{
#ifdef SOCK_CLOEXEC
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    int fd = socket(address->family, address->socktype, address->protocol);
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
#endif
#ifdef TCP_USER_TIMEOUT
    unsigned timeout_ms = UNACKNOWLEDGED_MS;
    if (fd >= 0 && (address->family == AF_INET || address->family == AF_INET6))
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
#endif
    return fd;
}

curl_socket_t vcl_sockets_open(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    vcl_sockets *sockets = data;

    (void)purpose;
    if (sockets->dialer) {
        size_t size = sockets->dialer->dial(sockets->dialer, &address->addr, sizeof(address->addr));
        if (size == 0)
            return CURL_SOCKET_BAD;
        address->family = address->addr.sa_family;
        address->addrlen = (unsigned)size;
    }
    int fd = make(address);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    if (sockets->count < VCL_MAX_SOCKETS)
        sockets->open[sockets->count++] = fd;
    return fd;
}

int vcl_sockets_close(void *data, curl_socket_t fd)
{
    vcl_sockets *sockets = data;

    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->open[i] == fd) {
            sockets->open[i] = sockets->open[--sockets->count];
            break;
        }
    }
    return close(fd);
}

static int port_of(curl_socket_t fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t size = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)&address)->sin_port);
    return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port)
                                         : 0;
}

int64_t vcl_sockets_round_trip_us(const vcl_sockets *sockets, int local_port)
{
#ifdef __linux__
    for (size_t i = 0; i < sockets->count; i++) {
        struct tcp_info info = { 0 };
        socklen_t size = sizeof(info);

        if (port_of(sockets->open[i]) == local_port &&
            getsockopt(sockets->open[i], IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
            return info.tcpi_rtt > 0 ? (int64_t)info.tcpi_rtt : -1;
    }
#else
    (void)sockets;
    (void)local_port;
#endif
    return -1;
}

void vcl_sockets_shut(const vcl_sockets *sockets, int local_port)
{
    for (size_t i = 0; i < sockets->count; i++) {
        if (port_of(sockets->open[i]) == local_port)
            (void)shutdown(sockets->open[i], SHUT_RDWR);
    }
}
