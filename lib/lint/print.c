/* SPDX-License-Identifier: Apache-2.0 */
/* The report as workflow commands of GitHub: a line each, which the pull request shows. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "lint/lint.h"

/* A text in a property (which must not have ',' and ':') or in the message of a command. */
static void add_escaped(vcl_buf *buf, const char *text, const char *special)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            vcl_buf_addf(buf, "%%%02X", (unsigned)(unsigned char)*text);
        else
            vcl_buf_add_char(buf, *text);
    }
}

static void add_command(vcl_buf *buf, const vcluster_finding *f)
{
    static const char *const commands[] = { "error", "error", "warning", "notice" };

    vcl_buf_addf(buf, "::%s file=", commands[f->severity]);
    add_escaped(buf, f->file, "%\r\n:,");
    if (f->line > 0)
        vcl_buf_addf(buf, ",line=%lld,col=%lld", (long long)f->line, (long long)f->column);
    vcl_buf_addf(buf, ",title=%s::", f->rule);
    if (*f->path) {
        add_escaped(buf, f->path, "%\r\n");
        vcl_buf_add(buf, ": ");
    }
    add_escaped(buf, f->message, "%\r\n");
    if (*f->remedy) {
        vcl_buf_add(buf, "; ");
        add_escaped(buf, f->remedy, "%\r\n");
    }
    vcl_buf_add_char(buf, '\n');
}

int vcl_lint_print_github(const vcluster_report *report, char **out_text, vcluster_error **error)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, VCL_MAX_REPORT_TEXT);
    vcl_buf_add(&buf, "");
    for (size_t i = 0; i < vcluster_report_size(report); i++)
        add_command(&buf, vcluster_report_at(report, i));
    char *text = vcl_buf_steal(&buf);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    return 0;
}
