/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Put a virtual cluster that is reachable at a URL into a kubeconfig, as `kubectl config` would but
 * with everything else in the file left as it is, and take it out again.
 * usage: kubeconfig NAME URL FILE [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [kubeconfig] */
static int connect_and_leave(char **arguments, const char *namespace_name, vcluster_error **error)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_kubeconfig_merge_options merge = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;
    vcluster_kubeconfig_remove_options leave = VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    char *text = NULL;
    char *context = NULL;

    options.namespace_name = namespace_name;
    options.server = arguments[2];
    options.unverified = 1; /* it is for somebody else, and may not be reached from here */
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_kubeconfig(client, arguments[1], &options, &text, error);

    merge.path = leave.path = arguments[3]; /* NULL would be the file that kubectl uses */
    merge.set_current = 1;
    if (status == 0)
        status = vcluster_kubeconfig_merge(text, &merge, &context, error);
    if (status == 0) {
        printf("context %s is current in %s\n", context, arguments[3]);
        leave.context_name = context;
        status = vcluster_kubeconfig_remove(&leave, NULL, error);
    }
    if (status == 0)
        printf("and is gone again\n");
    vcluster_free(context);
    vcluster_free(text); /* wiped: it holds credentials */
    vcluster_client_unref(client);
    return status;
}
/* [kubeconfig] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: kubeconfig NAME URL FILE [NAMESPACE]\n");
        return 2;
    }
    if (connect_and_leave(argv, argc > 4 ? argv[4] : NULL, &error) < 0) {
        fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
