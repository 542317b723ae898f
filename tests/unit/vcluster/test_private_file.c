/* SPDX-License-Identifier: Apache-2.0 */
/* Files with credentials: gone with their use, and with a process that was killed. */
#include "vcluster/connect/private_file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "cm.h"

static char base[] = "/tmp/vcl-private-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(base) && setenv("XDG_RUNTIME_DIR", base, 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", base);
    return system(command);
}

static int count_folders(void)
{
    DIR *entries = opendir(base);
    int count = -2; /* "." and ".." */

    assert_non_null(entries);
    while (readdir(entries))
        count++;
    (void)closedir(entries);
    return count;
}

static vcl_private_file make(void)
{
    vcl_private_file file = { 0 };
    vcluster_error *error = NULL;

    assert_int_equal(vcl_private_file_make("secret", &file, &error), 0);
    return file;
}

/* A process that has made a file, whose path it tells, and lives until it is killed. */
static pid_t start_user(char *path, size_t size)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        vcl_private_file file = make();

        (void)!write(ends[1], file.path, strlen(file.path) + 1);
        for (;;)
            (void)pause();
    }
    (void)close(ends[1]);
    assert_true(read(ends[0], path, size) > 0);
    (void)close(ends[0]);
    return pid;
}

static void kill_user(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void file_is_private_and_goes_with_its_folder(void **state)
{
    vcl_private_file file = make();
    struct stat info;
    char text[16] = "";

    (void)state;
    assert_true(vcl_starts_with(file.path, base));
    assert_int_equal(stat(file.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    FILE *read = fopen(file.path, "re");
    assert_non_null(read);
    assert_int_equal(fread(text, 1, sizeof(text), read), strlen("secret"));
    (void)fclose(read);
    assert_string_equal(text, "secret");
    vcl_private_file_remove(&file);
    assert_int_equal(count_folders(), 0);
}

static void file_of_a_killed_process_is_removed_by_the_next_user(void **state)
{
    char path[128] = "";
    pid_t pid = start_user(path, sizeof(path));

    (void)state;
    kill_user(pid);
    assert_int_equal(access(path, F_OK), 0);
    vcl_private_file file = make();
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(file.path, F_OK), 0);
    assert_int_equal(count_folders(), 1);
    vcl_private_file_remove(&file);
}

static void file_in_use_is_left_alone(void **state)
{
    char path[128] = "";
    pid_t pid = start_user(path, sizeof(path));
    vcl_private_file ours = make();

    (void)state;
    vcl_private_file_sweep();
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(access(ours.path, F_OK), 0);
    kill_user(pid);
    vcl_private_file_sweep();
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(ours.path, F_OK), 0);
    vcl_private_file_remove(&ours);
}

static void other_folders_are_left_alone(void **state)
{
    char other[64];
    char link[64];

    (void)state;
    (void)snprintf(other, sizeof(other), "%s/libvcluster-socket", base);
    (void)snprintf(link, sizeof(link), "%s/libvcluster-link", base);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(symlink("/etc", link), 0);
    vcl_private_file_sweep();
    assert_int_equal(count_folders(), 2);
    assert_int_equal(rmdir(other), 0);
    assert_int_equal(unlink(link), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_is_private_and_goes_with_its_folder),
        cmocka_unit_test(file_of_a_killed_process_is_removed_by_the_next_user),
        cmocka_unit_test(file_in_use_is_left_alone),
        cmocka_unit_test(other_folders_are_left_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
