// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

// Report is everything that a check found, in the order of files and lines where there are any. A check that found
// something has not failed: look at Severity.
type Report struct {
	Findings []Finding
	Severity Severity // the gravest; 0 without findings

	text, json string
}

// String is the report for a person: a line for each finding, its remedy below it.
func (r *Report) String() string { return r.text }

// MarshalJSON gives {"findings": [...], "errors", "warnings", "infos"}.
func (r *Report) MarshalJSON() ([]byte, error) { return []byte(r.json), nil }

// takeReport copies a report and frees it.
func takeReport(cReport *C.vcluster_report) (*Report, error) {
	defer C.vcluster_report_free(cReport)
	r := &Report{Severity: Severity(C.vcluster_report_severity(cReport))}
	for i := range C.vcluster_report_size(cReport) {
		r.Findings = append(r.Findings, copyFinding(C.vcluster_report_at(cReport, i)))
	}
	var text, json *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_report_to_text(cReport, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	r.text = string(take(text))
	if status := C.vcluster_report_to_json(cReport, &json, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	r.json = string(take(json))
	return r, nil
}
