/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file report.h
 * Reports: everything that a check found, at once. A check that found something has not failed; the
 * caller decides by the gravest severity.
 */
#ifndef LIBVCLUSTER_REPORT_H
#define LIBVCLUSTER_REPORT_H

#include <libvcluster/error.h>

VCLUSTER_BEGIN_DECLS

/** Findings, in the order of files and lines where there are any. Immutable. */
typedef struct vcluster_report vcluster_report;

/** Free a report and its findings; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_report_free(vcluster_report *report);

/** Number of findings. @since 0.1 */
VCLUSTER_API size_t vcluster_report_size(const vcluster_report *report);

/** Finding number @p index, or NULL. Borrowed from the report. @since 0.1 */
VCLUSTER_API const vcluster_finding *vcluster_report_at(const vcluster_report *report,
                                                        size_t index);

/** The gravest ::vcluster_severity in it; 0 without findings. @since 0.1 */
VCLUSTER_API int vcluster_report_severity(const vcluster_report *report);

/**
 * Print a report as JSON: {"findings": [{"rule", "severity", "file", "line", "column", "path",
 * "message", "remedy", "fix": {"line", "column", "endLine", "endColumn", "text"}}], "errors",
 * "warnings", "infos"}; what is empty or 0 is left out of a finding.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_report_to_json(const vcluster_report *report, char **out_json, vcluster_error **error);

/**
 * Print a report for a person: "FILE:LINE:COLUMN: SEVERITY: PATH: MESSAGE [RULE]" and, indented
 * below it, the remedy.
 *
 * @param[out] out_text  freed with vcluster_free(); "" without findings
 * @return 0 or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_report_to_text(const vcluster_report *report, char **out_text, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
