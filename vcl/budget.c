/* SPDX-License-Identifier: Apache-2.0 */
/* vcl quota show --all, vcl quota admit: what virtual clusters are promised together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

enum { MAX_FILE = 1 << 20 };

/* "cpu=64,memory=256Gi" as the map {"cpu": "64", "memory": "256Gi"}; false where it is none. */
static bool write_map(FILE *out, char *given)
{
    const char *separator = "{";
    char *rest = given;

    for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
        char *value = strchr(one, '=');
        if (!value || value == one || !value[1] || strpbrk(one, "\"\\"))
            return false;
        *value++ = '\0';
        (void)fprintf(out, "%s\"%s\": \"%s\"", separator, one, value);
        separator = ", ";
    }
    (void)fputc('}', out);
    return true;
}

/* The budget as the library reads it; what has a brace is a map already. NULL: it is none. */
static char *read_budget(const char *given)
{
    char *copy = strdup(given);
    char *text = NULL;
    size_t size = 0;

    if (!copy || strchr(given, '{'))
        return copy;
    FILE *out = open_memstream(&text, &size);
    bool read = out && write_map(out, copy);
    if (out && fclose(out) != 0)
        read = false;
    free(copy);
    if (read)
        return text;
    free(text);
    return NULL;
}

/* Options from the arguments; the budget is the caller's to free. */
static bool
begin(const vcl_arguments *arguments, vcluster_budget_options *options, char **out_budget)
{
    options->timeout_ms = arguments->timeout_ms;
    options->cancel = arguments->cancel;
    options->overcommit_percent = arguments->overcommit_percent;
    if (!arguments->budget)
        return true;
    *out_budget = read_budget(arguments->budget);
    options->budget = *out_budget;
    if (!*out_budget)
        (void)fprintf(stderr, "vcl: --budget: expected RESOURCE=QUANTITY,..., such as "
                              "cpu=64,memory=256Gi\n");
    return *out_budget != NULL;
}

static void print_resources(const vcluster_budget *budget)
{
    (void)printf("%-30s %12s %12s %12s %12s %12s %12s\n", "RESOURCE", "TOTAL", "ELSEWHERE",
                 "PROMISED", "USED", "LEFT", "ASKED");
    for (size_t i = 0; i < vcluster_budget_size(budget); i++) {
        const vcluster_budget_entry *one = vcluster_budget_at(budget, i);
        (void)printf("%-30s %12s %12s %12s %12s %12s %12s\n", vcluster_budget_entry_resource(one),
                     vcluster_budget_entry_total(one), vcluster_budget_entry_elsewhere(one),
                     vcluster_budget_entry_promised(one), vcluster_budget_entry_used(one),
                     vcluster_budget_entry_left(one), vcluster_budget_entry_asked(one));
    }
}

static void print_findings(const vcluster_budget *budget)
{
    for (size_t i = 0; i < vcluster_budget_finding_count(budget); i++) {
        const vcluster_finding *one = vcluster_budget_finding_at(budget, i);
        (void)printf("%s: %s: %s [%s]\n", vcluster_severity_name(vcluster_finding_severity(one)),
                     vcluster_finding_path(one), vcluster_finding_message(one),
                     vcluster_finding_rule(one));
    }
}

static int print(const vcl_arguments *arguments, const vcluster_budget *budget)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    if (!arguments->json) {
        print_resources(budget);
        print_findings(budget);
        return VCL_EXIT_OK;
    }
    if (vcluster_budget_to_json(budget, &json, &error) < 0)
        return vcl_report_error(error);
    (void)puts(json);
    vcluster_free(json);
    return VCL_EXIT_OK;
}

int vcl_quota_show_all(const vcl_arguments *arguments)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_budget *budget = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;

    if (!begin(arguments, &options, &text))
        return VCL_EXIT_USAGE;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_budget_read(client, &options, &budget, &error);
    int exit_code = status == 0 ? print(arguments, budget) : vcl_report_error(error);
    vcluster_budget_free(budget);
    vcluster_client_unref(client);
    free(text);
    return exit_code;
}

/* The values of -f and --set, with those of the tenant in the file, if one is given. */
static int make_config(const vcl_arguments *arguments,
                       const vcluster_chart *chart,
                       vcluster_config **out_config,
                       char **out_name,
                       vcluster_error **error)
{
    size_t size = 0;
    int status = vcl_make_config(arguments, out_config, error);

    if (status < 0 || arguments->operand_count == 0)
        return status;
    char *tenant = vcl_need_text(arguments->operands[0], MAX_FILE, &size);
    if (!tenant)
        return VCLUSTER_E_NOT_FOUND; /* it has been told */
    status = vcluster_config_set_tenant(*out_config, tenant, chart, out_name, error);
    free(tenant);
    return status;
}

static int
make_chart(const vcl_arguments *arguments, vcluster_chart **out_chart, vcluster_error **error)
{
    if (arguments->chart)
        return vcl_make_chart(arguments, arguments->chart, out_chart, error);
    if (arguments->distribution && strcmp(arguments->distribution, "embedded") == 0)
        return vcluster_chart_embedded(out_chart, error);
    return 0;
}

static int admit(const vcl_arguments *arguments,
                 vcluster_budget_options *options,
                 vcluster_budget **out_budget,
                 vcluster_error **error)
{
    vcluster_client *client = NULL;
    vcluster_chart *chart = NULL;
    vcluster_config *config = NULL;
    char *name = NULL;

    int status = make_chart(arguments, &chart, error);
    if (status == 0)
        status = make_config(arguments, chart, &config, &name, error);
    if (status == 0)
        status = vcl_make_client(arguments, &client, error);
    options->name = name;
    options->namespace_name = name ? arguments->namespace_name : NULL;
    if (status == 0)
        status = vcluster_budget_admit(client, config, chart, options, out_budget, error);
    vcluster_free(name);
    vcluster_config_free(config);
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    return status;
}

int vcl_quota_admit(const vcl_arguments *arguments)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_budget *budget = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;

    if (!begin(arguments, &options, &text))
        return VCL_EXIT_USAGE;
    int status = admit(arguments, &options, &budget, &error);
    int exit_code = status == 0 ? print(arguments, budget) : vcl_report_error(error);
    bool fits = vcluster_budget_fits(budget);
    if (exit_code == VCL_EXIT_OK && !arguments->json)
        (void)puts(fits ? "it fits" : "it does not fit");
    vcluster_budget_free(budget);
    free(text);
    return exit_code == VCL_EXIT_OK && !fits ? VCL_EXIT_FAILED : exit_code;
}
