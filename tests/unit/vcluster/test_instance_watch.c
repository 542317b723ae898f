/* SPDX-License-Identifier: Apache-2.0 */
/* Watching virtual clusters: what is told, in which order, and that cuts change nothing. */
#include "cm.h"

#include <libvcluster/instance.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake_host.h"

enum { MAX_TOLD = 4096 };

static fake_host *host;
static vcluster_client *client;

/* A watch on a thread of its own, whose events are collected as "+ns/name Status ready". */
typedef struct watching {
    pthread_t thread;
    pthread_mutex_t lock;
    char *told[MAX_TOLD];
    size_t count;
    size_t seen; /* by expect() */
    vcluster_cancel *cancel;
    const char *namespace_name;
    int status;
    vcluster_error *error;
} watching;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static int on_event(int event, const vcluster_instance *instance, void *data)
{
    static const char signs[] = "?+*-";
    watching *self = data;
    char *line = vcl_format("%c%s/%s %s%s", signs[event], vcluster_instance_namespace(instance),
                            vcluster_instance_name(instance), vcluster_instance_status(instance),
                            vcluster_instance_ready(instance) ? " ready" : "");

    (void)pthread_mutex_lock(&self->lock);
    if (self->count < MAX_TOLD)
        self->told[self->count++] = line;
    (void)pthread_mutex_unlock(&self->lock);
    return 0;
}

static void *run(void *data)
{
    watching *self = data;
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;

    options.namespace_name = self->namespace_name;
    options.cancel = self->cancel;
    options.timeout_ms = patience_ms(60000);
    self->status = vcluster_instance_watch(client, &options, on_event, self, &self->error);
    return NULL;
}

static void start(watching *self, const char *namespace_name)
{
    *self = (watching){ .namespace_name = namespace_name };
    assert_int_equal(pthread_mutex_init(&self->lock, NULL), 0);
    assert_int_equal(vcluster_cancel_new(&self->cancel, NULL), 0);
    assert_int_equal(pthread_create(&self->thread, NULL, run, self), 0);
}

static void stop(watching *self, int status)
{
    vcluster_cancel_trigger(self->cancel);
    (void)pthread_join(self->thread, NULL);
    if (self->status != status)
        fail_msg("%s", self->error ? vcluster_error_to_string(self->error) : "no error");
    for (size_t i = 0; i < self->count; i++)
        free(self->told[i]);
    vcluster_error_free(self->error);
    vcluster_cancel_free(self->cancel);
    (void)pthread_mutex_destroy(&self->lock);
}

/* The next event is this one. */
static void expect(watching *self, const char *line)
{
    int64_t end_ms = vcl_monotonic_ms() + patience_ms(10000);
    const char *told = NULL;

    while (!told && vcl_monotonic_ms() < end_ms) {
        (void)pthread_mutex_lock(&self->lock);
        told = self->seen < self->count ? self->told[self->seen] : NULL;
        (void)pthread_mutex_unlock(&self->lock);
        if (!told)
            (void)usleep(1000);
    }
    if (!told)
        fail_msg("'%s' was not told", line);
    assert_string_equal(told, line);
    self->seen++;
}

static void expect_nothing(watching *self)
{
    (void)usleep(60000);
    (void)pthread_mutex_lock(&self->lock);
    const char *told = self->seen < self->count ? self->told[self->seen] : NULL;
    (void)pthread_mutex_unlock(&self->lock);
    if (told)
        fail_msg("'%s' was told", told);
}

/* ---- Objects ---- */

static void put_set(const char *namespace_name, const char *name, const char *metadata)
{
    char *yaml = vcl_format(
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: %s, namespace: %s, labels: "
        "{app: "
        "vcluster, release: %s}%s}, spec: {replicas: 1, template: {spec: {containers: [{name: "
        "syncer, image: 'ghcr.io/loft-sh/vcluster-pro:0.36.0'}]}}}}",
        name, namespace_name, name, metadata);

    fake_host_put(host, yaml);
    free(yaml);
}

static void put_pod(const char *namespace_name, const char *name, const char *status)
{
    char *yaml = vcl_format("{apiVersion: v1, kind: Pod, metadata: {name: %s-0, namespace: %s, "
                            "labels: {app: vcluster, release: %s}}, status: %s}",
                            name, namespace_name, name, status);

    fake_host_put(host, yaml);
    free(yaml);
}

static void remove_object(const char *group, const char *namespace_name, const char *rest)
{
    char *path = vcl_format("%s/namespaces/%s/%s", group, namespace_name, rest);

    fake_host_remove(host, path);
    free(path);
}

static const char running[] = "{phase: Running, conditions: [{type: Ready, status: 'True'}]}";
static const char starting[] = "{phase: Running, conditions: [{type: Ready, status: 'False'}]}";
static const char pending[] = "{phase: Pending}";

/* ---- Tests ---- */

static void what_exists_is_told_first_with_its_true_status(void **state)
{
    watching self;

    (void)state;
    put_set("b", "two", "");
    put_set("a", "one", "");
    put_pod("a", "one", running);
    put_pod("b", "two", pending);
    start(&self, NULL);
    expect(&self, "+a/one Running ready");
    expect(&self, "+b/two Pending");
    expect_nothing(&self);
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void life_of_a_virtual_cluster_is_told_step_by_step(void **state)
{
    watching self;

    (void)state;
    start(&self, NULL);
    expect_nothing(&self);
    put_set("a", "dev", "");
    expect(&self, "+a/dev Unknown");
    put_pod("a", "dev", pending);
    expect(&self, "*a/dev Pending");
    put_pod("a", "dev", starting);
    expect(&self, "*a/dev Running");
    put_pod("a", "dev", running);
    expect(&self, "*a/dev Running ready");
    put_pod("a", "dev", running); /* a new version that says the same */
    expect_nothing(&self);
    put_set("a", "dev", ", annotations: {loft.sh/paused: 'true'}");
    expect(&self, "*a/dev Paused ready");
    remove_object("/api/v1", "a", "pods/dev-0");
    expect(&self, "*a/dev Paused");
    remove_object("/apis/apps/v1", "a", "statefulsets/dev");
    expect(&self, "-a/dev Paused");
    expect_nothing(&self);
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void one_namespace_hears_nothing_of_others(void **state)
{
    watching self;

    (void)state;
    put_set("a", "one", "");
    put_set("b", "two", "");
    start(&self, "b");
    expect(&self, "+b/two Unknown");
    put_pod("a", "one", running);
    put_pod("b", "two", running);
    expect(&self, "*b/two Running ready");
    expect_nothing(&self);
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void cuts_repeat_nothing_and_lose_nothing(void **state)
{
    watching self;

    (void)state;
    put_set("a", "one", "");
    put_pod("a", "one", running);
    start(&self, NULL);
    expect(&self, "+a/one Running ready");
    for (int i = 0; i < 3; i++) {
        fake_host_cut(host, i > 0); /* resumed, then listed again */
        put_pod("a", "one", pending);
        expect(&self, "*a/one Pending");
        put_pod("a", "one", running);
        expect(&self, "*a/one Running ready");
        fake_host_cut(host, false);
        expect_nothing(&self);
    }
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void one_that_was_replaced_is_removed_and_added(void **state)
{
    watching self;

    (void)state;
    put_set("a", "one", ", uid: u1");
    start(&self, NULL);
    expect(&self, "+a/one Unknown");
    remove_object("/apis/apps/v1", "a", "statefulsets/one");
    put_set("a", "one", ", uid: u2");
    expect(&self, "-a/one Unknown");
    expect(&self, "+a/one Unknown");
    expect_nothing(&self);
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void pods_that_may_not_be_read_leave_the_status_unknown(void **state)
{
    watching self;

    (void)state;
    put_set("a", "one", "");
    put_pod("a", "one", running);
    fake_host_fail(host, "GET", "/pods", 403);
    start(&self, NULL);
    expect(&self, "+a/one Unknown");
    put_set("a", "one", ", annotations: {loft.sh/paused: 'true'}");
    expect(&self, "*a/one Paused");
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void workloads_that_may_not_be_read_are_an_error(void **state)
{
    watching self;

    (void)state;
    fake_host_fail(host, "GET", "/statefulsets", 403);
    start(&self, NULL);
    (void)pthread_join(self.thread, NULL);
    assert_int_equal(self.status, VCLUSTER_E_PERMISSION);
    assert_error_says(self.error, "statefulsets");
    vcl_error_clear(&self.error);
    fake_host_heal(host);
    assert_int_equal(pthread_create(&self.thread, NULL, run, &self), 0);
    stop(&self, VCLUSTER_E_CANCELLED);
}

static void random_changes_and_cuts_end_in_what_is_there(void **state)
{
    static const char *const statuses[] = { running, starting, pending };
    watching self;
    unsigned seed = 7;

    (void)state;
    start(&self, NULL);
    for (int i = 0; i < 200; i++) {
        char name[16];

        seed = seed * 1103515245 + 12345;
        (void)snprintf(name, sizeof(name), "n%u", (seed >> 16) % 5);
        char *path = vcl_format("/apis/apps/v1/namespaces/a/statefulsets/%s", name);
        cJSON *there = fake_host_get(host, path);
        unsigned what = (seed >> 8) % 8;

        if (there && what == 0)
            fake_host_remove(host, path);
        else if (what < 3)
            put_set("a", name, "");
        else if (what < 7)
            put_pod("a", name, statuses[(seed >> 20) % 3]);
        else
            fake_host_cut(host, (seed >> 24) % 2);
        cJSON_Delete(there);
        free(path);
        if (i % 7 == 0)
            (void)usleep(3000);
    }
    /* Streams keep their order: when the last of each was told, all before it was. */
    put_set("z", "last", "");
    put_pod("z", "last", running);
    for (bool last = false; !last;) {
        (void)usleep(5000);
        (void)pthread_mutex_lock(&self.lock);
        for (size_t i = 0; i < self.count; i++)
            last = last || vcl_ends_with(self.told[i], "z/last Running ready");
        (void)pthread_mutex_unlock(&self.lock);
    }
    (void)usleep(300000);

    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;
    vcluster_error *error = NULL;
    assert_works(vcluster_instance_list_new(client, &options, &list, &error), &error);
    (void)pthread_mutex_lock(&self.lock);
    for (int n = 0; n < 5; n++) {
        char prefix[16];
        const char *word = NULL;
        const char *before = NULL;

        (void)snprintf(prefix, sizeof(prefix), "a/n%d ", n);
        for (size_t i = 0; i < self.count; i++) {
            if (strncmp(self.told[i] + 1, prefix, strlen(prefix)) != 0)
                continue;
            before = word;
            word = self.told[i];
            if (before && word[0] == '*')
                assert_string_not_equal(before + 1, word + 1); /* never the same again */
            if (word[0] == '+')
                assert_true(!before || before[0] == '-');
            else
                assert_true(before && before[0] != '-');
        }
        const vcluster_instance *found = NULL;
        for (size_t i = 0; i < vcluster_instance_list_size(list); i++) {
            const vcluster_instance *one = vcluster_instance_list_at(list, i);
            if (strncmp(vcluster_instance_name(one), prefix + 2, 2) == 0)
                found = one;
        }
        if (!found) {
            assert_true(!word || word[0] == '-');
            continue;
        }
        char *expected = vcl_format("%s%s%s", prefix, vcluster_instance_status(found),
                                    vcluster_instance_ready(found) ? " ready" : "");
        assert_non_null(word);
        assert_string_equal(word + 1, expected);
        assert_true(word[0] != '-');
        free(expected);
    }
    (void)pthread_mutex_unlock(&self.lock);
    vcluster_instance_list_free(list);
    stop(&self, VCLUSTER_E_CANCELLED);
}

static int stop_at_once(int event, const vcluster_instance *instance, void *data)
{
    (void)event;
    (void)instance;
    ++*(int *)data;
    return 1;
}

static void callback_ends_it_and_the_deadline_too(void **state)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    int calls = 0;

    (void)state;
    options.timeout_ms = 100;
    assert_fails(vcluster_instance_watch(client, &options, stop_at_once, &calls, &error),
                 VCLUSTER_E_TIMEOUT, &error, "watch virtual clusters");
    assert_fails(vcluster_instance_watch(client, &options, NULL, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "on_event");
    assert_int_equal(calls, 0);
    put_set("a", "one", "");
    put_set("a", "two", "");
    options.timeout_ms = patience_ms(10000);
    assert_works(vcluster_instance_watch(client, &options, stop_at_once, &calls, &error), &error);
    assert_int_equal(calls, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_exists_is_told_first_with_its_true_status, begin, end),
        cmocka_unit_test_setup_teardown(life_of_a_virtual_cluster_is_told_step_by_step, begin, end),
        cmocka_unit_test_setup_teardown(one_namespace_hears_nothing_of_others, begin, end),
        cmocka_unit_test_setup_teardown(cuts_repeat_nothing_and_lose_nothing, begin, end),
        cmocka_unit_test_setup_teardown(one_that_was_replaced_is_removed_and_added, begin, end),
        cmocka_unit_test_setup_teardown(pods_that_may_not_be_read_leave_the_status_unknown, begin,
                                        end),
        cmocka_unit_test_setup_teardown(workloads_that_may_not_be_read_are_an_error, begin, end),
        cmocka_unit_test_setup_teardown(random_changes_and_cuts_end_in_what_is_there, begin, end),
        cmocka_unit_test_setup_teardown(callback_ends_it_and_the_deadline_too, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
