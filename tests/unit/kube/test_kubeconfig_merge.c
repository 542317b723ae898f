/* SPDX-License-Identifier: Apache-2.0 */
/* Merging connections into the files of a user's kubeconfig and taking them out: which file, what
 * is ours, current-context, locks, modes and links. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_support.h"

#include "base/clock.h"
#include "base/str.h"
#include "kube/kubeconfig_files.h"
#include "kube/kubeconfig_merge.h"
#include "kube/kubeconfig_store.h"

static char folder[64];
static vcl_call call;

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/test-merge-XXXXXX");
    if (!mkdtemp(folder) || unsetenv("KUBECONFIG") != 0)
        return -1;
    vcl_call_init(&call, 60000, 60000, NULL, NULL, NULL);
    return setenv("HOME", folder, 1);
}

static int teardown(void **state)
{
    (void)state;
    vcl_auto_free char *command = vcl_format("chmod -R u+w %s && rm -rf %s", folder, folder);
    return system(command);
}

static char *path_of(const char *name)
{
    return vcl_format("%s/%s", folder, name);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    vcl_auto_free char *path = path_of(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static char *read_file(const char *name)
{
    vcl_auto_free char *path = path_of(name);
    char *text = NULL;
    size_t size;

    assert_int_equal(vcl_read_file(path, 1 << 20, &text, &size), 0);
    return text;
}

static void assert_file(const char *name, const char *expected)
{
    vcl_auto_free char *text = read_file(name);

    assert_string_equal(text, expected);
}

static mode_t mode_of(const char *name)
{
    vcl_auto_free char *path = path_of(name);
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

/* Nothing but these many files: no lock and no temporary file is left. */
static void assert_no_leftovers(void)
{
    vcl_auto_free char *command =
        vcl_format("test -z \"$(find %s -name '*.lock' -o -name '*.tmp')\"", folder);

    assert_int_equal(system(command), 0);
}

/* A kubeconfig for a virtual cluster, as the library makes it. */
static char *text_for(const char *instance)
{
    return vcl_format("apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: "
                      "https://%s.example.com\n  name: k\ncontexts:\n- context:\n    cluster: k\n"
                      "    user: u\n    extensions:\n    - name: libvcluster\n      extension: "
                      "{name: %s, namespace: team, host: h}\n  name: vcluster_%s_team_h\n"
                      "current-context: vcluster_%s_team_h\nusers:\n- name: u\n  user: {token: "
                      "secret}\n",
                      instance, instance, instance, instance);
}

static int merge(const char *instance, vcl_merge_options options, vcluster_error **error)
{
    vcl_auto_free char *text = text_for(instance);
    vcl_merge_result result = { 0 };
    int status = vcl_kubeconfig_merge(text, &options, &call, &result, error);

    vcl_merge_result_done(&result);
    return status;
}

static void merge_ok(const char *instance, vcl_merge_options options)
{
    vcluster_error *error = NULL;

    assert_ok(merge(instance, options, &error), error);
    assert_no_leftovers();
}

/* What became current, "" for none; freed by the caller. */
static char *leave_ok(vcl_disconnect_options options)
{
    vcluster_error *error = NULL;
    vcl_disconnect_result result = { 0 };

    assert_ok(vcl_kubeconfig_disconnect(&options, &call, &result, &error), error);
    assert_no_leftovers();
    char *current = vcl_steal(&result.current_context);
    vcl_disconnect_result_done(&result);
    return current;
}

static void leave_fails(vcl_disconnect_options options, int status, const char *part)
{
    vcluster_error *error = NULL;
    vcl_disconnect_result result = { 0 };
    int got = vcl_kubeconfig_disconnect(&options, &call, &result, &error);

    assert_fails(got, status, error, part);
    vcluster_error_free(error);
}

/* Root may do everything: the test goes on as somebody else, until be_root_again(). */
static bool be_nobody(void)
{
    vcl_auto_free char *command = vcl_format("chown -R 65534:65534 %s", folder);

    return geteuid() == 0 && system(command) == 0 && setegid(65534) == 0 && seteuid(65534) == 0;
}

static void be_root_again(bool was_root)
{
    if (was_root)
        assert_true(seteuid(0) == 0 && setegid(0) == 0);
}

#define USERS_FILE                                                                                 \
    "# my clusters\nclusters:\n- name: prod\n  cluster: {server: https://prod}\ncontexts:\n"       \
    "- name: prod\n  context: {cluster: prod, user: me} # mine\nusers:\n- name: me\n  user: "      \
    "{token: t}\ncurrent-context: prod\n"

static void a_new_file_is_private_and_made_with_its_folder(void **state)
{
    (void)state;
    merge_ok("dev", (vcl_merge_options){ .set_current = true });
    assert_int_equal(mode_of(".kube/config"), 0600);
    vcl_auto_free char *text = read_file(".kube/config");
    assert_non_null(strstr(text, "current-context: vcluster_dev_team_h\n"));
    assert_non_null(strstr(text, "server: https://dev.example.com"));

    vcl_auto_free char *current = leave_ok((vcl_disconnect_options){ .name = "dev" });
    assert_string_equal(current, "");
    assert_file(".kube/config", "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: "
                                "[]\ncurrent-context: \"\"\n");
}

static void a_disconnect_gives_the_file_back_as_it_was(void **state)
{
    (void)state;
    write_file("config", USERS_FILE, 0644);
    vcl_auto_free char *path = path_of("config");
    merge_ok("dev", (vcl_merge_options){ .path = path, .set_current = true });
    assert_int_equal(mode_of("config"), 0644);
    merge_ok("dev", (vcl_merge_options){ .path = path, .set_current = true }); /* again */
    vcl_auto_free char *current = leave_ok((vcl_disconnect_options){ .path = path });
    assert_string_equal(current, "prod");
    assert_file("config", USERS_FILE);
    leave_fails((vcl_disconnect_options){ .path = path }, VCLUSTER_E_PRECONDITION, "'prod'");
    leave_fails((vcl_disconnect_options){ .path = path, .name = "dev" }, VCLUSTER_E_NOT_FOUND,
                "'dev'");
    leave_fails((vcl_disconnect_options){ .path = path, .context_name = "x" }, VCLUSTER_E_NOT_FOUND,
                "'x'");
    free(leave_ok((vcl_disconnect_options){ .path = path, .name = "dev", .missing_ok = true }));
    assert_file("config", USERS_FILE);
}

static void an_entry_is_renewed_wherever_it_stands_in_the_list(void **state)
{
    static const char *const names[] = { "a", "b", "c", "d" };
    (void)state;

    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    vcl_merge_options options = { .path = path };
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            merge_ok(names[i], options);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        free(leave_ok((vcl_disconnect_options){ .path = path, .name = names[i] }));
    assert_file("config", USERS_FILE);
}

static void another_current_context_is_left_alone(void **state)
{
    (void)state;
    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    merge_ok("dev", (vcl_merge_options){ .path = path }); /* does not switch */
    merge_ok("two", (vcl_merge_options){ .path = path });
    vcl_auto_free char *current =
        leave_ok((vcl_disconnect_options){ .path = path, .name = "dev", .namespace_name = "team" });
    assert_string_equal(current, "prod");
    vcl_auto_free char *text = read_file("config");
    assert_non_null(strstr(text, "vcluster_two_team_h"));
    assert_null(strstr(text, "vcluster_dev_team_h"));
}

static void contexts_are_restored_past_those_that_went(void **state)
{
    (void)state;
    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    vcl_merge_options options = { .path = path, .set_current = true };
    merge_ok("a", options);
    merge_ok("b", options);
    vcl_auto_free char *first = leave_ok((vcl_disconnect_options){ .path = path, .name = "a" });
    assert_string_equal(first, "vcluster_b_team_h");
    vcl_auto_free char *second = leave_ok((vcl_disconnect_options){ .path = path, .name = "b" });
    assert_string_equal(second, "prod");
    assert_file("config", USERS_FILE);
}

static void what_is_not_ours_is_never_taken(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    int status = merge("dev", (vcl_merge_options){ .path = path, .context_name = "prod" }, &error);
    assert_fails(status, VCLUSTER_E_ALREADY_EXISTS, error, "'prod'");
    vcluster_error_free(error);
    assert_file("config", USERS_FILE);
    leave_fails((vcl_disconnect_options){ .path = path, .context_name = "prod" },
                VCLUSTER_E_PRECONDITION, "not added by this library");

    /* A cluster that another context has come to use stays. */
    merge_ok("dev", (vcl_merge_options){ .path = path, .context_name = "d" });
    vcl_auto_free char *text = read_file("config");
    char *users = strstr(text, "contexts:\n");
    assert_non_null(users);
    vcl_auto_free char *shared =
        vcl_format("%.*scontexts:\n- name: own\n  context: {cluster: d, user: me}\n%s",
                   (int)(users - text), text, users + strlen("contexts:\n"));
    write_file("config", shared, 0600);
    free(leave_ok((vcl_disconnect_options){ .path = path, .context_name = "d" }));
    vcl_auto_free char *left = read_file("config");
    assert_non_null(strstr(left, "https://dev.example.com"));
    assert_null(strstr(left, "secret"));
}

static void two_contexts_of_one_virtual_cluster_have_to_be_named(void **state)
{
    (void)state;
    vcl_auto_free char *path = path_of("config");
    merge_ok("dev", (vcl_merge_options){ .path = path, .context_name = "one" });
    merge_ok("dev", (vcl_merge_options){ .path = path, .context_name = "two" });
    leave_fails((vcl_disconnect_options){ .path = path, .name = "dev" }, VCLUSTER_E_PRECONDITION,
                "'one' and 'two'");
    free(leave_ok((vcl_disconnect_options){ .path = path, .context_name = "one" }));
    free(leave_ok((vcl_disconnect_options){ .path = path, .name = "dev" }));
}

static void new_entries_go_where_kubectl_puts_them(void **state)
{
    (void)state;
    vcl_auto_free char *list = vcl_format("%s/none:%s/second::%s/third", folder, folder, folder);
    assert_int_equal(setenv("KUBECONFIG", list, 1), 0);
    merge_ok("dev", (vcl_merge_options){ .set_current = true });
    vcl_auto_free char *last = read_file("third"); /* none exists: the last */
    assert_non_null(strstr(last, "vcluster_dev_team_h"));

    write_file("second", "kind: Config\n", 0600);
    merge_ok("two", (vcl_merge_options){ .set_current = true });
    vcl_auto_free char *second = read_file("second"); /* the first that exists */
    assert_non_null(strstr(second, "current-context: vcluster_two_team_h"));

    vcl_auto_free char *current = leave_ok((vcl_disconnect_options){ .name = "two" });
    assert_string_equal(current, "vcluster_dev_team_h");
    vcl_auto_free char *none = leave_ok((vcl_disconnect_options){ .name = "dev" });
    assert_string_equal(none, "");
    vcl_auto_free char *after = read_file("third");
    assert_null(strstr(after, "vcluster_dev_team_h"));
}

static void links_are_followed_and_kept(void **state)
{
    struct stat info;

    (void)state;
    write_file("real", USERS_FILE, 0640);
    vcl_auto_free char *link = path_of("link");
    vcl_auto_free char *dangling = path_of("dangling");
    vcl_auto_free char *loop = path_of("loop");
    assert_int_equal(symlink("real", link), 0);
    assert_int_equal(symlink("later", dangling), 0);
    assert_int_equal(symlink("loop", loop), 0);
    merge_ok("dev", (vcl_merge_options){ .path = link });
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(mode_of("real"), 0640);
    vcl_auto_free char *text = read_file("real");
    assert_non_null(strstr(text, "vcluster_dev_team_h"));

    merge_ok("dev", (vcl_merge_options){ .path = dangling });
    assert_int_equal(mode_of("later"), 0600);

    vcluster_error *error = NULL;
    int status = merge("dev", (vcl_merge_options){ .path = loop }, &error);
    assert_int_equal(status, VCLUSTER_E_CONFIG);
    vcluster_error_free(error);
}

static void a_folder_that_cannot_be_written_is_no_obstacle(void **state)
{
    (void)state;
    vcl_auto_free char *sub = path_of("sub");
    vcl_auto_free char *path = path_of("sub/config");
    assert_int_equal(mkdir(sub, 0700), 0);
    write_file("sub/config", USERS_FILE, 0600);
    assert_int_equal(chmod(sub, 0500), 0);
    bool was_root = be_nobody();
    merge_ok("dev", (vcl_merge_options){ .path = path, .set_current = true });
    free(leave_ok((vcl_disconnect_options){ .path = path }));
    be_root_again(was_root);
    assert_file("sub/config", USERS_FILE);
}

static void a_lock_that_is_held_is_waited_for_and_named(void **state)
{
    vcluster_error *error = NULL;
    vcl_lock_times times = { .wait_ms = 100, .stale_ms = 30000 };

    (void)state;
    write_file("config", USERS_FILE, 0600);
    write_file("config.lock", "", 0);
    vcl_auto_free char *path = path_of("config");
    vcl_auto_free char *lock = path_of("config.lock");
    int64_t started = vcl_monotonic_ms();
    int status = merge("dev", (vcl_merge_options){ .path = path, .times = times }, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, error, "config.lock");
    assert_true(vcluster_error_retryable(error));
    vcluster_error_free(error);
    assert_true(vcl_monotonic_ms() - started >= 100);
    assert_int_equal(access(lock, F_OK), 0);
    assert_file("config", USERS_FILE);
}

static void an_old_lock_of_another_program_is_broken(void **state)
{
    vcl_lock_times times = { .wait_ms = 5000, .stale_ms = 100 };

    (void)state;
    write_file("config.lock", "", 0); /* as kubectl leaves it: mode 0, empty */
    vcl_auto_free char *path = path_of("config");
    merge_ok("dev", (vcl_merge_options){ .path = path, .times = times });
}

static void a_lock_of_ours_whose_holder_died_is_broken_at_once(void **state)
{
    vcl_lock_times times = VCL_LOCK_TIMES;
    vcl_file_lock lock = { .fd = -1 };
    vcluster_error *error = NULL;

    (void)state;
    vcl_auto_free char *path = path_of("config");
    assert_ok(vcl_file_lock_take(&lock, path, &times, &call, &error), error);
    assert_true(vcl_file_lock_holds(&lock));
    (void)close(lock.fd); /* what the kernel does when a process dies */
    free(lock.path);
    int64_t started = vcl_monotonic_ms();
    merge_ok("dev", (vcl_merge_options){ .path = path });
    assert_true(vcl_monotonic_ms() - started < 1000);
}

/* Also where nothing is left to do, so that kubectl is not in its way. */
static void a_disconnect_removes_the_lock_of_one_that_was_killed(void **state)
{
    vcl_lock_times times = VCL_LOCK_TIMES;
    vcl_file_lock dead = { .fd = -1 };
    vcl_file_lock live = { .fd = -1 };
    vcluster_error *error = NULL;

    (void)state;
    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    vcl_disconnect_options options = { .path = path, .name = "dev", .missing_ok = true };
    assert_ok(vcl_file_lock_take(&dead, path, &times, &call, &error), error);
    (void)close(dead.fd); /* what the kernel does when a process dies */
    free(dead.path);
    free(leave_ok(options));
    assert_ok(vcl_file_lock_take(&live, path, &times, &call, &error), error);
    vcl_disconnect_result result = { 0 };
    assert_ok(vcl_kubeconfig_disconnect(&options, &call, &result, &error), error);
    vcl_disconnect_result_done(&result);
    assert_true(vcl_file_lock_holds(&live));
    vcl_file_lock_release(&live);
}

/* It was killed when its new file had a name, but not yet its place. */
static void what_a_killed_writer_left_beside_the_file_is_removed(void **state)
{
    static const char *const others[] = { "config.0123456789abcdef", "config.0123.tmp",
                                          "config.0123456789abcdefa.tmp",
                                          "other.0123456789abcdef.tmp", "config.tmp" };

    (void)state;
    write_file("config", "", 0600);
    write_file("config.0123456789abcdef.tmp", "secret", 0600);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        write_file(others[i], "somebody's", 0600);
    vcl_auto_free char *path = path_of("config");
    vcluster_error *error = NULL;
    assert_ok(merge("dev", (vcl_merge_options){ .path = path }, &error), error);
    vcl_auto_free char *left = path_of("config.0123456789abcdef.tmp");
    assert_int_not_equal(access(left, F_OK), 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_file(others[i], "somebody's");
}

static void make_older(const char *path, int seconds)
{
    const struct timespec then = { (time_t)(vcl_wall_seconds() - seconds), 0 };

    assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[]){ then, then }, 0), 0);
}

/* Its flock tells that the process is there, on a machine that is slow. */
static void a_lock_of_ours_whose_holder_lives_is_broken_much_later(void **state)
{
    vcl_lock_times times = { .wait_ms = 700, .stale_ms = 500 };
    vcl_file_lock lock = { .fd = -1 };
    vcluster_error *error = NULL;

    (void)state;
    vcl_auto_free char *path = path_of("config");
    assert_ok(vcl_file_lock_take(&lock, path, &times, &call, &error), error);
    make_older(lock.path, 1);
    int status = merge("dev", (vcl_merge_options){ .path = path, .times = times }, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, error, "config.lock");
    vcluster_error_free(error);
    assert_int_equal(access(lock.path, F_OK), 0);

    make_older(lock.path, 60);
    times.wait_ms = 20000;
    merge_ok("dev", (vcl_merge_options){ .path = path, .times = times });
    assert_false(vcl_file_lock_holds(&lock));
    vcl_file_lock_release(&lock);
}

static int times_asked;

static bool holds_at_first(const void *data)
{
    (void)data;
    return times_asked++ < 0;
}

/* Nothing takes the place of a file once the lock is gone, however late that is noticed. */
static void a_guard_is_asked_before_a_file_is_replaced(void **state)
{
    const vcl_write_guard guard = { holds_at_first, NULL };

    (void)state;
    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    times_asked = 0;
    assert_int_equal(vcl_write_file(path, "x", 1, false, &guard), ECANCELED);
    assert_int_equal(times_asked, 1);
    assert_file("config", USERS_FILE);
    assert_no_leftovers();
    times_asked = -1;
    assert_int_equal(vcl_write_file(path, "x", 1, false, &guard), 0);
    assert_file("config", "x");
}

static void a_lock_that_was_lost_is_noticed(void **state)
{
    vcl_lock_times times = VCL_LOCK_TIMES;
    vcl_config_store store;
    vcluster_error *error = NULL;

    (void)state;
    write_file("config", USERS_FILE, 0600);
    vcl_auto_free char *path = path_of("config");
    vcl_auto_free char *lock = path_of("config.lock");
    assert_ok(vcl_config_store_open(&store, path, &times, NULL, &call, &error), error);
    assert_int_equal(unlink(lock), 0);
    write_file("config.lock", "", 0);
    int status = vcl_config_store_write(&store, "x", 1, false, &error);
    assert_fails(status, VCLUSTER_E_CONFLICT, error, "lost");
    vcluster_error_free(error);
    vcl_config_store_close(&store);
    assert_int_equal(access(lock, F_OK), 0); /* somebody else's by now */
    assert_int_equal(unlink(lock), 0);
    assert_file("config", USERS_FILE);
}

static void a_file_that_is_read_only_is_not_replaced(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    write_file("config", USERS_FILE, 0400);
    vcl_auto_free char *path = path_of("config");
    bool was_root = be_nobody();
    int status = merge("dev", (vcl_merge_options){ .path = path }, &error);
    be_root_again(was_root);
    assert_int_equal(status, VCLUSTER_E_PERMISSION);
    vcluster_error_free(error);
    assert_file("config", USERS_FILE);
    assert_no_leftovers();
}

static void a_saved_kubeconfig_is_for_its_user_alone(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    vcl_auto_free char *path = path_of("new/deep/out.yaml");
    vcl_auto_free char *old = path_of("old.yaml");
    assert_ok(vcl_kubeconfig_save("a: 1\n", path, &call, &error), error);
    assert_int_equal(mode_of("new/deep/out.yaml"), 0600);
    assert_file("new/deep/out.yaml", "a: 1\n");
    write_file("old.yaml", "long long long\n", 0644);
    assert_ok(vcl_kubeconfig_save("b\n", old, &call, &error), error);
    assert_int_equal(mode_of("old.yaml"), 0600);
    assert_file("old.yaml", "b\n");
    assert_no_leftovers();
    int status = vcl_kubeconfig_save("b\n", folder, &call, &error);
    assert_int_equal(status, VCLUSTER_E_CONFIG);
    vcluster_error_free(error);
}

static void texts_that_lean_on_other_files_are_refused(void **state)
{
    static const char *const texts[] = {
        "clusters: [{name: k, cluster: {certificate-authority: ca.crt}}]\nusers: [{name: u, user: "
        "{}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\n",
        "clusters: [{name: k, cluster: {}}]\ncontexts: [{name: c, context: {cluster: k, user: "
        "u}}]\n",
        "kind: Config\n", "{"
    };

    (void)state;
    vcl_auto_free char *path = path_of("config");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcl_merge_options options = { .path = path };
        vcl_merge_result result = { 0 };
        vcluster_error *error = NULL;

        int status = vcl_kubeconfig_merge(texts[i], &options, &call, &result, &error);
        assert_int_equal(status, VCLUSTER_E_CONFIG);
        vcluster_error_free(error);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_private_and_made_with_its_folder),
        TEST(a_disconnect_gives_the_file_back_as_it_was),
        TEST(an_entry_is_renewed_wherever_it_stands_in_the_list),
        TEST(another_current_context_is_left_alone),
        TEST(contexts_are_restored_past_those_that_went),
        TEST(what_is_not_ours_is_never_taken),
        TEST(two_contexts_of_one_virtual_cluster_have_to_be_named),
        TEST(new_entries_go_where_kubectl_puts_them),
        TEST(links_are_followed_and_kept),
        TEST(a_folder_that_cannot_be_written_is_no_obstacle),
        TEST(a_lock_that_is_held_is_waited_for_and_named),
        TEST(an_old_lock_of_another_program_is_broken),
        TEST(a_lock_of_ours_whose_holder_died_is_broken_at_once),
        TEST(a_disconnect_removes_the_lock_of_one_that_was_killed),
        TEST(what_a_killed_writer_left_beside_the_file_is_removed),
        TEST(a_lock_of_ours_whose_holder_lives_is_broken_much_later),
        TEST(a_guard_is_asked_before_a_file_is_replaced),
        TEST(a_lock_that_was_lost_is_noticed),
        TEST(a_file_that_is_read_only_is_not_replaced),
        TEST(a_saved_kubeconfig_is_for_its_user_alone),
        TEST(texts_that_lean_on_other_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
