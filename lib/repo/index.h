/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index.yaml of a chart repository. Some have tens of megabytes, of which one chart is wanted:
 * the text is read event by event, and only that chart's entry is kept. What is null, of another
 * kind than expected or an alias is treated as if it were not there.
 */
#ifndef VCL_REPO_INDEX_H
#define VCL_REPO_INDEX_H

#include "base/call.h"

enum { VCL_MAX_INDEX_VERSIONS = 20000, VCL_INDEX_NEAR = 5 };

typedef struct vcl_index_version {
    char *version;
    char *url;    /* the first; NULL for none */
    char *digest; /* as it is written; NULL for none */
} vcl_index_version;

typedef struct vcl_index {
    bool found; /* the chart has an entry */
    vcl_index_version *versions;
    size_t count;
    size_t capacity;
    char *near[VCL_INDEX_NEAR]; /* names of other charts, the most similar first */
    size_t distances[VCL_INDEX_NEAR];
} vcl_index;

/* PROTOCOL: this is no index. call may be NULL. */
int vcl_index_read(const char *text,
                   size_t size,
                   const char *chart,
                   vcl_call *call,
                   vcl_index *out_index,
                   vcluster_error **error);
void vcl_index_done(vcl_index *index);

#define VCL_AUTO_INDEX __attribute__((cleanup(vcl_index_done))) vcl_index

#endif
