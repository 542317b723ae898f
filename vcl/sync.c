/* SPDX-License-Identifier: Apache-2.0 */
/* vcl sync: the sync rules of a configuration, and the configuration with a rule changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

static int read_before(const vcl_arguments *arguments,
                       const char *name,
                       vcluster_config **out_config,
                       vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;

    if (!name)
        return arguments->against ? vcluster_config_load(arguments->against, out_config, error)
                                  : VCLUSTER_OK;
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, error);
    if (status == 0)
        status = vcluster_instance_config(client, name, &options, out_config, error);
    vcluster_client_unref(client);
    return status;
}

/* What was given, laid over what runs. */
static int
merge_over(const vcluster_config *before, vcluster_config **config, vcluster_error **error)
{
    vcluster_config *merged = NULL;

    int status = vcluster_config_new(&merged, error);
    if (status == 0)
        status = vcluster_config_merge(merged, before, error);
    if (status == 0)
        status = vcluster_config_merge(merged, *config, error);
    if (status < 0) {
        vcluster_config_free(merged);
        return status;
    }
    vcluster_config_free(*config);
    *config = merged;
    return 0;
}

/* What the commands work with: values, and the chart whose rules they are (NULL: upstream's). */
typedef struct sync_job {
    vcluster_config *config;
    vcluster_chart *chart;
    vcluster_sync_rules *rules;
    vcluster_error *error;
} sync_job;

static int begin(sync_job *job, const vcl_arguments *arguments)
{
    *job = (sync_job){ 0 };
    int status = vcl_make_config(arguments, &job->config, &job->error);
    if (status == 0 && arguments->chart)
        status = vcl_make_chart(arguments, arguments->chart, &job->chart, &job->error);
    return status;
}

static int end(sync_job *job, int status)
{
    vcluster_sync_rules_free(job->rules);
    vcluster_chart_free(job->chart);
    vcluster_config_free(job->config);
    return status < 0 ? vcl_report_error(job->error) : VCL_EXIT_OK;
}

static const char *state_of(const vcluster_sync_rule *rule)
{
    int state = vcluster_sync_rule_state(rule);
    bool active = vcluster_sync_rule_active(rule);

    if (state == VCLUSTER_SYNC_AUTO)
        return active ? "auto (on)" : "auto (off)";
    return active ? "on" : vcluster_sync_state_name(state);
}

static void print_row(const vcluster_sync_rule *rule)
{
    (void)printf("%-9s %-38s %-10s %s\n", vcluster_sync_rule_direction(rule),
                 vcluster_sync_rule_resource(rule), state_of(rule),
                 vcluster_sync_rule_description(rule));
}

static int list(const vcl_arguments *arguments)
{
    sync_job job;
    char *json = NULL;

    int status = begin(&job, arguments);
    if (status == 0)
        status = vcluster_sync_rules_new(job.chart, job.config, &job.rules, &job.error);
    if (status == 0 && arguments->json)
        status = vcluster_sync_rules_to_json(job.rules, &json, &job.error);
    if (status == 0 && json) {
        (void)puts(json);
    } else if (status == 0) {
        (void)printf("%-9s %-38s %-10s %s\n", "DIRECTION", "RESOURCE", "STATE", "WHAT IT DOES");
        for (size_t i = 0; i < vcluster_sync_rules_size(job.rules); i++)
            print_row(vcluster_sync_rules_at(job.rules, i));
    }
    vcluster_free(json);
    return end(&job, status);
}

static void print_rule(const vcluster_sync_rule *rule)
{
    (void)printf("%s\n", vcluster_sync_rule_path(rule));
    (void)printf("  state:    %s (default %s)\n", state_of(rule),
                 vcluster_sync_state_name(vcluster_sync_rule_default(rule)));
    (void)printf("  kind:     %s\n", vcluster_sync_rule_kind(rule));
    (void)printf("  settings: %s\n", vcluster_sync_rule_settings(rule));
    if (*vcluster_sync_rule_rights(rule))
        (void)printf("  rights:   %s, on the whole host\n", vcluster_sync_rule_rights(rule));
    if (*vcluster_sync_rule_licence(rule))
        (void)printf("  licence:  upstream's %s tier\n", vcluster_sync_rule_licence(rule));
    (void)printf("  %s\n", vcluster_sync_rule_description(rule));
}

static int get(const vcl_arguments *arguments)
{
    const vcluster_sync_rule *rule = NULL;
    sync_job job;

    int status = begin(&job, arguments);
    if (status == 0)
        status = vcluster_sync_rules_new(job.chart, job.config, &job.rules, &job.error);
    if (status == 0)
        status = vcluster_sync_rules_find(job.rules, arguments->direction, arguments->operands[0],
                                          &rule, &job.error);
    if (status == 0)
        print_rule(rule);
    return end(&job, status);
}

static int state_from(const char *text)
{
    for (int state = VCLUSTER_SYNC_OFF; state <= VCLUSTER_SYNC_AUTO; state++) {
        if (strcmp(text, vcluster_sync_state_name(state)) == 0)
            return state;
    }
    return 0;
}

static int set(const vcl_arguments *arguments)
{
    int state = state_from(arguments->operands[1]);
    char *yaml = NULL;
    sync_job job;

    if (state == 0) {
        (void)fprintf(stderr, "vcl sync set: '%s' is none of on, off, auto\n",
                      arguments->operands[1]);
        return VCL_EXIT_USAGE;
    }
    int status = begin(&job, arguments);
    if (status == 0)
        status = vcluster_sync_set(job.config, job.chart, arguments->direction,
                                   arguments->operands[0], state, arguments->settings, &job.error);
    if (status == 0)
        status = vcluster_config_to_yaml(job.config, &yaml, &job.error);
    if (status == 0)
        (void)fputs(yaml, stdout);
    vcluster_free(yaml);
    return end(&job, status);
}

static int diff(const vcl_arguments *arguments)
{
    const char *name = arguments->operand_count ? arguments->operands[0] : NULL;
    vcluster_check_options options = VCLUSTER_CHECK_OPTIONS_INIT;
    vcluster_config *before = NULL;
    vcluster_plan *plan = NULL;
    sync_job job;

    options.name = name;
    options.namespace_name = arguments->namespace_name;
    options.kubernetes_version = arguments->kubernetes_version;
    int status = begin(&job, arguments);
    if (status == 0)
        status = read_before(arguments, name, &before, &job.error);
    if (status == 0 && name)
        status = merge_over(before, &job.config, &job.error);
    if (status == 0)
        status = vcluster_sync_diff(job.chart, before, job.config, &options, &plan, &job.error);
    vcluster_config_free(before);
    int printed = status == 0 ? vcl_print_plan(plan, arguments->json) : VCL_EXIT_OK;
    vcluster_plan_free(plan);
    int code = end(&job, status);
    return code == VCL_EXIT_OK ? printed : code;
}

static int apply(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_wish wish;
    int state = arguments->operand_count == 3 ? state_from(arguments->operands[2]) : 0;

    if (arguments->operand_count == 2 || (arguments->operand_count == 3 && state == 0)) {
        (void)fprintf(stderr, "vcl sync apply: a KIND is followed by on, off or auto\n");
        return VCL_EXIT_USAGE;
    }
    int status = vcl_wish_begin(&wish, arguments, &error);
    if (status == 0 && state)
        status = vcluster_sync_set(wish.config, wish.chart, arguments->direction,
                                   arguments->operands[1], state, arguments->settings, &error);
    if (status == 0)
        status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_sync_apply(client, arguments->operands[0], wish.config, &wish.options,
                                     NULL, &error);
    vcl_wish_end(&wish);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    (void)printf("sync rules of %s are in force\n", arguments->operands[0]);
    return VCL_EXIT_OK;
}

const vcl_command vcl_sync_commands[] = {
    { "list", 0, 0, list }, { "get", 1, 1, get },     { "set", 2, 2, set },
    { "diff", 0, 1, diff }, { "apply", 1, 3, apply }, { 0 },
};
