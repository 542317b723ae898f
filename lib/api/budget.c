/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: what virtual clusters are promised together. */
#include <libvcluster/budget.h>

#include "api/api.h"
#include "base/limits.h"
#include "base/str.h"
#include "vcluster/config.h"
#include "vcluster/tenant/budget.h"

enum { MAX_PERCENT = 1000 };

static int check_options(const vcluster_budget_options *known, vcluster_error **error)
{
    if (known->overcommit_percent < 0 || known->overcommit_percent > MAX_PERCENT)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "overcommit_percent is %lld, which is not from 1 to %d",
                        (long long)known->overcommit_percent, MAX_PERCENT);
    if (known->budget && known->overcommit_percent)
        return vcl_fail(
            error, VCLUSTER_E_INVALID_ARGUMENT,
            "overcommit_percent is of what nodes have: write what a budget has into it");
    if (known->namespace_name && !known->name)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "namespace_name is that of a virtual cluster: give its name, too");
    return known->name ? vcl_api_check_names(known->name, known->namespace_name, error) : 0;
}

static int read_books(vcluster_client *client,
                      vcl_call *call,
                      const vcluster_budget_options *known,
                      vcl_books *books,
                      vcluster_error **error)
{
    int64_t percent = known->overcommit_percent ? known->overcommit_percent : 100;
    int status = known->budget ? vcl_budget_parse(known->budget, &books->total, error) : 0;

    return status < 0 ? status : vcl_books_read(client, call, percent, books, error);
}

int vcluster_budget_read(vcluster_client *client,
                         const vcluster_budget_options *options,
                         vcluster_budget **out_budget,
                         vcluster_error **error)
{
    vcluster_budget_options known = VCLUSTER_BUDGET_OPTIONS_INIT;
    VCL_AUTO_BOOKS books = { 0 };
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, out_budget);
    if (status == 0)
        status = check_options(&known, error);
    if (status == 0)
        status = read_books(client, &call, &known, &books, error);
    if (status == 0)
        status = vcl_budget_make(&books, NULL, NULL, out_budget, error);
    return status < 0 ? vcl_wrap(error, status, "see what virtual clusters are promised") : 0;
}

/* The ask is read first: values that cannot be need no host. */
static int admit(vcluster_client *client,
                 vcl_call *call,
                 const vcluster_budget_options *known,
                 const vcl_ask *ask,
                 vcluster_budget **out_budget,
                 vcluster_error **error)
{
    VCL_AUTO_BOOKS books = { 0 };
    VCL_AUTO_REPORT *report = vcl_report_new();

    int status = report ? read_books(client, call, known, &books, error) : vcl_no_memory(error);
    if (status == 0 && known->name)
        status = vcl_books_set_aside(&books, known->name, known->namespace_name, error);
    if (status == 0)
        status = vcl_books_judge(&books, ask, report, error);
    return status < 0 ? status : vcl_budget_make(&books, ask, &report, out_budget, error);
}

int vcluster_budget_admit(vcluster_client *client,
                          const vcluster_config *config,
                          const vcluster_chart *chart,
                          const vcluster_budget_options *options,
                          vcluster_budget **out_budget,
                          vcluster_error **error)
{
    vcluster_budget_options known = VCLUSTER_BUDGET_OPTIONS_INIT;
    VCL_AUTO_ASK ask = { 0 };
    VCL_AUTO_JSON *values = NULL;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, out_budget);
    if (status == 0)
        status = check_options(&known, error);
    if (status == 0)
        status = vcl_api_values(chart, config, &values, error);
    if (status == 0)
        status = vcl_ask_read(values, chart, &ask, error);
    if (status == 0)
        status = admit(client, &call, &known, &ask, out_budget, error);
    return status < 0 ? vcl_wrap(error, status, "see whether one more virtual cluster fits") : 0;
}

size_t vcluster_budget_size(const vcluster_budget *budget)
{
    return budget ? budget->size : 0;
}

const vcluster_budget_entry *vcluster_budget_at(const vcluster_budget *budget, size_t index)
{
    return budget && index < budget->size ? &budget->items[index] : NULL;
}

const char *vcluster_budget_entry_resource(const vcluster_budget_entry *entry)
{
    return entry ? entry->resource : "";
}

const char *vcluster_budget_entry_total(const vcluster_budget_entry *entry)
{
    return entry ? entry->total : "";
}

const char *vcluster_budget_entry_elsewhere(const vcluster_budget_entry *entry)
{
    return entry ? entry->elsewhere : "";
}

const char *vcluster_budget_entry_promised(const vcluster_budget_entry *entry)
{
    return entry ? entry->promised : "";
}

const char *vcluster_budget_entry_used(const vcluster_budget_entry *entry)
{
    return entry ? entry->used : "";
}

const char *vcluster_budget_entry_left(const vcluster_budget_entry *entry)
{
    return entry ? entry->left : "";
}

const char *vcluster_budget_entry_asked(const vcluster_budget_entry *entry)
{
    return entry ? entry->asked : "";
}

bool vcluster_budget_fits(const vcluster_budget *budget)
{
    return budget && vcluster_report_severity(budget->report) != VCLUSTER_SEVERITY_ERROR;
}

size_t vcluster_budget_finding_count(const vcluster_budget *budget)
{
    return budget && budget->report ? vcluster_report_size(budget->report) : 0;
}

const vcluster_finding *vcluster_budget_finding_at(const vcluster_budget *budget, size_t index)
{
    return budget && budget->report ? vcluster_report_at(budget->report, index) : NULL;
}

int vcluster_budget_to_json(const vcluster_budget *budget, char **out_json, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, budget, out_json);
    char *text = status == 0 ? vcl_json_print(budget->tree) : NULL;

    if (status == 0 && !text)
        status = vcl_no_memory(error);
    if (status == 0)
        *out_json = text;
    return status;
}
