// SPDX-License-Identifier: Apache-2.0

// Package vctest gives tests a host cluster and virtual clusters of their own.
//
// The host is the one of the kubeconfig that $VCLUSTER_TEST_KUBECONFIG names; where it is not set,
// tests are skipped and say so.
package vctest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

// Environment is the variable with the path of the host's kubeconfig.
const Environment = "VCLUSTER_TEST_KUBECONFIG"

// longest is how long a virtual cluster may take to come or to go.
const longest = 5 * time.Minute

// Client makes a client of the host and closes it when the test ends. It skips the test when there
// is no host.
func Client(t testing.TB) *vcluster.Client {
	t.Helper()
	path := os.Getenv(Environment)
	if path == "" {
		t.Skipf("%s is not set: it names the kubeconfig of a cluster to test on", Environment)
	}
	client, err := vcluster.NewClient(vcluster.ClientOptions{Kubeconfig: path, UserAgent: "vctest"})
	if err != nil {
		t.Fatalf("the kubeconfig that %s names: %v", Environment, err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Virtual is a virtual cluster that belongs to one test.
type Virtual struct {
	*vcluster.Instance
	Host   *vcluster.Client // of the host, as Client gives it
	Client *vcluster.Client // of the virtual cluster itself
}

// Cluster makes a virtual cluster with an embedded control plane, which runs no workloads. It gets
// a random ending behind the name, and a namespace of its own. When the test ends it is deleted.
func Cluster(t testing.TB, name string) *Virtual {
	t.Helper()
	host := Client(t)
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()

	name += "-" + strings.ToLower(rand.Text()[:6])
	namespace := "vcluster-" + name
	t.Cleanup(func() { remove(t, host, name, namespace) })
	instance, err := host.Create(ctx, name, vcluster.EnsureOptions{
		Namespace:    namespace,
		Distribution: vcluster.Embedded,
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := host.Open(ctx, name, vcluster.InstanceOptions{Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return &Virtual{Instance: instance, Host: host, Client: client}
}

// remove deletes a virtual cluster, however far its creation came.
func remove(t testing.TB, host *vcluster.Client, name, namespace string) {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	options := vcluster.DeleteOptions{Namespace: namespace, MissingOK: true}
	if err := host.Delete(ctx, name, options); err != nil {
		t.Errorf("the virtual cluster %s stays behind: %v", name, err)
	}
}
