/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec of a virtual cluster in Git (libvcluster/gitops.h): read, completed with defaults,
 * checked. All that is wrong comes in one error.
 */
#ifndef VCL_GITOPS_SPEC_H
#define VCL_GITOPS_SPEC_H

#include "data/json.h"
#include "data/report.h"

typedef enum vcl_gitops_format {
    VCL_GITOPS_ARGOCD,
    VCL_GITOPS_APPLICATIONSET,
    VCL_GITOPS_CLUSTER,
    VCL_GITOPS_FLUX,
    VCL_GITOPS_MANIFESTS,
    VCL_GITOPS_FORMATS
} vcl_gitops_format;

extern const char *const vcl_gitops_format_names[VCL_GITOPS_FORMATS];

/* Texts and values are borrowed from the tree. */
typedef struct vcl_gitops_spec {
    cJSON *tree; /* wiped when it is freed: it may hold a kubeconfig */
    vcl_gitops_format format;
    const char *name;
    const char *namespace_name;
    const char *team; /* or NULL */
    const char *chart_repository;
    const char *chart_name;
    const char *chart_version;  /* NULL only for manifests: that of the chart */
    const char *git_repository; /* or NULL */
    const char *git_revision;
    const char *git_path;
    const char *argocd_namespace;
    const char *argocd_project;
    const char *argocd_server;
    const char *flux_interval;
    const char *kubeconfig; /* or NULL */
    cJSON *values;          /* with what quota, limitRange, networkPolicy, owner, expires say */
} vcl_gitops_spec;

int vcl_gitops_spec_read(const char *text,
                         const char *format,
                         vcl_gitops_spec *out_spec,
                         vcluster_error **error);
void vcl_gitops_spec_done(vcl_gitops_spec *spec);

/* spec_values.c: whether owner and expires can be understood; and move what the spec says of
 * policies and of the lease into the values, where the chart looks for it. */
void vcl_gitops_check_lease(const vcl_gitops_spec *spec, vcluster_report *report);
int vcl_gitops_fill_values(vcl_gitops_spec *spec, vcluster_error **error);

/* What must not go into a repository, or is insecure (spec_safe.c). */
void vcl_gitops_check_safe(const vcl_gitops_spec *spec, vcluster_report *report);
/* Whether a URL is of one of the schemes, up to a NULL, and without a password; else a finding. */
void vcl_gitops_check_url(const char *path,
                          const char *url,
                          const char *const *schemes,
                          vcluster_report *report);
void vcl_gitops_finding(vcluster_report *report,
                        const char *path,
                        const char *rule,
                        const char *remedy,
                        const char *format,
                        ...) __attribute__((format(printf, 5, 6)));

#define VCL_AUTO_GITOPS_SPEC __attribute__((cleanup(vcl_gitops_spec_done))) vcl_gitops_spec

#endif
