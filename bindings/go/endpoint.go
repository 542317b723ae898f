// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"unsafe"
)

// EndpointKind says by which way a virtual cluster is reached.
type EndpointKind int

// Ways to a virtual cluster, the better one first.
const (
	EndpointGiven        EndpointKind = C.VCLUSTER_ENDPOINT_GIVEN         // EndpointOptions.Server
	EndpointPublished    EndpointKind = C.VCLUSTER_ENDPOINT_PUBLISHED     // the server of its kubeconfig
	EndpointLoadBalancer EndpointKind = C.VCLUSTER_ENDPOINT_LOAD_BALANCER // of its Service
	EndpointNodePort     EndpointKind = C.VCLUSTER_ENDPOINT_NODE_PORT     // of its Service
	EndpointIngress      EndpointKind = C.VCLUSTER_ENDPOINT_INGRESS       // which leaves TLS as it is
	EndpointTLSRoute     EndpointKind = C.VCLUSTER_ENDPOINT_TLS_ROUTE     // of the Gateway API
	EndpointService      EndpointKind = C.VCLUSTER_ENDPOINT_SERVICE       // its DNS name, inside the host
	EndpointTunnel       EndpointKind = C.VCLUSTER_ENDPOINT_TUNNEL        // none: see [Client.OpenTunnel]
)

// String is the kind's name, such as "node-port".
func (k EndpointKind) String() string {
	return C.GoString(C.vcluster_endpoint_kind_name(C.int(k)))
}

// EndpointCandidate is one way to a virtual cluster that was looked at.
type EndpointCandidate struct {
	Kind          EndpointKind
	URL           string // "" where there is no such way
	TLSServerName string // name to verify in place of the URL's host, or ""
	Reason        string // why it was not taken; "" for the one that was
}

// Endpoint is the way that was taken, and all that were looked at, the better one first.
type Endpoint struct {
	EndpointCandidate
	Candidates []EndpointCandidate

	json string
}

// MarshalJSON gives the form that all languages of libvcluster share.
func (e Endpoint) MarshalJSON() ([]byte, error) {
	if e.json == "" {
		return nil, invalid("only an endpoint that the library made has a JSON form")
	}
	return []byte(e.json), nil
}

// EndpointOptions are those of [Client.Endpoint].
type EndpointOptions struct {
	Namespace     string // as in InstanceOptions
	Server        string // taken in place of all others; "https://" is put in front if it is missing
	TLSServerName string // name to verify in place of the URL's host
	Insecure      bool   // certificates are not verified, and nobody logs in to try it
	ExposedOnly   bool   // the tunnel does not count: ErrPrecondition then
	Unverified    bool   // Server is taken as it is: it can be reached from elsewhere only
	Progress      ProgressFunc
}

// Endpoint chooses the best way to a virtual cluster that works from here: each is tried out with
// the virtual cluster's own CA and credentials.
func (c *Client) Endpoint(ctx context.Context, name string, options EndpointOptions) (*Endpoint, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := C.vcluster_endpoint_options{
		namespace_name:  call.optional(options.Namespace),
		server:          call.optional(options.Server),
		tls_server_name: call.optional(options.TLSServerName),
		insecure:        flag(options.Insecure),
		exposed_only:    flag(options.ExposedOnly),
		unverified:      flag(options.Unverified),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_endpoint_options)
	var endpoint *C.vcluster_endpoint
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_endpoint(client, cName, &cOptions, &endpoint, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_endpoint_free(endpoint)
	return copyEndpoint(endpoint)
}

func copyEndpoint(endpoint *C.vcluster_endpoint) (*Endpoint, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_endpoint_to_json(endpoint, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	e := &Endpoint{
		EndpointCandidate: copyCandidate(C.vcluster_endpoint_taken(endpoint)),
		Candidates:        make([]EndpointCandidate, C.vcluster_endpoint_candidate_count(endpoint)),
		json:              string(take(text)),
	}
	for i := range e.Candidates {
		e.Candidates[i] = copyCandidate(C.vcluster_endpoint_candidate_at(endpoint, C.size_t(i)))
	}
	return e, nil
}

func copyCandidate(candidate *C.vcluster_endpoint_candidate) EndpointCandidate {
	return EndpointCandidate{
		Kind:          EndpointKind(C.vcluster_endpoint_candidate_kind(candidate)),
		URL:           C.GoString(C.vcluster_endpoint_candidate_url(candidate)),
		TLSServerName: C.GoString(C.vcluster_endpoint_candidate_tls_server_name(candidate)),
		Reason:        C.GoString(C.vcluster_endpoint_candidate_reason(candidate)),
	}
}
