/* SPDX-License-Identifier: Apache-2.0 */
/* Merge one context into the kubeconfig FILE; bench/merge measures the process. Prints how much
 * memory that took above the start, and the most in all, in KiB. */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

/* The most memory that this process has had so far. What a parent had before, and getrusage() counts
 * along, is not in it. */
static long peak_kb(void)
{
    char line[128];
    long peak = 0;
    FILE *file = fopen("/proc/self/status", "re");

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            (void)sscanf(line + 6, "%ld", &peak);
    }
    if (file)
        (void)fclose(file);
    return peak;
}

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
    long begin = peak_kb();
    options.path = argv[1];
    options.set_current = 1;
    if (vcluster_kubeconfig_merge(text, &options, NULL, &error) < 0) {
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    (void)printf("%ld %ld\n", peak_kb() - begin, peak_kb());
    return 0;
}
