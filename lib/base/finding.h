/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thing that was found in a document or on the host: where, by which rule, what is wrong, what
 * to do. Findings travel with errors (base/error.h) and in reports (data/report.h).
 */
#ifndef VCL_BASE_FINDING_H
#define VCL_BASE_FINDING_H

#include <libvcluster/error.h>

#include "base/cleanup.h"

/* What a finding is made from; strings may be NULL, and are copied. */
typedef struct vcl_finding_facts {
    const char *file; /* NULL where there is only one document */
    int64_t line;     /* from 1; 0: not known */
    int64_t column;   /* from 1; 0: not known */
    const char *path;
    const char *rule;
    int severity;
    const char *message;
    const char *remedy;
} vcl_finding_facts;

struct vcluster_edit {
    int64_t line; /* from 1; columns in characters */
    int64_t column;
    int64_t end_line; /* of the first character that stays */
    int64_t end_column;
    char *text;
};

struct vcluster_finding {
    char *file;
    char *path;
    char *rule;
    char *message;
    char *remedy;
    int64_t line;
    int64_t column;
    int severity;
    vcluster_edit *fix; /* or NULL */
};

/* False without memory: nothing is held then. What came from outside is sanitized. */
bool vcl_finding_init(vcluster_finding *finding, const vcl_finding_facts *facts);
void vcl_finding_done(vcluster_finding *finding);

void vcl_edit_free(vcluster_edit *edit);
VCL_DEFINE_CLEANUP(vcluster_edit, vcl_edit_free);

#endif
