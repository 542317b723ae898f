/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many virtual clusters: how long it takes, how many requests it costs and how much memory to
 * create, ensure again, list and watch them. bench/many sets the figures beside those of upstream's
 * CLI. Memory is what the process takes at most above what it took after its first GET.
 *
 * usage: bench_many create|again KUBECONFIG COUNT WIDTH | list KUBECONFIG | watch KUBECONFIG
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libvcluster/vcluster.h>

enum { MAX_COUNT = 100000, MAX_WIDTH = 256, SETTLE_MS = 20000 };

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(int status, const vcluster_error *error)
{
    if (status >= 0)
        return;
    (void)fprintf(stderr, "bench_many: %s\n", vcluster_error_to_string(error));
    exit(1);
}

/* A client that has had its first answer. */
static vcluster_client *make_client(const char *kubeconfig)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    char *json = NULL;

    options.kubeconfig_path = kubeconfig;
    must(vcluster_client_new(&options, &client, &error), error);
    must(vcluster_resource_get(client, "v1", "Namespace", NULL, "default", NULL, &json, &error),
         error);
    vcluster_free(json);
    return client;
}

/* ---- Memory of this process, in KiB ---- */

static long status_kib(const char *key)
{
    char line[256];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtol(line + strlen(key), NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return kib;
}

/* From here on VmHWM counts anew. */
static long forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");

    if (file) {
        (void)fputs("5", file);
        (void)fclose(file);
    }
    return status_kib("VmRSS:");
}

/* ---- What is measured ---- */

static int check_result(const vcluster_result *result, void *data)
{
    size_t *failed = data;

    if (vcluster_result_status(result) < 0 && (*failed)++ == 0)
        (void)fprintf(stderr, "bench_many: %s\n",
                      vcluster_error_to_string(vcluster_result_error(result)));
    return 0;
}

/* A namespace each, as that is what a virtual cluster has; nothing is waited for. */
static vcluster_batch *
fill(size_t count, const vcluster_config *config, char (*spaces)[32], bool create)
{
    vcluster_batch *batch = NULL;
    vcluster_error *error = NULL;

    must(vcluster_batch_new(&batch, &error), error);
    for (size_t i = 0; i < count; i++) {
        vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
        char name[32];

        (void)snprintf(name, sizeof(name), "many-%zu", i);
        (void)snprintf(spaces[i], sizeof(spaces[i]), "bench-many-%zu", i);
        options.namespace_name = spaces[i];
        options.distribution = "embedded";
        options.no_wait = 1;
        options.timeout_ms = 600000;
        must((create ? vcluster_batch_add_create : vcluster_batch_add_ensure)(batch, name, config,
                                                                              &options, &error),
             error);
    }
    return batch;
}

static void ensure_all(const char *kubeconfig, size_t count, size_t width, bool create)
{
    vcluster_client *client = make_client(kubeconfig);
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    char(*spaces)[32] = calloc(count, sizeof(*spaces));
    size_t failed = 0;

    if (!spaces)
        exit(1);
    must(vcluster_config_parse("controlPlane: {statefulSet: {persistence: {volumeClaim: {enabled: "
                               "false}}}}",
                               &config, &error),
         error);
    vcluster_batch *batch = fill(count, config, spaces, create);
    options.parallel = (int64_t)width;
    int64_t requests = vcluster_client_request_count(client);
    long before_kib = forget_peak();
    double begin_ms = now_ms();
    must(vcluster_batch_run(client, batch, &options, check_result, &failed, &error), error);
    double took_ms = now_ms() - begin_ms;
    printf("count=%zu ms=%.0f requests=%lld kib=%ld failed=%zu\n", count, took_ms,
           (long long)(vcluster_client_request_count(client) - requests),
           status_kib("VmHWM:") - before_kib, failed);
    vcluster_batch_free(batch);
    vcluster_config_free(config);
    free(spaces);
    vcluster_client_unref(client);
}

static void list_all(const char *kubeconfig)
{
    vcluster_client *client = make_client(kubeconfig);
    vcluster_instance_list *list = NULL;
    vcluster_error *error = NULL;
    int64_t requests = vcluster_client_request_count(client);
    long before_kib = forget_peak();
    double begin_ms = now_ms();

    must(vcluster_instance_list_new(client, NULL, &list, &error), error);
    double took_ms = now_ms() - begin_ms;
    printf("count=%zu ms=%.1f requests=%lld kib=%ld\n", vcluster_instance_list_size(list), took_ms,
           (long long)(vcluster_client_request_count(client) - requests),
           status_kib("VmHWM:") - before_kib);
    vcluster_instance_list_free(list);
    vcluster_client_unref(client);
}

static int count_event(int type, const vcluster_instance *instance, void *data)
{
    size_t *count = data;

    (void)type;
    (void)instance;
    (*count)++;
    return 0;
}

/* The whole process, once the first list has been told and nothing happens any more. */
static void watch_all(const char *kubeconfig)
{
    vcluster_client *client = make_client(kubeconfig);
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    size_t count = 0;

    options.timeout_ms = SETTLE_MS;
    (void)forget_peak();
    int status = vcluster_instance_watch(client, &options, count_event, &count, &error);
    if (status != VCLUSTER_E_TIMEOUT)
        must(status, error);
    vcluster_error_free(error);
    printf("count=%zu process_kib=%ld peak_kib=%ld\n", count, status_kib("VmRSS:"),
           status_kib("VmHWM:"));
    vcluster_client_unref(client);
}

static size_t number(const char *text, size_t max)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    if (*end || value == 0 || value > max) {
        (void)fprintf(stderr, "bench_many: '%s' is no number from 1 to %zu\n", text, max);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    bool create = argc == 5 && strcmp(argv[1], "create") == 0;

    if (create || (argc == 5 && strcmp(argv[1], "again") == 0)) {
        ensure_all(argv[2], number(argv[3], MAX_COUNT), number(argv[4], MAX_WIDTH), create);
    } else if (argc == 3 && strcmp(argv[1], "list") == 0) {
        list_all(argv[2]);
    } else if (argc == 3 && strcmp(argv[1], "watch") == 0) {
        watch_all(argv[2]);
    } else {
        (void)fprintf(stderr, "usage: bench_many create|again KUBECONFIG COUNT WIDTH | list "
                              "KUBECONFIG | watch KUBECONFIG\n");
        return 2;
    }
    return 0;
}
