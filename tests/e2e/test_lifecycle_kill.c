/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 at the requests of an upgrade, a pause and a resume: the program starts itself, and the
 * child kills itself when the answer to its request number N has come. The same call again ends in
 * the same state as one that nobody disturbed. Every fourth request; all of them with
 * VCLUSTER_KILL_ALL=1. The pod finds no node, so that only the library is waited for.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e.h"

#define NAME "e2e-lkill"
#define NAMESPACE "vcluster-e2e-lkill"
#define COMMON_VALUES                                                                              \
    "controlPlane: {statefulSet: {persistence: {volumeClaim: {enabled: false}}, scheduling: "      \
    "{nodeSelector: {moon: full}}, labels: {round: "

extern char **environ;

enum { STRIDE = 4, MAX_REQUESTS = 400 };

typedef struct operation {
    const char *name;
    const char *values; /* of an ensure; NULL: none */
} operation;

static const operation operations[] = {
    { "upgrade", COMMON_VALUES "odd}}}" },
    { "back", COMMON_VALUES "even}}}" },
    { "pause", NULL },
    { "resume", NULL },
};

static int carry_out(vcluster_client *client, const operation *what, vcluster_error **error)
{
    if (what->values) {
        vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
        vcluster_config *config = NULL;

        options.no_wait = 1;
        int status = vcluster_config_parse(what->values, &config, error);
        if (status == 0)
            status = vcluster_instance_ensure(client, NAME, config, &options, NULL, error);
        vcluster_config_free(config);
        return status;
    }
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;
    options.timeout_ms = 120000;
    options.namespace_name = NAMESPACE;
    options.no_wait = 1;
    return (strcmp(what->name, "pause") == 0 ? vcluster_instance_pause : vcluster_instance_resume)(
        client, NAME, &options, error);
}

/* ---- The child ---- */

static int answers_left;

static void count_answers(int level, const char *message, void *data)
{
    (void)message;
    (void)data;
    if (level == VCLUSTER_LOG_DEBUG && __atomic_sub_fetch(&answers_left, 1, __ATOMIC_SEQ_CST) == 0)
        (void)kill(getpid(), SIGKILL);
}

static int be_the_child(const char *name, const char *number)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    answers_left = (int)strtol(number, NULL, 10);
    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    options.log = count_answers;
    int status = vcluster_client_new(&options, &client, &error);
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (status == 0 && strcmp(operations[i].name, name) == 0)
            status = carry_out(client, &operations[i], &error);
    }
    if (status < 0)
        (void)fprintf(stderr, "%s: %s\n", name, vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_client_unref(client);
    return status < 0;
}

/* Whether it was killed at that request: otherwise it had ended by then. */
static bool kill_at(const operation *what, int request)
{
    char number[16];
    char program[4096];
    ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
    pid_t child = 0;
    int state = 0;

    assert_true(size > 0);
    program[size] = '\0';
    (void)snprintf(number, sizeof(number), "%d", request);
    char *name = strdup(what->name);
    char *arguments[] = { program, name, number, NULL };
    assert_int_equal(posix_spawn(&child, program, NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &state, 0), child);
    free(name);
    if (WIFSIGNALED(state)) {
        assert_int_equal(WTERMSIG(state), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(state), 0);
    return false;
}

/* ---- The state ---- */

static char *read_object(const char *api_version, const char *kind, const char *name)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_ok(
        vcluster_resource_get(e2e_host(), api_version, kind, NAMESPACE, name, NULL, &json, &error),
        error);
    return json;
}

/* The text behind a key, up to the end of a value without lists. */
static void add_value(char *state, size_t size, const char *json, const char *key)
{
    const char *at = strstr(json, key);
    size_t used = strlen(state);

    (void)snprintf(state + used, size - used, "%s%.*s\n", key,
                   at ? (int)strcspn(at + strlen(key), ",}") : 4, at ? at + strlen(key) : "none");
}

/* What shall be the same in the end, whoever was killed on the way. */
static void read_state(char *state, size_t size)
{
    static const char *const keys[] = { "\"vClusterConfigHash\":", "\"round\":", "\"replicas\":",
                                        "\"loft.sh/paused\":", "\"loft.sh/paused-replicas\":" };
    char *set = read_object("apps/v1", "StatefulSet", NAME);

    state[0] = '\0';
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        add_value(state, size, set, keys[i]);
    vcluster_free(set);
}

/* No lock, nothing pending, one revision deployed. */
static void assert_records_at_rest(void)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *json = NULL;
    int deployed = 0;

    options.namespace_name = NAMESPACE;
    options.label_selector = "owner=helm,name=" NAME;
    e2e_ok(vcluster_resource_list(e2e_host(), "v1", "Secret", &options, &json, &error), error);
    assert_null(strstr(json, "libvcluster.dev/lock-holder"));
    assert_null(strstr(json, "\"status\":\"pending"));
    for (const char *at = json; (at = strstr(at, "\"status\":\"deployed\"")); at++)
        deployed++;
    vcluster_free(json);
    assert_int_equal(deployed, 1);
}

/* As if the 15 s that a lock lasts had passed. */
static void let_locks_expire(void)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *json = NULL;

    options.namespace_name = NAMESPACE;
    options.label_selector = "owner=helm,name=" NAME;
    e2e_ok(vcluster_resource_list(e2e_host(), "v1", "Secret", &options, &json, &error), error);
    for (int revision = 1; revision < MAX_REQUESTS; revision++) {
        char name[128];
        char quoted[160];

        (void)snprintf(name, sizeof(name), "sh.helm.release.v1." NAME ".v%d", revision);
        (void)snprintf(quoted, sizeof(quoted), "\"name\":\"%s\"", name);
        if (!strstr(json, quoted))
            continue;
        char *secret = read_object("v1", "Secret", name);
        bool held = strstr(secret, "libvcluster.dev/lock-holder") != NULL;
        vcluster_free(secret);
        if (held)
            e2e_ok(vcluster_resource_patch(e2e_host(), "v1", "Secret", NAMESPACE, name,
                                           "{\"metadata\":{\"annotations\":{\"libvcluster.dev/"
                                           "lock-expires\":\"2026-01-01T00:00:00Z\"}}}",
                                           NULL, NULL, &error),
                   error);
    }
    vcluster_free(json);
}

static void undisturbed(const operation *what)
{
    vcluster_error *error = NULL;

    e2e_ok(carry_out(e2e_host(), what, &error), error);
}

/* Kill `what` at one request after another; `back` leads to where it begins. */
static int kill_everywhere(const operation *what, const operation *back)
{
    int stride = getenv("VCLUSTER_KILL_ALL") ? 1 : STRIDE;
    char expected[2048];
    char state[2048];
    int kills = 0;

    undisturbed(what);
    read_state(expected, sizeof(expected));
    for (int request = 1; request < MAX_REQUESTS; request += stride) {
        undisturbed(back);
        bool killed = kill_at(what, request);
        kills += killed;
        let_locks_expire();
        undisturbed(what);
        read_state(state, sizeof(state));
        if (strcmp(state, expected) != 0)
            fail_msg("%s killed at request %d: %s instead of %s", what->name, request, state,
                     expected);
        assert_records_at_rest();
        if (!killed)
            break;
    }
    print_message("%s: killed at %d requests, completed by the same call each time\n", what->name,
                  kills);
    assert_true(kills > 0);
    return kills;
}

static void what_a_kill_leaves_is_completed_by_the_same_call(void **state)
{
    int kills = 0;

    (void)state;
    undisturbed(&operations[1]);
    kills += kill_everywhere(&operations[0], &operations[1]);
    kills += kill_everywhere(&operations[2], &operations[3]);
    kills += kill_everywhere(&operations[3], &operations[2]);
    print_message("%d kills\n", kills);
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    return 0;
}

static int finish(void **state)
{
    int status = clean(state);

    e2e_done();
    return status;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_kill_leaves_is_completed_by_the_same_call),
    };

    E2E_NEEDS_HOST();
    if (argc == 3)
        return be_the_child(argv[1], argv[2]);
    return cmocka_run_group_tests(tests, clean, finish);
}
