/* SPDX-License-Identifier: Apache-2.0 */
/* A host cluster in memory; see fake_host.h. */
#include "fake_host.h"

#include <pthread.h>

#include "cm.h"
#include "data/yaml.h"
#include "fake/host.h"
#include "vcluster/client.h"

#define CREATED "2026-01-02T03:04:05Z"

enum { MAX_RULES = 8 };

/* A failure, or something to be done once. */
typedef struct rule {
    char *method;
    char *part;
    int status;
    void (*fn)(fake_host *host, void *data);
    void *data;
} rule;

struct fake_host {
    vcl_endpoint endpoint; /* holds the fake */
    vcl_fake *fake;
    pthread_mutex_t lock; /* guards the rules */
    rule rules[MAX_RULES];
    size_t rule_count;
    /* With the lock of the fake: */
    void (*on_write)(cJSON *object, void *data);
    void *on_write_data;
    cJSON *allowed[2]; /* in a namespace, everywhere */
    bool asked;
};

/* What every host of these tests serves beside the kinds that are built in. */
static const struct {
    const char *group, *version, *plural, *kind;
} served[] = {
    { "tests.dev", "v1", "things", "Thing" },
    { "gateway.networking.k8s.io", "v1", "gateways", "Gateway" },
    { "gateway.networking.k8s.io", "v1", "tlsroutes", "TLSRoute" },
    { "argoproj.io", "v1alpha1", "applications", "Application" },
    { "helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease" },
    { "infrastructure.cluster.x-k8s.io", "v1alpha1", "vclusters", "VCluster" },
};
enum { SERVED = sizeof(served) / sizeof(served[0]) };

/* ---- Hooks ---- */

/* Whether a rule fits a request; *out is a copy. What is to be done once is taken. */
static bool take(fake_host *host, size_t index, const char *method, const char *path, rule *out)
{
    (void)pthread_mutex_lock(&host->lock);
    rule *one = &host->rules[index];
    bool fits = index < host->rule_count && (one->status || one->fn) &&
                !strcmp(one->method, method) && strstr(path, one->part);
    *out = *one;
    if (fits)
        one->fn = NULL;
    (void)pthread_mutex_unlock(&host->lock);
    return fits;
}

static size_t count_rules(fake_host *host)
{
    (void)pthread_mutex_lock(&host->lock);
    size_t count = host->rule_count;
    (void)pthread_mutex_unlock(&host->lock);
    return count;
}

static int before(void *data, const char *method, const char *path)
{
    fake_host *host = data;
    size_t count = count_rules(host); /* a function may add rules, for later requests */

    for (size_t i = 0; i < count; i++) {
        rule fitting;
        if (!take(host, i, method, path, &fitting))
            continue;
        if (!fitting.fn)
            return fitting.status;
        fitting.fn(host, fitting.data);
    }
    return 0;
}

static void on_write(void *data, cJSON *object)
{
    const fake_host *host = data;

    if (host->on_write)
        host->on_write(object, host->on_write_data);
}

static cJSON *review(void *data, const cJSON *asked)
{
    const fake_host *host = data;
    const char *name = vcl_str(vcl_json_find_string(asked, "spec", "namespace", NULL));
    vcl_auto_free char *path = vcl_format("/api/v1/namespaces/%s", name);

    if (vcl_streq(vcl_json_find_string(asked, "kind", NULL), "SelfSubjectAccessReview")) {
        cJSON *status = cJSON_CreateObject();
        assert_true(vcl_json_set(status, "allowed", cJSON_CreateBool(host->asked)));
        return status;
    }
    const cJSON *status = host->allowed[vcl_world_find(host->fake->worlds, path) ? 0 : 1];
    return status ? vcl_json_copy(status) : NULL;
}

/* ---- The host ---- */

static vcl_world *lock_world(fake_host *host)
{
    (void)pthread_mutex_lock(&host->fake->lock);
    return host->fake->worlds;
}

static void unlock(fake_host *host)
{
    vcl_fake_ring(host->fake);
    (void)pthread_mutex_unlock(&host->fake->lock);
}

static void serve(fake_host *host, size_t index)
{
    vcl_auto_free char *yaml = vcl_format(
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "
        "%s.%s}, spec: {group: %s, scope: Namespaced, names: {plural: %s, kind: %s}, versions: "
        "[{name: %s, served: true}]}}",
        served[index].plural, served[index].group, served[index].group, served[index].plural,
        served[index].kind, served[index].version);

    assert_non_null(yaml);
    fake_host_put(host, yaml);
}

fake_host *fake_host_start(void)
{
    fake_host *host = calloc(1, sizeof(*host));
    vcluster_error *error = NULL;

    assert_non_null(host);
    assert_int_equal(pthread_mutex_init(&host->lock, NULL), 0);
    host->asked = true;
    const vcl_fake_options options = { .bare = true,
                                       .created = CREATED,
                                       .hooks = { host, before, on_write, review } };
    assert_works(vcl_fake_new(&options, &host->endpoint, &host->fake, &error), &error);
    for (size_t i = 0; i < SERVED; i++)
        serve(host, i);
    return host;
}

void fake_host_stop(fake_host *host)
{
    vcl_endpoint_done(&host->endpoint);
    cJSON_Delete(host->allowed[0]);
    cJSON_Delete(host->allowed[1]);
    fake_host_heal(host);
    (void)pthread_mutex_destroy(&host->lock);
    free(host);
}

vcluster_client *fake_host_client(const fake_host *host, const char *namespace_name)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    char name[] = "c";
    vcl_kubeconfig_context context = { .name = name,
                                       .namespace_name = vcl_strdup(namespace_name),
                                       .endpoint = host->endpoint };
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_text = "";
    assert_works(vcl_client_make(&context, &options, &client, &error), &error);
    assert_works(vcl_client_remember(client, &options, &error), &error);
    free(context.namespace_name);
    return client;
}

/* ---- Objects ---- */

void fake_host_put(fake_host *host, const char *yaml)
{
    vcluster_error *error = NULL;

    assert_works(vcl_fake_put(host->fake, yaml, &error), &error);
}

void fake_host_remove(fake_host *host, const char *path)
{
    vcl_world *world = lock_world(host);
    vcl_fake_object *object = vcl_world_find(world, path);

    assert_non_null(object);
    vcl_world_drop(world, object);
    unlock(host);
}

void fake_host_cut(fake_host *host, bool forget)
{
    (void)lock_world(host);
    vcl_fake_cut_watches(host->fake, forget);
    unlock(host);
}

cJSON *fake_host_get(fake_host *host, const char *path)
{
    const vcl_fake_object *object = vcl_world_find(lock_world(host), path);
    cJSON *copy = object ? vcl_json_copy(object->tree) : NULL;

    unlock(host);
    return copy;
}

/* Whether an object is one of those that were there at the start. */
static bool is_definition(const cJSON *tree)
{
    const char *name = vcl_json_find_string(tree, "metadata", "name", NULL);

    for (size_t i = 0; i < SERVED; i++) {
        vcl_auto_free char *own = vcl_format("%s.%s", served[i].plural, served[i].group);
        if (vcl_streq(own, name))
            return vcl_streq(vcl_json_find_string(tree, "kind", NULL), "CustomResourceDefinition");
    }
    return false;
}

int fake_host_count(fake_host *host, const char *part)
{
    int count = 0;

    for (const vcl_fake_object *one = lock_world(host)->objects; one; one = one->next)
        count += strstr(one->path, part) && !is_definition(one->tree);
    unlock(host);
    return count;
}

/* ---- What happens ---- */

static void add_rule(fake_host *host, rule added)
{
    (void)pthread_mutex_lock(&host->lock);
    assert_true(host->rule_count < MAX_RULES);
    host->rules[host->rule_count++] = added;
    (void)pthread_mutex_unlock(&host->lock);
}

void fake_host_fail(fake_host *host, const char *method, const char *part, int status)
{
    add_rule(host, (rule){ vcl_strdup(method), vcl_strdup(part), status, NULL, NULL });
}

void fake_host_before(fake_host *host,
                      const char *method,
                      const char *part,
                      void (*fn)(fake_host *host, void *data),
                      void *data)
{
    add_rule(host, (rule){ vcl_strdup(method), vcl_strdup(part), 0, fn, data });
}

void fake_host_heal(fake_host *host)
{
    (void)pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->rule_count; i++) {
        free(host->rules[i].method);
        free(host->rules[i].part);
    }
    host->rule_count = 0;
    (void)pthread_mutex_unlock(&host->lock);
}

void fake_host_allow(fake_host *host, const char *inside, const char *everywhere, bool asked)
{
    const char *const texts[] = { inside, everywhere };

    (void)lock_world(host);
    for (int i = 0; i < 2; i++) {
        cJSON_Delete(vcl_steal(&host->allowed[i]));
        assert_int_equal(vcl_yaml_parse(texts[i], strlen(texts[i]), &host->allowed[i], NULL), 0);
    }
    host->asked = asked;
    unlock(host);
}

void fake_host_on_write(fake_host *host, void (*fn)(cJSON *object, void *data), void *data)
{
    (void)lock_world(host);
    host->on_write = fn;
    host->on_write_data = data;
    unlock(host);
}

/* ---- Requests ---- */

/* Those of a method (NULL: any) whose path is, or contains, a text. */
static int count_requests(fake_host *host, const char *method, const char *text, bool whole)
{
    const cJSON *line;
    int count = 0;

    (void)lock_world(host);
    cJSON_ArrayForEach (line, host->fake->log) {
        const char *path = vcl_json_find_string(line, "path", NULL);
        bool wanted = !method || vcl_streq(vcl_json_find_string(line, "method", NULL), method);
        count += wanted && (whole ? vcl_streq(path, text) : strstr(path, text) != NULL);
    }
    unlock(host);
    return count;
}

int fake_host_requests(fake_host *host, const char *method, const char *part)
{
    return count_requests(host, method, part, false);
}

int fake_host_exact(fake_host *host, const char *method, const char *path)
{
    return count_requests(host, method, path, true);
}

void fake_host_forget(fake_host *host)
{
    char *told = NULL;
    vcluster_error *error = NULL;

    assert_works(vcl_fake_requests(host->fake, true, &told, &error), &error);
    free(told);
}
