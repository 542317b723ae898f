/* SPDX-License-Identifier: Apache-2.0 */
/* Port-forwards to real pods: parallel connections, a replaced pod, refusals, half-close. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/forward.h"
#include "support.h"

#define IMAGE "docker.io/library/busybox:1.36"

static test_cluster cluster;

/* A web server with one small and one large page, and a port that echoes. */
static const char script[] =
    "mkdir /www && echo hello >/www/index.html && dd if=/dev/zero of=/www/large bs=1M count=24; "
    "{ nc -ll -p 8081 -e cat || nc -lk -p 8081 -e cat; } & " /* Debian's busybox, or upstream's */
    "exec httpd -f -p 8080 -h /www";

static int setup(void **state)
{
    (void)state;
    test_cluster_init(&cluster, "kube-forward");
    cJSON *deployment = test_json(
        "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{"
        "'replicas':1,'strategy':{'type':'Recreate'},'selector':{'matchLabels':{'app':'web'}},"
        "'template':{'metadata':{'labels':{'app':'web'}},'spec':{"
        "'terminationGracePeriodSeconds':0,'containers':[{'name':'web','image':'" IMAGE "',"
        "'imagePullPolicy':'IfNotPresent','readinessProbe':{'tcpSocket':{'port':8080},"
        "'periodSeconds':1}}]}}}}");
    cJSON *containers = vcl_json_find(deployment, "spec", "template", "spec", "containers", NULL);
    cJSON *command = cJSON_CreateArray();
    assert_true(vcl_json_append(command, cJSON_CreateString("sh")));
    assert_true(vcl_json_append(command, cJSON_CreateString("-c")));
    assert_true(vcl_json_append(command, cJSON_CreateString(script)));
    assert_true(vcl_json_set(containers->child, "command", command));
    test_create(&cluster, deployment);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_cluster_done(&cluster);
    return 0;
}

static vcl_forward *open_forward(int remote_port, const char *unix_socket)
{
    vcl_forward *forward = NULL;
    vcluster_error *error = NULL;
    vcl_forward_options options = { .namespace_name = cluster.namespace_name,
                                    .label_selector = "app=web",
                                    .remote_port = remote_port,
                                    .unix_socket = unix_socket };

    test_ok(vcl_forward_open(cluster.kube, &options, &forward, &error), &error);
    return forward;
}

static int dial(const vcl_forward *forward)
{
    struct timeval limit = { .tv_sec = 40 };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)vcl_forward_port(forward)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Send a request and count what comes back until the end; -1 with errno for a broken connection. */
static ssize_t exchange(int fd, const char *request, char *head, size_t head_size)
{
    char piece[65536];
    size_t total = 0;

    if (*request && send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        return -1;
    for (;;) {
        ssize_t got = recv(fd, piece, sizeof(piece), 0);
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)total;
        if (total < head_size - 1) {
            size_t part = (size_t)got < head_size - 1 - total ? (size_t)got : head_size - 1 - total;
            memcpy(head + total, piece, part);
            head[total + part] = '\0';
        }
        total += (size_t)got;
    }
}

static void expect_hello(const vcl_forward *forward)
{
    char answer[1024] = "";
    int fd = dial(forward);
    ssize_t size = exchange(fd, "GET / HTTP/1.0\r\n\r\n", answer, sizeof(answer));

    if (size < 0) {
        vcl_auto_free char *failure = vcl_forward_last_failure(forward);
        fail_msg("connection: %s (%s)", strerror(errno), vcl_str(failure));
    }
    assert_non_null(strstr(answer, "hello"));
    (void)close(fd);
}

static void first_connection_waits_for_the_pod(void **state)
{
    vcl_forward *forward = open_forward(8080, NULL);

    (void)state;
    assert_true(vcl_forward_port(forward) > 0);
    expect_hello(forward); /* the pod has only just been created */
    vcl_forward_close(forward);
}

static void *run_exchange(void *data)
{
    const vcl_forward *forward = data;
    char head[256] = "";
    int fd = dial(forward);
    ssize_t size = exchange(fd, "GET /large HTTP/1.0\r\n\r\n", head, sizeof(head));

    (void)close(fd);
    return (void *)(intptr_t)(size > (24 << 20) && strstr(head, "200 OK"));
}

static void ten_connections_run_in_parallel(void **state)
{
    vcl_forward *forward = open_forward(8080, NULL);
    pthread_t threads[10];

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_exchange, forward), 0);
    int good = 0;
    for (int i = 0; i < 10; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        good += result != NULL;
    }
    assert_int_equal(good, 10);
    vcl_forward_close(forward);
}

static void slow_reader_holds_the_pod_back(void **state)
{
    vcl_forward *forward = open_forward(8080, NULL);
    char request[] = "GET /large HTTP/1.0\r\n\r\n";
    char head[256] = "";
    int fd = dial(forward);

    (void)state;
    assert_true(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
    vcl_call call = test_call(10000);
    assert_int_equal(vcl_call_sleep(&call, 700, NULL), 0); /* nothing is read meanwhile */
    expect_hello(forward);                                 /* others are not held back */
    ssize_t size = exchange(fd, "", head, sizeof(head));
    assert_true(size > (24 << 20));
    (void)close(fd);
    vcl_forward_close(forward);
}

static void *send_much(void *data)
{
    static char piece[65536];
    int fd = *(int *)data;

    for (int i = 0; i < 256; i++) {
        for (size_t at = 0; at < sizeof(piece);) {
            ssize_t put = send(fd, piece + at, sizeof(piece) - at, MSG_NOSIGNAL);
            if (put < 0)
                return NULL;
            at += (size_t)put;
        }
    }
    return data;
}

static void large_uploads_come_back_whole(void **state)
{
    vcl_forward *forward = open_forward(8081, NULL);
    pthread_t thread;
    char piece[65536];
    int fd = dial(forward);
    size_t total = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, send_much, &fd), 0);
    while (total < 256 * sizeof(piece)) {
        ssize_t got = recv(fd, piece, sizeof(piece), 0);
        assert_true(got > 0);
        total += (size_t)got;
    }
    assert_int_equal(total, 256 * sizeof(piece));
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)close(fd);
    vcl_forward_close(forward);
}

static void answer_comes_after_the_local_side_ended_its_half(void **state)
{
    vcl_forward *forward = open_forward(8080, NULL);
    char request[] = "GET / HTTP/1.0\r\n\r\n";
    char answer[1024] = "";
    int fd = dial(forward);

    (void)state;
    assert_true(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_true(exchange(fd, "", answer, sizeof(answer)) > 0);
    assert_non_null(strstr(answer, "hello"));
    (void)close(fd);
    vcl_forward_close(forward);
}

static void unix_socket_is_private_and_removed(void **state)
{
    vcl_auto_free char *path = vcl_format("/tmp/%s.sock", cluster.namespace_name);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat info;
    char answer[1024] = "";
    vcl_forward *forward = open_forward(8080, path);

    (void)state;
    assert_int_equal(vcl_forward_port(forward), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_true(exchange(fd, "GET / HTTP/1.0\r\n\r\n", answer, sizeof(answer)) > 0);
    assert_non_null(strstr(answer, "hello"));
    (void)close(fd);
    vcl_forward_close(forward);
    assert_int_equal(stat(path, &info), -1);
}

/* The runtime may reset the WebSocket before its reason has travelled: then the next try tells. */
static void port_nobody_listens_on_resets_with_a_reason(void **state)
{
    vcl_forward *forward = open_forward(9, NULL);
    bool told = false;

    (void)state;
    for (int i = 0; i < 5 && !told; i++) {
        char answer[16] = "";
        int fd = dial(forward);

        assert_int_equal(exchange(fd, "x", answer, sizeof(answer)), -1);
        assert_int_equal(errno, ECONNRESET);
        vcl_auto_free char *failure = vcl_forward_last_failure(forward);
        assert_non_null(failure);
        told = strstr(failure, "refused");
        (void)close(fd);
    }
    assert_true(told);
    vcl_forward_close(forward);
}

static char *pod_name(void)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *pods = NULL;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = cluster.namespace_name,
                             .label_selector = "app=web" };

    test_ok(vcl_kube_list(cluster.kube, &call, &query, &pods, &error), &error);
    char *name = vcl_strdup(
        vcl_json_find_string(vcl_json_get(pods, "items")->child, "metadata", "name", NULL));
    cJSON_Delete(pods);
    return name;
}

static void replaced_pod_is_found_again(void **state)
{
    vcl_forward *forward = open_forward(8081, NULL);
    vcl_forward *web = open_forward(8080, NULL);
    vcl_call call = test_call(60000);
    vcluster_error *error = NULL;
    char byte[1] = "";
    int fd = dial(forward);
    vcl_auto_free char *name = pod_name();
    vcl_object_key key = { "v1", "Pod", cluster.namespace_name, name };

    (void)state;
    expect_hello(web);
    assert_int_equal(send(fd, "a", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(fd, byte, 1, 0), 1);
    vcl_forward_stats stats;
    vcl_forward_read_stats(forward, &stats);
    assert_int_equal(stats.total, 1);

    test_ok(vcl_kube_delete(cluster.kube, &call, &key, NULL, &error), &error);
    assert_true(recv(fd, byte, 1, 0) <= 0); /* reset, or the end that the dying process sent */
    (void)close(fd);
    expect_hello(web); /* waits for the new pod */
    vcl_auto_free char *renewed = pod_name();
    assert_string_not_equal(name, renewed);

    fd = dial(forward);
    assert_int_equal(send(fd, "b", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(fd, byte, 1, 0), 1);
    assert_int_equal(byte[0], 'b');
    (void)close(fd);
    vcl_forward_close(web);
    vcl_forward_close(forward);
}

static void closing_resets_what_is_open(void **state)
{
    vcl_forward *forward = open_forward(8081, NULL);
    char byte[1] = "";
    int fd = dial(forward);

    (void)state;
    assert_int_equal(send(fd, "a", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(fd, byte, 1, 0), 1);
    int64_t begun_ms = vcl_monotonic_ms();
    vcl_forward_close(forward);
    assert_in_range(vcl_monotonic_ms() - begun_ms, 0, 1000);
    assert_int_equal(recv(fd, byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    (void)close(fd);
}

static void closing_ends_a_search_for_a_pod(void **state)
{
    vcl_forward *forward = NULL;
    vcluster_error *error = NULL;
    char byte[1] = "";
    vcl_forward_options options = { .namespace_name = cluster.namespace_name,
                                    .label_selector = "app=none",
                                    .remote_port = 80 };

    (void)state;
    test_ok(vcl_forward_open(cluster.kube, &options, &forward, &error), &error);
    int fd = dial(forward);
    vcl_call call = test_call(10000);
    while (true) { /* until the first search has found nothing */
        vcl_auto_free char *failure = vcl_forward_last_failure(forward);
        if (failure) {
            assert_non_null(strstr(failure, "no pod of 'app=none' is running"));
            break;
        }
        assert_int_equal(vcl_call_sleep(&call, 10, NULL), 0);
    }
    vcl_forward_close(forward);
    assert_true(recv(fd, byte, 1, 0) < 0);
    (void)close(fd);
}

/* Entries of a folder that describes this process, "." and ".." left out. */
static int count_entries(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = -2;

    assert_non_null(entries);
    while (readdir(entries))
        count++;
    (void)closedir(entries);
    return count;
}

static int64_t memory_kb(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[128];
    int64_t kb = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (vcl_starts_with(line, "VmRSS:"))
            kb = strtoll(line + strlen("VmRSS:"), NULL, 10);
    }
    (void)fclose(file);
    return kb;
}

static int dial_echo(const vcl_forward *forward)
{
    int fd = dial(forward);
    char byte = 0;

    assert_int_equal(send(fd, "e", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(fd, &byte, 1, 0), 1);
    return fd;
}

/* Not one thread more for 99 forwards more, and of descriptors only the listeners, and of each
 * connection its two ends here and its way to the server. */
static void hundred_forwards_share_two_threads(void **state)
{
    enum { FORWARDS = 100, EACH = 2, CONNECTIONS = FORWARDS * EACH };
    static vcl_forward *forwards[FORWARDS];
    static int fds[CONNECTIONS];
    struct rlimit limit;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < 3 * CONNECTIONS + FORWARDS + 100)
        skip();
    forwards[0] = open_forward(8081, NULL);
    fds[0] = dial_echo(forwards[0]);
    int threads = count_entries("/proc/self/task");
    int descriptors = count_entries("/proc/self/fd");
    int64_t kb = memory_kb();
    for (int i = 1; i < CONNECTIONS; i++) {
        if (!forwards[i / EACH])
            forwards[i / EACH] = open_forward(8081, NULL);
        fds[i] = dial_echo(forwards[i / EACH]);
    }
    print_message("100 forwards with 2 connections each: %d threads, %d descriptors, %" PRId64
                  " KB more than the first connection\n",
                  count_entries("/proc/self/task"), count_entries("/proc/self/fd"),
                  memory_kb() - kb);
    assert_int_equal(count_entries("/proc/self/task"), threads);
    assert_in_range(count_entries("/proc/self/fd"), descriptors,
                    descriptors + (FORWARDS - 1) + 3 * (CONNECTIONS - 1));
    for (int i = 0; i < CONNECTIONS; i++)
        (void)close(fds[i]);
    for (int i = 0; i < FORWARDS; i++)
        vcl_forward_close(forwards[i]);
}

static void taken_port_is_unavailable(void **state)
{
    vcl_forward *forward = open_forward(8080, NULL);
    vcl_forward *second = NULL;
    vcluster_error *error = NULL;
    vcl_forward_options options = { .namespace_name = cluster.namespace_name,
                                    .label_selector = "app=web",
                                    .remote_port = 8080,
                                    .local_port = vcl_forward_port(forward) };

    (void)state;
    assert_int_equal(vcl_forward_open(cluster.kube, &options, &second, &error),
                     VCLUSTER_E_UNAVAILABLE);
    assert_null(second);
    vcluster_error_free(error);
    vcl_forward_close(forward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_connection_waits_for_the_pod),
        cmocka_unit_test(ten_connections_run_in_parallel),
        cmocka_unit_test(slow_reader_holds_the_pod_back),
        cmocka_unit_test(large_uploads_come_back_whole),
        cmocka_unit_test(answer_comes_after_the_local_side_ended_its_half),
        cmocka_unit_test(unix_socket_is_private_and_removed),
        cmocka_unit_test(port_nobody_listens_on_resets_with_a_reason),
        cmocka_unit_test(replaced_pod_is_found_again),
        cmocka_unit_test(closing_resets_what_is_open),
        cmocka_unit_test(closing_ends_a_search_for_a_pod),
        cmocka_unit_test(hundred_forwards_share_two_threads),
        cmocka_unit_test(taken_port_is_unavailable),
    };

    if (!test_kubeconfig())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, setup, teardown);
}
