/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/tunnel measures with:
 *   bench_tunnel hold NAMESPACE LABELS PORT TUNNELS CONNECTIONS
 *       open so many tunnels with so many connections each to an echoing port, send a byte through
 *       each connection, print the memory of this process
 *   bench_tunnel pull PORT TIMES [SHA256]
 *       read what comes from 127.0.0.1:PORT to its end, so many times; print MB/s; with a checksum
 *       each reading must have it
 *   bench_tunnel echo PORT TIMES
 *       a byte to 127.0.0.1:PORT and back, one after the other on one connection; print microseconds
 */
#include <arpa/inet.h>
#include <libvcluster/vcluster.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int dial(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static long status_kb(const char *field)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long value = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, field, strlen(field)) == 0)
            value = strtol(line + strlen(field) + 1, NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return value;
}

static void fail(vcluster_error *error)
{
    (void)fprintf(stderr, "bench_tunnel: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    exit(1);
}

static int hold(char **argv)
{
    vcluster_pod_forward_options options = VCLUSTER_POD_FORWARD_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    size_t tunnels = strtoul(argv[3], NULL, 10);
    size_t each = strtoul(argv[4], NULL, 10);
    vcluster_tunnel **open = calloc(tunnels, sizeof(*open));
    int *fds = calloc(tunnels * each, sizeof(*fds));
    struct rlimit many = { 8192, 8192 };
    size_t good = 0;

    (void)setrlimit(RLIMIT_NOFILE, &many);
    if (!open || !fds || vcluster_client_new(NULL, &client, &error) < 0)
        fail(error);
    options.namespace_name = argv[0];
    options.label_selector = argv[1];
    long before = status_kb("VmRSS:");
    for (size_t i = 0; i < tunnels; i++) {
        if (vcluster_pod_forward(client, NULL, strtol(argv[2], NULL, 10), &options, &open[i],
                                 &error) < 0)
            fail(error);
        for (size_t j = 0; j < each; j++) {
            char byte = 0;
            int fd = dial(vcluster_tunnel_port(open[i]));

            fds[i * each + j] = fd;
            good +=
                send(fd, "x", 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1 && byte == 'x';
        }
    }
    (void)printf(
        "connections=%zu echoed=%zu rss_before_kb=%ld rss_kb=%ld peak_kb=%ld threads=%ld\n",
        tunnels * each, good, before, status_kb("VmRSS:"), status_kb("VmHWM:"),
        status_kb("Threads:"));
    for (size_t i = 0; i < tunnels * each; i++)
        (void)close(fds[i]);
    for (size_t i = 0; i < tunnels; i++)
        vcluster_tunnel_free(open[i]);
    vcluster_client_unref(client);
    free(fds);
    free(open);
    return good == tunnels * each ? 0 : 1;
}

/* One reading; the checksum in hexadecimal digits. */
static size_t pull_once(int port, char hex[65])
{
    static unsigned char piece[PIECE];
    unsigned char digest[32];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    int fd = dial(port);
    size_t total = 0;
    ssize_t got;

    (void)EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    while ((got = recv(fd, piece, sizeof(piece), 0)) > 0) {
        total += (size_t)got;
        if (hex)
            (void)EVP_DigestUpdate(hash, piece, (size_t)got);
    }
    (void)EVP_DigestFinal_ex(hash, digest, NULL);
    if (got < 0)
        perror("recv");
    EVP_MD_CTX_free(hash);
    (void)close(fd);
    for (size_t i = 0; hex && i < sizeof(digest); i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return got < 0 ? 0 : total;
}

static int pull(int argc, char **argv)
{
    int port = (int)strtol(argv[0], NULL, 10);
    size_t times = strtoul(argv[1], NULL, 10);
    const char *expected = argc > 2 ? argv[2] : NULL;
    double begin = seconds();
    size_t total = 0;

    for (size_t i = 0; i < times; i++) {
        char hex[65] = "";
        size_t size = pull_once(port, expected ? hex : NULL);

        if (size == 0 || (expected && strcmp(hex, expected) != 0)) {
            (void)fprintf(stderr, "bench_tunnel: reading %zu: %zu bytes, checksum %s\n", i + 1,
                          size, hex);
            return 1;
        }
        total += size;
    }
    double took = seconds() - begin;
    (void)printf("readings=%zu bytes=%zu mb_per_s=%.1f\n", times, total,
                 (double)total / took / 1e6);
    return 0;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static int echo(char **argv)
{
    int fd = dial((int)strtol(argv[0], NULL, 10));
    size_t times = strtoul(argv[1], NULL, 10);
    double *taken = times > 0 ? calloc(times, sizeof(*taken)) : NULL;
    int one = 1;
    char byte = 0;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (size_t i = 0; taken && i <= times; i++) { /* the first one opens the way */
        double begin = seconds();

        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1 || byte != 'x') {
            (void)fputs("bench_tunnel: nothing comes back\n", stderr);
            return 1;
        }
        if (i > 0)
            taken[i - 1] = (seconds() - begin) * 1e6;
    }
    (void)close(fd);
    if (!taken)
        return 2;
    qsort(taken, times, sizeof(*taken), compare);
    (void)printf("echoes=%zu least_us=%.0f median_us=%.0f\n", times, taken[0], taken[times / 2]);
    free(taken);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "hold") == 0)
        return hold(argv + 2);
    if (argc >= 4 && strcmp(argv[1], "pull") == 0)
        return pull(argc - 2, argv + 2);
    if (argc == 4 && strcmp(argv[1], "echo") == 0)
        return echo(argv + 2);
    (void)fputs("usage: bench_tunnel hold NAMESPACE LABELS PORT TUNNELS CONNECTIONS\n"
                "       bench_tunnel pull PORT TIMES [SHA256]\n"
                "       bench_tunnel echo PORT TIMES\n",
                stderr);
    return 2;
}
