// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const connection = `clusters: [{name: k, cluster: {server: 'https://dev.example.com'}}]
users: [{name: u, user: {token: t}}]
contexts:
- name: dev
  context:
    cluster: k
    user: u
    extensions: [{name: libvcluster, extension: {name: dev, namespace: team}}]
current-context: dev
`

const own = `# mine
clusters: [{name: a, cluster: {server: 'https://a'}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {token: a}}]
current-context: a # now
`

func ownKubeconfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMergedKubeconfigIsGivenBack(t *testing.T) {
	ctx, path := context.Background(), ownKubeconfig(t)
	name, err := MergeKubeconfig(ctx, []byte(connection), MergeOptions{Path: path, SetCurrent: true})
	if err != nil || name != "dev" {
		t.Fatalf("merge: %q, %v", name, err)
	}
	if !strings.Contains(contents(t, path), "current-context: dev # now") {
		t.Errorf("the context was not switched:\n%s", contents(t, path))
	}
	name, err = RemoveFromKubeconfig(ctx, RemoveOptions{Path: path, Name: "dev", Namespace: "team"})
	if err != nil || name != "dev" {
		t.Fatalf("remove: %q, %v", name, err)
	}
	if contents(t, path) != own {
		t.Errorf("not as before:\n%s", contents(t, path))
	}
}

func TestKubeconfigOfOthersIsLeftAlone(t *testing.T) {
	ctx, path := context.Background(), ownKubeconfig(t)
	_, err := MergeKubeconfig(ctx, []byte(connection), MergeOptions{Path: path, ContextName: "a"})
	if !errors.Is(err, ErrAlreadyExists) {
		t.Errorf("merge over a foreign context: %v", err)
	}
	if _, err = RemoveFromKubeconfig(ctx, RemoveOptions{Path: path}); !errors.Is(err, ErrPrecondition) {
		t.Errorf("remove a foreign context: %v", err)
	}
	if _, err = RemoveFromKubeconfig(ctx, RemoveOptions{Path: path, Name: "dev"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("remove what is not there: %v", err)
	}
	name, err := RemoveFromKubeconfig(ctx, RemoveOptions{Path: path, Name: "dev", MissingOK: true})
	if err != nil || name != "" {
		t.Errorf("remove what may be missing: %q, %v", name, err)
	}
	if contents(t, path) != own {
		t.Errorf("not as before:\n%s", contents(t, path))
	}
}

func TestSavedKubeconfigIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "out")
	if err := SaveKubeconfig(context.Background(), []byte(connection), path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || contents(t, path) != connection {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
