// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"io"
	"os"
	"runtime/cgo"
	"time"
	"unsafe"
)

// LogOptions are those of [Client.PodLogs].
type LogOptions struct {
	Namespace  string        // "": that of the client's context, else "default"
	Container  string        // "": what the pod's annotation names, else the only one
	Follow     bool          // go on until the container ends
	Previous   bool          // of the run before
	Timestamps bool          // each line begins with an RFC 3339 time
	Tail       *int          // only that many lines from the end; nil: all
	Since      time.Duration // only what is younger, in whole seconds; 0: all
	SinceTime  time.Time     // only what is younger; zero: all
	LimitBytes int64         // at most so many; 0: all
}

// PodLogs copies the log of a container to output, as it comes. The server is held back while
// output takes its time. An error of output ends the call and is returned.
func (c *Client) PodLogs(ctx context.Context, pod string, output io.Writer, options LogOptions) error {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()
	call.unlimited()

	cPod := call.text(pod)
	cOptions := C.vcluster_pod_logs_options{
		namespace_name: call.optional(options.Namespace),
		container:      call.optional(options.Container),
		follow:         flag(options.Follow),
		previous:       flag(options.Previous),
		timestamps:     flag(options.Timestamps),
		since_seconds:  C.int64_t((options.Since + time.Second - 1) / time.Second),
		limit_bytes:    C.int64_t(options.LimitBytes),
	}
	if options.Tail != nil {
		cOptions.tail, cOptions.tail_lines = 1, C.int64_t(*options.Tail)
	}
	if !options.SinceTime.IsZero() {
		cOptions.since_time = call.text(options.SinceTime.UTC().Format(time.RFC3339))
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_pod_logs_options)

	out := &outputs{stdout: output}
	handle := newHandle(out)
	defer deleteHandle(handle)
	slot := call.slot(handle)
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_pod_logs(client, cPod, &cOptions,
			C.vcluster_pod_output_fn(C.vclgoOutput), slot, cError)
	})
	return out.explain(err)
}

// ExecOptions are those of [Client.PodExec].
type ExecOptions struct {
	Namespace string    // as in LogOptions
	Container string    // as in LogOptions
	Stdin     io.Reader // nil: none. Read by a goroutine, which a Read that never returns outlives
	Stdout    io.Writer // nil: dropped
	Stderr    io.Writer // nil: dropped. Not used with a terminal
	TTY       bool      // the command has a terminal, and one output
	// TerminalSize gives the size in characters; it is asked for some times a second. nil: not known.
	TerminalSize func() (columns, rows int, known bool)
}

// PodExec runs a command in a container and waits for its end, whatever its exit code. No shell is
// involved. A command that could not be started ends with 127 (not found) or 126 (not executable).
//
// A call that ends early, by its context or by an error of a writer, leaves the command running:
// Kubernetes has no way to end it.
func (c *Client) PodExec(ctx context.Context, pod string, command []string,
	options ExecOptions) (exitCode int, err error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer call.end()
	call.unlimited()

	cPod, cCommand := call.text(pod), call.texts(command)
	cOptions := C.vcluster_pod_exec_options{
		namespace_name: call.optional(options.Namespace),
		container:      call.optional(options.Container),
		tty:            flag(options.TTY),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_pod_exec_options)
	out := &outputs{stdout: options.Stdout, stderr: options.Stderr, size: options.TerminalSize}
	handle := newHandle(out)
	defer deleteHandle(handle)
	slot := call.slot(handle)
	if options.TerminalSize != nil {
		cOptions.terminal_size = C.vcluster_terminal_size_fn(C.vclgoTerminalSize)
		cOptions.terminal_data = slot
	}
	if options.Stdin != nil {
		input, finish, err := feed(options.Stdin)
		if err != nil {
			return 0, err
		}
		defer finish()
		cOptions.use_input_fd, cOptions.input_fd = 1, C.int64_t(input.Fd())
	}

	var code C.int
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_pod_exec(client, cPod, cCommand, &cOptions,
			C.vcluster_pod_output_fn(C.vclgoOutput), slot, &code, cError)
	})
	return int(code), out.explain(err)
}

// feed copies a reader into a pipe that the library reads from. A file serves as it is.
func feed(source io.Reader) (input *os.File, finish func(), err error) {
	if file, ok := source.(*os.File); ok {
		return file, func() {}, nil
	}
	input, end, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	go func() {
		defer end.Close()
		_, _ = io.Copy(end, source) // ends with EPIPE once nobody reads any more
	}()
	return input, func() { _ = input.Close() }, nil
}

// outputs is where the bytes of one call go.
type outputs struct {
	stdout, stderr io.Writer
	size           func() (int, int, bool)
	stopped        *outcome
	err            error
}

// explain gives the error of a writer rather than the CANCELLED that it led to.
func (o *outputs) explain(err error) error {
	if o.stopped != nil {
		o.stopped.resume()
	}
	if err != nil && o.err != nil {
		return o.err
	}
	return err
}

//export vclgoOutput
func vclgoOutput(stream C.int, bytes unsafe.Pointer, size C.size_t, userData unsafe.Pointer) C.int {
	o := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*outputs)
	var writer io.Writer
	switch stream {
	case C.VCLUSTER_POD_OUTPUT:
		writer = o.stdout
	case C.VCLUSTER_POD_ERROR_OUTPUT:
		writer = o.stderr
	}
	if o.stopped != nil {
		return 1
	}
	if writer == nil {
		return 0
	}
	data := C.GoBytes(bytes, C.int(size))
	o.stopped = guard(func() error {
		_, o.err = writer.Write(data)
		return o.err
	})
	if o.stopped != nil {
		return 1
	}
	return 0
}

//export vclgoTerminalSize
func vclgoTerminalSize(columns, rows *C.int64_t, userData unsafe.Pointer) C.int {
	o := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*outputs)
	var wide, high int
	var known bool
	if o.stopped == nil {
		o.stopped = guard(func() error {
			wide, high, known = o.size()
			return nil
		})
	}
	if !known || o.stopped != nil {
		return -1
	}
	*columns, *rows = C.int64_t(wide), C.int64_t(high)
	return 0
}

// ForwardOptions are those of [Client.PodForward].
type ForwardOptions struct {
	Namespace     string // as in LogOptions
	LabelSelector string // any running pod with these labels, where no name is given
	LocalPort     int    // on 127.0.0.1; 0: any free one
}

// PodForward opens a tunnel to a port of a pod, named or (pod is "") found by labels. Connections
// to 127.0.0.1 reach the port inside the pod's network through the API server.
func (c *Client) PodForward(ctx context.Context, pod string, port int,
	options ForwardOptions) (*Tunnel, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cPod := call.optional(pod)
	cOptions := C.vcluster_pod_forward_options{
		namespace_name: call.optional(options.Namespace),
		label_selector: call.optional(options.LabelSelector),
		local_port:     C.int64_t(options.LocalPort),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_pod_forward_options)
	var tunnel *C.vcluster_tunnel
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_pod_forward(client, cPod, C.int64_t(port), &cOptions, &tunnel, cError)
	})
	if err != nil {
		return nil, err
	}
	return wrapTunnel(tunnel), nil
}
