/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "kube/kubeconfig.h"

const char *test_kubeconfig(void)
{
    const char *path = secure_getenv("VCLUSTER_TEST_KUBECONFIG");

    if (!vcl_str_empty(path))
        return path;
    (void)printf("SKIP: $VCLUSTER_TEST_KUBECONFIG names no cluster to test against "
                 "(tests/host/host up starts one)\n");
    return NULL;
}

void test_ok(int status, vcluster_error **error)
{
    if (status < 0)
        print_error("%s: %s\n", vcluster_status_name(status),
                    error ? vcluster_error_to_string(*error) : "");
    vcl_error_clear(error);
    assert_true(status >= 0);
}

vcl_call test_call(int64_t timeout_ms)
{
    vcl_call call;

    vcl_call_init(&call, timeout_ms, timeout_ms, NULL, NULL, NULL);
    return call;
}

cJSON *test_json(const char *format, ...)
{
    va_list arguments;
    cJSON *tree = NULL;
    vcluster_error *error = NULL;

    va_start(arguments, format);
    char *text = vcl_vformat(format, arguments);
    va_end(arguments);
    assert_non_null(text);
    for (char *c = text; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    test_ok(vcl_json_parse(text, strlen(text), &tree, &error), &error);
    free(text);
    return tree;
}

void test_cluster_init(test_cluster *cluster, const char *prefix)
{
    char suffix[9] = "";
    vcl_kubeconfig_source source = { .path = test_kubeconfig() };
    vcl_kubeconfig_context context = { 0 };
    vcluster_error *error = NULL;

    test_ok(vcl_kubeconfig_resolve(&source, &context, &error), &error);
    test_ok(vcl_kube_new(&context.endpoint, NULL, NULL, &cluster->kube, &error), &error);
    cluster->endpoint = context.endpoint;
    context.endpoint = (vcl_endpoint){ 0 };
    vcl_kubeconfig_context_done(&context);

    test_ok(vcl_random_hex(suffix, sizeof(suffix) - 1, &error), &error);
    (void)snprintf(cluster->namespace_name, sizeof(cluster->namespace_name), "%s-%s", prefix,
                   suffix);
    vcl_call call = test_call(30000);
    cJSON *object = test_json("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'%s'}}",
                              cluster->namespace_name);
    test_ok(vcl_kube_create(cluster->kube, &call, object, NULL, "test", NULL, &error), &error);
    cJSON_Delete(object);
}

void test_cluster_done(test_cluster *cluster)
{
    vcl_object_key key = { "v1", "Namespace", NULL, cluster->namespace_name };
    vcl_call call = test_call(30000);

    (void)vcl_kube_delete(cluster->kube, &call, &key, NULL, NULL);
    vcl_kube_free(cluster->kube);
    vcl_endpoint_done(&cluster->endpoint);
}

void test_create(test_cluster *cluster, cJSON *object)
{
    vcl_call call = test_call(30000);
    vcluster_error *error = NULL;

    test_ok(vcl_kube_create(cluster->kube, &call, object, cluster->namespace_name, "test", NULL,
                            &error),
            &error);
    cJSON_Delete(object);
}
