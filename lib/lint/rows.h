/* SPDX-License-Identifier: Apache-2.0 */
/* A rule and its function, of which there is one. */
#ifndef VCL_LINT_ROWS_H
#define VCL_LINT_ROWS_H

#include "lint/lint.h"

typedef struct vcl_lint_row {
    vcl_lint_rule rule;
    void (*look_at_subject)(vcl_lint_run *run, const vcl_lint_subject *subject);
    void (*look_at_file)(vcl_lint_run *run, const vcl_lint_file *file);
    bool of_manifest; /* looks at what installs the values, not at them */
} vcl_lint_row;

/* In the order of ids. */
extern const vcl_lint_row vcl_lint_rows[];
extern const size_t vcl_lint_row_count;

#endif
