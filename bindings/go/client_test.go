// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestServerVersion(t *testing.T) {
	f := newFake(t)
	c := f.client(t, ClientOptions{})
	version, err := c.ServerVersion(t.Context())
	if err != nil || version != "v1.35.4" {
		t.Errorf("got %q, %v", version, err)
	}
	if c.Server() != f.URL || c.Context() != "fake" || c.Namespace() != "default" {
		t.Errorf("got %q, %q, %q", c.Server(), c.Context(), c.Namespace())
	}
	if c.RequestCount() != 1 {
		t.Errorf("%d requests", c.RequestCount())
	}
}

func TestClientRefusesBadInput(t *testing.T) {
	f := newFake(t)
	for name, test := range map[string]struct {
		options ClientOptions
		want    Code
	}{
		"missing file":    {ClientOptions{Kubeconfig: "/nowhere/kubeconfig"}, ErrNotFound},
		"unknown context": {ClientOptions{KubeconfigText: f.kubeconfig(), Context: "x"}, ErrNotFound},
		"malformed":       {ClientOptions{KubeconfigText: []byte("a: [")}, ErrConfig},
		"NUL byte":        {ClientOptions{Context: "a\x00b"}, ErrInvalidArgument},
	} {
		test.options.Log = func(slog.Level, string) {} // which must not leak, nor must this
		test.options.Warning = func(string, string) {}
		c, err := NewClient(test.options)
		if !errors.Is(err, test.want) || c != nil {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
}

func TestNulByteInAnArgumentIsRefused(t *testing.T) {
	c := newFake(t).client(t, ClientOptions{})
	_, err := c.Get(t.Context(), "dev\x00evil", InstanceOptions{})
	if !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	if c.RequestCount() != 0 {
		t.Errorf("%d requests were sent", c.RequestCount())
	}
}

func TestLogTellsOfRequestsButNotOfCredentials(t *testing.T) {
	var mutex sync.Mutex
	var lines []string
	c := newFake(t).client(t, ClientOptions{Log: func(_ slog.Level, message string) {
		mutex.Lock()
		defer mutex.Unlock()
		lines = append(lines, message)
	}})
	if _, err := c.ServerVersion(t.Context()); err != nil {
		t.Fatal(err)
	}
	mutex.Lock()
	defer mutex.Unlock()
	all := strings.Join(lines, "\n")
	if !strings.Contains(all, "/version") || strings.Contains(all, "secret") {
		t.Errorf("the log is %q", all)
	}
}

func TestWarningsOfTheServerReachTheCaller(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("GET /api/v1/namespaces/default/configmaps/old",
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("Warning", `299 - "this kind will go", 299 - "so will \"that\""`)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"old"}}`)
		})
	var told []string
	c := f.client(t, ClientOptions{Warning: func(request, text string) {
		told = append(told, request+": "+text)
	}})
	if _, err := c.GetResource(t.Context(), Ref{APIVersion: "v1", Kind: "ConfigMap", Name: "old", Namespace: "default"}); err != nil {
		t.Fatal(err)
	}
	about := "GET /api/v1/namespaces/default/configmaps/old: "
	want := []string{about + "this kind will go", about + `so will "that"`}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

func TestClosedObjectsSaySo(t *testing.T) {
	c := newFake(t).client(t, ClientOptions{})
	config, err := NewConfig()
	if err != nil {
		t.Fatal(err)
	}
	chart, err := EmbeddedChart()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // Close is idempotent
		_, _, _ = c.Close(), config.Close(), chart.Close()
	}

	_, clientErr := c.ServerVersion(t.Context())
	_, chartErr := chart.Template("dev", TemplateOptions{})
	for _, err := range []error{clientErr, config.Set("a", "1"), chartErr} {
		if !errors.Is(err, ErrClosed) || !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("got %v", err)
		}
	}
	if c.RequestCount() != 0 {
		t.Error("a closed client counts requests")
	}
}

func TestZeroValuesAreClosed(t *testing.T) {
	if _, err := new(Client).ServerVersion(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("client: %v", err)
	}
	if err := new(Config).Set("a", "1"); !errors.Is(err, ErrClosed) {
		t.Errorf("config: %v", err)
	}
	var none *Client
	if err := none.Close(); err != nil {
		t.Errorf("nil client: %v", err)
	}
}

func TestManyGoroutinesShareAClientThatIsClosedUnderThem(t *testing.T) {
	f := newFake(t)
	f.answer("GET "+configMaps+"/one", http.StatusOK, configMapNamed("one", 1))
	c := f.client(t, ClientOptions{})
	var group sync.WaitGroup
	for range 50 {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				object, err := c.GetResource(t.Context(), Ref{"v1", "ConfigMap", "default", "one"})
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil || nameOf(t, object) != "one" {
					t.Errorf("got %s, %v", object, err)
					return
				}
			}
		}()
	}
	for c.RequestCount() < 200 {
		runtime.Gosched()
	}
	for range 3 {
		group.Add(1)
		go func() {
			defer group.Done()
			_ = c.Close()
		}()
	}
	group.Wait()
}

func TestGarbageCollectorClosesWhatWasForgotten(t *testing.T) {
	before := collected.Load()
	if _, err := NewConfig(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); collected.Load() == before; runtime.GC() {
		if time.Since(start) > 10*time.Second {
			t.Fatal("it is still there")
		}
		time.Sleep(time.Millisecond)
	}
	collectedOnPurpose++
}

func TestClientOptionsTakeThePlaceOfTheKubeconfig(t *testing.T) {
	f := newFake(t)
	var seen atomic.Pointer[http.Header] // Go sees no order between the server and a call in C
	f.mux.HandleFunc("GET /prefix/version", func(w http.ResponseWriter, r *http.Request) {
		head := r.Header.Clone()
		seen.Store(&head)
		_, _ = io.WriteString(w, `{"gitVersion":"v1.2.3"}`)
	})
	c := f.client(t, ClientOptions{
		Server:            f.URL + "/prefix",
		Namespace:         "mine",
		ImpersonateUser:   "jane",
		ImpersonateGroups: []string{"ops", "dev"},
	})
	if version, err := c.ServerVersion(t.Context()); err != nil || version != "v1.2.3" {
		t.Fatalf("got %q, %v", version, err)
	}
	if c.Server() != f.URL+"/prefix" || c.Namespace() != "mine" {
		t.Errorf("got %q, %q", c.Server(), c.Namespace())
	}
	head := *seen.Load()
	if head.Get("Impersonate-User") != "jane" ||
		!slices.Equal(head.Values("Impersonate-Group"), []string{"ops", "dev"}) {
		t.Errorf("got %v", head)
	}
}

func TestExecPolicyDecidesWhatLogsIn(t *testing.T) {
	plugin := filepath.Join(t.TempDir(), "plugin")
	answer := `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",` +
		`"status":{"token":"from-a-plugin"}}`
	if err := os.WriteFile(plugin, []byte("#!/bin/sh\necho '"+answer+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	f := newFake(t)
	var token atomic.Value
	f.mux.HandleFunc("GET /prefix/version", func(w http.ResponseWriter, r *http.Request) {
		token.Store(r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"gitVersion":"v1.2.3"}`)
	})
	text := bytes.ReplaceAll(f.kubeconfig(), []byte("{token: secret}"),
		[]byte("{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, "+
			"command: '"+plugin+"'}}"))
	for name, test := range map[string]struct {
		options ClientOptions
		allowed bool
	}{
		"default":        {ClientOptions{}, false},
		"allow":          {ClientOptions{Exec: ExecAllow}, true},
		"deny":           {ClientOptions{Exec: ExecDeny}, false},
		"listed":         {ClientOptions{Exec: ExecAllowlisted, ExecAllowlist: []string{plugin}}, true},
		"not listed":     {ClientOptions{Exec: ExecAllowlisted, ExecAllowlist: []string{"ls"}}, false},
		"list by itself": {ClientOptions{ExecAllowlist: []string{plugin}}, false},
	} {
		test.options.KubeconfigText = text
		test.options.Server = f.URL + "/prefix"
		c, err := NewClient(test.options)
		if !test.allowed {
			if !errors.Is(err, ErrConfig) && !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := c.ServerVersion(t.Context()); err != nil || token.Load() != "Bearer from-a-plugin" {
			t.Errorf("%s: got %q, %v", name, token.Load(), err)
		}
		_ = c.Close()
	}
}
