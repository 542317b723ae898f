/* SPDX-License-Identifier: Apache-2.0 */
/* create, ensure, plan, wait, pause, resume, delete. */
#include <stdio.h>

#include "vcl.h"

static int print_instance(const vcluster_instance *instance, bool json, const char *verb)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    if (!json) {
        (void)printf("%s %s in namespace %s\n", vcluster_instance_name(instance), verb,
                     vcluster_instance_namespace(instance));
        if (*vcluster_instance_note(instance))
            (void)printf("note: %s\n", vcluster_instance_note(instance));
        return VCL_EXIT_OK;
    }
    if (vcluster_instance_to_json(instance, &text, &error) < 0)
        return vcl_report_error(error);
    (void)puts(text);
    vcluster_free(text);
    return VCL_EXIT_OK;
}

int vcl_wish_begin(vcl_wish *self, const vcl_arguments *arguments, vcluster_error **error)
{
    *self = (vcl_wish){ .options = VCLUSTER_ENSURE_OPTIONS_INIT };
    vcl_progress_begin(&self->view, arguments);
    int status = vcl_make_config(arguments, &self->config, error);
    if (status == 0)
        status = vcl_make_chart(arguments, arguments->chart, &self->chart, error);
    self->options.timeout_ms = arguments->timeout_ms;
    self->options.cancel = arguments->cancel;
    self->options.progress = vcl_progress_show;
    self->options.user_data = &self->view;
    self->options.namespace_name = arguments->namespace_name;
    self->options.distribution = arguments->distribution;
    self->options.chart = self->chart;
    self->options.chart_source = self->chart ? NULL : arguments->repository;
    self->options.chart_version = self->chart ? NULL : arguments->chart_version;
    self->options.no_wait = arguments->no_wait;
    self->options.take_over = arguments->take_over;
    self->options.kubernetes_version = arguments->kubernetes_version;
    self->options.profile = arguments->profile;
    self->options.reset_values = arguments->reset_values;
    self->options.atomic = arguments->atomic;
    self->options.resume = arguments->resume;
    self->options.preflight = arguments->preflight;
    self->options.unchecked = arguments->unchecked;
    self->options.ttl_s = vcl_seconds(arguments->ttl_ms);
    self->options.owner = arguments->owner;
    return status;
}

void vcl_wish_end(vcl_wish *self)
{
    vcl_progress_end(&self->view);
    vcluster_chart_free(self->chart);
    vcluster_config_free(self->config);
}

int vcl_command_create(const vcl_arguments *arguments, bool must_be_new)
{
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    vcl_wish self;

    if (arguments->operand_count > 1)
        return vcl_create_many(arguments, must_be_new);
    int status = vcl_wish_begin(&self, arguments, &error);
    if (status == 0)
        status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = (must_be_new ? vcluster_instance_create : vcluster_instance_ensure)(
            client, arguments->operands[0], self.config, &self.options, &instance, &error);
    vcl_wish_end(&self);
    int exit_code = status < 0 ? vcl_report_error(error)
                               : print_instance(instance, arguments->json,
                                                arguments->no_wait ? "is installed" : "is ready");
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return exit_code;
}

int vcl_print_plan(const vcluster_plan *plan, bool json)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = json ? vcluster_plan_to_json(plan, &text, &error)
                      : vcluster_plan_to_text(plan, &text, &error);
    if (status < 0)
        return vcl_report_error(error);
    (void)fputs(text, stdout);
    if (json)
        (void)fputc('\n', stdout);
    vcluster_free(text);
    return vcluster_plan_impact(plan) == VCLUSTER_IMPACT_REFUSED ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}

void vcl_fill_delete(const vcl_arguments *arguments, vcluster_delete_options *options)
{
    options->timeout_ms = arguments->timeout_ms;
    options->cancel = arguments->cancel;
    options->namespace_name = arguments->namespace_name;
    options->missing_ok = arguments->missing_ok;
    options->keep_volumes = arguments->keep_volumes;
    options->keep_namespace = arguments->keep_namespace;
    options->no_wait = arguments->no_wait;
    options->gitops_too = arguments->gitops_too;
    options->leftovers_too = arguments->leftovers_too;
}

static int plan_delete(const vcl_arguments *arguments)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    vcl_fill_delete(arguments, &options);
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status =
            vcluster_instance_plan_delete(client, arguments->operands[0], &options, &plan, &error);
    int exit_code = status < 0 ? vcl_report_error(error) : vcl_print_plan(plan, arguments->json);
    vcluster_plan_free(plan);
    vcluster_client_unref(client);
    return exit_code;
}

int vcl_command_plan(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;
    vcl_wish self;

    if (arguments->delete_wanted)
        return plan_delete(arguments);
    int status = vcl_wish_begin(&self, arguments, &error);
    if (status == 0)
        status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_plan(client, arguments->operands[0], self.config, &self.options,
                                        &plan, &error);
    vcl_wish_end(&self);
    int exit_code = status < 0 ? vcl_report_error(error) : vcl_print_plan(plan, arguments->json);
    vcluster_plan_free(plan);
    vcluster_client_unref(client);
    return exit_code;
}

/* Something that will make a create fail is no success for whoever asks before it. */
static int print_report(const vcluster_report *report, bool json)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = json ? vcluster_report_to_json(report, &text, &error)
                      : vcluster_report_to_text(report, &text, &error);
    if (status < 0)
        return vcl_report_error(error);
    (void)fputs(text, stdout);
    if (json)
        (void)fputc('\n', stdout);
    else if (vcluster_report_size(report) == 0)
        (void)puts("nothing is in its way");
    vcluster_free(text);
    return vcluster_report_severity(report) == VCLUSTER_SEVERITY_ERROR ? VCL_EXIT_FAILED
                                                                       : VCL_EXIT_OK;
}

int vcl_command_preflight(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;
    vcl_wish self;

    int status = vcl_wish_begin(&self, arguments, &error);
    if (status == 0)
        status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_preflight(client, arguments->operands[0], self.config,
                                             &self.options, &report, &error);
    vcl_wish_end(&self);
    int exit_code = status < 0 ? vcl_report_error(error) : print_report(report, arguments->json);
    vcluster_report_free(report);
    vcluster_client_unref(client);
    return exit_code;
}

static int pause_or_resume(const vcl_arguments *arguments, bool down)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    options.no_wait = arguments->no_wait;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = (down ? vcluster_instance_pause : vcluster_instance_resume)(
            client, arguments->operands[0], &options, &error);
    vcl_progress_end(&view);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    (void)printf("%s is %s\n", arguments->operands[0], down ? "paused" : "resumed");
    return VCL_EXIT_OK;
}

/* What is meant must be said: all of a namespace, of an owner, or of the host. */
static bool names_what(const vcl_arguments *arguments, const char *command)
{
    bool narrowed = arguments->namespace_name || arguments->all_namespaces || arguments->owner;

    if (arguments->all ? arguments->operand_count == 0 && narrowed : arguments->operand_count > 0)
        return true;
    (void)fprintf(stderr, "vcl %s: %s; see vcl --help\n", command,
                  !arguments->all            ? "a name is missing, or --all"
                  : arguments->operand_count ? "--all and a name"
                                             : "--all needs -n, -A or --owner");
    return false;
}

/* Whether one is meant, and not several or all; which ones must be said. */
static bool names_one(const vcl_arguments *arguments)
{
    return arguments->operand_count == 1 && !arguments->all;
}

int vcl_command_pause(const vcl_arguments *arguments)
{
    if (!names_what(arguments, "pause"))
        return VCL_EXIT_USAGE;
    if (!names_one(arguments))
        return vcl_pause_many(arguments);
    return pause_or_resume(arguments, true);
}

int vcl_command_resume(const vcl_arguments *arguments)
{
    if (!names_what(arguments, "resume"))
        return VCL_EXIT_USAGE;
    if (!names_one(arguments))
        return vcl_resume_many(arguments);
    return pause_or_resume(arguments, false);
}

int vcl_command_wait(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status =
            vcluster_instance_wait(client, arguments->operands[0], &options, &instance, &error);
    vcl_progress_end(&view);
    int exit_code = status < 0 ? vcl_report_error(error)
                               : print_instance(instance, arguments->json, "is ready");
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return exit_code;
}

int vcl_command_delete(const vcl_arguments *arguments)
{
    if (!names_what(arguments, "delete"))
        return VCL_EXIT_USAGE;
    if (arguments->all || arguments->operand_count > 1)
        return vcl_delete_many(arguments);

    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    vcl_fill_delete(arguments, &options);
    options.progress = vcl_progress_show;
    options.user_data = &view;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_delete(client, arguments->operands[0], &options, &error);
    vcl_progress_end(&view);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    (void)printf("%s is %s\n", arguments->operands[0],
                 arguments->no_wait ? "being deleted" : "deleted");
    return VCL_EXIT_OK;
}
