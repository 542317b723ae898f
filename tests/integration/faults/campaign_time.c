/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the calls of the campaign took. A busy machine makes calls late that do nothing wrong:
 * what the calling thread and the client's I/O thread waited for a processor, as the kernel counts
 * it, is told apart. What is late without that hangs.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "campaign.h"

enum { HANGS_MS = 5000 };

const char *const campaign_verb_names[VERB_COUNT] = { "create", "create with generateName",
                                                      "apply",  "delete",
                                                      "list",   "tunnel" };

static bool read_line(const char *path, char *line, int size)
{
    FILE *file = fopen(path, "re");
    bool read = file && fgets(line, size, file);

    if (file)
        (void)fclose(file);
    return read;
}

/* Of a thread of this process, since it began; 0 where the kernel does not count it. */
static int64_t starved_ms(int thread)
{
    char path[64];
    char line[128];
    long long delay_ns = 0;

    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", thread);
    if (thread == 0 || !read_line(path, line, sizeof(line)) ||
        sscanf(line, "%*d %lld", &delay_ns) != 1)
        return 0;
    return delay_ns / 1000000;
}

static int64_t starved_by_now_ms(const campaign *all, int client)
{
    return starved_ms(gettid()) + starved_ms(all->io_threads[client]);
}

campaign_start campaign_begin(const campaign *all, int client)
{
    return (campaign_start){ .client = client,
                             .at_ms = vcl_monotonic_ms(),
                             .starved_ms = starved_by_now_ms(all, client) };
}

void campaign_book(campaign *all, campaign_verb verb, int status, const campaign_start *start)
{
    int64_t took_ms = vcl_monotonic_ms() - start->at_ms;
    int64_t late_ms = took_ms - CAMPAIGN_TIMEOUT_MS;
    int64_t unexplained_ms =
        late_ms > 0 ? late_ms - (starved_by_now_ms(all, start->client) - start->starved_ms) : 0;

    (void)pthread_mutex_lock(&all->lock);
    all->done[verb]++;
    all->failed[verb] += status < 0;
    if (status < 0 && status > -32)
        all->statuses[-status]++;
    all->late += late_ms > CAMPAIGN_GRACE_MS;
    if (late_ms > all->longest_late_ms)
        all->longest_late_ms = late_ms;
    if (unexplained_ms > all->longest_unexplained_ms)
        all->longest_unexplained_ms = unexplained_ms;
    (void)pthread_mutex_unlock(&all->lock);
    if (unexplained_ms > HANGS_MS)
        campaign_defect(all, "%s hung: %lld ms, of which %lld ms it waited for a processor",
                        campaign_verb_names[verb], (long long)took_ms,
                        (long long)(late_ms - unexplained_ms));
}

/* ---- The I/O threads ---- */

static bool is_known(const campaign *all, int thread)
{
    for (int i = 0; i < CAMPAIGN_CLIENTS; i++) {
        if (all->io_threads[i] == thread)
            return true;
    }
    return false;
}

/* An I/O thread that is newer than those that are known and than that of the clean client. */
static int newest_io_thread(const campaign *all)
{
    DIR *folder = opendir("/proc/self/task");
    int newest = 0;

    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        char path[300];
        char name[32];
        int64_t thread = 0;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
        if (vcl_parse_i64(entry->d_name, &thread) && read_line(path, name, sizeof(name)) &&
            vcl_starts_with(name, "vcluster-io") && thread > newest)
            newest = (int)thread;
    }
    if (folder)
        (void)closedir(folder);
    return is_known(all, newest) ? 0 : newest;
}

void campaign_find_threads(campaign *all)
{
    for (int i = 0; i < CAMPAIGN_CLIENTS; i++) {
        vcl_object_key key = { "v1", "Namespace", NULL, all->namespace_name };
        vcl_call call = campaign_call(30000);
        cJSON *object = NULL;

        (void)vcl_kube_get(all->kubes[i], &call, &key, &object, NULL);
        cJSON_Delete(object);
        all->io_threads[i] = newest_io_thread(all);
    }
}
