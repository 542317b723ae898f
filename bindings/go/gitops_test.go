// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRenderGitOpsIsTheSameAsInC(t *testing.T) {
	folder := filepath.Join("..", "..", "tests", "fixtures", "gitops")
	for _, name := range []string{"argocd", "argocd-git", "applicationset", "cluster", "flux", "flux-oci",
		"lease", "team-cluster", "team-cluster-set"} {
		spec, err := os.ReadFile(filepath.Join(folder, name, "spec.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		files, err := RenderGitOpsText(spec, "", nil)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", name, len(files), err)
		}
		for path, text := range files {
			wanted, err := os.ReadFile(filepath.Join(folder, name, "files", filepath.FromSlash(path)))
			if err != nil || string(wanted) != text {
				t.Errorf("%s: %s differs (%v)", name, path, err)
			}
		}
	}
}

func TestRenderGitOps(t *testing.T) {
	files, err := RenderGitOps(GitOpsSpec{
		Name: "dev", Format: "manifests", Quota: map[string]any{"pods": "5"}, NetworkPolicy: true,
	}, nil)
	if err != nil || !strings.Contains(files["clusters/dev/quota.yaml"], `pods: "5"`) {
		t.Fatalf("%v, %v", files, err)
	}
	_, err = RenderGitOps(GitOpsSpec{Name: "dev", Chart: GitOpsChart{Version: "*"}}, nil)
	var failed *Error
	if !errors.Is(err, ErrConfig) || !errors.As(err, &failed) || failed.Findings[0].Path != "chart.version" {
		t.Fatalf("a version that is not pinned gives %v", err)
	}
}

func TestImportGitOps(t *testing.T) {
	files, err := RenderGitOps(GitOpsSpec{Name: "dev", Format: "flux", NetworkPolicy: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := ImportGitOps(files, "dev")
	if err != nil {
		t.Fatal(err)
	}
	again, err := RenderGitOpsText(spec, "", nil)
	if err != nil || !maps.Equal(files, again) {
		t.Fatalf("the files differ: %v", err)
	}
	if _, err = ImportGitOps(files, "other"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("another name gives %v", err)
	}
}

func TestImportGitOpsFields(t *testing.T) {
	plain, err := RenderGitOps(GitOpsSpec{Name: "dev", Owner: "o", NetworkPolicy: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := RenderGitOpsText([]byte("kind: TeamCluster\nmetadata: {name: dev}\nspec: {team: b, preset: small}\n"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		files map[string]string
		lines []string
	}{
		{plain, []string{"\nowner: o\n", "\nnetworkPolicy: true\n"}},
		{tenant, []string{"\nkind: TeamCluster\n", "\n  team: b\n", "\n    cpu: \"2\"\n"}},
	} {
		spec, err := ImportGitOps(test.files, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range test.lines {
			if !strings.Contains(string(spec), line) {
				t.Errorf("no %q in %s", line, spec)
			}
		}
		if strings.Contains(string(spec), "policies") {
			t.Errorf("policies are in the values: %s", spec)
		}
	}
}
