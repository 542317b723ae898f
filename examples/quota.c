/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the objects of a file fit into a namespace, without asking anybody.
 * usage: quota QUOTAS MANIFESTS
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1 << 20 };

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = file ? calloc(1, MOST) : NULL;

    if (text && fread(text, 1, MOST - 1, file) == 0) {
        free(text);
        text = NULL;
    }
    if (file)
        fclose(file);
    return text;
}

/* [fits] */
static int show(const char *quotas, const char *manifests, vcluster_error **error)
{
    vcluster_report *report = NULL;

    int status = vcluster_quota_fits(quotas, manifests, NULL, NULL, &report, error);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *finding = vcluster_report_at(report, i);
        printf("%s: %s\n", vcluster_finding_path(finding), vcluster_finding_message(finding));
    }
    if (status == 0 && vcluster_report_size(report) == 0)
        printf("everything fits\n");
    vcluster_report_free(report);
    return status;
}
/* [fits] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc != 3) {
        fprintf(stderr, "usage: quota QUOTAS MANIFESTS\n");
        return 2;
    }
    char *quotas = read_file(argv[1]);
    char *manifests = read_file(argv[2]);
    int status = -1;
    if (!quotas || !manifests)
        fprintf(stderr, "quota: cannot read %s\n", quotas ? argv[2] : argv[1]);
    else if ((status = show(quotas, manifests, &error)) < 0)
        fprintf(stderr, "quota: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    free(quotas);
    free(manifests);
    return status < 0;
}
