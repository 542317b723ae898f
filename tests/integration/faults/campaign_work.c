/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread of the fault campaign does, and how it finds out whether that is true. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "campaign.h"

enum { MAX_APPLIES = 10000 };

typedef struct worker {
    campaign *all;
    vcl_kube *kube;
    int client; /* which one kube is */
    int number;
    int step;
    int64_t oldest; /* the values that the applied object may have, to newest */
    int64_t newest;
    bool given_up[MAX_APPLIES]; /* by value: no answer came; the server may yet do it */
    char name[64];
} worker;

static cJSON *config_map(const worker *self, const char *name, int64_t value)
{
    char text[512];
    cJSON *tree = NULL;

    (void)snprintf(text, sizeof(text),
                   "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"%s\":\"%s\","
                   "\"labels\":{\"worker\":\"w%d\",\"step\":\"s%d\"}},\"data\":{\"value\":"
                   "\"%lld\"}}",
                   vcl_ends_with(name, "-") ? "generateName" : "name", name, self->number,
                   self->step, (long long)value);
    if (vcl_json_parse(text, strlen(text), &tree, NULL) < 0)
        abort();
    return tree;
}

static vcl_object_key key_of(const worker *self, const char *name)
{
    return (vcl_object_key){ "v1", "ConfigMap", self->all->namespace_name, name };
}

/* The truth, over a connection that nobody breaks. */
static int look(const worker *self, const char *name, cJSON **out_object)
{
    vcl_object_key key = key_of(self, name);
    vcl_call call = campaign_call(30000);
    vcluster_error *error = NULL;
    int status = vcl_kube_get(self->all->clean, &call, &key, out_object, &error);

    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        campaign_defect(self->all, "the clean connection fails: %s",
                        vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status;
}

static int count(const worker *self, vcl_kube *kube, vcl_call *call, const char *selector)
{
    vcl_list_query query = { .api_version = "v1",
                             .kind = "ConfigMap",
                             .namespace_name = self->all->namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };
    cJSON *list = NULL;
    int status = vcl_kube_list(kube, call, &query, &list, NULL);

    if (status == VCLUSTER_OK)
        status = cJSON_GetArraySize(vcl_json_get(list, "items"));
    cJSON_Delete(list);
    return status;
}

static int count_cleanly(const worker *self, const char *selector)
{
    vcl_call call = campaign_call(30000);

    return count(self, self->all->clean, &call, selector);
}

/* A failure has an error that says it. */
static void check_error(const worker *self, int status, vcluster_error *error)
{
    if ((status < 0) != (error != NULL) ||
        (error && (vcluster_error_code(error) != status || !*vcluster_error_message(error) ||
                   status == VCLUSTER_E_INTERNAL || status == VCLUSTER_E_NO_MEMORY)))
        campaign_defect(self->all, "status %d with error '%s'", status,
                        vcluster_error_to_string(error));
    if (status == VCLUSTER_E_PROTOCOL) /* rare enough to be looked at */
        (void)printf("note: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
}

/* ---- Verbs ---- */

/* Made exactly once where the call says so; at most once where it does not know. */
static void create(worker *self, bool generated)
{
    char selector[64];
    char name[64];
    vcluster_error *error = NULL;
    cJSON *stored = NULL;
    campaign_start start = campaign_begin(self->all, self->client);
    vcl_call call = campaign_call(CAMPAIGN_TIMEOUT_MS);

    (void)snprintf(name, sizeof(name), generated ? "g-%d-" : "c-%d-%d", self->number, self->step);
    (void)snprintf(selector, sizeof(selector), "worker=w%d,step=s%d", self->number, self->step);
    cJSON *object = config_map(self, name, self->step);
    int status = vcl_kube_create(self->kube, &call, object, self->all->namespace_name, "campaign",
                                 &stored, &error);
    campaign_book(self->all, generated ? VERB_GENERATE : VERB_CREATE, status, &start);
    cJSON_Delete(object);
    check_error(self, status, error);
    int found = count_cleanly(self, selector);
    if (found > 1 || (status == VCLUSTER_OK && found != 1))
        campaign_defect(self->all, "create of '%s' returned %d: %d are there", name, status, found);
    if (status == VCLUSTER_E_ALREADY_EXISTS)
        campaign_defect(self->all, "create of '%s' met itself", name);
    if (status == VCLUSTER_OK)
        (void)snprintf(self->name, sizeof(self->name), "%s",
                       vcl_str(vcl_json_find_string(stored, "metadata", "name", NULL)));
    cJSON_Delete(stored);
}

/* Whether an apply that got no answer may have come last: it was on its way when the caller gave
 * up, and nothing holds back what a server has read. One that was answered never comes again. */
static bool may_hold(const worker *self, int64_t value)
{
    return (value >= self->oldest && value <= self->newest) ||
           (value > 0 && value < self->oldest && self->given_up[value]);
}

/* The object holds what the last successful apply said, or something that was tried since, or was
 * given up before. */
static void apply(worker *self)
{
    char name[64];
    vcluster_error *error = NULL;
    cJSON *stored = NULL;
    vcl_apply_options options = { .namespace_name = self->all->namespace_name,
                                  .field_manager = "campaign",
                                  .force = true };

    (void)snprintf(name, sizeof(name), "a-%d", self->number);
    self->newest++;
    cJSON *object = config_map(self, name, self->newest);
    campaign_start start = campaign_begin(self->all, self->client);
    vcl_call call = campaign_call(CAMPAIGN_TIMEOUT_MS);
    int status = vcl_kube_apply(self->kube, &call, object, &options, NULL, &error);
    campaign_book(self->all, VERB_APPLY, status, &start);
    cJSON_Delete(object);
    check_error(self, status, error);
    if (status == VCLUSTER_OK)
        self->oldest = self->newest;
    else
        self->given_up[self->newest] = true;

    int64_t value = 0;
    if (look(self, name, &stored) == 0)
        (void)vcl_parse_i64(vcl_str(vcl_json_find_string(stored, "data", "value", NULL)), &value);
    if (!may_hold(self, value))
        campaign_defect(self->all, "'%s' holds %lld, not %lld to %lld", name, (long long)value,
                        (long long)self->oldest, (long long)self->newest);
    cJSON_Delete(stored);
}

static void delete_last(worker *self)
{
    cJSON *stored = NULL;
    vcluster_error *error = NULL;

    if (!*self->name || look(self, self->name, &stored) < 0)
        return;
    vcl_object_key key = key_of(self, self->name);
    vcl_kube_delete_options options = { .uid =
                                            vcl_json_find_string(stored, "metadata", "uid", NULL),
                                        .grace_seconds = -1 };
    campaign_start start = campaign_begin(self->all, self->client);
    vcl_call call = campaign_call(CAMPAIGN_TIMEOUT_MS);
    int status = vcl_kube_delete(self->kube, &call, &key, &options, &error);
    campaign_book(self->all, VERB_DELETE, status == VCLUSTER_E_NOT_FOUND ? 0 : status, &start);
    check_error(self, status, error);
    cJSON_Delete(stored);
    stored = NULL;
    bool done = status == VCLUSTER_OK || status == VCLUSTER_E_NOT_FOUND;
    if (done && look(self, self->name, &stored) == 0)
        campaign_defect(self->all, "'%s' is there although its delete returned %d", self->name,
                        status);
    cJSON_Delete(stored);
    if (done)
        self->name[0] = '\0';
}

/* As many as there are; one that was given up at its deadline may be made while we look. */
static void list(worker *self)
{
    char selector[64];

    (void)snprintf(selector, sizeof(selector), "worker=w%d", self->number);
    int before = count_cleanly(self, selector);
    campaign_start start = campaign_begin(self->all, self->client);
    vcl_call call = campaign_call(CAMPAIGN_TIMEOUT_MS);
    int found = count(self, self->kube, &call, selector);
    campaign_book(self->all, VERB_LIST, found < 0 ? found : 0, &start);
    int after = count_cleanly(self, selector);
    if (found >= 0 && (found < before || found > after) && (found > before || found < after))
        campaign_defect(self->all, "a list of %d objects, where %d were and %d are", found, before,
                        after);
}

/* ---- The tunnel ---- */

/* Read until the end or the deadline; the size, or -1 for a reset or the deadline. */
static ssize_t read_all(int fd, char *text, size_t size, int64_t end_ms)
{
    size_t used = 0;

    for (;;) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        int64_t left_ms = end_ms - vcl_monotonic_ms();

        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) <= 0)
            return -1;
        ssize_t got = read(fd, text + used, size - 1 - used);
        if (got <= 0)
            return got < 0 ? -1 : (ssize_t)used;
        used += (size_t)got;
        text[used] = '\0';
    }
}

/* The web server's page, whole or not at all. */
static void tunnel(worker *self)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)self->all->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char text[4096] = "";
    campaign_start start = campaign_begin(self->all, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ssize_t size = -1;

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        write(fd, request, sizeof(request) - 1) == (ssize_t)sizeof(request) - 1)
        size = read_all(fd, text, sizeof(text), start.at_ms + CAMPAIGN_TIMEOUT_MS);
    if (fd >= 0)
        (void)close(fd);
    bool whole = size > 0 && vcl_ends_with(text, "\r\n\r\nhello\n");
    campaign_book(self->all, VERB_TUNNEL, whole ? 0 : VCLUSTER_E_UNAVAILABLE, &start);
    if (size > 0 && !whole && !vcl_starts_with("HTTP/1.0 200 OK\r\n", text) &&
        !vcl_starts_with(text, "HTTP/1.0 200 OK\r\n"))
        campaign_defect(self->all, "the tunnel made up '%.40s'", text);
}

void *campaign_work(void *data)
{
    campaign_worker *thread = data;
    campaign *all = thread->all;
    worker self = { .all = all,
                    .kube = all->kubes[thread->number % CAMPAIGN_CLIENTS],
                    .client = thread->number % CAMPAIGN_CLIENTS,
                    .number = thread->number };

    while (!atomic_load(&all->ending)) {
        self.step++;
        switch (rand_r(&thread->seed) % 8) {
        case 0:
        case 1:
            create(&self, false);
            break;
        case 2:
            create(&self, true);
            break;
        case 3:
        case 4:
            if (self.newest + 1 < MAX_APPLIES)
                apply(&self);
            break;
        case 5:
            delete_last(&self);
            break;
        case 6:
            list(&self);
            break;
        default:
            if (all->port)
                tunnel(&self);
            break;
        }
    }
    return NULL;
}
