// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
	"time"
	"unsafe"
)

// Tunnel is a port on 127.0.0.1 whose connections reach the control plane of a virtual cluster
// through the API server of the host. When the control-plane pod is lost its connections are reset,
// and new ones go to the pod that took its place. It is safe for concurrent use. Close it when it
// is no longer needed.
type Tunnel struct {
	*object[*C.vcluster_tunnel]
	port       int
	url        string
	socketPath string
}

// TunnelOptions are those of [Client.OpenTunnel].
type TunnelOptions struct {
	Namespace  string // as in InstanceOptions
	LocalPort  int    // on 127.0.0.1; 0: any free one
	RemotePort int    // in the control-plane pod; 0: that of its kubeconfig
	// UnixSocket makes it listen on a unix socket (mode 0600) and on no port.
	UnixSocket bool
	SocketPath string        // of the socket; "": in a new folder that only this user can enter
	Wait       time.Duration // how long a connection waits for a pod that takes it; 0: a minute
	Progress   ProgressFunc
}

// OpenTunnel opens a tunnel for other programs; for this one [Client.Open] is simpler.
func (c *Client) OpenTunnel(ctx context.Context, name string, options TunnelOptions) (*Tunnel, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := C.vcluster_tunnel_options{
		namespace_name: call.optional(options.Namespace),
		local_port:     C.int64_t(options.LocalPort),
		remote_port:    C.int64_t(options.RemotePort),
		unix_socket:    flag(options.UnixSocket),
		socket_path:    call.optional(options.SocketPath),
		wait_ms:        C.int64_t(options.Wait.Milliseconds()),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_tunnel_options)
	var tunnel *C.vcluster_tunnel
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_tunnel_open(client, cName, &cOptions, &tunnel, cError)
	})
	if err != nil {
		return nil, err
	}
	return wrapTunnel(tunnel), nil
}

func wrapTunnel(tunnel *C.vcluster_tunnel) *Tunnel {
	t := &Tunnel{
		object: newObject(tunnel, func(p *C.vcluster_tunnel) { C.vcluster_tunnel_free(p) }),
		port:   int(C.vcluster_tunnel_port(tunnel)),
		url:    C.GoString(C.vcluster_tunnel_url(tunnel)),

		socketPath: C.GoString(C.vcluster_tunnel_socket_path(tunnel)),
	}
	runtime.AddCleanup(t, collect[*C.vcluster_tunnel], t.object)
	return t
}

// Close closes the tunnel and its connections. It may be called more than once; it always returns
// nil.
func (t *Tunnel) Close() error {
	if t != nil {
		t.close()
	}
	return nil
}

// Port is the local port on 127.0.0.1; 0 for a tunnel on a unix socket.
func (t *Tunnel) Port() int { return t.port }

// URL is "https://127.0.0.1:PORT", "tcp://127.0.0.1:PORT" of [Client.PodForward], or "unix:PATH".
func (t *Tunnel) URL() string { return t.url }

// SocketPath is the path of the unix socket; "" for a tunnel on a port.
func (t *Tunnel) SocketPath() string { return t.socketPath }

// TunnelStats is what a tunnel has done so far.
type TunnelStats struct {
	Open       int64 // connections that are open now, or wait for the pod
	Total      int64 // connections that were accepted
	Failed     int64 // of them, those that were reset: there was no pod, or it was lost
	BytesIn    int64 // from the pod
	BytesOut   int64 // from the local programs
	Reconnects int64 // pods found after one that had answered was lost
	// LastError says why a connection or the search for the pod failed last; "" when nothing did.
	LastError string
}

// Stats says what the tunnel has done so far.
func (t *Tunnel) Stats() (TunnelStats, error) {
	tunnel := t.acquire()
	if tunnel == nil {
		return TunnelStats{}, closedError("tunnel")
	}
	defer t.release()

	var text *C.char
	var cError *C.vcluster_error
	if err := failure(C.vcluster_tunnel_to_json(tunnel, &text, &cError), cError); err != nil {
		return TunnelStats{}, err
	}
	var said struct {
		LastError string
	}
	if err := json.Unmarshal(take(text), &said); err != nil {
		return TunnelStats{}, err
	}
	count := func(stat C.int) int64 { return int64(C.vcluster_tunnel_count(tunnel, stat)) }
	return TunnelStats{
		Open:       count(C.VCLUSTER_TUNNEL_OPEN),
		Total:      count(C.VCLUSTER_TUNNEL_TOTAL),
		Failed:     count(C.VCLUSTER_TUNNEL_FAILED),
		BytesIn:    count(C.VCLUSTER_TUNNEL_BYTES_IN),
		BytesOut:   count(C.VCLUSTER_TUNNEL_BYTES_OUT),
		Reconnects: count(C.VCLUSTER_TUNNEL_RECONNECTS),
		LastError:  said.LastError,
	}, nil
}

// ConnectionCount is the number of connections that were accepted so far; 0 once it is closed.
func (t *Tunnel) ConnectionCount() int64 {
	tunnel := t.acquire()
	if tunnel == nil {
		return 0
	}
	defer t.release()
	return int64(C.vcluster_tunnel_connection_count(tunnel))
}

// Kubeconfig is a self-contained kubeconfig that works as long as the tunnel is open. It holds
// administrator credentials of the virtual cluster: a file of it should have mode 0600.
func (t *Tunnel) Kubeconfig() ([]byte, error) {
	tunnel := t.acquire()
	if tunnel == nil {
		return nil, closedError("tunnel")
	}
	defer t.release()

	var text *C.char
	var cError *C.vcluster_error
	status := C.vcluster_tunnel_kubeconfig(tunnel, &text, &cError)
	return take(text), failure(status, cError)
}

// KubeconfigOptions are those of [Client.Kubeconfig].
type KubeconfigOptions struct {
	Namespace string // as in InstanceOptions
	// Server is a URL where the control plane can be reached, such as "https://dev.example.com".
	// "": what [Client.Endpoint] chooses.
	Server        string
	TLSServerName string // as in EndpointOptions
	Insecure      bool   // as in EndpointOptions; the kubeconfig says so
	Unverified    bool   // as in EndpointOptions
	ContextName   string // "": vcluster_NAME_NAMESPACE_HOSTCONTEXT
	// Token to log in with instead of as administrator; may be nil.
	Token *Token
	// ExecPlugin: hold no credentials at all, but name the program "vcl credential", which fetches a
	// short-lived token with the host's kubeconfig each time that kubectl starts. What follows
	// belongs to it.
	ExecPlugin  bool
	ExecCommand string // the program; "": "vcl", looked up in $PATH
	// ServiceAccount whose tokens are fetched, which must be there unless ClusterRole is given.
	// "": "libvcluster-admin", made and bound to cluster-admin when it is first used.
	ServiceAccount          string
	ServiceAccountNamespace string        // "": "kube-system"
	ClusterRole             string        // make ServiceAccount, bound to this ClusterRole
	Expiration              time.Duration // of each token; 0: an hour
	Progress                ProgressFunc
}

// Kubeconfig makes a self-contained kubeconfig that works without this program, for the server that
// is given or the best address that [Client.Endpoint] finds; it is tried out before. Where none
// works it fails with ErrPrecondition, and the findings of the error tell why; open a tunnel then
// and take [Tunnel.Kubeconfig].
func (c *Client) Kubeconfig(ctx context.Context, name string, options KubeconfigOptions) ([]byte, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := C.vcluster_kubeconfig_options{
		namespace_name:            call.optional(options.Namespace),
		server:                    call.optional(options.Server),
		tls_server_name:           call.optional(options.TLSServerName),
		context_name:              call.optional(options.ContextName),
		insecure:                  flag(options.Insecure),
		unverified:                flag(options.Unverified),
		exec_plugin:               flag(options.ExecPlugin),
		exec_command:              call.optional(options.ExecCommand),
		service_account:           call.optional(options.ServiceAccount),
		service_account_namespace: call.optional(options.ServiceAccountNamespace),
		cluster_role:              call.optional(options.ClusterRole),
		expiration_s:              C.int64_t(options.Expiration / time.Second),
	}
	if options.Token != nil {
		token := options.Token.acquire()
		if token == nil {
			return nil, closedError("token")
		}
		defer options.Token.release()
		cOptions.token = token
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_kubeconfig_options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_kubeconfig(client, cName, &cOptions, &text, cError)
	})
	return take(text), err
}
