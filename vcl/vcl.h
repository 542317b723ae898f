/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcl: a small program on the public API of libvcluster, and nothing else. Each command is one
 * function that takes the parsed arguments and returns an exit code: 0 done, 1 failed, 2 wrong
 * usage; `run` passes on that of the program it started.
 */
#ifndef VCL_VCL_H
#define VCL_VCL_H

#include <libvcluster/vcluster.h>

enum { VCL_EXIT_OK = 0, VCL_EXIT_FAILED = 1, VCL_EXIT_USAGE = 2, VCL_MAX_REPEATED = 64 };

typedef struct vcl_arguments {
    const char *kubeconfig;
    const char *context;
    const char *namespace_name;
    const char *distribution;
    const char *chart;
    const char *files[VCL_MAX_REPEATED];
    size_t file_count;
    const char *sets[VCL_MAX_REPEATED]; /* each as given, with its kind in set_strings */
    bool set_strings[VCL_MAX_REPEATED];
    size_t set_count;
    const char *kubernetes_version;
    const char *server;
    int64_t timeout_ms;
    bool json;
    bool all_namespaces;
    bool no_wait;
    bool print;
    bool missing_ok;
    bool keep_volumes;
    bool keep_namespace;
    bool take_over;
    bool verbose;
    bool quiet;
    const char *operands[2];
    size_t operand_count;
    char **command; /* what stands behind "--", or NULL */

    vcluster_cancel *cancel; /* triggered by SIGINT and SIGTERM */
} vcl_arguments;

/* Parse the arguments of a command; prints what is wrong and returns VCL_EXIT_USAGE. */
int vcl_arguments_parse(int argc, char **argv, vcl_arguments *out_arguments);

int vcl_command_create(const vcl_arguments *arguments, bool must_be_new);
int vcl_command_list(const vcl_arguments *arguments);
int vcl_command_get(const vcl_arguments *arguments);
int vcl_command_wait(const vcl_arguments *arguments);
int vcl_command_connect(const vcl_arguments *arguments);
int vcl_command_run(const vcl_arguments *arguments);
int vcl_command_delete(const vcl_arguments *arguments);
int vcl_command_template(const vcl_arguments *arguments);

/* Print an error and its findings to stderr, free it, return VCL_EXIT_FAILED. */
int vcl_report_error(vcluster_error *error);

/* Progress on stderr: one updating line on a terminal, plain lines otherwise. */
typedef struct vcl_progress_view {
    bool terminal;
    bool quiet;
    bool drawn;
} vcl_progress_view;
void vcl_progress_begin(vcl_progress_view *view, const vcl_arguments *arguments);
int vcl_progress_show(const vcluster_progress *progress, void *user_data);
void vcl_progress_end(vcl_progress_view *view);

/* A client as the arguments say. */
int vcl_make_client(const vcl_arguments *arguments,
                    vcluster_client **out_client,
                    vcluster_error **error);

/* The values of -f and --set, merged in their order. */
int vcl_make_config(const vcl_arguments *arguments,
                    vcluster_config **out_config,
                    vcluster_error **error);

/* The chart of --chart, or NULL. */
int vcl_make_chart(const char *path, vcluster_chart **out_chart, vcluster_error **error);

#endif
