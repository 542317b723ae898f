// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/cgo"
	"time"
	"unsafe"
)

// Client is a client of one Kubernetes cluster: usually the host, but also a virtual cluster
// ([Client.Open]). It is safe for concurrent use. Close it when it is no longer needed.
//
// Every method that sends a request takes a context. Its cancellation stops the request, and its
// deadline is that of the call; where there is none the client's Timeout holds.
type Client struct {
	*object[*C.vcluster_client]
	server, context, namespace string
}

// ClientOptions says which cluster a client is for, and how it behaves. The zero value is the
// cluster that kubectl would use.
type ClientOptions struct {
	// Kubeconfig is the path of a kubeconfig. "": $KUBECONFIG (a list), then ~/.kube/config, then
	// the service account of the pod this runs in.
	Kubeconfig string
	// KubeconfigText is a kubeconfig itself and wins over the path. File references and programs
	// inside are refused unless AllowFileReferences and Exec say otherwise.
	KubeconfigText []byte
	// Context is the name of a context. "": current-context of the kubeconfig.
	Context string
	// UserAgent is put in front of the library's own, such as "backstage/1.2".
	UserAgent string
	// Timeout is the deadline of calls whose context has none. 0: 30 seconds for single requests
	// and 5 minutes for operations that wait; negative: none.
	Timeout time.Duration
	// Log receives requests with their status and duration, warnings of the API server, and
	// retries; never credentials or bodies. One call at a time, on any goroutine; it must not use
	// this client.
	Log func(level slog.Level, message string)
	// Server is the URL of the API server in place of the kubeconfig's, whose credentials it gets.
	Server string
	// Namespace takes the place of the context's.
	Namespace string
	// ImpersonateUser and ImpersonateGroups are who to act as, in place of the kubeconfig's as and
	// as-groups.
	ImpersonateUser   string
	ImpersonateGroups []string
	// Exec says which programs the kubeconfig may run to log in.
	Exec ExecPolicy
	// ExecAllowlist are those of ExecAllowlisted: absolute paths, or names in $PATH.
	ExecAllowlist []string
	// AllowFileReferences lets KubeconfigText name files.
	AllowFileReferences bool
	// Warning receives each warning of the API server, and the request that it is about, such as
	// "PATCH /apis/...". It is called while that request's call goes on, one call at a time; it
	// must not use this client. Clients of virtual clusters that this one opens call it, too.
	Warning func(request, text string)
}

// ExecPolicy says which programs a kubeconfig may run to log in (its exec entries).
type ExecPolicy int

const (
	// ExecDefault: those of kubeconfig files; none of a kubeconfig given as text.
	ExecDefault ExecPolicy = C.VCLUSTER_EXEC_DEFAULT
	// ExecAllow: any.
	ExecAllow ExecPolicy = C.VCLUSTER_EXEC_ALLOW
	// ExecDeny: none.
	ExecDeny ExecPolicy = C.VCLUSTER_EXEC_DENY
	// ExecAllowlisted: those in ExecAllowlist.
	ExecAllowlisted ExecPolicy = C.VCLUSTER_EXEC_ALLOWLIST
)

// NewClient makes a client from a kubeconfig. It reads files and sends nothing.
func NewClient(options ClientOptions) (*Client, error) {
	var memory scope
	defer memory.done()

	cOptions := C.vcluster_client_options{
		struct_size:     C.sizeof_vcluster_client_options,
		kubeconfig_path: memory.optional(options.Kubeconfig),
		kubeconfig_text: memory.optional(string(options.KubeconfigText)),
		context:         memory.optional(options.Context),
		user_agent:      memory.optional(options.UserAgent),

		server:                memory.optional(options.Server),
		namespace_name:        memory.optional(options.Namespace),
		impersonate_user:      memory.optional(options.ImpersonateUser),
		impersonate_groups:    memory.texts(options.ImpersonateGroups),
		exec_policy:           C.uint64_t(options.Exec),
		exec_allowlist:        memory.texts(options.ExecAllowlist),
		allow_file_references: flag(options.AllowFileReferences),
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
	if options.Warning != nil {
		cOptions.warning = C.vcluster_warning_fn(C.vclgoWarning)
		cOptions.warning_user_data = C.vclgo_slot_new(C.uintptr_t(newHandle(options.Warning)))
		cOptions.warning_destroy = (*[0]byte)(C.vclgoLogDestroy)
	}
	var client *C.vcluster_client
	var cError *C.vcluster_error
	if status := C.vcluster_client_new(&cOptions, &client, &cError); status < 0 {
		if options.Log != nil { // a client that was not made has not taken them over
			vclgoLogDestroy(cOptions.log_user_data)
		}
		if options.Warning != nil {
			vclgoLogDestroy(cOptions.warning_user_data)
		}
		return nil, failure(status, cError)
	}
	return wrapClient(client), nil
}

func wrapClient(client *C.vcluster_client) *Client {
	c := &Client{
		object:    newObject(client, func(p *C.vcluster_client) { C.vcluster_client_unref(p) }),
		server:    C.GoString(C.vcluster_client_server(client)),
		context:   C.GoString(C.vcluster_client_context(client)),
		namespace: C.GoString(C.vcluster_client_namespace(client)),
	}
	runtime.AddCleanup(c, collect[*C.vcluster_client], c.object)
	return c
}

// Close gives the client back. It may be called more than once and while calls are under way,
// which go on; the last one to return ends the client's connections. It always returns nil.
func (c *Client) Close() error {
	if c != nil {
		c.close()
	}
	return nil
}

// Server is the URL of the API server.
func (c *Client) Server() string { return c.server }

// Context is the name of the context in use, or "".
func (c *Client) Context() string { return c.context }

// Namespace is that of the context, or "".
func (c *Client) Namespace() string { return c.namespace }

// RequestCount is the number of HTTP requests that the client has sent so far, retries included; 0
// once it is closed.
func (c *Client) RequestCount() int64 {
	client := c.acquire()
	if client == nil {
		return 0
	}
	defer c.release()
	return int64(C.vcluster_client_request_count(client))
}

// ServerVersion asks the API server for its version, such as "v1.35.4".
func (c *Client) ServerVersion(ctx context.Context) (string, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return "", err
	}
	defer call.end()

	var options C.vcluster_call_options
	call.prepare(unsafe.Pointer(&options), C.sizeof_vcluster_call_options)
	var version *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_client_server_version(client, &options, &version, cError)
	})
	return string(take(version)), err
}

//export vclgoLog
func vclgoLog(level C.int, message *C.vclgo_char, userData unsafe.Pointer) {
	log := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(func(slog.Level, string))
	log(logLevel(level), C.GoString(message))
}

func logLevel(level C.int) slog.Level {
	switch level {
	case C.VCLUSTER_LOG_DEBUG:
		return slog.LevelDebug
	case C.VCLUSTER_LOG_INFO:
		return slog.LevelInfo
	default: // VCLUSTER_LOG_WARNING, and whatever a newer library finds worse
		return slog.LevelWarn
	}
}

//export vclgoWarning
func vclgoWarning(request, text *C.vclgo_char, userData unsafe.Pointer) {
	warning := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(func(string, string))
	warning(C.GoString(request), C.GoString(text))
}

//export vclgoLogDestroy
func vclgoLogDestroy(userData unsafe.Pointer) {
	deleteHandle(cgo.Handle(C.vclgo_slot_handle(userData)))
	C.free(userData)
}
