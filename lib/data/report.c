/* SPDX-License-Identifier: Apache-2.0 */
/* The report: a growing list of findings. */
#include "data/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

enum { MAX_FINDINGS = 100000 };

struct vcluster_report {
    vcluster_finding *findings;
    size_t size;
    size_t capacity;
    bool failed;
};

vcluster_report *vcl_report_new(void)
{
    return calloc(1, sizeof(vcluster_report));
}

static bool reserve(vcluster_report *report, size_t more)
{
    size_t wanted = report->size + more;

    if (wanted <= report->capacity)
        return true;
    if (wanted > MAX_FINDINGS)
        return false;

    size_t capacity = wanted < 8 ? 8 : wanted * 2;
    vcluster_finding *grown = realloc(report->findings, capacity * sizeof(*grown));
    if (!grown)
        return false;
    report->findings = grown;
    report->capacity = capacity;
    return true;
}

void vcl_report_add(vcluster_report *report, const vcl_finding_facts *facts)
{
    if (!reserve(report, 1) || !vcl_finding_init(&report->findings[report->size], facts))
        report->failed = true;
    else
        report->size++;
}

void vcl_report_addf(vcluster_report *report,
                     const vcl_finding_facts *facts,
                     const char *format,
                     ...)
{
    vcl_finding_facts full = *facts;
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!message) {
        report->failed = true;
        return;
    }
    full.message = message;
    vcl_report_add(report, &full);
}

void vcl_report_set_fix(vcluster_report *report, size_t index, vcluster_edit *fix)
{
    vcl_edit_free(report->findings[index].fix);
    report->findings[index].fix = fix;
}

void vcl_report_move(vcluster_report *report, vcluster_report *other)
{
    if (other->failed || (other->size > 0 && !reserve(report, other->size))) {
        report->failed = true;
        return;
    }
    if (other->size > 0)
        memcpy(report->findings + report->size, other->findings,
               other->size * sizeof(*other->findings));
    report->size += other->size;
    other->size = 0;
}

/* Where one finding comes before another; 0 for the same place. */
static int compare(const vcluster_finding *a, const vcluster_finding *b)
{
    int order = strcmp(a->file, b->file);

    if (order != 0)
        return order;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* Merge two sorted halves by way of spare; stable. */
static void merge(vcluster_finding *findings, size_t middle, size_t size, vcluster_finding *spare)
{
    size_t left = 0;
    size_t right = middle;

    for (size_t i = 0; i < size; i++) {
        bool take_left =
            left < middle && (right == size || compare(&findings[left], &findings[right]) <= 0);
        spare[i] = take_left ? findings[left++] : findings[right++];
    }
    memcpy(findings, spare, size * sizeof(*findings));
}

void vcl_report_sort(vcluster_report *report)
{
    if (report->size < 2)
        return;

    vcl_auto_free vcluster_finding *spare = calloc(report->size, sizeof(*spare));
    if (!spare) {
        report->failed = true;
        return;
    }
    for (size_t width = 1; width < report->size; width *= 2) {
        for (size_t at = 0; at + width < report->size; at += 2 * width) {
            size_t rest = report->size - at;
            merge(report->findings + at, width, rest < 2 * width ? rest : 2 * width, spare);
        }
    }
}

bool vcl_report_failed(const vcluster_report *report)
{
    return report->failed;
}

int vcl_report_to_error(const vcluster_report *report,
                        int status,
                        const char *message,
                        vcluster_error **error)
{
    if (report->failed)
        return vcl_no_memory(error);
    if (vcluster_report_severity(report) != VCLUSTER_SEVERITY_ERROR)
        return 0;

    vcl_fail(error, status, "%s", message);
    for (size_t i = 0; i < report->size; i++) {
        const vcluster_finding *f = &report->findings[i];
        vcl_error_add_finding(error, f->path, f->line, f->rule, f->severity, f->message, f->remedy);
    }
    return status;
}

void vcluster_report_free(vcluster_report *report)
{
    if (!report)
        return;
    for (size_t i = 0; i < report->size; i++)
        vcl_finding_done(&report->findings[i]);
    free(report->findings);
    free(report);
}

size_t vcluster_report_size(const vcluster_report *report)
{
    return report ? report->size : 0;
}

const vcluster_finding *vcluster_report_at(const vcluster_report *report, size_t index)
{
    return index < vcluster_report_size(report) ? &report->findings[index] : NULL;
}

int vcluster_report_severity(const vcluster_report *report)
{
    int gravest = 0;

    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        int severity = report->findings[i].severity;
        if (gravest == 0 || severity < gravest)
            gravest = severity;
    }
    return gravest;
}
