/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look for mistakes in a values file, and print it without those that can be repaired.
 * usage: lint VALUES
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

enum { MAX_TEXT = 1 << 16 };

/* [lint] */
static int lint_and_repair(const char *file, const char *text, size_t size, vcluster_error **error)
{
    vcluster_lint *lint = NULL;
    vcluster_report *report = NULL;
    char *repaired = NULL;

    int status = vcluster_lint_new(&lint, error);
    if (status == 0)
        status = vcluster_lint_add(lint, file, text, size, error);
    if (status == 0)
        status = vcluster_lint_run(lint, NULL, &report, error);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *finding = vcluster_report_at(report, i);
        fprintf(stderr, "%s: %s\n", vcluster_finding_rule(finding),
                vcluster_finding_message(finding));
    }
    if (status == 0)
        status = vcluster_lint_fix(lint, NULL, file, &repaired, error);
    if (status == 0)
        printf("%s", repaired);
    vcluster_free(repaired);
    vcluster_report_free(report);
    vcluster_lint_free(lint);
    return status;
}
/* [lint] */

int main(int argc, char **argv)
{
    static char text[MAX_TEXT];
    vcluster_error *error = NULL;

    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: lint VALUES\n");
        return 2;
    }
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    int status = lint_and_repair(argv[1], text, size, &error);
    if (status < 0)
        fprintf(stderr, "lint: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    return status < 0;
}
