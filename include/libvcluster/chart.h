/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file chart.h
 * Helm charts: the built-in one of the embedded control plane, or one from a directory, an archive,
 * a repository or an OCI registry; their values and schema; rendering them without a cluster.
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

/**
 * Load a chart from the bytes of a .tgz, as vcluster_chart_load() does from a file. The bytes are
 * not needed after the call.
 *
 * @return 0. Expected: CONFIG (not a chart). Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_chart_parse(const void *data,
                                                         size_t size,
                                                         vcluster_chart **out_chart,
                                                         vcluster_error **error);

/** Options of vcluster_chart_fetch(). */
typedef struct vcluster_chart_fetch_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: 120,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    /** URL of a chart repository (http or https): the reference is then the name of a chart. */
    const char *repository;
    /** A version, or a constraint such as "^1.2" or ">=0.30, <0.40"; NULL: the newest that is no
     * pre-release. */
    const char *version;
    const char *username; /**< sent to the host of the repository or registry only */
    const char *password;
    const char *ca_file;          /**< PEM bundle to trust instead of the system's */
    const char *client_cert_file; /**< PEM */
    const char *client_key_file;  /**< PEM */
    /** Credentials of registries in docker's form; NULL: $HELM_REGISTRY_CONFIG, then
     * ~/.config/helm/registry/config.json, then ~/.docker/config.json. */
    const char *registry_config;
    /** Where fetched charts are kept; NULL: $XDG_CACHE_HOME/libvcluster, then
     * ~/.cache/libvcluster. Several processes may use one. */
    const char *cache_directory;
    uint64_t no_cache;                 /**< 1: neither read nor write the cache */
    uint64_t prereleases;              /**< 1: versions such as 1.0.0-rc.1 count, too */
    uint64_t plain_http;               /**< 1: speak http to an OCI registry */
    uint64_t pass_credentials;         /**< 1: send them to the host of a chart URL, too */
    uint64_t insecure_skip_tls_verify; /**< 1: accept any certificate */
} vcluster_chart_fetch_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_CHART_FETCH_OPTIONS_INIT                                                          \
    {                                                                                              \
        .struct_size = sizeof(vcluster_chart_fetch_options)                                        \
    }

/**
 * Get a chart from wherever it is.
 *
 * @param reference  one of: a directory or .tgz file (a path that exists, or begins with '.' or
 *                   '/'); the http(s) URL of a .tgz; "oci://HOST/PATH/CHART[:VERSION]"; the name of
 *                   a chart in options->repository; "vcluster", which is upstream's chart
 *                   (vcluster_chart_upstream())
 *
 * What comes from a repository or registry is checked against the digest that was announced for it,
 * and kept in the cache under that digest: a version is fetched once.
 *
 * @return 0. Expected: INVALID_ARGUMENT, NOT_FOUND (no such chart or version: the message lists the
 *         nearest), UNAUTHENTICATED, PERMISSION, UNAVAILABLE, PROTOCOL (a digest that does not
 *         match, an index that cannot be read), CONFIG (not a chart), TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_chart_fetch(const char *reference,
                     const vcluster_chart_fetch_options *options,
                     vcluster_chart **out_chart,
                     vcluster_error **error);

/**
 * Get the chart of the upstream distribution: `vcluster` from https://charts.loft.sh, at the newest
 * version this library was tested with (VCLUSTER_UPSTREAM_CHART_VERSION) unless options->version
 * says otherwise. options->repository may name a mirror; without it, the key
 * `charts.upstream.source` of the file $XDG_CONFIG_HOME/libvcluster/config.yaml (or
 * ~/.config/libvcluster/config.yaml) may: a repository, an "oci://" reference, a directory or a
 * .tgz. `charts.upstream.version` of the same file is the version where options name none.
 *
 * @return as vcluster_chart_fetch(). Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_chart_upstream(const vcluster_chart_fetch_options *options,
                        vcluster_chart **out_chart,
                        vcluster_error **error);

/** Free a chart; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_chart_free(vcluster_chart *chart);

/** Name of the chart. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_name(const vcluster_chart *chart);

/** Version of the chart. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_version(const vcluster_chart *chart);

/** `appVersion` of the chart, or "". Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_app_version(const vcluster_chart *chart);

/** The text of the chart's values.yaml, with its comments. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_values(const vcluster_chart *chart);

/** The text of the chart's values.schema.json, or "" where it has none. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_chart_schema(const vcluster_chart *chart);

/** Chart.yaml as JSON, freed with vcluster_free(). @return 0 or NO_MEMORY. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_chart_metadata(const vcluster_chart *chart, char **out_json, vcluster_error **error);

/**
 * Check values against values.schema.json of the chart and of its enabled subcharts.
 *
 * @param config  the user's values, or NULL for the chart's defaults alone
 * @return 0. Expected: CONFIG with one finding for each violation, each with the path of the value.
 * Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_chart_validate(const vcluster_chart *chart,
                                                            const vcluster_config *config,
                                                            vcluster_error **error);

/** Options of vcluster_chart_template(). */
typedef struct vcluster_template_options {
    size_t struct_size;
    const char *namespace_name;     /**< `.Release.Namespace`; NULL: "default" */
    const char *kubernetes_version; /**< `.Capabilities.KubeVersion`; NULL: "v1.35.4" */
    /** More of `.Capabilities.APIVersions`, such as "cert-manager.io/v1"; ends with NULL; may be
     * NULL. */
    const char *const *api_versions;
    uint64_t is_upgrade;   /**< 1: `.Release.IsUpgrade` instead of `.Release.IsInstall` */
    uint64_t include_crds; /**< 1: the files of crds/ come first */
    uint64_t no_hooks;     /**< 1: without documents that are hooks */
    uint64_t skip_tests;   /**< 1: without hooks that are tests */
    uint64_t skip_schema;  /**< 1: do not check the values against the schema */
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
 * @param name     release name: DNS labels (dots allowed), at most 53 bytes
 * @param config   the user's values, or NULL
 * @param options  NULL for defaults
 * @param[out] out_manifest  YAML documents in install order, then hooks; freed with vcluster_free()
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

/** Version of upstream's chart that vcluster_chart_upstream() gets by default. @since 0.1 */
#define VCLUSTER_UPSTREAM_CHART_VERSION "0.36.1"

VCLUSTER_END_DECLS

#endif
