/* SPDX-License-Identifier: Apache-2.0 */
/* vcl sync: the sync rules of a configuration, and the configuration with a rule changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

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

const vcl_command vcl_sync_commands[] = {
    { "list", 0, 0, list },
    { "get", 1, 1, get },
    { "set", 2, 2, set },
    { 0 },
};
