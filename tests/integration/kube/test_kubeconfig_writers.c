/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many processes that merge into one kubeconfig while they are killed at random, a reader that must
 * never see a torn file. Whatever a writer reported as written is there in the end. Then the same
 * with kubectl among the writers: under the lock they exclude each other (a writer that read half
 * a file would fail) and get over each other's kills. kubectl reads before it takes the lock and
 * drops what was added in between; how much is printed. That it was kubectl and not we is known,
 * since each replacement of ours is looked at under the lock: see writers_audit.h.
 * test_kubeconfig_writers [WRITERS ENTRIES KILLS KUBECTLS]; needs no cluster. kubectl is taken from
 * VCLUSTER_TEST_KUBECTL or the PATH.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_files.h"
#include "kube/kubeconfig_gaps.h"
#include "kube/kubeconfig_merge.h"
#include "writers_audit.h"

enum { MAX_WRITERS = 200, MAX_ENTRIES = 50, MAX_KUBECTLS = 8, KUBECTL_ENTRIES = 400 };

static char folder[] = "/tmp/test-writers-XXXXXX";
static char path[64];
static int writers = 20;
static int entries = 5;
static int kills = 40;
static int kubectls = 2;
static bool written[MAX_WRITERS][MAX_ENTRIES];
static bool by_kubectl[MAX_KUBECTLS][KUBECTL_ENTRIES];
static atomic_bool *ours_have_ended; /* shared with the processes that run kubectl */

/* What a writer says through the pipe: small enough to arrive whole. */
typedef struct report {
    int writer; /* -1, -2, ...: the first, second, ... that runs kubectl */
    int entry;
    int status;
} report;

static void give_up(const char *what)
{
    (void)fprintf(stderr, "FAILED: %s (files are in %s)\n", what, folder);
    _exit(1);
}

static int merge_entry(int writer, int entry, vcluster_error **error)
{
    static const char text[] =
        "clusters: [{name: k, cluster: {server: 'https://h'}}]\nusers: [{name: u, user: {token: "
        "t}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\n";
    vcl_auto_free char *name = vcl_format("w%d-%d", writer, entry);
    vcl_merge_options options = { .path = path,
                                  .context_name = name,
                                  .set_current = entry % 2 == 0,
                                  .times = { 20000, VCL_LOCK_STALE_MS } };
    vcl_merge_result result = { 0 };
    vcl_call call;

    writers_audit_expect(name);
    vcl_call_init(&call, -1, -1, NULL, NULL, NULL);
    int status = vcl_kubeconfig_merge(text, &options, &call, &result, error);
    vcl_merge_result_done(&result);
    writers_audit_expect(NULL);
    return status;
}

/* One writer; begins where the one before it was killed. */
static void write_entries(int writer, int fd)
{
    for (int entry = 0; entry < entries; entry++) {
        vcluster_error *error = NULL;

        if (written[writer][entry])
            continue;
        report told = { writer, entry, merge_entry(writer, entry, &error) };
        /* Others had it all the time: that is no failure, and nothing was written. */
        while (told.status == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(error)) {
            vcluster_error_free(error);
            error = NULL;
            told.status = merge_entry(writer, entry, &error);
        }
        if (told.status < 0)
            (void)fprintf(stderr, "writer %d: %s\n", writer, vcluster_error_to_string(error));
        vcluster_error_free(error);
        if (write(fd, &told, sizeof(told)) != (ssize_t)sizeof(told) || told.status < 0)
            _exit(1);
    }
    _exit(0);
}

/* Read without a lock, over and over, until killed. Torn is what does not parse, and what has
 * fewer entries than before. */
static void read_forever(bool others_write)
{
    int most = 0;

    for (;;) {
        char *text = NULL;
        size_t size = 0;
        vcl_config_text config;
        vcluster_error *error = NULL;

        if (vcl_read_file(path, VCL_MAX_DOCUMENT, &text, &size) == 0) {
            int status = vcl_config_text_open(&config, text, size, &error);
            if (status < 0 && !others_write) {
                (void)fprintf(stderr, "reader: %s\n", vcluster_error_to_string(error));
                _exit(1);
            }
            if (status == 0) {
                int count = cJSON_GetArraySize(vcl_json_get(config.tree, "contexts"));
                if (count < most && !others_write)
                    _exit(2);
                most = count;
                vcl_config_text_done(&config);
            }
            vcluster_error_free(error);
            free(text);
        }
    }
}

static void take_reports(int fd)
{
    report told;

    while (read(fd, &told, sizeof(told)) == (ssize_t)sizeof(told)) {
        if (told.status < 0)
            give_up("a writer failed");
        if (told.writer < 0)
            by_kubectl[-told.writer - 1][told.entry] = true;
        else
            written[told.writer][told.entry] = true;
    }
}

/* A child that a failed test does not leave behind. */
static pid_t fork_from_us(void)
{
    pid_t child = fork();

    if (child == 0)
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

static pid_t start_writer(int writer, int fd)
{
    pid_t child = fork_from_us();

    if (child == 0)
        write_entries(writer, fd);
    return child;
}

static bool finished(int writer)
{
    for (int entry = 0; entry < entries; entry++) {
        if (!written[writer][entry])
            return false;
    }
    return true;
}

/* Let all writers run, killing one now and then, until each has reported all its entries. */
static int run_writers(int fds[2])
{
    pid_t children[MAX_WRITERS];
    int killed = 0;
    int running = writers;

    for (int i = 0; i < writers; i++)
        children[i] = start_writer(i, fds[1]);
    while (running > 0) {
        struct timespec pause = { .tv_nsec = (long)(random() % 20) * 1000000 };
        int state;
        pid_t ended = 0;

        (void)nanosleep(&pause, NULL);
        int victim = (int)(random() % writers);
        if (killed < kills && children[victim] > 0 && kill(children[victim], SIGKILL) == 0)
            killed++;
        take_reports(fds[0]);
        while ((ended = waitpid(-1, &state, WNOHANG)) > 0) {
            take_reports(fds[0]);
            int i = 0;
            while (i < writers && children[i] != ended)
                i++;
            if (WIFEXITED(state) && WEXITSTATUS(state) == WRITERS_AUDIT_FAILED)
                give_up("a writer of ours broke the lock, or would have dropped an entry");
            if (i < writers) {
                children[i] = finished(i) ? 0 : start_writer(i, fds[1]);
                running -= children[i] == 0;
            } else if (!(WIFEXITED(state) && WEXITSTATUS(state) == 0)) {
                give_up("the reader saw a torn file, or kubectl failed");
            }
        }
    }
    return killed;
}

static char *find_kubectl(void)
{
    const char *given = secure_getenv("VCLUSTER_TEST_KUBECTL");

    if (!vcl_str_empty(given))
        return access(given, X_OK) == 0 ? vcl_strdup(given) : NULL;
    return system("command -v kubectl > /dev/null") == 0 ? vcl_strdup("kubectl") : NULL;
}

/* kubectl does not wait for a lock: it tries again by our hand, as its users do. Writes for as long
 * as ours do, and once at least. */
static void write_with_kubectl(const char *kubectl, int number, int fd)
{
    for (int entry = 0; entry < KUBECTL_ENTRIES; entry++) {
        report told = { -1 - number, entry, VCLUSTER_OK };
        vcl_auto_free char *command = vcl_format(
            "for i in $(seq 2000); do %s --kubeconfig %s config set-credentials "
            "kubectl%d-%d --token=t > /dev/null 2>&1 && exit 0; sleep 0.01; done; exit 1",
            kubectl, path, number, entry);
        if (system(command) != 0 || write(fd, &told, sizeof(told)) != (ssize_t)sizeof(told))
            _exit(1);
        if (atomic_load(ours_have_ended))
            break;
    }
    _exit(0);
}

static void start_kubectls(const char *kubectl, pid_t children[MAX_KUBECTLS], int fd)
{
    for (int i = 0; i < kubectls; i++) {
        children[i] = fork_from_us();
        if (children[i] == 0)
            write_with_kubectl(kubectl, i, fd);
    }
}

static void wait_for_kubectls(const pid_t children[MAX_KUBECTLS])
{
    for (int i = 0; i < kubectls; i++) {
        int state = 0;
        if (waitpid(children[i], &state, 0) == children[i] && state != 0)
            give_up("kubectl never got the lock");
    }
}

static void load(vcl_config_text *config)
{
    char *text = NULL;
    size_t size = 0;
    vcluster_error *error = NULL;

    if (vcl_read_file(path, VCL_MAX_DOCUMENT, &text, &size) != 0 ||
        vcl_config_text_open(config, text, size, &error) < 0)
        give_up("the file is not readable in the end");
    free(text);
}

/* How many parts of entries of ours are not there. */
static int count_missing(const vcl_config_text *config)
{
    static const char *const lists[] = { "clusters", "contexts", "users" };
    int missing = 0;

    for (int i = 0; i < writers * entries * 3; i++) {
        vcl_auto_free char *name = vcl_format("w%d-%d", i / 3 / entries, i / 3 % entries);
        missing += !vcl_config_tree_entry(config->tree, lists[i % 3], name, NULL);
    }
    return missing;
}

/* How many entries kubectl wrote, and how many of them are not there. */
static int count_by_kubectl(const vcl_config_text *config, int *out_missing)
{
    int count = 0;

    *out_missing = 0;
    for (int i = 0; i < MAX_KUBECTLS * KUBECTL_ENTRIES; i++) {
        int number = i / KUBECTL_ENTRIES;
        int entry = i % KUBECTL_ENTRIES;
        vcl_auto_free char *name = vcl_format("kubectl%d-%d", number, entry);

        if (!by_kubectl[number][entry])
            continue;
        count++;
        *out_missing += !vcl_config_tree_entry(config->tree, "users", name, NULL);
    }
    return count;
}

/* What is missing in the end, and why it is not our doing. */
static void check_result(bool others_wrote)
{
    int lost_by_kubectl = 0;
    vcl_config_text config;

    load(&config);
    int missing = count_missing(&config);
    if (missing > 0 && !others_wrote)
        give_up("an entry that was reported as written is not there");
    if (writers_audit_count() < writers * entries)
        give_up("not every replacement was looked at");
    if (others_wrote) {
        int count = count_by_kubectl(&config, &lost_by_kubectl);
        (void)printf("kubectl wrote %d entries; it dropped %d parts of entries of ours and %d of "
                     "its own, as it reads before it takes the lock: none was dropped by one of "
                     "our %d replacements\n",
                     count, missing, lost_by_kubectl, writers_audit_count());
    }
    vcl_config_text_done(&config);
}

/* All of it once; kubectl may be NULL. */
static void run(const char *kubectl)
{
    int fds[2];
    pid_t others[MAX_KUBECTLS];
    int64_t started = vcl_monotonic_ms();

    memset(written, 0, sizeof(written));
    (void)unlink(path);
    atomic_store(ours_have_ended, false);
    if (!writers_audit_begin() || pipe2(fds, O_CLOEXEC) != 0 ||
        fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0)
        give_up("no pipe, or no memory");
    pid_t reader = fork_from_us();
    if (reader == 0)
        read_forever(kubectl != NULL);
    if (kubectl)
        start_kubectls(kubectl, others, fds[1]);
    int killed = run_writers(fds);
    atomic_store(ours_have_ended, true);
    if (kubectl)
        wait_for_kubectls(others);
    take_reports(fds[0]);
    int state = 0;
    (void)kill(reader, SIGKILL);
    if (waitpid(reader, &state, 0) != reader || !WIFSIGNALED(state))
        give_up("the reader saw a torn file");
    check_result(kubectl != NULL);
    (void)close(fds[0]);
    (void)close(fds[1]);
    (void)printf("%d writers x %d entries, %d killed, %d kubectl: nothing torn, nothing lost by "
                 "us, %lld ms\n",
                 writers, entries, killed, kubectl ? kubectls : 0,
                 (long long)(vcl_monotonic_ms() - started));
    (void)fflush(stdout);
}

/* [WRITERS ENTRIES KILLS KUBECTLS] */
static bool read_arguments(int argc, char **argv)
{
    int64_t numbers[4] = { writers, entries, kills, kubectls };
    static const int64_t most[4] = { MAX_WRITERS, MAX_ENTRIES, 100000, MAX_KUBECTLS };

    for (int i = 1; i < argc && i < 5; i++) {
        if (!vcl_parse_i64(argv[i], &numbers[i - 1]) || numbers[i - 1] < 1 ||
            numbers[i - 1] > most[i - 1])
            return false;
    }
    writers = (int)numbers[0];
    entries = (int)numbers[1];
    kills = (int)numbers[2];
    kubectls = (int)numbers[3];
    return true;
}

int main(int argc, char **argv)
{
    if (!read_arguments(argc, argv))
        return 2;
    ours_have_ended = mmap(NULL, sizeof(*ours_have_ended), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ours_have_ended == MAP_FAILED || !mkdtemp(folder))
        return 1;
    srandom((unsigned)time(NULL));
    (void)snprintf(path, sizeof(path), "%s/config", folder);
    run(NULL);

    vcl_auto_free char *kubectl = find_kubectl();
    if (kubectl)
        run(kubectl);
    else
        (void)printf("SKIPPED: no kubectl: writers of ours alone were tested\n");
    vcl_auto_free char *left = vcl_format("ls %s/* | grep -v '/config$'", folder);
    if (system(left) == 0)
        (void)printf("(the files above were left by writers that were killed)\n");
    vcl_auto_free char *command = vcl_format("rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
