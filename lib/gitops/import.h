/* SPDX-License-Identifier: Apache-2.0 */
/* Files become a spec: one reader a form, and what they share. */
#ifndef VCL_GITOPS_IMPORT_H
#define VCL_GITOPS_IMPORT_H

#include "gitops/render.h"

typedef struct vcl_gitops_source {
    const vcluster_files *files;
    const cJSON *objects; /* [{path, object}] */
} vcl_gitops_source;

/* Each looks at one object, and where it is of its form adds a spec for each virtual cluster. */
int vcl_gitops_read_application(const vcl_gitops_source *source,
                                const cJSON *object,
                                const char *path,
                                cJSON *specs,
                                vcluster_error **error);
int vcl_gitops_read_set(const vcl_gitops_source *source,
                        const cJSON *object,
                        const char *path,
                        cJSON *specs,
                        vcluster_error **error);
int vcl_gitops_read_release(const vcl_gitops_source *source,
                            const cJSON *object,
                            const char *path,
                            cJSON *specs,
                            vcluster_error **error);
int vcl_gitops_read_namespace(const vcl_gitops_source *source,
                              const cJSON *object,
                              const char *path,
                              cJSON *specs,
                              vcluster_error **error);

/* The first object of a kind, with a name unless that is NULL; or NULL. */
const cJSON *vcl_gitops_find(const cJSON *objects, const char *kind, const char *name);

/* Say something in a spec; NULL says nothing. */
int vcl_gitops_say(cJSON *spec, const char *path, const char *text, vcluster_error **error);
int vcl_gitops_say_all(cJSON *spec,
                       const vcl_gitops_pair *pairs,
                       size_t count,
                       vcluster_error **error);
int vcl_gitops_say_values(cJSON *spec, const cJSON *values, vcluster_error **error);
int vcl_gitops_say_values_text(cJSON *spec, const char *text, vcluster_error **error);
int vcl_gitops_say_values_file(cJSON *spec,
                               const vcluster_files *files,
                               const char *path,
                               vcluster_error **error);
int vcl_gitops_say_path(cJSON *spec, const char *path, vcluster_error **error);

/* What the values say of the lease becomes the fields that a spec has for it. */
int vcl_gitops_take_lease(cJSON *spec, vcluster_error **error);

#endif
