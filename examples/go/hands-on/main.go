// SPDX-License-Identifier: Apache-2.0

// Hands-on is a first exercise: two virtual clusters, what one of them has the other does not see,
// and what the host sees of both.
//
// With the embedded control plane pods stay Pending; the steps that look at them on the host are
// named and left out. VALUES are for upstream's, which runs them.
//
//	hands-on NAME [VALUES [IMAGE]]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

const (
	namespace  = `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}}`
	deployment = `{"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": {"name": "web", "namespace": "demo"},
		"spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
			"template": {"metadata": {"labels": {"app": "web"}},
				"spec": {"containers": [{"name": "web", "image": %q}]}}}}`
)

var fresh = []string{"default", "kube-node-lease", "kube-public", "kube-system"}

// object is what the exercise looks at in namespaces, Deployments and pods.
type object struct {
	Metadata struct{ Name string }
	Status   struct {
		Phase                   string
		Replicas, ReadyReplicas int
	}
}

// exercise is one run of it.
type exercise struct {
	host  *vcluster.Client
	name  string
	image string
	made  vcluster.EnsureOptions
}

func (e *exercise) runsPods() bool { return e.made.Distribution == vcluster.Upstream }

func expect(what string, wanted, found []string) error {
	if !slices.Equal(wanted, found) {
		return fmt.Errorf("%s: expected %q, found %q", what, wanted, found)
	}
	fmt.Println("ok:", what)
	return nil
}

func list(ctx context.Context, client *vcluster.Client, kind, namespace string) ([]object, error) {
	found, err := client.ListResources(ctx, "v1", kind, vcluster.ResourceListOptions{Namespace: namespace})
	if err != nil {
		return nil, err
	}
	objects := make([]object, len(found.Items))
	for i, item := range found.Items {
		if err := json.Unmarshal(item, &objects[i]); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

func namespaces(ctx context.Context, client *vcluster.Client) ([]string, error) {
	objects, err := list(ctx, client, "Namespace", "")
	var names []string
	for _, one := range objects {
		names = append(names, one.Metadata.Name)
	}
	slices.Sort(names)
	return names, err
}

// inside makes a virtual cluster and gives its client to use.
func (e *exercise) inside(ctx context.Context, name string, use func(*vcluster.Client) error) error {
	if _, err := e.host.Create(ctx, name, e.made); err != nil {
		return err
	}
	client, err := e.host.Open(ctx, name, vcluster.InstanceOptions{})
	if err != nil {
		return err
	}
	return errors.Join(use(client), client.Close())
}

func (e *exercise) deploy(ctx context.Context, client *vcluster.Client) error {
	for _, manifest := range []string{namespace, fmt.Sprintf(deployment, e.image)} {
		if _, err := client.ApplyResource(ctx, []byte(manifest), vcluster.ApplyOptions{}); err != nil {
			return err
		}
	}
	options := vcluster.ResourceListOptions{Namespace: "demo"}
	for event, err := range client.WatchResources(ctx, "apps/v1", "Deployment", options) {
		var web object
		if err == nil {
			err = json.Unmarshal(event.Object, &web)
		}
		if err != nil {
			return err
		}
		if web.Status.ReadyReplicas == 2 || (!e.runsPods() && web.Status.Replicas == 2) {
			break
		}
	}
	pods, err := list(ctx, client, "Pod", "demo")
	if err != nil {
		return err
	}
	var phases []string
	for _, pod := range pods {
		phases = append(phases, pod.Status.Phase)
	}
	if e.runsPods() {
		return expect("its two pods run", []string{"Running", "Running"}, phases)
	}
	return expect("its controllers made two pods, which nothing runs", []string{"Pending", "Pending"}, phases)
}

// look finds the pods of the first one on the host.
func (e *exercise) look(ctx context.Context) error {
	if !e.runsPods() {
		fmt.Println("skipped: pods of 'web' on the host with rewritten names (nothing runs them)")
		return nil
	}
	objects, err := e.host.HostObjects(ctx, e.name, vcluster.InstanceOptions{})
	if err != nil {
		return err
	}
	var found, wanted []string
	for _, one := range objects {
		if one.Kind != "Pod" || one.VirtualNamespace != "demo" {
			continue
		}
		rule, err := vcluster.HostName(e.name, one.Namespace, "Pod", "demo", one.VirtualName)
		if err != nil {
			return err
		}
		found, wanted = append(found, one.Name), append(wanted, rule)
	}
	if len(found) != 2 {
		return fmt.Errorf("the host has %d pods of 'web', and not two", len(found))
	}
	if err := expect("the host runs them, under names of its own", wanted, found); err != nil {
		return err
	}
	known, err := namespaces(ctx, e.host)
	if err != nil {
		return err
	}
	if slices.Contains(known, "demo") {
		return errors.New("the host has a namespace 'demo'")
	}
	fmt.Println("ok: and knows no namespace 'demo'")
	return nil
}

func (e *exercise) compare(ctx context.Context, client *vcluster.Client, what string) error {
	found, err := namespaces(ctx, client)
	if err != nil {
		return err
	}
	return expect(what, fresh, found)
}

func (e *exercise) run(ctx context.Context) (err error) {
	other := e.name + "-2"
	defer func() {
		for _, one := range []string{e.name, other} {
			gone := vcluster.DeleteOptions{MissingOK: true}
			err = errors.Join(err, e.host.Delete(context.WithoutCancel(ctx), one, gone))
		}
	}()
	err = e.inside(ctx, e.name, func(client *vcluster.Client) error {
		if err := e.compare(ctx, client, "a new one has its own namespaces only"); err != nil {
			return err
		}
		return e.deploy(ctx, client)
	})
	if err == nil {
		err = e.look(ctx)
	}
	if err != nil {
		return err
	}
	return e.inside(ctx, other, func(client *vcluster.Client) error {
		return e.compare(ctx, client, "the second knows nothing of 'demo'")
	})
}

// exerciseOf reads the command line.
func exerciseOf(host *vcluster.Client, arguments []string) (*exercise, error) {
	e := &exercise{host: host, name: arguments[0], image: "nginx"}
	e.made = vcluster.EnsureOptions{Distribution: vcluster.Embedded, TTL: time.Hour}
	if len(arguments) > 1 {
		config, err := vcluster.LoadConfig(arguments[1])
		if err != nil {
			return nil, err
		}
		e.made.Distribution, e.made.Config = vcluster.Upstream, config
	}
	if len(arguments) > 2 {
		e.image = arguments[2]
	}
	return e, nil
}

func run(ctx context.Context, arguments []string) error {
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		return err
	}
	defer host.Close()
	e, err := exerciseOf(host, arguments)
	if err != nil {
		return err
	}
	if e.made.Config != nil {
		defer e.made.Config.Close()
	}
	if err := e.run(ctx); err != nil {
		return err
	}
	left, err := host.List(ctx, vcluster.ListOptions{})
	if err != nil {
		return err
	}
	for _, one := range left {
		if one.Name == e.name || one.Name == e.name+"-2" {
			return fmt.Errorf("virtual cluster %q is still there", one.Name)
		}
	}
	fmt.Println("ok: both are gone")
	return nil
}

func main() {
	if len(os.Args) < 2 || len(os.Args) > 4 {
		fmt.Fprintln(os.Stderr, "usage: hands-on NAME [VALUES [IMAGE]]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hands-on:", err)
		stop()
		os.Exit(1)
	}
}
