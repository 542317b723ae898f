/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tell what would make the creation of a virtual cluster fail, before anything is touched.
 * usage: preflight NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [preflight] */
static int preflight(const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_report *report = NULL;
    vcluster_client *client = NULL;

    options.namespace_name = namespace_name;
    options.distribution = "embedded";
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_preflight(client, name, NULL, &options, &report, error);

    /* All findings at once, each with what to do. */
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *finding = vcluster_report_at(report, i);
        printf("%s: %s: %s\nwhat to do: %s\n",
               vcluster_severity_name(vcluster_finding_severity(finding)),
               vcluster_finding_rule(finding), vcluster_finding_message(finding),
               vcluster_finding_remedy(finding));
    }
    if (status == 0 && vcluster_report_severity(report) != VCLUSTER_SEVERITY_ERROR)
        printf("%s can be created\n", name);
    vcluster_report_free(report);
    vcluster_client_unref(client);
    return status;
}
/* [preflight] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2) {
        fprintf(stderr, "usage: preflight NAME [NAMESPACE]\n");
        return 2;
    }
    if (preflight(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        fprintf(stderr, "preflight: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
