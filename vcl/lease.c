/* SPDX-License-Identifier: Apache-2.0 */
/* extend and reap. */
#include <stdio.h>
#include <time.h>

#include "vcl.h"

static void print_expiry(const vcluster_instance *instance)
{
    time_t at = (time_t)vcluster_instance_expires_at(instance);
    struct tm utc;
    char text[32] = "";

    if (at == 0 || !gmtime_r(&at, &utc))
        (void)printf("%s does not expire\n", vcluster_instance_name(instance));
    else if (strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0)
        (void)printf("%s expires at %s\n", vcluster_instance_name(instance), text);
}

void vcl_fill_extend(const vcl_arguments *arguments, vcluster_extend_options *options)
{
    options->timeout_ms = arguments->timeout_ms;
    options->cancel = arguments->cancel;
    options->namespace_name = arguments->namespace_name;
    options->ttl_s = vcl_seconds(arguments->ttl_ms);
    options->never = arguments->never;
    options->only_later = arguments->only_later;
    options->owner = arguments->owner;
}

int vcl_command_extend(const vcl_arguments *arguments)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;

    if (arguments->operand_count > 1)
        return vcl_extend_many(arguments);
    vcl_fill_extend(arguments, &options);
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status =
            vcluster_instance_extend(client, arguments->operands[0], &options, &instance, &error);
    if (status == 0 && arguments->json)
        status = vcluster_instance_to_json(instance, &text, &error);
    if (status == 0 && text)
        (void)puts(text);
    else if (status == 0)
        print_expiry(instance);
    vcluster_free(text);
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

static int print_manifest(const vcl_arguments *arguments)
{
    vcluster_reap_manifest_options options = VCLUSTER_REAP_MANIFEST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *text = NULL;

    options.namespace_name = arguments->manifest_namespace;
    options.image = arguments->image;
    options.schedule = arguments->schedule;
    options.grace_s = arguments->grace_ms > 0 ? vcl_seconds(arguments->grace_ms) : 0;
    options.only_namespace = arguments->all_namespaces ? NULL : arguments->namespace_name;
    if (vcluster_reap_manifest(&options, &text, &error) < 0)
        return vcl_report_error(error);
    (void)fputs(text, stdout);
    vcluster_free(text);
    return VCL_EXIT_OK;
}

int vcl_command_reap(const vcl_arguments *arguments)
{
    enum { INTERVAL_MS = 30000 };
    vcluster_reap_options options = VCLUSTER_REAP_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_result_view view = { .done = "deleted", .json = arguments->json };

    if (arguments->manifest)
        return print_manifest(arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    options.owner = arguments->owner;
    options.grace_s = arguments->grace_ms > 0 ? vcl_seconds(arguments->grace_ms) : 0;
    options.parallel = arguments->parallel;
    options.dry_run = arguments->dry_run;
    if (arguments->watch_wanted)
        options.interval_ms = arguments->interval_ms ? arguments->interval_ms : INTERVAL_MS;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_reap(client, &options, vcl_show_result, &view, &error);
    vcluster_client_unref(client);
    if (status == VCLUSTER_E_CANCELLED && arguments->watch_wanted) {
        vcluster_error_free(error); /* that is how it ends */
        return view.failures ? VCL_EXIT_FAILED : VCL_EXIT_OK;
    }
    if (status < 0)
        return vcl_report_error(error);
    return view.failures ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}
