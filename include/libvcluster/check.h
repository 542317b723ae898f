/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check.h
 * Checking a configuration offline: what upstream's schema, chart, command line and syncer refuse,
 * the last of them only when the control plane starts; and contradictions that none of them notes.
 */
#ifndef LIBVCLUSTER_CHECK_H
#define LIBVCLUSTER_CHECK_H

#include <libvcluster/chart.h>
#include <libvcluster/report.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_config_check() and vcluster_sync_diff(). */
typedef struct vcluster_check_options {
    size_t struct_size;
    const char *name;               /**< of the virtual cluster; NULL: not known yet */
    const char *namespace_name;     /**< on the host; NULL: not known yet */
    const char *kubernetes_version; /**< of the host, such as "v1.35.4"; NULL: not known */
    /** What upstream's control plane is licensed for: "none", "free" (a login), "dev", "prod",
     * "scale". NULL: not known, and what needs a licence is a warning. */
    const char *licence;
    /** The YAML text that the configuration was read from: findings get its lines and columns.
     * NULL: they have paths alone. */
    const char *text;
    const char *file; /**< name of that text in findings; NULL: none */
} vcluster_check_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_CHECK_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(vcluster_check_options)                                              \
    }

/**
 * Check a configuration without a cluster and tell all findings at once. Each has the id of its
 * rule, a path, a message and, where one is known, a remedy; errors are what a control plane would
 * be refused for, or would not start with.
 *
 * @param config      the user's values, or NULL for defaults
 * @param chart       the chart they are for: its schema and its templates are asked, too. NULL:
 *                    upstream's, as far as this library knows it without the chart
 * @param old_config  the values of the virtual cluster that is there, for what must not change in
 *                    one; NULL: there is none
 * @param options     NULL for defaults
 * @param[out] out_report  freed with vcluster_report_free(); in the order of the text
 * @return 0, whatever was found. Expected: CONFIG (options->text cannot be read), INVALID_ARGUMENT
 *         (no such licence). Non-blocking. Thread-safe. @since 0.1
 * @snippet examples/check.c check
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_check(const vcluster_config *config,
                                                          const vcluster_chart *chart,
                                                          const vcluster_config *old_config,
                                                          const vcluster_check_options *options,
                                                          vcluster_report **out_report,
                                                          vcluster_error **error);

/** All rules of vcluster_config_check() as a JSON array of objects: id, name, severity, source,
 * text. Freed with vcluster_free(). @return 0 or NO_MEMORY. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_check_rules_to_json(char **out_json,
                                                                 vcluster_error **error);

VCLUSTER_END_DECLS

#endif
