/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file instance.h
 * Virtual clusters: ensure, create, get, list, wait, delete, open.
 *
 * A virtual cluster is known by its name (the Helm release) and its host namespace. Names are DNS
 * labels that start with a letter, at most 52 bytes (47 with a deployed etcd).
 */
#ifndef LIBVCLUSTER_INSTANCE_H
#define LIBVCLUSTER_INSTANCE_H

#include <libvcluster/chart.h>
#include <libvcluster/client.h>

VCLUSTER_BEGIN_DECLS

/** A virtual cluster as it was when it was read. Immutable; freed with vcluster_instance_free(). */
typedef struct vcluster_instance vcluster_instance;

/** Virtual clusters as they were when they were read. Immutable. */
typedef struct vcluster_instance_list vcluster_instance_list;

/** Options of vcluster_instance_ensure() and vcluster_instance_create(). */
typedef struct vcluster_ensure_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    /** Host namespace. NULL: that of the client's context, or "vcluster-NAME" where the context
     * names none or "default". Made when it is missing. */
    const char *namespace_name;
    /** "upstream" (default) or "embedded". */
    const char *distribution;
    /** Chart to install instead of the distribution's; may be NULL; not kept after the call. Its
     * hooks do not run, and crds/ is left out: vcluster_release_install() does both. */
    const vcluster_chart *chart;
    uint64_t no_wait;   /**< 1: return when the objects are applied, without waiting for ready */
    uint64_t take_over; /**< 1: take over a pending release record that Helm itself left behind */
    /** Where upstream's chart comes from: a chart repository, "oci://HOST/PATH/CHART", a directory
     * or a .tgz; NULL: as vcluster_chart_upstream() without options. Not together with chart. */
    const char *chart_source;
    /** Version of upstream's chart, or a constraint; NULL: as vcluster_chart_upstream(). */
    const char *chart_version;
    /** Kubernetes inside: "1.35", "v1.35.4"; NULL: what the values say, else that of an existing
     * one, else the chart's. */
    const char *kubernetes_version;
    /** "default", "fast" (starts sooner: the controller manager asks faster, tokens in Secrets) or
     * "lean" (the same, and less memory: GOGC, GOMEMLIMIT): values below those that are given.
     * NULL: "default". */
    const char *profile;
    uint64_t reset_values; /**< 1: values given earlier are dropped, not merged */
    /** 1: what fails is undone: a creation is deleted again, an upgrade is rolled back. */
    uint64_t atomic;
    uint64_t resume; /**< 1: a paused one is resumed first, where it would be refused */
    /** Above 0: it expires so many seconds from now, and vcluster_reap() deletes it then. An
     * existing one is extended as by vcluster_instance_extend(). 0: it does not expire, and an
     * existing one keeps its expiry. */
    int64_t ttl_s;
    int64_t expires_at; /**< the same as a time in seconds since 1970, in the future; 0: none */
    /** Who it belongs to: any text of at most 256 bytes; NULL: nobody is named, or as it is. */
    const char *owner;
    /** 1: what vcluster_instance_preflight() finds of severity error about a new one refuses it
     * (PRECONDITION with all findings) before anything is touched. Upgrades are dry-run always. */
    uint64_t preflight;
    /** 1: values that vcluster_config_check() calls an error are tried all the same. */
    uint64_t unchecked;
} vcluster_ensure_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_ENSURE_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_ensure_options)                                             \
    }

/**
 * Make sure that a virtual cluster exists and, unless told otherwise, that it is ready.
 *
 * Idempotent and resumable: what a killed or failed call left unfinished is completed by the same
 * call. An existing one that differs from what is asked for is upgraded: the given values are laid
 * over those of its last revision; its chart and its version of Kubernetes stay unless another is
 * asked for. That the same was asked for before is seen in the list of release records: then
 * nothing more is sent. Whether the control plane will restart is told (::VCLUSTER_STEP_PLAN)
 * before anything is touched, and refused is what cannot go well: a skipped minor version of
 * Kubernetes or an earlier one, another store, what the host refuses in a dry run; with a finding
 * for each. Values that cannot work by vcluster_config_check() are refused before anything is
 * touched, all at once (CONFIG), unless @p options say unchecked; of an upgrade, only what the
 * values did not have before. What somebody has changed by hand is put back by the next upgrade,
 * not by a call that asks for nothing new. Renders the chart with @p config, applies it to the host
 * by server-side apply and records a Helm 3 release. Ready means: the kubeconfig Secret is
 * published and the API server says through the tunnel that it is ready. The probes of the pod, and
 * with them vcluster_instance_ready() of a list, notice that up to two seconds later.
 *
 * @param client   host cluster
 * @param name     name of the virtual cluster
 * @param config   values, or NULL for the chart's defaults; not modified
 * @param options  NULL for defaults
 * @param[out] out_instance  may be NULL
 * @param[out] error         may be NULL
 * @return 0. Expected: INVALID_ARGUMENT, CONFIG, UNSUPPORTED, PRECONDITION (another virtual cluster
 *         in the namespace, or one of another distribution; paused; a change that must not be),
 *         CONFLICT (another operation holds the
 *         lock), QUOTA, PERMISSION, UNAVAILABLE (an image that cannot be pulled, no node, a
 *         crash: the message names pod, container and reason), TIMEOUT, CANCELLED; and where
 *         upstream's chart cannot be got, those of vcluster_chart_upstream().
 *
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/create.c create
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_ensure(vcluster_client *client,
                                                             const char *name,
                                                             const vcluster_config *config,
                                                             const vcluster_ensure_options *options,
                                                             vcluster_instance **out_instance,
                                                             vcluster_error **error);

/**
 * As vcluster_instance_ensure(), but ALREADY_EXISTS when a completed release of that name is there.
 *
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_create(vcluster_client *client,
                                                             const char *name,
                                                             const vcluster_config *config,
                                                             const vcluster_ensure_options *options,
                                                             vcluster_instance **out_instance,
                                                             vcluster_error **error);

/** Options of calls on one existing virtual cluster. */
typedef struct vcluster_instance_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    /** Host namespace; NULL: searched in all namespaces (PRECONDITION when several have the name),
     * or by the rule of ::vcluster_ensure_options where the user may not list them all. */
    const char *namespace_name;
} vcluster_instance_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_INSTANCE_OPTIONS_INIT                                                             \
    {                                                                                              \
        .struct_size = sizeof(vcluster_instance_options)                                           \
    }

/** Get one virtual cluster. @return 0. Expected: NOT_FOUND, PRECONDITION, PERMISSION, UNAVAILABLE.
 * Blocking. Thread-safe. Cancellable. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_get(vcluster_client *client,
                                                          const char *name,
                                                          const vcluster_instance_options *options,
                                                          vcluster_instance **out_instance,
                                                          vcluster_error **error);

/** Options of vcluster_instance_list_new() and vcluster_instance_watch(). */
typedef struct vcluster_list_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: all namespaces */
} vcluster_list_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_LIST_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(vcluster_list_options)                                               \
    }

/**
 * List virtual clusters by namespace and name, with four lists however many there are:
 * StatefulSets, Deployments, pods and metadata of Secrets, at once, each in pages of 500 or 1,000
 * objects that are read item by item: five requests for 1,000.
 *
 * A part that the user may not read (pods, Secrets) leaves what depends on it unknown; a failed
 * list of workloads is an error, never an empty result.
 * @return 0. Expected: PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_list_new(vcluster_client *client,
                                                               const vcluster_list_options *options,
                                                               vcluster_instance_list **out_list,
                                                               vcluster_error **error);

/** Free a list and its instances; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_instance_list_free(vcluster_instance_list *list);

/** Number of instances. @since 0.1 */
VCLUSTER_API size_t vcluster_instance_list_size(const vcluster_instance_list *list);

/** Instance number @p index, or NULL. Borrowed from the list. @since 0.1 */
VCLUSTER_API const vcluster_instance *vcluster_instance_list_at(const vcluster_instance_list *list,
                                                                size_t index);

/** What happened to a virtual cluster. */
typedef enum vcluster_instance_event {
    VCLUSTER_INSTANCE_ADDED = 1,   /**< it is there, also at the beginning of a watch */
    VCLUSTER_INSTANCE_CHANGED = 2, /**< status, readiness, version, replicas or note are others */
    VCLUSTER_INSTANCE_REMOVED = 3  /**< it is gone; the instance is as it was told last */
} vcluster_instance_event;

/**
 * One event of a watch. Called on the thread of vcluster_instance_watch(), with no lock held.
 *
 * @param event     a ::vcluster_instance_event
 * @param instance  borrowed, valid during the callback only
 * @return 0 to go on, anything else to end the watch
 */
typedef int (*vcluster_instance_event_fn)(int event,
                                          const vcluster_instance *instance,
                                          void *event_data);

/**
 * Watch virtual clusters: first an ADDED for each that exists, then every change of one.
 *
 * Status and readiness are those of vcluster_instance_list_new(). Cuts of the connection are ridden
 * out: no state is told twice, and after a cut each virtual cluster is told as it is by then. One
 * that was deleted and made again is told as REMOVED and ADDED. Costs four watches, however many
 * virtual clusters there are; what the user may not read stays unknown as in a list.
 *
 * @param options     NULL for all namespaces and no deadline
 * @param on_event    called for each event
 * @param event_data  handed to on_event
 * @return 0 when on_event ended it. Expected: TIMEOUT (the deadline is the length of the watch),
 *         CANCELLED, PERMISSION (StatefulSets or Deployments).
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_watch(vcluster_client *client,
                                                            const vcluster_list_options *options,
                                                            vcluster_instance_event_fn on_event,
                                                            void *event_data,
                                                            vcluster_error **error);

/**
 * Wait until a virtual cluster is ready.
 *
 * @return as vcluster_instance_ensure(); NOT_FOUND when there is none.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_wait(vcluster_client *client,
                                                           const char *name,
                                                           const vcluster_instance_options *options,
                                                           vcluster_instance **out_instance,
                                                           vcluster_error **error);

/** Options of vcluster_instance_delete(). */
typedef struct vcluster_delete_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    uint64_t missing_ok;        /**< 1: success when there is nothing to delete */
    uint64_t keep_volumes;      /**< 1: PersistentVolumeClaims stay (and the namespace with them) */
    uint64_t keep_namespace;    /**< 1: the namespace stays, even if the library made it */
    uint64_t no_wait;           /**< 1: return when the deletions are asked for */
    /** 1: delete also what Argo CD or Flux makes from a repository. They make it again, unless it
     * has been taken out there; without this it is refused. */
    uint64_t gitops_too;
    /** 1: remove also what a delete leaves behind (LEAK in a plan of it): claims that are not of
     * its replicas, exported kubeconfigs in other namespaces, cluster-scoped objects, copies that
     * nothing owns. By the rules of vcluster_audit(), once the control plane has ended: what may be
     * another virtual cluster's stays, volumes stay with keep_volumes. Excludes no_wait. */
    uint64_t leftovers_too;
} vcluster_delete_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_DELETE_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_delete_options)                                             \
    }

/**
 * Delete a virtual cluster: its release, its volumes, and its namespace if the library made it;
 * returns when the objects are really gone. After a kill the same call finishes the work.
 *
 * With leftovers_too the host is searched as by an audit, which takes the rights of one; without
 * them, or if any list fails, nothing is touched. Leftovers are removed under their uid and
 * resourceVersion, before the record goes; that outside of the namespace they are gone is not
 * waited for. What an earlier delete left is removed, too: that nothing else is there is no
 * NOT_FOUND then.
 *
 * @return 0. Expected: NOT_FOUND, PRECONDITION (annotation loft.sh/non-deletable; made by
 *         Argo CD or Flux), CONFLICT,
 *         PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_delete(vcluster_client *client,
                                                             const char *name,
                                                             const vcluster_delete_options *options,
                                                             vcluster_error **error);

/** Options of vcluster_instance_pause() and vcluster_instance_resume(). */
typedef struct vcluster_pause_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    uint64_t no_wait; /**< resume: 1: return when it is scaled, without waiting for ready */
} vcluster_pause_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_PAUSE_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(vcluster_pause_options)                                              \
    }

/**
 * Pause a virtual cluster: its control plane is scaled to 0 and the pods it has on the host are
 * deleted. Volumes, Services, Secrets and all of its objects stay; a resume brings the pods back.
 *
 * The annotations are upstream's, so that its CLI sees and resumes it. One that is paused already
 * is success; where its workload runs in spite of that, it is scaled down again. After a kill the
 * same call finishes the work.
 *
 * @return 0 when its pods are gone. Expected: NOT_FOUND, PRECONDITION (an unfinished creation or
 *         upgrade; put to sleep by the platform), CONFLICT, PERMISSION, UNAVAILABLE, TIMEOUT,
 *         CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_pause(vcluster_client *client,
                                                            const char *name,
                                                            const vcluster_pause_options *options,
                                                            vcluster_error **error);

/**
 * Resume a paused virtual cluster, or one that was scaled down by hand, and wait until it is ready.
 * One that runs is success, after waiting.
 *
 * @return 0. Expected: as vcluster_instance_pause() and vcluster_instance_wait().
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_resume(vcluster_client *client,
                                                             const char *name,
                                                             const vcluster_pause_options *options,
                                                             vcluster_error **error);

/**
 * Open a client of the virtual cluster itself, over a tunnel inside this process that no other
 * user of the machine can reach. Works with every function that takes a client.
 *
 * @param client             host cluster; the new client holds a reference on it
 * @param[out] out_client    given back with vcluster_client_unref(), which closes the tunnel
 * @return 0. Expected: NOT_FOUND, PRECONDITION (paused, or no kubeconfig Secret yet), UNAVAILABLE.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_open(vcluster_client *client,
                                                           const char *name,
                                                           const vcluster_instance_options *options,
                                                           vcluster_client **out_client,
                                                           vcluster_error **error);

/** Free an instance that was given to the caller; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_instance_free(vcluster_instance *instance);

/** Name. Borrowed, as all strings of an instance. @since 0.1 */
VCLUSTER_API const char *vcluster_instance_name(const vcluster_instance *instance);

/** Host namespace. @since 0.1 */
VCLUSTER_API const char *vcluster_instance_namespace(const vcluster_instance *instance);

/**
 * Status as upstream's CLI computes it: "Running", "Pending", "Paused", "ScaledDown",
 * "CrashLoopBackOff", ...; "Unknown" when it cannot be told. @since 0.1
 */
VCLUSTER_API const char *vcluster_instance_status(const vcluster_instance *instance);

/** Whether a control-plane pod is ready: what "Running" does not say. @since 0.1 */
VCLUSTER_API bool vcluster_instance_ready(const vcluster_instance *instance);

/** Version of the chart and the syncer image, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_instance_version(const vcluster_instance *instance);

/** "upstream" or "embedded". @since 0.1 */
VCLUSTER_API const char *vcluster_instance_distribution(const vcluster_instance *instance);

/** Kubernetes version of the virtual cluster, such as "v1.35.4", or "" if it is not known.
 * @since 0.1 */
VCLUSTER_API const char *vcluster_instance_kubernetes_version(const vcluster_instance *instance);

/** Time of creation in seconds since 1970, or 0. @since 0.1 */
VCLUSTER_API int64_t vcluster_instance_created(const vcluster_instance *instance);

/** Time in seconds since 1970 after which vcluster_reap() deletes it, or 0: never. @since 0.1 */
VCLUSTER_API int64_t vcluster_instance_expires_at(const vcluster_instance *instance);

/** Who it belongs to, as was said when it was made or extended, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_instance_owner(const vcluster_instance *instance);

/** What the user should know about it: workloads that do not run in the embedded distribution,
 * parts that could not be read; "" when there is nothing. @since 0.1 */
VCLUSTER_API const char *vcluster_instance_note(const vcluster_instance *instance);

/** The instance as a JSON object, freed with vcluster_free(). @return 0 or NO_MEMORY. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_to_json(const vcluster_instance *instance,
                                                              char **out_json,
                                                              vcluster_error **error);

VCLUSTER_END_DECLS

#endif
