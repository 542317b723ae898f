/* SPDX-License-Identifier: Apache-2.0 */
/* watch: a line for each event. */
#include <stdio.h>

#include "vcl.h"

typedef struct watching {
    bool json;
    bool failed;
} watching;

static const char *const names[] = {
    "", [VCLUSTER_INSTANCE_ADDED] = "ADDED", [VCLUSTER_INSTANCE_CHANGED] = "CHANGED",
    [VCLUSTER_INSTANCE_REMOVED] = "REMOVED"
};

static int on_event(int event, const vcluster_instance *instance, void *data)
{
    watching *self = data;
    vcluster_error *error = NULL;
    char *text = NULL;

    if (!self->json) {
        (void)printf("%-8s ", names[event]);
        vcl_instance_print_row(instance);
    } else if (vcluster_instance_to_json(instance, &text, &error) == 0) {
        (void)printf("{\"event\":\"%s\",\"instance\":%s}\n", names[event], text);
        vcluster_free(text);
    } else {
        (void)vcl_report_error(error);
        self->failed = true;
    }
    return fflush(stdout) != 0 || self->failed;
}

int vcl_command_watch(const vcl_arguments *arguments)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    watching self = { .json = arguments->json };
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = arguments->timeout_ms ? arguments->timeout_ms : -1;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0 && !arguments->json) {
        (void)printf("%-8s ", "EVENT");
        vcl_instance_print_header();
    }
    if (status == 0)
        status = vcluster_instance_watch(client, &options, on_event, &self, &error);
    vcluster_client_unref(client);
    if (status == VCLUSTER_E_CANCELLED) { /* how a watch ends */
        vcluster_error_free(error);
        return VCL_EXIT_OK;
    }
    if (status < 0)
        return vcl_report_error(error);
    return self.failed ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}
