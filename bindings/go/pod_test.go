// SPDX-License-Identifier: Apache-2.0

package vcluster_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

// pod makes a namespace with a pod "web" that writes lines and serves a file.
func pod(t *testing.T) (host *vcluster.Client, namespace string) {
	t.Helper()
	host = vctest.Client(t)
	ctx := within(t)
	namespace = fmt.Sprintf("vcluster-go-pods-%d", os.Getpid())
	apply := func(manifest string) {
		if _, err := host.ApplyResource(ctx, []byte(manifest), vcluster.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	apply("{apiVersion: v1, kind: Namespace, metadata: {name: " + namespace + "}}")
	t.Cleanup(func() {
		ref := vcluster.Ref{APIVersion: "v1", Kind: "Namespace", Name: namespace}
		_ = host.DeleteResource(context.Background(), ref, vcluster.ResourceDeleteOptions{})
	})
	apply("{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: " + namespace +
		", labels: {app: web}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, " +
		"image: 'busybox:1.36', imagePullPolicy: IfNotPresent, readinessProbe: {httpGet: {port: 8080}, " +
		"periodSeconds: 1}, command: [sh, -c, 'echo line 0; echo line 1; mkdir -p /w && " +
		"echo hello > /w/index.html && httpd -p 8080 -h /w; i=2; while true; do echo line $i; i=$((i+1)); sleep 0.1; done']}]}}")
	for event, err := range host.WatchResources(ctx, "v1", "Pod",
		vcluster.ResourceListOptions{Namespace: namespace}) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(event.Object), `"ready":true`) {
			return host, namespace
		}
	}
	t.Fatal("the watch ended")
	return nil, ""
}

// full is a writer that takes a few bytes.
type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(data []byte) (int, error) {
	f.room -= len(data)
	if f.room < 0 {
		return 0, errFull
	}
	return len(data), nil
}

func TestPods(t *testing.T) {
	host, namespace := pod(t)
	ctx := within(t)

	t.Run("logs", func(t *testing.T) {
		var out bytes.Buffer
		tail := 2
		err := host.PodLogs(ctx, "web", &out, vcluster.LogOptions{Namespace: namespace, Tail: &tail})
		if err != nil || strings.Count(out.String(), "\n") != 2 {
			t.Errorf("got %q, %v", out.String(), err)
		}
		err = host.PodLogs(ctx, "web", &full{100}, vcluster.LogOptions{Namespace: namespace, Follow: true})
		if !errors.Is(err, errFull) {
			t.Errorf("got %v", err)
		}
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		err = host.PodLogs(short, "web", io.Discard, vcluster.LogOptions{Namespace: namespace, Follow: true})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		err = host.PodLogs(ctx, "web", io.Discard, vcluster.LogOptions{Namespace: namespace, Container: "no"})
		if !errors.Is(err, vcluster.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("exec", func(t *testing.T) {
		var out, errs bytes.Buffer
		code, err := host.PodExec(ctx, "web", []string{"sh", "-c", "cat; echo e >&2; exit 3"},
			vcluster.ExecOptions{Namespace: namespace, Stdin: strings.NewReader("in"), Stdout: &out,
				Stderr: &errs})
		if err != nil || code != 3 || out.String() != "in" || errs.String() != "e\n" {
			t.Errorf("got %d, %q, %q, %v", code, out.String(), errs.String(), err)
		}
		data := make([]byte, 1<<20)
		_, _ = rand.Read(data)
		out.Reset()
		code, err = host.PodExec(ctx, "web", []string{"cat"},
			vcluster.ExecOptions{Namespace: namespace, Stdin: bytes.NewReader(data), Stdout: &out})
		if err != nil || code != 0 || !bytes.Equal(out.Bytes(), data) {
			t.Errorf("got %d, %d bytes, %v", code, out.Len(), err)
		}
		code, err = host.PodExec(ctx, "web", []string{"no-such-program"},
			vcluster.ExecOptions{Namespace: namespace})
		if err != nil || code != 127 {
			t.Errorf("got %d, %v", code, err)
		}
		out.Reset()
		code, err = host.PodExec(ctx, "web", []string{"sh", "-c", "sleep 1; stty size"},
			vcluster.ExecOptions{Namespace: namespace, TTY: true, Stdout: &out,
				TerminalSize: func() (int, int, bool) { return 90, 30, true }})
		if err != nil || code != 0 || !strings.Contains(out.String(), "30 90") {
			t.Errorf("got %d, %q, %v", code, out.String(), err)
		}
		if _, err = host.PodExec(ctx, "web", nil, vcluster.ExecOptions{Namespace: namespace}); !errors.Is(
			err, vcluster.ErrInvalidArgument) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("forward", func(t *testing.T) {
		for _, name := range []string{"web", ""} {
			options := vcluster.ForwardOptions{Namespace: namespace}
			if name == "" {
				options.LabelSelector = "app=web"
			}
			tunnel, err := host.PodForward(ctx, name, 8080, options)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.Get("http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(tunnel.Port())))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			_ = tunnel.Close()
			if string(body) != "hello\n" {
				t.Errorf("got %q", body)
			}
		}
		if _, err := host.PodForward(ctx, "nope", 80, vcluster.ForwardOptions{Namespace: namespace}); !errors.Is(
			err, vcluster.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("watch", func(t *testing.T) {
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		for event, err := range host.Watch(short, vcluster.ListOptions{Namespace: namespace}) {
			if err == nil {
				t.Errorf("got %v", event)
			} else if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
	})
}
