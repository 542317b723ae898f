/* SPDX-License-Identifier: Apache-2.0 */
/* Merge one context into the kubeconfig FILE; bench/merge measures the process. */
#include <libvcluster/vcluster.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    static const char text[] =
        "apiVersion: v1\nkind: Config\nclusters: [{name: k, cluster: {server: 'https://h'}}]\n"
        "users: [{name: u, user: {token: t}}]\ncontexts: [{name: added, context: {cluster: k, "
        "user: u}}]\ncurrent-context: added\n";
    vcluster_kubeconfig_merge_options options = VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    if (argc != 2) {
        (void)fputs("usage: bench_merge FILE\n", stderr);
        return 2;
    }
    options.path = argv[1];
    options.set_current = 1;
    if (vcluster_kubeconfig_merge(text, &options, NULL, &error) < 0) {
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
