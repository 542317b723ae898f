/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collecting findings into a report (libvcluster/report.h). A failed append is remembered: add many
 * times, check vcl_report_failed() once.
 */
#ifndef VCL_DATA_REPORT_H
#define VCL_DATA_REPORT_H

#include <libvcluster/report.h>

#include "base/finding.h"

/* NULL without memory. */
vcluster_report *vcl_report_new(void);

void vcl_report_add(vcluster_report *report, const vcl_finding_facts *facts);
/* As above, with a formatted message in place of that of the facts. */
void vcl_report_addf(vcluster_report *report,
                     const vcl_finding_facts *facts,
                     const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

/* Give finding number index a repair, which the report owns then. */
void vcl_report_set_fix(vcluster_report *report, size_t index, vcluster_edit *fix);

/* Move all findings of other, which is empty afterwards, behind those of report. */
void vcl_report_move(vcluster_report *report, vcluster_report *other);

/* Order by file, line and column; findings of one place stay as they are. */
void vcl_report_sort(vcluster_report *report);

/* Whether a finding is missing, for want of memory or because there are too many of them. */
bool vcl_report_failed(const vcluster_report *report);

/* 0 without findings of severity error; else the error 'message' with all findings. */
int vcl_report_to_error(const vcluster_report *report,
                        int status,
                        const char *message,
                        vcluster_error **error);

static inline void vcl_cleanup_report(vcluster_report **report)
{
    vcluster_report_free(*report);
}
#define VCL_AUTO_REPORT __attribute__((cleanup(vcl_cleanup_report))) vcluster_report

#endif
