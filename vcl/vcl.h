/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcl: a small program on the public API of libvcluster, and nothing else. Each command is one
 * function that takes the parsed arguments and returns an exit code: 0 done, 1 failed, 2 wrong
 * usage; `run` and `exec` pass on that of the program it started.
 */
#ifndef VCL_VCL_H
#define VCL_VCL_H

#include <libvcluster/vcluster.h>
#include <stdio.h>

enum {
    VCL_EXIT_OK = 0,
    VCL_EXIT_FAILED = 1,
    VCL_EXIT_USAGE = 2,
    VCL_MAX_REPEATED = 64,
    VCL_MAX_OPERANDS = 256
};

/* What was given several times. */
typedef struct vcl_texts {
    const char *items[VCL_MAX_REPEATED + 1]; /* ends with NULL */
    size_t count;
} vcl_texts;

/* Forms of --set in the order in which Helm applies them, however they stand on the line. */
typedef enum vcl_set_form {
    VCL_SET_JSON,
    VCL_SET_TYPED,
    VCL_SET_STRING,
    VCL_SET_FILE,
    VCL_SET_LITERAL,
    VCL_SET_FORMS,
} vcl_set_form;

typedef struct vcl_arguments {
    const char *kubeconfig;
    const char *context;
    const char *namespace_name;
    const char *distribution;
    const char *profile;
    const char *progress; /* "plain", "json", "none" */
    const char *server;   /* connect, kubeconfig, endpoint: of the virtual cluster */
    const char *tls_server_name;
    const char *host_server; /* in place of the kubeconfig's */
    const char *as;
    vcl_texts as_groups;
    int64_t timeout_ms;

    /* values */
    vcl_texts files;
    vcl_texts sets[VCL_SET_FORMS];

    /* where a chart comes from */
    const char *chart;
    const char *chart_version;
    const char *repository;
    const char *username;
    const char *registry_config;
    const char *ca_file;
    const char *cert_file;
    const char *key_file;
    bool password_stdin;
    bool pass_credentials;
    bool prereleases;
    bool plain_http;
    bool no_cache;
    bool insecure_skip_tls_verify;

    /* template */
    const char *kubernetes_version;
    vcl_texts api_versions;
    bool include_crds;
    bool skip_tests;
    bool is_upgrade;
    bool no_hooks;
    bool skip_schema;

    /* releases */
    const char *description;
    int64_t history_max; /* as in vcluster_release_options */
    bool wait;           /* --wait */
    bool wait_for_jobs;
    bool atomic;
    bool dry_run;
    bool create_namespace;
    bool install;
    bool reset_values;
    bool reuse_values;
    bool reset_then_reuse_values;
    bool take_ownership;
    bool force_conflicts;
    bool skip_crds;
    bool keep_history;

    /* kubeconfigs */
    const char *context_name;
    bool merge;
    bool update_current;
    bool replace;

    /* endpoints */
    bool insecure;
    bool no_verify;
    bool exposed_only;
    bool tunnel; /* connect: even where there is a better way */
    bool background;
    int64_t local_port;

    /* sync rules */
    const char *direction;
    const char *settings;
    const char *against; /* a file with the values of before */
    const char *licence;

    /* lint */
    bool live;               /* virtual clusters, not files */
    const char *lint_config; /* in place of .vclint.yaml */
    const char *fail_on;
    bool fix;
    bool list_rules;

    /* quota */
    const char *constraints; /* a file with quotas and limit ranges */
    int64_t nodes;
    const char *budget; /* "cpu=64,memory=256Gi"; NULL: the nodes */
    int64_t overcommit_percent;

    /* render */
    const char *format;

    /* credentials */
    const char *service_account;
    const char *service_account_namespace;
    const char *cluster_role;
    const char *role;
    const char *role_namespace;
    vcl_texts audiences;
    int64_t expiration_ms;
    bool create;
    bool revoke;
    bool exec;

    /* pods */
    const char *inside; /* the virtual cluster whose pods they are; NULL: the host's */
    const char *container;
    const char *selector;
    const char *tail;
    const char *since_time;
    int64_t since_ms;
    bool follow;
    bool previous;
    bool timestamps;
    bool stdin_wanted;
    bool tty;

    /* leases, and many at once */
    int64_t ttl_ms;
    int64_t grace_ms;
    int64_t interval_ms;
    int64_t parallel;
    const char *owner;
    const char *image;
    const char *schedule;
    const char *manifest_namespace;
    bool never;
    bool only_later;
    bool manifest;
    bool watch_wanted;
    bool all;
    bool remove;
    bool delete_wanted; /* plan: of a delete */
    bool volumes_too;
    bool gitops_too;
    bool leftovers_too;

    const char *output; /* -o */
    bool json;          /* -o json */
    bool all_namespaces;
    bool no_wait; /* --wait=false */
    bool print;
    bool missing_ok;
    bool keep_volumes;
    bool keep_namespace;
    bool take_over;
    bool align; /* adopt: what differs is changed */
    bool resume;
    bool preflight;
    bool unchecked;
    bool check;  /* snapshot: a file */
    bool rotate; /* certs */
    bool verbose;
    bool quiet;
    const char *operands[VCL_MAX_OPERANDS];
    size_t operand_count;
    char **command; /* what stands behind "--", or NULL */

    vcluster_cancel *cancel; /* triggered by SIGINT and SIGTERM */
} vcl_arguments;

typedef struct vcl_command {
    const char *name;
    size_t least, most; /* operands */
    int (*run)(const vcl_arguments *arguments);
} vcl_command;

/* Those of `vcl chart`, `vcl sync` and `vcl quota`; the last has no name. */
extern const vcl_command vcl_chart_commands[];
extern const vcl_command vcl_sync_commands[];
int vcl_quota_show_all(const vcl_arguments *arguments); /* budget.c, as is the next */
int vcl_quota_admit(const vcl_arguments *arguments);
extern const vcl_command vcl_quota_commands[];

/* Parse the arguments of a command; prints what is wrong and returns VCL_EXIT_USAGE. */
int vcl_arguments_parse(int argc, char **argv, vcl_arguments *out_arguments);

int vcl_command_create(const vcl_arguments *arguments, bool must_be_new);
int vcl_command_plan(const vcl_arguments *arguments);
int vcl_command_adopt(const vcl_arguments *arguments);
int vcl_command_audit(const vcl_arguments *arguments);
/* A plan on stdout; one with something that is refused is no success. */
int vcl_print_plan(const vcluster_plan *plan, bool json);
int vcl_command_preflight(const vcl_arguments *arguments);
int vcl_command_pause(const vcl_arguments *arguments);
int vcl_command_resume(const vcl_arguments *arguments);
int vcl_command_list(const vcl_arguments *arguments);
int vcl_command_get(const vcl_arguments *arguments);
int vcl_command_wait(const vcl_arguments *arguments);
int vcl_command_why(const vcl_arguments *arguments);
int vcl_command_rights(const vcl_arguments *arguments);
int vcl_command_describe(const vcl_arguments *arguments);
int vcl_command_connect(const vcl_arguments *arguments);
int vcl_command_lint(const vcl_arguments *arguments);
int vcl_command_connections(const vcl_arguments *arguments);
int vcl_command_connection_hold(const vcl_arguments *arguments);
int vcl_command_endpoint(const vcl_arguments *arguments);
int vcl_command_kubeconfig(const vcl_arguments *arguments);
int vcl_command_credential(const vcl_arguments *arguments);
int vcl_command_disconnect(const vcl_arguments *arguments);
int vcl_command_run(const vcl_arguments *arguments);
int vcl_command_watch(const vcl_arguments *arguments);
int vcl_command_logs(const vcl_arguments *arguments);
int vcl_command_exec(const vcl_arguments *arguments);
int vcl_command_port_forward(const vcl_arguments *arguments);
int vcl_command_snapshot(const vcl_arguments *arguments);
int vcl_command_snapshots(const vcl_arguments *arguments);
int vcl_command_restore(const vcl_arguments *arguments);
int vcl_command_check(const vcl_arguments *arguments);
int vcl_command_names(const vcl_arguments *arguments);
int vcl_command_certs(const vcl_arguments *arguments);
int vcl_command_delete(const vcl_arguments *arguments);
int vcl_command_extend(const vcl_arguments *arguments);
int vcl_command_reap(const vcl_arguments *arguments);
int vcl_command_template(const vcl_arguments *arguments);
int vcl_command_render(const vcl_arguments *arguments);
int vcl_command_import(const vcl_arguments *arguments);
int vcl_command_pull(const vcl_arguments *arguments);
int vcl_command_show(const vcl_arguments *arguments);

/* The way to the virtual cluster as the arguments say; and all ways on stderr, with the reasons. */
int vcl_make_endpoint(const vcl_arguments *arguments,
                      vcluster_client *client,
                      vcluster_endpoint **out_endpoint,
                      vcluster_error **error);
void vcl_endpoint_tell(const vcl_arguments *arguments, const vcluster_endpoint *endpoint);

/* A token of the service account that the arguments name. */
int vcl_get_token(const vcl_arguments *arguments,
                  vcluster_client *client,
                  vcluster_token **out_token,
                  vcluster_error **error);

/* Put a kubeconfig into the user's, and take a context out of it again. */
int vcl_kubeconfig_merge(const vcl_arguments *arguments,
                         const char *text,
                         char **out_context,
                         vcluster_error **error);
int vcl_kubeconfig_leave(const vcl_arguments *arguments,
                         const char *context_name,
                         vcluster_error **error);

/* A tunnel to the virtual cluster of the operand that a process of its own holds; and ending those
 * of a context, or with NULL those that the operand means. */
int vcl_connection_begin(const vcl_arguments *arguments,
                         vcluster_client *client,
                         vcluster_connection **out_connection,
                         vcluster_error **error);
int vcl_connections_stop(const vcl_arguments *arguments,
                         const char *context,
                         size_t *out_count,
                         vcluster_error **error);

/* "5m", "3h", "-" (show.c); a cause on several lines (why.c). */
void vcl_age_text(int64_t created, char *text, size_t size);
void vcl_cause_print(const vcluster_cause *cause);
/* A line about one instance, as list and watch print it. */
void vcl_instance_print_header(void);
void vcl_instance_print_row(const vcluster_instance *instance);

/* Several, or all (--all): a line for each. */
int vcl_create_many(const vcl_arguments *arguments, bool must_be_new);
int vcl_extend_many(const vcl_arguments *arguments);
int vcl_delete_many(const vcl_arguments *arguments);
int vcl_pause_many(const vcl_arguments *arguments);
int vcl_resume_many(const vcl_arguments *arguments);

/* How results of several operations are told, and what came of them. */
typedef struct vcl_result_view {
    const char *done; /* "is deleted" */
    bool json;
    int failures;
} vcl_result_view;
/* A vcluster_result_fn. */
int vcl_show_result(const vcluster_result *result, void *data);
/* The options that the arguments stand for. */
void vcl_fill_extend(const vcl_arguments *arguments, vcluster_extend_options *options);
void vcl_fill_delete(const vcl_arguments *arguments, vcluster_delete_options *options);

/* Whole seconds of milliseconds, rounded up; "0" on the line, which is no duration, is -1. */
int64_t vcl_seconds(int64_t ms);

/* All of a text file of at most max bytes, "-" being standard input; freed with free(). NULL with
 * errno (EFBIG: longer, EILSEQ: it holds a NUL); vcl_need_text() says why on stderr. */
char *vcl_read_text(const char *path, size_t max, size_t *out_size);
char *vcl_need_text(const char *path, size_t max, size_t *out_size);

/* Print an error and its findings to stderr, free it, return VCL_EXIT_FAILED. */
int vcl_report_error(vcluster_error *error);

/* Progress on stderr: one updating line on a terminal, plain lines otherwise; with --progress json
 * a JSON object a line. */
typedef struct vcl_progress_view {
    bool terminal;
    bool json;
    bool quiet;
    bool drawn;
} vcl_progress_view;
void vcl_progress_begin(vcl_progress_view *view, const vcl_arguments *arguments);
int vcl_progress_show(const vcluster_progress *progress, void *user_data);
void vcl_progress_end(vcl_progress_view *view);

/* What an ensure is told by the arguments. */
typedef struct vcl_wish {
    vcluster_ensure_options options;
    vcluster_config *config;
    vcluster_chart *chart;
    vcl_progress_view view;
} vcl_wish;
int vcl_wish_begin(vcl_wish *self, const vcl_arguments *arguments, vcluster_error **error);
void vcl_wish_end(vcl_wish *self);

/* Until a signal comes. */
void vcl_wait_for_signal(const vcluster_cancel *cancel);

/* A client as the arguments say. */
int vcl_make_client(const vcl_arguments *arguments,
                    vcluster_client **out_client,
                    vcluster_error **error);

/* Whether any are given. */
bool vcl_has_values(const vcl_arguments *arguments);
/* The values of -f and the forms of --set, merged in Helm's order. */
int vcl_make_config(const vcl_arguments *arguments,
                    vcluster_config **out_config,
                    vcluster_error **error);

/* The chart that a reference leads to: a path, a URL, "oci://...", a name in --repo. */
int vcl_make_chart(const vcl_arguments *arguments,
                   const char *reference,
                   vcluster_chart **out_chart,
                   vcluster_error **error);

/* A revision on stdout: as a line and its notes, as a row of a table, as JSON. */
void vcl_release_print(const vcluster_release *release);
void vcl_release_print_header(void);
void vcl_release_print_row(const vcluster_release *release);
void vcl_release_print_json(const vcluster_release *release);

/* What vcluster_release_diff() said, on stdout: lines that begin with +, - or ~ and the object,
 * with the changed fields below. */
void vcl_diff_print(const char *json);

/* Reading JSON text that the library made, in place. A value is where it begins. */
const char *vcl_json_end(const char *value); /* behind it */
size_t vcl_json_size(const char *value);
const char *vcl_json_member(const char *object, const char *name); /* NULL: none */
const char *vcl_json_first(const char *list);                      /* NULL: empty */
const char *vcl_json_next(const char *value);                      /* NULL: that was the last */
/* Print a text as JSON; NULL is null. */
void vcl_json_put(FILE *stream, const char *text);

#endif
