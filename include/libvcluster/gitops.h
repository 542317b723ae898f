/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gitops.h
 * Virtual clusters that live in a Git repository: what Argo CD, Flux or kustomize need for one of
 * them, as files; and the way back from such files. Nothing is sent anywhere, nothing is written.
 */
#ifndef LIBVCLUSTER_GITOPS_H
#define LIBVCLUSTER_GITOPS_H

#include <libvcluster/chart.h>

VCLUSTER_BEGIN_DECLS

/** Texts by path, sorted by path. Single-owner: one thread at a time. */
typedef struct vcluster_files vcluster_files;

/** Make an empty list. @return 0 or NO_MEMORY. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_files_new(vcluster_files **out_files,
                                                       vcluster_error **error);

/**
 * Add a copy of a text.
 *
 * @param path  relative, with '/' between its parts, none of which is empty, "." or ".."
 * @param text  at most 4 MiB
 * @return 0. Expected: INVALID_ARGUMENT (no such path; more than 10,000 files), ALREADY_EXISTS.
 * @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_files_add(vcluster_files *files,
                                                       const char *path,
                                                       const char *text,
                                                       vcluster_error **error);

/** Free a list, wiping its texts; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_files_free(vcluster_files *files);

/** Number of files. @since 0.1 */
VCLUSTER_API size_t vcluster_files_size(const vcluster_files *files);

/** Path of file number @p index, or NULL. Borrowed from the list. @since 0.1 */
VCLUSTER_API const char *vcluster_files_path(const vcluster_files *files, size_t index);

/** Text of file number @p index, or NULL. Borrowed from the list. @since 0.1 */
VCLUSTER_API const char *vcluster_files_text(const vcluster_files *files, size_t index);

/**
 * Make the files of one virtual cluster, byte for byte the same from the same spec.
 *
 * The spec is a YAML or JSON document; `name` is all that must be there:
 * @code
 * name: team-alpha
 * namespace: vcluster-team-alpha        # vcluster-NAME
 * team: alpha                           # a label of the namespace
 * owner: platform@example.com           # as that of a lease, libvcluster/lease.h
 * expires: "2026-12-31T18:00:00Z"       # likewise: a time, as a file means the same every day
 * format: flux                          # see below
 * chart:
 *   repository: https://charts.loft.sh  # or oci://HOST/PATH
 *   name: vcluster
 *   version: 0.36.1                     # exactly one; default VCLUSTER_UPSTREAM_CHART_VERSION
 * git:                                  # where the files will be
 *   repository: https://git.example.com/platform/clusters.git
 *   revision: main
 *   path: clusters
 * argocd: {namespace: argocd, project: default, server: https://kubernetes.default.svc}
 * flux: {interval: 10m}
 * quota: {requests.cpu: 4, pods: 50}    # written to policies.resourceQuota of the values
 * limitRange: {default: {cpu: 1}}       # ... policies.limitRange
 * networkPolicy: true                   # ... policies.networkPolicy
 * values: {...}                         # vcluster.yaml
 * @endcode
 * Owner and expiry become annotations of the control plane's workload, in
 * controlPlane.statefulSet.annotations of the values. Lists and `vcl reap` see them; but what a
 * repository makes is deleted there.
 *
 * A TeamCluster document, as vcluster_config_set_tenant() takes it, is a spec as well: its metadata
 * and spec stand for name, team and what the values say of Kubernetes' version, quota, limit range
 * and network policies, and the other keys may stand beside them. The quota has the share of the
 * control plane on top, for `manifests` that of @p chart.
 * @code
 * kind: TeamCluster
 * metadata: {name: team-payments}
 * spec: {team: payments, kubernetesVersion: "1.35", resourceQuota: {cpu: "8", memory: 16Gi}}
 * format: flux
 * @endcode
 *
 * Formats, all below `clusters/NAME/`:
 * - `argocd`: application.yaml. With `git.repository` the values are a file of their own,
 *   vcluster.yaml, beside it; else they are inside.
 * - `argocd-applicationset`: vcluster.yaml, and in `clusters/applicationset.yaml` (the same for all
 *   folders) an ApplicationSet that makes a virtual cluster of each folder. Its namespace is always
 *   vcluster-NAME.
 * - `argocd-cluster`: cluster-secret.yaml, with which Argo CD deploys into the virtual cluster. The
 *   spec has its kubeconfig as text in `kubeconfig`. **The file holds credentials**: apply it, or
 *   seal it before it goes into a repository.
 * - `flux`: namespace, HelmRepository or OCIRepository, HelmRelease, kustomization. The values get
 *   a Secret NAME-kubeconfig (key `config`) for Flux to deploy into the virtual cluster with,
 * unless they say something about exportKubeConfig.
 * - `manifests`: the rendered objects of @p chart, ResourceQuota, LimitRange and NetworkPolicy in
 *   files of their own, namespace, kustomization, and the values for whoever renders them again.
 *
 * Charts that Argo CD, Flux or kustomize apply are no Helm releases of this library:
 * vcluster_instance_delete() and upgrades do not apply to them; the files say so.
 *
 * @param spec    the document
 * @param format  one of the above; NULL: that of the spec, which is `argocd` by default
 * @param chart   for `manifests`: what is rendered; NULL: that of the embedded control plane.
 *                Not used else.
 * @param[out] out_files  freed with vcluster_files_free()
 * @return 0. Expected: CONFIG with all findings: keys that are not known, values of a wrong type,
 *         a version that is not pinned, what would be insecure (`insecure`, plain http, passwords
 *         and tokens in what goes into Git); INVALID_ARGUMENT (no such format).
 * Non-blocking. Thread-safe. @since 0.1
 * @snippet examples/gitops.c gitops
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_gitops_render(const char *spec,
                                                           const char *format,
                                                           const vcluster_chart *chart,
                                                           vcluster_files **out_files,
                                                           vcluster_error **error);

/**
 * Read the spec of a virtual cluster back from files: those that vcluster_gitops_render() made,
 * which it makes again from the spec byte for byte, or others that say no more than a spec can.
 * Owner, expiry, quota, limit range and network policies are in fields of the spec, not in its
 * values. Where a TeamCluster document stands for the same, the spec is one: the quota is without
 * the share of the control plane (in `manifests` of the embedded one only, as the chart has to be
 * known), the version of Kubernetes the exact one. Cluster Secrets of Argo CD, and what is no YAML,
 * are passed over.
 *
 * @param files  with the paths they have in the repository
 * @param name   which virtual cluster; NULL where the files describe one
 * @param[out] out_spec  YAML, freed with vcluster_free()
 * @return 0. Expected: NOT_FOUND (no virtual cluster of that name; a file of values or a source of
 *         Flux is missing), INVALID_ARGUMENT (several, and no name), CONFIG (no YAML), UNSUPPORTED
 *         (helm.parameters, valuesFrom, several places of values).
 * Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_gitops_import(const vcluster_files *files,
                                                           const char *name,
                                                           char **out_spec,
                                                           vcluster_error **error);

VCLUSTER_END_DECLS

#endif
