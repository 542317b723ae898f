/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file lint.h
 * Lint: mistakes in what describes virtual clusters, found in files before anything runs, and
 * repaired where there is only one right way. The rules are in docs/lint.md.
 */
#ifndef LIBVCLUSTER_LINT_H
#define LIBVCLUSTER_LINT_H

#include <libvcluster/chart.h>
#include <libvcluster/instance.h>
#include <libvcluster/report.h>

VCLUSTER_BEGIN_DECLS

/**
 * Files that are looked at together: a ResourceQuota in one of them counts for the values in
 * another. Not thread-safe; freed with vcluster_lint_free().
 */
typedef struct vcluster_lint vcluster_lint;

/** Make an empty set of files. @param[out] out_lint  freed with vcluster_lint_free()
 * @return 0 or NO_MEMORY. @since 0.1
 * @snippet examples/lint.c lint
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_lint_new(vcluster_lint **out_lint,
                                                      vcluster_error **error);

/** Free it; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_lint_free(vcluster_lint *lint);

/**
 * Set what the files do not tell, in the form of a file `.vclint.yaml`; all of it may be left out:
 *
 *     rules:
 *       include: [VC101, quota-below-control-plane]   # only these, by id or name
 *       exclude: [VC501]                              # not these, even if included
 *       severity: {VC101: error}                      # error, warning or info
 *     cluster:                                        # of values that stand alone
 *       name: dev
 *       namespace: team-a
 *       purpose: ci                                   # of any words, such as dev, ci, production
 *       licence: none                                 # none, free, dev, prod, scale
 *     kubernetesVersion: v1.35.4                      # of the host
 *
 * @param data  the text; borrowed for the call
 * @return 0. Expected: CONFIG (unknown key, rule or severity; all findings). What was set before
 *         stays then. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_lint_configure(vcluster_lint *lint, const void *data, size_t size, vcluster_error **error);

/**
 * Add the text of a file: values of a virtual cluster, manifests, a workflow of GitHub, a pipeline
 * of GitLab, or a shell script (by its name or its first line). In manifests, values are found
 * in Applications and ApplicationSets of Argo CD and in HelmReleases of Flux whose chart is
 * `vcluster`; quotas, policies and ingresses count for values that go to their namespace.
 *
 * @param file  its name in findings
 * @param data  YAML or JSON; copied
 * @return 0. Expected: CONFIG (no YAML), INVALID_ARGUMENT (a file of that name is there).
 *         Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_lint_add(
    vcluster_lint *lint, const char *file, const void *data, size_t size, vcluster_error **error);

/**
 * Add a virtual cluster that runs: its values in force, under the name "NAMESPACE/NAME" in
 * findings, and what its host has beside it (quotas, limit ranges, network policies, nodes, network
 * plugins), under "NAMESPACE/NAME host". Where values switch on a sync rule, what the tenant has on
 * the host of its kind is asked for, too (VC602). Their findings have no line. Files for a virtual
 * cluster of that name and namespace are then looked at as a change of it (VC303, VC005).
 *
 * @param name     of the virtual cluster
 * @param options  may be NULL
 * @return 0. Expected: NOT_FOUND, PERMISSION (its release, or the quotas, limit ranges and policies
 *         of its namespace may not be read; of the rest less is found then),
 *         INVALID_ARGUMENT (it was added before), TIMEOUT, CANCELLED, UNAVAILABLE.
 * Blocking: eight requests, most of them at once, and one for each such rule. Cancellable.
 * @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_lint_add_instance(vcluster_lint *lint,
                           vcluster_client *client,
                           const char *name,
                           const vcluster_instance_options *options,
                           vcluster_error **error);

/**
 * Look at all files.
 *
 * A finding is left out where its line, or the line above, has a comment
 * `# vclint:ignore VC101 REASON`, where a comment `# vclint:ignore-file VC101 REASON` stands
 * anywhere in its file, or where the manifest that it is in has an annotation
 * `ignore-check.libvcluster.dev/VC101: REASON`. The reason is mandatory. Where a finding has one
 * right answer, vcluster_finding_fix() has the edit.
 *
 * @param chart            whose schema and defaults hold; NULL for what the library knows of
 *                         VCLUSTER_UPSTREAM_CHART_VERSION
 * @param[out] out_report  freed with vcluster_report_free()
 * @return 0, also with findings, or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_lint_run(vcluster_lint *lint,
                                                      const vcluster_chart *chart,
                                                      vcluster_report **out_report,
                                                      vcluster_error **error);

/**
 * Repair a file where its findings have one right answer (docs/lint.md says for which rules). Only
 * the bytes that must change are changed; comments and layout stay. The repaired text takes the
 * place of the file's in @p lint; it is on nobody's disk yet.
 *
 * @param file           the name it was added by
 * @param[out] out_text  freed with vcluster_free(); the text as it was where nothing is repaired
 * @return 0. Expected: NOT_FOUND (no file of that name). Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_lint_fix(vcluster_lint *lint,
                                                      const vcluster_chart *chart,
                                                      const char *file,
                                                      char **out_text,
                                                      vcluster_error **error);

/**
 * Print the report of vcluster_lint_run() for another program.
 *
 * @param format         "text", "json" (docs/lint-report.schema.json), "sarif" (2.1.0, with
 *                       fixes), "junit" or "github" (workflow commands)
 * @param[out] out_text  freed with vcluster_free()
 * @return 0. Expected: INVALID_ARGUMENT (no such format). Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_lint_print(const vcluster_report *report,
                                                        const char *format,
                                                        char **out_text,
                                                        vcluster_error **error);

/** All rules as a JSON array of objects: id, name, severity, text, fix (boolean).
 * @param[out] out_json  freed with vcluster_free() @return 0 or NO_MEMORY. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_lint_rules(char **out_json, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
