// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const configMaps = "/api/v1/namespaces/default/configmaps"

func nameOf(t *testing.T, object json.RawMessage) string {
	t.Helper()
	var o struct{ Metadata struct{ Name string } }
	if err := json.Unmarshal(object, &o); err != nil {
		t.Fatal(err)
	}
	return o.Metadata.Name
}

func TestGetAndListResources(t *testing.T) {
	f := newFake(t)
	f.answer("GET "+configMaps+"/one", http.StatusOK, configMapNamed("one", 1))
	f.answer("GET "+configMaps, http.StatusOK, configMapList("one", "two"))
	c := f.client(t, ClientOptions{})

	object, err := c.GetResource(t.Context(), Ref{"v1", "ConfigMap", "default", "one"})
	if err != nil || nameOf(t, object) != "one" {
		t.Errorf("got %s, %v", object, err)
	}
	list, err := c.ListResources(t.Context(), "v1", "ConfigMap", ResourceListOptions{Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	if list.ResourceVersion != "7" || len(list.Items) != 2 || nameOf(t, list.Items[1]) != "two" {
		t.Errorf("got %+v", list)
	}
}

func TestApplyPatchAndDeleteResource(t *testing.T) {
	f := newFake(t)
	type request struct{ method, query, contentType, body string }
	requests := make(chan request, 1)
	f.mux.HandleFunc(configMaps+"/one", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- request{r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), string(body)}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, configMapNamed("one", 1))
	})
	c := f.client(t, ClientOptions{})

	object, err := c.ApplyResource(t.Context(), []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"),
		ApplyOptions{Namespace: "default", FieldManager: "me", Force: true})
	if err != nil || nameOf(t, object) != "one" {
		t.Fatalf("got %s, %v", object, err)
	}
	last := <-requests
	if last.method != http.MethodPatch || last.contentType != "application/apply-patch+yaml" ||
		!strings.Contains(last.query, "fieldManager=me") || !strings.Contains(last.query, "force=true") {
		t.Errorf("apply sent %+v", last)
	}

	ref := Ref{"v1", "ConfigMap", "default", "one"}
	if _, err = c.PatchResource(t.Context(), ref, []byte(`{"data":{"a":"b"}}`), ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	last = <-requests
	if last.contentType != "application/merge-patch+json" || last.body != `{"data":{"a":"b"}}` {
		t.Errorf("patch sent %+v", last)
	}

	if err = c.DeleteResource(t.Context(), ref, ResourceDeleteOptions{Propagation: "Foreground"}); err != nil {
		t.Fatal(err)
	}
	last = <-requests
	if last.method != http.MethodDelete || !strings.Contains(last.body+last.query, "Foreground") {
		t.Errorf("delete sent %+v", last)
	}
}

// watched serves a list with two ConfigMaps and a watch that tells of a third and stays open.
func watched(t *testing.T) *Client {
	f := newFake(t)
	f.mux.HandleFunc("GET "+configMaps, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("watch") == "" {
			_, _ = io.WriteString(w, configMapList("one", "two"))
			return
		}
		if r.URL.Query().Get("sendInitialEvents") != "" { // as a server of Kubernetes 1.31 has it
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"kind":"Status","status":"Failure","reason":"Invalid","code":422}`)
			return
		}
		_, _ = io.WriteString(w, `{"type":"ADDED","object":`+configMapNamed("three", 8)+"}\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	return f.client(t, ClientOptions{Timeout: 20 * time.Second})
}

func TestWatchTellsWhatIsThereAndWhatComes(t *testing.T) {
	var names []string
	for event, err := range watched(t).WatchResources(t.Context(), "v1", "ConfigMap",
		ResourceListOptions{Namespace: "default"}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, event.Type+" "+nameOf(t, event.Object))
		if len(names) == 3 {
			break
		}
	}
	if got := strings.Join(names, ", "); got != "ADDED one, ADDED two, ADDED three" {
		t.Errorf("got %s", got)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	c := watched(t)
	cancelled, cancel := context.WithCancel(t.Context())
	defer cancel()
	expiring, cancelExpiring := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancelExpiring()

	for name, test := range map[string]struct {
		ctx  context.Context
		want []error
	}{
		"cancelled": {cancelled, []error{ErrCancelled, context.Canceled}},
		"expired":   {expiring, []error{ErrTimeout, context.DeadlineExceeded}},
	} {
		var last error
		events := 0
		for _, err := range c.WatchResources(test.ctx, "v1", "ConfigMap",
			ResourceListOptions{Namespace: "default"}) {
			last = err
			if events++; events == 3 && name == "cancelled" {
				cancel()
			}
		}
		for _, want := range test.want {
			if !errors.Is(last, want) {
				t.Errorf("%s: got %v after %d events", name, last, events)
			}
		}
	}
}

func TestWatchSurvivesWhatHappensInTheLoop(t *testing.T) {
	c := watched(t)
	t.Run("exit", func(t *testing.T) {
		for range c.WatchResources(t.Context(), "v1", "ConfigMap", ResourceListOptions{Namespace: "default"}) {
			t.SkipNow()
		}
	})
	func() {
		defer func() {
			if value := recover(); value != "boom" {
				t.Errorf("recovered %v", value)
			}
		}()
		for range c.WatchResources(t.Context(), "v1", "ConfigMap", ResourceListOptions{Namespace: "default"}) {
			panic("boom")
		}
	}()
}

func TestWatchOfAnUnknownKindFails(t *testing.T) {
	events := 0
	for _, err := range watched(t).WatchResources(t.Context(), "v1", "Widget", ResourceListOptions{}) {
		events++
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
	if events != 1 {
		t.Errorf("%d events", events)
	}
}
