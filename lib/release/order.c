/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of objects and their order; see order.h. */
#include "release/order.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "data/yaml.h"

/* An item of a "ConfigMapList" need not say its kind. */
static bool complete(cJSON *item, const char *api_version, const char *list_kind)
{
    vcl_auto_free char *kind = vcl_strndup(list_kind, strlen(list_kind) - strlen("List"));

    if (!kind)
        return false;
    if (*kind && !vcl_json_get(item, "kind") && !vcl_json_set_string(item, "kind", kind))
        return false;
    return !*kind || vcl_json_get(item, "apiVersion") ||
           vcl_json_set_string(item, "apiVersion", api_version);
}

static bool add(cJSON *array, const cJSON *object, int depth)
{
    const char *kind = vcl_str(vcl_json_find_string(object, "kind", NULL));
    const char *version = vcl_str(vcl_json_find_string(object, "apiVersion", NULL));
    const cJSON *items = vcl_json_get(object, "items");
    const cJSON *item;

    if (!cJSON_IsObject(object))
        return true;
    if (!vcl_ends_with(kind, "List") || !cJSON_IsArray(items) || depth > 3)
        return vcl_json_append(array, vcl_json_copy(object));
    cJSON_ArrayForEach (item, items) {
        VCL_AUTO_JSON *copy = vcl_json_copy(item);
        if (!copy || (cJSON_IsObject(copy) && !complete(copy, version, kind)) ||
            !add(array, copy, depth + 1))
            return false;
    }
    return true;
}

int vcl_objects_flatten(const cJSON *objects, cJSON **out_objects, vcluster_error **error)
{
    cJSON *array = cJSON_CreateArray();
    const cJSON *object;
    bool ok = array != NULL;

    cJSON_ArrayForEach (object, objects)
        ok = ok && add(array, object, 0);
    if (!ok) {
        vcl_json_free_secret(array);
        return vcl_no_memory(error);
    }
    *out_objects = array;
    return VCLUSTER_OK;
}

int vcl_objects_parse(const char *manifest, cJSON **out_objects, vcluster_error **error)
{
    cJSON *documents = NULL;

    int status =
        vcl_yaml_parse_all(vcl_str(manifest), strlen(vcl_str(manifest)), &documents, error);
    if (status == 0)
        status = vcl_objects_flatten(documents, out_objects, error);
    vcl_json_free_secret(documents);
    return status;
}

static int rank_of(const char *kind)
{
    static const char *const kinds[] = {
        "APIService",
        "Ingress",
        "IngressClass",
        "Service",
        "CronJob",
        "Job",
        "StatefulSet",
        "HorizontalPodAutoscaler",
        "Deployment",
        "ReplicaSet",
        "ReplicationController",
        "Pod",
        "DaemonSet",
        "RoleBindingList",
        "RoleBinding",
        "RoleList",
        "Role",
        "ClusterRoleBindingList",
        "ClusterRoleBinding",
        "ClusterRoleList",
        "ClusterRole",
        "CustomResourceDefinition",
        "PersistentVolumeClaim",
        "PersistentVolume",
        "StorageClass",
        "ConfigMap",
        "SecretList",
        "Secret",
        "ServiceAccount",
        "PodDisruptionBudget",
        "PodSecurityPolicy",
        "LimitRange",
        "ResourceQuota",
        "NetworkPolicy",
        "Namespace",
        "PriorityClass",
    };
    enum { COUNT = sizeof(kinds) / sizeof(kinds[0]) };

    for (int i = 0; i < COUNT; i++) {
        if (vcl_streq(kinds[i], kind))
            return i;
    }
    return COUNT;
}

typedef struct entry {
    const char *kind;
    int rank;
    size_t index;
} entry;

static int compare(const void *left, const void *right)
{
    const entry *a = left;
    const entry *b = right;

    if (a->rank != b->rank)
        return a->rank - b->rank;
    int by_name = strcmp(a->kind, b->kind); /* 0 for a known kind */
    if (by_name != 0)
        return by_name;
    return a->index < b->index ? -1 : a->index > b->index;
}

size_t *vcl_objects_removal_order(const cJSON *objects, size_t *out_count)
{
    size_t count = (size_t)cJSON_GetArraySize(objects);
    vcl_auto_free entry *entries = calloc(count + 1, sizeof(*entries));
    size_t *order = calloc(count + 1, sizeof(*order));
    const cJSON *object;
    size_t i = 0;

    if (!entries || !order) {
        free(order);
        return NULL;
    }
    cJSON_ArrayForEach (object, objects) {
        entries[i].kind = vcl_str(vcl_json_find_string(object, "kind", NULL));
        entries[i].rank = rank_of(entries[i].kind);
        entries[i].index = i;
        i++;
    }
    if (count > 1)
        qsort(entries, count, sizeof(*entries), compare);
    for (i = 0; i < count; i++)
        order[i] = entries[i].index;
    *out_count = count;
    return order;
}

static bool same_group(const char *a, const char *b)
{
    const char *end_a = strchr(vcl_str(a), '/');
    const char *end_b = strchr(vcl_str(b), '/');

    if (!end_a || !end_b)
        return !end_a && !end_b;
    return end_a - a == end_b - b && strncmp(a, b, (size_t)(end_a - a)) == 0;
}

bool vcl_object_is_same(const cJSON *a, const cJSON *b, const char *default_namespace)
{
    const char *space_a = vcl_json_find_string(a, "metadata", "namespace", NULL);
    const char *space_b = vcl_json_find_string(b, "metadata", "namespace", NULL);

    return vcl_streq(vcl_json_find_string(a, "kind", NULL),
                     vcl_json_find_string(b, "kind", NULL)) &&
           vcl_streq(vcl_json_find_string(a, "metadata", "name", NULL),
                     vcl_json_find_string(b, "metadata", "name", NULL)) &&
           same_group(vcl_json_find_string(a, "apiVersion", NULL),
                      vcl_json_find_string(b, "apiVersion", NULL)) &&
           vcl_streq(vcl_str_empty(space_a) ? default_namespace : space_a,
                     vcl_str_empty(space_b) ? default_namespace : space_b);
}

const cJSON *
vcl_objects_find(const cJSON *objects, const cJSON *object, const char *default_namespace)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, objects) {
        if (vcl_object_is_same(item, object, default_namespace))
            return item;
    }
    return NULL;
}

bool vcl_object_is_kept(const cJSON *object)
{
    const char *policy = vcl_str(
        vcl_json_find_string(object, "metadata", "annotations", "helm.sh/resource-policy", NULL));

    policy += strspn(policy, " \t\r\n");
    return strncasecmp(policy, "keep", 4) == 0 && policy[4 + strspn(policy + 4, " \t\r\n")] == '\0';
}

bool vcl_object_defines(const cJSON *definition, const char *api_version, const char *kind)
{
    const char *group = vcl_json_find_string(definition, "spec", "group", NULL);
    size_t size = strlen(vcl_str(group));

    return vcl_streq(vcl_json_find_string(definition, "kind", NULL), "CustomResourceDefinition") &&
           vcl_streq(vcl_json_find_string(definition, "spec", "names", "kind", NULL), kind) &&
           size > 0 && strncmp(vcl_str(api_version), group, size) == 0 && api_version[size] == '/';
}
