/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A canary in each place of a kubeconfig, and of a chart repository, where a credential stands.
 * Whether the server takes it or not, it is in no error, in no log line, and in no memory that this
 * library frees, nor in the trees of cJSON, which are ours. What libcurl, OpenSSL and libyaml free
 * is counted and printed: SECURITY.md tells about it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libvcluster/vcluster.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "freed.h"
#include "test_pki.h"
#include "test_server.h"

#define CANARY "canary-7f3a91c2e5d80b46"

static test_identity ca, server_identity, client_identity;
static char folder[] = "/tmp/test-canaries-XXXXXX";
static char *heard;
static size_t heard_size;
static FILE *out;

static char *encode(const char *text)
{
    size_t size = strlen(text);
    char *base64 = malloc(4 * ((size + 2) / 3) + 1);

    assert_non_null(base64);
    (void)EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)text, (int)size);
    return base64;
}

static void on_log(int level, const char *message, void *data)
{
    (void)level;
    (void)data;
    (void)fprintf(out, "%s\n", message);
}

static void answer(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    if (data)
        test_conn_answer(conn, 401, "WWW-Authenticate: Basic realm=\"r\"\r\n", "{}");
    else
        test_conn_answer(conn, 200, "Content-Type: application/json\r\n",
                         "{\"gitVersion\":\"v1.35.4\"}");
}

static char *write_file(const char *name, const char *text, mode_t mode)
{
    char *path = NULL;

    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

/* The user's entry of each way to log in. */
static char *user_of(const char *way)
{
    char *user = NULL;

    if (!strcmp(way, "token")) {
        user = strdup("token: " CANARY);
    } else if (!strcmp(way, "token file")) {
        char *path = write_file("token", CANARY "\n", 0600);
        assert_true(asprintf(&user, "tokenFile: %s", path) > 0);
        free(path);
    } else if (!strcmp(way, "password")) {
        user = strdup("username: u, password: " CANARY);
    } else if (!strcmp(way, "key")) {
        char *certificate = encode(client_identity.cert_pem);
        char *key = encode(client_identity.key_pem);
        assert_true(asprintf(&user, "client-certificate-data: %s, client-key-data: %s", certificate,
                             key) > 0);
        free(certificate);
        free(key);
    } else if (!strcmp(way, "program")) {
        char *path = write_file(
            "plugin",
            "#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":"
            "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"" CANARY "\"}}'\n",
            0700);
        assert_true(asprintf(&user,
                             "exec: {apiVersion: client.authentication.k8s.io/v1, command: %s, "
                             "interactiveMode: Never, env: [{name: SECRET, value: " CANARY "}]}",
                             path) > 0);
        free(path);
    } else {
        user = strdup("token: " CANARY ", as: somebody, as-user-extra: {reason: [" CANARY "]}");
    }
    assert_non_null(user);
    return user;
}

static char *kubeconfig_of(const char *server, const char *way, const char *more)
{
    char *user = user_of(way);
    char *authority = encode(ca.cert_pem);
    char *text = NULL;

    assert_true(asprintf(&text,
                         "current-context: c\n"
                         "clusters: [{name: c, cluster: {server: '%s', "
                         "certificate-authority-data: %s%s}}]\n"
                         "users: [{name: c, user: {%s}}]\n"
                         "contexts: [{name: c, context: {cluster: c, user: c}}]\n",
                         server, authority, more, user) > 0);
    free(user);
    free(authority);
    return text;
}

/* The middle of the key, as it is and in the base64 of a kubeconfig. */
static void look_for_key(char *raw, char *encoded, size_t size)
{
    char *base64 = encode(client_identity.key_pem);

    (void)snprintf(raw, size, "%.40s", strchr(client_identity.key_pem, '\n') + 9);
    (void)snprintf(encoded, size, "%.40s", base64 + 100);
    free(base64);
    raw[strcspn(raw, "\n")] = '\0';
    freed_look_for(raw);
    freed_look_for(encoded);
}

static void check_text(const char *where, const char *text)
{
    if (strstr(text, CANARY) || strstr(text, "PRIVATE KEY"))
        fail_msg("%s holds a credential: %s", where, text);
}

static void check_all(const char *way)
{
    int ours = freed_by("libvcluster.so");
    int json = freed_by("libcjson");

    (void)fflush(out);
    check_text("the log", heard);
    print_message("%-12s freed with it: %d by us, %d by cJSON, %d by libyaml, %d by libcurl, %d by "
                  "OpenSSL (our server's with it)\n",
                  way, ours, json, freed_by("libyaml"), freed_by("libcurl"),
                  freed_by("libcrypto") + freed_by("libssl"));
    freed_forget();
    assert_int_equal(ours, 0);
    assert_int_equal(json, 0);
}

static void check_error(int status, vcluster_error *error)
{
    if (status < 0)
        check_text("the error", vcluster_error_to_string(error));
    vcluster_error_free(error);
}

/* A client that logs in, asks, and goes. */
static void use(const char *server, const char *way, const char *more)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    char *version = NULL;
    char *text = kubeconfig_of(server, way, more);

    options.kubeconfig_text = text;
    options.allow_file_references = 1;
    options.exec_policy = VCLUSTER_EXEC_ALLOW;
    options.log = on_log;
    options.timeout_ms = 20000;
    int status = vcluster_client_new(&options, &client, &error);
    if (status == 0)
        status = vcluster_client_server_version(client, NULL, &version, &error);
    check_error(status, error);
    vcluster_free(version);
    vcluster_client_unref(client);
    free(text);
}

static test_server *start(bool refuses)
{
    static int refuse = 1;
    test_server_options options = { .handler = answer,
                                    .data = refuses ? &refuse : NULL,
                                    .cert_pem = server_identity.cert_pem,
                                    .key_pem = server_identity.key_pem };
    test_server *server = test_server_start(&options);

    assert_non_null(server);
    return server;
}

static void watch(char raw[64], char encoded[64], char **basic)
{
    freed_forget();
    freed_look_for(CANARY);
    look_for_key(raw, encoded, 64);
    *basic = encode("u:" CANARY);
    freed_look_for(*basic);
}

/* A test that sees nothing would find nothing. */
static void what_is_freed_is_seen(void **state)
{
    (void)state;
    freed_forget();
    freed_look_for(CANARY);
    char *text = strdup("..." CANARY "...");
    assert_non_null(text);
    free(text);
    assert_int_equal(freed_by("test_canaries"), 1);
    freed_forget();
}

static void no_way_to_log_in_leaves_it_behind(void **state)
{
    static const char *const ways[] = { "token", "token file", "password",
                                        "key",   "program",    "impersonation" };

    (void)state;
    for (int refuses = 0; refuses < 2; refuses++) {
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
            test_server *server = start(refuses == 1);
            char raw[64], encoded[64];
            char *basic = NULL;

            watch(raw, encoded, &basic);
            use(test_server_url(server), ways[i], "");
            check_all(ways[i]);
            free(basic);
            test_server_stop(server);
        }
    }
}

/* A proxy that is not there: its password is in the URL that could not be reached. */
static void nor_does_a_proxy(void **state)
{
    char raw[64], encoded[64];
    char *basic = NULL;

    (void)state;
    watch(raw, encoded, &basic);
    use("https://localhost:1", "token", ", proxy-url: 'http://u:" CANARY "@127.0.0.1:1'");
    check_all("proxy");
    free(basic);
}

static void nor_does_a_chart_repository(void **state)
{
    test_server *server = start(true);
    vcluster_chart_fetch_options options = VCLUSTER_CHART_FETCH_OPTIONS_INIT;
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;
    char raw[64], encoded[64];
    char *basic = NULL;
    char *authority = write_file("ca.crt", ca.cert_pem, 0600);

    (void)state;
    watch(raw, encoded, &basic);
    options.repository = test_server_url(server);
    options.username = "u";
    options.password = CANARY;
    options.ca_file = authority;
    options.no_cache = 1;
    int status = vcluster_chart_fetch("hello", &options, &chart, &error);
    assert_true(status < 0);
    assert_true(test_server_requests(server) > 0);
    check_error(status, error);
    check_all("repository");
    free(basic);
    free(authority);
    test_server_stop(server);
}

/* Merged into a file that holds another one, and taken out again. */
static void nor_do_kubeconfigs_that_are_written(void **state)
{
    vcluster_kubeconfig_merge_options merge = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;
    vcluster_kubeconfig_remove_options leave = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char raw[64], encoded[64];
    char *basic = NULL;
    char *text = kubeconfig_of("https://h", "key", "");
    char *path = write_file("config", "users: [{name: x, user: {token: " CANARY "}}]\n", 0600);

    (void)state;
    watch(raw, encoded, &basic);
    merge.path = leave.path = path;
    merge.context_name = leave.context_name = "mine";
    merge.set_current = 1;
    assert_int_equal(vcluster_kubeconfig_merge(text, &merge, NULL, &error), 0);
    assert_int_equal(vcluster_kubeconfig_remove(&leave, NULL, &error), 0);
    assert_int_equal(vcluster_kubeconfig_save(text, path, NULL, &error), 0);
    check_all("written");
    free(basic);
    free(text);
    free(path);
}

static int set_up(void **state)
{
    (void)state;
    ca = test_identity_new("ca", NULL, 86400);
    server_identity = test_identity_new("localhost", &ca, 86400);
    client_identity = test_identity_new("client", &ca, 86400);
    out = open_memstream(&heard, &heard_size);
    return mkdtemp(folder) && out ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = { "token", "plugin", "ca.crt", "config" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)fclose(out);
    free(heard);
    test_identity_done(&ca);
    test_identity_done(&server_identity);
    test_identity_done(&client_identity);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_freed_is_seen),
        cmocka_unit_test(no_way_to_log_in_leaves_it_behind),
        cmocka_unit_test(nor_does_a_proxy),
        cmocka_unit_test(nor_does_a_chart_repository),
        cmocka_unit_test(nor_do_kubeconfigs_that_are_written),
    };

    if (!freed_watch()) {
        (void)fprintf(stderr, "SKIPPED: needs a build with AddressSanitizer\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
