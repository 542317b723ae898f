/* SPDX-License-Identifier: Apache-2.0 */
/* Rendered files to documents: split, parsed, sorted in install order, printed. */
#ifndef VCL_CHART_MANIFEST_H
#define VCL_CHART_MANIFEST_H

#include "chart/render.h"

typedef struct vcl_document {
    const char *path; /* "chart/templates/x.yaml", borrowed */
    char *text;
    cJSON *tree; /* null for a document of comments only */
    char *kind;
    size_t order; /* as it was found */
    bool is_hook;
    bool is_unknown_hook; /* Helm passes over these */
} vcl_document;

typedef struct vcl_documents {
    vcl_document *items;
    size_t count;
    size_t capacity;
} vcl_documents;

void vcl_documents_done(vcl_documents *documents);

/* Add the documents of one rendered file. CONFIG for one that is no YAML map. */
int vcl_documents_add(vcl_documents *documents,
                      const char *path,
                      const char *text,
                      size_t size,
                      vcluster_error **error);
/* Sort them as Helm installs them: by kind, unknown kinds last. */
void vcl_documents_sort(vcl_documents *documents);
/* Print those that are no hooks; NULL when memory is short. */
char *vcl_documents_print(const vcl_documents *documents);
/* Hand on the trees: of the hooks that Helm knows, and of everything else. */
int vcl_documents_take_hooks(vcl_documents *documents, vcl_hooks *hooks, vcluster_error **error);
int vcl_documents_take_objects(vcl_documents *documents,
                               cJSON **out_objects,
                               vcluster_error **error);

#endif
