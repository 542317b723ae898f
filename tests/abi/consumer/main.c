/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else, built against an installed library. */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    char *yaml = NULL;

    if (vcluster_version_number() != VCLUSTER_VERSION_NUM)
        return 1;
    if (vcluster_config_new(&config, &error) < 0 ||
        vcluster_config_set(config, "controlPlane.distro.k8s.version", "1.35", &error) < 0 ||
        vcluster_config_to_yaml(config, &yaml, &error) < 0) {
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    int wrong = strcmp(yaml, "controlPlane:\n  distro:\n    k8s:\n      version: \"1.35\"\n");
    (void)printf("libvcluster %s\n%s", vcluster_version(), yaml);
    vcluster_free(yaml);
    vcluster_config_free(config);
    return wrong ? 1 : 0;
}
