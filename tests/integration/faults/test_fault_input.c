/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that cannot be trusted or reached, and documents that are wrong or hostile: each gives
 * one error, which says what is wrong and what to do.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "test_pki.h"
#include "test_server.h"

/* Generous, for a busy machine: what is quadratic takes minutes. */
enum { LIMIT_MS = 10000 };

/* ---- Servers ---- */

/* A create at this server fails at once, before anything else, with this error. */
static void check_server(const char *server, const char *ca_pem, int expected, const char *part)
{
    char *kubeconfig = fault_kubeconfig(server, ca_pem, "some-token", NULL, NULL);
    vcluster_client *client = faults_client_of(kubeconfig);
    vcluster_ensure_options options = e2e_ensure_options(NULL);
    vcluster_error *error = NULL;

    options.timeout_ms = 10000;
    int64_t start_ms = faults_now_ms();
    int status = vcluster_instance_create(client, "dev", NULL, &options, NULL, &error);
    int64_t took_ms = faults_now_ms() - start_ms;
    print_message("%6lld ms: %s\n", (long long)took_ms, vcluster_error_to_string(error));
    assert_non_null(strstr(vcluster_error_to_string(error), "create virtual cluster 'dev'"));
    e2e_fails(status, expected, error, part);
    /* A server that is not there may be tried again; one that is wrong is not. */
    assert_true(took_ms < 5000);
    vcluster_client_unref(client);
    free(kubeconfig);
}

static void answer_text(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    test_conn_answer(conn, 200, "Content-Type: text/plain\r\n", data);
}

static void a_server_with_another_ca_is_refused(void **state)
{
    test_identity other = test_identity_new("other-ca", NULL, 3600);

    (void)state;
    check_server(fault_proxy_url(faults_proxy()), other.cert_pem, VCLUSTER_E_UNAVAILABLE,
                 "is not trusted");
    check_server(fault_proxy_url(faults_proxy()), other.cert_pem, VCLUSTER_E_UNAVAILABLE,
                 "certificate-authority-data");
    test_identity_done(&other);
}

static void an_expired_server_certificate_is_told(void **state)
{
    test_identity ca = test_identity_new("ca", NULL, 3600);
    test_identity expired = test_identity_new("localhost", &ca, -60);
    char text[] = "{}";
    test_server_options options = { .handler = answer_text,
                                    .data = text,
                                    .cert_pem = expired.cert_pem,
                                    .key_pem = expired.key_pem };
    test_server *server = test_server_start(&options);

    (void)state;
    check_server(test_server_url(server), ca.cert_pem, VCLUSTER_E_UNAVAILABLE, "has expired");
    assert_int_equal(test_server_requests(server), 0);
    test_server_stop(server);
    test_identity_done(&expired);
    test_identity_done(&ca);
}

static void a_server_that_is_not_there_is_told(void **state)
{
    (void)state;
    check_server("https://127.0.0.1:1", NULL, VCLUSTER_E_UNAVAILABLE, "Connection refused");
    check_server("https://no-such-host.invalid:6443", NULL, VCLUSTER_E_UNAVAILABLE,
                 "has no address");
}

static void a_server_of_another_kind_is_told(void **state)
{
    test_identity ca = test_identity_new("ca", NULL, 3600);
    test_identity identity = test_identity_new("localhost", &ca, 3600);
    char text[] = "Welcome to the intranet";
    test_server_options options = { .handler = answer_text,
                                    .data = text,
                                    .cert_pem = identity.cert_pem,
                                    .key_pem = identity.key_pem };
    test_server *server = test_server_start(&options);

    (void)state;
    check_server(test_server_url(server), ca.cert_pem, VCLUSTER_E_PROTOCOL,
                 "an API server does not answer with 'text/plain'");
    test_server_stop(server);

    test_identity_done(&identity);
    test_identity_done(&ca);
}

/* What a web server says to a TLS greeting. */
static void *answer_one(void *data)
{
    static const char refusal[] = "HTTP/1.0 400 Bad Request\r\n\r\nplain HTTP is spoken here";
    char greeting[4096];
    int fd = accept(*(const int *)data, NULL, NULL);

    if (fd >= 0) {
        (void)!read(fd, greeting, sizeof(greeting));
        (void)!write(fd, refusal, sizeof(refusal) - 1);
        (void)close(fd);
    }
    return NULL;
}

static void a_port_without_tls_is_told(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;
    char url[64];

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pthread_create(&thread, NULL, answer_one, &fd), 0);
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%d", ntohs(address.sin_port));
    check_server(url, NULL, VCLUSTER_E_UNAVAILABLE, "does not seem to speak TLS");
    (void)pthread_join(thread, NULL);
    (void)close(fd);
}

/* ---- Documents ---- */

static char *repeated(const char *begin, const char *part, size_t count, const char *end)
{
    size_t size = strlen(part);
    char *text = calloc(1, strlen(begin) + size * count + strlen(end) + 1);

    assert_non_null(text);
    char *to = stpcpy(text, begin);
    for (size_t i = 0; i < count; i++)
        to = stpcpy(to, part);
    (void)stpcpy(to, end);
    return text;
}

/* Values that are refused, quickly, and with a finding that has the line. */
static void check_values(const char *text, const char *part)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    int64_t start_ms = faults_now_ms();
    int status = vcluster_config_parse(text, &config, &error);
    int64_t took_ms = faults_now_ms() - start_ms;
    print_message("%6lld ms: %s\n", (long long)took_ms, vcluster_error_to_string(error));
    assert_null(config);
    e2e_fails(status, VCLUSTER_E_CONFIG, error, part);
    assert_true(took_ms < LIMIT_MS);
}

static void yaml_bombs_are_refused(void **state)
{
    char *laughs = NULL;
    char *deep_flow = repeated("a: ", "[", 10000, "");
    char *deep_maps = repeated("a: ", "{a: ", 10000, "");
    char *deep_json = repeated("{\"a\":", "[", 10000, "");
    char *deep_block = repeated("", "- ", 10000, "x\n");
    char *merges = NULL;
    size_t size = 0;

    (void)state;
    FILE *out = open_memstream(&laughs, &size);
    (void)fputs("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n", out);
    for (int i = 1; i < 12; i++)
        (void)fprintf(out, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
                      i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    (void)fclose(out);
    check_values(laughs, "alias");

    out = open_memstream(&merges, &size);
    (void)fputs("m0: &m0 {k: v}\n", out);
    for (int i = 1; i < 2000; i++)
        (void)fprintf(out, "m%d: &m%d {<<: *m%d, k%d: v}\n", i, i, i - 1, i);
    (void)fclose(out);
    check_values(merges, "alias");

    check_values(deep_flow, "deep");
    check_values(deep_maps, "deep");
    check_values(deep_json, "deep");
    check_values(deep_block, "deep");
    free(laughs);
    free(merges);
    free(deep_flow);
    free(deep_maps);
    free(deep_json);
    free(deep_block);
}

static void values_that_are_wrong_are_refused_with_their_line(void **state)
{
    char *long_text = repeated("a: ", "0123456789abcdef", (4 << 20) / 16 + 16, "\n");

    (void)state;
    check_values("- a\n- b\n", "map");
    check_values("just text\n", "map");
    check_values("a: b\nc: [1, 2\nd: e\n", "line");
    check_values("a: *nowhere\n", "line 1");
    check_values("a: \xff\xfe\n", "UTF-8");
    check_values(long_text, "more than 4194304");
    free(long_text);
}

static void values_are_read_as_helm_reads_them(void **state)
{
    static const char *const cases[][2] = {
        { "a: 1\nb: 2\na: 3\n", "a: 3\nb: 2\n" }, /* the last of two counts */
        { "a: b\n---\nc: d\n", "a: b\n" },        /* nothing behind the first document does */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcluster_config *config = NULL;
        vcluster_error *error = NULL;
        char *yaml = NULL;

        e2e_ok(vcluster_config_parse(cases[i][0], &config, &error), error);
        e2e_ok(vcluster_config_to_yaml(config, &yaml, &error), error);
        assert_string_equal(yaml, cases[i][1]);
        vcluster_free(yaml);
        vcluster_config_free(config);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void check_chart(const char *path, int expected, const char *part)
{
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;

    int status = vcluster_chart_load(path, &chart, &error);
    print_message("chart: %s\n", vcluster_error_to_string(error));
    assert_null(chart);
    e2e_fails(status, expected, error, part);
}

static void a_chart_that_is_none_is_refused(void **state)
{
    char folder[] = "/tmp/fault-input-XXXXXX";
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    check_chart("/no/such/chart", VCLUSTER_E_NOT_FOUND, "/no/such/chart");
    check_chart(folder, VCLUSTER_E_CONFIG, "Chart.yaml");
    (void)snprintf(path, sizeof(path), "%s/chart.tgz", folder);
    write_file(path, "this is no archive\n");
    check_chart(path, VCLUSTER_E_CONFIG, "chart.tgz");
    write_file(path, "\x1f\x8b\x08");
    check_chart(path, VCLUSTER_E_CONFIG, "chart.tgz");
    check_chart("/dev/zero", VCLUSTER_E_CONFIG, "/dev/zero");
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof(path), "%s/Chart.yaml", folder);
    write_file(path, "[not, a, chart]\n");
    check_chart(folder, VCLUSTER_E_CONFIG, "Chart.yaml");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void check_client(const vcluster_client_options *options, int expected, const char *part)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    int64_t start_ms = faults_now_ms();
    int status = vcluster_client_new(options, &client, &error);
    print_message("kubeconfig: %s\n", vcluster_error_to_string(error));
    assert_null(client);
    assert_true(faults_now_ms() - start_ms < LIMIT_MS);
    e2e_fails(status, expected, error, part);
}

static void a_kubeconfig_that_is_wrong_is_refused(void **state)
{
    static const struct {
        const char *text;
        int status;
        const char *part;
    } cases[] = {
        { "", VCLUSTER_E_NOT_FOUND, "no current-context" },
        { "[]", VCLUSTER_E_CONFIG, "map" },
        { "{a: [", VCLUSTER_E_CONFIG, "line" },
        { "{apiVersion: v1, kind: Config}", VCLUSTER_E_NOT_FOUND, "context" },
        { "{current-context: c, contexts: [], clusters: []}", VCLUSTER_E_NOT_FOUND, "'c'" },
        { "{current-context: c, contexts: [{name: c, context: {cluster: k}}]}", VCLUSTER_E_CONFIG,
          "'k', which is not in clusters" },
        { "{current-context: c, contexts: 7}", VCLUSTER_E_CONFIG, "contexts" },
        { "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: "
          "k, cluster: {}}]}",
          VCLUSTER_E_CONFIG, "server" },
        { "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: "
          "k, cluster: {server: 'ftp://a'}}]}",
          VCLUSTER_E_CONFIG, "neither an https nor an http" },
        { "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: "
          "k, cluster: {server: 'https://a', certificate-authority-data: '!!!'}}]}",
          VCLUSTER_E_CONFIG, "certificate-authority-data" },
        { "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: "
          "k, cluster: {server: 'https://a', certificate-authority: /etc/passwd}}]}",
          VCLUSTER_E_CONFIG, "certificate-authority" },
        { "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: "
          "[{name: k, cluster: {server: 'https://a'}}], users: [{name: u, user: {exec: {command: "
          "/bin/sh}}}]}",
          VCLUSTER_E_CONFIG, "exec policy" },
    };
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        options.kubeconfig_text = cases[i].text;
        check_client(&options, cases[i].status, cases[i].part);
    }
    options.kubeconfig_text = fault_proxy_kubeconfig(faults_proxy());
    options.context = "no-such-context";
    check_client(&options, VCLUSTER_E_NOT_FOUND, "no-such-context");
    options = (vcluster_client_options)VCLUSTER_CLIENT_OPTIONS_INIT;
    options.kubeconfig_path = "/no/such/kubeconfig";
    check_client(&options, VCLUSTER_E_NOT_FOUND, "/no/such/kubeconfig");
    options.kubeconfig_path = "/tmp";
    check_client(&options, VCLUSTER_E_CONFIG, "/tmp");
    options.kubeconfig_path = "/dev/zero";
    check_client(&options, VCLUSTER_E_CONFIG, "/dev/zero");
}

static void a_name_that_cannot_be_one_is_refused_before_any_request(void **state)
{
    static const char *const names[] = {
        "",    "Upper", "1st",    "a_b",
        "-a",  "a-",    "a/../b", "\x1b[31m",
        "a.b", "a b",   "x\ny",   "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"
    };
    vcluster_client *client = faults_client();

    (void)state;
    fault_proxy_set(faults_proxy(), NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        vcluster_ensure_options options = e2e_ensure_options(NULL);
        vcluster_error *error = NULL;

        int status = vcluster_instance_create(client, names[i], NULL, &options, NULL, &error);
        print_message("name: %s\n", vcluster_error_to_string(error));
        assert_null(strchr(vcluster_error_to_string(error), '\x1b'));
        assert_null(strchr(vcluster_error_to_string(error), '\n'));
        e2e_fails(status, VCLUSTER_E_INVALID_ARGUMENT, error, "name");
    }
    assert_int_equal(fault_proxy_requests(faults_proxy()), 0);
    vcluster_client_unref(client);
}

static int clean(void **state)
{
    (void)state;
    faults_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_with_another_ca_is_refused),
        cmocka_unit_test(an_expired_server_certificate_is_told),
        cmocka_unit_test(a_server_that_is_not_there_is_told),
        cmocka_unit_test(a_server_of_another_kind_is_told),
        cmocka_unit_test(a_port_without_tls_is_told),
        cmocka_unit_test(yaml_bombs_are_refused),
        cmocka_unit_test(values_that_are_wrong_are_refused_with_their_line),
        cmocka_unit_test(values_are_read_as_helm_reads_them),
        cmocka_unit_test(a_chart_that_is_none_is_refused),
        cmocka_unit_test(a_kubeconfig_that_is_wrong_is_refused),
        cmocka_unit_test(a_name_that_cannot_be_one_is_refused_before_any_request),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, NULL, clean);
}
