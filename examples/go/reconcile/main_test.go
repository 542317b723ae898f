// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

// TestRequestIsKeptAndWithdrawn runs the loop beside it, as a user sees it.
func TestRequestIsKeptAndWithdrawn(t *testing.T) {
	host := vctest.Client(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	name := "reconcile-" + strings.ToLower(rand.Text()[:6])
	apply(t, ctx, host, `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": %q}}`, name)
	t.Cleanup(func() { cleanUp(t, host, name) })

	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- (&controller{host, name, slog.Default()}).run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})

	apply(t, ctx, host, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
		"namespace": %[1]q, "name": %[1]q, "labels": {"team-cluster": ""}},
		"data": {"kubernetesVersion": "1.35"}}`, name)
	ref := vcluster.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: name, Name: name}
	until(t, ctx, host, ref, func(one request) bool {
		return one.Metadata.Annotations[annotation] == "ready"
	})
	made, err := host.Get(ctx, name, vcluster.InstanceOptions{Namespace: "vcluster-" + name})
	if err != nil || made.Owner != name {
		t.Fatalf("got %+v, %v", made, err)
	}

	if err := host.DeleteResource(ctx, ref, vcluster.ResourceDeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for event, err := range host.Watch(ctx, vcluster.ListOptions{Namespace: "vcluster-" + name}) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Type == vcluster.InstanceRemoved {
			break
		}
	}
}

func apply(t *testing.T, ctx context.Context, host *vcluster.Client, format string, name string) {
	t.Helper()
	manifest := fmt.Appendf(nil, format, name)
	if _, err := host.ApplyResource(ctx, manifest, vcluster.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
}

// until watches one object until it is as it should be.
func until(t *testing.T, ctx context.Context, host *vcluster.Client, ref vcluster.Ref,
	done func(request) bool) {
	t.Helper()
	options := vcluster.ResourceListOptions{Namespace: ref.Namespace,
		FieldSelector: "metadata.name=" + ref.Name}
	for event, err := range host.WatchResources(ctx, ref.APIVersion, ref.Kind, options) {
		if err != nil {
			t.Fatal(err)
		}
		var one request
		if err := json.Unmarshal(event.Object, &one); err != nil {
			t.Fatal(err)
		}
		if done(one) {
			return
		}
	}
}

func cleanUp(t *testing.T, host *vcluster.Client, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	options := vcluster.DeleteOptions{Namespace: "vcluster-" + name, MissingOK: true}
	err := host.Delete(ctx, name, options)
	ref := vcluster.Ref{APIVersion: "v1", Kind: "Namespace", Name: name}
	if err := errors.Join(err, host.DeleteResource(ctx, ref, vcluster.ResourceDeleteOptions{})); err != nil {
		t.Error(err)
	}
}
