/* SPDX-License-Identifier: Apache-2.0 */
/* What the two places that charts come from share: one fetch with its options, servers and cache.
 * Private to lib/repo. */
#ifndef VCL_REPO_SOURCE_H
#define VCL_REPO_SOURCE_H

#include "repo/cache.h"
#include "repo/choose.h"
#include "repo/transport.h"

typedef struct vcl_fetch {
    const vcluster_chart_fetch_options *options;
    vcl_call *call;
    vcl_transport transport;
    vcl_cache cache;
    vcl_wanted wanted;
    char *aliases[2]; /* further keys of the cache for what is fetched; may be NULL */
} vcl_fetch;

/* repository.c: the chart of that name in options->repository. */
int vcl_fetch_from_repository(vcl_fetch *fetch,
                              const char *name,
                              vcluster_chart **out_chart,
                              vcluster_error **error);

/* oci.c: "oci://...". from_index: an index named it, with its version, and not the user. */
int vcl_fetch_from_registry(vcl_fetch *fetch,
                            const char *reference,
                            bool from_index,
                            vcluster_chart **out_chart,
                            vcluster_error **error);

/* fetch.c: an archive by its URL, with credentials where its origin is home. Checked against digest
 * unless that is NULL; kept in the cache under key unless that is NULL. */
int vcl_fetch_archive(vcl_fetch *fetch,
                      const char *url,
                      const char *home,
                      const char *digest,
                      const char *key,
                      vcluster_chart **out_chart,
                      vcluster_error **error);

/* fetch.c: what vcl_chart_fetch() does, without a name for upstream's chart. */
int vcl_chart_fetch_from(const char *reference,
                         const vcluster_chart_fetch_options *options,
                         vcl_call *call,
                         vcluster_chart **out_chart,
                         vcluster_error **error);

/* The chart that the cache has under a key, or under a digest: 1, 0 for none, or CONFIG. */
int vcl_fetch_cached_name(vcl_fetch *fetch,
                          const char *key,
                          vcluster_chart **out_chart,
                          vcluster_error **error);
int vcl_fetch_cached(vcl_fetch *fetch,
                     const char *digest,
                     vcluster_chart **out_chart,
                     vcluster_error **error);

/* Check bytes that were fetched against their digest (NULL: none was announced), make the chart,
 * and keep them under key, which may be NULL. what names them. */
int vcl_fetch_finish(vcl_fetch *fetch,
                     const vcl_buf *body,
                     const char *digest,
                     const char *key,
                     const char *what,
                     vcluster_chart **out_chart,
                     vcluster_error **error);

/* The error for a version that is not there, with the nearest ones that are. */
int vcl_fetch_no_version(const vcl_fetch *fetch,
                         const vcl_candidates *candidates,
                         const char *chart,
                         const char *place,
                         vcluster_error **error);

#endif
