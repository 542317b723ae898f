/* SPDX-License-Identifier: Apache-2.0 */
/* Defaults and bounds of LimitRange objects. */
#include "quota/limit_range.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

/* One item of spec.limits, with the defaults that the API server gives it. */
typedef struct limits {
    vcl_resources limit;   /* default */
    vcl_resources request; /* defaultRequest */
    vcl_resources min;
    vcl_resources max;
    vcl_resources ratio;
} limits;

static void limits_done(limits *item)
{
    vcl_resources_done(&item->limit);
    vcl_resources_done(&item->request);
    vcl_resources_done(&item->min);
    vcl_resources_done(&item->max);
    vcl_resources_done(&item->ratio);
}
#define AUTO_LIMITS __attribute__((cleanup(limits_done))) limits

static void fill(vcl_resources *list, const vcl_resources *defaults)
{
    for (size_t i = 0; i < defaults->size; i++) {
        if (!vcl_resources_get(list, defaults->items[i].name))
            vcl_resources_set(list, defaults->items[i].name, &defaults->items[i].amount);
    }
}

static bool is_type(const cJSON *item, const char *type)
{
    return strcmp(vcl_str(vcl_json_find_string(item, "type", NULL)), type) == 0;
}

static int limits_read(limits *item, const cJSON *node, vcluster_error **error)
{
    int status = vcl_resources_read(&item->min, vcl_json_get(node, "min"), error);

    if (status == 0)
        status = vcl_resources_read(&item->max, vcl_json_get(node, "max"), error);
    if (status == 0)
        status = vcl_resources_read(&item->limit, vcl_json_get(node, "default"), error);
    if (status == 0)
        status = vcl_resources_read(&item->request, vcl_json_get(node, "defaultRequest"), error);
    if (status == 0)
        status =
            vcl_resources_read(&item->ratio, vcl_json_get(node, "maxLimitRequestRatio"), error);
    if (status < 0)
        return vcl_wrap(error, status, "limit range");
    if (is_type(node, "Container")) {
        fill(&item->limit, &item->max);
        fill(&item->request, &item->limit);
        fill(&item->request, &item->min);
    }
    return item->limit.failed || item->request.failed ? vcl_no_memory(error) : 0;
}

static const cJSON *first_item(const cJSON *limit_range)
{
    const cJSON *list = vcl_json_find(limit_range, "spec", "limits", NULL);

    return list ? list->child : NULL;
}

/* Set the members of "requests" or "limits" of a container that are missing. */
static bool fill_node(cJSON *container, const char *key, const vcl_resources *defaults)
{
    cJSON *resources = vcl_json_object(container, "resources");
    cJSON *list = resources ? vcl_json_object(resources, key) : NULL;
    char text[VCL_QUANTITY_TEXT];

    if (!list)
        return false;
    for (size_t i = 0; i < defaults->size; i++) {
        if (vcl_json_get(list, defaults->items[i].name))
            continue;
        vcl_quantity_print(&defaults->items[i].amount, text);
        if (!vcl_json_set_string(list, defaults->items[i].name, text))
            return false;
    }
    return true;
}

/* What the container limits, it requests. */
static bool fill_own(cJSON *container, vcluster_error **error, int *out_status)
{
    VCL_AUTO_RESOURCES limit = { 0 };

    *out_status =
        vcl_resources_read(&limit, vcl_json_find(container, "resources", "limits", NULL), error);
    return *out_status < 0 || limit.size == 0 || fill_node(container, "requests", &limit);
}

static int fill_container(cJSON *container, const cJSON *limit_range, vcluster_error **error)
{
    int status = 0;

    if (!fill_own(container, error, &status))
        return vcl_no_memory(error);
    for (const cJSON *node = first_item(limit_range); status == 0 && node; node = node->next) {
        AUTO_LIMITS item = { 0 };

        if (!is_type(node, "Container"))
            continue;
        status = limits_read(&item, node, error);
        if (status == 0 && (!fill_node(container, "limits", &item.limit) ||
                            !fill_node(container, "requests", &item.request)))
            status = vcl_no_memory(error);
    }
    return status;
}

static int fill_list(cJSON *list, const cJSON *limit_range, vcluster_error **error)
{
    int status = 0;

    for (cJSON *one = list ? list->child : NULL; status == 0 && one; one = one->next)
        status = fill_container(one, limit_range, error);
    return status;
}

int vcl_limit_range_fill(const cJSON *limit_range, cJSON *pod_spec, vcluster_error **error)
{
    int status = fill_list(vcl_json_get(pod_spec, "containers"), limit_range, error);

    return status < 0 ? status
                      : fill_list(vcl_json_get(pod_spec, "initContainers"), limit_range, error);
}

/* Whose resources are checked, for the message. */
typedef struct subject {
    const char *type; /* "Container", "Pod", "PersistentVolumeClaim" */
    const vcl_resources *requests;
    const vcl_resources *limits; /* NULL for a claim */
    vcl_buf *wrong;
} subject;

static void say(const subject *of,
                const char *bound,
                const vcl_amount *resource,
                const vcl_quantity *has,
                const char *what)
{
    char wanted[VCL_QUANTITY_TEXT];
    char got[VCL_QUANTITY_TEXT] = "";

    vcl_quantity_print(&resource->amount, wanted);
    if (has)
        vcl_quantity_print(has, got);
    vcl_buf_addf(of->wrong, "%s%s %s per %s is %s, but %s%s%s", of->wrong->size > 0 ? "; " : "",
                 bound, resource->name, of->type, wanted, what, has ? " is " : " is not set", got);
}

static void check_min(const subject *of, const vcl_amount *min)
{
    const vcl_quantity *request = vcl_resources_get(of->requests, min->name);
    const vcl_quantity *limit = of->limits ? vcl_resources_get(of->limits, min->name) : NULL;

    if (!request || vcl_quantity_compare(request, &min->amount) < 0)
        say(of, "minimum", min, request, "its request");
    if (limit && vcl_quantity_compare(limit, &min->amount) < 0)
        say(of, "minimum", min, limit, "its limit");
}

static void check_max(const subject *of, const vcl_amount *max)
{
    const vcl_quantity *request = vcl_resources_get(of->requests, max->name);
    const vcl_quantity *limit = of->limits ? vcl_resources_get(of->limits, max->name) : NULL;

    if (of->limits && (!limit || vcl_quantity_compare(limit, &max->amount) > 0))
        say(of, "maximum", max, limit, "its limit");
    if (request && vcl_quantity_compare(request, &max->amount) > 0)
        say(of, "maximum", max, request, "its request");
}

/* limit / request > ratio, without dividing: limit > ratio * request, in units of 10^-18. */
static void check_ratio(const subject *of, const vcl_amount *ratio)
{
    const vcl_quantity *request = vcl_resources_get(of->requests, ratio->name);
    const vcl_quantity *limit = vcl_resources_get(of->limits, ratio->name);
    __int128 wanted;

    if (!request || request->nano == 0 || !limit) {
        say(of, "limit to request ratio of", ratio, NULL, request ? "its limit" : "its request");
        return;
    }
    vcl_quantity scaled = *limit;
    bool fits = vcl_quantity_multiply(&scaled, 1000000000) &&
                !__builtin_mul_overflow(ratio->amount.nano, request->nano, &wanted);
    if (fits && scaled.nano > wanted)
        say(of, "limit to request ratio of", ratio, limit, "its limit");
}

static void check_item(const subject *of, const limits *item)
{
    for (size_t i = 0; i < item->min.size; i++)
        check_min(of, &item->min.items[i]);
    for (size_t i = 0; i < item->max.size; i++)
        check_max(of, &item->max.items[i]);
    for (size_t i = 0; of->limits && i < item->ratio.size; i++)
        check_ratio(of, &item->ratio.items[i]);
}

static int
check_containers(const cJSON *list, const limits *item, vcl_buf *wrong, vcluster_error **error)
{
    for (const cJSON *one = list ? list->child : NULL; one; one = one->next) {
        VCL_AUTO_POD_RESOURCES has = { 0 };
        const subject of = { "Container", &has.requests, &has.limits, wrong };
        const cJSON *resources = vcl_json_get(one, "resources");

        int status = vcl_resources_read(&has.requests, vcl_json_get(resources, "requests"), error);
        if (status == 0)
            status = vcl_resources_read(&has.limits, vcl_json_get(resources, "limits"), error);
        if (status < 0)
            return status;
        check_item(&of, item);
    }
    return 0;
}

static int check_pod(const cJSON *spec, const cJSON *node, vcl_buf *wrong, vcluster_error **error)
{
    AUTO_LIMITS item = { 0 };
    VCL_AUTO_POD_RESOURCES pod = { 0 };
    const subject of = { "Pod", &pod.requests, &pod.limits, wrong };

    int status = limits_read(&item, node, error);
    if (status == 0 && is_type(node, "Container")) {
        status = check_containers(vcl_json_get(spec, "containers"), &item, wrong, error);
        if (status == 0)
            status = check_containers(vcl_json_get(spec, "initContainers"), &item, wrong, error);
    } else if (status == 0 && is_type(node, "Pod")) {
        status = vcl_pod_resources_read(&pod, spec, error);
        if (status == 0)
            check_item(&of, &item);
    }
    return status;
}

static int
check_claim(const cJSON *claim, const cJSON *node, vcl_buf *wrong, vcluster_error **error)
{
    AUTO_LIMITS item = { 0 };
    VCL_AUTO_RESOURCES requests = { 0 };
    const subject of = { "PersistentVolumeClaim", &requests, NULL, wrong };

    if (!is_type(node, "PersistentVolumeClaim"))
        return 0;
    int status = limits_read(&item, node, error);
    if (status == 0)
        status = vcl_resources_read(
            &requests, vcl_json_find(claim, "spec", "resources", "requests", NULL), error);
    if (status == 0)
        check_item(&of, &item);
    return status;
}

int vcl_limit_range_check(const cJSON *limit_range,
                          const cJSON *object,
                          vcl_buf *wrong,
                          vcluster_error **error)
{
    const char *kind = vcl_str(vcl_json_find_string(object, "kind", NULL));
    int status = 0;

    for (const cJSON *node = first_item(limit_range); status == 0 && node; node = node->next) {
        if (strcmp(kind, "Pod") == 0)
            status = check_pod(vcl_json_get(object, "spec"), node, wrong, error);
        else if (strcmp(kind, "PersistentVolumeClaim") == 0)
            status = check_claim(object, node, wrong, error);
    }
    return status;
}
