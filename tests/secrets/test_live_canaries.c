/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a real virtual cluster as canaries: the administrator's key in its three
 * spellings, and what all tokens of its service accounts begin with. Whatever is done with them, no
 * memory that this library frees holds one, nor one of cJSON's trees, and no log line and no error
 * does. Needs a cluster and a build with AddressSanitizer.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "e2e.h"
#include "freed.h"

enum { SAMPLE = 40, TOKEN_HEAD = 60 };

static const char space[] = "vcluster-e2e-canaries";
static const char name[] = "canaries";

/* Of the key in PEM, of that in base64, of the kubeconfig in base64, and of tokens. */
static char samples[4][TOKEN_HEAD + 1];
static vcluster_client *host;
static char *heard;
static size_t heard_size;
static FILE *out;

static void on_log(int level, const char *message, void *data)
{
    (void)level;
    (void)data;
    (void)fprintf(out, "%s\n", message);
}

static void look_for_all(void)
{
    freed_forget();
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        freed_look_for(samples[i]);
}

static void check_text(const char *where, const char *text)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        if (strstr(text, samples[i]))
            fail_msg("%s holds credential %zu", where, i);
    }
}

/* What was done was done without a trace. */
static void check_done(const char *what, int status, vcluster_error *error)
{
    int ours = freed_by("libvcluster.so");
    int json = freed_by("libcjson");

    if (status < 0)
        check_text("the error", vcluster_error_to_string(error));
    e2e_ok(status, error);
    (void)fflush(out);
    check_text("the log", heard);
    print_message("%-28s freed with it: %d by us, %d by cJSON, %d by libcurl, %d by OpenSSL\n",
                  what, ours, json, freed_by("libcurl"),
                  freed_by("libcrypto") + freed_by("libssl"));
    look_for_all();
    assert_int_equal(ours, 0);
    assert_int_equal(json, 0);
}

static vcluster_token_options account(void)
{
    vcluster_token_options options = VCLUSTER_TOKEN_OPTIONS_INIT;

    options.namespace_name = space;
    options.service_account = "canary";
    options.cluster_role = "view";
    options.create = 1;
    return options;
}

/* ---- Ways to use them ---- */

static void a_token_leaves_nothing_behind(void **state)
{
    vcluster_token_options options = account();
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;
    char *json = NULL;

    (void)state;
    look_for_all();
    int status = vcluster_instance_token(host, name, &options, &token, &error);
    if (status == 0)
        status = vcluster_token_exec_credential(token, NULL, &json, &error);
    vcluster_free(json);
    vcluster_token_free(token);
    check_done("token", status, error);
}

static void use(vcluster_client *client, const char *what, int status, vcluster_error *error)
{
    char *json = NULL;

    if (status == 0)
        status = vcluster_resource_list(client, "v1", "Namespace", NULL, &json, &error);
    vcluster_free(json);
    vcluster_client_unref(client);
    check_done(what, status, error);
}

static void nor_does_a_client_with_a_token(void **state)
{
    vcluster_token_options options = account();
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    (void)state;
    look_for_all();
    int status = vcluster_instance_open_token(host, name, &options, &client, &error);
    use(client, "client with a token", status, error);
}

static void nor_does_the_administrators_client(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = space;
    look_for_all();
    int status = vcluster_instance_open(host, name, &options, &client, &error);
    use(client, "administrator's client", status, error);
}

/* The text is the caller's, who gives it back by vcluster_free(). */
static void kubeconfig(const char *what, bool with_token, const char *path)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_kubeconfig_merge_options merge = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;
    vcluster_token_options wanted = account();
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;
    int status = 0;

    look_for_all();
    if (with_token)
        status = vcluster_instance_token(host, name, &wanted, &token, &error);
    options.namespace_name = space;
    options.server = "https://dev.example.com";
    options.unverified = 1;
    options.token = token;
    merge.path = path;
    if (status == 0)
        status = vcluster_instance_kubeconfig(host, name, &options, &text, &error);
    if (status == 0)
        status = vcluster_kubeconfig_merge(text, &merge, NULL, &error);
    vcluster_free(text);
    vcluster_token_free(token);
    check_done(what, status, error);
}

static void nor_do_kubeconfigs(void **state)
{
    char path[] = "/tmp/test-live-canaries-XXXXXX";
    vcluster_kubeconfig_remove_options leave = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;
    vcluster_error *error = NULL;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    kubeconfig("kubeconfig with the key", false, path);
    kubeconfig("kubeconfig with a token", true, path);
    leave.path = path;
    leave.name = name;
    leave.namespace_name = space;
    check_done("disconnect", vcluster_kubeconfig_remove(&leave, NULL, &error), error);
    (void)unlink(path);
}

static void nor_does_a_program_that_runs_inside(void **state)
{
    static const char *const command[] = { "true", NULL };
    vcluster_run_options options = VCLUSTER_RUN_OPTIONS_INIT;
    vcluster_error *error = NULL;
    int code = -1;

    (void)state;
    options.namespace_name = space;
    look_for_all();
    int status = vcluster_instance_run(host, name, command, &options, &code, &error);
    check_done("run", status, error);
    assert_int_equal(code, 0);
}

static void nor_does_a_tunnel(void **state)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = space;
    look_for_all();
    int status = vcluster_tunnel_open(host, name, &options, &tunnel, &error);
    vcluster_tunnel_free(tunnel);
    check_done("tunnel", status, error);
}

static void nor_does_a_look_at_its_certificates(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *json = NULL;

    (void)state;
    options.namespace_name = space;
    look_for_all();
    int status = vcluster_instance_certs(host, name, &options, &json, &error);
    if (status == 0)
        check_text("what is told of certificates", json);
    vcluster_free(json);
    check_done("certificates", status, error);
}

/* A test that sees nothing would find nothing. */
static void what_is_freed_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        look_for_all();
        assert_true(strlen(samples[i]) >= SAMPLE);
        char *text = strdup(samples[i]);
        assert_non_null(text);
        free(text);
        assert_int_equal(freed_by("test_live_canaries"), 1);
    }
    look_for_all();
}

/* ---- The virtual cluster and its canaries ---- */

/* The value of a member of the Secret's data, as it stands there. */
static char *secret_data(const char *json, const char *key)
{
    char quoted[64];

    (void)snprintf(quoted, sizeof(quoted), "\"%s\":\"", key);
    const char *found = strstr(json, quoted);
    assert_non_null(found);
    found += strlen(quoted);
    char *value = strndup(found, strcspn(found, "\""));
    assert_non_null(value);
    return value;
}

static char *decode(const char *base64)
{
    size_t size = strlen(base64);
    unsigned char *text = calloc(1, size + 1);

    assert_non_null(text);
    assert_true(EVP_DecodeBlock(text, (const unsigned char *)base64, (int)size) > 0);
    return (char *)text;
}

static void sample(char to[TOKEN_HEAD + 1], const char *from, size_t at)
{
    assert_true(strlen(from) > at + SAMPLE);
    (void)snprintf(to, TOKEN_HEAD + 1, "%.*s", SAMPLE, from + at);
    assert_null(strchr(to, '\n'));
}

static void take_samples(void)
{
    vcluster_token_options options = account();
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_ok(vcluster_resource_get(e2e_host(), "v1", "Secret", space, "vc-canaries", NULL, &json,
                                 &error),
           error);
    char *encoded = secret_data(json, "client-key");
    char *pem = decode(encoded);
    char *config = secret_data(json, "config");
    char *yaml = decode(config);
    sample(samples[0], strchr(pem, '\n') + 1, 4);
    sample(samples[1], encoded, 100);
    const char *in_yaml = strstr(yaml, "client-key-data: ");
    assert_non_null(in_yaml);
    sample(samples[2], config, ((size_t)(in_yaml - yaml) + 60) / 3 * 4);
    e2e_ok(vcluster_instance_token(e2e_host(), name, &options, &token, &error), error);
    (void)snprintf(samples[3], sizeof(samples[3]), "%s", vcluster_token_text(token));
    vcluster_token_free(token);
    free(yaml);
    free(config);
    free(pem);
    free(encoded);
    vcluster_free(json);
}

static void make_host(void)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    options.log = on_log;
    e2e_ok(vcluster_client_new(&options, &host, &error), error);
}

static int set_up(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(space);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    out = open_memstream(&heard, &heard_size);
    assert_non_null(out);
    e2e_remove(name, space);
    e2e_ok(vcluster_instance_ensure(e2e_host(), name, config, &options, NULL, &error), error);
    vcluster_config_free(config);
    take_samples();
    make_host();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    freed_forget();
    vcluster_client_unref(host);
    (void)fclose(out);
    free(heard);
    e2e_remove(name, space);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_freed_is_seen),
        cmocka_unit_test(a_token_leaves_nothing_behind),
        cmocka_unit_test(nor_does_a_client_with_a_token),
        cmocka_unit_test(nor_does_the_administrators_client),
        cmocka_unit_test(nor_do_kubeconfigs),
        cmocka_unit_test(nor_does_a_program_that_runs_inside),
        cmocka_unit_test(nor_does_a_tunnel),
        cmocka_unit_test(nor_does_a_look_at_its_certificates),
    };

    E2E_NEEDS_HOST();
    if (!freed_watch()) {
        (void)fprintf(stderr, "SKIPPED: needs a build with AddressSanitizer\n");
        return 77;
    }
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    e2e_done();
    return failed;
}
