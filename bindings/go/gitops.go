// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import "encoding/json"

// GitOpsSpec is a virtual cluster that lives in a Git repository. All but Name have defaults.
type GitOpsSpec struct {
	Name          string         `json:"name"`
	Namespace     string         `json:"namespace,omitempty"`     // "": vcluster-NAME
	Team          string         `json:"team,omitempty"`          // a label of the namespace
	Owner         string         `json:"owner,omitempty"`         // as that of a lease
	Expires       string         `json:"expires,omitempty"`       // such as "2026-12-31T18:00:00Z"; "": never
	Format        string         `json:"format,omitempty"`        // "argocd", "argocd-applicationset", "argocd-cluster", "flux", "manifests"
	Chart         GitOpsChart    `json:"chart"`                   // where the chart comes from
	Git           GitOpsGit      `json:"git"`                     // where the files will be
	ArgoCD        GitOpsArgoCD   `json:"argocd"`                  // of Argo CD
	Flux          GitOpsFlux     `json:"flux"`                    // of Flux
	Quota         map[string]any `json:"quota,omitempty"`         // written to policies.resourceQuota of the values
	LimitRange    map[string]any `json:"limitRange,omitempty"`    // ... policies.limitRange
	NetworkPolicy bool           `json:"networkPolicy,omitempty"` // ... policies.networkPolicy
	Values        map[string]any `json:"values,omitempty"`        // vcluster.yaml
	Kubeconfig    string         `json:"kubeconfig,omitempty"`    // for argocd-cluster
}

// GitOpsChart is where a chart comes from.
type GitOpsChart struct {
	Repository string `json:"repository,omitempty"` // "": upstream's
	Name       string `json:"name,omitempty"`       // "": vcluster
	Version    string `json:"version,omitempty"`    // exactly one; "": UpstreamChartVersion
}

// GitOpsGit is where the files of a virtual cluster will be.
type GitOpsGit struct {
	Repository string `json:"repository,omitempty"` // https or ssh
	Revision   string `json:"revision,omitempty"`   // "": main
	Path       string `json:"path,omitempty"`       // "": clusters
}

// GitOpsArgoCD is what Argo CD is told.
type GitOpsArgoCD struct {
	Namespace string `json:"namespace,omitempty"` // "": argocd
	Project   string `json:"project,omitempty"`   // "": default
	Server    string `json:"server,omitempty"`    // of the host; "": where Argo CD runs
}

// GitOpsFlux is what Flux is told.
type GitOpsFlux struct {
	Interval string `json:"interval,omitempty"` // "": 10m
}

// RenderGitOps makes the files that Argo CD, Flux or kustomize need for one virtual cluster, by path;
// byte for byte the same from the same spec. Nothing is sent anywhere, nothing is written. The format
// manifests renders the chart; nil is that of the embedded control plane. The format argocd-cluster
// makes a file that holds credentials: apply it, or seal it before it goes into a repository. An
// ErrConfig has all findings: what is not known, not pinned or not safe.
func RenderGitOps(spec GitOpsSpec, chart *Chart) (map[string]string, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, invalid("the spec has no JSON form: %v", err)
	}
	return RenderGitOpsText(text, "", chart)
}

// RenderGitOpsText is [RenderGitOps] for a spec in YAML or JSON, which may be a TeamCluster document
// (see [Config.SetTenant]) with keys of a spec beside its own. The format may be "": that of the spec.
func RenderGitOpsText(spec []byte, format string, chart *Chart) (files map[string]string, err error) {
	var memory scope
	defer memory.done()

	cSpec, cFormat := memory.text(string(spec)), memory.optional(format)
	if memory.err != nil {
		return nil, memory.err
	}
	err = withChart(chart, func(cChart *C.vcluster_chart) error {
		var cFiles *C.vcluster_files
		var cError *C.vcluster_error
		if status := C.vcluster_gitops_render(cSpec, cFormat, cChart, &cFiles, &cError); status < 0 {
			return failure(status, cError)
		}
		files = takeFiles(cFiles)
		return nil
	})
	return files, err
}

// takeFiles copies a list of files and frees it.
func takeFiles(cFiles *C.vcluster_files) map[string]string {
	defer C.vcluster_files_free(cFiles)
	files := make(map[string]string)
	for i := range C.vcluster_files_size(cFiles) {
		files[C.GoString(C.vcluster_files_path(cFiles, i))] = C.GoString(C.vcluster_files_text(cFiles, i))
	}
	return files
}

// ImportGitOps reads the spec of a virtual cluster back from files, as YAML. Of what [RenderGitOps] made, the
// spec makes the same files again, and says owner, expiry and policies in its own keys; it is a TeamCluster
// document where one stands for the files. Others are read as far as a spec can say the same. The paths are
// those in the repository; the name may be "" where the files describe one virtual cluster. It fails with ErrNotFound
// (no such virtual cluster, or a file that another one names is missing) or ErrUnsupported.
func ImportGitOps(files map[string]string, name string) ([]byte, error) {
	var memory scope
	defer memory.done()

	var cFiles *C.vcluster_files
	var cError *C.vcluster_error
	if status := C.vcluster_files_new(&cFiles, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	defer C.vcluster_files_free(cFiles)
	for path, text := range files {
		cPath, cText := memory.text(path), memory.text(text)
		if memory.err != nil {
			return nil, memory.err
		}
		if status := C.vcluster_files_add(cFiles, cPath, cText, &cError); status < 0 {
			return nil, failure(status, cError)
		}
	}
	cName := memory.optional(name)
	if memory.err != nil {
		return nil, memory.err
	}
	var spec *C.char
	if status := C.vcluster_gitops_import(cFiles, cName, &spec, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return take(spec), nil
}
