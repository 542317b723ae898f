/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint inside the library: files, the values of virtual clusters that are found in them, and the
 * rules that look at both. Rules that values alone tell are those of check/rule.h; the table here
 * has those that need a file, its neighbours, or a repair.
 */
#ifndef VCL_LINT_LINT_H
#define VCL_LINT_LINT_H

#include <libvcluster/lint.h>

#include "base/cleanup.h"
#include "data/json.h"
#include "data/quantity.h"
#include "data/report.h"
#include "data/yaml_marks.h"

/* What .vclint.yaml says. */
typedef struct vcl_lint_settings {
    cJSON *tree; /* NULL: nothing */
} vcl_lint_settings;

typedef struct vcl_lint_file {
    char *name;
    char *text;
    size_t size;
    vcl_yaml_marks marks;
    cJSON *documents;          /* those that are maps, in the order of the marks that are maps */
    bool has_manifests;        /* one of them has a kind */
    struct vcl_lint_job *jobs; /* what it runs: a script, a pipeline */
    /* Of what was read from a host; NULL for files. */
    bool live; /* it has no lines that anybody sees */
    char *cluster_name;
    char *namespace_name;
    char *kubernetes_version;
    cJSON *synced; /* {"Pod": true, "Ingress": false}: what it has on its host; as far as known */
    vcluster_chart *chart;
    struct vcl_lint_file *next;
} vcl_lint_file;

/* The values of one virtual cluster, somewhere in a file. */
typedef struct vcl_lint_subject {
    const vcl_lint_file *file;
    const vcl_yaml_mark *document; /* the manifest, or the values themselves */
    const vcl_yaml_mark *mark;     /* of the values; NULL: they are a text inside another */
    const cJSON *manifest;         /* NULL for a file of values */
    const cJSON *values;           /* the user's */
    cJSON *owned;                  /* values that were a text */
    cJSON *all;                    /* over the defaults */
    char *path;                    /* of the values in their document: "", "spec.values" */
    const char *name;              /* NULL: not known */
    const char *namespace_name;    /* NULL: not known */
    const cJSON *source;           /* of the manifest: what names chart and version; or NULL */
    char *source_path;             /* of that in the document */
    const char *version_key;       /* in that */
    bool partial;    /* more values are elsewhere: only rules about the manifest can tell */
    bool unreadable; /* the values are a text, and no YAML: VC001 says so */
    struct vcl_lint_subject *next;
} vcl_lint_subject;

struct vcluster_lint {
    vcl_lint_settings settings;
    vcl_lint_file *files;
};

/* A rule as everyone but its function sees it: of the table here, or of check/rule.h. */
typedef struct vcl_lint_rule {
    const char *id;
    const char *name;
    int severity;
    const char *text; /* what it finds, in a line */
    bool fix;
} vcl_lint_rule;

/* One look at all files. */
typedef struct vcl_lint_run {
    const vcluster_lint *lint;
    const vcluster_chart *chart;
    const vcl_lint_subject *subjects;
    vcl_lint_rule rule; /* that looks */
    vcluster_report *report;
    vcluster_error *error;
    int status;
} vcl_lint_run;

/* Number @p index of all rules, in the order of their ids; false behind the last. */
bool vcl_lint_rule_at(size_t index, vcl_lint_rule *out_rule);
/* By id or name; false for one that is not known. */
bool vcl_lint_rule_find(const char *id, vcl_lint_rule *out_rule);
/* Let all rules look at a file, or at the values of one virtual cluster. */
void vcl_lint_look_at_file(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_look_at_subject(vcl_lint_run *run, const vcl_lint_subject *subject);

/* file.c */
int vcl_lint_file_read(const char *name,
                       const char *data,
                       size_t size,
                       vcl_lint_file **out_file,
                       vcluster_error **error);
void vcl_lint_file_free(vcl_lint_file *file);
static inline void vcl_cleanup_lint_file(vcl_lint_file **file)
{
    vcl_lint_file_free(*file);
}
#define VCL_AUTO_LINT_FILE __attribute__((cleanup(vcl_cleanup_lint_file))) vcl_lint_file

/* subject.c: the virtual clusters of all files; NULL without any. */
int vcl_lint_subjects_find(const vcluster_lint *lint,
                           const vcluster_chart *chart,
                           vcl_lint_subject **out_subjects,
                           vcluster_error **error);
void vcl_lint_subjects_free(vcl_lint_subject *subjects);

/* purpose.c: whether a virtual cluster is for one of some purposes, by the words of its name, its
 * namespace, its file, its labels and .vclint.yaml. */
bool vcl_lint_is_for(const vcl_lint_run *run,
                     const vcl_lint_subject *subject,
                     const char *const *words);
/* Whether that is CI, tests or a preview. */
bool vcl_lint_is_short_lived(const vcl_lint_run *run, const vcl_lint_subject *subject);

/* defaults.c: what upstream's chart has where there is none; NULL without memory. */
cJSON *vcl_lint_known_defaults(void);
/* Keys at the top of the values; ends with NULL. */
extern const char *const vcl_lint_known_keys[];

/* settings.c */
int vcl_lint_settings_read(const char *data,
                           size_t size,
                           vcl_lint_settings *out_settings,
                           vcluster_error **error);
bool vcl_lint_wants(const vcl_lint_settings *settings, const vcl_lint_rule *rule);
/* What the settings make of the severity of a finding. */
int vcl_lint_severity(const vcl_lint_settings *settings, const vcl_lint_rule *rule, int severity);
/* A text such as "cluster.name", or NULL. */
const char *vcl_lint_setting(const vcl_lint_settings *settings, const char *key);

/* run.c */
int vcl_lint_look(const vcluster_lint *lint,
                  const vcluster_chart *chart,
                  vcluster_report **out_report,
                  vcluster_error **error);
/* What is found about one virtual cluster, without what is suppressed, in a report of its own. */
void vcl_lint_findings_of(vcl_lint_run *run, const vcl_lint_subject *subject);
/* For rules: a value over the defaults, whether it is true, and a finding at a path of the values.
 */
const cJSON *vcl_lint_get(const vcl_lint_subject *subject, const char *path);
bool vcl_lint_on(const vcl_lint_subject *subject, const char *path);
/* The text, or "". */
const char *vcl_lint_text(const vcl_lint_subject *subject, const char *path);
/* Whether the chart copies objects to the host: ours does not, and its pods are its own. */
bool vcl_lint_is_upstream(const vcl_lint_subject *subject);
/* A text or a number as a quantity; false for anything else. */
bool vcl_lint_read_quantity(const cJSON *node, vcl_quantity *out_quantity);
/* Whether the chart makes a ResourceQuota, a LimitRange. */
bool vcl_lint_has_quota(const vcl_lint_subject *subject);
bool vcl_lint_has_range(const vcl_lint_subject *subject);
/* The host in a URL; NULL without memory. */
char *vcl_lint_host_of(const char *server);
void vcl_lint_find(vcl_lint_run *run,
                   const vcl_lint_subject *subject,
                   const char *path,
                   const char *remedy,
                   const char *format,
                   ...) __attribute__((format(printf, 5, 6)));
/* The same at a path of the whole document. */
void vcl_lint_find_in(vcl_lint_run *run,
                      const vcl_lint_subject *subject,
                      const char *path,
                      const char *remedy,
                      const char *format,
                      ...) __attribute__((format(printf, 5, 6)));
/* The same at a place of a file. */
void vcl_lint_find_at(vcl_lint_run *run,
                      const vcl_lint_file *file,
                      const vcl_span *place,
                      const char *path,
                      const char *remedy,
                      const char *message);
void vcl_lint_fail(vcl_lint_run *run);
/* Whether a file has a manifest of a kind that goes to the namespace of a subject: one of the two
 * may leave it open. With outside, one that goes elsewhere. */
bool vcl_lint_beside(const vcl_lint_run *run,
                     const vcl_lint_subject *subject,
                     const char *kind,
                     bool outside);
/* The manifest of a kind behind another one (NULL: the first), wherever it goes; the same for those
 * that go to the namespace of a subject. NULL behind the last. */
const cJSON *vcl_lint_next_kind(const vcl_lint_run *run, const char *kind, const cJSON *last);
const cJSON *vcl_lint_next_beside(const vcl_lint_run *run,
                                  const vcl_lint_subject *subject,
                                  const char *kind,
                                  const cJSON *last);

/* walk.c: everything in the user's values that is no map and no list. */
typedef void (*vcl_lint_visitor)(vcl_lint_run *run,
                                 const vcl_lint_subject *subject,
                                 const char *path,
                                 const cJSON *node);
void vcl_lint_walk(vcl_lint_run *run, const vcl_lint_subject *subject, vcl_lint_visitor visit);

/* secret_rules.c: whether a text in a document, under this key (NULL: in a list), is a secret
 * rather than a reference to one. */
bool vcl_lint_is_secret(const char *key, const char *text);

/* suppress.c: the report without what comments and annotations take out of it. */
int vcl_lint_suppress(const vcluster_lint *lint, vcluster_report **report, vcluster_error **error);
void vcl_lint_ignore_unclear(vcl_lint_run *run, const vcl_lint_file *file);

/* print.c, sarif.c */
int vcl_lint_print_sarif(const vcluster_report *report, char **out_text, vcluster_error **error);
int vcl_lint_print_junit(const vcluster_report *report, char **out_text, vcluster_error **error);
int vcl_lint_print_github(const vcluster_report *report, char **out_text, vcluster_error **error);

/* edit.c: give each finding about one virtual cluster the edit that repairs it alone. */
void vcl_lint_propose(vcl_lint_run *run, const vcl_lint_subject *subject);

/* fix.c: the file of a subject with one finding repaired; NULL where that is not possible. */
vcl_lint_file *vcl_lint_attempt(const vcl_lint_subject *subject, const vcluster_finding *finding);
/* The file repaired, or as it is. */
int vcl_lint_repair(vcluster_lint *lint,
                    const vcluster_chart *chart,
                    const char *file,
                    char **out_text,
                    vcluster_error **error);

/* host_rules.c: the kinds that values ask to be copied to the host, beyond what always is, and
 * pods; they are keys. Empty: nothing beyond; NULL without memory. */
cJSON *vcl_lint_kinds_asked(const cJSON *values);

/* Answers of rules for fix.c; NULL: there is none. Freed by the caller. */
char *vcl_lint_enough(const vcl_lint_subject *subject, const char *path);
char *vcl_lint_value_file_of(const vcl_lint_subject *subject, const char *path);

/* The functions of the rules. */
void vcl_lint_duplicate_keys(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_unknown_keys(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_quota_missing(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_quota_without_limits(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_quota_too_small(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_ingress_not_synced(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_store_too_heavy(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_no_ttl(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_shared_namespace(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_name_invalid(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_no_isolation(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_insecure_kubeconfig(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_secret_in_values(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_oversync(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_version_unpinned(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_quota_nodeport(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_quota_defaults(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_quota_twice(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_range_too_tight(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_ingress_unrestricted(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_ingress_class_missing(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_prod_single(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_etcd_class(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_claim_retained(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_metadata_reached(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_pod_security_missing(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_control_plane_exposed(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_sync_back(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_rights_too_wide(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_host_code(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_telemetry_undecided(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_image_unpinned(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_resources_tiny(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_probe_relaxed(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_value_files(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_san_missing(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_policies_ignored(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_sync_unused(vcl_lint_run *run, const vcl_lint_subject *subject);
void vcl_lint_no_trap(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_constant_name(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_connects_often(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_fixed_kubeconfig(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_insecure_command(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_secret_in_command(vcl_lint_run *run, const vcl_lint_file *file);
void vcl_lint_unpinned_command(vcl_lint_run *run, const vcl_lint_file *file);

#endif
