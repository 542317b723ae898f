/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Print the role that a platform's service account needs.
 * usage: rights OPERATIONS [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [rights] */
static int print_rights(const char *operations, const char *namespace_name, vcluster_error **error)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;
    char *yaml = NULL;

    options.namespace_name = namespace_name; /* NULL: in any namespace */
    options.service_account = "platform";
    int status = vcluster_rights(operations, NULL, &options, &yaml, error);
    if (status == 0)
        fputs(yaml, stdout); /* for kubectl apply -f - */
    vcluster_free(yaml);
    return status;
}
/* [rights] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2) {
        fprintf(stderr, "usage: rights OPERATIONS [NAMESPACE]\n");
        return 2;
    }
    if (print_rights(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        fprintf(stderr, "rights: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
