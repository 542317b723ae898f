/* SPDX-License-Identifier: Apache-2.0 */
/* The admission of objects, one by one, against what quotas have left. */
#include "quota/fits.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "quota/limit_range.h"
#include "quota/scope.h"

enum { MAX_QUOTAS = 256, MAX_TEXT = 16 << 10 };

/* A quota on its way: what it allows, and what is used by now. */
typedef struct account {
    const cJSON *quota;
    const char *name;
    vcl_resources hard;
    vcl_resources used;
} account;

typedef struct accounts {
    account *items;
    size_t size;
} accounts;

static void accounts_done(accounts *all)
{
    for (size_t i = 0; i < all->size; i++) {
        vcl_resources_done(&all->items[i].hard);
        vcl_resources_done(&all->items[i].used);
    }
    free(all->items);
}

static int open_account(account *one, const cJSON *quota, vcluster_error **error)
{
    const cJSON *hard = vcl_json_find(quota, "status", "hard", NULL);

    one->quota = quota;
    one->name = vcl_str(vcl_json_find_string(quota, "metadata", "name", NULL));
    int status = vcl_resources_read(
        &one->hard, hard ? hard : vcl_json_find(quota, "spec", "hard", NULL), error);
    if (status == 0)
        status =
            vcl_resources_read(&one->used, vcl_json_find(quota, "status", "used", NULL), error);
    return status < 0 ? vcl_wrap(error, status, "read ResourceQuota '%s'", one->name) : 0;
}

static int open_accounts(accounts *all, const cJSON *quotas, vcluster_error **error)
{
    size_t count = (size_t)cJSON_GetArraySize(quotas);

    if (count > MAX_QUOTAS)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "more than %d quotas", MAX_QUOTAS);
    all->items = calloc(count ? count : 1, sizeof(*all->items));
    if (!all->items)
        return vcl_no_memory(error);
    for (const cJSON *quota = quotas ? quotas->child : NULL; quota; quota = quota->next) {
        int status = open_account(&all->items[all->size++], quota, error);
        if (status < 0)
            return status;
    }
    return 0;
}

static void find(vcluster_report *report,
                 const vcl_expanded *item,
                 const char *rule,
                 const char *message,
                 const char *remedy)
{
    vcl_report_add(report, &(vcl_finding_facts){ .path = item->name,
                                                 .rule = rule,
                                                 .severity = VCLUSTER_SEVERITY_ERROR,
                                                 .message = message,
                                                 .remedy = remedy });
}

/* What of a usage is over the limit of an account, with `count` of it; "" where nothing is. */
static void describe_excess(const account *one, const vcl_resources *usage, vcl_buf *text)
{
    for (size_t i = 0; i < usage->size; i++) {
        const vcl_amount *more = &usage->items[i];
        const vcl_quantity *hard = vcl_resources_get(&one->hard, more->name);
        const vcl_quantity *used = vcl_resources_get(&one->used, more->name);
        vcl_quantity sum = used ? *used : (vcl_quantity){ 0 };
        char wanted[VCL_QUANTITY_TEXT];
        char taken[VCL_QUANTITY_TEXT];
        char limit[VCL_QUANTITY_TEXT];

        vcl_quantity_print(&sum, taken);
        if (!hard || more->amount.nano == 0 ||
            (vcl_quantity_add(&sum, &more->amount) && vcl_quantity_compare(&sum, hard) <= 0))
            continue;
        vcl_quantity_print(&more->amount, wanted);
        vcl_quantity_print(hard, limit);
        vcl_buf_addf(text, "%s%s: %s wanted, %s of %s used", text->size > 0 ? "; " : "", more->name,
                     wanted, taken, limit);
    }
}

/* Take what a usage needs from an account that has room for it. */
static void book(account *one, const vcl_resources *usage)
{
    for (size_t i = 0; i < usage->size; i++) {
        if (vcl_resources_get(&one->hard, usage->items[i].name))
            vcl_resources_add(&one->used, usage->items[i].name, &usage->items[i].amount);
    }
}

static bool limits_compute(const vcl_expanded *item)
{
    return strcmp(vcl_str(vcl_json_find_string(item->object, "kind", NULL)), "Pod") == 0;
}

/* A pod whose containers do not say what a quota counts. */
static int check_specified(const account *one,
                           const vcl_expanded *item,
                           vcluster_report *report,
                           bool *admitted,
                           vcluster_error **error)
{
    bool failed = false;

    if (!limits_compute(item))
        return 0;
    vcl_auto_free char *missing =
        vcl_usage_missing(&one->hard, vcl_json_get(item->object, "spec"), &failed);
    if (failed)
        return vcl_no_memory(error);
    if (!missing)
        return 0;
    vcl_auto_free char *message =
        vcl_format("quota '%s' wants containers to specify %s", one->name, missing);
    if (!message)
        return vcl_no_memory(error);
    find(report, item, "quota-unspecified", message,
         "set them, or give the namespace a LimitRange with defaults");
    *admitted = false;
    return 0;
}

static int check_room(const account *one,
                      const vcl_expanded *item,
                      const vcl_resources *usage,
                      vcluster_report *report,
                      bool *admitted)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, MAX_TEXT);
    describe_excess(one, usage, &text);
    if (text.size == 0)
        return 0;
    vcl_report_addf(report,
                    &(vcl_finding_facts){ .path = item->name,
                                          .rule = "quota-exceeded",
                                          .severity = VCLUSTER_SEVERITY_ERROR,
                                          .remedy = "ask for less, free some, or raise the quota" },
                    "quota '%s' is exceeded: %s", one->name, vcl_buf_text(&text));
    *admitted = false;
    return 0;
}

/* Fill a PodSpec in by all limit ranges, beginning with one of them: the first that has a default
 * wins. */
static int fill(const cJSON *ranges, int begin, cJSON *spec, vcluster_error **error)
{
    int count = cJSON_GetArraySize(ranges);
    int status = count == 0 ? vcl_limit_range_fill(NULL, spec, error) : 0;

    for (int i = 0; status == 0 && i < count; i++)
        status = vcl_limit_range_fill(cJSON_GetArrayItem(ranges, (begin + i) % count), spec, error);
    return status;
}

/* The API server applies limit ranges in no certain order: say so where that matters. */
static int check_order(const cJSON *ranges,
                       const vcl_expanded *item,
                       const cJSON *original,
                       vcluster_report *report,
                       vcluster_error **error)
{
    const cJSON *filled = vcl_json_get(item->object, "spec");
    bool same = true;
    int status = 0;

    for (int i = 1; status == 0 && same && i < cJSON_GetArraySize(ranges); i++) {
        VCL_AUTO_JSON *other = vcl_json_copy(original);
        status = other ? fill(ranges, i, other, error) : vcl_no_memory(error);
        same = status < 0 || vcl_json_equal(filled, other);
    }
    if (!same)
        vcl_report_add(report,
                       &(vcl_finding_facts){ .path = item->name,
                                             .rule = "limit-range-order",
                                             .severity = VCLUSTER_SEVERITY_WARNING,
                                             .message = "limit ranges give different defaults, and "
                                                        "the API server takes any of them",
                                             .remedy = "have one limit range with defaults" });
    return status;
}

static int fill_pod(const vcl_fits_request *request,
                    const vcl_expanded *item,
                    vcluster_report *report,
                    vcluster_error **error)
{
    const cJSON *ranges = request->limit_ranges;
    cJSON *spec = vcl_json_get(item->object, "spec");
    VCL_AUTO_JSON *original = spec ? vcl_json_copy(spec) : NULL;

    if (!spec)
        return 0;
    if (!original)
        return vcl_no_memory(error);
    int status = fill(ranges, 0, spec, error);
    return status == 0 ? check_order(ranges, item, original, report, error) : status;
}

static int check_limits(const vcl_fits_request *request,
                        const vcl_expanded *item,
                        vcluster_report *report,
                        bool *admitted,
                        vcluster_error **error)
{
    VCL_AUTO_BUF wrong = { 0 };

    vcl_buf_init(&wrong, MAX_TEXT);
    int status = limits_compute(item) ? fill_pod(request, item, report, error) : 0;
    for (const cJSON *range = request->limit_ranges ? request->limit_ranges->child : NULL;
         status == 0 && range; range = range->next)
        status = vcl_limit_range_check(range, item->object, &wrong, error);
    if (status == 0 && wrong.size > 0) {
        find(report, item, "limit-range", vcl_buf_text(&wrong),
             "set requests and limits within these bounds");
        *admitted = false;
    }
    return status;
}

/* All objects of one item at once: they are alike, and one too many is too many. */
static int admit(const vcl_fits_request *request,
                 accounts *all,
                 const vcl_expanded *item,
                 vcluster_report *report,
                 vcluster_error **error)
{
    VCL_AUTO_RESOURCES usage = { 0 };
    bool admitted = true;

    int status = check_limits(request, item, report, &admitted, error);
    if (status == 0)
        status = vcl_usage_add(&usage, item->object, error);
    if (status < 0)
        return vcl_wrap(error, status, "%s", item->name);
    vcl_resources_multiply(&usage, item->count);
    if (usage.failed)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s: too much to be added up",
                        item->name);
    for (size_t i = 0; i < all->size; i++) {
        if (!vcl_quota_covers(all->items[i].quota, item->object))
            continue;
        status = check_specified(&all->items[i], item, report, &admitted, error);
        if (status == 0)
            status = check_room(&all->items[i], item, &usage, report, &admitted);
        if (status < 0)
            return status;
    }
    for (size_t i = 0; admitted && i < all->size; i++) {
        if (vcl_quota_covers(all->items[i].quota, item->object))
            book(&all->items[i], &usage);
    }
    return 0;
}

/* Of ConfigMaps and Secrets only those that pods use are copied, unless the rule says all. */
static bool stays_inside(const vcl_fits_request *request, const cJSON *object)
{
    const char *kind = vcl_str(vcl_json_find_string(object, "kind", NULL));

    if (!request->expand.rules || (strcmp(kind, "ConfigMap") != 0 && strcmp(kind, "Secret") != 0))
        return false;
    const vcluster_sync_rule *rule = vcl_copying_rule(request->expand.rules, kind);
    return !rule || (!strstr(vcluster_sync_rule_settings(rule), "\"all\":true") &&
                     !vcl_used_by_pods(request->manifests, object));
}

int vcl_fits(const vcl_fits_request *request, vcluster_report *report, vcluster_error **error)
{
    __attribute__((cleanup(accounts_done))) accounts all = { 0 };
    VCL_AUTO_EXPANSION expansion = { 0 };

    int status = open_accounts(&all, request->quotas, error);
    for (const cJSON *object = request->manifests ? request->manifests->child : NULL;
         status == 0 && object; object = object->next)
        status = stays_inside(request, object)
                     ? 0
                     : vcl_expand(&expansion, object, &request->expand, error);
    for (size_t i = 0; status == 0 && i < expansion.size; i++)
        status = admit(request, &all, &expansion.items[i], report, error);
    if (status < 0)
        return status;
    return vcl_report_failed(report) ? vcl_no_memory(error) : 0;
}
