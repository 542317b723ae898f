// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTimesAreCheckedBeforeAnythingIsSent(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})
	ctx := t.Context()

	_, err := client.Ensure(ctx, "dev", EnsureOptions{ExpiresAt: time.Unix(1, 0)})
	if !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), "not in the future") {
		t.Errorf("a time in the past: %v", err)
	}
	if _, err = client.Extend(ctx, "dev", ExtendOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("no time: %v", err)
	}
	if client.RequestCount() != 0 {
		t.Errorf("%d requests were sent", client.RequestCount())
	}
}

func TestBatchTellsEachFailure(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})
	var operations []Operation

	for i := range 5 {
		operations = append(operations, DeleteOperation(fmt.Sprint("many-", i), DeleteOptions{Namespace: "x"}))
	}
	operations = append(operations,
		EnsureOperation("made", EnsureOptions{TTL: time.Minute, Distribution: "none"}),
		CreateOperation("Bad_Name", EnsureOptions{}),
		WaitOperation("made", InstanceOptions{Namespace: "x"}),
		ExtendOperation("made", ExtendOptions{TTL: time.Minute, ClearOwner: true}),
		PauseOperation("made", PauseOptions{Namespace: "x"}),
		ResumeOperation("made", PauseOptions{NoWait: true}))
	seen := map[int]Result{}
	for result, err := range client.Batch(t.Context(), operations, BatchOptions{Parallel: 3}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[result.Index] = result
	}
	if len(seen) != len(operations) {
		t.Fatalf("%d of %d results came", len(seen), len(operations))
	}
	if got := seen[6]; got.Operation != "create" || !errors.Is(got.Err, ErrInvalidArgument) {
		t.Errorf("a bad name: %+v", got)
	}
	for i, result := range seen {
		if result.Err == nil {
			t.Errorf("operation %d (%s) succeeded against nothing", i, result.Operation)
		}
	}
}

func TestBatchRefusesANULByte(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})
	operations := []Operation{DeleteOperation("a\x00b", DeleteOptions{})}
	for _, err := range client.Batch(t.Context(), operations, BatchOptions{}) {
		if !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("got %v", err)
		}
	}
}

func TestReapThatCannotLookFails(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})
	failed := false
	for _, err := range client.Reap(t.Context(), ReapOptions{DryRun: true, Grace: time.Minute}) {
		failed = failed || err != nil
	}
	if !failed {
		t.Error("a reaper that sees nothing reported success")
	}
}

func TestReapManifest(t *testing.T) {
	text, err := ReapManifest(ReapManifestOptions{Image: "registry/vcl:1", Namespace: "ops"})
	if err != nil || !strings.Contains(string(text), "namespace: ops") {
		t.Errorf("%v: %s", err, text)
	}
	if _, err = ReapManifest(ReapManifestOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("no image: %v", err)
	}
}

func TestBatchOfSnapshots(t *testing.T) {
	host, err := NewFakeClient(FakeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	operations := []Operation{
		SnapshotOperation("gone", filepath.Join(t.TempDir(), "file"), SnapshotOptions{Namespace: "here"}),
		SnapshotOperation("gone", "", SnapshotOptions{Namespace: "here", File: file}),
		RestoreOperation("gone", filepath.Join(t.TempDir(), "none"), SnapshotOptions{Namespace: "here"}),
	}
	var told []string
	for result, err := range host.Batch(t.Context(), operations, BatchOptions{Parallel: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		if !errors.Is(result.Err, ErrNotFound) || result.Namespace != "here" {
			t.Errorf("%+v", result)
		}
		told = append(told, result.Operation)
	}
	if strings.Join(told, " ") != "snapshot snapshot restore" {
		t.Errorf("%q", told)
	}
}

func TestAdoptChecksAndLooks(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})

	if _, err := client.Adopt(t.Context(), "dev", AdoptOptions{Namespace: "Not_One"}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a bad namespace: %v", err)
	}
	plan, err := client.Adopt(t.Context(), "dev", AdoptOptions{Owner: "ann", DryRun: true, TakeOver: true, Align: true})
	if err == nil || plan != nil || !strings.Contains(err.Error(), "adopt virtual cluster 'dev'") {
		t.Errorf("a host without the lists: %v, %v", plan, err)
	}
}

func TestAuditThatCannotLookFails(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})

	if _, err := client.Audit(t.Context(), AuditOptions{Namespace: "Not_One"}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a bad namespace: %v", err)
	}
	plan, err := client.Audit(t.Context(), AuditOptions{Remove: true, VolumesToo: true, Grace: -1})
	if err == nil || plan != nil || !strings.Contains(err.Error(), "audit the host") {
		t.Errorf("a host without the lists: %v, %v", plan, err)
	}
	if _, err = client.PlanDelete(t.Context(), "Bad_Name", DeleteOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a bad name: %v", err)
	}
}
