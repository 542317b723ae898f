/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 at every request of every operation, in three places: before the server gets it, after it
 * was carried out, inside the answer; and the same with only the connection cut. The same call
 * again completes, and what is there in the end is what an undisturbed call makes: no lock, no
 * remains. The operation runs in a child, which the proxy kills; one that works on this machine too
 * is also killed at moments.
 *
 * 60 cases spread over all of them, few of them of those that take long; all with
 * VCLUSTER_KILL_ALL=1, every fourth from the second on with VCLUSTER_KILL_ALL=2/4; only of one
 * operation with its name as the only argument.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host_state.h"
#include "operations.h"

enum {
    SAMPLE = 60,
    SLOW_SAMPLE = 2, /* of one that takes long */
    PLACES = 3,
    WAYS = 2,
    MOMENTS = 24,
    MAX_REQUESTS = 256,
    TIMEOUT_MS = 300000
};

extern char **environ;

static const char *const place_names[PLACES] = { "before it was sent", "after it was carried out",
                                                 "inside the answer" };

/* One operation: what it asks, and what it makes when nobody disturbs it. */
typedef struct subject {
    const operation *what;
    char *state;
    char requests[MAX_REQUESTS][256];
    int count;
} subject;

typedef struct tally {
    int struck;
    int killed;
    int cut;
    int recovered; /* the call completed although the connection was cut */
} tally;

static subject *subjects;
static const char *only;
static bool all; /* VCLUSTER_KILL_ALL */
static int part = 1;
static int parts = 1;
static char prefix[64] = "vcluster-e2e-kills";

/* ---- The child ---- */

/* SIGKILL after so long; 0: never. */
static void end_after(int64_t ns)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
    struct itimerspec when = { .it_value = { ns / 1000000000, ns % 1000000000 } };
    timer_t timer;

    if (ns == 0)
        return;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    assert_int_equal(timer_settime(timer, 0, &when, NULL), 0);
}

static int be_the_child(const char *name, const char *kubeconfig, const char *ns)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    answer given = { 0 };

    options.kubeconfig_path = kubeconfig;
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    end_after(strtoll(ns, NULL, 10));
    operation_find(name)->run(client, TIMEOUT_MS, &given);
    vcluster_client_unref(client);
    if (given.status < 0)
        (void)fprintf(stderr, "%s: %s\n", name, given.text);
    return given.status < 0;
}

/* The thread of the proxy goes on only when the child is dead. */
static void kill_it(void *data)
{
    pid_t child = __atomic_load_n((pid_t *)data, __ATOMIC_SEQ_CST);
    siginfo_t info;

    (void)kill(child, SIGKILL);
    (void)waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
}

/* The child's state, as of waitpid(). It kills itself after so many nanoseconds; 0: it does not. */
static int run_child(const operation *what, int64_t ns, pid_t *child)
{
    char moment[24];
    char program[4096];
    ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *name = strdup(what->name);
    pid_t started = 0;
    int state = 0;

    assert_true(size > 0 && name);
    program[size] = '\0';
    (void)snprintf(moment, sizeof(moment), "%lld", (long long)ns);
    char *arguments[] = { program, name,   (char *)(uintptr_t)faults_kubeconfig(),
                          prefix,  moment, NULL };
    assert_int_equal(posix_spawn(&started, program, NULL, NULL, arguments, environ), 0);
    __atomic_store_n(child, started, __ATOMIC_SEQ_CST);
    assert_int_equal(waitpid(started, &state, 0), started);
    free(name);
    return state;
}

/* ---- Undisturbed ---- */

/* What waits for pods asks the same again and again: the first time counts. */
static bool is_new(const subject *self, const char *line)
{
    if (!self->what->has_pods)
        return true;
    for (int i = 0; i < self->count; i++) {
        if (strcmp(self->requests[i], line) == 0)
            return false;
    }
    return true;
}

static void learn(subject *self, const operation *what)
{
    pid_t child = 0;

    self->what = what;
    what->prepare();
    fault_proxy_set(faults_proxy(), NULL);
    assert_int_equal(run_child(what, 0, &child), 0);
    int total = what->asks_nothing ? 0 : fault_proxy_requests(faults_proxy());
    assert_true((total > 0 || what->asks_nothing) && total <= MAX_REQUESTS);
    for (int i = 1; i <= total; i++) {
        char line[256];
        operation_request(i, line, sizeof(line));
        if (is_new(self, line))
            memcpy(self->requests[self->count++], line, sizeof(line));
    }
    self->state = host_state_read(what->namespace_name);
    if (what->check)
        what->check();
    print_message("%s: %d requests, %d different ones\n", what->name, total, self->count);
}

static void learn_all(void)
{
    subjects = calloc(operation_count, sizeof(*subjects));
    assert_non_null(subjects);
    for (size_t i = 0; i < operation_count; i++) {
        if (!only || strcmp(only, operations[i].name) == 0)
            learn(&subjects[i], &operations[i]);
    }
}

/* ---- Struck ---- */

/* The request by its number, or, where it is asked again and again, by what it says. */
static fault_rule rule_for(const subject *self, int request, int place)
{
    static const fault_kind kinds[PLACES] = { FAULT_RESET_BEFORE, FAULT_REPLY_LOST,
                                              FAULT_CUT_BODY };
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
    const char *line = self->requests[request];
    fault_rule rule = { .kind = kinds[place], .times = 1, .value = 10 };

    if (!self->what->has_pods) {
        rule.number = request + 1;
        return rule;
    }
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        size_t size = strlen(methods[i]);
        if (strncmp(line, methods[i], size) == 0 && line[size] == ' ') {
            rule.method = methods[i];
            rule.path = line + size + 1;
        }
    }
    assert_non_null(rule.path);
    return rule;
}

/* The first line in which two texts differ. */
static void show_difference(const char *is, const char *should_be)
{
    while (*is && *should_be) {
        size_t one = strcspn(is, "\n");
        size_t other = strcspn(should_be, "\n");
        if (one != other || strncmp(is, should_be, one) != 0)
            break;
        is += one + (is[one] == '\n');
        should_be += other + (should_be[other] == '\n');
    }
    (void)fprintf(stderr, "is:        %.*s\nshould be: %.*s\n", (int)strcspn(is, "\n"), is,
                  (int)strcspn(should_be, "\n"), should_be);
}

static void check_state(const subject *self, const char *line, const char *where)
{
    char *state = host_state_read(self->what->namespace_name);

    if (strcmp(state, self->state) != 0) {
        show_difference(state, self->state);
        fail_msg("%s, struck %s (%s), ends with something else", self->what->name, where, line);
    }
    free(state);
    if (self->what->check)
        self->what->check();
}

static void run_again(const subject *self, const char *line, const char *where)
{
    vcluster_client *client =
        faults_client(); /* a tunnel belongs to the host that it was asked of */
    answer given = { 0 };

    host_state_expire_locks(self->what->namespace_name);
    self->what->run(client, TIMEOUT_MS, &given);
    bool had_done_all = self->what->ends_with_nothing && given.status == VCLUSTER_E_NOT_FOUND;
    if (given.status < 0 && !had_done_all)
        fail_msg("%s, struck %s (%s), is not completed by the same call: %s", self->what->name,
                 where, line, given.text);
    answer_done(&given);
    vcluster_client_unref(client);
}

static void strike(const subject *self, int request, int place, bool kills, tally *sum)
{
    const char *line = self->requests[request];
    pid_t child = 0;
    fault_rule rule = rule_for(self, request, place);

    self->what->prepare();
    if (kills) {
        rule.on_strike = kill_it;
        rule.data = &child;
    }
    fault_proxy_set(faults_proxy(), &rule);
    int state = run_child(self->what, 0, &child);
    bool hit = fault_proxy_hits(faults_proxy()) > 0;
    fault_proxy_set(faults_proxy(), NULL);

    bool killed = WIFSIGNALED(state);
    if (killed)
        assert_int_equal(WTERMSIG(state), SIGKILL);
    bool done = !killed && WEXITSTATUS(state) == 0;
    sum->struck += hit;
    sum->killed += killed;
    sum->cut += hit && !killed;
    sum->recovered += hit && done;
    if (!done)
        run_again(self, line, place_names[place]);
    check_state(self, line, place_names[place]);
    if (self->what->has_pods)
        print_message("%s %s %s: %s\n", self->what->name,
                      !hit    ? "not struck"
                      : kills ? "killed"
                              : "cut",
                      place_names[place], line);
}

/* From 0.1 ms to 5 s, each moment 1.6 times the one before. */
static void strike_at_moment(const subject *self, int moment, tally *sum)
{
    char line[64];
    double ns = 100000;
    pid_t child = 0;

    for (int i = 0; i < moment; i++)
        ns *= 1.6;
    (void)snprintf(line, sizeof(line), "after %.1f ms", ns / 1e6);
    self->what->prepare();
    int state = run_child(self->what, (int64_t)ns, &child);
    bool killed = WIFSIGNALED(state);
    if (killed)
        assert_int_equal(WTERMSIG(state), SIGKILL);
    sum->struck += killed;
    sum->killed += killed;
    if (killed || WEXITSTATUS(state) != 0)
        run_again(self, line, "at a moment");
    check_state(self, line, "at a moment");
    print_message("%s %s %s\n", self->what->name, killed ? "killed" : "done", line);
}

static int cases_of(const subject *self)
{
    return self->count * PLACES * WAYS + (self->what && self->what->is_local ? MOMENTS : 0);
}

static void strike_case(const subject *self, int number, tally *sum)
{
    if (number >= self->count * PLACES * WAYS)
        strike_at_moment(self, number - self->count * PLACES * WAYS, sum);
    else
        strike(self, number / (PLACES * WAYS), number / WAYS % PLACES, number % WAYS == 0, sum);
}

/* ---- Which ---- */

/* Case `number` of all, counted through every operation. */
static void strike_number(int number, tally *sum)
{
    for (size_t i = 0; i < operation_count; i++) {
        int cases = cases_of(&subjects[i]);
        if (number < cases) {
            strike_case(&subjects[i], number, sum);
            return;
        }
        number -= cases;
    }
}

static int strike_part(int total, tally *sum)
{
    int cases = (total - part + parts) / parts;

    for (int i = 0; i < cases; i++)
        strike_number(part - 1 + i * parts, sum);
    return cases;
}

static bool is_slow(const subject *self)
{
    return self->what && self->what->is_slow;
}

/* So many cases of one, spread over all of its own. */
static void strike_some(const subject *self, int wanted, tally *sum)
{
    int64_t cases = cases_of(self);

    for (int i = 0; i < wanted; i++)
        strike_case(self, (int)((2 * i + 1) * cases / (2 * wanted)), sum);
}

/* Those that take long get few cases, the others the rest, each by how many it has. */
static int strike_sample(tally *sum)
{
    int64_t total = 0;
    int64_t seen = 0;
    int64_t left = SAMPLE;

    for (size_t i = 0; i < operation_count; i++) {
        left -= is_slow(&subjects[i]) ? SLOW_SAMPLE : 0;
        total += is_slow(&subjects[i]) ? 0 : cases_of(&subjects[i]);
    }
    for (size_t i = 0; i < operation_count; i++) {
        int64_t begin = total > 0 ? seen * left / total : 0;
        seen += is_slow(&subjects[i]) ? 0 : cases_of(&subjects[i]);
        int64_t end = total > 0 ? seen * left / total : 0;
        strike_some(&subjects[i], is_slow(&subjects[i]) ? SLOW_SAMPLE : (int)(end - begin), sum);
    }
    return SAMPLE;
}

static void what_a_kill_leaves_is_completed_by_the_same_call(void **state)
{
    tally sum = { 0 };
    int total = 0;

    (void)state;
    learn_all();
    for (size_t i = 0; i < operation_count; i++)
        total += cases_of(&subjects[i]);
    int cases = all || only ? strike_part(total, &sum) : strike_sample(&sum);
    print_message("%d of %d cases: %d struck, %d killed, %d only cut (%d of these completed by the "
                  "call itself)\n",
                  cases, total, sum.struck, sum.killed, sum.cut, sum.recovered);
    assert_true(sum.struck > 0);
    if (!all && !only) { /* else it may be of one way only */
        assert_true(sum.killed > 0);
        assert_true(sum.cut > 0);
    }
}

static int begin(void **state)
{
    (void)state;
    operations_clean();
    return 0;
}

static int finish(void **state)
{
    (void)state;
    operations_clean();
    for (size_t i = 0; subjects && i < operation_count; i++)
        free(subjects[i].state);
    free(subjects);
    faults_done();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_kill_leaves_is_completed_by_the_same_call),
    };

    E2E_NEEDS_HOST();
    if (argc == 5) {
        operations_begin(argv[3]);
        return be_the_child(argv[1], argv[2], argv[4]);
    }
    only = argc == 2 ? argv[1] : NULL;
    if (only && !operation_find(only)) {
        (void)fprintf(stderr, "there is no operation '%s'\n", only);
        return 2;
    }
    all = faults_part("VCLUSTER_KILL_ALL", &part, &parts);
    if (only) /* several run beside each other */
        (void)snprintf(prefix, sizeof(prefix), "vcluster-e2e-kills-%s-%d", only, part);
    operations_begin(prefix);
    return cmocka_run_group_tests(tests, begin, finish);
}
