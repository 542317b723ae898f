/* SPDX-License-Identifier: Apache-2.0 */
/* A budget as callers get it: what the books add up to, and who holds how much. */
#include "vcluster/tenant/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static void entry_done(vcluster_budget_entry *entry)
{
    free(entry->resource);
    free(entry->total);
    free(entry->elsewhere);
    free(entry->promised);
    free(entry->used);
    free(entry->left);
    free(entry->asked);
}

void vcluster_budget_free(vcluster_budget *budget)
{
    if (!budget)
        return;
    for (size_t i = 0; i < budget->size; i++)
        entry_done(&budget->items[i]);
    free(budget->items);
    vcluster_report_free(budget->report);
    cJSON_Delete(budget->tree);
    free(budget);
}

static bool add(vcl_quantity *sum, const vcl_quantity *more)
{
    return !more || vcl_quantity_add(sum, more);
}

int vcl_books_sum(const vcl_books *books,
                  const char *resource,
                  vcl_sums *out_sums,
                  vcluster_error **error)
{
    vcl_sums sums = { .total = *vcl_resources_get(&books->total, resource) };
    bool ok = true;

    for (size_t i = 0; ok && i < books->ledger.size; i++) {
        const vcl_account *account = &books->ledger.items[i];
        if (account->clusters)
            ok = add(&sums.promised, vcl_account_promised(account, resource)) &&
                 add(&sums.used, vcl_account_used(account, resource));
        else if (books->of_nodes)
            ok = add(&sums.elsewhere, vcl_resources_get(&account->requested, resource));
    }
    sums.left = sums.total;
    ok = ok && vcl_quantity_subtract(&sums.left, &sums.elsewhere) &&
         vcl_quantity_subtract(&sums.left, &sums.promised);
    if (!ok)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s: too much to be added up",
                        resource);
    *out_sums = sums;
    return 0;
}

/* Nothing below zero: more is promised than there is. */
static char *print(const vcl_quantity *amount)
{
    const vcl_quantity none = { 0 };
    char text[VCL_QUANTITY_TEXT];

    vcl_quantity_print(amount && amount->nano > 0 ? amount : &none, text);
    return vcl_strdup(text);
}

static int add_entry(vcluster_budget *budget,
                     const vcl_books *books,
                     const vcl_ask *ask,
                     const char *resource,
                     vcluster_error **error)
{
    vcluster_budget_entry *entry = &budget->items[budget->size];
    vcl_sums sums;

    int status = vcl_books_sum(books, resource, &sums, error);
    if (status < 0)
        return status;
    budget->size++;
    *entry = (vcluster_budget_entry){
        .resource = vcl_strdup(resource),
        .total = print(&sums.total),
        .elsewhere = print(&sums.elsewhere),
        .promised = print(&sums.promised),
        .used = print(&sums.used),
        .left = print(&sums.left),
        .asked = print(ask ? vcl_ask_amount(ask, resource) : NULL),
    };
    return entry->resource && entry->total && entry->elsewhere && entry->promised && entry->used &&
                   entry->left && entry->asked
               ? 0
               : vcl_no_memory(error);
}

/* ---- As JSON ---- */

static cJSON *entry_to_json(const vcluster_budget_entry *entry)
{
    cJSON *object = cJSON_CreateObject();

    if (object && vcl_json_set_string(object, "resource", entry->resource) &&
        vcl_json_set_string(object, "total", entry->total) &&
        vcl_json_set_string(object, "elsewhere", entry->elsewhere) &&
        vcl_json_set_string(object, "promised", entry->promised) &&
        vcl_json_set_string(object, "used", entry->used) &&
        vcl_json_set_string(object, "left", entry->left) &&
        vcl_json_set_string(object, "asked", entry->asked))
        return object;
    cJSON_Delete(object);
    return NULL;
}

static bool set_amount(cJSON *object, const char *resource, const vcl_quantity *amount)
{
    vcl_auto_free char *text = print(amount);

    return object && text && vcl_json_set_string(object, resource, text);
}

static cJSON *account_to_json(const vcl_account *account, const vcl_resources *total)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    VCL_AUTO_JSON *unbounded = cJSON_CreateArray();
    bool ok = object && unbounded &&
              vcl_json_set_string(object, "namespace", account->namespace_name) &&
              vcl_json_set(object, "names", vcl_json_copy(account->clusters));
    cJSON *promised = ok ? vcl_json_object(object, "promised") : NULL;
    cJSON *used = ok ? vcl_json_object(object, "used") : NULL;

    for (size_t i = 0; ok && i < total->size; i++) {
        const char *resource = total->items[i].name;
        ok = set_amount(promised, resource, vcl_account_promised(account, resource)) &&
             set_amount(used, resource, vcl_account_used(account, resource)) &&
             (vcl_resources_get(&account->bounds, resource) ||
              vcl_json_append(unbounded, cJSON_CreateString(resource)));
    }
    ok = ok && vcl_json_set(object, "unbounded", vcl_steal(&unbounded));
    return ok ? vcl_steal(&object) : NULL;
}

/* The resource of which the smallest part is left: only an order hangs on it. */
static const char *scarcest(const vcl_books *books)
{
    const char *found = books->total.items[0].name;
    long double least = 2;

    for (size_t i = 0; i < books->total.size; i++) {
        vcl_sums sums;
        if (vcl_books_sum(books, books->total.items[i].name, &sums, NULL) < 0 ||
            sums.total.nano <= 0)
            continue;
        long double part = (long double)sums.left.nano / (long double)sums.total.nano;
        if (part < least) {
            least = part;
            found = books->total.items[i].name;
        }
    }
    return found;
}

typedef struct holder {
    const vcl_account *account;
    vcl_quantity amount;
} holder;

static int compare(const void *left, const void *right)
{
    const holder *a = left;
    const holder *b = right;
    int order = vcl_quantity_compare(&b->amount, &a->amount);

    return order ? order : strcmp(a->account->namespace_name, b->account->namespace_name);
}

static bool add_clusters(cJSON *list, const vcl_books *books)
{
    const char *resource = scarcest(books);
    vcl_auto_free holder *holders = calloc(books->ledger.size + 1, sizeof(*holders));
    size_t count = 0;

    for (size_t i = 0; holders && i < books->ledger.size; i++) {
        const vcl_account *account = &books->ledger.items[i];
        const vcl_quantity *amount = vcl_account_promised(account, resource);
        if (account->clusters)
            holders[count++] = (holder){ account, amount ? *amount : (vcl_quantity){ 0 } };
    }
    if (!holders)
        return false;
    qsort(holders, count, sizeof(*holders), compare);
    for (size_t i = 0; i < count; i++) {
        if (!vcl_json_append(list, account_to_json(holders[i].account, &books->total)))
            return false;
    }
    return true;
}

/* The list of findings, as reports print them; NULL without memory. */
static cJSON *findings_to_json(const vcluster_report *report)
{
    VCL_AUTO_JSON *tree = NULL;
    char *text = NULL;

    if (!report)
        return cJSON_CreateArray();
    if (vcluster_report_to_json(report, &text, NULL) == 0)
        (void)vcl_json_parse(text, strlen(text), &tree, NULL);
    vcluster_free(text);
    return cJSON_DetachItemFromObjectCaseSensitive(tree, "findings");
}

static int make_tree(vcluster_budget *budget, const vcl_books *books, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    VCL_AUTO_JSON *entries = cJSON_CreateArray();
    VCL_AUTO_JSON *clusters = cJSON_CreateArray();
    bool ok = tree && entries && clusters &&
              vcl_json_set(tree, "fits", cJSON_CreateBool(vcluster_budget_fits(budget)));

    for (size_t i = 0; ok && i < budget->size; i++)
        ok = vcl_json_append(entries, entry_to_json(&budget->items[i]));
    ok = ok && add_clusters(clusters, books) &&
         vcl_json_set(tree, "resources", vcl_steal(&entries)) &&
         vcl_json_set(tree, "clusters", vcl_steal(&clusters)) &&
         vcl_json_set(tree, "findings", findings_to_json(budget->report));
    if (!ok)
        return vcl_no_memory(error);
    budget->tree = vcl_steal(&tree);
    return 0;
}

int vcl_budget_make(const vcl_books *books,
                    const vcl_ask *ask,
                    vcluster_report **report,
                    vcluster_budget **out_budget,
                    vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_budget) budget = calloc(1, sizeof(*budget));
    int status = 0;

    if (budget)
        budget->items = calloc(books->total.size + 1, sizeof(*budget->items));
    if (!budget || !budget->items)
        return vcl_no_memory(error);
    budget->report = report ? vcl_steal(report) : NULL;
    for (size_t i = 0; status == 0 && i < books->total.size; i++)
        status = add_entry(budget, books, ask, books->total.items[i].name, error);
    if (status == 0)
        status = make_tree(budget, books, error);
    if (status == 0)
        *out_budget = vcl_steal(&budget);
    return status;
}
