/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of a virtual cluster on the host as text; see host_state.h. */
#include "host_state.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define LOCK_HOLDER "libvcluster.dev/lock-holder"
#define LOCK_EXPIRES "libvcluster.dev/lock-expires"

static const struct {
    const char *api_version;
    const char *kind;
} kinds[] = {
    { "apps/v1", "StatefulSet" },
    { "apps/v1", "Deployment" },
    { "v1", "Service" },
    { "v1", "Secret" },
    { "v1", "ConfigMap" },
    { "v1", "ServiceAccount" },
    { "v1", "PersistentVolumeClaim" },
    { "v1", "Pod" },
    { "v1", "LimitRange" },
    { "batch/v1", "Job" },
    { "networking.k8s.io/v1", "NetworkPolicy" },
    { "rbac.authorization.k8s.io/v1", "Role" },
    { "rbac.authorization.k8s.io/v1", "RoleBinding" },
};

static cJSON *list(const char *api_version, const char *kind, const char *namespace_name)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *json = NULL;

    options.namespace_name = namespace_name;
    e2e_ok(vcluster_resource_list(e2e_host(), api_version, kind, &options, &json, &error), error);
    cJSON *tree = cJSON_Parse(json);
    assert_non_null(tree);
    vcluster_free(json);
    return tree;
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    return text ? text : "";
}

static void drop(cJSON *object, const char *const *keys)
{
    for (; *keys; keys++)
        cJSON_DeleteItemFromObjectCaseSensitive(object, *keys);
}

/* ---- Release records ---- */

static bool is_record(const cJSON *item)
{
    return strcmp(text_of(item, "type"), "helm.sh/release.v1") == 0;
}

/* Revisions, 0: none. */
typedef struct records {
    int deployed;
    long deployed_revision;
    long failed_revision; /* the newest */
} records;

static void check_record(const cJSON *item, records *sum)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(item, "metadata");
    const cJSON *labels = cJSON_GetObjectItemCaseSensitive(metadata, "labels");
    const char *name = text_of(metadata, "name");
    const char *status = text_of(labels, "status");
    long revision = strtol(text_of(labels, "version"), NULL, 10);

    if (cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(metadata, "annotations"), LOCK_HOLDER))
        fail_msg("record %s is locked", name);
    if (strcmp(status, "deployed") == 0) {
        sum->deployed++;
        sum->deployed_revision = revision;
    } else if (strcmp(status, "failed") == 0) {
        sum->failed_revision = revision > sum->failed_revision ? revision : sum->failed_revision;
    } else if (strcmp(status, "superseded") != 0) {
        fail_msg("record %s is %s", name, status);
    }
}

/* ---- Objects ---- */

/* What controllers of the host put there by themselves. */
static bool is_the_hosts(const char *kind, const char *name)
{
    return (strcmp(kind, "ConfigMap") == 0 && strcmp(name, "kube-root-ca.crt") == 0) ||
           (strcmp(kind, "ServiceAccount") == 0 && strcmp(name, "default") == 0);
}

/* The values of these are random. */
static void forget_values(cJSON *data)
{
    cJSON *item;

    cJSON_ArrayForEach (item, data)
        cJSON_SetValuestring(item, "");
}

static void add_object(FILE *out, const char *kind, cJSON *item)
{
    static const char *const of_object[] = { "status", "apiVersion", "kind", NULL };
    static const char *const of_metadata[] = {
        "uid",           "resourceVersion", "creationTimestamp", "generation",
        "managedFields", "ownerReferences", "namespace",         NULL
    };
    static const char *const of_annotations[] = { "libvcluster.dev/resumed-at",
                                                  "loft.sh/paused-date", NULL };
    static const char *const of_spec[] = { "clusterIP", "clusterIPs", "healthCheckNodePort",
                                           "volumeName", NULL };
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(item, "metadata");
    cJSON *data = cJSON_GetObjectItemCaseSensitive(item, "data");

    drop(item, of_object);
    drop(metadata, of_metadata);
    drop(cJSON_GetObjectItemCaseSensitive(metadata, "annotations"), of_annotations);
    drop(cJSON_GetObjectItemCaseSensitive(item, "spec"), of_spec);
    if (strcmp(kind, "Pod") == 0) /* its workload says the rest */
        cJSON_DeleteItemFromObjectCaseSensitive(item, "spec");
    if (strcmp(kind, "Secret") == 0 && strncmp(text_of(metadata, "name"), "vc-config-", 10) != 0)
        forget_values(data);
    char *text = cJSON_PrintUnformatted(item);
    assert_non_null(text);
    (void)fprintf(out, "%s %s\n", kind, text);
    free(text);
}

static void add_kind(FILE *out, size_t kind, const char *namespace_name, records *sum)
{
    cJSON *tree = list(kinds[kind].api_version, kinds[kind].kind, namespace_name);
    cJSON *item;

    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(tree, "items")) {
        const char *name = text_of(cJSON_GetObjectItemCaseSensitive(item, "metadata"), "name");
        if (is_record(item))
            check_record(item, sum);
        else if (!is_the_hosts(kinds[kind].kind, name))
            add_object(out, kinds[kind].kind, item);
    }
    cJSON_Delete(tree);
}

char *host_state_read(const char *namespace_name)
{
    char *text = NULL;
    size_t size = 0;
    records sum = { 0 };
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        add_kind(out, i, namespace_name, &sum);
    if (sum.deployed > 0)
        (void)fprintf(out, "%d deployed\n", sum.deployed);
    assert_int_equal(fclose(out), 0);
    assert_true(sum.deployed <= 1);
    if (sum.failed_revision > sum.deployed_revision) /* an earlier one is history */
        fail_msg("revision %ld failed, and none after it is deployed", sum.failed_revision);
    return text;
}

void host_state_expire_locks(const char *namespace_name)
{
    cJSON *tree = list("v1", "Secret", namespace_name);
    vcluster_error *error = NULL;
    cJSON *item;

    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(tree, "items")) {
        const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(item, "metadata");
        if (!is_record(item) ||
            !cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(metadata, "annotations"),
                                 LOCK_HOLDER))
            continue;
        e2e_ok(vcluster_resource_patch(e2e_host(), "v1", "Secret", namespace_name,
                                       text_of(metadata, "name"),
                                       "{\"metadata\":{\"annotations\":{\"" LOCK_EXPIRES
                                       "\":\"2026-01-01T00:00:00Z\"}}}",
                                       NULL, NULL, &error),
               error);
    }
    cJSON_Delete(tree);
}
