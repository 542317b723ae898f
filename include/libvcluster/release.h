/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file release.h
 * Helm releases: install, upgrade, roll back, uninstall any chart, and read what is installed.
 *
 * Releases are stored as Helm 3 and 4 store them (Secrets sh.helm.release.v1.NAME.vREVISION), so
 * that Helm can take over what this library installed, and the other way round. Names are DNS
 * labels (dots allowed) of at most 53 bytes.
 */
#ifndef LIBVCLUSTER_RELEASE_H
#define LIBVCLUSTER_RELEASE_H

#include <libvcluster/chart.h>
#include <libvcluster/client.h>

VCLUSTER_BEGIN_DECLS

/** A revision of a release as it was when it was read. Immutable; freed with
 * vcluster_release_free(). */
typedef struct vcluster_release vcluster_release;

/** Revisions of a release, oldest first. Immutable. */
typedef struct vcluster_release_list vcluster_release_list;

/** Which values an upgrade starts from. */
typedef enum vcluster_value_policy {
    /** The values given now; where none are given, those the user gave last time. */
    VCLUSTER_VALUES_DEFAULT = 0,
    /** The values given now over the chart's defaults, and nothing else. */
    VCLUSTER_VALUES_RESET = 1,
    /** Last time's values (and the old chart's defaults) with the values given now over them. */
    VCLUSTER_VALUES_REUSE = 2,
    /** The chart's defaults, then the values the user gave last time, then those given now. */
    VCLUSTER_VALUES_RESET_THEN_REUSE = 3
} vcluster_value_policy;

/** Options of install, upgrade, rollback, uninstall and diff; each says which it heeds. */
typedef struct vcluster_release_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress; /**< objects, hooks and waiting as they happen */
    void *user_data;
    /** Namespace of the release; NULL: that of the client's context, or "default". */
    const char *namespace_name;
    uint64_t create_namespace; /**< install: 1: make the namespace when it is missing */
    uint64_t install;          /**< upgrade: 1: install when there is no release */
    uint64_t wait;             /**< 1: until the objects are ready (uninstall: gone) */
    uint64_t wait_for_jobs;    /**< 1: jobs must have completed, too; implies wait */
    /** 1: a failed install is uninstalled, a failed upgrade rolled back; implies wait. */
    uint64_t atomic;
    /** 1: everything but writing. Objects are sent to the server as a dry run, hooks do not run. */
    uint64_t dry_run;
    uint64_t no_hooks;        /**< 1: hooks do not run */
    uint64_t skip_crds;       /**< install: 1: leave the files of crds/ out */
    uint64_t skip_schema;     /**< 1: do not check the values against the schema */
    uint64_t value_policy;    /**< upgrade: a ::vcluster_value_policy */
    uint64_t take_over;       /**< 1: take over a pending record that Helm itself left behind */
    uint64_t take_ownership;  /**< 1: adopt objects that belong to nobody or to another release */
    uint64_t force_conflicts; /**< 1: take fields over from other field managers */
    uint64_t keep_history;    /**< uninstall: 1: keep the records, with status "uninstalled" */
    uint64_t missing_ok;      /**< uninstall: 1: success when there is no such release */
    int64_t history_max;      /**< revisions that are kept; 0: 10; -1: all */
    const char *description;  /**< NULL: "Install complete" and the like */
} vcluster_release_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RELEASE_OPTIONS_INIT                                                              \
    {                                                                                              \
        .struct_size = sizeof(vcluster_release_options)                                            \
    }

/**
 * Install a chart as a new release.
 *
 * Renders the chart against the host (its version, its APIs, `lookup`), refuses objects that exist
 * and belong to nobody or somebody else, records the release as "pending-install", runs hooks,
 * applies the objects by server-side apply as field manager "helm" and records "deployed" or
 * "failed". The files of crds/ come before everything else, where they do not exist yet. An install
 * of ours that was killed is completed by the same call. A release that failed or was uninstalled
 * with its history kept is refused: use upgrade with the option install.
 *
 * @param name     name of the release
 * @param config   the user's values, or NULL
 * @param options  NULL for defaults
 * @param[out] out_release  the recorded revision; with dry_run what would be recorded; may be NULL
 * @return 0. Expected: INVALID_ARGUMENT, CONFIG (values, schema, a template: all findings),
 *         ALREADY_EXISTS (the release, or foreign objects: one finding each), NOT_FOUND (the
 *         namespace), CONFLICT (another operation, or fields of other managers: one finding each),
 *         PERMISSION, QUOTA, UNSUPPORTED, PRECONDITION, TIMEOUT, CANCELLED, and with wait
 *         UNAVAILABLE naming the object that failed.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_release_install(vcluster_client *client,
                         const char *name,
                         const vcluster_chart *chart,
                         const vcluster_config *config,
                         const vcluster_release_options *options,
                         vcluster_release **out_release,
                         vcluster_error **error);

/**
 * Upgrade a release to another chart, version or values.
 *
 * Objects that are no longer in the chart are deleted unless they carry `helm.sh/resource-policy:
 * keep`. A release that Helm 3 wrote by client-side apply is moved to server-side apply first.
 * crds/ is never touched.
 *
 * @return 0. Expected: as vcluster_release_install(), and NOT_FOUND when there is no release.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_release_upgrade(vcluster_client *client,
                         const char *name,
                         const vcluster_chart *chart,
                         const vcluster_config *config,
                         const vcluster_release_options *options,
                         vcluster_release **out_release,
                         vcluster_error **error);

/**
 * Make an earlier revision the newest one again: as a new revision with the old one's objects.
 *
 * @param revision  0: the one before the newest
 * @return 0. Expected: as vcluster_release_upgrade(), and NOT_FOUND when there is no such revision.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_release_rollback(vcluster_client *client,
                          const char *name,
                          int64_t revision,
                          const vcluster_release_options *options,
                          vcluster_release **out_release,
                          vcluster_error **error);

/**
 * Remove a release: hooks, objects (those with `helm.sh/resource-policy: keep` stay), records. The
 * namespace and what came from crds/ stay.
 *
 * @return 0. Expected: NOT_FOUND, CONFLICT, PERMISSION, TIMEOUT, CANCELLED. What a killed call left
 *         is completed by the same call.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_release_uninstall(vcluster_client *client,
                           const char *name,
                           const vcluster_release_options *options,
                           vcluster_error **error);

/**
 * What an upgrade would change, as the server says by a dry run: nothing is written.
 *
 * @param[out] out_json  freed with vcluster_free(): a list, in install order, of
 *   {"change": "add"|"modify"|"delete", "apiVersion", "kind", "namespace", "name",
 *    "fields": [{"path": ".spec.replicas", "old": 1, "new": 2}, ...]}; objects that stay the same
 *   are left out. Values of Secrets are given as "(secret, N bytes)".
 * @return 0. Expected: as vcluster_release_upgrade().
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_release_diff(vcluster_client *client,
                                                          const char *name,
                                                          const vcluster_chart *chart,
                                                          const vcluster_config *config,
                                                          const vcluster_release_options *options,
                                                          char **out_json,
                                                          vcluster_error **error);

/** Options of vcluster_release_get() and vcluster_release_history(). */
typedef struct vcluster_release_query_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: that of the client's context, or "default" */
} vcluster_release_query_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RELEASE_QUERY_OPTIONS_INIT                                                        \
    {                                                                                              \
        .struct_size = sizeof(vcluster_release_query_options)                                      \
    }

/**
 * Read one revision of a release.
 *
 * @param revision  0: the newest
 * @return 0. Expected: NOT_FOUND, PROTOCOL (a Secret that is no release), PERMISSION.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_release_get(vcluster_client *client,
                     const char *name,
                     int64_t revision,
                     const vcluster_release_query_options *options,
                     vcluster_release **out_release,
                     vcluster_error **error);

/** Read all revisions of a release, oldest first. @return as vcluster_release_get().
 * Blocking. Thread-safe. Cancellable. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_release_history(vcluster_client *client,
                         const char *name,
                         const vcluster_release_query_options *options,
                         vcluster_release_list **out_list,
                         vcluster_error **error);

/** Number of revisions. @since 0.1 */
VCLUSTER_API size_t vcluster_release_list_size(const vcluster_release_list *list);
/** A revision; borrowed until the list is freed. NULL beyond the end. @since 0.1 */
VCLUSTER_API const vcluster_release *vcluster_release_list_at(const vcluster_release_list *list,
                                                              size_t index);
/** Free a list; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_release_list_free(vcluster_release_list *list);
/** Free a release; NULL is allowed. Not for those of a list. @since 0.1 */
VCLUSTER_API void vcluster_release_free(vcluster_release *release);

/** Name of the release. Borrowed, as all texts below. @since 0.1 */
VCLUSTER_API const char *vcluster_release_name(const vcluster_release *release);
/** Its namespace. @since 0.1 */
VCLUSTER_API const char *vcluster_release_namespace(const vcluster_release *release);
/** Its revision: 1, 2, ... @since 0.1 */
VCLUSTER_API int64_t vcluster_release_revision(const vcluster_release *release);
/** "deployed", "failed", "superseded", "pending-install", ... @since 0.1 */
VCLUSTER_API const char *vcluster_release_status(const vcluster_release *release);
/** What happened: "Install complete", the reason of a failure. @since 0.1 */
VCLUSTER_API const char *vcluster_release_description(const vcluster_release *release);
/** Name of the chart. @since 0.1 */
VCLUSTER_API const char *vcluster_release_chart_name(const vcluster_release *release);
/** Version of the chart. @since 0.1 */
VCLUSTER_API const char *vcluster_release_chart_version(const vcluster_release *release);
/** appVersion of the chart, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_release_app_version(const vcluster_release *release);
/** When revision 1 was installed: seconds since 1970, 0 when unknown. @since 0.1 */
VCLUSTER_API int64_t vcluster_release_first_deployed(const vcluster_release *release);
/** When this revision was installed: seconds since 1970, 0 when unknown. @since 0.1 */
VCLUSTER_API int64_t vcluster_release_last_deployed(const vcluster_release *release);
/** The manifests, without hooks. @since 0.1 */
VCLUSTER_API const char *vcluster_release_manifest(const vcluster_release *release);
/** The hooks as manifests, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_release_hooks(const vcluster_release *release);
/** The text made from NOTES.txt, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_release_notes(const vcluster_release *release);
/** The values the user gave, as YAML ("{}" for none). @since 0.1 */
VCLUSTER_API const char *vcluster_release_values(const vcluster_release *release);

VCLUSTER_END_DECLS

#endif
