/* SPDX-License-Identifier: Apache-2.0 */
/* Reading kubeconfigs: merging, paths, contradictions, credentials; and writing one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_user.h"
#include "test_pki.h"

#define FIXTURE(name) VCLUSTER_FIXTURES "/kubeconfig/" name

static char folder[] = "/tmp/test-kubeconfig-XXXXXX";
static test_identity authority;
static test_identity client;
static test_identity expired;

static int setup(void **state)
{
    (void)state;
    authority = test_identity_new("ca", NULL, 3600);
    client = test_identity_new("client", &authority, 3600);
    expired = test_identity_new("expired", &authority, -60);
    return mkdtemp(folder) && setenv("HOME", folder, 1) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    test_identity_done(&authority);
    test_identity_done(&client);
    test_identity_done(&expired);
    vcl_auto_free char *command = vcl_format("%s/.kube", folder);
    (void)rmdir(command);
    return rmdir(folder);
}

/* Write a file below the test's folder; returns its path. */
static char *write_file(const char *name, const char *text)
{
    char *path = vcl_format("%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void remove_file(char *path)
{
    (void)unlink(path);
    free(path);
}

static int
resolve(const vcl_kubeconfig_source *source, vcl_kubeconfig_context *out, vcluster_error **error)
{
    *out = (vcl_kubeconfig_context){ 0 };
    return vcl_kubeconfig_resolve(source, out, error);
}

static void resolve_ok(const vcl_kubeconfig_source *source, vcl_kubeconfig_context *out)
{
    vcluster_error *error = NULL;
    int status = resolve(source, out, &error);

    if (status < 0)
        fail_msg("%s", vcluster_error_to_string(error));
}

/* The error of a source, with a part of its text. */
static void resolve_fails(const vcl_kubeconfig_source *source, int status, const char *part)
{
    vcl_kubeconfig_context context;
    vcluster_error *error = NULL;

    assert_int_equal(resolve(source, &context, &error), status);
    if (!strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' is not in '%s'", part, vcluster_error_to_string(error));
    assert_null(context.name);
    vcluster_error_free(error);
}

/* A kubeconfig text with one context, out of the bodies of its cluster and user (flow style). */
static char *one_context(const char *cluster, const char *user)
{
    return vcl_format("current-context: c\n"
                      "clusters: [{name: k, cluster: {%s}}]\n"
                      "users: [{name: u, user: {%s}}]\n"
                      "contexts: [{name: c, context: {cluster: k, user: u}}]\n",
                      cluster, user);
}

#define SERVER "server: 'https://h:1'"

static void first_file_wins_for_each_name(void **state)
{
    vcl_kubeconfig_context context;
    vcl_kubeconfig_source source = { .context = NULL };

    (void)state;
    assert_int_equal(setenv("KUBECONFIG",
                            "::" FIXTURE("first.yaml") ":/no/such/file:" FIXTURE(
                                "second.yaml") ":" FIXTURE("second.yaml"),
                            1),
                     0);
    resolve_ok(&source, &context);
    assert_string_equal(context.name, "blue");
    assert_string_equal(context.namespace_name, "");
    assert_string_equal(context.endpoint.server, "https://first.example.com");
    assert_false(context.endpoint.insecure);
    assert_string_equal(context.endpoint.username, "blue");
    assert_string_equal(context.endpoint.password, "1234");
    vcl_kubeconfig_context_done(&context);

    source.context = "red";
    resolve_ok(&source, &context);
    assert_string_equal(context.namespace_name, "team-red");
    assert_string_equal(context.endpoint.server, "https://red.example.com:6443/prefix");
    assert_string_equal(context.endpoint.tls_server_name, "kubernetes");
    assert_string_equal(context.endpoint.bearer_token, "red-token");
    assert_true(vcl_starts_with(context.endpoint.ca_pem, "-----BEGIN CERTIFICATE-----"));
    vcl_kubeconfig_context_done(&context);

    source.context = "mixed"; /* a context of one file, its cluster of the other */
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.server, "https://red.example.com:6443/prefix");
    assert_string_equal(context.endpoint.username, "blue");
    vcl_kubeconfig_context_done(&context);

    source.context = "green";
    resolve_fails(&source, VCLUSTER_E_NOT_FOUND, "no context 'green'");
    assert_int_equal(unsetenv("KUBECONFIG"), 0);
}

static void home_is_read_when_the_variable_is_not_set(void **state)
{
    vcl_kubeconfig_context context;
    vcl_kubeconfig_source source = { .context = NULL };
    vcl_auto_free char *text = one_context(SERVER, "token: t");
    vcl_auto_free char *kube = vcl_format("%s/.kube", folder);

    (void)state;
    resolve_fails(&source, VCLUSTER_E_NOT_FOUND, "$KUBECONFIG and ~/.kube/config");
    assert_int_equal(mkdir(kube, 0700), 0);
    char *path = write_file(".kube/config", text);
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.bearer_token, "t");
    vcl_kubeconfig_context_done(&context);
    remove_file(path);
}

static void json_is_read_and_plain_http_gets_no_credentials(void **state)
{
    vcl_kubeconfig_context context;
    vcl_kubeconfig_source source = { .path = FIXTURE("json.json") };

    (void)state;
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.server, "http://json.example.com:8080");
    assert_null(context.endpoint.bearer_token);
    vcl_kubeconfig_context_done(&context);
}

static void unusable_files_are_named(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *part;
    } cases[] = {
        { "/no/such/file", VCLUSTER_E_NOT_FOUND, "/no/such/file" },
        { "/tmp", VCLUSTER_E_CONFIG, "'/tmp': Is a directory" },
        { FIXTURE("malformed.yaml"), VCLUSTER_E_CONFIG, "malformed.yaml" },
        { FIXTURE("duplicate.yaml"), VCLUSTER_E_CONFIG, "two users are called 'twin'" },
        { FIXTURE("not-a-list.yaml"), VCLUSTER_E_CONFIG, "'clusters' is not a list" },
        { FIXTURE("other-kind.yaml"), VCLUSTER_E_CONFIG, "its kind is 'Secret'" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_kubeconfig_source source = { .path = cases[i].path };
        resolve_fails(&source, cases[i].status, cases[i].part);
    }
}

static void too_large_and_binary_files_are_refused(void **state)
{
    char *path = vcl_format("%s/large", folder);
    vcl_kubeconfig_source source = { .path = path };
    FILE *file = fopen(path, "w");

    (void)state;
    assert_non_null(file);
    for (size_t i = 0; i <= VCL_MAX_DOCUMENT; i += 16)
        assert_true(fputs("# 0123456789abc\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    resolve_fails(&source, VCLUSTER_E_CONFIG, "too large");

    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite("a\0b", 1, 3, file), 3);
    assert_int_equal(fclose(file), 0);
    resolve_fails(&source, VCLUSTER_E_CONFIG, "binary data");
    remove_file(path);
}

static void contradictions_name_entry_and_field(void **state)
{
    static const struct {
        const char *cluster;
        const char *user;
        int status;
        const char *part;
    } cases[] = {
        { "", "", VCLUSTER_E_CONFIG, "clusters[k].server is missing" },
        { "server: 5", "", VCLUSTER_E_CONFIG, "clusters[k].server is not a string" },
        { "server: 'ftp://h'", "", VCLUSTER_E_CONFIG, "neither an https nor" },
        { "server: 'https:///x'", "", VCLUSTER_E_CONFIG, "names no host" },
        { "server: 'https://u:p@h'", "", VCLUSTER_E_CONFIG, "holds a user name" },
        { "server: 'https://a b'", "", VCLUSTER_E_CONFIG, "control character" },
        { SERVER ", insecure-skip-tls-verify: maybe", "", VCLUSTER_E_CONFIG, "neither true" },
        { SERVER ", proxy-url: 'ftp://p'", "", VCLUSTER_E_CONFIG, "proxy-url does not begin" },
        { SERVER ", certificate-authority-data: '%%'", "", VCLUSTER_E_CONFIG, "base64" },
        { SERVER ", certificate-authority-data: YQ==", "", VCLUSTER_E_CONFIG, "no certificate" },
        { SERVER ", certificate-authority: ca.pem", "", VCLUSTER_E_CONFIG, "may not" },
        { SERVER, "token: 12345", VCLUSTER_E_CONFIG, "users[u].token is not a string" },
        { SERVER, "token: t, username: me", VCLUSTER_E_CONFIG, "keep one way to log in" },
        { SERVER, "tokenFile: /etc/hostname", VCLUSTER_E_CONFIG, "users[u].tokenFile names a" },
        { SERVER, "client-certificate-data: YQ==", VCLUSTER_E_CONFIG, "has no client-key" },
        { SERVER, "client-key-data: YQ==", VCLUSTER_E_CONFIG, "has no client-certificate" },
        { SERVER, "client-certificate-data: YQ==, client-key-data: YQ==", VCLUSTER_E_CONFIG,
          "client-certificate holds no certificate" },
        { SERVER, "exec: {command: x}", VCLUSTER_E_CONFIG, "users[u].exec.command is 'x', and a" },
        { SERVER, "auth-provider: {name: oidc}", VCLUSTER_E_UNSUPPORTED,
          "users[u].auth-provider 'oidc' is not supported: use an exec plugin" },
        { SERVER, "auth-provider: {name: gcp}", VCLUSTER_E_UNSUPPORTED, "'gcp' was removed" },
        { SERVER ", disable-compression: 1", "", VCLUSTER_E_CONFIG, "disable-compression is n" },
        { SERVER, "as: 5", VCLUSTER_E_CONFIG, "users[u].as is not a string" },
        { SERVER, "as: \"a\\r\\nb\"", VCLUSTER_E_CONFIG, "users[u].as holds a control" },
        { SERVER, "as-uid: x", VCLUSTER_E_CONFIG, "users[u].as-uid is set, but 'as' names no" },
        { SERVER, "as-groups: [x]", VCLUSTER_E_CONFIG, "users[u].as-groups is set" },
        { SERVER, "as-user-extra: {a: [x]}", VCLUSTER_E_CONFIG, "users[u].as-user-extra is set" },
        { SERVER, "as: a, as-groups: x", VCLUSTER_E_CONFIG, "users[u].as-groups is not a list" },
        { SERVER, "as: a, as-groups: [1]", VCLUSTER_E_CONFIG, "users[u].as-groups holds some" },
        { SERVER, "as: a, as-user-extra: [1]", VCLUSTER_E_CONFIG, "as-user-extra is not a map" },
        { SERVER, "as: a, as-user-extra: {k: v}", VCLUSTER_E_CONFIG, "as-user-extra is not a l" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *text = one_context(cases[i].cluster, cases[i].user);
        vcl_kubeconfig_source source = { .text = text };
        resolve_fails(&source, cases[i].status, cases[i].part);
    }
}

static void exec_is_ignored_beside_other_credentials(void **state)
{
    vcl_kubeconfig_context context;
    vcl_auto_free char *text = one_context(SERVER, "token: t, exec: {command: x}, as: ''");
    vcl_kubeconfig_source source = { .text = text };

    (void)state;
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.bearer_token, "t");
    vcl_kubeconfig_context_done(&context);
}

static void assert_headers(const vcl_endpoint *endpoint, const char *expected)
{
    vcl_auto_free char *all = vcl_strdup("");

    for (char **header = endpoint->headers; header && *header; header++) {
        char *more = vcl_format("%s%s\n", all, *header);
        free(all);
        all = more;
    }
    assert_string_equal(all, expected);
}

static void impersonation_becomes_headers(void **state)
{
    static const char *const groups[] = { "ops", "dev", NULL };
    static const char *const bad[] = { "a\nb", NULL };
    vcl_kubeconfig_context context;
    vcl_auto_free char *text =
        one_context(SERVER, "token: t, as: jane doe, as-uid: '7', as-groups: [a, 'b:c'], "
                            "as-user-extra: {Example.org/Key: [one, two], none: null, 'a%b': [x]}");
    vcl_kubeconfig_source source = { .text = text };

    (void)state;
    resolve_ok(&source, &context);
    assert_headers(&context.endpoint,
                   "Impersonate-User: jane doe\nImpersonate-Uid: 7\nImpersonate-Group: a\n"
                   "Impersonate-Group: b:c\nImpersonate-Extra-example.org%2fkey: one\n"
                   "Impersonate-Extra-example.org%2fkey: two\nImpersonate-Extra-a%25b: x\n");
    vcl_kubeconfig_context_done(&context);

    source.impersonate_user = "other";
    source.impersonate_groups = groups;
    resolve_ok(&source, &context);
    assert_headers(&context.endpoint,
                   "Impersonate-User: other\nImpersonate-Uid: 7\n"
                   "Impersonate-Extra-example.org%2fkey: one\n"
                   "Impersonate-Extra-example.org%2fkey: two\nImpersonate-Extra-a%25b: x\n"
                   "Impersonate-Group: ops\nImpersonate-Group: dev\n");
    vcl_kubeconfig_context_done(&context);

    source.impersonate_groups = bad;
    resolve_fails(&source, VCLUSTER_E_INVALID_ARGUMENT, "the group to impersonate");
    source.impersonate_user = "a\rb";
    resolve_fails(&source, VCLUSTER_E_INVALID_ARGUMENT, "the user to impersonate");
    vcl_auto_free char *plain = one_context(SERVER, "token: t");
    vcl_kubeconfig_source nobody = { .text = plain, .impersonate_groups = groups };
    resolve_fails(&nobody, VCLUSTER_E_INVALID_ARGUMENT, "but no user");
}

static void callers_server_and_namespace_win(void **state)
{
    vcl_kubeconfig_context context;
    vcl_auto_free char *text =
        one_context(SERVER ", tls-server-name: n, disable-compression: true", "token: t");
    vcl_kubeconfig_source source = { .text = text,
                                     .server = "https://other:7/",
                                     .namespace_name = "mine" };

    (void)state;
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.server, "https://other:7");
    assert_null(context.endpoint.tls_server_name); /* it was the other server's */
    assert_true(context.endpoint.no_compression);
    assert_string_equal(context.endpoint.bearer_token, "t");
    assert_string_equal(context.namespace_name, "mine");
    vcl_kubeconfig_context_done(&context);

    source.server = "http://other:7"; /* no credentials without TLS */
    resolve_ok(&source, &context);
    assert_null(context.endpoint.bearer_token);
    vcl_kubeconfig_context_done(&context);

    source.text = "";
    source.impersonate_user = "me";
    resolve_ok(&source, &context); /* a server needs no kubeconfig */
    assert_string_equal(context.name, "");
    assert_string_equal(context.endpoint.server, "http://other:7");
    assert_headers(&context.endpoint, "Impersonate-User: me\n");
    vcl_kubeconfig_context_done(&context);

    source.namespace_name = "Not_One";
    resolve_fails(&source, VCLUSTER_E_INVALID_ARGUMENT, "'Not_One' is not the name");
}

static void text_may_name_files_when_the_caller_says_so(void **state)
{
    vcl_kubeconfig_context context;
    char *token = write_file("a-token", "t\n");
    vcl_auto_free char *user = vcl_format("tokenFile: '%s'", token);
    vcl_auto_free char *text = one_context(SERVER, user);
    vcl_kubeconfig_source source = { .text = text };

    (void)state;
    resolve_fails(&source, VCLUSTER_E_CONFIG, "may not");
    source.allow_file_references = true;
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.token_file, token);
    vcl_kubeconfig_context_done(&context);
    remove_file(token);
}

static void contexts_that_lead_nowhere_are_refused(void **state)
{
    static const char *const texts[][2] = {
        { "current-context: c\ncontexts: [{name: c, context: {cluster: x}}]", "names 'x', which" },
        { "current-context: c\ncontexts: [{name: c, context: {user: x}}]", "contexts[c].cluster" },
        { "current-context: c\ncontexts: [{name: c}]", "contexts[c].cluster is missing" },
        { "current-context: c\nclusters: [{name: k, cluster: {server: h}}]\ncontexts: "
          "[{name: c, context: {cluster: k, user: x}}]",
          "contexts[c].user names 'x'" },
        { "current-context: c\ncontexts: [{name: c, context: {namespace: Not_One}}]",
          "not the name of a namespace" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcl_kubeconfig_source source = { .text = texts[i][0] };
        resolve_fails(&source, VCLUSTER_E_CONFIG, texts[i][1]);
    }
    vcl_kubeconfig_source empty = { .text = "" };
    resolve_fails(&empty, VCLUSTER_E_NOT_FOUND, "no current-context in the kubeconfig text");
}

static void file_and_data_of_one_thing_are_refused(void **state)
{
    vcl_auto_free char *cluster =
        vcl_format("%s, certificate-authority: ca.pem, certificate-authority-data: YQ==", SERVER);
    vcl_auto_free char *text = one_context(cluster, "");
    char *path = write_file("both", text);
    vcl_kubeconfig_source source = { .path = path };

    (void)state;
    resolve_fails(&source, VCLUSTER_E_CONFIG, "clusters[k].certificate-authority is given as");
    remove_file(path);
}

static void trust_and_insecure_contradict(void **state)
{
    vcl_auto_free char *ca = vcl_base64_encode(authority.cert_pem, strlen(authority.cert_pem));
    vcl_auto_free char *cluster = vcl_format(
        "%s, certificate-authority-data: %s, insecure-skip-tls-verify: true", SERVER, ca);
    vcl_auto_free char *text = one_context(cluster, "");
    vcl_kubeconfig_source source = { .text = text };

    (void)state;
    resolve_fails(&source, VCLUSTER_E_CONFIG, "contradicts certificate-authority");
}

static void files_are_found_beside_the_kubeconfig(void **state)
{
    vcl_kubeconfig_context context;
    char *certificate = write_file("c.pem", client.cert_pem);
    char *key = write_file("k.pem", client.key_pem);
    char *token = write_file("token", "from-file\n");
    vcl_auto_free char *text =
        one_context(SERVER, "client-certificate: c.pem, client-key: ./k.pem, tokenFile: token");
    char *path = write_file("files", text);
    vcl_kubeconfig_source source = { .path = path };

    (void)state;
    resolve_ok(&source, &context);
    assert_string_equal(context.endpoint.client_cert_pem, client.cert_pem);
    assert_string_equal(context.endpoint.client_key_pem, client.key_pem);
    assert_string_equal(context.endpoint.token_file, token);
    vcl_kubeconfig_context_done(&context);

    assert_int_equal(unlink(key), 0);
    resolve_fails(&source, VCLUSTER_E_CONFIG, "users[u].client-key names");
    resolve_fails(&source, VCLUSTER_E_CONFIG, "No such file");
    free(key);
    remove_file(certificate);
    remove_file(token);
    remove_file(path);
}

static void empty_files_are_no_certificates(void **state)
{
    char *empty = write_file("empty.pem", "");
    char *certificate = write_file("c.pem", client.cert_pem);
    vcl_auto_free char *no_trust = one_context(SERVER ", certificate-authority: empty.pem", "");
    vcl_auto_free char *nobody =
        one_context(SERVER, "client-certificate: empty.pem, client-key: empty.pem");
    vcl_auto_free char *no_key =
        one_context(SERVER, "client-certificate: c.pem, client-key: empty.pem");
    char *path = write_file("empties", no_trust);
    vcl_kubeconfig_source source = { .path = path };

    (void)state;
    resolve_fails(&source, VCLUSTER_E_CONFIG, "certificate-authority holds no certificate");
    free(write_file("empties", nobody));
    resolve_fails(&source, VCLUSTER_E_CONFIG, "client-certificate holds no certificate");
    free(write_file("empties", no_key));
    resolve_fails(&source, VCLUSTER_E_CONFIG, "client-key holds no private key");
    remove_file(empty);
    remove_file(certificate);
    remove_file(path);
}

static char *with_certificate(const char *certificate, const char *key)
{
    vcl_auto_free char *certificate64 = vcl_base64_encode(certificate, strlen(certificate));
    vcl_auto_free char *key64 = vcl_base64_encode(key, strlen(key));
    vcl_auto_free char *user =
        vcl_format("client-certificate-data: %s, client-key-data: %s", certificate64, key64);

    return one_context(SERVER, user);
}

static void unusable_client_certificates_are_told(void **state)
{
    vcl_auto_free char *old = with_certificate(expired.cert_pem, expired.key_pem);
    vcl_auto_free char *other = with_certificate(client.cert_pem, authority.key_pem);
    vcl_auto_free char *none = with_certificate(client.cert_pem, "-----BEGIN nothing");
    vcl_kubeconfig_source source = { .text = old };

    (void)state;
    resolve_fails(&source, VCLUSTER_E_UNAUTHENTICATED,
                  "the client certificate of user 'u' expired on 20");
    source.text = other;
    resolve_fails(&source, VCLUSTER_E_CONFIG, "client-key does not belong to client-certificate");
    source.text = none;
    resolve_fails(&source, VCLUSTER_E_CONFIG, "client-key holds no private key");
}

static void pod_uses_its_service_account(void **state)
{
    vcl_kubeconfig_context context = { 0 };
    vcluster_error *error = NULL;
    char *token = write_file("token", "t");
    char *ca = write_file("ca.crt", "pem\n");
    char *namespace_name = write_file("namespace", "here\n");

    (void)state;
    assert_false(vcl_in_cluster_available(folder));
    assert_int_equal(setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1), 0);
    assert_int_equal(setenv("KUBERNETES_SERVICE_PORT", "443", 1), 0);
    assert_true(vcl_in_cluster_available(folder));
    assert_int_equal(vcl_in_cluster_read(folder, &context, &error), 0);
    assert_string_equal(context.name, "");
    assert_string_equal(context.namespace_name, "here");
    assert_string_equal(context.endpoint.server, "https://[fd00::1]:443");
    assert_string_equal(context.endpoint.ca_pem, "pem");
    assert_string_equal(context.endpoint.token_file, token);
    vcl_kubeconfig_context_done(&context);
    assert_int_equal(unsetenv("KUBERNETES_SERVICE_HOST"), 0);
    assert_int_equal(unsetenv("KUBERNETES_SERVICE_PORT"), 0);
    remove_file(token);
    remove_file(ca);
    remove_file(namespace_name);
}

static void written_kubeconfig_reads_back(void **state)
{
    vcl_kubeconfig_context context;
    vcluster_error *error = NULL;
    char *text = NULL;
    vcl_kubeconfig_entry entry = { .name = "0777", /* would be a number without quotes */
                                   .server = "https://127.0.0.1:8443",
                                   .tls_server_name = "localhost",
                                   .ca_pem = authority.cert_pem,
                                   .client_cert_pem = client.cert_pem,
                                   .client_key_pem = client.key_pem,
                                   .namespace_name = "default" };

    (void)state;
    assert_int_equal(vcl_kubeconfig_write(&entry, &text, &error), 0);
    assert_true(vcl_ends_with(text, "\n"));
    vcl_kubeconfig_source source = { .text = text };
    resolve_ok(&source, &context);
    assert_string_equal(context.name, "0777");
    assert_string_equal(context.namespace_name, "default");
    assert_string_equal(context.endpoint.server, entry.server);
    assert_string_equal(context.endpoint.tls_server_name, "localhost");
    assert_string_equal(context.endpoint.ca_pem, authority.cert_pem);
    assert_string_equal(context.endpoint.client_cert_pem, client.cert_pem);
    assert_string_equal(context.endpoint.client_key_pem, client.key_pem);
    assert_null(context.endpoint.bearer_token);
    vcl_kubeconfig_context_done(&context);
    vcl_free_secret(text);

    entry.server = NULL;
    assert_int_equal(vcl_kubeconfig_write(&entry, &text, &error), VCLUSTER_E_INVALID_ARGUMENT);
    vcluster_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_file_wins_for_each_name),
        cmocka_unit_test(home_is_read_when_the_variable_is_not_set),
        cmocka_unit_test(json_is_read_and_plain_http_gets_no_credentials),
        cmocka_unit_test(unusable_files_are_named),
        cmocka_unit_test(too_large_and_binary_files_are_refused),
        cmocka_unit_test(contradictions_name_entry_and_field),
        cmocka_unit_test(exec_is_ignored_beside_other_credentials),
        cmocka_unit_test(impersonation_becomes_headers),
        cmocka_unit_test(callers_server_and_namespace_win),
        cmocka_unit_test(text_may_name_files_when_the_caller_says_so),
        cmocka_unit_test(contexts_that_lead_nowhere_are_refused),
        cmocka_unit_test(file_and_data_of_one_thing_are_refused),
        cmocka_unit_test(trust_and_insecure_contradict),
        cmocka_unit_test(files_are_found_beside_the_kubeconfig),
        cmocka_unit_test(empty_files_are_no_certificates),
        cmocka_unit_test(unusable_client_certificates_are_told),
        cmocka_unit_test(pod_uses_its_service_account),
        cmocka_unit_test(written_kubeconfig_reads_back),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
