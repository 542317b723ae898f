/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to a tunnel: its pod is replaced between connections, the network is cut for half a
 * minute, the API server restarts. The pod runs busybox; cuts and restarts are made by a relay
 * between this program and the API server. On a host of its own (on-own-host) the API server is
 * killed instead.
 */
#include "e2e.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cut_proxy.h"

#define SPACE "vcluster-e2e-tunnel"

enum {
    LAST_NUMBER = 2000000,
    ECHO_PORT = 9001,
    NUMBERS_PORT = 9000,
    CUT_S = 30,
    RESTART_S = 5,
    PATIENCE_S = 120 /* of a test on a busy machine; a tunnel gives up after 60 */
};

/* One port gives the numbers up to 2,000,000, 15 MB; the other one echoes. A pod has them written
 * within the minute that a tunnel waits for it, on a busy machine too: four times as many took 57 s
 * there. */
static const char source[] =
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: source, namespace: " SPACE "}, spec: "
    "{replicas: 1, strategy: {type: Recreate}, selector: {matchLabels: {app: source}}, template: "
    "{metadata: {labels: {app: source}}, spec: {terminationGracePeriodSeconds: 0, containers: "
    "[{name: source, image: 'busybox:1.36', imagePullPolicy: IfNotPresent, readinessProbe: "
    "{tcpSocket: {port: 9000}, periodSeconds: 1}, command: [sh, -c, 'seq 1 2000000 >/data; { nc "
    "-ll -p 9001 -e cat || nc -lk -p 9001 -e cat; } & nc -ll -p 9000 -e cat /data || nc -lk -p "
    "9000 -e cat /data']}]}}}}";

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int set_up(void **state)
{
    (void)state;
    e2e_remove_namespace(SPACE);
    e2e_make_namespace(SPACE);
    e2e_apply(e2e_host(), source);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    e2e_remove_namespace(SPACE);
    return 0;
}

static vcluster_tunnel *open_tunnel(vcluster_client *client, int port)
{
    vcluster_pod_forward_options options = VCLUSTER_POD_FORWARD_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = SPACE;
    options.label_selector = "app=source";
    options.timeout_ms = PATIENCE_S * 1000;
    e2e_ok(vcluster_pod_forward(client, NULL, port, &options, &tunnel, &error), error);
    return tunnel;
}

/* A connection, of which a read fails with EAGAIN after so many seconds. */
static int dial(const vcluster_tunnel *tunnel, int patience_s)
{
    const struct timeval limit = { .tv_sec = patience_s };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)vcluster_tunnel_port(tunnel)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void give_up(const vcluster_tunnel *tunnel, const char *what)
{
    int code = errno;
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_ok(vcluster_tunnel_to_json(tunnel, &json, &error), error);
    fail_msg("%s (%s); the tunnel: %s", what, strerror(code), json);
}

static void put(const vcluster_tunnel *tunnel, int fd, char byte)
{
    if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
        give_up(tunnel, "a byte cannot be sent");
}

static void expect(const vcluster_tunnel *tunnel, int fd, char byte)
{
    char got = 0;

    if (recv(fd, &got, 1, 0) != 1)
        give_up(tunnel, "no byte came back");
    assert_int_equal(got, byte);
}

/* ---- The pod is replaced ---- */

/* The decimal text of the next number, in place; returns its length. */
static size_t count_up(char text[16], size_t length)
{
    size_t at = length;

    while (at > 0 && text[at - 1] == '9')
        text[--at] = '0';
    if (at > 0) {
        text[at - 1]++;
        return length;
    }
    text[0] = '1';
    memset(text + 1, '0', length);
    return length + 1;
}

/* Read to the end, and compare with the numbers. Returns the bytes. */
static size_t check_numbers(const vcluster_tunnel *tunnel)
{
    static char piece[256 << 10];
    char number[16] = "0";
    size_t length = 1;
    size_t at = 2; /* in the number; behind its line feed */
    size_t total = 0;
    long lines = 0;
    int fd = dial(tunnel, PATIENCE_S);
    ssize_t got;

    while ((got = recv(fd, piece, sizeof(piece), 0)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (at > length) {
                length = count_up(number, length);
                at = 0;
            }
            if (piece[i] != (at == length ? '\n' : number[at]))
                fail_msg("wrong byte at %zu", total + (size_t)i);
            lines += at++ == length;
        }
        total += (size_t)got;
    }
    if (got < 0 || lines != LAST_NUMBER)
        give_up(tunnel, "the numbers ended early");
    (void)close(fd);
    return total;
}

static void delete_pod(void)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_resource_delete_options how = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *json = NULL;
    char name[128] = "";

    options.namespace_name = SPACE;
    options.label_selector = "app=source";
    e2e_ok(vcluster_resource_list(e2e_host(), "v1", "Pod", &options, &json, &error), error);
    const char *found = strstr(json, "\"name\":\"source-");
    assert_non_null(found);
    assert_int_equal(sscanf(found, "\"name\":\"%127[^\"]", name), 1);
    vcluster_free(json);
    e2e_ok(vcluster_resource_delete(e2e_host(), "v1", "Pod", SPACE, name, &how, &error), error);
}

static void every_byte_is_right_while_the_pod_is_replaced(void **state)
{
    vcluster_tunnel *tunnel = open_tunnel(e2e_host(), NUMBERS_PORT);
    size_t total = 0;
    int64_t reading_ms = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        int64_t begun_ms = now_ms();

        total += check_numbers(tunnel);
        reading_ms += now_ms() - begun_ms;
        if (i < 2)
            delete_pod();
    }
    print_message("%zu MB, %.1f MB/s with the waiting for two pods\n", total / 1000000,
                  (double)total / 1e3 / (double)(reading_ms + 1));
    assert_int_equal(vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_FAILED), 0);
    assert_int_equal(vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_RECONNECTS), 2);
    assert_int_equal(vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_BYTES_IN), (int64_t)total);
    vcluster_tunnel_free(tunnel);
}

/* ---- The way to the API server ---- */

typedef struct path {
    cut_proxy *proxy;
    vcluster_client *client;
    vcluster_tunnel *tunnel;
    int fd; /* of a connection that was there before */
} path;

static path begin_path(void)
{
    path self = { .proxy = cut_proxy_start(vcluster_client_server(e2e_host())) };
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    options.server = cut_proxy_url(self.proxy);
    e2e_ok(vcluster_client_new(&options, &self.client, &error), error);
    self.tunnel = open_tunnel(self.client, ECHO_PORT);
    self.fd = dial(self.tunnel, PATIENCE_S);
    put(self.tunnel, self.fd, 'a');
    expect(self.tunnel, self.fd, 'a');
    return self;
}

static void end_path(path *self)
{
    (void)close(self->fd);
    vcluster_tunnel_free(self->tunnel);
    vcluster_client_unref(self->client);
    cut_proxy_stop(self->proxy);
}

/* The fault lasts so long. */
static void let_pass(int seconds)
{
    const struct timespec time = { .tv_sec = seconds };

    (void)nanosleep(&time, NULL);
}

/* The connection that was there lives on or ends, but it does not hang. */
static bool lives_on(const path *self)
{
    char byte = 0;
    ssize_t got = -1;

    if (send(self->fd, "z", 1, MSG_NOSIGNAL) == 1)
        got = recv(self->fd, &byte, 1, 0);
    if (got < 0 && errno == EAGAIN)
        give_up(self->tunnel, "the connection from before the cut hangs");
    if (got == 1)
        assert_int_equal(byte, 'z');
    return got == 1;
}

static void a_cut_of_half_a_minute_is_ridden_out(void **state)
{
    path self = begin_path();
    char byte = 0;

    (void)state;
    cut_proxy_set(self.proxy, CUT_CABLE);
    int during = dial(self.tunnel, 1);
    put(self.tunnel, during, 'b');
    assert_int_equal(recv(during, &byte, 1, 0), -1); /* it waits, and is not turned away */
    assert_int_equal(errno, EAGAIN);
    let_pass(CUT_S - 1);
    int64_t begun_ms = now_ms();
    cut_proxy_set(self.proxy, CUT_NOT);

    const struct timeval patience = { .tv_sec = PATIENCE_S };
    assert_int_equal(setsockopt(during, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    expect(self.tunnel, during, 'b');
    print_message("the connection made during the cut: %lld ms after its end\n",
                  (long long)(now_ms() - begun_ms));
    bool old_lives = lives_on(&self);
    int after = dial(self.tunnel, PATIENCE_S);
    put(self.tunnel, after, 'c');
    expect(self.tunnel, after, 'c');
    print_message("the connection from before %s\n", old_lives ? "lives on" : "has ended");
    assert_in_range(vcluster_tunnel_count(self.tunnel, VCLUSTER_TUNNEL_FAILED), 0, !old_lives);
    (void)close(after);
    (void)close(during);
    end_path(&self);
}

static void an_api_server_that_restarts_is_ridden_out(void **state)
{
    path self = begin_path();
    char byte = 0;

    (void)state;
    cut_proxy_set(self.proxy, CUT_SERVER);
    assert_true(recv(self.fd, &byte, 1, 0) <= 0);
    assert_int_not_equal(errno, EAGAIN);
    int during = dial(self.tunnel, PATIENCE_S);
    put(self.tunnel, during, 'b');
    let_pass(RESTART_S);
    int64_t begun_ms = now_ms();
    cut_proxy_set(self.proxy, CUT_NOT);
    expect(self.tunnel, during, 'b');
    print_message("the connection made meanwhile: %lld ms after the server was back\n",
                  (long long)(now_ms() - begun_ms));
    put(self.tunnel, during, 'd');
    expect(self.tunnel, during, 'd');
    assert_int_equal(vcluster_tunnel_count(self.tunnel, VCLUSTER_TUNNEL_FAILED), 1);
    (void)close(during);
    end_path(&self);
}

/* ---- A real restart ---- */

/* One echo by a connection of its own, which is reset then: one that is closed in order may still
 * wait for an answer as far as a tunnel can see, and would be there at the next kill. */
static void expect_echo(const vcluster_tunnel *tunnel, char byte)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    int fd = dial(tunnel, PATIENCE_S);

    put(tunnel, fd, byte);
    expect(tunnel, fd, byte);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    (void)close(fd);
}

/* The API server is killed while connections come one after the other, from before its end until it
 * is back: each gets its answer, but for those that were open when it died. */
static void a_killed_api_server_is_ridden_out(void **state)
{
    enum { KILLS = 3 };
    vcluster_tunnel *tunnel = open_tunnel(e2e_host(), ECHO_PORT);

    (void)state;
    expect_echo(tunnel, 'a');
    for (int i = 0; i < KILLS; i++) {
        int before = dial(tunnel, PATIENCE_S);
        int answered = 0;
        char byte = 0;

        put(tunnel, before, 'b');
        expect(tunnel, before, 'b');
        assert_int_equal(system(getenv("VCLUSTER_TEST_KILL_API")), 0);
        int64_t begun_ms = now_ms();
        assert_true(recv(before, &byte, 1, 0) <= 0); /* it went through the server that died */
        assert_int_not_equal(errno, EAGAIN);
        (void)close(before);
        while (now_ms() - begun_ms < 1000 || answered < 100) {
            expect_echo(tunnel, (char)('c' + answered % 20));
            if (answered++ == 0)
                print_message(
                    "killed: the first connection after it has its answer after %lld ms\n",
                    (long long)(now_ms() - begun_ms));
        }
    }
    assert_int_equal(vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_FAILED), KILLS);
    print_message("%lld connections, %lld of them reset: one open at each of %d kills\n",
                  (long long)vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_TOTAL),
                  (long long)vcluster_tunnel_count(tunnel, VCLUSTER_TUNNEL_FAILED), KILLS);
    vcluster_tunnel_free(tunnel);
}

/* On a host of its own only. */
static int run_killing(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_api_server_is_ridden_out),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_right_while_the_pod_is_replaced),
        cmocka_unit_test(a_cut_of_half_a_minute_is_ridden_out),
        cmocka_unit_test(an_api_server_that_restarts_is_ridden_out),
    };

    E2E_NEEDS_HOST();
    int failed = getenv("VCLUSTER_TEST_KILL_API")
                     ? run_killing()
                     : cmocka_run_group_tests(tests, set_up, tear_down);
    e2e_done();
    return failed;
}
