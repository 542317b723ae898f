/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials stay where they belong: whatever goes wrong, the token and the key of a kubeconfig
 * never stand in an error, in a log line of any level, or in what vcl prints.
 */
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#define NAME "fault-secrets"
#define NAMESPACE "vcluster-fault-secrets"

extern char **environ;

/* A value that a user would not like to see either: part of the values of a virtual cluster. */
static const char value_canary[] = "canary-value-51c9d0";

typedef struct heard {
    char *text;
    size_t size;
    FILE *out;
    int lines;
    int levels; /* bits */
} heard;

static void hear(int level, const char *message, void *user_data)
{
    heard *self = user_data;

    self->lines++;
    self->levels |= 1 << level;
    (void)fprintf(self->out, "%s\n", message);
}

static void check_clean(const char *where, const char *text)
{
    const char *const canaries[] = { fault_proxy_token(faults_proxy()),
                                     fault_proxy_key_line(faults_proxy()), value_canary,
                                     "PRIVATE KEY", "Bearer" };

    for (size_t i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++) {
        if (strstr(text, canaries[i]))
            fail_msg("%s holds a credential (%zu): %.2000s", where, i, text);
    }
}

static void check_error(vcluster_error *error)
{
    for (const vcluster_error *e = error; e; e = vcluster_error_cause(e)) {
        check_clean("an error", vcluster_error_to_string(e));
        check_clean("an error", vcluster_error_message(e));
    }
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(error, i);
        check_clean("a finding", vcluster_finding_message(finding));
        check_clean("a finding", vcluster_finding_path(finding));
    }
    vcluster_error_free(error);
}

static vcluster_config *config_with_canary(void)
{
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_set_string(config, "controlPlane.statefulSet.annotations.secret",
                                      value_canary, &error),
           error);
    return config;
}

static void no_credential_is_in_an_error_or_a_log_line(void **state)
{
    static const fault_rule rules[] = {
        { .kind = FAULT_NONE },
        { .kind = FAULT_STATUS, .value = 401, .number = 3 },
        { .kind = FAULT_STATUS, .value = 403, .method = "PATCH" },
        { .kind = FAULT_STATUS, .value = 409, .method = "PUT" },
        { .kind = FAULT_STATUS, .value = 422, .method = "POST" },
        { .kind = FAULT_STATUS, .value = 429, .retry_after_s = 1, .times = 1 },
        { .kind = FAULT_STATUS, .value = 500, .method = "PATCH" },
        { .kind = FAULT_RESET_BEFORE, .method = "POST" },
        { .kind = FAULT_REPLY_LOST, .method = "PUT" },
        { .kind = FAULT_CUT_BODY, .value = 10, .method = "PATCH" },
        { .kind = FAULT_GARBAGE, .number = 4 },
        { .kind = FAULT_NO_HTTP, .number = 5 },
        { .kind = FAULT_REFUSE, .value = 300, .number = 6 },
    };
    int failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        heard log = { 0 };
        vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
        vcluster_ensure_options how = e2e_ensure_options(NAMESPACE);
        vcluster_list_options what = VCLUSTER_LIST_OPTIONS_INIT;
        vcluster_client *client = NULL;
        vcluster_config *config = config_with_canary();
        vcluster_instance_list *list = NULL;
        vcluster_error *error = NULL;

        log.out = open_memstream(&log.text, &log.size);
        assert_non_null(log.out);
        options.kubeconfig_text = fault_proxy_kubeconfig(faults_proxy());
        options.log = hear;
        options.log_user_data = &log;
        e2e_ok(vcluster_client_new(&options, &client, &error), error);
        fault_proxy_set(faults_proxy(), &rules[i]);
        how.timeout_ms = 8000;
        how.no_wait = 1;
        int status = vcluster_instance_ensure(client, NAME, config, &how, NULL, &error);
        failed += status < 0;
        check_error(error);
        error = NULL;
        if (vcluster_instance_list_new(client, &what, &list, &error) == 0)
            vcluster_instance_list_free(list);
        check_error(error);
        fault_proxy_set(faults_proxy(), NULL);
        vcluster_client_unref(client);

        assert_int_equal(fclose(log.out), 0);
        assert_true(log.lines > 3);
        assert_true(log.levels & 1 << VCLUSTER_LOG_DEBUG);
        check_clean("the log", log.text);
        free(log.text);
        vcluster_config_free(config);
        faults_remove(NAME, NAMESPACE);
    }
    print_message("%d of %zu ensures failed\n", failed, sizeof(rules) / sizeof(rules[0]));
    assert_true(failed >= 6);
}

/* Wrong kubeconfigs are full of credentials: their errors are not. */
static void no_credential_is_in_the_error_of_a_wrong_kubeconfig(void **state)
{
    static const char *const formats[] = {
        "{users: [{name: u, user: {token: '%s', token: '%s'}}]}",
        "users: [{name: u, user: {token: '%s'}}, {token: %s",
        "current-context: c\nusers: '%s'\n%s",
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: "
        "[{name: k, cluster: {server: 'https://a'}}], users: [{name: u, user: {token: "
        "\"%s\\n%s\"}}]}",
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: "
        "[{name: k, cluster: {server: 'https://a'}}], users: [{name: u, user: "
        "{client-certificate-data: '%s', client-key-data: '%s'}}]}",
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: "
        "[{name: k, cluster: {server: 'https://x:%s@a'}}], users: [{name: u, user: {password: "
        "'%s'}}]}",
    };
    const char *token = fault_proxy_token(faults_proxy());

    (void)state;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
        vcluster_client *client = NULL;
        vcluster_error *error = NULL;
        char text[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(text, sizeof(text), formats[i], token, token);
#pragma GCC diagnostic pop
        options.kubeconfig_text = text;
        int status = vcluster_client_new(&options, &client, &error);
        print_message("%s: %s\n", vcluster_status_name(status), vcluster_error_to_string(error));
        vcluster_client_unref(client);
        assert_true(status < 0);
        check_error(error);
    }
}

static void write_private(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

/* Run vcl -v; its stdout and stderr, freed with free(). */
static char *run_vcl(const char *kubeconfig, const char *command, const char *third)
{
    const char *words[] = { e2e_vcl(),   command,   NAME,
                            "-n",        NAMESPACE, "--verbose",
                            "--timeout", "8s",      "--kubeconfig",
                            kubeconfig,  third,     third ? "--distribution" : NULL,
                            "embedded",  NULL };
    char *copy[16] = { NULL };
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t child = 0;
    char *text = NULL;
    size_t size = 0;

    for (size_t i = 0; words[i]; i++) {
        copy[i] = strdup(words[i]);
        assert_non_null(copy[i]);
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 2), 0);
    assert_int_equal(posix_spawn(&child, e2e_vcl(), &actions, NULL, copy, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    FILE *from = fdopen(ends[0], "r");
    assert_non_null(from);
    assert_true(getdelim(&text, &size, '\0', from) > 0);
    (void)fclose(from);
    assert_int_equal(waitpid(child, NULL, 0), child);
    for (size_t i = 0; copy[i]; i++)
        free(copy[i]);
    assert_non_null(text);
    return text;
}

static void vcl_prints_no_credential(void **state)
{
    static const fault_rule rules[] = {
        { .kind = FAULT_NONE },
        { .kind = FAULT_STATUS, .value = 401 },
        { .kind = FAULT_STATUS, .value = 500, .method = "PATCH" },
        { .kind = FAULT_RESET_BEFORE, .method = "GET" },
        { .kind = FAULT_NO_HTTP },
    };
    char folder[] = "/tmp/fault-secrets-XXXXXX";
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/kubeconfig", folder);
    write_private(path, fault_proxy_kubeconfig(faults_proxy()));
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        fault_proxy_set(faults_proxy(), &rules[i]);
        char *said = run_vcl(path, "ensure", "--wait=false");
        assert_non_null(strstr(said, "GET /"));
        check_clean("what vcl prints", said);
        free(said);
        said = run_vcl(path, "get", NULL);
        assert_non_null(strstr(said, "GET /"));
        check_clean("what vcl prints", said);
        free(said);
        fault_proxy_set(faults_proxy(), NULL);
        faults_remove(NAME, NAMESPACE);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static int prepare(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    faults_make_namespace(NAMESPACE);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove_namespace(NAMESPACE);
    faults_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_credential_is_in_an_error_or_a_log_line),
        cmocka_unit_test(no_credential_is_in_the_error_of_a_wrong_kubeconfig),
        cmocka_unit_test(vcl_prints_no_credential),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, prepare, clean);
}
