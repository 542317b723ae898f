/* SPDX-License-Identifier: Apache-2.0 */
/* A spec becomes files: one function a format, and what they share. */
#ifndef VCL_GITOPS_RENDER_H
#define VCL_GITOPS_RENDER_H

#include "gitops/files.h"
#include "gitops/spec.h"

/* The name of the file of values. */
#define VCL_GITOPS_VALUES "vcluster.yaml"

/* A text for a path in an object; NULL is left out. */
typedef struct vcl_gitops_pair {
    const char *path;
    const char *text;
} vcl_gitops_pair;

/* An object from its YAML skeleton, with texts put in. */
int vcl_gitops_object(const char *skeleton,
                      const vcl_gitops_pair *pairs,
                      size_t count,
                      cJSON **out_object,
                      vcluster_error **error);

/* The same as a file of the folder of the virtual cluster. */
int vcl_gitops_put(const vcl_gitops_spec *spec,
                   const char *file,
                   const cJSON *object,
                   vcluster_files *files,
                   vcluster_error **error);
int vcl_gitops_put_object(const vcl_gitops_spec *spec,
                          const char *file,
                          const char *skeleton,
                          const vcl_gitops_pair *pairs,
                          size_t count,
                          vcluster_files *files,
                          vcluster_error **error);
/* Objects as the documents of one file. */
int vcl_gitops_put_all(const vcl_gitops_spec *spec,
                       const char *file,
                       const cJSON *objects,
                       vcluster_files *files,
                       vcluster_error **error);
/* A text at a path, below a line that says where it comes from. */
int vcl_gitops_put_text(const vcl_gitops_spec *spec,
                        const char *path,
                        const char *text,
                        vcluster_files *files,
                        vcluster_error **error);
/* namespace.yaml; chart is for the annotation, or NULL. */
int vcl_gitops_put_namespace(const vcl_gitops_spec *spec,
                             const char *chart,
                             vcluster_files *files,
                             vcluster_error **error);
/* kustomization.yaml of all files of the folder but the values. */
int vcl_gitops_put_kustomization(const vcl_gitops_spec *spec,
                                 vcluster_files *files,
                                 vcluster_error **error);

int vcl_gitops_argocd(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error);
int vcl_gitops_cluster(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error);
int vcl_gitops_flux(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error);
int vcl_gitops_manifests(const vcl_gitops_spec *spec,
                         const vcluster_chart *chart,
                         vcluster_files *files,
                         vcluster_error **error);

#define VCL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
