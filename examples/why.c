/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tell why a virtual cluster is not ready.
 * usage: why NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [why] */
static int why(const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_diagnosis *diagnosis = NULL;
    vcluster_client *client = NULL;

    options.namespace_name = namespace_name; /* NULL: wherever it is */
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_why(client, name, &options, &diagnosis, error);
    if (status == 0 && vcluster_diagnosis_ready(diagnosis))
        printf("%s is ready\n", name);

    /* The best cause comes first. */
    const vcluster_cause *cause = vcluster_diagnosis_at(diagnosis, 0);
    if (cause)
        printf("%s: %s\nwhat to do: %s\n", vcluster_reason_code(vcluster_cause_reason(cause)),
               vcluster_cause_message(cause), vcluster_cause_remedy(cause));
    vcluster_diagnosis_free(diagnosis);
    vcluster_client_unref(client);
    return status;
}
/* [why] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2) {
        fprintf(stderr, "usage: why NAME [NAMESPACE]\n");
        return 2;
    }
    if (why(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        fprintf(stderr, "why: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
