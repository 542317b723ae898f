/* SPDX-License-Identifier: Apache-2.0 */
/* Going through all values of a virtual cluster, whatever their keys are. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/values.h"
#include "lint/lint.h"

/* Visit all values; their depth was limited when they were read. */
static void walk(vcl_lint_run *run,
                 const vcl_lint_subject *subject,
                 vcl_buf *path,
                 const cJSON *node,
                 vcl_lint_visitor visit)
{
    size_t size = path->size;
    int index = 0;

    for (const cJSON *child = node->child; child; child = child->next) {
        if (cJSON_IsArray(node)) {
            vcl_buf_addf(path, "[%d]", index++);
        } else {
            if (size > 0)
                vcl_buf_add_char(path, '.');
            vcl_values_add_key(path, vcl_str(child->string));
        }
        if (vcl_buf_failed(path))
            return vcl_lint_fail(run);
        if (cJSON_IsObject(child) || cJSON_IsArray(child))
            walk(run, subject, path, child, visit);
        else
            visit(run, subject, vcl_buf_text(path), child);
        vcl_buf_truncate(path, size);
    }
}

void vcl_lint_walk(vcl_lint_run *run, const vcl_lint_subject *subject, vcl_lint_visitor visit)
{
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_MAX_DOCUMENT);
    walk(run, subject, &path, subject->values, visit);
}
