/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a kubeconfig, and finding entries in them. Entries of several files are
 * merged whole: the first file that has a name wins. Each entry knows its file, which relative
 * paths start from. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_FILES_H
#define VCL_KUBE_KUBECONFIG_FILES_H

#include "kube/kubeconfig.h"
#include "kube/kubeconfig_index.h"

typedef struct vcl_config_file {
    char *path; /* NULL for a text */
    vcl_config_index index;
    bool file_references; /* its entries may name files */
} vcl_config_file;

typedef struct vcl_config_files {
    vcl_config_file *files;
    size_t count;
    cJSON *loaded; /* the entries that were found so far */
} vcl_config_files;

/* Read what the source names: its text, its path, or $KUBECONFIG, or ~/.kube/config. Files of a
 * list that are missing are left out. */
int vcl_config_files_load(vcl_config_files *files,
                          const vcl_kubeconfig_source *source,
                          vcluster_error **error);
void vcl_config_files_done(vcl_config_files *files);

/* Whether no file says anything: only then is the in-cluster configuration tried. */
bool vcl_config_files_empty(const vcl_config_files *files);

/* The first current-context that is not empty; NULL when there is none. */
const char *vcl_config_files_current(const vcl_config_files *files);

/* One entry: users[admin] of a file. */
typedef struct vcl_config_entry {
    const vcl_config_file *file;
    const char *list; /* "users" */
    const char *name;
    const cJSON *body; /* the object below "user"; NULL or null when it is missing */
    const char *below; /* what errors put before a field, such as "exec."; may be NULL */
} vcl_config_entry;

/* Find a cluster, user or context by name, which must outlive the entry; the entry's name is NULL
 * when no file has it. */
int vcl_config_find(vcl_config_files *files,
                    vcl_config_list list,
                    const char *name,
                    vcl_config_entry *out_entry,
                    vcluster_error **error);

/* How errors name a file. */
const char *vcl_config_file_name(const vcl_config_file *file);

/* A CONFIG error about a field of an entry. */
int vcl_config_fail(const vcl_config_entry *entry,
                    const char *field,
                    vcluster_error **error,
                    const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* A string member, borrowed; NULL when it is missing, null or "". CONFIG when it is no string. */
int vcl_config_string(const vcl_config_entry *entry,
                      const char *field,
                      const char **out_text,
                      vcluster_error **error);
/* A boolean member, false when missing. */
int vcl_config_bool(const vcl_config_entry *entry,
                    const char *field,
                    bool *out_value,
                    vcluster_error **error);

/* The path that a member names, absolute; NULL when it names none. A text may name none. */
int vcl_config_path(const vcl_config_entry *entry,
                    const char *field,
                    char **out_path,
                    vcluster_error **error);

/* A path in an entry, absolute: relative ones begin at the folder of its file. NULL when memory is
 * short. */
char *vcl_config_absolute(const vcl_config_entry *entry, const char *path);

/* Bytes that stand in FIELD-data as base64, or in the file that FIELD names; NULL when neither is
 * there, an error when both are. */
int vcl_config_data(const vcl_config_entry *entry,
                    const char *field,
                    char **out_text,
                    vcluster_error **error);

/* Read a whole file of at most max bytes without NUL. Returns 0, or an errno (EFBIG: too large,
 * EILSEQ: it has a NUL). */
int vcl_read_file(const char *path, size_t max, char **out_text, size_t *out_size);
/* What such a number means, as a static or thread-local string. */
const char *vcl_read_file_reason(int number);

#endif
