/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of charts have in common: files of fixtures, templates run on values. */
#ifndef TEST_CHART_FIXTURE_H
#define TEST_CHART_FIXTURE_H

#include "base/buf.h"
#include "chart/chart.h"

/* A file below tests/fixtures; fails the test when it cannot be read. Freed by the caller. */
char *fixture_read(const char *name);
cJSON *fixture_values(const char *yaml);

/* Run a template as templates/t.yaml of a chart c. Returns the status; text is its output or the
 * message of its error. */
int fixture_run(const cJSON *values, const char *text, size_t size, char **out_text);
/* The same for a template that must run, on values as YAML. */
char *fixture_output(const char *yaml, const char *text);

/* A chart of files: name, text, name, text, ..., NULL. */
int fixture_chart(vcluster_chart **out_chart, vcluster_error **error, const char *name, ...)
    __attribute__((sentinel));

/* Fail unless the error has a finding with this path and rule. */
void fixture_assert_finding(const vcluster_error *error, const char *path, const char *rule);

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

#endif
