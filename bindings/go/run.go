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

// RunOptions are those of [Client.Run].
type RunOptions struct {
	Namespace string // as in InstanceOptions
	// Environment of the program, "NAME=VALUE" each; nil: that of this process. KUBECONFIG is set
	// in either.
	Environment []string
	// KillAfter is the time from SIGTERM to SIGKILL when the context ends; 0: ten seconds,
	// negative: no SIGKILL.
	KillAfter time.Duration
	Progress  ProgressFunc
}

// Run runs a program whose KUBECONFIG leads to the virtual cluster, and waits for its end. It has
// the standard streams of this process; its kubeconfig, a private file, and the tunnel last as long
// as it does. The exit code is 128 and the signal for a program that a signal ended, 127 for one
// that is not there and 126 for one that cannot be run.
func (c *Client) Run(ctx context.Context, name string, command []string, options RunOptions) (exitCode int, err error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return 0, err
	}
	defer call.end()

	cName, cCommand := call.text(name), call.texts(command)
	cOptions := C.vcluster_run_options{
		namespace_name: call.optional(options.Namespace),
		kill_after_ms:  C.int64_t(options.KillAfter.Milliseconds()),
	}
	if options.KillAfter < 0 {
		cOptions.kill_after_ms = -1
	}
	if options.Environment != nil {
		cOptions.environment = call.texts(options.Environment)
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_run_options)
	// The program has no deadline in the library: that of the context ends it as a cancellation does.
	triggered := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(triggered)
		C.vcluster_cancel_trigger(call.cancel)
	})
	defer func() {
		if !stop() {
			<-triggered
		}
	}()
	var code C.int
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_run(client, cName, cCommand, &cOptions, &code, cError)
	})
	return int(code), err
}
