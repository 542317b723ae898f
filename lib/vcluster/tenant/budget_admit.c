/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether one more virtual cluster fits: what its values ask for, and who stands in its way. What a
 * quota of the chart would allow is read where it is made: in the rendered manifests, or in what
 * the library knows of upstream's.
 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "chart/render.h"
#include "data/values.h"
#include "lint/lint.h"
#include "vcluster/tenant/budget.h"
#include "vcluster/tenant/tenant.h"

enum { NAMED = 3 }; /* of those who hold the most */

void vcl_ask_done(vcl_ask *ask)
{
    vcl_resources_done(&ask->bounds);
    vcl_resources_done(&ask->share);
    *ask = (vcl_ask){ 0 };
}

static int bounds_of_chart(const cJSON *values,
                           const vcluster_chart *chart,
                           vcl_resources *bounds,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *objects = NULL;
    VCL_AUTO_LEDGER ledger = { 0 };

    int status = vcl_tenant_objects(values, chart, &objects, error);
    for (const cJSON *one = status == 0 ? objects->child : NULL; status == 0 && one;
         one = one->next) {
        if (vcl_streq(vcl_json_find_string(one, "kind", NULL), "ResourceQuota"))
            status = vcl_ledger_add_quota(&ledger, one, error);
    }
    if (status == 0 && ledger.size > 0) { /* all of it goes to one namespace */
        *bounds = ledger.items[0].bounds;
        ledger.items[0].bounds = (vcl_resources){ 0 };
    }
    return status;
}

/* As upstream's template decides: on where it says so, or where it leaves that open and the limit
 * range is on. */
static bool has_quota(const cJSON *policies)
{
    const cJSON *quota = vcl_json_find(policies, "resourceQuota", "enabled", NULL);
    const cJSON *range = vcl_json_find(policies, "limitRange", "enabled", NULL);

    return cJSON_IsTrue(quota) || (cJSON_IsTrue(range) && !cJSON_IsFalse(quota));
}

static bool has_scopes(const cJSON *quota)
{
    const cJSON *scopes = vcl_json_get(quota, "scopes");
    const cJSON *selector = vcl_json_find(quota, "scopeSelector", "matchExpressions", NULL);

    return (scopes && scopes->child) || (selector && selector->child);
}

/* A null takes a default of the chart away, as Helm has it. */
static void drop_nulls(cJSON *map)
{
    cJSON *next = NULL;

    for (cJSON *member = map ? map->child : NULL; member; member = next) {
        next = member->next;
        if (cJSON_IsNull(member))
            cJSON_Delete(cJSON_DetachItemViaPointer(map, member));
    }
}

static int bounds_of_upstream(const cJSON *values, vcl_resources *bounds, vcluster_error **error)
{
    VCL_AUTO_JSON *all = vcl_lint_known_defaults();

    int status = all ? vcl_values_merge(all, values, error) : vcl_no_memory(error);
    if (status < 0)
        return status;
    const cJSON *policies = vcl_json_get(all, "policies");
    const cJSON *quota = vcl_json_get(policies, "resourceQuota");
    drop_nulls(vcl_json_get(quota, "quota"));
    if (!has_quota(policies) || has_scopes(quota))
        return 0;
    return vcl_bounds_read(bounds, vcl_json_get(quota, "quota"), error);
}

int vcl_ask_read(const cJSON *values,
                 const vcluster_chart *chart,
                 vcl_ask *out_ask,
                 vcluster_error **error)
{
    int status = chart ? bounds_of_chart(values, chart, &out_ask->bounds, error)
                       : bounds_of_upstream(values, &out_ask->bounds, error);

    if (status < 0)
        return vcl_wrap(error, status, "read the quota it would have");
    return vcl_control_plane_share(values, chart, &out_ask->share, error);
}

const vcl_quantity *vcl_ask_amount(const vcl_ask *ask, const char *resource)
{
    const vcl_quantity *bound = vcl_resources_get(&ask->bounds, resource);

    return bound ? bound : vcl_resources_get(&ask->share, resource);
}

/* The index of a virtual cluster among those of an account; -1: it does not live there. */
static int index_of(const vcl_account *account, const char *name)
{
    int index = 0;

    for (const cJSON *one = account->clusters ? account->clusters->child : NULL; one;
         one = one->next, index++) {
        if (vcl_streq(cJSON_GetStringValue(one), name))
            return index;
    }
    return -1;
}

/* The promise goes with the last one that lives in the namespace. */
static void close_account(vcl_account *account, const char *name)
{
    cJSON_DeleteItemFromArray(account->clusters, index_of(account, name));
    if (account->clusters->child)
        return;
    cJSON_Delete(account->clusters);
    account->clusters = NULL;
    vcl_resources_done(&account->bounds);
    vcl_resources_done(&account->counted);
    vcl_resources_done(&account->requested);
}

int vcl_books_set_aside(vcl_books *books,
                        const char *name,
                        const char *namespace_name,
                        vcluster_error **error)
{
    vcl_account *found = NULL;

    for (size_t i = 0; i < books->ledger.size; i++) {
        vcl_account *account = &books->ledger.items[i];
        if (index_of(account, name) < 0 ||
            (namespace_name && !vcl_streq(account->namespace_name, namespace_name)))
            continue;
        if (found)
            return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                            "'%s' stands in several namespaces, '%s' and '%s' among them: name the "
                            "one that is meant",
                            name, found->namespace_name, account->namespace_name);
        found = account;
    }
    if (found)
        close_account(found, name);
    return 0;
}

/* The account that holds the most of a resource, of those that come behind the last one. */
static const vcl_account *
next_holder(const vcl_books *books, const char *resource, const vcl_account *last)
{
    const vcl_quantity *limit = last ? vcl_account_promised(last, resource) : NULL;
    const vcl_quantity *most = NULL;
    const vcl_account *found = NULL;

    for (size_t i = 0; i < books->ledger.size; i++) {
        const vcl_account *account = &books->ledger.items[i];
        const vcl_quantity *amount =
            account->clusters ? vcl_account_promised(account, resource) : NULL;
        if (!amount || amount->nano <= 0)
            continue;
        int order = limit ? vcl_quantity_compare(amount, limit) : -1;
        if (order > 0 || (order == 0 && account <= last))
            continue;
        if (!most || vcl_quantity_compare(amount, most) > 0) {
            most = amount;
            found = account;
        }
    }
    return found;
}

static const char *first_name(const vcl_account *account)
{
    return vcl_str(cJSON_GetStringValue(account->clusters->child));
}

/* "; the most is held by 'team-a/dev' (16), 'team-b/dev' (8)". */
static void add_holders(vcl_buf *text, const vcl_books *books, const char *resource)
{
    const vcl_account *account = NULL;

    for (int i = 0; i < NAMED; i++) {
        char amount[VCL_QUANTITY_TEXT];

        account = next_holder(books, resource, account);
        if (!account)
            return;
        vcl_quantity_print(vcl_account_promised(account, resource), amount);
        vcl_buf_addf(text, "%s'%s/%s' (%s)", i ? ", " : "; the most is held by ",
                     account->namespace_name, first_name(account), amount);
    }
}

static void find_exceeded(const vcl_books *books,
                          const char *resource,
                          const vcl_sums *sums,
                          const vcl_quantity *asked,
                          vcluster_report *report)
{
    const vcl_quantity none = { 0 };
    VCL_AUTO_BUF text = { 0 };
    char amounts[4][VCL_QUANTITY_TEXT];

    vcl_quantity_print(asked, amounts[0]);
    vcl_quantity_print(&sums->promised, amounts[1]);
    vcl_quantity_print(&sums->total, amounts[2]);
    vcl_quantity_print(sums->left.nano > 0 ? &sums->left : &none, amounts[3]);
    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    vcl_buf_addf(&text, "%s asked for, %s of %s promised", amounts[0], amounts[1], amounts[2]);
    if (sums->elsewhere.nano > 0) {
        char elsewhere[VCL_QUANTITY_TEXT];
        vcl_quantity_print(&sums->elsewhere, elsewhere);
        vcl_buf_addf(&text, ", %s requested by other pods", elsewhere);
    }
    vcl_buf_addf(&text, ", %s left", amounts[3]);
    add_holders(&text, books, resource);
    vcl_report_add(report,
                   &(vcl_finding_facts){ .path = resource,
                                         .rule = "budget-exceeded",
                                         .severity = VCLUSTER_SEVERITY_ERROR,
                                         .message = vcl_buf_text(&text),
                                         .remedy = "ask for less, lower the quota of others, or "
                                                   "raise the budget" });
}

static void find_missing(const char *resource, const vcl_quantity *asked, vcluster_report *report)
{
    const vcl_quantity none = { 0 };
    char amount[VCL_QUANTITY_TEXT];

    vcl_quantity_print(asked ? asked : &none, amount);
    vcl_auto_free char *remedy = vcl_format("set policies.resourceQuota.quota.%s", resource);
    vcl_report_addf(report,
                    &(vcl_finding_facts){ .path = resource,
                                          .rule = "quota-missing",
                                          .severity = VCLUSTER_SEVERITY_WARNING,
                                          .remedy = remedy },
                    "no quota bounds what it uses; counted is its control plane (%s)", amount);
}

/* Other virtual clusters that no quota bounds, all of them in one finding. */
static void find_others(const vcl_books *books, const char *resource, vcluster_report *report)
{
    VCL_AUTO_BUF names = { 0 };
    size_t count = 0;

    vcl_buf_init(&names, VCL_MAX_MESSAGE);
    for (size_t i = 0; i < books->ledger.size; i++) {
        const vcl_account *account = &books->ledger.items[i];
        if (!account->clusters || vcl_resources_get(&account->bounds, resource))
            continue;
        if (count++ < NAMED)
            vcl_buf_addf(&names, "%s'%s/%s'", count > 1 ? ", " : "", account->namespace_name,
                         first_name(account));
    }
    if (count > 0)
        vcl_report_addf(report,
                        &(vcl_finding_facts){ .path = resource,
                                              .rule = "others-unbounded",
                                              .severity = VCLUSTER_SEVERITY_WARNING,
                                              .remedy = "give each of them a quota" },
                        "no quota bounds what %s%s use of it; counted is what they request now",
                        vcl_buf_text(&names), count > NAMED ? " and others" : "");
}

static int judge_one(const vcl_books *books,
                     const vcl_ask *ask,
                     const char *resource,
                     vcluster_report *report,
                     vcluster_error **error)
{
    const vcl_quantity *asked = vcl_ask_amount(ask, resource);
    vcl_sums sums;

    int status = vcl_books_sum(books, resource, &sums, error);
    if (status < 0)
        return status;
    if (asked && asked->nano > 0 && vcl_quantity_compare(asked, &sums.left) > 0)
        find_exceeded(books, resource, &sums, asked, report);
    if (!vcl_resources_get(&ask->bounds, resource))
        find_missing(resource, asked, report);
    find_others(books, resource, report);
    return vcl_report_failed(report) ? vcl_no_memory(error) : 0;
}

int vcl_books_judge(const vcl_books *books,
                    const vcl_ask *ask,
                    vcluster_report *report,
                    vcluster_error **error)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < books->total.size; i++)
        status = judge_one(books, ask, books->total.items[i].name, report, error);
    return status;
}
