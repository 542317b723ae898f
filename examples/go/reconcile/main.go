// SPDX-License-Identifier: Apache-2.0

// Reconcile keeps virtual clusters equal to what ConfigMaps of one namespace ask for: each with the
// label "team-cluster" gets one of its own name, whose state comes back as an annotation. Without
// its ConfigMap it is deleted.
//
//	reconcile NAMESPACE
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

const (
	label      = "team-cluster"
	annotation = "example.libvcluster.dev/state"
	resync     = time.Minute // whatever a watch has missed, and what failed, is tried again then
)

// request is a ConfigMap that asks for a virtual cluster.
type request struct {
	Metadata struct {
		Name        string
		Annotations map[string]string
	}
	Data struct {
		KubernetesVersion string `json:"kubernetesVersion"`
	}
}

// controller is bound to a namespace, whose name is also the owner of what it makes.
type controller struct {
	host      *vcluster.Client
	namespace string
	log       *slog.Logger
}

// run reconciles at every change and once a minute, until the context ends.
func (c *controller) run(ctx context.Context) error {
	changed := make(chan struct{}, 1) // many changes at once are one
	go c.watch(ctx, changed)
	ticker := time.NewTicker(resync)
	defer ticker.Stop()
	for {
		if err := c.reconcile(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("reconcile", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-ticker.C:
		}
	}
}

// watch tells of changes of the requests. A watch that breaks is begun again, and the list with
// which it begins is a change, too.
func (c *controller) watch(ctx context.Context, changed chan<- struct{}) {
	options := vcluster.ResourceListOptions{Namespace: c.namespace, LabelSelector: label}
	for ctx.Err() == nil {
		for _, err := range c.host.WatchResources(ctx, "v1", "ConfigMap", options) {
			if err != nil {
				break
			}
			select {
			case changed <- struct{}{}:
			default:
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// reconcile compares what is wanted with what is there, and carries out the difference at once.
func (c *controller) reconcile(ctx context.Context) error {
	wanted, err := c.wanted(ctx)
	if err != nil {
		return err
	}
	existing, err := c.host.List(ctx, vcluster.ListOptions{})
	if err != nil {
		return err
	}
	var operations []vcluster.Operation
	for name, one := range wanted {
		operations = append(operations, vcluster.EnsureOperation(name, vcluster.EnsureOptions{
			Namespace:         "vcluster-" + name,
			Distribution:      vcluster.Embedded,
			KubernetesVersion: one.Data.KubernetesVersion,
			Owner:             c.namespace,
		}))
	}
	for _, one := range existing {
		if _, ok := wanted[one.Name]; !ok && one.Owner == c.namespace {
			operations = append(operations, vcluster.DeleteOperation(one.Name,
				vcluster.DeleteOptions{Namespace: one.Namespace, MissingOK: true}))
		}
	}
	return c.carryOut(ctx, operations, wanted)
}

func (c *controller) wanted(ctx context.Context) (map[string]request, error) {
	list, err := c.host.ListResources(ctx, "v1", "ConfigMap",
		vcluster.ResourceListOptions{Namespace: c.namespace, LabelSelector: label})
	if err != nil {
		return nil, err
	}
	wanted := map[string]request{}
	for _, item := range list.Items {
		var one request
		if err := json.Unmarshal(item, &one); err != nil {
			return nil, err
		}
		wanted[one.Metadata.Name] = one
	}
	return wanted, nil
}

func (c *controller) carryOut(ctx context.Context, operations []vcluster.Operation,
	wanted map[string]request) error {
	var failures []error
	for result, err := range c.host.Batch(ctx, operations, vcluster.BatchOptions{}) {
		if err != nil {
			return err
		}
		c.log.Info(result.Operation, "name", result.Name, "error", result.Err)
		state := "ready"
		if result.Err != nil {
			failures = append(failures, result.Err)
			state = result.Err.Error()
		}
		if one, ok := wanted[result.Name]; ok && one.Metadata.Annotations[annotation] != state {
			failures = append(failures, c.tell(ctx, result.Name, state))
		}
	}
	return errors.Join(failures...)
}

// tell writes the state to the request. Writing it is a change itself, which finds nothing to do.
func (c *controller) tell(ctx context.Context, name, state string) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"annotations": map[string]string{annotation: state}},
	})
	if err != nil {
		return err
	}
	ref := vcluster.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: c.namespace, Name: name}
	_, err = c.host.PatchResource(ctx, ref, patch, vcluster.ApplyOptions{})
	if errors.Is(err, vcluster.ErrNotFound) {
		return nil // it was withdrawn in the meantime
	}
	return err
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: reconcile NAMESPACE")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	host, err := vcluster.NewClient(vcluster.ClientOptions{UserAgent: "reconcile"})
	if err == nil {
		defer host.Close()
		err = (&controller{host, os.Args[1], slog.Default()}).run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "reconcile:", err)
		os.Exit(1)
	}
}
