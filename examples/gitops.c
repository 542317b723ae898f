/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a repository needs for a tenant that Flux looks after, with a quota and a network policy.
 * usage: gitops NAME TEAM
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [gitops] */
static int show(const char *spec, vcluster_error **error)
{
    vcluster_files *files = NULL;

    int status = vcluster_gitops_render(spec, "flux", NULL, &files, error);
    for (size_t i = 0; i < vcluster_files_size(files); i++)
        printf("---\n# %s\n%s", vcluster_files_path(files, i), vcluster_files_text(files, i));
    vcluster_files_free(files);
    return status;
}
/* [gitops] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;
    char spec[512];

    if (argc != 3) {
        fprintf(stderr, "usage: gitops NAME TEAM\n");
        return 2;
    }
    snprintf(spec, sizeof(spec),
             "name: '%.60s'\nteam: '%.60s'\nnetworkPolicy: true\n"
             "quota: {requests.cpu: '8', requests.memory: 16Gi}\n",
             argv[1], argv[2]);
    int status = show(spec, &error);
    if (status < 0)
        fprintf(stderr, "gitops: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
