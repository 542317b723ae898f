// SPDX-License-Identifier: Apache-2.0

// Package vctest gives tests a host cluster and virtual clusters of their own.
//
//	func TestController(t *testing.T) {
//		v := vctest.New(t, vctest.WithKubernetes("1.35"))
//		run(t, "./controller", "--kubeconfig", v.Kubeconfig())
//	}
//
// The host is the one of the kubeconfig that $VCLUSTER_TEST_KUBECONFIG names; where it is not set,
// tests are skipped and say so.
//
// Every virtual cluster expires, so that a reaper finds what a killed run left behind. When a test
// fails, its log gets the pods, events and logs of the control plane. VCTEST_KEEP=on-failure leaves
// behind what a failed test used, VCTEST_KEEP=always everything.
package vctest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

const (
	// Environment is the variable with the path of the host's kubeconfig.
	Environment = "VCLUSTER_TEST_KUBECONFIG"
	// KeepEnvironment is the variable that says what is left behind: "on-failure" or "always".
	KeepEnvironment = "VCTEST_KEEP"
)

// longest is how long a virtual cluster may take to come or to go.
const longest = 5 * time.Minute

// lifetime is when virtual clusters expire, unless WithTTL says otherwise.
const lifetime = 2 * time.Hour

// Client makes a client of the host and closes it when the test ends. It skips the test when there
// is no host.
func Client(t testing.TB) *vcluster.Client {
	t.Helper()
	client := newClient(t)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Fake makes a client of a host in memory that only this test has, for unit tests without any
// cluster, and closes it when the test ends.
func Fake(t testing.TB, options vcluster.FakeOptions) *vcluster.FakeClient {
	t.Helper()
	client, err := vcluster.NewFakeClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func newClient(t testing.TB) *vcluster.Client {
	t.Helper()
	path := os.Getenv(Environment)
	if path == "" {
		t.Skipf("%s is not set: it names the kubeconfig of a cluster to test on", Environment)
	}
	client, err := vcluster.NewClient(vcluster.ClientOptions{Kubeconfig: path, UserAgent: "vctest"})
	if err != nil {
		t.Fatalf("the kubeconfig that %s names: %v", Environment, err)
	}
	return client
}

// Option says how the virtual cluster of [New] is to be.
type Option func(name *string, options *vcluster.EnsureOptions)

// WithName puts a name in front of the random ending. Without it, it is "vctest".
func WithName(name string) Option {
	return func(prefix *string, _ *vcluster.EnsureOptions) { *prefix = name }
}

// WithKubernetes asks for a version of Kubernetes, such as "1.35".
func WithKubernetes(version string) Option {
	return func(_ *string, o *vcluster.EnsureOptions) { o.KubernetesVersion = version }
}

// WithConfig gives values. They are the caller's, who closes them.
func WithConfig(config *vcluster.Config) Option {
	return func(_ *string, o *vcluster.EnsureOptions) { o.Config = config }
}

// WithDistribution chooses [vcluster.Upstream] (the default) or [vcluster.Embedded], which runs no
// workloads.
func WithDistribution(distribution string) Option {
	return func(_ *string, o *vcluster.EnsureOptions) { o.Distribution = distribution }
}

// WithTTL sets when it expires; without it, that is two hours after its creation.
func WithTTL(ttl time.Duration) Option {
	return func(_ *string, o *vcluster.EnsureOptions) { o.TTL = ttl }
}

// WithOptions changes any other option. The namespace and an expiry of some kind are set in any
// case.
func WithOptions(change func(*vcluster.EnsureOptions)) Option {
	return func(_ *string, o *vcluster.EnsureOptions) { change(o) }
}

// Virtual is a virtual cluster that belongs to tests.
type Virtual struct {
	*vcluster.Instance
	Host   *vcluster.Client // of the host, as Client gives it
	Client *vcluster.Client // of the virtual cluster itself

	t testing.TB
}

// New makes a virtual cluster with a random name, in a namespace of its own, and deletes it when
// the test ends.
func New(t testing.TB, options ...Option) *Virtual {
	t.Helper()
	host := Client(t)
	name, ensure := settings(options)
	t.Cleanup(func() { finish(t, host, name, ensure.Namespace) })
	return start(t, host, name, ensure, t.Cleanup)
}

// Cluster is New with a name and the embedded control plane, which runs no workloads.
func Cluster(t testing.TB, name string) *Virtual {
	t.Helper()
	return New(t, WithName(name), WithDistribution(vcluster.Embedded))
}

// settings gives the name of a new virtual cluster and the options of its creation.
func settings(options []Option) (string, vcluster.EnsureOptions) {
	name, ensure := "vctest", vcluster.EnsureOptions{TTL: lifetime, Owner: "vctest"}
	for _, option := range options {
		option(&name, &ensure)
	}
	name += "-" + strings.ToLower(rand.Text()[:6])
	ensure.Namespace = "vcluster-" + name
	if ensure.TTL == 0 && ensure.ExpiresAt.IsZero() {
		ensure.TTL = lifetime
	}
	return name, ensure
}

// start creates a virtual cluster; cleanup gets what closes the client of its inside.
func start(t testing.TB, host *vcluster.Client, name string, ensure vcluster.EnsureOptions,
	cleanup func(func())) *Virtual {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	instance, err := host.Create(ctx, name, ensure)
	if err != nil {
		t.Fatal(err)
	}
	client, err := host.Open(ctx, name, vcluster.InstanceOptions{Namespace: ensure.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	cleanup(func() { _ = client.Close() })
	return &Virtual{Instance: instance, Host: host, Client: client, t: t}
}

// Kubeconfig writes a private file with which other programs reach the virtual cluster, through a
// tunnel that lasts as long as the test.
func (v *Virtual) Kubeconfig() string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	tunnel, err := v.Host.OpenTunnel(ctx, v.Name, vcluster.TunnelOptions{Namespace: v.Namespace})
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = tunnel.Close() })
	text, err := tunnel.Kubeconfig()
	if err != nil {
		v.t.Fatal(err)
	}
	path := filepath.Join(v.t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		v.t.Fatal(err)
	}
	return path
}

// finish tells why a test failed, and deletes its virtual cluster, however far its creation came.
func finish(t testing.TB, host *vcluster.Client, name, namespace string) {
	t.Helper()
	if t.Failed() {
		t.Logf("virtual cluster %s:\n%s", name, diagnose(host, namespace))
	}
	keep, err := kept(t.Failed())
	if err != nil {
		t.Error(err)
	}
	if keep {
		t.Logf("kept until it expires: vcl connect %s -n %s", name, namespace)
		return
	}
	if err := remove(host, name, namespace); err != nil {
		t.Errorf("the virtual cluster %s stays behind: %v", name, err)
	}
}

func remove(host *vcluster.Client, name, namespace string) error {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	return host.Delete(ctx, name, vcluster.DeleteOptions{Namespace: namespace, MissingOK: true})
}
