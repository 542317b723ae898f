/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file preflight.h
 * What would make the creation of a virtual cluster fail, or fail to become ready, found before
 * anything is touched.
 */
#ifndef LIBVCLUSTER_PREFLIGHT_H
#define LIBVCLUSTER_PREFLIGHT_H

#include <libvcluster/instance.h>
#include <libvcluster/report.h>

VCLUSTER_BEGIN_DECLS

/**
 * Check whether vcluster_instance_ensure() with the same arguments would succeed; nothing is
 * changed. Everything that is found comes in one report.
 *
 * The configuration is rendered as an ensure would render it, and what comes out is compared with
 * the host: its version; the user's rights for exactly these objects, and for granting what their
 * roles grant; storage classes; what quotas and limit ranges leave; the pod security level and the
 * state of the namespace; the form of names and images; and what of the values needs a licence of
 * upstream. docs/preflight.md lists the rules. Of severity error is what will certainly make the
 * call fail, or the control plane never start.
 *
 * Costs four requests for a namespace that does not exist yet, and some ten for one that does; one
 * more for each right that an authorizer does not list. Of one that exists already, quotas and
 * storage are not checked: it holds what it uses.
 *
 * @param client   host cluster
 * @param name     name of the virtual cluster; one that is no DNS label is a finding
 * @param config   values, or NULL for the chart's defaults; not modified
 * @param options  NULL for defaults
 * @param[out] out_report  freed with vcluster_report_free()
 * @param[out] error       may be NULL
 * @return 0 also when something was found. Expected: INVALID_ARGUMENT, UNAVAILABLE, TIMEOUT,
 *         CANCELLED; and where upstream's chart cannot be got, those of vcluster_chart_upstream().
 *
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/preflight.c preflight
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_preflight(vcluster_client *client,
                            const char *name,
                            const vcluster_config *config,
                            const vcluster_ensure_options *options,
                            vcluster_report **out_report,
                            vcluster_error **error);

VCLUSTER_END_DECLS

#endif
