/* SPDX-License-Identifier: Apache-2.0 */
/* describe: everything that the host tells about one virtual cluster. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vcl.h"

static void print_line(const char *title, const char *text)
{
    if (*text)
        (void)printf("%-13s %s\n", title, text);
}

static void print_time(const char *title, int64_t seconds)
{
    char text[32] = "";
    time_t moment = (time_t)seconds;
    struct tm utc;

    if (seconds != 0 && gmtime_r(&moment, &utc) &&
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0)
        print_line(title, text);
}

static void print_instance(const vcluster_description *description)
{
    const vcluster_instance *instance = vcluster_description_instance(description);
    char age[32];

    vcl_age_text(vcluster_instance_created(instance), age, sizeof(age));
    print_line("name:", vcluster_instance_name(instance));
    print_line("namespace:", vcluster_instance_namespace(instance));
    print_line("status:", vcluster_instance_status(instance));
    print_line("ready:", vcluster_instance_ready(instance) ? "yes" : "no");
    print_line("distribution:", vcluster_instance_distribution(instance));
    print_line("kubernetes:", vcluster_instance_kubernetes_version(instance));
    print_line("version:", vcluster_instance_version(instance));
    print_line("made by:", vcluster_description_maker(description));
    if (vcluster_description_revision(description) != 0)
        (void)printf("%-13s %s-%s, revision %lld, %s\n",
                     "release:", vcluster_description_chart_name(description),
                     vcluster_description_chart_version(description),
                     (long long)vcluster_description_revision(description),
                     vcluster_description_release_status(description));
    print_line("store:", vcluster_description_store(description));
    print_line("age:", age);
    print_time("expires:", vcluster_instance_expires_at(instance));
    print_line("owner:", vcluster_instance_owner(instance));
    print_line("note:", vcluster_description_note(description));
}

static void print_components(const vcluster_description *description)
{
    size_t count = vcluster_description_component_count(description);

    if (count > 0)
        (void)puts("components:");
    for (size_t i = 0; i < count; i++) {
        const vcluster_component *one = vcluster_description_component_at(description, i);
        (void)printf("  %-24s %-24s %-18s %-9s %lld restarts  %s\n", vcluster_component_pod(one),
                     vcluster_component_name(one), vcluster_component_state(one),
                     vcluster_component_ready(one) ? "ready" : "not ready",
                     (long long)vcluster_component_restarts(one), vcluster_component_image(one));
    }
}

static void print_endpoints(const vcluster_description *description)
{
    size_t count = vcluster_description_endpoint_count(description);

    if (count > 0)
        (void)puts("endpoints (not tried; vcl endpoint tries them):");
    for (size_t i = 0; i < count; i++) {
        const vcluster_endpoint_candidate *way = vcluster_description_endpoint_at(description, i);
        const char *url = vcluster_endpoint_candidate_url(way);
        (void)printf("  %-14s %s\n",
                     vcluster_endpoint_kind_name(vcluster_endpoint_candidate_kind(way)),
                     *url ? url : vcluster_endpoint_candidate_reason(way));
    }
}

static void print_quota(const vcluster_usage *usage)
{
    if (vcluster_usage_size(usage) > 0)
        (void)puts("quota:");
    for (size_t i = 0; i < vcluster_usage_size(usage); i++) {
        const vcluster_usage_entry *entry = vcluster_usage_at(usage, i);
        (void)printf("  %-28s %s of %s used, %s by the control plane\n",
                     vcluster_usage_entry_resource(entry), vcluster_usage_entry_used(entry),
                     vcluster_usage_entry_hard(entry), vcluster_usage_entry_control_plane(entry));
    }
}

/* "to host:  pods, services": those that are active. */
static void print_rules(const vcluster_sync_rules *rules, const char *direction, const char *title)
{
    const char *between = "";

    for (size_t i = 0; i < vcluster_sync_rules_size(rules); i++) {
        const vcluster_sync_rule *rule = vcluster_sync_rules_at(rules, i);
        if (!vcluster_sync_rule_active(rule) ||
            strcmp(vcluster_sync_rule_direction(rule), direction) != 0)
            continue;
        if (!*between)
            (void)printf("%-13s ", title);
        (void)printf("%s%s", between, vcluster_sync_rule_resource(rule));
        between = ", ";
    }
    if (*between)
        (void)puts("");
}

static void print_description(const vcluster_description *description)
{
    const vcluster_sync_rules *rules = vcluster_description_sync_rules(description);
    const vcluster_diagnosis *diagnosis = vcluster_description_diagnosis(description);

    print_instance(description);
    print_components(description);
    print_endpoints(description);
    print_quota(vcluster_description_usage(description));
    print_rules(rules, "toHost", "to host:");
    print_rules(rules, "fromHost", "from host:");
    print_line("values:", vcluster_description_user_values(description));
    for (size_t i = 0; i < vcluster_diagnosis_size(diagnosis); i++)
        vcl_cause_print(vcluster_diagnosis_at(diagnosis, i));
}

int vcl_command_describe(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_description *description = NULL;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_describe(client, arguments->operands[0], &options, &description,
                                            &error);
    if (status == 0 && arguments->json)
        status = vcluster_description_to_json(description, &text, &error);
    if (status == 0 && text)
        (void)puts(text);
    else if (status == 0)
        print_description(description);
    vcluster_free(text);
    vcluster_description_free(description);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}
