// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// Connection is a tunnel that a process in the background holds, as it was written down.
type Connection struct {
	ID          string // what StopConnection knows it by
	Name        string // of the virtual cluster
	Namespace   string // on the host
	HostContext string // context of its host, or ""
	Context     string // that leads there in a kubeconfig, if one was merged
	URL         string // "https://127.0.0.1:PORT"
	Log         string // path of the log of its process
	PID         int
	Started     time.Time
	Alive       bool // whether its process ran when it was asked for

	json string
}

// MarshalJSON gives the form that all languages of libvcluster share.
func (c Connection) MarshalJSON() ([]byte, error) {
	if c.json == "" {
		return nil, invalid("only a connection that the library made has a JSON form")
	}
	return []byte(c.json), nil
}

// StartConnectionOptions are those of [Client.StartConnection].
type StartConnectionOptions struct {
	Namespace   string // as in InstanceOptions
	Program     string // path of vcl, which holds the tunnel; "": the one in $PATH
	LocalPort   int    // on 127.0.0.1; 0: any free one
	ContextName string // of the kubeconfig context that will lead there
	// StateDirectory is where it is written down; "": libvcluster/connections in $XDG_STATE_HOME or ~/.local/state.
	StateDirectory string
	Progress       ProgressFunc
}

// StartConnection has a process of its own hold a tunnel, which outlives this program. It ends by [StopConnection], SIGTERM,
// or when the virtual cluster is deleted. One like it that is running already is returned. Nobody's kubeconfig is changed:
// make one with [Client.Kubeconfig] and the URL as its server.
func (c *Client) StartConnection(ctx context.Context, name string, options StartConnectionOptions) (*Connection, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := C.vcluster_connection_start_options{
		namespace_name:  call.optional(options.Namespace),
		program:         call.optional(options.Program),
		local_port:      C.int64_t(options.LocalPort),
		context_name:    call.optional(options.ContextName),
		state_directory: call.optional(options.StateDirectory),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_connection_start_options)
	var connection *C.vcluster_connection
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_connection_start(client, cName, &cOptions, &connection, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_connection_free(connection)
	return copyConnection(connection)
}

// Connections gives those of this user that are running, the older ones first. What is written down of others, whose process
// is gone, is removed together with its log. The directory is StartConnectionOptions.StateDirectory.
func Connections(ctx context.Context, stateDirectory string) ([]*Connection, error) {
	call, err := beginAlone(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cOptions := C.vcluster_connection_options{state_directory: call.optional(stateDirectory)}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_connection_options)
	var list *C.vcluster_connection_list
	err = call.run(func(_ *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_connection_list_new(&cOptions, &list, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_connection_list_free(list)
	connections := make([]*Connection, C.vcluster_connection_list_size(list))
	for i := range connections {
		connections[i], err = copyConnection(C.vcluster_connection_list_at(list, C.size_t(i)))
		if err != nil {
			return nil, err
		}
	}
	return connections, nil
}

// StopConnection ends the process of a connection and waits until it is gone: it gets SIGTERM, and SIGKILL when the deadline
// of the context, or without one ten seconds, has passed. A context in a kubeconfig stays.
func StopConnection(ctx context.Context, id, stateDirectory string) error {
	call, err := beginAlone(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()

	cID := call.text(id)
	cOptions := C.vcluster_connection_options{state_directory: call.optional(stateDirectory)}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_connection_options)
	return call.run(func(_ *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_connection_stop(cID, &cOptions, cError)
	})
}

func copyConnection(connection *C.vcluster_connection) (*Connection, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_connection_to_json(connection, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return &Connection{
		ID:          C.GoString(C.vcluster_connection_id(connection)),
		Name:        C.GoString(C.vcluster_connection_name(connection)),
		Namespace:   C.GoString(C.vcluster_connection_namespace(connection)),
		HostContext: C.GoString(C.vcluster_connection_host_context(connection)),
		Context:     C.GoString(C.vcluster_connection_context(connection)),
		URL:         C.GoString(C.vcluster_connection_url(connection)),
		Log:         C.GoString(C.vcluster_connection_log(connection)),
		PID:         int(C.vcluster_connection_pid(connection)),
		Started:     time.Unix(int64(C.vcluster_connection_started(connection)), 0),
		Alive:       bool(C.vcluster_connection_alive(connection)),
		json:        string(take(text)),
	}, nil
}
