// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"encoding/json"
	"log/slog"
	"time"
)

// FakeClient is a client of a host cluster in memory, for the unit tests of programs that use this
// package. Every method of [Client] works on it; the host goes with it.
//
// What it is, and what it is not, stands in libvcluster/fake.h: nothing is scheduled, pulled or
// run, but workloads get pods that are ready at once, and a control plane a virtual cluster that can
// be opened.
type FakeClient struct {
	*Client
}

// FakeOptions say what a fake host is like. The zero value is a new, empty cluster.
type FakeOptions struct {
	// KubernetesVersion is what the host says it is. "": v1.35.4.
	KubernetesVersion string
	// Objects are manifests in YAML that are there from the start, over what a new cluster has:
	// its namespaces, a node, a default StorageClass.
	Objects string
	// Faults let requests fail; see [FakeClient.SetFaults].
	Faults []Fault
	// Namespace is that of the client's context.
	Namespace string
	// Timeout and Log are as in [ClientOptions].
	Timeout time.Duration
	Log     func(level slog.Level, message string)
}

// Fault is a rule by which requests to a fake host fail. It counts the requests that it fits, and
// acts on the one numbered At and those behind it, Times in all.
type Fault struct {
	Method  string `json:"method,omitempty"`  // "": any
	Path    string `json:"path,omitempty"`    // a pattern as in a shell, whose * is also for /; without the query
	Cluster string `json:"cluster,omitempty"` // "NAMESPACE/NAME": a virtual cluster's API server; "": the host's
	At      int    `json:"at,omitempty"`      // 0: the first
	Times   *int   `json:"times,omitempty"`   // nil: once; 0: always

	Status     int    `json:"status,omitempty"` // answered in place of what was asked for
	Reason     string `json:"reason,omitempty"`
	Message    string `json:"message,omitempty"`
	RetryAfter int    `json:"retryAfter,omitempty"` // seconds
	DelayMS    int    `json:"delayMs,omitempty"`    // before anything else
	Cut        string `json:"cut,omitempty"`        // "before" it is carried out, "after" it, in the middle of the "answer"
}

// FakeRequest is one request that a fake host has got.
type FakeRequest struct {
	Cluster string `json:"cluster"` // "" for the host, "NAMESPACE/NAME" for a virtual cluster's API server
	Method  string `json:"method"`
	Path    string `json:"path"`   // with its query
	Status  int    `json:"status"` // of the answer; 0: the connection ended without one
}

// NewFakeClient makes a client of a new fake host.
func NewFakeClient(options FakeOptions) (*FakeClient, error) {
	var memory scope
	defer memory.done()

	script, err := faultScript(options.Faults)
	if err != nil {
		return nil, err
	}
	cOptions := C.vcluster_fake_options{
		struct_size:        C.sizeof_vcluster_fake_options,
		kubernetes_version: memory.optional(options.KubernetesVersion),
		objects:            memory.optional(options.Objects),
		faults:             memory.optional(script),
		namespace_name:     memory.optional(options.Namespace),
	}
	switch {
	case options.Timeout < 0:
		cOptions.timeout_ms = -1
	case options.Timeout > 0:
		cOptions.timeout_ms = milliseconds(options.Timeout)
	}
	if memory.err != nil {
		return nil, memory.err
	}
	if options.Log != nil {
		cOptions.log = C.vcluster_log_fn(C.vclgoLog)
		cOptions.log_user_data = C.vclgo_slot_new(C.uintptr_t(newHandle(options.Log)))
		cOptions.log_destroy = (*[0]byte)(C.vclgoLogDestroy)
	}
	var client *C.vcluster_client
	var cError *C.vcluster_error
	if status := C.vcluster_client_new_fake(&cOptions, &client, &cError); status < 0 {
		if options.Log != nil { // a client that was not made has not taken it over
			vclgoLogDestroy(cOptions.log_user_data)
		}
		return nil, failure(status, cError)
	}
	return &FakeClient{wrapClient(client)}, nil
}

func faultScript(faults []Fault) (string, error) {
	if len(faults) == 0 {
		return "", nil
	}
	script, err := json.Marshal(faults)
	return string(script), err
}

// with runs a call that does not block, on a client that may be closed.
func (c *FakeClient) with(run func(client *C.vcluster_client, cError **C.vcluster_error) C.int) error {
	client := c.acquire()
	if client == nil {
		return closedError("client")
	}
	defer c.release()
	var cError *C.vcluster_error
	return failure(run(client, &cError), cError)
}

// SetFaults lets requests fail by these rules, in place of those before. An error has a finding for
// each mistake in them; the old rules stay then.
func (c *FakeClient) SetFaults(faults ...Fault) error {
	var memory scope
	defer memory.done()
	script, err := faultScript(faults)
	if err != nil {
		return err
	}
	text := memory.optional(script)
	if memory.err != nil {
		return memory.err
	}
	return c.with(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_fake_set_faults(client, text, cError)
	})
}

// Put stores manifests as they are, their status too, without a request.
func (c *FakeClient) Put(manifests string) error {
	var memory scope
	defer memory.done()
	text := memory.text(manifests)
	if memory.err != nil {
		return memory.err
	}
	return c.with(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_fake_put(client, text, cError)
	})
}

// Requests are those that the host has got, in their order. With forget, they are told no more.
func (c *FakeClient) Requests(forget bool) ([]FakeRequest, error) {
	var text *C.char
	cForget := C.int(0)
	if forget {
		cForget = 1
	}
	err := c.with(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_fake_requests(client, cForget, &text, cError)
	})
	if err != nil {
		return nil, err
	}
	var requests []FakeRequest
	err = json.Unmarshal(take(text), &requests)
	return requests, err
}
