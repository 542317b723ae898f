/* SPDX-License-Identifier: Apache-2.0 */
/* The control plane's own use; see share.h. */
#include "quota/share.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/values.h"
#include "quota/expand.h"
#include "quota/limit_range.h"
#include "quota/usage.h"

/* Of upstream's chart 0.36 with its defaults: what counts in quotas. */
static const char upstream_set[] =
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"metadata\":{\"name\":\"cp\"},\"spec\":{"
    "\"replicas\":1,\"template\":{\"spec\":{\"initContainers\":[{\"name\":\"kubernetes\","
    "\"resources\":{\"limits\":{\"cpu\":\"100m\",\"memory\":\"256Mi\"},\"requests\":{\"cpu\":"
    "\"40m\",\"memory\":\"64Mi\"}}}],\"containers\":[{\"name\":\"syncer\",\"resources\":{"
    "\"limits\":{\"memory\":\"4Gi\",\"ephemeral-storage\":\"10Gi\"},\"requests\":{\"cpu\":\"200m\","
    "\"memory\":\"256Mi\",\"ephemeral-storage\":\"1Gi\"}}}]}},\"volumeClaimTemplates\":[{\"spec\":{"
    "\"resources\":{\"requests\":{\"storage\":\"5Gi\"}}}}]}}";
static const char upstream_rest[] =
    "[{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"cp\"},\"spec\":{}},"
    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"cp-headless\"},"
    "\"spec\":{}},"
    "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"vc-config-cp\"}}]";
static const char upstream_range[] =
    "{\"default\":{\"ephemeral-storage\":\"8Gi\",\"memory\":\"512Mi\",\"cpu\":\"1\"},"
    "\"defaultRequest\":{\"ephemeral-storage\":\"3Gi\",\"memory\":\"128Mi\",\"cpu\":\"100m\"}}";
static const char upstream_etcd[] =
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"metadata\":{\"name\":\"etcd\"},"
    "\"spec\":{\"replicas\":1,\"template\":{\"spec\":{\"containers\":[{\"name\":\"etcd\","
    "\"resources\":{\"requests\":{\"cpu\":\"20m\",\"memory\":\"150Mi\"}}}]}},"
    "\"volumeClaimTemplates\":[{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"5Gi\"}}}}]}}";
static const char coredns[] =
    "[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"coredns\"},\"spec\":{"
    "\"containers\":[{\"name\":\"coredns\",\"resources\":{\"limits\":{\"cpu\":\"1000m\","
    "\"memory\":\"170Mi\"},\"requests\":{\"cpu\":\"20m\",\"memory\":\"64Mi\"}}}]}},"
    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"kube-dns\"},\"spec\":{}},"
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"coredns\"}},"
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"kube-root-ca.crt\"}}]";

static cJSON *constant(const char *text)
{
    cJSON *tree = NULL;

    return vcl_json_parse(text, strlen(text), &tree, NULL) == 0 ? tree : NULL;
}

static bool move_all(cJSON *from, cJSON *to)
{
    while (from && from->child) {
        if (!vcl_json_append(to, cJSON_DetachItemViaPointer(from, from->child)))
            return false;
    }
    return from != NULL;
}

/* Lay a map of the user's over one of a document; either may be missing. */
static int lay_over(cJSON *node, const char *key, const cJSON *over, vcluster_error **error)
{
    cJSON *place = over ? vcl_json_object(node, key) : NULL;

    if (!cJSON_IsObject(over))
        return 0;
    return place ? vcl_values_merge(place, over, error) : vcl_no_memory(error);
}

static int
adjust_set(cJSON *set, const cJSON *control_plane, const char *own_key, vcluster_error **error)
{
    const cJSON *own = vcl_json_get(control_plane, own_key);
    const cJSON *replicas = vcl_json_find(own, "highAvailability", "replicas", NULL);
    const cJSON *claim = vcl_json_find(own, "persistence", "volumeClaim", NULL);
    cJSON *spec = vcl_json_get(set, "spec");
    cJSON *containers = vcl_json_find(spec, "template", "spec", "containers", NULL);
    cJSON *size = vcl_json_find(cJSON_GetArrayItem(vcl_json_get(spec, "volumeClaimTemplates"), 0),
                                "spec", "resources", "requests", NULL);
    bool ok = true;

    if (cJSON_IsFalse(vcl_json_get(claim, "enabled")))
        vcl_json_remove(spec, "volumeClaimTemplates");
    else if (vcl_json_get(claim, "size"))
        ok = vcl_json_set(size, "storage", vcl_json_copy(vcl_json_get(claim, "size")));
    if (ok && replicas)
        ok = vcl_json_set(spec, "replicas", vcl_json_copy(replicas));
    return ok ? lay_over(containers->child, "resources", vcl_json_get(own, "resources"), error)
              : vcl_no_memory(error);
}

static int add_range(const cJSON *values, cJSON *objects, vcluster_error **error)
{
    const cJSON *own = vcl_json_find(values, "policies", "limitRange", NULL);
    VCL_AUTO_JSON *range = cJSON_CreateObject();
    cJSON *limits = constant(upstream_range);

    int status = limits ? lay_over(limits, "default", vcl_json_get(own, "default"), error)
                        : vcl_no_memory(error);
    if (status == 0)
        status = lay_over(limits, "defaultRequest", vcl_json_get(own, "defaultRequest"), error);
    if (status < 0) {
        cJSON_Delete(limits);
        return status;
    }
    bool ok = vcl_json_set_string(limits, "type", "Container");
    cJSON *list = cJSON_CreateArray();
    ok = list && vcl_json_append(list, limits) && ok;
    cJSON *spec = ok && range ? vcl_json_object(range, "spec") : NULL;
    if (!spec) {
        cJSON_Delete(list);
        return vcl_no_memory(error);
    }
    ok = vcl_json_set(spec, "limits", list) && vcl_json_set_string(range, "kind", "LimitRange") &&
         vcl_json_set_string(range, "apiVersion", "v1") &&
         vcl_json_append(objects, vcl_steal(&range));
    return ok ? 0 : vcl_no_memory(error);
}

int vcl_share_coredns_objects(const cJSON *values, cJSON **out_objects, vcluster_error **error)
{
    const cJSON *own = vcl_json_find(values, "controlPlane", "coredns", NULL);
    const cJSON *resources = vcl_json_find(own, "deployment", "resources", NULL);
    bool off = cJSON_IsFalse(vcl_json_get(own, "enabled"));
    VCL_AUTO_JSON *objects = off ? cJSON_CreateArray() : constant(coredns);

    if (!objects)
        return vcl_no_memory(error);
    int status = 0;
    if (!off)
        status = lay_over(
            cJSON_GetArrayItem(vcl_json_find(objects->child, "spec", "containers", NULL), 0),
            "resources", resources, error);
    if (status == 0)
        *out_objects = vcl_steal(&objects);
    return status;
}

static int add_sets(const cJSON *control_plane, cJSON *objects, vcluster_error **error)
{
    const cJSON *store = vcl_json_find(control_plane, "backingStore", "etcd", "deploy", NULL);
    VCL_AUTO_JSON *set = constant(upstream_set);
    VCL_AUTO_JSON *etcd = constant(upstream_etcd);

    if (!set || !etcd)
        return vcl_no_memory(error);
    int status = adjust_set(set, control_plane, "statefulSet", error);
    if (status == 0 && cJSON_IsTrue(vcl_json_get(store, "enabled"))) {
        status = adjust_set(etcd, store, "statefulSet", error);
        if (status == 0 && !vcl_json_append(objects, vcl_steal(&etcd)))
            status = vcl_no_memory(error);
    }
    if (status == 0 && !vcl_json_append(objects, vcl_steal(&set)))
        status = vcl_no_memory(error);
    return status;
}

int vcl_share_upstream_objects(const cJSON *values, cJSON **out_objects, vcluster_error **error)
{
    VCL_AUTO_JSON *objects = constant(upstream_rest);
    VCL_AUTO_JSON *dns = NULL;

    if (!objects)
        return vcl_no_memory(error);
    int status = add_sets(vcl_json_get(values, "controlPlane"), objects, error);
    if (status == 0)
        status = vcl_share_coredns_objects(values, &dns, error);
    if (status == 0 && !move_all(dns, objects))
        status = vcl_no_memory(error);
    if (status == 0)
        status = add_range(values, objects, error);
    if (status == 0)
        *out_objects = vcl_steal(&objects);
    return status;
}

static int fill_pod(const cJSON *objects, cJSON *pod, vcluster_error **error)
{
    cJSON *spec = vcl_json_get(pod, "spec");
    int status = vcl_limit_range_fill(NULL, spec, error);

    for (const cJSON *range = objects->child; status == 0 && range; range = range->next) {
        if (vcl_streq(vcl_json_find_string(range, "kind", NULL), "LimitRange"))
            status = vcl_limit_range_fill(range, spec, error);
    }
    return status;
}

static int add_item(const cJSON *objects,
                    const vcl_expanded *item,
                    vcl_resources *share,
                    vcluster_error **error)
{
    VCL_AUTO_RESOURCES usage = { 0 };
    bool pod = vcl_streq(vcl_json_find_string(item->object, "kind", NULL), "Pod");

    int status = pod ? fill_pod(objects, item->object, error) : 0;
    if (status == 0)
        status = vcl_usage_add(&usage, item->object, error);
    vcl_resources_multiply(&usage, item->count);
    vcl_resources_add_all(share, &usage);
    return status;
}

int vcl_share_of_objects(const cJSON *objects, vcl_resources *share, vcluster_error **error)
{
    const vcl_expand_options options = { .nodes = 1 };
    VCL_AUTO_EXPANSION expansion = { 0 };
    int status = 0;

    for (const cJSON *object = objects->child; status == 0 && object; object = object->next)
        status = vcl_expand(&expansion, object, &options, error);
    for (size_t i = 0; status == 0 && i < expansion.size; i++)
        status = add_item(objects, &expansion.items[i], share, error);
    return status == 0 && share->failed ? vcl_no_memory(error) : status;
}

void vcl_share_add_beside(vcl_resources *share)
{
    static const struct {
        const char *const keys[2];
        int64_t count;
    } beside[] = { { { "secrets", "count/secrets" }, 12 }, /* two, and ten revisions */
                   { { "configmaps", "count/configmaps" }, 1 } };

    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        vcl_resources_add_count(share, beside[i].keys[0], beside[i].count);
        vcl_resources_add_count(share, beside[i].keys[1], beside[i].count);
    }
}
