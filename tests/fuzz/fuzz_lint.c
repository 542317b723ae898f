/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file for lint: YAML of any kind, or a script where it begins with "#!". Looking and printing
 * must work for whatever can be read, and a repair must leave a text that can be read again, that a
 * second repair leaves alone.
 */
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "lint/lint.h"

#define NAME "a.yaml"

static void lint_done(vcluster_lint *lint)
{
    vcl_lint_file_free(lint->files);
}

static int64_t count_lines(const char *text)
{
    int64_t lines = 1;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void check_report(const vcluster_report *report, const char *text)
{
    int (*const printers[])(const vcluster_report *, char **,
                            vcluster_error **) = { vcl_lint_print_sarif, vcl_lint_print_junit,
                                                   vcl_lint_print_github };

    for (size_t i = 0; i < vcluster_report_size(report); i++)
        FUZZ_CHECK(vcluster_report_at(report, i)->line <= count_lines(text));
    for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
        vcl_auto_free char *printed = NULL;
        FUZZ_CHECK(printers[i](report, &printed, NULL) == 0);
    }
}

static void check_repair(vcluster_lint *lint)
{
    VCL_AUTO_LINT_FILE *again = NULL;
    vcl_auto_free char *once = NULL;
    vcl_auto_free char *twice = NULL;

    FUZZ_CHECK(vcl_lint_repair(lint, NULL, NAME, &once, NULL) == 0);
    FUZZ_CHECK(vcl_lint_file_read(NAME, once, strlen(once), &again, NULL) == 0);
    FUZZ_CHECK(vcl_lint_repair(lint, NULL, NAME, &twice, NULL) == 0);
    FUZZ_CHECK(vcl_streq(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX_TEXT = 2000 }; /* each repair looks again */
    __attribute__((cleanup(lint_done))) vcluster_lint lint = { .files = NULL };
    VCL_AUTO_REPORT *report = NULL;
    vcl_auto_free char *text = vcl_strndup(size ? (const char *)data : "", size);

    FUZZ_CHECK(text);
    if (strlen(text) > MAX_TEXT ||
        vcl_lint_file_read(NAME, text, strlen(text), &lint.files, NULL) < 0)
        return 0;
    FUZZ_CHECK(vcl_lint_look(&lint, NULL, &report, NULL) == 0);
    check_report(report, text);
    check_repair(&lint);
    return 0;
}
