/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: what is written down of them, whose process counts, sweeping, starting, stopping. */
#include "vcluster/connect/connection.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/str.h"
#include "cm.h"

typedef struct fixture {
    char folder[32];
    pid_t pid; /* a process that is no vcl */
} fixture;

static int set_up(void **state)
{
    fixture *self = calloc(1, sizeof(*self));

    if (!self)
        return -1;
    (void)snprintf(self->folder, sizeof(self->folder), "/tmp/vcl-conn-XXXXXX");
    if (!mkdtemp(self->folder))
        return -1;
    self->pid = fork();
    if (self->pid == 0) {
        for (;;)
            (void)pause();
    }
    *state = self;
    return 0;
}

static int tear_down(void **state)
{
    fixture *self = *state;
    char command[128];

    (void)kill(self->pid, SIGKILL);
    (void)waitpid(self->pid, NULL, 0);
    (void)snprintf(command, sizeof(command), "rm -rf %s", self->folder);
    int code = system(command);
    free(self);
    return code;
}

static char *path_of(const fixture *self, const char *name)
{
    char *path = vcl_format("%s/%s", self->folder, name);

    assert_non_null(path);
    return path;
}

static bool exists(const fixture *self, const char *name)
{
    vcl_auto_free char *path = path_of(self, name);

    return access(path, F_OK) == 0;
}

static void put(const fixture *self, const char *name, const char *text)
{
    vcl_auto_free char *path = path_of(self, name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* Writes down that the process of the fixture, begun at process_start, is a connection. */
static void note(const fixture *self, const char *id, int64_t process_start)
{
    vcluster_error *error = NULL;
    char log[64];
    char copies[8][32] = {
        "", "dev", "team", "prod", "https://h", "ctx", "https://127.0.0.1:4", ""
    };
    vcluster_connection connection = { .id = copies[0],
                                       .name = copies[1],
                                       .namespace_name = copies[2],
                                       .host_context = copies[3],
                                       .host_server = copies[4],
                                       .context = copies[5],
                                       .url = copies[6],
                                       .log = copies[7],
                                       .pid = self->pid,
                                       .process_start = process_start,
                                       .started = 1700000000 };

    (void)snprintf(copies[0], sizeof(copies[0]), "%s", id);
    assert_int_equal(vcl_connection_write(self->folder, &connection, &error), 0);
    (void)snprintf(log, sizeof(log), "%s.log", id);
    put(self, log, "listening\n");
}

static vcluster_connection_list *list(const fixture *self)
{
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;
    vcluster_connection_list *found = NULL;
    vcluster_error *error = NULL;

    options.state_directory = self->folder;
    assert_int_equal(vcluster_connection_list_new(&options, &found, &error), 0);
    return found;
}

static void what_is_written_is_read_again_and_is_private(void **state)
{
    const fixture *self = *state;
    vcl_auto_free char *path = path_of(self, "dev-1.json");
    struct stat info;

    note(self, "dev-1", vcl_process_start(self->pid));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    VCL_AUTO_PTR(vcluster_connection_list) found = list(self);
    assert_int_equal(vcluster_connection_list_size(found), 1);
    const vcluster_connection *one = vcluster_connection_list_at(found, 0);
    assert_string_equal(vcluster_connection_id(one), "dev-1");
    assert_string_equal(vcluster_connection_name(one), "dev");
    assert_string_equal(vcluster_connection_namespace(one), "team");
    assert_string_equal(vcluster_connection_host_context(one), "prod");
    assert_string_equal(vcluster_connection_context(one), "ctx");
    assert_string_equal(vcluster_connection_url(one), "https://127.0.0.1:4");
    assert_int_equal(vcluster_connection_pid(one), self->pid);
    assert_int_equal(vcluster_connection_started(one), 1700000000);
    assert_true(vcluster_connection_alive(one));
    assert_null(vcluster_connection_list_at(found, 1));
}

static void another_process_with_the_same_id_does_not_count(void **state)
{
    const fixture *self = *state;

    note(self, "dev-1", vcl_process_start(self->pid) + 1);
    VCL_AUTO_PTR(vcluster_connection_list) found = list(self);
    assert_int_equal(vcluster_connection_list_size(found), 0);
    assert_false(exists(self, "dev-1.json"));
    assert_false(exists(self, "dev-1.log"));
    assert_int_equal(kill(self->pid, 0), 0);
    assert_true(vcl_process_start(self->pid) >= 0);
}

static void a_process_that_has_ended_does_not_count(void **state)
{
    const fixture *self = *state;
    siginfo_t info;

    note(self, "dev-1", vcl_process_start(self->pid));
    assert_int_equal(kill(self->pid, SIGKILL), 0);
    /* It is left for tear_down() to reap: one that nobody reaps has ended as well. */
    assert_int_equal(waitid(P_PID, (id_t)self->pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(vcl_process_start(self->pid), -1);
    VCL_AUTO_PTR(vcluster_connection_list) found = list(self);
    assert_int_equal(vcluster_connection_list_size(found), 0);
    assert_false(exists(self, "dev-1.json"));
}

static void files_that_describe_no_connection_are_left_alone(void **state)
{
    const fixture *self = *state;

    put(self, "notes.json", "{\"id\":\"notes\"}");
    put(self, "torn.json", "{\"id\":");
    put(self, "group-1.json", "{\"id\":\"group-1\",\"name\":\"a\",\"pid\":-1,\"processStart\":-1}");
    put(self, "other.json", "{\"id\":\"dev-1\",\"name\":\"a\",\"pid\":99,\"processStart\":1}");
    VCL_AUTO_PTR(vcluster_connection_list) found = list(self);
    assert_int_equal(vcluster_connection_list_size(found), 0);
    assert_true(exists(self, "notes.json"));
    assert_true(exists(self, "torn.json"));
    assert_true(exists(self, "group-1.json"));
    assert_true(exists(self, "other.json"));
}

static void what_a_killed_start_leaves_is_swept(void **state)
{
    const fixture *self = *state;
    vcluster_error *error = NULL;
    vcl_call call;
    int lock = -1;

    vcl_call_init(&call, 1000, 1000, NULL, NULL, NULL);
    note(self, "dev-1", vcl_process_start(self->pid));
    put(self, "dev-1.log", "");
    put(self, "dev-2.log", "");
    put(self, "dev-3.json.0011223344556677.tmp", "{");
    put(self, "notes.txt", "");
    put(self, "Not An Id.log", "");
    assert_works(vcl_connection_lock(self->folder, &call, &lock, &error), &error);
    vcl_connection_sweep(self->folder); /* a start is under way: they may be its own */
    assert_true(exists(self, "dev-2.log") && exists(self, "dev-3.json.0011223344556677.tmp"));
    (void)close(lock);
    vcl_connection_sweep(self->folder);
    assert_false(exists(self, "dev-2.log"));
    assert_false(exists(self, "dev-3.json.0011223344556677.tmp"));
    assert_true(exists(self, "dev-1.json") && exists(self, "dev-1.log"));
    assert_true(exists(self, "notes.txt") && exists(self, "Not An Id.log"));
}

static void no_folder_is_no_connection(void **state)
{
    fixture none = *(fixture *)*state;

    memcpy(none.folder + strlen(none.folder) - 6, "absent", 6);
    VCL_AUTO_PTR(vcluster_connection_list) found = list(&none);
    assert_int_equal(vcluster_connection_list_size(found), 0);
}

static void stop_ends_the_process_and_removes_the_files(void **state)
{
    const fixture *self = *state;
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;
    vcluster_error *error = NULL;
    siginfo_t info;

    options.state_directory = self->folder;
    note(self, "dev-1", vcl_process_start(self->pid));
    assert_int_equal(vcluster_connection_stop("dev-1", &options, &error), 0);
    assert_int_equal(waitid(P_PID, (id_t)self->pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(info.si_status, SIGTERM);
    assert_false(exists(self, "dev-1.json"));
    assert_false(exists(self, "dev-1.log"));
    assert_int_equal(vcluster_connection_stop("dev-1", &options, &error), VCLUSTER_E_NOT_FOUND);
    vcluster_error_free(error);
}

static void stop_leaves_a_stranger_alive(void **state)
{
    const fixture *self = *state;
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.state_directory = self->folder;
    note(self, "dev-1", vcl_process_start(self->pid) + 1);
    assert_int_equal(vcluster_connection_stop("dev-1", &options, &error), 0);
    assert_int_equal(waitpid(self->pid, NULL, WNOHANG), 0);
    assert_false(exists(self, "dev-1.json"));
}

static void an_id_is_no_path(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_int_equal(vcluster_connection_stop("../dev", NULL, &error), VCLUSTER_E_INVALID_ARGUMENT);
    vcluster_error_free(error);
}

/* ---- Starting: a shell in the place of vcl ---- */

static void write_program(const fixture *self, const char *script)
{
    vcl_auto_free char *path = path_of(self, "program");

    put(self, "program", script);
    assert_int_equal(chmod(path, 0700), 0);
}

static int start(const fixture *self, vcluster_connection **out, vcluster_error **error)
{
    char texts[6][32] = { "dev", "team", "prod", "https://h", "ctx", "/dev/null" };
    char *arguments[] = { NULL };
    vcluster_client client = { .kubeconfig_list = texts[5], .vcl_arguments = arguments };
    vcl_auto_free char *program = path_of(self, "program");
    vcl_connection_wish wish = { .client = &client, .program = program };
    vcluster_connection wanted = { .name = texts[0],
                                   .namespace_name = texts[1],
                                   .host_context = texts[2],
                                   .host_server = texts[3],
                                   .context = texts[4] };
    vcl_call call;

    vcl_call_init(&call, 20000, 20000, NULL, NULL, NULL);
    return vcl_connection_start(self->folder, &wish, &wanted, &call, out, error);
}

/* Leaves its parent, says who it is, and goes on once it is answered. */
static const char holder[] = "#!/bin/sh\n"
                             "exec 3<&0\n"
                             "(pid=$(sh -c 'echo $PPID')\n"
                             " echo \"$pid https://127.0.0.1:4444\" >&3\n"
                             " read -r answer <&3 || exit 1\n"
                             " exec 3<&-\n"
                             " exec sleep 600) </dev/null &\n";

static void a_start_writes_down_what_runs_and_a_second_one_finds_it(void **state)
{
    const fixture *self = *state;
    vcluster_connection_options options = VCLUSTER_CONNECTION_OPTIONS_INIT;
    VCL_AUTO_PTR(vcluster_connection) first = NULL;
    VCL_AUTO_PTR(vcluster_connection) second = NULL;
    vcluster_error *error = NULL;

    options.state_directory = self->folder;
    write_program(self, holder);
    if (start(self, &first, &error) < 0)
        fail_msg("%s", vcluster_error_to_string(error));
    assert_true(vcluster_connection_alive(first));
    assert_string_equal(vcluster_connection_url(first), "https://127.0.0.1:4444");
    assert_int_not_equal(getsid((pid_t)vcluster_connection_pid(first)), getsid(0));
    assert_int_equal(start(self, &second, &error), 0);
    assert_string_equal(vcluster_connection_id(second), vcluster_connection_id(first));
    assert_int_equal(vcluster_connection_stop(vcluster_connection_id(first), &options, &error), 0);
    assert_false(vcluster_connection_alive(first));
}

static void a_program_that_ends_is_quoted_and_leaves_nothing(void **state)
{
    const fixture *self = *state;
    VCL_AUTO_PTR(vcluster_connection) none = NULL;
    vcluster_error *error = NULL;

    write_program(self, "#!/bin/sh\necho no way in >&2\nexit 1\n");
    assert_int_equal(start(self, &none, &error), VCLUSTER_E_UNAVAILABLE);
    assert_non_null(strstr(vcluster_error_to_string(error), "no way in"));
    vcluster_error_free(error);
    VCL_AUTO_PTR(vcluster_connection_list) found = list(self);
    assert_int_equal(vcluster_connection_list_size(found), 0);
}

static void a_program_that_is_not_vcl_or_not_there_is_told(void **state)
{
    const fixture *self = *state;
    VCL_AUTO_PTR(vcluster_connection) none = NULL;
    vcluster_error *error = NULL;

    assert_int_equal(start(self, &none, &error), VCLUSTER_E_NOT_FOUND);
    vcluster_error_free(error);
    error = NULL;
    write_program(self, "#!/bin/sh\necho 1 https://127.0.0.1:1 >&0\nexec sleep 600\n");
    assert_int_equal(start(self, &none, &error), VCLUSTER_E_PROTOCOL);
    vcluster_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_again_and_is_private, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(another_process_with_the_same_id_does_not_count, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_process_that_has_ended_does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_describe_no_connection_are_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_a_killed_start_leaves_is_swept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_folder_is_no_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop_ends_the_process_and_removes_the_files, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(stop_leaves_a_stranger_alive, set_up, tear_down),
        cmocka_unit_test(an_id_is_no_path),
        cmocka_unit_test_setup_teardown(a_start_writes_down_what_runs_and_a_second_one_finds_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_program_that_ends_is_quoted_and_leaves_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_program_that_is_not_vcl_or_not_there_is_told, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
