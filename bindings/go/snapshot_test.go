// SPDX-License-Identifier: Apache-2.0

package vcluster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

func TestSnapshotRestoreAndCerts(t *testing.T) {
	host, ctx := vctest.Client(t), within(t)
	name := fmt.Sprintf("go-snap-%d", os.Getpid())
	namespace := "vcluster-" + name
	config, err := vcluster.ParseConfig(
		[]byte("controlPlane: {statefulSet: {persistence: {volumeClaim: {size: 64Mi}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	t.Cleanup(func() { // the test's context has ended by now
		after, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := host.Delete(after, name, vcluster.DeleteOptions{Namespace: namespace, MissingOK: true}); err != nil {
			t.Error(err)
		}
	})
	if _, err = host.Ensure(ctx, name,
		vcluster.EnsureOptions{Config: config, Namespace: namespace, Distribution: "embedded"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state")
	taken, err := host.Snapshot(ctx, name, path, vcluster.SnapshotOptions{Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	if described, err := vcluster.DescribeSnapshot(path); err != nil || *described != *taken || taken.Name != name {
		t.Fatalf("%v, %v, %v", taken, described, err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	restored, err := host.Restore(ctx, name, "", vcluster.SnapshotOptions{Namespace: namespace, File: file})
	if err != nil || restored.Name != name {
		t.Fatalf("%v, %v", restored, err)
	}
	options := vcluster.InstanceOptions{Namespace: namespace}
	request := vcluster.SnapshotRequestOptions{Namespace: namespace}
	if _, err = host.RequestSnapshot(ctx, name, "container:///data/a", request); !errors.Is(err, vcluster.ErrUnsupported) {
		t.Errorf("a request to the embedded distribution: %v", err)
	}
	if requests, err := host.SnapshotRequests(ctx, name, options); err != nil || len(requests) != 0 {
		t.Errorf("%v, %v", requests, err)
	}
	if _, err = host.RotateCerts(ctx, name, options); err != nil {
		t.Fatal(err)
	}
	certificates, err := host.Certs(ctx, name, options)
	if err != nil || len(certificates) < 10 {
		t.Fatalf("%v, %v", certificates, err)
	}
	for _, certificate := range certificates {
		if certificate.Status != "valid" || certificate.SecondsLeft <= 0 {
			t.Errorf("%+v", certificate)
		}
	}
}

func TestWhereNothingIsKeptNothingIsRestoredOrDeleted(t *testing.T) {
	host, err := vcluster.NewFakeClient(vcluster.FakeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	ctx := within(t)
	if _, err := host.Create(ctx, "dev", vcluster.EnsureOptions{Distribution: "embedded"}); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(name, url string) error{
		"restore": func(name, url string) error {
			_, err := host.RestoreFrom(ctx, name, url, vcluster.InstanceOptions{})
			return err
		},
		"delete": func(name, url string) error {
			_, err := host.DeleteSnapshot(ctx, name, url, vcluster.SnapshotRequestOptions{})
			return err
		},
		"list": func(name, url string) error {
			_, err := host.StoredSnapshots(ctx, name, url, vcluster.InstanceOptions{})
			return err
		},
	}
	for what, call := range calls {
		if err := call("dev", "container:///data/a.tar.gz"); !errors.Is(err, vcluster.ErrUnsupported) {
			t.Errorf("%s, of the embedded distribution: %v", what, err)
		}
		if err := call("none", "s3://bucket/key"); !errors.Is(err, vcluster.ErrNotFound) {
			t.Errorf("%s, of none: %v", what, err)
		}
		if err := call("dev", "/data/a.tar.gz"); !errors.Is(err, vcluster.ErrInvalidArgument) {
			t.Errorf("%s, of no URL: %v", what, err)
		}
	}
}

func TestDescribeSnapshotRefusesWhatIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none")
	if err := os.WriteFile(path, []byte("VCLSNAP\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vcluster.DescribeSnapshot(path); !errors.Is(err, vcluster.ErrProtocol) {
		t.Fatal(err)
	}
	if _, err := vcluster.DescribeSnapshot(path + "x"); !errors.Is(err, vcluster.ErrNotFound) {
		t.Fatal(err)
	}
}
