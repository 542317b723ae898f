/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a client takes to start, to get objects, and to reach a virtual cluster in process.
 * Prints figures for bench/session, which sets them beside those of client-go.
 *
 * usage: bench_client start KUBECONFIG TIMES | gets KUBECONFIG TIMES THREADS
 *      | open KUBECONFIG NAME NAMESPACE TIMES
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libvcluster/vcluster.h>

enum { MAX_TIMES = 100000, MAX_THREADS = 64 };

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

/* By its place: the call that is an argument beside it may set it after this one is evaluated. */
static void must(int status, vcluster_error *const *error)
{
    if (status >= 0)
        return;
    (void)fprintf(stderr, "bench_client: %s\n", vcluster_error_to_string(*error));
    exit(1);
}

static vcluster_client *make_client(const char *kubeconfig)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_path = kubeconfig;
    must(vcluster_client_new(&options, &client, &error), &error);
    return client;
}

static void get(vcluster_client *client)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    must(vcluster_resource_get(client, "v1", "Namespace", NULL, "default", NULL, &json, &error),
         &error);
    vcluster_free(json);
}

static void print_times(double *taken, size_t times, double first_ms)
{
    qsort(taken, times, sizeof(*taken), compare);
    printf("first_ms=%.2f min_ms=%.2f median_ms=%.2f", first_ms, taken[0], taken[times / 2]);
}

static void start(const char *kubeconfig, size_t times)
{
    double *taken = calloc(times, sizeof(*taken));
    size_t heap_before = mallinfo2().uordblks;
    size_t heap = 0;
    double first_ms = 0;

    for (size_t i = 0; taken && i < times; i++) {
        double begin = now_ms();
        vcluster_client *client = make_client(kubeconfig);
        get(client);
        taken[i] = now_ms() - begin;
        if (i == 0) {
            first_ms = taken[0];
            heap = mallinfo2().uordblks - heap_before;
        }
        vcluster_client_unref(client);
    }
    if (taken)
        print_times(taken, times, first_ms);
    printf(" heap_kib=%zu\n", heap / 1024);
    free(taken);
}

typedef struct getter {
    vcluster_client *client;
    size_t times;
    pthread_t thread;
} getter;

static void *get_many(void *data)
{
    getter *self = data;

    for (size_t i = 0; i < self->times; i++)
        get(self->client);
    return NULL;
}

static void gets(const char *kubeconfig, size_t times, size_t threads)
{
    getter getters[MAX_THREADS];
    vcluster_client *client = make_client(kubeconfig);

    get(client);
    double begin = now_ms();
    for (size_t i = 0; i < threads; i++) {
        getters[i] = (getter){ .client = client, .times = times / threads };
        if (pthread_create(&getters[i].thread, NULL, get_many, &getters[i]) != 0)
            exit(1);
    }
    for (size_t i = 0; i < threads; i++)
        (void)pthread_join(getters[i].thread, NULL);
    double took_ms = now_ms() - begin;
    printf("gets_per_s=%.0f\n", (double)(times / threads * threads) * 1e3 / took_ms);
    vcluster_client_unref(client);
}

static void open_inner(const char *kubeconfig, const char *name, const char *space, size_t times)
{
    double *taken = calloc(times, sizeof(*taken));
    vcluster_client *host = make_client(kubeconfig);
    double first_ms = 0;

    get(host);
    for (size_t i = 0; taken && i < times; i++) {
        vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
        vcluster_client *inner = NULL;
        vcluster_error *error = NULL;
        char *version = NULL;
        double begin = now_ms();

        options.namespace_name = space;
        must(vcluster_instance_open(host, name, &options, &inner, &error), &error);
        must(vcluster_client_server_version(inner, NULL, &version, &error), &error);
        taken[i] = now_ms() - begin;
        first_ms = i == 0 ? taken[0] : first_ms;
        vcluster_free(version);
        vcluster_client_unref(inner);
    }
    if (taken)
        print_times(taken, times, first_ms);
    printf("\n");
    free(taken);
    vcluster_client_unref(host);
}

static size_t number(const char *text, size_t max)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    if (*end || value == 0 || value > max) {
        (void)fprintf(stderr, "bench_client: '%s' is no number from 1 to %zu\n", text, max);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "start") == 0)
        start(argv[2], number(argv[3], MAX_TIMES));
    else if (argc == 5 && strcmp(argv[1], "gets") == 0)
        gets(argv[2], number(argv[3], MAX_TIMES), number(argv[4], MAX_THREADS));
    else if (argc == 6 && strcmp(argv[1], "open") == 0)
        open_inner(argv[2], argv[3], argv[4], number(argv[5], MAX_TIMES));
    else {
        (void)fprintf(stderr, "usage: bench_client start KUBECONFIG TIMES | gets KUBECONFIG TIMES "
                              "THREADS | open KUBECONFIG NAME NAMESPACE TIMES\n");
        return 2;
    }
    return 0;
}
