/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on a configuration that its values alone can tell: those that upstream has in its schema,
 * its chart, its command line and its syncer, and contradictions that it does not notice. Each is
 * one row of a table; a run gives all findings at once.
 */
#ifndef VCL_CHECK_RULE_H
#define VCL_CHECK_RULE_H

#include <libvcluster/chart.h>
#include <libvcluster/report.h>

#include "data/json.h"
#include "data/yaml_marks.h"

/* What is checked. Everything but values may be NULL. */
typedef struct vcl_check_input {
    const vcluster_chart *chart;    /* NULL: what the library knows of upstream's */
    const cJSON *values;            /* the user's: an object */
    const cJSON *old_values;        /* the user's of the cluster that is there */
    const char *name;               /* of the virtual cluster */
    const char *namespace_name;     /* on the host */
    const char *kubernetes_version; /* of the host: "v1.35.4" */
    const char *licence;            /* "none", "free", "dev", "prod", "scale"; NULL: not known */
    const char *file;               /* named in findings */
    const vcl_yaml_mark *mark;      /* where the values stand in a text */
    bool skip_render;   /* leave out what only the chart's templates refuse: the caller renders */
    int64_t first_line; /* of that text in its file, from 0: for values inside another document */
} vcl_check_input;

typedef struct vcl_check_rule vcl_check_rule;

/* One run, as the functions of the rules see it. */
typedef struct vcl_check {
    const vcl_check_input *input;
    cJSON *values; /* the user's over the chart's defaults */
    cJSON *old;    /* those of old_values; NULL without */
    const vcl_check_rule *rule;
    vcluster_report *report;
    vcluster_error *error; /* of a rule that could not run */
    int status;
} vcl_check;

struct vcl_check_rule {
    const char *id;     /* "VC604": never used again for another */
    const char *name;   /* "class-both-ways" */
    int severity;       /* a vcluster_severity; a finding may be less grave */
    const char *source; /* who says so: "schema", "chart", "cli", "syncer", "library" */
    const char *text;   /* what it finds, in a line */
    void (*run)(vcl_check *check);
};

extern const vcl_check_rule vcl_check_rules[];
extern const size_t vcl_check_rule_count;

/* NULL for an id or a name that is not known. */
const vcl_check_rule *vcl_check_rule_find(const char *id);

/* Run rules of a table. The report is sorted by place. A rule that finds something is no failure.
 */
int vcl_check_run(const vcl_check_input *input,
                  const vcl_check_rule *rules,
                  size_t count,
                  vcluster_report **out_report,
                  vcluster_error **error);

/* For the functions of rules. Paths are those of --set. */

/* A value with the defaults below it, or only what the user wrote; NULL: there is none. */
const cJSON *vcl_check_get(const vcl_check *check, const char *path);
const cJSON *vcl_check_get_user(const vcl_check *check, const char *path);
/* The first member of an object, NULL for anything else: members have keys, items have none. */
const cJSON *vcl_check_members(const cJSON *node);
/* Whether it is true or "true". */
bool vcl_check_on(const vcl_check *check, const char *path);
bool vcl_check_node_on(const cJSON *node);
/* The text, or "". */
const char *vcl_check_text(const vcl_check *check, const char *path);
/* Whether it is an object, a list or a text with something in it. */
bool vcl_check_filled(const cJSON *node);

/* The path of a member or an item; freed by the caller. NULL without memory, which the run then
 * fails with. */
char *vcl_check_member(vcl_check *check, const char *path, const char *key);
char *vcl_check_item(vcl_check *check, const char *path, int index);

/* Add a finding of the rule that runs, in the place of the path. */
void vcl_check_find(vcl_check *check, const char *path, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with another severity. */
void vcl_check_find_as(
    vcl_check *check, int severity, const char *path, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Remember that the rule could not run. */
void vcl_check_fail(vcl_check *check, int status, vcluster_error **error);

#endif
