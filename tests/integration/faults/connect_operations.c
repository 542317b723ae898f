/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting in the background, and the end of that; see connect_operations.h. */
#include "connect_operations.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pod_operations.h"

#define NAME OPERATION_NAME
#define FOLDER "VCLUSTER_TEST_CONNECTIONS" /* a child has to use the same one */

enum { MAX_PATH = 256, LOOK_MS = 50, PATIENCE_MS = 60000 };

/* ---- Where things are ---- */

static const char *folder(void)
{
    static char path[] = "/tmp/vcluster-connections-XXXXXX";

    if (!getenv(FOLDER)) {
        assert_non_null(mkdtemp(path));
        assert_int_equal(setenv(FOLDER, path, 1), 0);
    }
    return getenv(FOLDER);
}

static const char *path_of(const char *name)
{
    static char paths[2][MAX_PATH];
    char *path = paths[strcmp(name, "state") == 0];

    (void)snprintf(path, MAX_PATH, "%s/%s", folder(), name);
    return path;
}

static const char *state_folder(void)
{
    return path_of("state");
}

static const char *kubeconfig_file(void)
{
    return path_of("kubeconfig");
}

/* ---- Connecting ---- */

static int start(vcluster_client *client,
                 int64_t timeout_ms,
                 vcluster_connection **out_connection,
                 vcluster_error **error)
{
    vcluster_connection_start_options options = VCLUSTER_CONNECTION_START_OPTIONS_INIT;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_operations_space;
    options.program = e2e_vcl();
    options.state_directory = state_folder();
    return vcluster_connection_start(client, NAME, &options, out_connection, error);
}

static int merge(vcluster_client *client,
                 int64_t timeout_ms,
                 const vcluster_connection *connection,
                 vcluster_error **error)
{
    vcluster_kubeconfig_options wanted = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_kubeconfig_merge_options options = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;
    char *text = NULL;

    wanted.timeout_ms = timeout_ms;
    wanted.namespace_name = pod_operations_space;
    wanted.server = vcluster_connection_url(connection);
    wanted.context_name = vcluster_connection_context(connection);
    wanted.unverified = 1;
    options.timeout_ms = timeout_ms;
    options.path = kubeconfig_file();
    options.set_current = 1;
    int status = vcluster_instance_kubeconfig(client, NAME, &wanted, &text, error);
    if (status == 0)
        status = vcluster_kubeconfig_merge(text, &options, NULL, error);
    vcluster_free(text);
    return status;
}

void connect_operations_connect(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_connection *connection = NULL;
    vcluster_error *error = NULL;
    int64_t end_ms = faults_now_ms() + timeout_ms;

    int status = start(client, timeout_ms, &connection, &error);
    int64_t left_ms = end_ms - faults_now_ms();
    if (status == 0)
        status = merge(client, left_ms > 1 ? left_ms : 1, connection, &error);
    vcluster_connection_free(connection);
    answer_set(out, status, error);
}

/* ---- Disconnecting ---- */

static vcluster_connection_list *connections(void)
{
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;
    vcluster_connection_list *list = NULL;
    vcluster_error *error = NULL;

    options.state_directory = state_folder();
    e2e_ok(vcluster_connection_list_new(&options, &list, &error), error);
    return list;
}

static int stop_all(int64_t timeout_ms, vcluster_error **error)
{
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;
    vcluster_connection_list *list = connections();
    int status = 0;

    options.timeout_ms = timeout_ms;
    options.state_directory = state_folder();
    for (size_t i = 0; status == 0 && i < vcluster_connection_list_size(list); i++) {
        const char *id = vcluster_connection_id(vcluster_connection_list_at(list, i));
        status = vcluster_connection_stop(id, &options, error);
    }
    vcluster_connection_list_free(list);
    return status;
}

/* As `vcl disconnect`: the context first, by which the rest is found again. */
void connect_operations_disconnect(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_kubeconfig_remove_options options = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)client;
    options.timeout_ms = timeout_ms;
    options.path = kubeconfig_file();
    options.name = NAME;
    options.namespace_name = pod_operations_space;
    options.missing_ok = 1;
    int status = vcluster_kubeconfig_remove(&options, NULL, &error);
    if (status == 0)
        status = stop_all(timeout_ms, &error);
    answer_set(out, status, error);
}

/* ---- Before and after ---- */

void connect_operations_none(void)
{
    answer given = { 0 };

    pod_operations_run_one();
    connect_operations_disconnect(NULL, OPERATION_PATIENCE_MS, &given);
    operation_must(&given);
    (void)unlink(kubeconfig_file());
}

void connect_operations_one(void)
{
    vcluster_client *client = faults_client();
    answer given = { 0 };

    connect_operations_none();
    connect_operations_connect(client, OPERATION_PATIENCE_MS, &given);
    operation_must(&given);
    vcluster_client_unref(client);
}

/* Processes that hold a connection to a virtual cluster in our namespace. */
static int holders(void)
{
    DIR *entries = opendir("/proc");
    int count = 0;

    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char path[sizeof(entry->d_name) + 16];
        char line[1024] = "";
        (void)snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
        FILE *file = *entry->d_name >= '1' && *entry->d_name <= '9' ? fopen(path, "re") : NULL;
        size_t size = file ? fread(line, 1, sizeof(line) - 1, file) : 0;
        if (file)
            (void)fclose(file);
        for (size_t i = 0; i < size; i++)
            line[i] = line[i] ? line[i] : ' ';
        count += strstr(line, " connection-hold " NAME " ") && strstr(line, pod_operations_space);
    }
    (void)closedir(entries);
    return count;
}

/* One whose starter was killed notices that by itself, and ends. */
static void await_holders(int wanted)
{
    const struct timespec nap = { .tv_nsec = LOOK_MS * 1000000L };
    int64_t end_ms = faults_now_ms() + PATIENCE_MS;
    int found;

    while ((found = holders()) != wanted) {
        if (faults_now_ms() > end_ms)
            fail_msg("%d processes hold a connection where %d should", found, wanted);
        (void)nanosleep(&nap, NULL);
    }
}

/* All but the lock, which stays. */
static int files_in(const char *path)
{
    DIR *entries = opendir(path);
    int count = 0;

    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;)
        count += *entry->d_name != '.' && strcmp(entry->d_name, "lock") != 0;
    if (entries)
        (void)closedir(entries);
    return count;
}

static void check_way_inside(void)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_path = kubeconfig_file();
    e2e_ok(vcluster_client_new(&options, &inside, &error), error);
    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "before"));
    vcluster_client_unref(inside);
}

void connect_operations_check_one(void)
{
    await_holders(1);
    vcluster_connection_list *list = connections();
    assert_int_equal(vcluster_connection_list_size(list), 1);
    vcluster_connection_list_free(list);
    assert_int_equal(files_in(state_folder()), 2); /* the record and its log */
    assert_int_equal(files_in(folder()), 2);
    check_way_inside();
}

void connect_operations_check_none(void)
{
    char text[8192] = "";

    await_holders(0);
    assert_int_equal(files_in(state_folder()), 0);
    assert_int_equal(files_in(folder()), 2);
    FILE *file = fopen(kubeconfig_file(), "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    (void)fclose(file);
    assert_null(strstr(text, pod_operations_space));
}

void connect_operations_forget(void)
{
    char lock[MAX_PATH + sizeof("/lock")];
    answer given = { 0 };

    if (!getenv(FOLDER))
        return;
    connect_operations_disconnect(NULL, OPERATION_PATIENCE_MS, &given);
    answer_done(&given);
    (void)snprintf(lock, sizeof(lock), "%s/lock", state_folder());
    (void)unlink(lock);
    (void)rmdir(state_folder());
    (void)unlink(kubeconfig_file());
    (void)rmdir(folder());
    (void)unsetenv(FOLDER);
}
