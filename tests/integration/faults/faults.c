/* SPDX-License-Identifier: Apache-2.0 */
/* What the fault tests share; see faults.h. */
#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static fault_proxy *proxy;
static char kubeconfig_file[] = "/tmp/vcluster-faults-XXXXXX";
static bool has_kubeconfig;

fault_proxy *faults_proxy(void)
{
    if (!proxy)
        proxy = fault_proxy_start(getenv("VCLUSTER_TEST_KUBECONFIG"));
    return proxy;
}

void faults_done(void)
{
    e2e_done();
    fault_proxy_stop(proxy);
    proxy = NULL;
    if (has_kubeconfig)
        (void)unlink(kubeconfig_file);
    has_kubeconfig = false;
}

const char *faults_kubeconfig(void)
{
    if (!has_kubeconfig) {
        const char *text = fault_proxy_kubeconfig(faults_proxy());
        int fd = mkstemp(kubeconfig_file);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        (void)close(fd);
        has_kubeconfig = true;
    }
    return kubeconfig_file;
}

vcluster_client *faults_client_of(const char *kubeconfig)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_text = kubeconfig;
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    return client;
}

vcluster_client *faults_client(void)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_path = faults_kubeconfig();
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    return client;
}

void faults_make_namespace(const char *name)
{
    char manifest[256];

    e2e_make_namespace(name);
    (void)snprintf(manifest, sizeof(manifest),
                   "{apiVersion: v1, kind: ResourceQuota, metadata: {name: no-pods, namespace: %s},"
                   " spec: {hard: {pods: 0}}}",
                   name);
    e2e_apply(e2e_host(), manifest);
}

void faults_remove(const char *name, const char *namespace_name)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.namespace_name = namespace_name;
    options.missing_ok = 1;
    options.no_wait = 1;
    e2e_ok(vcluster_instance_delete(e2e_host(), name, &options, &error), error);
}

static void check_kind_empty(const char *namespace_name,
                             const char *api_version,
                             const char *kind,
                             const char *field_selector)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *json = NULL;

    options.namespace_name = namespace_name;
    options.field_selector = field_selector;
    options.metadata_only = 1;
    e2e_ok(vcluster_resource_list(e2e_host(), api_version, kind, &options, &json, &error), error);
    if (!strstr(json, "\"items\":[]"))
        fail_msg("%s was left in '%s': %.600s", kind, namespace_name, json);
    vcluster_free(json);
}

void faults_check_empty(const char *namespace_name)
{
    static const struct {
        const char *api_version;
        const char *kind;
        const char *field_selector;
    } kinds[] = {
        { "apps/v1", "StatefulSet", NULL },
        { "apps/v1", "Deployment", NULL },
        { "v1", "Service", NULL },
        { "v1", "Secret", NULL },
        { "v1", "ConfigMap", "metadata.name!=kube-root-ca.crt" },
        { "v1", "ServiceAccount", "metadata.name!=default" },
        { "v1", "PersistentVolumeClaim", NULL },
        { "rbac.authorization.k8s.io/v1", "Role", NULL },
        { "rbac.authorization.k8s.io/v1", "RoleBinding", NULL },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        check_kind_empty(namespace_name, kinds[i].api_version, kinds[i].kind,
                         kinds[i].field_selector);
}

int faults_spread(int i, int total)
{
    static const int primes[] = { 53, 59, 61 };
    int stride = 1;

    for (size_t p = 0; p < sizeof(primes) / sizeof(primes[0]) && stride == 1; p++)
        stride = total % primes[p] ? primes[p] : 1;
    return (int)((int64_t)i * stride % total);
}

int64_t faults_budget_ms(void)
{
    const char *seconds = getenv("VCLUSTER_TEST_FAULT_SECONDS");

    return (seconds ? strtol(seconds, NULL, 10) : 20) * 1000;
}

bool faults_part(const char *variable, int *out_part, int *out_parts)
{
    const char *text = getenv(variable);

    *out_part = 1;
    *out_parts = 1;
    if (!text)
        return false;
    if (strchr(text, '/') && (sscanf(text, "%d/%d", out_part, out_parts) != 2 || *out_part < 1 ||
                              *out_part > *out_parts)) {
        (void)fprintf(stderr, "%s is not PART/PARTS: %s\n", variable, text);
        abort();
    }
    return true;
}

int64_t faults_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool faults_is_good_error(int status,
                          const vcluster_error *error,
                          const char *operation,
                          int64_t took_ms,
                          int64_t timeout_ms)
{
    const char *text = vcluster_error_to_string(error);
    const char *problem = NULL;

    if (!error || vcluster_error_code(error) != status)
        problem = "no error, or one with another status";
    else if (!strstr(text, operation))
        problem = "the operation is not named";
    else if (strlen(vcluster_error_message(error)) < 10)
        problem = "the message says nothing";
    else if (status == VCLUSTER_E_INTERNAL || status == VCLUSTER_E_NO_MEMORY)
        problem = "a defect of the library";
    else if (took_ms > timeout_ms + HANGS_MS) /* a busy machine is late, a hang never ends */
        problem = "it did not end at its deadline";
    if (problem)
        print_error("%s (after %lld ms of %lld): %s: %s\n", problem, (long long)took_ms,
                    (long long)timeout_ms, vcluster_status_name(status), text);
    return !problem;
}
