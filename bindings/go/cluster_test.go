// SPDX-License-Identifier: Apache-2.0

package vcluster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

// within gives a test on a real cluster a context that ends.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestVirtualClusterIsListedReadAndUsed(t *testing.T) {
	v := vctest.Cluster(t, "go-use")
	ctx := within(t)
	if !v.Ready || v.Distribution != vcluster.Embedded || v.Created.IsZero() {
		t.Errorf("got %+v", v.Instance)
	}

	read, err := v.Host.Get(ctx, v.Name, vcluster.InstanceOptions{})
	if err != nil || read.Namespace != v.Namespace {
		t.Errorf("got %+v, %v", read, err)
	}
	described, err := v.Host.Describe(ctx, v.Name, vcluster.InstanceOptions{Namespace: v.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	if described.Instance.Name != v.Name || described.Maker != "libvcluster" || described.Revision == 0 ||
		described.ChartName == "" || described.ChartVersion == "" || described.ReleaseStatus != "deployed" ||
		described.Store != "SQLite" || (described.Diagnosis == nil) != described.Instance.Ready || len(described.Components) < 2 ||
		described.Components[0].State != "Running" || len(described.Endpoints) == 0 ||
		!json.Valid(described.UserValues) || !json.Valid(described.EffectiveValues) {
		t.Errorf("got %+v", described)
	}
	if text, err := json.Marshal(described); err != nil || !bytes.Contains(text, []byte(`"store":"SQLite"`)) {
		t.Errorf("got %s, %v", text, err)
	}
	seen := false
	for listed, err := range v.Host.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		seen = seen || listed.Name == v.Name && listed.Namespace == v.Namespace
	}
	if !seen {
		t.Error("the list does not have it")
	}
	var form struct{ Name, Namespace, Distribution string }
	text, err := json.Marshal(read)
	if err == nil {
		err = json.Unmarshal(text, &form)
	}
	if err != nil || form.Name != v.Name || form.Distribution != vcluster.Embedded {
		t.Errorf("got %s, %v", text, err)
	}

	version, err := v.Client.ServerVersion(ctx)
	if err != nil || version == "" {
		t.Errorf("got %q, %v", version, err)
	}
	manifest := []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n")
	if _, err := v.Client.ApplyResource(ctx, manifest, vcluster.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	ref := vcluster.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "default", Name: "a"}
	if _, err := v.Client.GetResource(ctx, ref); err != nil {
		t.Error(err)
	}
	if _, err := v.Host.GetResource(ctx, ref); !errors.Is(err, vcluster.ErrNotFound) {
		t.Errorf("the host has it: %v", err)
	}
	_, err = v.Host.Create(ctx, v.Name, vcluster.EnsureOptions{Namespace: v.Namespace,
		Distribution: vcluster.Embedded})
	if !errors.Is(err, vcluster.ErrAlreadyExists) {
		t.Errorf("made a second time: %v", err)
	}
}

// unixTunnelIsPrivateAndRemoved is a part of the test below.
func unixTunnelIsPrivateAndRemoved(t *testing.T, v *vctest.Virtual) {
	t.Helper()
	tunnel, err := v.Host.OpenTunnel(within(t), v.Name,
		vcluster.TunnelOptions{Namespace: v.Namespace, UnixSocket: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	info, err := os.Stat(tunnel.SocketPath())
	if err != nil || info.Mode().Perm() != 0o600 || tunnel.Port() != 0 {
		t.Errorf("got %v, %v, port %d", info, err, tunnel.Port())
	}
	if _, err := tunnel.Kubeconfig(); !errors.Is(err, vcluster.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	_ = tunnel.Close()
	if _, err := os.Stat(filepath.Dir(tunnel.SocketPath())); !os.IsNotExist(err) {
		t.Errorf("its folder is left: %v", err)
	}
}

// programRunsInside is a part of the test below.
func programRunsInside(t *testing.T, v *vctest.Virtual) {
	t.Helper()
	options := vcluster.RunOptions{Namespace: v.Namespace}
	command := []string{"sh", "-c", `grep -q 127.0.0.1 "$KUBECONFIG" && exit 7`}
	if code, err := v.Host.Run(within(t), v.Name, command, options); code != 7 || err != nil {
		t.Errorf("got %d, %v", code, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := v.Host.Run(ctx, v.Name, []string{"sleep", "600"}, options); err == nil {
		t.Error("a program outlived its context")
	}
}

// aTunnelIsLeftBehind is a part of the test below: a process of vcl holds it, is found again, and is ended.
func aTunnelIsLeftBehind(t *testing.T, v *vctest.Virtual) {
	t.Helper()
	program := os.Getenv("VCLUSTER_TEST_VCL")
	if program == "" {
		t.Log("SKIPPED: VCLUSTER_TEST_VCL does not name vcl: no connection is started")
		return
	}
	ctx, folder := within(t), t.TempDir()
	options := vcluster.StartConnectionOptions{Namespace: v.Namespace, Program: program, StateDirectory: folder}
	held, err := v.Host.StartConnection(ctx, v.Name, options)
	if err != nil {
		t.Fatal(err)
	}
	if held.Name != v.Name || held.Namespace != v.Namespace || !held.Alive || held.PID == os.Getpid() {
		t.Errorf("got %+v", held)
	}
	if again, err := v.Host.StartConnection(ctx, v.Name, options); err != nil || again.ID != held.ID {
		t.Errorf("a second one: got %+v, %v", again, err)
	}
	if all, err := vcluster.Connections(ctx, folder); err != nil || len(all) != 1 || all[0].ID != held.ID {
		t.Errorf("got %v, %v", all, err)
	}
	text, err := v.Host.Kubeconfig(ctx, v.Name, vcluster.KubeconfigOptions{Namespace: v.Namespace, Server: held.URL})
	if err != nil {
		t.Fatal(err)
	}
	through, err := vcluster.NewClient(vcluster.ClientOptions{KubeconfigText: text})
	if err != nil {
		t.Fatal(err)
	}
	defer through.Close()
	if _, err := through.ServerVersion(ctx); err != nil {
		t.Errorf("through it: %v", err)
	}
	if err := vcluster.StopConnection(ctx, held.ID, folder); err != nil {
		t.Fatal(err)
	}
	if all, err := vcluster.Connections(ctx, folder); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
	if err := vcluster.StopConnection(ctx, held.ID, folder); !errors.Is(err, vcluster.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	// Neither record nor log.
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 || entries[0].Name() != "lock" {
		t.Errorf("left: %v, %v", entries, err)
	}
}

func TestTunnelGivesAKubeconfigThatWorks(t *testing.T) {
	v := vctest.Cluster(t, "go-tunnel")
	ctx := within(t)
	unixTunnelIsPrivateAndRemoved(t, v)
	programRunsInside(t, v)
	tunnel, err := v.Host.OpenTunnel(ctx, v.Name, vcluster.TunnelOptions{Namespace: v.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()

	kubeconfig, err := tunnel.Kubeconfig()
	if err != nil || !bytes.Contains(kubeconfig, []byte(tunnel.URL())) {
		t.Fatalf("%v", err)
	}
	inside, err := vcluster.NewClient(vcluster.ClientOptions{KubeconfigText: kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	if version, err := inside.ServerVersion(ctx); err != nil || version == "" {
		t.Errorf("got %q, %v", version, err)
	}
	if tunnel.ConnectionCount() < 1 {
		t.Error("no connection went through the tunnel")
	}
	stats, err := tunnel.Stats()
	if err != nil || stats.Total < 1 || stats.BytesIn == 0 || stats.BytesOut == 0 || stats.LastError != "" {
		t.Errorf("got %+v, %v", stats, err)
	}

	aTunnelIsLeftBehind(t, v)
	_, _ = tunnel.Close(), tunnel.Close()
	if _, err := tunnel.Kubeconfig(); !errors.Is(err, vcluster.ErrClosed) {
		t.Errorf("got %v", err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(tunnel.Port()))
	if connection, err := net.Dial("tcp", address); err == nil {
		connection.Close()
		t.Error("a closed tunnel listens")
	}

	_, err = v.Host.Kubeconfig(ctx, v.Name, vcluster.KubeconfigOptions{Namespace: v.Namespace})
	if !errors.Is(err, vcluster.ErrPrecondition) {
		t.Errorf("a kubeconfig without a reachable server: %v", err)
	}
	text, err := v.Host.Kubeconfig(ctx, v.Name, vcluster.KubeconfigOptions{Namespace: v.Namespace,
		Server: "https://dev.example.com", Unverified: true})
	if err != nil || !bytes.Contains(text, []byte("https://dev.example.com")) {
		t.Errorf("got %v", err)
	}
}

func TestEndpointIsChosenAndTheOthersSayWhyNot(t *testing.T) {
	v, ctx := vctest.Cluster(t, "go-endpoint"), within(t)
	way, err := v.Host.Endpoint(ctx, v.Name, vcluster.EndpointOptions{Namespace: v.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	if way.Kind != vcluster.EndpointTunnel || way.Kind.String() != "tunnel" || way.URL != "" {
		t.Errorf("got %+v", way)
	}
	for _, candidate := range way.Candidates {
		if (candidate.Reason == "") != (candidate.Kind == way.Kind) {
			t.Errorf("%v was not taken because %q", candidate.Kind, candidate.Reason)
		}
	}
	if text, err := json.Marshal(way); err != nil || !bytes.Contains(text, []byte(`"kind":"tunnel"`)) {
		t.Errorf("got %s, %v", text, err)
	}
	_, err = v.Host.Endpoint(ctx, v.Name, vcluster.EndpointOptions{Namespace: v.Namespace,
		ExposedOnly: true})
	if !errors.Is(err, vcluster.ErrPrecondition) {
		t.Errorf("without the tunnel: %v", err)
	}

	tunnel, err := v.Host.OpenTunnel(ctx, v.Name, vcluster.TunnelOptions{Namespace: v.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	way, err = v.Host.Endpoint(ctx, v.Name, vcluster.EndpointOptions{Namespace: v.Namespace,
		Server: tunnel.URL()})
	if err != nil || way.Kind != vcluster.EndpointGiven || way.URL != tunnel.URL() {
		t.Errorf("got %+v, %v", way, err)
	}
}

func TestTokenMayDoWhatItsRoleAllows(t *testing.T) {
	v := vctest.Cluster(t, "go-token")
	ctx := within(t)
	options := vcluster.TokenOptions{Namespace: v.Namespace, ServiceAccount: "viewer"}
	if _, err := v.Host.Token(ctx, v.Name, options); !errors.Is(err, vcluster.ErrNotFound) {
		t.Errorf("an account that is not there: %v", err)
	}
	options.Create, options.ClusterRole, options.Expiration = true, "view", 10*time.Minute
	token, err := v.Host.Token(ctx, v.Name, options)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	if token.User() != "system:serviceaccount:kube-system:viewer" || !token.Expires().After(time.Now()) {
		t.Errorf("got %v", token)
	}
	credential, err := token.ExecCredential("")
	if err != nil || !bytes.Contains(credential, token.Text()) {
		t.Errorf("got %v", err)
	}

	inside, err := v.Host.OpenToken(ctx, v.Name, options)
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	manifest := []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: default}\n")
	_, err = inside.ApplyResource(ctx, manifest, vcluster.ApplyOptions{})
	if !errors.Is(err, vcluster.ErrPermission) {
		t.Errorf("a viewer wrote: %v", err)
	}

	form := vcluster.KubeconfigOptions{Namespace: v.Namespace, Server: "https://dev.example.com",
		Unverified: true, Token: token}
	text, err := v.Host.Kubeconfig(ctx, v.Name, form)
	if err != nil || !bytes.Contains(text, token.Text()) || bytes.Contains(text, []byte("client-key")) {
		t.Errorf("a kubeconfig with a token: %v", err)
	}
	form.Token, form.ExecPlugin, form.Expiration = nil, true, 20*time.Minute
	text, err = v.Host.Kubeconfig(ctx, v.Name, form)
	if err != nil || !bytes.Contains(text, []byte("1200s")) || bytes.Contains(text, []byte("client-key")) {
		t.Errorf("a kubeconfig with a program: %v", err)
	}

	revoke := vcluster.RevokeOptions{Namespace: v.Namespace, ServiceAccount: "viewer"}
	if err := v.Host.RevokeToken(ctx, v.Name, revoke); err != nil {
		t.Error(err)
	}
	if err := v.Host.RevokeToken(ctx, v.Name, revoke); !errors.Is(err, vcluster.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
	_, _ = token.Close(), token.Close()
	if _, err := token.ExecCredential(""); !errors.Is(err, vcluster.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestPlanPauseAndResume(t *testing.T) {
	v := vctest.Cluster(t, "go-rest")
	ctx := within(t)
	config, err := vcluster.ParseConfig([]byte("controlPlane: {statefulSet: {labels: {a: b}}}"))
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	plan, err := v.Host.Plan(ctx, v.Name, vcluster.EnsureOptions{Namespace: v.Namespace, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	audit, err := v.Host.Audit(ctx, vcluster.AuditOptions{Namespace: v.Namespace, Grace: -1})
	if err != nil || len(audit.Changes) != 0 {
		t.Errorf("a living one has leftovers: %v, %v", audit, err)
	}
	if plan.Operation != "upgrade" || plan.Impact != vcluster.ImpactRestart || plan.String() == "" {
		t.Errorf("got %v", plan)
	}
	for _, change := range plan.Changes {
		if change.Action != vcluster.ActionModify {
			t.Errorf("got %+v", change)
		}
	}
	if err := v.Host.Pause(ctx, v.Name, vcluster.PauseOptions{Namespace: v.Namespace}); err != nil {
		t.Fatal(err)
	}
	_, err = v.Host.Ensure(ctx, v.Name, vcluster.EnsureOptions{Namespace: v.Namespace})
	if !errors.Is(err, vcluster.ErrPrecondition) {
		t.Errorf("a paused one was accepted: %v", err)
	}
	if err := v.Host.Resume(ctx, v.Name, vcluster.PauseOptions{Namespace: v.Namespace}); err != nil {
		t.Fatal(err)
	}
}

func TestMissingVirtualClusterIsNotFound(t *testing.T) {
	host, ctx := vctest.Client(t), within(t)
	_, getErr := host.Get(ctx, "go-none", vcluster.InstanceOptions{})
	_, openErr := host.Open(ctx, "go-none", vcluster.InstanceOptions{})
	deleteErr := host.Delete(ctx, "go-none", vcluster.DeleteOptions{})
	for _, err := range []error{getErr, openErr, deleteErr} {
		if !errors.Is(err, vcluster.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
	if err := host.Delete(ctx, "go-none", vcluster.DeleteOptions{MissingOK: true}); err != nil {
		t.Errorf("with MissingOK: %v", err)
	}
}

func TestWhyTellsOfWhatIsNotThere(t *testing.T) {
	host, ctx := vctest.Client(t), within(t)
	found, err := host.Why(ctx, "go-none", vcluster.InstanceOptions{Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	if found.Ready || found.Namespace != "default" || len(found.Causes) != 1 {
		t.Fatalf("got %+v", found)
	}
	cause := found.Causes[0]
	if cause.Reason != vcluster.ReasonNotFound || cause.Reason.String() != "not-found" ||
		cause.Certainty != vcluster.CertaintyCertain || cause.Code != vcluster.ErrNotFound ||
		cause.Remedy == "" {
		t.Errorf("got %+v", cause)
	}
	if text, err := found.MarshalJSON(); err != nil || !bytes.Contains(text, []byte(`"not-found"`)) {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestPreflightTellsAllAtOnce(t *testing.T) {
	host, ctx := vctest.Client(t), within(t)
	config, err := vcluster.ParseConfig([]byte("controlPlane: {statefulSet: {image: {repository: 'Moon'}, " +
		"persistence: {volumeClaim: {storageClass: no-such-class}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	report, err := host.Preflight(ctx, "go-none", vcluster.EnsureOptions{
		Namespace: "vcluster-go-none", Distribution: vcluster.Embedded, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, finding := range report.Findings {
		rules[finding.Rule] = true
	}
	if report.Severity != vcluster.SeverityError || !rules["storage-class"] || !rules["image"] {
		t.Errorf("got %v", report)
	}
}

func TestCancelledCreationIsCompletedByTheSameCall(t *testing.T) {
	host := vctest.Client(t)
	options := vcluster.EnsureOptions{Namespace: "vcluster-go-resume", Distribution: vcluster.Embedded}
	t.Cleanup(func() {
		err := host.Delete(context.Background(), "go-resume",
			vcluster.DeleteOptions{Namespace: options.Namespace, MissingOK: true})
		if err != nil {
			t.Error(err)
		}
	})

	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	options.Progress = func(p vcluster.Progress) error {
		if p.Step == vcluster.StepObject {
			cancel()
		}
		return nil
	}
	_, err := host.Create(ctx, "go-resume", options)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, vcluster.ErrCancelled) {
		t.Fatalf("got %v", err)
	}

	steps := map[vcluster.Step]bool{}
	options.Progress = func(p vcluster.Progress) error {
		steps[p.Step] = true
		return nil
	}
	instance, err := host.Create(within(t), "go-resume", options)
	if err != nil || !instance.Ready {
		t.Fatalf("got %+v, %v", instance, err)
	}
	if !steps[vcluster.StepReady] {
		t.Errorf("only these steps were told: %v", steps)
	}
	if instance, err = host.Wait(within(t), "go-resume", vcluster.InstanceOptions{}); err != nil {
		t.Errorf("got %+v, %v", instance, err)
	}
}
