/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file config.h
 * The values document of a virtual cluster (vcluster.yaml).
 */
#ifndef LIBVCLUSTER_CONFIG_H
#define LIBVCLUSTER_CONFIG_H

#include <libvcluster/call.h>

VCLUSTER_BEGIN_DECLS

/** A values document. Single-owner: one thread at a time. */
typedef struct vcluster_config vcluster_config;

/** Make an empty document. @return 0 or NO_MEMORY. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_new(vcluster_config **out_config,
                                                        vcluster_error **error);

/**
 * Read a document from YAML or JSON text, at most 4 MiB and 64 levels deep, as Helm reads values:
 * of two members with the same key the last one counts, and nothing behind the first document does.
 *
 * @return 0. Expected: CONFIG with a finding that has the line.
 * Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_config_parse(const char *text, vcluster_config **out_config, vcluster_error **error);

/** Read a document from a file. @return as vcluster_config_parse(), or NOT_FOUND. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_config_load(const char *path, vcluster_config **out_config, vcluster_error **error);

/** Free a document; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_config_free(vcluster_config *config);

/**
 * Merge @p other over @p config: maps merge key by key, lists and scalars replace, null stays to
 * delete a default (Helm's rule for several values files). @p other is not modified. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_merge(vcluster_config *config,
                                                          const vcluster_config *other,
                                                          vcluster_error **error);

/**
 * Set the value at a path. Grammar and typing are those of Helm's `--set`: `true`, `false`, `null`
 * and integers are themselves, the rest is text; a backslash escapes `.` in a path and `,` is kept.
 *
 * @param path   such as "controlPlane.distro.k8s.version" or "a.list[0].b"
 * @param value  the text of the value
 * @return 0. Expected: INVALID_ARGUMENT for a path that cannot be read.
 * @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_set(vcluster_config *config,
                                                        const char *path,
                                                        const char *value,
                                                        vcluster_error **error);

/** Set the value at a path to text, whatever it looks like (Helm's `--set-string`). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_set_string(vcluster_config *config,
                                                               const char *path,
                                                               const char *value,
                                                               vcluster_error **error);

/**
 * Apply one argument of Helm's `--set`: "a=1,b.c={x,y}".
 *
 * @return 0. Expected: INVALID_ARGUMENT.  @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_set_expression(vcluster_config *config,
                                                                   const char *expression,
                                                                   vcluster_error **error);

/** Apply one argument of Helm's `--set-string`. As above. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_set_string_expression(vcluster_config *config,
                                                                          const char *expression,
                                                                          vcluster_error **error);

/** Apply one argument of Helm's `--set-json`: "a.b={\"c\":1}", or a whole JSON object. As above.
 * @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_config_set_json(vcluster_config *config, const char *expression, vcluster_error **error);

/** Apply one argument of Helm's `--set-literal`: everything behind '=' is the text of the value.
 * As above. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_set_literal(vcluster_config *config,
                                                                const char *expression,
                                                                vcluster_error **error);

/** Apply one argument of Helm's `--set-file`: "a.b=PATH" sets the text of a file of at most 4 MiB.
 * @return 0. Expected: INVALID_ARGUMENT, NOT_FOUND. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_config_set_file(vcluster_config *config, const char *expression, vcluster_error **error);

/**
 * The value at a path as JSON text.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NOT_FOUND. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_get(const vcluster_config *config,
                                                        const char *path,
                                                        char **out_json,
                                                        vcluster_error **error);

/** The document as YAML with sorted keys, freed with vcluster_free(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_config_to_yaml(const vcluster_config *config, char **out_yaml, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
