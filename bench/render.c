/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renders a chart in process, with schema validation, or prints YAML; says how long one takes and
 * what memory it needs. Prints figures for bench/render, which compares them with Helm's.
 *
 * usage: bench_render render CHART TIMES | bench_render yaml MEGABYTES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libvcluster/vcluster.h>

#include "base/str.h"
#include "data/json.h"
#include "data/yaml.h"

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A line of /proc/self/status, in KiB. */
static long memory(const char *name)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long value = -1;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name) + 1, NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return value;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static int fail(const vcluster_error *error)
{
    (void)fprintf(stderr, "bench_render: %s\n", vcluster_error_message(error));
    return 1;
}

static int render(const char *path, size_t times)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;
    double *taken = calloc(times, sizeof(*taken));
    long half_way = 0;
    long start_kib = memory("VmHWM");
    size_t bytes = 0;
    double begin = now_ms();
    int status = vcluster_chart_load(path, &chart, &error);
    double loaded = now_ms();

    for (size_t i = 0; taken && status == 0 && i < times; i++) {
        char *manifest = NULL;
        double start = now_ms();
        status = vcluster_chart_template(chart, "bench", NULL, NULL, &manifest, &error);
        taken[i] = now_ms() - start;
        bytes = manifest ? strlen(manifest) : 0;
        vcluster_free(manifest);
        if (i == times / 2)
            half_way = memory("VmRSS");
    }
    if (status == 0 && taken) {
        qsort(taken, times, sizeof(*taken), compare);
        printf("load_ms=%.3f median_ms=%.3f min_ms=%.3f bytes=%zu start_kib=%ld peak_kib=%ld "
               "growth_kib=%ld\n",
               loaded - begin, taken[times / 2], taken[0], bytes, start_kib, memory("VmHWM"),
               memory("VmRSS") - half_way);
    }
    free(taken);
    vcluster_chart_free(chart);
    return status < 0 ? fail(error) : 0;
}

/* A document like a list of objects, of about that many bytes. */
static cJSON *make_tree(size_t bytes)
{
    static const char object[] =
        "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web-7\","
        "\"labels\":{\"app.kubernetes.io/name\":\"web\",\"tier\":\"front\"},\"annotations\":{"
        "\"note\":\"first line\\nsecond line\\n\",\"on\":\"yes\"}},\"spec\":{\"replicas\":3,"
        "\"ratio\":0.25,\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":"
        "\"registry.example.com/web:1.2.3\",\"args\":[\"--port=8080\",\"--verbose\"],\"env\":"
        "[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":null}]}]}}}}";
    cJSON *list = cJSON_CreateArray();

    for (size_t made = 0; list && made < bytes; made += sizeof(object)) {
        cJSON *item = NULL;
        if (vcl_json_parse(object, strlen(object), &item, NULL) < 0 || !vcl_json_append(list, item))
            break;
    }
    return list;
}

static int yaml(size_t megabytes)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = make_tree(megabytes << 20);
    double best = 0;

    for (int i = 0; i < 5; i++) {
        vcl_auto_free char *text = NULL;
        double start = now_ms();
        if (vcl_yaml_print(tree, &text, &error) < 0)
            return fail(error);
        double rate = (double)strlen(text) / 1e3 / (now_ms() - start);
        best = rate > best ? rate : best;
    }
    printf("to_yaml_mb_per_s=%.1f\n", best);
    return 0;
}

int main(int argc, char **argv)
{
    int64_t number = 0;

    if (argc == 4 && vcl_streq(argv[1], "render") && vcl_parse_i64(argv[3], &number) && number > 0)
        return render(argv[2], (size_t)number);
    if (argc == 3 && vcl_streq(argv[1], "yaml") && vcl_parse_i64(argv[2], &number) && number > 0)
        return yaml((size_t)number);
    (void)fprintf(stderr, "usage: bench_render render CHART TIMES | bench_render yaml MEGABYTES\n");
    return 2;
}
