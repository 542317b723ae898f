// SPDX-License-Identifier: Apache-2.0

// Package tenant is the Go telling of this scenario: two virtual clusters, and what is made in one
// stays unseen by the other and by the host. run.c and run.py tell the same; expected.txt is the
// transcript of all three.
package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

var names = []string{"rosetta-a", "rosetta-b"}

// object is one that is made in the first virtual cluster.
type object struct {
	title    string
	ref      vcluster.Ref
	manifest string
}

var objects = []object{
	{"namespace blue", vcluster.Ref{APIVersion: "v1", Kind: "Namespace", Name: "blue"},
		`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blue"}}`},
	{"configmap blue/settings",
		vcluster.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "blue", Name: "settings"},
		`{"apiVersion": "v1", "kind": "ConfigMap",
		  "metadata": {"name": "settings", "namespace": "blue"}, "data": {"colour": "blue"}}`},
	{"crd widgets.rosetta.example.com",
		vcluster.Ref{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition",
			Name: "widgets.rosetta.example.com"},
		`{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		  "metadata": {"name": "widgets.rosetta.example.com"},
		  "spec": {"group": "rosetta.example.com", "scope": "Namespaced",
		    "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
		    "versions": [{"name": "v1", "served": true, "storage": true, "schema":
		      {"openAPIV3Schema":
		        {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}}`},
	{"widget blue/first",
		vcluster.Ref{APIVersion: "rosetta.example.com/v1", Kind: "Widget", Namespace: "blue",
			Name: "first"},
		`{"apiVersion": "rosetta.example.com/v1", "kind": "Widget",
		  "metadata": {"name": "first", "namespace": "blue"}, "spec": {"size": 1}}`},
	{"clusterrole rosetta-reader",
		vcluster.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRole",
			Name: "rosetta-reader"},
		`{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
		  "metadata": {"name": "rosetta-reader"},
		  "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}`},
	{"serviceaccount blue/robot",
		vcluster.Ref{APIVersion: "v1", Kind: "ServiceAccount", Namespace: "blue", Name: "robot"},
		`{"apiVersion": "v1", "kind": "ServiceAccount",
		  "metadata": {"name": "robot", "namespace": "blue"}}`},
}

// openHost gives the host of $VCLUSTER_TEST_KUBECONFIG, or one in memory.
func openHost(t *testing.T) *vcluster.Client {
	if os.Getenv("VCLUSTER_ROSETTA_HOST") == "fake" {
		return vctest.Fake(t, vcluster.FakeOptions{}).Client
	}
	return vctest.Client(t)
}

// story tells the scenario on a host and collects the transcript.
type story struct {
	*testing.T
	ctx        context.Context
	host       *vcluster.Client
	transcript strings.Builder
}

func (s *story) tell(format string, arguments ...any) {
	line := fmt.Sprintf(format, arguments...)
	fmt.Println(line)
	fmt.Fprintln(&s.transcript, line)
}

func namespaceOf(name string) string { return "vcluster-" + name }

func (s *story) create(name string) {
	instance, err := s.host.Create(s.ctx, name, vcluster.EnsureOptions{
		Namespace:    namespaceOf(name),
		Distribution: vcluster.Embedded,
	})
	if err != nil {
		s.Fatal(err)
	}
	state := "not ready"
	if instance.Ready {
		state = "ready"
	}
	s.tell("create %s: %s", name, state)
}

// list tells of the virtual clusters of this scenario only, so that others may be there.
func (s *story) list() {
	none := true
	for instance, err := range s.host.All(s.ctx) {
		if err != nil {
			s.Fatal(err)
		}
		if strings.HasPrefix(instance.Name, "rosetta-") {
			s.tell("list: %s %s %s", instance.Name, instance.Namespace, instance.Distribution)
			none = false
		}
	}
	if none {
		s.tell("list: none")
	}
}

// adopt one whose release is lost: what is left looks as if manifests had been applied.
func (s *story) adopt(name string) {
	record := vcluster.Ref{APIVersion: "v1", Kind: "Secret", Namespace: namespaceOf(name),
		Name: "sh.helm.release.v1." + name + ".v1"}
	if err := s.host.DeleteResource(s.ctx, record, vcluster.ResourceDeleteOptions{}); err != nil {
		s.Fatal(err)
	}
	plan, err := s.host.Adopt(s.ctx, name, vcluster.AdoptOptions{Namespace: namespaceOf(name)})
	if err != nil {
		s.Fatal(err)
	}
	s.tell("adopt %s: %s, %d change, impact %v", name, plan.Origin, len(plan.Changes), plan.Impact)
}

func (s *story) open(name string) *vcluster.Client {
	client, err := s.host.Open(s.ctx, name, vcluster.InstanceOptions{Namespace: namespaceOf(name)})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = client.Close() })
	return client
}

func (s *story) make(client *vcluster.Client, o object) {
	_, err := client.ApplyResource(s.ctx, []byte(o.manifest), vcluster.ApplyOptions{})
	if err != nil {
		s.Fatal(err)
	}
	if o.ref.Kind == "CustomResourceDefinition" {
		s.established(client, o)
		s.served(client)
	}
	s.tell("%s: made", o.title)
}

// served waits until an accepted kind is among those that the server names.
func (s *story) served(client *vcluster.Client) {
	deadline := time.Now().Add(30 * time.Second)
	for {
		_, err := client.ListResources(s.ctx, "rosetta.example.com/v1", "Widget", vcluster.ResourceListOptions{})
		if err == nil {
			return
		}
		if !errors.Is(err, vcluster.ErrNotFound) || time.Now().After(deadline) {
			s.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// established waits until a new kind is accepted, which takes the API server a moment.
func (s *story) established(client *vcluster.Client, o object) {
	options := vcluster.ResourceListOptions{FieldSelector: "metadata.name=" + o.ref.Name}
	for event, err := range client.WatchResources(s.ctx, o.ref.APIVersion, o.ref.Kind, options) {
		if err != nil {
			s.Fatal(err)
		}
		var definition struct {
			Status struct {
				Conditions []struct{ Type, Status string }
			}
		}
		if err := json.Unmarshal(event.Object, &definition); err != nil {
			s.Fatal(err)
		}
		for _, condition := range definition.Status.Conditions {
			if condition.Type == "Established" && condition.Status == "True" {
				return
			}
		}
	}
}

// sees tells whether a cluster has an object; one that does not serve its kind does not.
func (s *story) sees(who string, client *vcluster.Client, o object) {
	_, err := client.GetResource(s.ctx, o.ref)
	switch {
	case err == nil:
		s.tell("%s sees %s: yes", who, o.title)
	case errors.Is(err, vcluster.ErrNotFound):
		s.tell("%s sees %s: no", who, o.title)
	default:
		s.Fatal(err)
	}
}

func (s *story) delete(name string) {
	err := s.host.Delete(s.ctx, name, vcluster.DeleteOptions{Namespace: namespaceOf(name)})
	if err != nil {
		s.Fatal(err)
	}
	s.tell("delete %s: gone", name)
}

// clear removes what an earlier run may have left behind.
func (s *story) clear() {
	for _, name := range names {
		err := s.host.Delete(context.Background(), name,
			vcluster.DeleteOptions{Namespace: namespaceOf(name), MissingOK: true})
		if err != nil {
			s.Error(err)
		}
	}
}

func TestTenantIsAloneInItsVirtualCluster(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s := &story{T: t, ctx: ctx, host: openHost(t)}
	s.clear()
	t.Cleanup(s.clear)

	for _, name := range names {
		s.create(name)
	}
	s.list()
	s.adopt(names[1])
	a := s.open(names[0])
	version, err := a.ServerVersion(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.tell("open %s: %s", names[0], version)
	for _, o := range objects {
		s.make(a, o)
	}
	for _, o := range objects {
		s.sees("host", s.host, o)
	}
	b := s.open(names[1])
	for _, o := range objects {
		s.sees(names[1], b, o)
	}
	for _, name := range names {
		s.delete(name)
	}
	s.list()

	expected, err := os.ReadFile("../expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.transcript.String(); got != string(expected) {
		t.Errorf("the transcript is\n%s\nbut expected.txt says\n%s", got, expected)
	}
}
