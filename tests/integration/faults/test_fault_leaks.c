/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library takes it gives back: after twenty clients of a virtual cluster and twenty
 * tunnels, and after calls that failed, no folder, descriptor or thread is left.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#define NAME "fault-leaks"
#define NAMESPACE "vcluster-fault-leaks"

enum { ROUNDS = 20 };

static char folder[] = "/tmp/fault-leaks-XXXXXX";

static int count_entries(const char *path)
{
    DIR *entries = opendir(path);
    int count = 0;

    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
        count += entry->d_name[0] != '.';
    (void)closedir(entries);
    return count;
}

typedef struct census {
    int descriptors;
    int threads;
    int folders;
} census;

static census take_census(void)
{
    return (census){ .descriptors = count_entries("/proc/self/fd"),
                     .threads = count_entries("/proc/self/task"),
                     .folders = count_entries(folder) };
}

/* A thread that was joined stands in /proc for another moment. */
static void check_census(const census *before, const char *when)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    census now = take_census();

    for (int tries = 0; tries < 50 && now.threads > before->threads; tries++) {
        (void)nanosleep(&pause, NULL);
        now = take_census();
    }
    print_message("%s: %d descriptors (%d before), %d threads (%d), %d folders (%d)\n", when,
                  now.descriptors, before->descriptors, now.threads, before->threads, now.folders,
                  before->folders);
    assert_int_equal(now.descriptors, before->descriptors);
    assert_int_equal(now.threads, before->threads);
    assert_int_equal(now.folders, before->folders);
}

static vcluster_client *new_host(void)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    return client;
}

static void use(vcluster_client *client)
{
    vcluster_error *error = NULL;
    char *version = NULL;

    e2e_ok(vcluster_client_server_version(client, NULL, &version, &error), error);
    vcluster_free(version);
}

static vcluster_client *open_inner(vcluster_client *host)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inner = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_instance_open(host, NAME, &options, &inner, &error), error);
    return inner;
}

static vcluster_tunnel *open_tunnel(vcluster_client *host)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_tunnel_open(host, NAME, &options, &tunnel, &error), error);
    return tunnel;
}

/* A client of the virtual cluster through a tunnel, used once. */
static void use_tunnel(vcluster_tunnel *tunnel)
{
    vcluster_error *error = NULL;
    char *kubeconfig = NULL;

    e2e_ok(vcluster_tunnel_kubeconfig(tunnel, &kubeconfig, &error), error);
    vcluster_client *client = faults_client_of(kubeconfig);
    use(client);
    vcluster_client_unref(client);
    vcluster_free(kubeconfig);
}

static void clients_and_tunnels_leave_nothing(void **state)
{
    (void)state;
    census before = take_census();
    vcluster_client *host = new_host();
    use(host);

    for (int i = 0; i < ROUNDS; i++) {
        vcluster_client *inner = open_inner(host);

        assert_int_equal(count_entries(folder), 1);
        if (i % 2 == 0)
            use(inner);
        vcluster_client_unref(inner);
    }
    for (int i = 0; i < ROUNDS; i++) {
        vcluster_tunnel *tunnel = open_tunnel(host);

        if (i % 2 == 0)
            use_tunnel(tunnel);
        vcluster_tunnel_free(tunnel);
    }
    vcluster_client_unref(host);
    check_census(&before, "clients and tunnels");
}

static void the_order_of_giving_back_does_not_matter(void **state)
{
    (void)state;
    census before = take_census();
    vcluster_client *host = new_host();
    vcluster_client *inner = open_inner(host);
    vcluster_tunnel *tunnel = open_tunnel(host);

    vcluster_client_unref(host);
    use(inner);
    use_tunnel(tunnel);
    vcluster_client_unref(inner);
    use_tunnel(tunnel);
    vcluster_tunnel_free(tunnel);
    check_census(&before, "the host first");
}

static void the_folder_of_a_client_is_private(void **state)
{
    vcluster_client *host = new_host();
    vcluster_client *inner = open_inner(host);
    DIR *entries = opendir(folder);

    (void)state;
    assert_non_null(entries);
    int found = 0;
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        struct stat info;

        if (entry->d_name[0] == '.')
            continue;
        assert_int_equal(fstatat(dirfd(entries), entry->d_name, &info, 0), 0);
        assert_true(S_ISDIR(info.st_mode));
        assert_int_equal(info.st_mode & 0777, 0700);
        found++;
    }
    (void)closedir(entries);
    assert_int_equal(found, 1);
    vcluster_client_unref(inner);
    vcluster_client_unref(host);
    assert_int_equal(count_entries(folder), 0);
}

static void calls_that_fail_leave_nothing(void **state)
{
    static const fault_rule rules[] = {
        { .kind = FAULT_STALL, .path = "/portforward" },
        { .kind = FAULT_STATUS, .value = 500, .path = "/portforward" },
        { .kind = FAULT_STATUS, .value = 403, .path = "/secrets/vc-" },
        { .kind = FAULT_GARBAGE, .path = "/secrets/vc-" },
        { .kind = FAULT_RESET_BEFORE, .path = "/portforward" },
    };
    vcluster_call_options call = VCLUSTER_CALL_OPTIONS_INIT;

    (void)state;
    (void)faults_proxy();
    census before = take_census();
    call.timeout_ms = 2000;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        vcluster_client *host = faults_client();
        vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
        vcluster_client *inner = NULL;
        vcluster_error *error = NULL;
        char *version = NULL;

        options.namespace_name = NAMESPACE;
        options.timeout_ms = 2000;
        fault_proxy_set(faults_proxy(), &rules[i]);
        int64_t start_ms = faults_now_ms();
        int status = vcluster_instance_open(host, NAME, &options, &inner, &error);
        if (status == 0) {
            start_ms = faults_now_ms();
            status = vcluster_client_server_version(inner, &call, &version, &error);
        }
        int64_t took_ms = faults_now_ms() - start_ms;
        print_message("%6lld ms: %s: %s\n", (long long)took_ms, vcluster_status_name(status),
                      vcluster_error_to_string(error));
        assert_true(status < 0);
        assert_true(took_ms <= 2100);
        assert_true(strlen(vcluster_error_message(error)) > 10);
        vcluster_error_free(error);
        vcluster_free(version);
        fault_proxy_set(faults_proxy(), NULL);
        vcluster_client_unref(inner);
        vcluster_client_unref(host);
    }
    const struct timespec pause = { .tv_nsec = 300000000 };
    (void)nanosleep(&pause, NULL); /* the proxy's side of the connections ends a moment later */
    check_census(&before, "calls that failed");
}

static int prepare(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_ok(vcluster_instance_create(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
    e2e_done();
    assert_non_null(mkdtemp(folder));
    return setenv("TMPDIR", folder, 1);
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    faults_done();
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_and_tunnels_leave_nothing),
        cmocka_unit_test(the_order_of_giving_back_does_not_matter),
        cmocka_unit_test(the_folder_of_a_client_is_private),
        cmocka_unit_test(calls_that_fail_leave_nothing),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, prepare, clean);
}
