// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fake is an API server that knows ConfigMaps in the namespace "default", and a few ways to fail.
type fake struct {
	*httptest.Server
	mux     *http.ServeMux
	stalled chan struct{} // gets one for each request that is left without an answer
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{mux: http.NewServeMux(), stalled: make(chan struct{}, 100)}
	f.answer("GET /version", http.StatusOK, `{"gitVersion":"v1.35.4"}`)
	f.answer("GET /api/v1", http.StatusOK, `{"kind":"APIResourceList","groupVersion":"v1",
		"resources":[{"name":"configmaps","singularName":"configmap","namespaced":true,
		"kind":"ConfigMap","verbs":["get","list","watch","patch","delete"]}]}`)
	f.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeStatus(w, http.StatusNotFound, "NotFound", "there is no "+r.URL.Path)
	})
	f.Server = httptest.NewUnstartedServer(f.mux)
	f.Server.EnableHTTP2 = true
	f.Server.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.Server.StartTLS()
	t.Cleanup(func() {
		f.Server.CloseClientConnections()
		f.Server.Close()
	})
	return f
}

func writeStatus(w http.ResponseWriter, code int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	body, _ := json.Marshal(map[string]any{"kind": "Status", "apiVersion": "v1", "code": code,
		"status": "Failure", "reason": reason, "message": message})
	_, _ = w.Write(body)
}

// answer serves a fixed body.
func (f *fake) answer(pattern string, code int, body string) {
	f.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	})
}

// stall leaves requests without an answer until the client gives up.
func (f *fake) stall(pattern string) {
	f.mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
		f.stalled <- struct{}{}
		<-r.Context().Done()
	})
}

// kubeconfig is one for the fake, with its certificate and a token.
func (f *fake) kubeconfig() []byte {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: fake
contexts: [{name: fake, context: {cluster: fake, user: fake, namespace: default}}]
users: [{name: fake, user: {token: secret}}]
clusters: [{name: fake, cluster: {server: "%s", certificate-authority-data: %s}}]
`, f.URL, base64.StdEncoding.EncodeToString(ca))
}

// client makes a client of the fake that is closed at the end of the test.
func (f *fake) client(t *testing.T, options ClientOptions) *Client {
	t.Helper()
	options.KubeconfigText = f.kubeconfig()
	c, err := NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

const configMap = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","namespace":` +
	`"default","uid":"u-%s","resourceVersion":"%d"},"data":{"key":"value"}}`

func configMapNamed(name string, version int) string {
	return fmt.Sprintf(configMap, name, name, version)
}

func configMapList(names ...string) string {
	items := make([]string, len(names))
	for i, name := range names {
		items[i] = configMapNamed(name, i+1)
	}
	return `{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[` +
		strings.Join(items, ",") + `]}`
}
