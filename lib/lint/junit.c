/* SPDX-License-Identifier: Apache-2.0 */
/* The report as JUnit's XML: a test case for each finding, failed where it is an error or a
 * warning. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "lint/lint.h"

static void add_escaped(vcl_buf *buf, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            vcl_buf_add(buf, "&lt;");
            break;
        case '>':
            vcl_buf_add(buf, "&gt;");
            break;
        case '&':
            vcl_buf_add(buf, "&amp;");
            break;
        case '"':
            vcl_buf_add(buf, "&quot;");
            break;
        default:
            vcl_buf_add_char(buf, *text);
        }
    }
}

static void add_case(vcl_buf *buf, const vcluster_finding *f)
{
    vcl_buf_add(buf, "  <testcase classname=\"");
    add_escaped(buf, f->file);
    vcl_buf_addf(buf, "\" name=\"%s ", f->rule);
    add_escaped(buf, f->path);
    vcl_buf_addf(buf, "\" file=\"");
    add_escaped(buf, f->file);
    vcl_buf_addf(buf, "\" line=\"%lld\">\n", (long long)f->line);
    if (f->severity == VCLUSTER_SEVERITY_INFO) {
        vcl_buf_add(buf, "    <system-out>");
        add_escaped(buf, f->message);
        vcl_buf_add(buf, "</system-out>\n  </testcase>\n");
        return;
    }
    vcl_buf_addf(buf, "    <failure type=\"%s\" message=\"", vcluster_severity_name(f->severity));
    add_escaped(buf, f->message);
    vcl_buf_add(buf, "\">");
    add_escaped(buf, f->remedy);
    vcl_buf_add(buf, "</failure>\n  </testcase>\n");
}

int vcl_lint_print_junit(const vcluster_report *report, char **out_text, vcluster_error **error)
{
    VCL_AUTO_BUF buf = { 0 };
    size_t count = vcluster_report_size(report);
    size_t failures = 0;

    for (size_t i = 0; i < count; i++)
        failures += vcluster_report_at(report, i)->severity != VCLUSTER_SEVERITY_INFO;
    vcl_buf_init(&buf, VCL_MAX_REPORT_TEXT);
    vcl_buf_addf(&buf,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"vcl lint\" "
                 "tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
                 count, failures);
    for (size_t i = 0; i < count; i++)
        add_case(&buf, vcluster_report_at(report, i));
    vcl_buf_add(&buf, "</testsuite>\n");
    char *text = vcl_buf_steal(&buf);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    return 0;
}
