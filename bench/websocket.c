/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a port-forward can be, beside which bench/tunnel sets ours: one WebSocket to the
 * API server by libcurl and nothing between it and this program. A byte goes to an echoing port of a
 * pod and comes back, so many times, one after the other.
 *
 * usage: bench_websocket URL CA CERT KEY TIMES    (.../pods/NAME/portforward?ports=PORT, PEM files)
 */
#include <curl/curl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_TIMES = 100000, MAX_HEAD = 8192, BINARY = 0x82, MASKED = 0x80, WAIT_MS = 10000 };

static void die(const char *text)
{
    (void)fprintf(stderr, "bench_websocket: %s\n", text);
    exit(1);
}

static void check(CURLcode result)
{
    if (result != CURLE_OK)
        die(curl_easy_strerror(result));
}

static double now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static size_t receive(CURL *easy, void *bytes, size_t size)
{
    struct pollfd ready = { .events = POLLIN };
    curl_socket_t fd = CURL_SOCKET_BAD;
    size_t got = 0;

    check(curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd));
    ready.fd = fd;
    for (;;) {
        CURLcode result = curl_easy_recv(easy, bytes, size, &got);

        if (result != CURLE_AGAIN) {
            check(result);
            if (got == 0)
                die("the server has closed the connection");
            return got;
        }
        if (poll(&ready, 1, WAIT_MS) <= 0)
            die("the server is silent");
    }
}

static void receive_all(CURL *easy, unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size;)
        at += receive(easy, bytes + at, size - at);
}

/* What is small fits into the socket's buffer. */
static void send_all(CURL *easy, const void *bytes, size_t size)
{
    size_t sent = 0;

    check(curl_easy_send(easy, bytes, size, &sent));
    if (sent != size)
        die("the socket is full");
}

static CURL *dial(char **argv)
{
    CURL *easy = curl_easy_init();

    if (!easy)
        die("libcurl cannot be used");
    check(curl_easy_setopt(easy, CURLOPT_URL, argv[1]));
    check(curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]));
    check(curl_easy_setopt(easy, CURLOPT_SSLCERT, argv[3]));
    check(curl_easy_setopt(easy, CURLOPT_SSLKEY, argv[4]));
    check(curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1));
    check(curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L));
    check(curl_easy_setopt(easy, CURLOPT_PROXY, ""));
    check(curl_easy_perform(easy));
    return easy;
}

static void shake_hands(CURL *easy, const char *url)
{
    const char *authority = strstr(url, "://");
    const char *path = authority ? strchr(authority + 3, '/') : NULL;
    char text[MAX_HEAD];
    size_t size = 0;

    if (!path)
        die("the URL has no path");
    int length = snprintf(text, sizeof(text),
                          "GET %s HTTP/1.1\r\nHost: %.*s\r\nConnection: Upgrade\r\n"
                          "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                          "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n",
                          path, (int)(path - authority - 3), authority + 3);
    if (length < 0 || (size_t)length >= sizeof(text))
        die("the URL is too long");
    send_all(easy, text, (size_t)length);
    do {
        if (size == sizeof(text) - 1)
            die("the head of the answer is too long");
        receive_all(easy, (unsigned char *)text + size, 1);
        text[++size] = '\0';
    } while (!strstr(text, "\r\n\r\n"));
    if (!strstr(text, " 101 "))
        die(text);
}

/* A frame as the API server sends them here: a few bytes. Returns how many, the channel first. */
static size_t receive_frame(CURL *easy, unsigned char payload[126])
{
    unsigned char head[2];

    receive_all(easy, head, sizeof(head));
    if (head[0] != BINARY || head[1] > 125)
        die("the server has sent another frame than was awaited");
    receive_all(easy, payload, head[1]);
    return head[1];
}

static double echo(CURL *easy)
{
    /* Channel 0 and one byte, masked with zeros. */
    static const unsigned char frame[] = { BINARY, MASKED | 2, 0, 0, 0, 0, 0, 'x' };
    unsigned char payload[126];
    double begin = now_us();

    send_all(easy, frame, sizeof(frame));
    if (receive_frame(easy, payload) != 2 || payload[0] != 0 || payload[1] != 'x')
        die("what came back is not what was sent");
    return now_us() - begin;
}

int main(int argc, char **argv)
{
    size_t times = argc == 6 ? strtoul(argv[5], NULL, 10) : 0;
    double *taken = times > 0 && times <= MAX_TIMES ? calloc(times, sizeof(*taken)) : NULL;
    unsigned char payload[126];

    if (!taken) {
        (void)fputs("usage: bench_websocket URL CA CERT KEY TIMES\n", stderr);
        return 2;
    }
    check(curl_global_init(CURL_GLOBAL_DEFAULT));
    CURL *easy = dial(argv);
    shake_hands(easy, argv[1]);
    for (int channel = 0; channel < 2; channel++) /* each begins with its port */
        (void)receive_frame(easy, payload);
    (void)echo(easy);
    for (size_t i = 0; i < times; i++)
        taken[i] = echo(easy);
    qsort(taken, times, sizeof(*taken), compare);
    (void)printf("echoes=%zu least_us=%.0f median_us=%.0f\n", times, taken[0], taken[times / 2]);
    curl_easy_cleanup(easy);
    curl_global_cleanup();
    free(taken);
    return 0;
}
