/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file runs: the commands of a shell script, of the jobs of a GitHub workflow or of a GitLab
 * pipeline, each with its line. Read as text, not as a shell would: enough to see which programs
 * are called with which words.
 */
#ifndef VCL_LINT_JOBS_H
#define VCL_LINT_JOBS_H

#include "data/json.h"
#include "data/yaml_marks.h"

enum { VCL_LINT_MAX_WORDS = 64 };

typedef struct vcl_lint_command {
    char *text; /* that the words point into */
    const char *words[VCL_LINT_MAX_WORDS];
    size_t count;
    size_t line;
    bool always; /* it runs whatever happens before */
    struct vcl_lint_command *next;
} vcl_lint_command;

typedef struct vcl_lint_job {
    bool is_ci; /* not a script that somebody calls */
    vcl_lint_command *commands;
    vcl_lint_command **end;
    struct vcl_lint_job *next;
} vcl_lint_job;

/* Whether a name or a text is that of a shell script; a document, that of a pipeline. */
bool vcl_lint_is_script(const char *name, const char *text);
bool vcl_lint_is_pipeline(const cJSON *document);

/* Add the job of a script, or the jobs of a document to a list; NO_MEMORY. */
int vcl_lint_jobs_of_script(const char *text,
                            size_t size,
                            vcl_lint_job **jobs,
                            vcluster_error **error);
int vcl_lint_jobs_of_document(const char *text,
                              const cJSON *document,
                              const vcl_yaml_mark *mark,
                              vcl_lint_job **jobs,
                              vcluster_error **error);
void vcl_lint_jobs_free(vcl_lint_job *jobs);

/* The first word of a command that calls a program, from which on its words count; NULL: it does
 * not. The program is its name without folders. */
const char *const *vcl_lint_call(const vcl_lint_command *command, const char *program);

#endif
