/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault campaign; see campaign.h. Prints how often each fault struck and how the calls ended.
 * Fails for what was lost, doubled, made up, told wrongly or left open, and for calls that hang,
 * not for being slow: how late calls were is printed.
 *
 * usage: fault_campaign FAULTS [SEED]
 */
#include "campaign.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "data/encoding.h"
#include "kube/forward.h"
#include "kube/kubeconfig.h"
#include "net/client.h"

#define IMAGE "docker.io/library/busybox:1.36"

enum {
    SKIPPED = 77,
    WORKERS = 32,
    WATCHES = 2,
    RATE = 40,         /* of a hundred requests are struck */
    SILENCE_MS = 1500, /* less than the deadline of calls, so that dead connections are left */
    POD_READY_MS = 60000
};

void campaign_defect(campaign *all, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *text = vcl_vformat(format, arguments);
    va_end(arguments);
    if (atomic_fetch_add(&all->defects, 1) < 50)
        (void)fprintf(stderr, "DEFECT: %s\n", vcl_str(text));
}

vcl_call campaign_call(int64_t timeout_ms)
{
    vcl_call call;

    vcl_call_init(&call, timeout_ms, timeout_ms, NULL, NULL, NULL);
    return call;
}

static void must(int status, const vcluster_error *error, const char *what)
{
    if (status >= 0)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, vcluster_error_to_string(error));
    exit(1);
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return count;
}

/* ---- The stage ---- */

static vcl_kube *connect_to(const vcl_endpoint *endpoint)
{
    vcluster_error *error = NULL;
    vcl_kube *kube = NULL;

    must(vcl_kube_new(endpoint, NULL, NULL, &kube, &error), error, "a client");
    return kube;
}

static void create(campaign *all, const char *namespace_name, const char *text)
{
    vcluster_error *error = NULL;
    vcl_call call = campaign_call(30000);
    cJSON *object = NULL;

    must(vcl_json_parse(text, strlen(text), &object, &error), error, "an object");
    must(vcl_kube_create(all->clean, &call, object, namespace_name, "campaign", NULL, &error),
         error, "an object");
    cJSON_Delete(object);
}

static void open_stage(campaign *all, const char *kubeconfig, unsigned seed)
{
    vcl_kubeconfig_source source = { .path = kubeconfig };
    vcl_kubeconfig_context context = { 0 };
    vcluster_error *error = NULL;
    char suffix[9] = "";
    char text[256];

    must(vcl_kubeconfig_resolve(&source, &context, &error), error, kubeconfig);
    all->clean = connect_to(&context.endpoint);
    vcl_kubeconfig_context_done(&context);
    must(vcl_random_hex(suffix, sizeof(suffix) - 1, &error), error, "a name");
    (void)snprintf(all->namespace_name, sizeof(all->namespace_name), "fault-campaign-%s", suffix);
    (void)snprintf(text, sizeof(text),
                   "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}",
                   all->namespace_name);
    create(all, NULL, text);

    all->proxy = chaos_proxy_start(kubeconfig, seed);
    vcl_auto_free char *url = vcl_strdup(chaos_proxy_url(all->proxy));
    vcl_auto_free char *ca = vcl_strdup(chaos_proxy_ca(all->proxy));
    for (int i = 0; i < CAMPAIGN_CLIENTS; i++) {
        all->kubes[i] = connect_to(&(vcl_endpoint){ .server = url, .ca_pem = ca });
        vcl_kube_http(all->kubes[i])->silence_ms = SILENCE_MS;
    }
}

static bool pod_is_ready(campaign *all)
{
    vcl_object_key key = { "v1", "Pod", all->namespace_name, "web" };
    vcl_call call = campaign_call(30000);
    cJSON *pod = NULL;
    const cJSON *condition;
    bool ready = false;

    if (vcl_kube_get(all->clean, &call, &key, &pod, NULL) == 0) {
        cJSON_ArrayForEach (condition, vcl_json_find(pod, "status", "conditions", NULL))
            ready = ready || (vcl_streq(vcl_json_find_string(condition, "type", NULL), "Ready") &&
                              vcl_streq(vcl_json_find_string(condition, "status", NULL), "True"));
    }
    cJSON_Delete(pod);
    return ready;
}

/* A web server behind a forward; without a node that runs it the tunnel is left out, saying so. */
static vcl_forward *open_tunnel(campaign *all)
{
    vcl_forward_options options = { .namespace_name = all->namespace_name,
                                    .pod = "web",
                                    .remote_port = 8080 };
    vcl_forward *forward = NULL;
    vcluster_error *error = NULL;

    create(all, all->namespace_name,
           "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"},\"spec\":{"
           "\"terminationGracePeriodSeconds\":0,\"automountServiceAccountToken\":false,"
           "\"containers\":[{\"name\":\"web\",\"image\":\"" IMAGE "\",\"imagePullPolicy\":"
           "\"IfNotPresent\",\"command\":[\"sh\",\"-c\",\"mkdir /www && echo hello "
           ">/www/index.html && exec httpd -f -p 8080 -h /www\"],\"readinessProbe\":{\"tcpSocket\":"
           "{\"port\":8080},\"periodSeconds\":1}}]}}");
    for (int64_t end_ms = vcl_monotonic_ms() + POD_READY_MS; !pod_is_ready(all);) {
        const struct timespec pause = { 0, 200000000 };

        if (vcl_monotonic_ms() > end_ms) {
            (void)printf("NO TUNNEL: pod 'web' did not become ready on this cluster\n");
            return NULL;
        }
        (void)nanosleep(&pause, NULL);
    }
    must(vcl_forward_open(all->kubes[0], &options, &forward, &error), error, "a tunnel");
    all->port = vcl_forward_port(forward);
    return forward;
}

static void close_stage(campaign *all, vcl_forward *forward)
{
    vcl_object_key key = { "v1", "Namespace", NULL, all->namespace_name };
    vcl_call call = campaign_call(30000);

    vcl_forward_close(forward);
    for (int i = 0; i < CAMPAIGN_CLIENTS; i++)
        vcl_kube_free(all->kubes[i]);
    chaos_proxy_stop(all->proxy);
    (void)vcl_kube_delete(all->clean, &call, &key, NULL, NULL);
    vcl_kube_free(all->clean);
}

/* ---- The play ---- */

static void play(campaign *all, int64_t faults, unsigned seed)
{
    campaign_worker threads[WORKERS + WATCHES];

    chaos_proxy_set_rate(all->proxy, RATE);
    for (int i = 0; i < WORKERS + WATCHES; i++) {
        threads[i] = (campaign_worker){ .all = all, .number = i, .seed = seed + (unsigned)i };
        if (pthread_create(&threads[i].thread, NULL, i < WORKERS ? campaign_work : campaign_watch,
                           &threads[i]) != 0)
            abort();
    }
    while (chaos_proxy_total(all->proxy) < faults) {
        const struct timespec pause = { 0, 50000000 };

        (void)nanosleep(&pause, NULL);
    }
    chaos_proxy_set_rate(all->proxy, 0);
    atomic_store(&all->ending, true);
    for (int i = 0; i < WORKERS + WATCHES; i++)
        (void)pthread_join(threads[i].thread, NULL);
}

static void report(campaign *all, int64_t took_ms)
{
    int64_t requests = 0;

    for (int i = 0; i < CAMPAIGN_CLIENTS; i++)
        requests += vcl_http_request_count(vcl_kube_http(all->kubes[i]));
    (void)printf("%lld faults in %lld ms, %lld requests\n",
                 (long long)chaos_proxy_total(all->proxy), (long long)took_ms, (long long)requests);
    for (int kind = CHAOS_NONE + 1; kind < CHAOS_KINDS; kind++)
        (void)printf("  %-20s %6lld\n", chaos_kind_name((chaos_kind)kind),
                     (long long)chaos_proxy_count(all->proxy, (chaos_kind)kind));
    for (int verb = 0; verb < VERB_COUNT; verb++)
        (void)printf("%-25s %6lld calls, %6lld failed\n", campaign_verb_names[verb],
                     (long long)all->done[verb], (long long)all->failed[verb]);
    for (int i = 1; i < 32; i++) {
        if (all->statuses[i])
            (void)printf("  %-20s %6lld\n", vcluster_status_name(-i), (long long)all->statuses[i]);
    }
    (void)printf(
        "%lld calls ended more than %d ms behind their deadline of %d ms, the last %lld ms "
        "behind; without what their threads waited for a processor: %lld ms\n",
        (long long)all->late, CAMPAIGN_GRACE_MS, CAMPAIGN_TIMEOUT_MS,
        (long long)all->longest_late_ms, (long long)all->longest_unexplained_ms);
}

int main(int argc, char **argv)
{
    static campaign all = { .lock = PTHREAD_MUTEX_INITIALIZER };
    const char *kubeconfig = secure_getenv("VCLUSTER_TEST_KUBECONFIG");
    int64_t faults = 0;
    int64_t seed = (int64_t)time(NULL);

    if (argc < 2 || !vcl_parse_i64(argv[1], &faults) ||
        (argc > 2 && !vcl_parse_i64(argv[2], &seed))) {
        (void)fprintf(stderr, "usage: fault_campaign FAULTS [SEED]\n");
        return 2;
    }
    if (vcl_str_empty(kubeconfig)) {
        (void)printf("SKIP: $VCLUSTER_TEST_KUBECONFIG names no cluster to test against\n");
        return SKIPPED;
    }
    int before = count_descriptors();
    (void)printf("seed %lld\n", (long long)seed);
    open_stage(&all, kubeconfig, (unsigned)seed);
    vcl_forward *forward = open_tunnel(&all);
    campaign_find_threads(&all);
    int64_t begin_ms = vcl_monotonic_ms();
    play(&all, faults, (unsigned)seed);
    report(&all, vcl_monotonic_ms() - begin_ms);
    close_stage(&all, forward);
    int after = count_descriptors();
    (void)printf("descriptors: %d before, %d after\n", before, after);
    if (after > before)
        campaign_defect(&all, "descriptors were left open");
    (void)printf("%d defects\n", atomic_load(&all.defects));
    return atomic_load(&all.defects) ? 1 : 0;
}
