/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every request of every operation fails in turn, in each way: the call succeeds, and then it has
 * done or told the same as an undisturbed one; or it fails with an error that says what failed, at
 * its deadline at the latest, and the same call completes. No list that fails counts as empty.
 *
 * A sample spread over all of it for as long as VCLUSTER_TEST_FAULT_SECONDS says; all with
 * VCLUSTER_FAULT_ALL=1, every fourth from the second on with VCLUSTER_FAULT_ALL=2/4; of one
 * operation with its name as argument.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host_state.h"
#include "operations.h"

enum { MAX_REQUESTS = 256, MAX_OPERATIONS = 32, LATE_MS = 100 };

/* Those with `times` 0 strike the same request again and again. */
static const struct {
    const char *name;
    fault_rule rule;
    int64_t timeout_ms;
} faults[] = {
    { "403", { .kind = FAULT_STATUS, .value = 403 }, 10000 },
    { "409", { .kind = FAULT_STATUS, .value = 409, .times = 1 }, 10000 },
    { "429", { .kind = FAULT_STATUS, .value = 429, .retry_after_s = 1 }, 3000 },
    { "500", { .kind = FAULT_STATUS, .value = 500 }, 3000 },
    { "no answer", { .kind = FAULT_STALL }, 2000 },
    { "reset", { .kind = FAULT_RESET_BEFORE }, 3000 },
    { "reset once", { .kind = FAULT_RESET_BEFORE, .times = 1 }, 10000 },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

typedef struct subject {
    const operation *what;
    char requests[MAX_REQUESTS][256];
    int count;
    int64_t took_ms;
    char *state; /* NULL: it only reads */
} subject;

typedef struct tally {
    int struck, recovered, failed, late, wrong;
} tally;

static subject subjects[MAX_OPERATIONS];
static size_t subject_count;
static const char *only;
static bool all; /* VCLUSTER_FAULT_ALL */
static int part = 1;
static int parts = 1;
static char prefix[64] = "vcluster-e2e-failing";

/* ---- How late the machine is ---- */

static atomic_bool stop_watch;
static atomic_llong lateness_us; /* of one that wants to wake every 5 ms, summed up */

static void *watch_machine(void *data)
{
    const struct timespec nap = { .tv_nsec = 5000000 };

    (void)data;
    while (!atomic_load(&stop_watch)) {
        struct timespec before;
        struct timespec after;
        (void)clock_gettime(CLOCK_MONOTONIC, &before);
        (void)nanosleep(&nap, NULL);
        (void)clock_gettime(CLOCK_MONOTONIC, &after);
        long long took_us = (long long)(after.tv_sec - before.tv_sec) * 1000000 +
                            (after.tv_nsec - before.tv_nsec) / 1000;
        atomic_fetch_add(&lateness_us, took_us > 5100 ? took_us - 5100 : 0);
    }
    return NULL;
}

/* ---- Undisturbed ---- */

/* What waits for pods asks the same again and again: the first time counts. */
static bool is_new(const subject *self, const char *line)
{
    for (int i = 0; self->what->has_pods && i < self->count; i++) {
        if (strcmp(self->requests[i], line) == 0)
            return false;
    }
    return true;
}

static void learn(const operation *what, bool reads)
{
    subject *self = &subjects[subject_count];
    vcluster_client *client;
    answer given = { 0 };

    assert_true(subject_count < MAX_OPERATIONS);
    subject_count++;
    self->what = what;
    what->prepare();
    client = faults_client();
    fault_proxy_set(faults_proxy(), NULL);
    self->took_ms = faults_now_ms();
    what->run(client, 120000, &given);
    self->took_ms = faults_now_ms() - self->took_ms;
    if (given.status < 0)
        fail_msg("%s: %s", what->name, given.text);
    self->count = fault_proxy_requests(faults_proxy());
    assert_true(self->count > 0 && self->count <= MAX_REQUESTS);
    int total = self->count;
    self->count = 0;
    for (int i = 1; i <= total; i++) {
        char line[256];
        operation_request(i, line, sizeof(line));
        if (is_new(self, line))
            memcpy(self->requests[self->count++], line, sizeof(line));
    }
    if (!reads)
        self->state = host_state_read(what->namespace_name);
    answer_done(&given);
    vcluster_client_unref(client);
}

static void learn_all(void)
{
    for (size_t i = 0; i < operation_count; i++) {
        /* One that takes its time would leave none for the others: it has to be asked for. */
        if (operations[i].asks_nothing)
            continue;
        if (only ? strcmp(only, operations[i].name) == 0 : !operations[i].is_slow)
            learn(&operations[i], false);
    }
    for (size_t i = 0; i < read_operation_count; i++) {
        if (!only || strcmp(only, read_operations[i].name) == 0)
            learn(&read_operations[i], true);
    }
}

/* ---- Struck ---- */

static const char *problem_of(const operation *what, const answer *given)
{
    if (!*given->text)
        return "it fails without an error";
    if (!strstr(given->text, what->says))
        return "the operation is not named";
    if (given->status == VCLUSTER_E_INTERNAL || given->status == VCLUSTER_E_NO_MEMORY)
        return "a defect of the library";
    if (given->status == VCLUSTER_E_NOT_FOUND)
        return "it says that there is nothing";
    return NULL;
}

/* Whether what is there, or what was told, is what an undisturbed call makes. */
static const char *difference(const subject *self, const answer *given)
{
    const char *problem = NULL;

    if (!self->state) {
        answer fresh = { 0 };
        self->what->run(e2e_host(), 120000, &fresh);
        if (fresh.status < 0 || !given->told != !fresh.told ||
            (given->told && strcmp(given->told, fresh.told) != 0))
            problem = "it tells something else than an undisturbed call";
        answer_done(&fresh);
        return problem;
    }
    if (self->what->check)
        self->what->check();
    char *state = host_state_read(self->what->namespace_name);
    if (strcmp(state, self->state) != 0)
        problem = "it leaves something else than an undisturbed call";
    free(state);
    return problem;
}

static const char *complete(const subject *self)
{
    answer given = { 0 };

    if (!self->state)
        return NULL;
    vcluster_client *client = faults_client();
    host_state_expire_locks(self->what->namespace_name);
    self->what->run(client, 120000, &given);
    vcluster_client_unref(client);
    bool had_done_all = self->what->ends_with_nothing && given.status == VCLUSTER_E_NOT_FOUND;
    if (given.status < 0 && !had_done_all) {
        print_error("%s\n", given.text);
        return "the same call does not complete";
    }
    const char *problem = difference(self, &given);
    answer_done(&given);
    return problem;
}

/* The request by its number where it fails once, else whatever asks the same. */
static fault_rule rule_for(const subject *self, int request, size_t fault, char *path, size_t size)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
    fault_rule rule = faults[fault].rule;
    const char *line = self->requests[request];

    if (rule.times == 1 && !self->what->has_pods) {
        rule.number = request + 1;
        return rule;
    }
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strncmp(line, methods[i], strlen(methods[i])) == 0)
            rule.method = methods[i];
    }
    (void)snprintf(path, size, "%s", strchr(line, ' ') + 1);
    char *revision = strstr(path, "/sh.helm.release.v1." OPERATION_NAME ".v");
    if (revision) /* which differs from call to call */
        revision[strlen("/sh.helm.release.v1." OPERATION_NAME ".v")] = '\0';
    rule.path = path;
    return rule;
}

static void strike(const subject *self, int request, size_t fault, tally *sum)
{
    char path[256];
    answer given = { 0 };
    const char *problem = NULL;
    vcluster_client *client;
    int64_t timeout_ms = faults[fault].timeout_ms + 2 * self->took_ms;
    fault_rule rule = rule_for(self, request, fault, path, sizeof(path));

    self->what->prepare();
    client = faults_client();
    fault_proxy_set(faults_proxy(), &rule);
    long long machine_ms = atomic_load(&lateness_us) / 1000;
    int64_t begin_ms = faults_now_ms();
    self->what->run(client, timeout_ms, &given);
    int64_t over_ms = faults_now_ms() - begin_ms - timeout_ms;
    machine_ms = atomic_load(&lateness_us) / 1000 - machine_ms;
    bool hit = fault_proxy_hits(faults_proxy()) > 0;
    fault_proxy_set(faults_proxy(), NULL);
    vcluster_client_unref(client);

    if (!hit || self->what->is_slow)
        print_message("%s: %s at %s: %s\n", self->what->name, faults[fault].name,
                      self->requests[request],
                      hit ? vcluster_status_name(given.status) : "not asked this time");
    sum->struck += hit;
    sum->recovered += hit && given.status == 0;
    sum->failed += given.status < 0;
    if (over_ms > LATE_MS + machine_ms) {
        print_message("%s: %s at %s: %lld ms late, %lld ms of them the machine's\n",
                      self->what->name, faults[fault].name, self->requests[request],
                      (long long)over_ms, machine_ms);
        sum->late++;
    }
    if (over_ms > HANGS_MS)
        problem = "it did not end at its deadline";
    if (!problem && given.status < 0)
        problem = problem_of(self->what, &given);
    bool hidden = self->what->hides && given.told && rule.kind == FAULT_STATUS && rule.value == 403;
    if (!problem && !hidden)
        problem = given.status < 0 ? complete(self) : difference(self, &given);
    if (problem) {
        print_error("%s: %s at %s: %s: %s %s\n", self->what->name, faults[fault].name,
                    self->requests[request], problem, vcluster_status_name(given.status),
                    given.text);
        sum->wrong++;
        (void)complete(self);
    }
    answer_done(&given);
}

static void strike_number(int number, tally *sum)
{
    for (size_t i = 0; i < subject_count; i++) {
        int cases = subjects[i].count * FAULTS;
        if (number < cases) {
            strike(&subjects[i], number / FAULTS, (size_t)number % FAULTS, sum);
            return;
        }
        number -= cases;
    }
}

static void any_request_may_fail(void **state)
{
    int64_t end_ms = faults_now_ms() + faults_budget_ms();
    pthread_t thread;
    tally sum = { 0 };
    int total = 0;
    int tried = 0;

    (void)state;
    learn_all();
    for (size_t i = 0; i < subject_count; i++)
        total += subjects[i].count * FAULTS;
    assert_int_equal(pthread_create(&thread, NULL, watch_machine, NULL), 0);
    int cases = all ? (total - part + parts) / parts : total;
    for (; tried < cases && (all || tried < 5 || faults_now_ms() < end_ms); tried++)
        strike_number(all ? part - 1 + tried * parts : faults_spread(tried, total), &sum);
    atomic_store(&stop_watch, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    print_message("%zu operations, %d of %d cases: %d struck, %d completed all the same, %d failed "
                  "and were completed by the next call, %d late, %d wrong\n",
                  subject_count, tried, total, sum.struck, sum.recovered, sum.failed - sum.wrong,
                  sum.late, sum.wrong);
    assert_int_equal(sum.wrong, 0);
    assert_true(sum.struck > 0);
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
    for (size_t i = 0; i < subject_count; i++)
        free(subjects[i].state);
    faults_done();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_request_may_fail),
    };

    E2E_NEEDS_HOST();
    only = argc == 2 ? argv[1] : NULL;
    all = faults_part("VCLUSTER_FAULT_ALL", &part, &parts);
    if (only) /* several run beside each other */
        (void)snprintf(prefix, sizeof(prefix), "vcluster-e2e-failing-%s-%d", only, part);
    operations_begin(prefix);
    return cmocka_run_group_tests(tests, begin, finish);
}
