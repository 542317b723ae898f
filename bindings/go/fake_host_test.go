// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func newFakeHost(t *testing.T, options FakeOptions) *FakeClient {
	t.Helper()
	host, err := NewFakeClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close() })
	return host
}

func TestFakeHostTellsItsRequests(t *testing.T) {
	var lines []string
	host := newFakeHost(t, FakeOptions{
		KubernetesVersion: "v1.34.2",
		Namespace:         "team",
		Objects:           "{apiVersion: v1, kind: Namespace, metadata: {name: team}}",
		Faults:            []Fault{{Path: "/version", Status: 403, Message: "not today"}},
		Log:               func(_ slog.Level, line string) { lines = append(lines, line) },
	})
	if _, err := host.ServerVersion(t.Context()); !errors.Is(err, ErrPermission) {
		t.Fatalf("a fault was not told: %v", err)
	}
	if err := host.SetFaults(); err != nil {
		t.Fatal(err)
	}
	version, err := host.ServerVersion(t.Context())
	if err != nil || version != "v1.34.2" || host.Namespace() != "team" {
		t.Fatalf("%q in %q: %v", version, host.Namespace(), err)
	}
	requests, err := host.Requests(true)
	if err != nil || len(requests) != 2 || requests[0] != (FakeRequest{"", "GET", "/version", 403}) {
		t.Fatalf("%v: %v", requests, err)
	}
	if again, err := host.Requests(false); err != nil || len(again) != 0 {
		t.Fatalf("%v: %v", again, err)
	}
	if len(lines) == 0 || !strings.Contains(lines[0], "GET /version 403") {
		t.Errorf("the log is %q", lines)
	}
}

func TestFakeHostTakesObjects(t *testing.T) {
	host := newFakeHost(t, FakeOptions{})
	if err := host.Put("{apiVersion: v1, kind: Node, metadata: {name: b}}"); err != nil {
		t.Fatal(err)
	}
	if _, err := host.GetResource(t.Context(), Ref{APIVersion: "v1", Kind: "Node", Name: "b"}); err != nil {
		t.Fatal(err)
	}
	if err := host.Put("{kind: Nothing}"); !errors.Is(err, ErrConfig) {
		t.Fatalf("an unknown kind was taken: %v", err)
	}
}

func TestDeleteTakesAlongWhatItWouldLeave(t *testing.T) {
	host := newFakeHost(t, FakeOptions{Objects: "{apiVersion: v1, kind: Secret, metadata: {name: copy, " +
		"namespace: default, labels: {app: vcluster, vcluster-name: dev}}}"})
	options := EnsureOptions{Distribution: Embedded, NoWait: true}
	if _, err := host.Ensure(t.Context(), "dev", options); err != nil {
		t.Fatal(err)
	}
	for too, expected := range map[bool]Action{false: ActionLeak, true: ActionRemove} {
		plan, err := host.PlanDelete(t.Context(), "dev", DeleteOptions{LeftoversToo: too})
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range plan.Changes {
			if change.Name == "copy" && change.Action != expected {
				t.Errorf("leftovers too: %v: %v", too, change)
			}
		}
	}
	if err := host.Delete(t.Context(), "dev", DeleteOptions{LeftoversToo: true}); err != nil {
		t.Fatal(err)
	}
	copied := Ref{APIVersion: "v1", Kind: "Secret", Namespace: "default", Name: "copy"}
	if _, err := host.GetResource(t.Context(), copied); !errors.Is(err, ErrNotFound) {
		t.Fatalf("the copy of the kubeconfig is left: %v", err)
	}
}

func TestMistakesInFaultsAreFindings(t *testing.T) {
	_, err := NewFakeClient(FakeOptions{Faults: []Fault{{Status: 99}, {Cut: "maybe"}}})
	var failure *Error
	if !errors.As(err, &failure) || len(failure.Findings) != 2 {
		t.Fatalf("%v", err)
	}
}

func TestFakeClientThatIsClosed(t *testing.T) {
	host := newFakeHost(t, FakeOptions{})
	_ = host.Close()
	if err := host.SetFaults(); !errors.Is(err, ErrClosed) {
		t.Fatalf("%v", err)
	}
}
