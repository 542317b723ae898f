/* SPDX-License-Identifier: Apache-2.0 */
/* why: what keeps a virtual cluster from being ready. */
#include <stdio.h>

#include "vcl.h"

static void print_line(const char *title, const char *text)
{
    if (*text)
        (void)printf("  %-10s %s\n", title, text);
}

void vcl_cause_print(const vcluster_cause *cause)
{
    (void)printf("%s (%s): %s\n", vcluster_reason_code(vcluster_cause_reason(cause)),
                 vcluster_certainty_name(vcluster_cause_certainty(cause)),
                 vcluster_cause_message(cause));
    print_line("object", vcluster_cause_object(cause));
    print_line("event", vcluster_cause_event(cause));
    print_line("remedy", vcluster_cause_remedy(cause));
    print_line("waiting", vcluster_cause_waiting_helps(cause) ? "may help" : "does not help");
}

static void print_diagnosis(const vcluster_diagnosis *diagnosis, const char *name)
{
    if (vcluster_diagnosis_ready(diagnosis))
        (void)printf("%s in namespace %s is ready\n", name,
                     vcluster_diagnosis_namespace(diagnosis));
    for (size_t i = 0; i < vcluster_diagnosis_size(diagnosis); i++)
        vcl_cause_print(vcluster_diagnosis_at(diagnosis, i));
    if (*vcluster_diagnosis_note(diagnosis))
        (void)printf("note: %s\n", vcluster_diagnosis_note(diagnosis));
}

static int print_json(const vcluster_diagnosis *diagnosis, vcluster_error **error)
{
    char *text = NULL;

    int status = vcluster_diagnosis_to_json(diagnosis, &text, error);
    if (status == 0)
        (void)puts(text);
    vcluster_free(text);
    return status;
}

/* Ends with VCL_EXIT_FAILED while it is not ready, so that a script can tell. */
int vcl_command_why(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    const char *name = arguments->operands[0];
    vcluster_client *client = NULL;
    vcluster_diagnosis *diagnosis = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_why(client, name, &options, &diagnosis, &error);
    if (status == 0 && arguments->json)
        status = print_json(diagnosis, &error);
    else if (status == 0)
        print_diagnosis(diagnosis, name);
    bool ready = vcluster_diagnosis_ready(diagnosis);
    vcluster_diagnosis_free(diagnosis);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    return ready ? VCL_EXIT_OK : VCL_EXIT_FAILED;
}
