/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file chart.h
 * Helm charts: the built-in one of the embedded control plane, or one from a directory or archive.
 */
#ifndef LIBVCLUSTER_CHART_H
#define LIBVCLUSTER_CHART_H

#include <libvcluster/config.h>

VCLUSTER_BEGIN_DECLS

/** A loaded chart. Immutable: many threads may use one. */
typedef struct vcluster_chart vcluster_chart;

/** The chart of the embedded control plane, compiled into the library. @return 0 or NO_MEMORY.
 * @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_chart_embedded(vcluster_chart **out_chart,
                                                            vcluster_error **error);

/**
 * Load a chart from a directory or a .tgz file. Nothing is ever written to disk; links, absolute
 * names and `..` in archives are refused; at most 100 MiB in all and 5 MiB a file.
 *
 * @return 0. Expected: NOT_FOUND, CONFIG (not a chart).
 * Blocking on files. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_chart_load(const char *path, vcluster_chart **out_chart, vcluster_error **error);

/** Free a chart; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_chart_free(vcluster_chart *chart);

/** Name of the chart. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_name(const vcluster_chart *chart);

/** Version of the chart. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_version(const vcluster_chart *chart);

/** Options of vcluster_chart_template(). */
typedef struct vcluster_template_options {
    size_t struct_size;
    const char *namespace_name;     /**< `.Release.Namespace`; NULL: "default" */
    const char *kubernetes_version; /**< `.Capabilities.KubeVersion`; NULL: "v1.35.4" */
} vcluster_template_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_TEMPLATE_OPTIONS_INIT                                                             \
    {                                                                                              \
        .struct_size = sizeof(vcluster_template_options)                                           \
    }

/**
 * Render the manifests of a chart without a cluster, as `helm template` prints them.
 *
 * @param chart    the chart
 * @param name     release name: a DNS label, at most 52 bytes
 * @param config   the user's values, or NULL
 * @param options  NULL for defaults
 * @param[out] out_manifest  YAML documents in install order, freed with vcluster_free()
 * @return 0. Expected: INVALID_ARGUMENT, CONFIG (a template failed: file, line, reason).
 * Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_chart_template(const vcluster_chart *chart,
                        const char *name,
                        const vcluster_config *config,
                        const vcluster_template_options *options,
                        char **out_manifest,
                        vcluster_error **error);

VCLUSTER_END_DECLS

#endif
