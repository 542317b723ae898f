/* SPDX-License-Identifier: Apache-2.0 */
/* Credential plugins: what they are told, what is made of their answers, and how often they run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include "../net/net_fixture.h"
#include "base/clock.h"
#include "base/str.h"
#include "data/encoding.h"
#include "kube/certificate_files.h"
#include "kube/exec_plugin.h"
#include "kube/kubeconfig.h"

#define PLUGIN VCLUSTER_FIXTURES "/plugins/credential.sh"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/vcl-exec-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    static const char *const names[] = { "runs", "env",       "fds",    "stdin",   "answer",
                                         "pid",  "arguments", "config", "tls.crt", "tls.key" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        vcl_auto_free char *path = vcl_format("%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static void write_text(const char *name, const char *text)
{
    vcl_auto_free char *path = vcl_format("%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Text of a file that a plugin wrote; "" when there is none. */
static const char *read_text(const char *name)
{
    static char text[65536];
    vcl_auto_free char *path = vcl_format("%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

    text[size] = '\0';
    if (file)
        (void)fclose(file);
    return text;
}

static int runs(void)
{
    int count = 0;

    for (const char *c = read_text("runs"); *c; c++)
        count += *c == '\n';
    return count;
}

/* A kubeconfig with one user that has the plugin of that mode. */
static char *config(const char *server, const char *mode, const char *more)
{
    return vcl_format("current-context: c\n"
                      "clusters: [{name: k, cluster: {server: '%s', disable-compression: true, "
                      "extensions: [{name: client.authentication.k8s.io/exec, "
                      "extension: {audience: me}}]}}]\n"
                      "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1,"
                      " command: '" PLUGIN "', args: [%s, '%s'], interactiveMode: Never%s}}}]\n"
                      "contexts: [{name: c, context: {cluster: k, user: u}}]\n",
                      server, mode, folder, more);
}

/* A server and a client of it that logs in by the plugin. */
static fixture *start_with(test_handler handler, const char *mode, const char *more)
{
    fixture *f = start(handler, true);
    vcl_auto_free char *text = config(f->endpoint.server, mode, more);
    vcl_auto_free char *path = vcl_format("%s/config", folder);
    vcl_kubeconfig_source source = { .path = path };
    vcl_kubeconfig_context context = { 0 };

    write_text("config", text);
    if (vcl_kubeconfig_resolve(&source, &context, &f->error) < 0)
        fail_msg("%s", vcluster_error_to_string(f->error));
    f->endpoint.login = vcl_login_source_ref(context.endpoint.login);
    assert_non_null(f->endpoint.login);
    vcl_kubeconfig_context_done(&context);
    return f;
}

static void stop_with(fixture *f)
{
    vcl_login_source_unref(f->endpoint.login);
    stop(f);
}

static vcl_exec_plugin *plugin_of(fixture *f)
{
    return (vcl_exec_plugin *)f->endpoint.login;
}

/* The token that came, as the answer; 401 for "Bearer token-1" when f->marks says so. */
static void answer_token(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char value[128] = "";

    (void)test_request_header(request, "Authorization", value, sizeof(value));
    bool refused = atomic_load(&f->marks) && strcmp(value, "Bearer token-1") == 0;
    test_conn_answer(conn, refused ? 401 : 200, "", value);
}

static void answer_is_kept_and_sent(void **state)
{
    fixture *f = start_with(answer_token, "token", "");

    (void)state;
    assert_int_equal(runs(), 0); /* not before it is needed */
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "Bearer token-1");
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(post(f, "/", "{}"), 0);
    assert_body(f, "Bearer token-1");
    assert_int_equal(runs(), 1);
    stop_with(f);
}

static void v1beta1_needs_no_interactive_mode(void **state)
{
    vcl_auto_free char *text = vcl_format(
        "current-context: c\nclusters: [{name: k, cluster: {server: 'https://h'}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1,"
        " command: '" PLUGIN "', args: [token, '%s']}}}]\n"
        "contexts: [{name: c, context: {cluster: k, user: u}}]\n",
        folder);
    vcl_kubeconfig_source source = { .text = text, .exec_policy = VCL_EXEC_ALLOW };
    vcl_kubeconfig_context context = { 0 };
    vcl_login login = { 0 };
    vcl_call call;

    (void)state;
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    assert_int_equal(vcl_kubeconfig_resolve(&source, &context, NULL), 0);
    assert_int_equal(context.endpoint.login->fetch(context.endpoint.login, &call, &login, NULL), 0);
    assert_string_equal(login.token, "token-1");
    assert_true(login.expires_at == INT64_MAX);
    vcl_login_done(&login);
    vcl_kubeconfig_context_done(&context);
}

static void expiry_decides_how_long_an_answer_is_kept(void **state)
{
    fixture *f = start_with(answer_token, "later", "");

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(runs(), 1);
    stop_with(f);
    write_text("runs", "");

    f = start_with(answer_token, "expired", "");
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "Bearer token-1"); /* the server's to judge */
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "Bearer token-2");
    stop_with(f);
}

static void refused_answer_is_replaced_and_the_request_sent_again(void **state)
{
    fixture *f = start_with(answer_token, "later", "");

    (void)state;
    atomic_store(&f->marks, 1);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 200);
    assert_body(f, "Bearer token-2");
    assert_int_equal(runs(), 2);
    assert_int_equal(test_server_requests(f->server), 2);
    stop_with(f);
}

static void refused_post_is_the_callers_to_repeat(void **state)
{
    fixture *f = start_with(answer_token, "later", "");

    (void)state;
    atomic_store(&f->marks, 1);
    assert_int_equal(post(f, "/", "{}"), 0);
    assert_int_equal(f->response.status, 401);
    assert_int_equal(test_server_requests(f->server), 1);
    assert_int_equal(runs(), 2);
    assert_int_equal(post(f, "/", "{}"), 0);
    assert_body(f, "Bearer token-2");
    assert_int_equal(runs(), 2);
    stop_with(f);
}

static void answer_refuse(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 401, "", "no");
}

static void refused_request_is_sent_again_once(void **state)
{
    fixture *f = start_with(answer_refuse, "token", "");

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 401);
    assert_int_equal(test_server_requests(f->server), 2);
    assert_int_equal(runs(), 2);
    stop_with(f);
    write_text("runs", "");

    f = start_with(answer_refuse, "same", ""); /* nothing new to try */
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_requests(f->server), 1);
    stop_with(f);
}

static void failure_to_log_in_again_leaves_the_401(void **state)
{
    fixture *f = start_with(answer_refuse, "once", "");

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 401);
    assert_logged(f, "logging in again failed: users[u].exec of kubeconfig");
    stop_with(f);
}

static void failures_say_what_and_why(void **state)
{
    static const struct {
        const char *mode;
        const char *part;
    } cases[] = {
        { "failing", "failed with exit code 3: first line ?[31mred? please log in" },
        { "killed", "was ended by signal 9" },
        { "garbage", "its answer is n" },
        { "text", "its answer is no ExecCredential" },
        { "nothing", "its answer is no ExecCredential" },
        { "huge", "wrote more than 1048576 bytes" },
        { "wrong-version", "apiVersion '(another one)' where 'client.authentication.k8s.io/v1'" },
        { "wrong-kind", "is no ExecCredential" },
        { "no-status", "has no status" },
        { "empty", "has neither a token nor a client certificate" },
        { "half", "without the other" },
        { "bad-time", "expirationTimestamp that is no time" },
        { "bad-token", "a token with white space" },
        { "number", "status.token that is not a string" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture *f = start_with(answer_ok, cases[i].mode, "");

        assert_int_equal(get(f, "/x"), VCLUSTER_E_UNAUTHENTICATED);
        assert_says(f, cases[i].part);
        assert_says(f, "users[u].exec of kubeconfig");
        assert_null(strstr(vcluster_error_to_string(f->error), "secret-garbage"));
        assert_null(strchr(vcluster_error_to_string(f->error), 27));
        assert_int_equal(test_server_requests(f->server), 0);
        stop_with(f);
    }
}

static void much_on_stderr_does_no_harm(void **state)
{
    fixture *f = start_with(answer_token, "noisy", "");

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "Bearer token-1");
    stop_with(f);
}

static bool is_alive(const char *pid_file)
{
    int64_t pid = 0;
    vcl_auto_free char *line = vcl_strdup(read_text(pid_file));

    line[strcspn(line, "\n")] = '\0';
    assert_true(vcl_parse_i64(line, &pid) && pid > 1);
    for (int i = 0; i < 200; i++) { /* whoever adopts it needs a moment */
        vcl_auto_free char *path = vcl_format("/proc/%d/stat", (int)pid);
        char stat[256] = "";
        FILE *file = fopen(path, "r");
        size_t size = file ? fread(stat, 1, sizeof(stat) - 1, file) : 0;

        if (file)
            (void)fclose(file);
        if (size == 0 || strstr(stat, ") Z"))
            return false;
        (void)usleep(10000);
    }
    return true;
}

static void hanging_plugin_is_killed(void **state)
{
    fixture *f = start_with(answer_ok, "hanging", "");

    (void)state;
    plugin_of(f)->timeout_ms = 500;
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAUTHENTICATED);
    assert_says(f, "did not end within 500 ms and was killed: does it wait for somebody to log "
                   "in?: open a browser");
    assert_false(is_alive("pid"));
    stop_with(f);
}

static void deadline_and_cancel_end_a_plugin(void **state)
{
    fixture *f = start_with(answer_ok, "hanging", "");

    (void)state;
    vcl_call_init(&f->call, 500, 500, NULL, NULL, NULL);
    int64_t began_ms = vcl_monotonic_ms();
    assert_int_equal(get(f, "/"), VCLUSTER_E_TIMEOUT);
    assert_true(vcl_monotonic_ms() - began_ms < 5000);
    assert_false(is_alive("pid"));

    vcluster_cancel *cancel = NULL;
    assert_int_equal(vcluster_cancel_new(&cancel, NULL), 0);
    vcluster_cancel_trigger(cancel);
    vcl_call_init(&f->call, 10000, 10000, cancel, NULL, NULL);
    assert_int_equal(get(f, "/"), VCLUSTER_E_CANCELLED);
    assert_int_equal(runs(), 1);
    vcluster_cancel_free(cancel);
    stop_with(f);
}

static void what_a_plugin_leaves_behind_is_not_waited_for(void **state)
{
    fixture *f = start_with(answer_token, "leaving", "");

    (void)state;
    int64_t began_ms = vcl_monotonic_ms();
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "Bearer token-1");
    assert_true(vcl_monotonic_ms() - began_ms < 4000);
    stop_with(f);
}

typedef struct worker {
    pthread_t thread;
    fixture *f;
    int status;
    char body[64];
} worker;

static void *work(void *data)
{
    worker *w = data;
    vcl_call call;
    vcl_http_response response = { 0 };
    vcl_http_request request = { .method = "GET", .path = "/" };

    vcl_call_init(&call, 20000, 20000, NULL, NULL, NULL);
    w->status = vcl_http_send(w->f->http, &call, &request, &response, NULL);
    (void)snprintf(w->body, sizeof(w->body), "%s", vcl_buf_text(&response.body));
    vcl_http_response_done(&response);
    return NULL;
}

static void run_workers(fixture *f, worker *workers, size_t count)
{
    assert_int_equal(make(f), 0);
    for (size_t i = 0; i < count; i++) {
        workers[i].f = f;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
}

static void many_threads_share_one_run(void **state)
{
    fixture *f = start_with(answer_token, "slow", "");
    worker workers[8] = { 0 };

    (void)state;
    run_workers(f, workers, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(workers[i].status, 0);
        assert_string_equal(workers[i].body, "Bearer token-1");
    }
    assert_int_equal(runs(), 1);
    stop_with(f);
}

static void many_threads_share_one_failure(void **state)
{
    fixture *f = start_with(answer_token, "slow-failing", "");
    worker workers[8] = { 0 };

    (void)state;
    run_workers(f, workers, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(workers[i].status, VCLUSTER_E_UNAUTHENTICATED);
    assert_in_range(runs(), 1, 3); /* those who came late try themselves */
    stop_with(f);
}

static void plugin_gets_what_it_is_told_and_nothing_else(void **state)
{
    int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as careless programs do */
    fixture *f = start_with(answer_ok, "telling",
                            ", provideClusterInfo: true, env: [{name: A, value: one two}, "
                            "{name: HOME, value: /nowhere}, {name: A, value: '$HOME;x'}]");

    (void)state;
    assert_true(fd > 2);
    assert_int_equal(get(f, "/"), 0);
    assert_string_equal(read_text("stdin"), "/dev/null\n");
    /* ls itself has one more, for the folder that it lists */
    assert_string_equal(read_text("fds"), "0\n1\n2\n3\n");
    vcl_auto_free char *arguments = vcl_format("telling\n%s\n", folder);
    assert_string_equal(read_text("arguments"), arguments);
    vcl_auto_free char *info =
        vcl_format("KUBERNETES_EXEC_INFO={\"kind\":\"ExecCredential\",\"apiVersion\":"
                   "\"client.authentication.k8s.io/v1\",\"spec\":{\"cluster\":{\"server\":\"%s\","
                   "\"disable-compression\":true,\"config\":{\"audience\":\"me\"}},"
                   "\"interactive\":false}}\n",
                   f->endpoint.server);
    const char *env = read_text("env");
    assert_non_null(strstr(env, info));
    assert_non_null(strstr(env, "A=$HOME;x\n"));
    assert_null(strstr(env, "A=one two"));
    assert_non_null(strstr(env, "HOME=/nowhere\n"));
    assert_non_null(strstr(env, "PATH="));
    (void)close(fd);
    stop_with(f);
}

static void write_answer(const test_identity *identity)
{
    vcl_auto_free char *cert = vcl_strdup(identity->cert_pem);
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, 1 << 16);
    vcl_buf_add(&text, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
                       "v1\",\"status\":{\"expirationTimestamp\":\"2001-02-03T04:05:06.5Z\","
                       "\"clientCertificateData\":\"");
    for (const char *c = cert; *c; c++)
        vcl_buf_add(&text, *c == '\n' ? "\\n" : (char[2]){ *c, '\0' });
    vcl_buf_add(&text, "\",\"clientKeyData\":\"");
    for (const char *c = identity->key_pem; *c; c++)
        vcl_buf_add(&text, *c == '\n' ? "\\n" : (char[2]){ *c, '\0' });
    vcl_buf_add(&text, "\"}}");
    write_text("answer", vcl_buf_text(&text));
}

/* Exchange the fixture's server for one that wants client certificates. */
static void want_certificates(fixture *f)
{
    test_server_stop(f->server);
    f->server = test_server_start(&(test_server_options){ .handler = answer_ok,
                                                          .data = f,
                                                          .cert_pem = server_identity.cert_pem,
                                                          .key_pem = server_identity.key_pem,
                                                          .client_ca_pem = ca.cert_pem });
    union {
        const char *in;
        char *out;
    } url = { .in = test_server_url(f->server) };
    f->endpoint.server = url.out;
}

static void certificate_of_a_plugin_is_used_and_a_new_one_connects_anew(void **state)
{
    fixture *f = start_with(answer_ok, "file", "");
    test_identity other = test_identity_new("other", &ca, YEAR_S);

    (void)state;
    want_certificates(f);
    write_answer(&client_identity);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_connections(f->server), 1);
    write_answer(&other); /* the answer expires at once: asked for each request */
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_connections(f->server), 2);
    assert_int_equal(runs(), 3);

    test_identity mixed = { .cert_pem = other.cert_pem, .key_pem = client_identity.key_pem };
    write_answer(&mixed);
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAUTHENTICATED);
    assert_says(f, "does not belong to clientCertificateData");
    test_identity_done(&other);
    stop_with(f);
}

static void certificate_files_are_read_again(void **state)
{
    fixture *f = start(answer_ok, true);
    test_identity other = test_identity_new("other", &ca, YEAR_S);
    vcl_auto_free char *cert = vcl_format("%s/tls.crt", folder);
    vcl_auto_free char *key = vcl_format("%s/tls.key", folder);

    (void)state;
    want_certificates(f);
    write_text("tls.crt", client_identity.cert_pem);
    write_text("tls.key", client_identity.key_pem);
    assert_int_equal(vcl_certificate_files_new(cert, key, &f->endpoint.login, NULL), 0);
    f->endpoint.login->reread_ms = 1;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_connections(f->server), 1);

    write_text("tls.crt", other.cert_pem); /* and its key is still to come */
    (void)usleep(2000);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_connections(f->server), 1);
    write_text("tls.key", other.key_pem);
    (void)usleep(2000);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_connections(f->server), 2);
    test_identity_done(&other);
    stop_with(f);
}

static void no_plugin_runs_for_plain_http(void **state)
{
    fixture *f = start(answer_token, false);
    vcl_auto_free char *text = config(f->endpoint.server, "token", "");
    vcl_kubeconfig_source source = { .text = text, .exec_policy = VCL_EXEC_ALLOW };
    vcl_kubeconfig_context context = { 0 };

    (void)state;
    assert_int_equal(vcl_kubeconfig_resolve(&source, &context, NULL), 0);
    assert_null(context.endpoint.login);
    vcl_kubeconfig_context_done(&context);
    stop(f);
}

static int resolve_text(const char *text, vcl_kubeconfig_source source, const char *part)
{
    vcl_kubeconfig_context context = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    source.text = text;
    int status = vcl_kubeconfig_resolve(&source, &context, &error);
    if (part && !strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' is not in '%s'", part, vcluster_error_to_string(error));
    vcl_kubeconfig_context_done(&context);
    return status;
}

static void policy_decides_what_runs(void **state)
{
    static const char *const by_path[] = { "nothing-there", PLUGIN, NULL };
    static const char *const by_name[] = { "credential.sh", NULL };
    vcl_auto_free char *text = config("https://h", "token", "");

    (void)state;
    assert_int_equal(resolve_text(text, (vcl_kubeconfig_source){ 0 },
                                  "users[u].exec.command is '" PLUGIN "', and a kubeconfig given "
                                  "as text may run programs only if"),
                     VCLUSTER_E_CONFIG);
    assert_int_equal(
        resolve_text(text, (vcl_kubeconfig_source){ .exec_policy = VCL_EXEC_ALLOW }, NULL), 0);
    assert_int_equal(resolve_text(text, (vcl_kubeconfig_source){ .exec_policy = VCL_EXEC_DENY },
                                  "programs may not be run"),
                     VCLUSTER_E_CONFIG);
    vcl_kubeconfig_source listed = { .exec_policy = VCL_EXEC_ALLOWLIST };
    assert_int_equal(resolve_text(text, listed, "not in the client's list"), VCLUSTER_E_CONFIG);
    listed.exec_allowlist = by_name; /* which is not in $PATH */
    assert_int_equal(resolve_text(text, listed, "not in the client's list"), VCLUSTER_E_CONFIG);
    listed.exec_allowlist = by_path;
    assert_int_equal(resolve_text(text, listed, NULL), 0);

    vcl_auto_free char *old = vcl_strdup(secure_getenv("PATH"));
    assert_int_equal(setenv("PATH", VCLUSTER_FIXTURES "/plugins", 1), 0);
    listed.exec_allowlist = by_name;
    assert_int_equal(resolve_text(text, listed, NULL), 0);
    assert_int_equal(setenv("PATH", old, 1), 0);
}

static void unusable_entries_name_the_field(void **state)
{
    static const struct {
        const char *exec;
        int status;
        const char *part;
    } cases[] = {
        { "5", VCLUSTER_E_CONFIG, "users[u].exec is not a map" },
        { "{}", VCLUSTER_E_CONFIG, "users[u].exec.command is missing" },
        { "{command: x}", VCLUSTER_E_CONFIG, "users[u].exec.apiVersion is missing" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", VCLUSTER_E_CONFIG,
          "users[u].exec.apiVersion is 'client.authentication.k8s.io/v1alpha1', which no client" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1}", VCLUSTER_E_CONFIG,
          "users[u].exec.interactiveMode is missing" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
          VCLUSTER_E_CONFIG, "there is no terminal" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Maybe}",
          VCLUSTER_E_CONFIG, "is 'Maybe'" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1beta1, args: [1]}",
          VCLUSTER_E_CONFIG, "users[u].exec.args holds something" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1beta1, args: a}",
          VCLUSTER_E_CONFIG, "users[u].exec.args is not a list" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1beta1, env: [{value: a}]}",
          VCLUSTER_E_CONFIG, "users[u].exec.env holds an item without" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1beta1, env: [{name: A, value: "
          "1}]}",
          VCLUSTER_E_CONFIG, "users[u].exec.env has a value of 'A'" },
        { "{command: x, apiVersion: client.authentication.k8s.io/v1beta1}, auth-provider: {}",
          VCLUSTER_E_CONFIG, "stands beside exec" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *text =
            vcl_format("current-context: c\nclusters: [{name: k, cluster: {server: 'https://h'}}]\n"
                       "users: [{name: u, user: {exec: %s}}]\n"
                       "contexts: [{name: c, context: {cluster: k, user: u}}]\n",
                       cases[i].exec);
        assert_int_equal(resolve_text(text,
                                      (vcl_kubeconfig_source){ .exec_policy = VCL_EXEC_ALLOW },
                                      cases[i].part),
                         cases[i].status);
    }
}

static void missing_program_shows_its_hint_without_control_characters(void **state)
{
    fixture *f = start_with(answer_ok, "token", ", installHint: \"get it\\e[2J here\"");

    (void)state;
    free(plugin_of(f)->command);
    plugin_of(f)->command = vcl_strdup("no-such-plugin-anywhere");
    assert_int_equal(get(f, "/"), VCLUSTER_E_UNAUTHENTICATED);
    assert_says(f, "cannot run 'no-such-plugin-anywhere': it is not in $PATH; get it?[2J here");
    stop_with(f);
}

static void ignored_child_signals_do_no_harm(void **state)
{
    fixture *f = start_with(answer_token, "token", "");
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction old;

    (void)state;
    assert_int_equal(sigaction(SIGCHLD, &ignore, &old), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "Bearer token-1");
    assert_int_equal(sigaction(SIGCHLD, &old, NULL), 0);
    stop_with(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answer_is_kept_and_sent),
        TEST(v1beta1_needs_no_interactive_mode),
        TEST(expiry_decides_how_long_an_answer_is_kept),
        TEST(refused_answer_is_replaced_and_the_request_sent_again),
        TEST(refused_post_is_the_callers_to_repeat),
        TEST(refused_request_is_sent_again_once),
        TEST(failure_to_log_in_again_leaves_the_401),
        TEST(failures_say_what_and_why),
        TEST(much_on_stderr_does_no_harm),
        TEST(hanging_plugin_is_killed),
        TEST(deadline_and_cancel_end_a_plugin),
        TEST(what_a_plugin_leaves_behind_is_not_waited_for),
        TEST(many_threads_share_one_run),
        TEST(many_threads_share_one_failure),
        TEST(plugin_gets_what_it_is_told_and_nothing_else),
        TEST(certificate_of_a_plugin_is_used_and_a_new_one_connects_anew),
        TEST(certificate_files_are_read_again),
        TEST(no_plugin_runs_for_plain_http),
        TEST(policy_decides_what_runs),
        TEST(unusable_entries_name_the_field),
        TEST(missing_program_shows_its_hint_without_control_characters),
        TEST(ignored_child_signals_do_no_harm),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
