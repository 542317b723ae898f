/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tenants on one host: what one makes inside, neither the host nor the other sees. The same
 * scenario as run.py and run_test.go, with the same transcript (expected.txt). Public headers only.
 */
#include <libvcluster/vcluster.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const tenants[][2] = { { "rosetta-a", "vcluster-rosetta-a" },
                                          { "rosetta-b", "vcluster-rosetta-b" } };

static const struct {
    const char *title, *api_version, *kind, *namespace_name, *name, *rest;
} objects[] = {
    { "namespace blue", "v1", "Namespace", NULL, "blue", "" },
    { "configmap blue/settings", "v1", "ConfigMap", "blue", "settings", "data: {colour: blue}\n" },
    { "crd widgets.rosetta.example.com", "apiextensions.k8s.io/v1", "CustomResourceDefinition",
      NULL, "widgets.rosetta.example.com",
      "spec:\n"
      "  group: rosetta.example.com\n"
      "  scope: Namespaced\n"
      "  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}\n"
      "  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema:\n"
      "    {type: object, x-kubernetes-preserve-unknown-fields: true}}}]\n" },
    { "widget blue/first", "rosetta.example.com/v1", "Widget", "blue", "first",
      "spec: {size: 1}\n" },
    { "clusterrole rosetta-reader", "rbac.authorization.k8s.io/v1", "ClusterRole", NULL,
      "rosetta-reader", "rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n" },
    { "serviceaccount blue/robot", "v1", "ServiceAccount", "blue", "robot", "" },
};

enum { OBJECT_COUNT = sizeof(objects) / sizeof(objects[0]) };

/* Report a failure; the program ends with 1, after deleting what it made. */
static int failed(const char *what, vcluster_error *error)
{
    fprintf(stderr, "%s: %s\n", what, vcluster_error_to_string(error));
    vcluster_error_free(error);
    return 1;
}

/* Whether a CRD is accepted, which takes the API server a moment: that ends the watch. */
static int established(const char *type, const char *json, void *event_data)
{
    (void)type;
    (void)event_data;
    return strstr(json, "\"type\":\"Established\",\"status\":\"True\"") != NULL;
}

/* An accepted kind is among those that the server names another moment later. */
static int wait_until_served(vcluster_client *inside, vcluster_error **error)
{
    for (int turn = 0;; turn++) {
        char *json = NULL;
        int status =
            vcluster_resource_list(inside, "rosetta.example.com/v1", "Widget", NULL, &json, error);

        vcluster_free(json);
        if (status != VCLUSTER_E_NOT_FOUND || turn == 600)
            return status;
        vcluster_error_free(*error);
        *error = NULL;
        (void)usleep(50000);
    }
}

static int make(vcluster_client *inside)
{
    const vcluster_resource_list_options only_ours = {
        .struct_size = sizeof(only_ours),
        .timeout_ms = 30000,
        .field_selector = "metadata.name=widgets.rosetta.example.com",
    };
    vcluster_error *error = NULL;
    char *version = NULL;

    if (vcluster_client_server_version(inside, NULL, &version, &error) < 0)
        return failed("version", error);
    printf("open rosetta-a: %s\n", version);
    vcluster_free(version);
    for (int i = 0; i < OBJECT_COUNT; i++) {
        char manifest[1024];
        const char *ns = objects[i].namespace_name;

        snprintf(manifest, sizeof(manifest),
                 "apiVersion: %s\nkind: %s\nmetadata: {name: %s%s%s}\n%s", objects[i].api_version,
                 objects[i].kind, objects[i].name, ns ? ", namespace: " : "", ns ? ns : "",
                 objects[i].rest);
        if (vcluster_resource_apply(inside, manifest, NULL, NULL, &error) < 0)
            return failed(objects[i].title, error);
        if (strcmp(objects[i].kind, "CustomResourceDefinition") == 0 &&
            (vcluster_resource_watch(inside, objects[i].api_version, objects[i].kind, &only_ours,
                                     established, NULL, &error) < 0 ||
             wait_until_served(inside, &error) < 0))
            return failed(objects[i].title, error);
        printf("%s: made\n", objects[i].title);
    }
    return 0;
}

static int look(const char *who, vcluster_client *client)
{
    for (int i = 0; i < OBJECT_COUNT; i++) {
        vcluster_error *error = NULL;
        char *json = NULL;
        int status =
            vcluster_resource_get(client, objects[i].api_version, objects[i].kind,
                                  objects[i].namespace_name, objects[i].name, NULL, &json, &error);

        if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
            return failed(objects[i].title, error);
        printf("%s sees %s: %s\n", who, objects[i].title, status == 0 ? "yes" : "no");
        vcluster_error_free(error);
        vcluster_free(json);
    }
    return 0;
}

/* The list comes by namespace and name, and so do our two. */
static int list(vcluster_client *host)
{
    vcluster_error *error = NULL;
    vcluster_instance_list *found = NULL;
    int count = 0;

    if (vcluster_instance_list_new(host, NULL, &found, &error) < 0)
        return failed("list", error);
    for (size_t i = 0; i < vcluster_instance_list_size(found); i++) {
        const vcluster_instance *instance = vcluster_instance_list_at(found, i);

        if (strncmp(vcluster_instance_name(instance), "rosetta-", 8) != 0)
            continue;
        printf("list: %s %s %s\n", vcluster_instance_name(instance),
               vcluster_instance_namespace(instance), vcluster_instance_distribution(instance));
        count++;
    }
    if (count == 0)
        printf("list: none\n");
    vcluster_instance_list_free(found);
    return 0;
}

static int create(vcluster_client *host, const char *const tenant[2])
{
    const vcluster_ensure_options options = { .struct_size = sizeof(options),
                                              .namespace_name = tenant[1],
                                              .distribution = "embedded" };
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    if (vcluster_instance_create(host, tenant[0], NULL, &options, &instance, &error) < 0)
        return failed(tenant[0], error);
    printf("create %s: %s\n", tenant[0], vcluster_instance_ready(instance) ? "ready" : "not ready");
    vcluster_instance_free(instance);
    return 0;
}

/* Its release is lost: what is left looks as if manifests had been applied. */
static int adopt(vcluster_client *host, const char *const tenant[2])
{
    const vcluster_adopt_options options = { .struct_size = sizeof(options),
                                             .namespace_name = tenant[1] };
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;
    char record[128];

    snprintf(record, sizeof(record), "sh.helm.release.v1.%s.v1", tenant[0]);
    if (vcluster_resource_delete(host, "v1", "Secret", tenant[1], record, NULL, &error) < 0)
        return failed(record, error);
    if (vcluster_instance_adopt(host, tenant[0], NULL, &options, &plan, &error) < 0)
        return failed(tenant[0], error);
    printf("adopt %s: %s, %zu change, impact %s\n", tenant[0], vcluster_plan_origin(plan),
           vcluster_plan_size(plan), vcluster_impact_name(vcluster_plan_impact(plan)));
    vcluster_plan_free(plan);
    return 0;
}

static int delete (vcluster_client *host, const char *const tenant[2], int missing_ok)
{
    const vcluster_delete_options options = { .struct_size = sizeof(options),
                                              .namespace_name = tenant[1],
                                              .missing_ok = missing_ok != 0 };
    vcluster_error *error = NULL;

    if (vcluster_instance_delete(host, tenant[0], &options, &error) < 0)
        return failed(tenant[0], error);
    if (!missing_ok)
        printf("delete %s: gone\n", tenant[0]);
    return 0;
}

static int clean(vcluster_client *host)
{
    return delete (host, tenants[0], 1) || delete (host, tenants[1], 1);
}

/* Open a virtual cluster and do something in it. */
static int visit(vcluster_client *host, const char *const tenant[2], int making)
{
    const vcluster_instance_options options = { .struct_size = sizeof(options),
                                                .namespace_name = tenant[1] };
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    if (vcluster_instance_open(host, tenant[0], &options, &inside, &error) < 0)
        return failed(tenant[0], error);
    int result = making ? make(inside) : look(tenant[0], inside);
    vcluster_client_unref(inside);
    return result;
}

/* The host of $VCLUSTER_TEST_KUBECONFIG, or one in memory. 77: there is none. */
static int open_host(vcluster_client **host)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    const char *which = getenv("VCLUSTER_ROSETTA_HOST");
    vcluster_error *error = NULL;

    if (which && strcmp(which, "fake") == 0)
        return vcluster_client_new_fake(NULL, host, &error) < 0 ? failed("client", error) : 0;
    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    if (!options.kubeconfig_path || !*options.kubeconfig_path) {
        fprintf(stderr, "SKIP: VCLUSTER_TEST_KUBECONFIG is not set\n");
        return 77;
    }
    return vcluster_client_new(&options, host, &error) < 0 ? failed("client", error) : 0;
}

int main(void)
{
    vcluster_client *host = NULL;
    int opened = open_host(&host);

    if (opened != 0)
        return opened;
    int result = clean(host) || /* of a run that was interrupted */
                 create(host, tenants[0]) || create(host, tenants[1]) || list(host) ||
                 adopt(host, tenants[1]) || visit(host, tenants[0], 1) || look("host", host) ||
                 visit(host, tenants[1], 0) || delete (host, tenants[0], 0) ||
                 delete (host, tenants[1], 0) || list(host);
    if (result != 0)
        (void)clean(host);
    vcluster_client_unref(host);
    return result;
}
