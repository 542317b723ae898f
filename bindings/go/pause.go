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

// PauseOptions are those of [Client.Pause] and [Client.Resume].
type PauseOptions struct {
	Namespace string // as in InstanceOptions
	NoWait    bool   // Resume: return when it is scaled, without waiting for ready
	Progress  ProgressFunc
}

// Pause scales a virtual cluster to nothing and waits until its pods are gone. Its objects, volumes,
// Services and Secrets stay. One that is paused already is success; after a kill the same call
// finishes the work.
func (c *Client) Pause(ctx context.Context, name string, options PauseOptions) error {
	return c.pause(ctx, name, options, true)
}

// Resume brings a paused virtual cluster back, or one that was scaled down by hand, and waits until
// it is ready.
func (c *Client) Resume(ctx context.Context, name string, options PauseOptions) error {
	return c.pause(ctx, name, options, false)
}

func (c *Client) pause(ctx context.Context, name string, options PauseOptions, down bool) error {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := call.pauseOptions(options)
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_pause_options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		if down {
			return C.vcluster_instance_pause(client, cName, &cOptions, cError)
		}
		return C.vcluster_instance_resume(client, cName, &cOptions, cError)
	})
}

func (c *call) pauseOptions(options PauseOptions) C.vcluster_pause_options {
	return C.vcluster_pause_options{
		namespace_name: c.optional(options.Namespace),
		no_wait:        flag(options.NoWait),
	}
}
