/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where charts come from: a directory or archive on disk, the URL of an archive, a repository with
 * an index.yaml, an OCI registry; with a cache for what came over the network. The contracts are
 * those of vcluster_chart_fetch() and vcluster_chart_upstream() in libvcluster/chart.h.
 */
#ifndef VCL_REPO_FETCH_H
#define VCL_REPO_FETCH_H

#include <libvcluster/chart.h>

#include "base/call.h"

/* options: the library's own copy (vcl_options_copy()), whose first four members are in call
 * already. */
int vcl_chart_fetch(const char *reference,
                    const vcluster_chart_fetch_options *options,
                    vcl_call *call,
                    vcluster_chart **out_chart,
                    vcluster_error **error);

/* The chart of the upstream distribution, from where options or the configuration file say. */
int vcl_chart_fetch_upstream(const vcluster_chart_fetch_options *options,
                             vcl_call *call,
                             vcluster_chart **out_chart,
                             vcluster_error **error);

#endif
