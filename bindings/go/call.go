// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"math"
	"runtime/cgo"
	"time"
	"unsafe"
)

// call is one blocking call: it gives the library the deadline of the context as a timeout, its
// cancellation as a cancel token, and keeps the client and all borrowed C memory until end.
type call struct {
	scope
	ctx      context.Context
	client   *C.vcluster_client
	owner    *object[*C.vcluster_client]
	timeout  C.int64_t
	cancel   *C.vcluster_cancel
	unhook   func()
	progress ProgressFunc
	handle   cgo.Handle
	stopped  *outcome // why the progress function stopped the call
}

// begin prepares a call on the client. Every call that began must end.
func (c *Client) begin(ctx context.Context, progress ProgressFunc) (*call, error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	client := c.acquire()
	if client == nil {
		return nil, closedError("client")
	}
	return start(ctx, &call{ctx: ctx, client: client, owner: c.object, progress: progress})
}

// beginAlone prepares a call that needs no client.
func beginAlone(ctx context.Context, progress ProgressFunc) (*call, error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	return start(ctx, &call{ctx: ctx, progress: progress})
}

func start(ctx context.Context, running *call) (*call, error) {
	if deadline, ok := ctx.Deadline(); ok {
		running.timeout = milliseconds(time.Until(deadline))
	}
	if err := running.hook(); err != nil {
		running.end()
		return nil, err
	}
	if running.progress != nil {
		running.handle = newHandle(running)
	}
	return running, nil
}

// milliseconds rounds up, so that what is left of a deadline is never 0, "the default".
func milliseconds(d time.Duration) C.int64_t {
	if d <= 0 {
		return 1
	}
	if d > math.MaxInt64-time.Millisecond {
		d = math.MaxInt64 - time.Millisecond
	}
	return C.int64_t((d + time.Millisecond - 1) / time.Millisecond)
}

// hook lets the cancellation of the context stop the call. The token serves the progress function
// too: it reaches requests that run on other threads of the library at once.
func (c *call) hook() error {
	if c.ctx.Done() == nil && c.progress == nil {
		return nil
	}
	var cError *C.vcluster_error
	if status := C.vcluster_cancel_new(&c.cancel, &cError); status < 0 {
		return failure(status, cError)
	}
	cancel, ctx := c.cancel, c.ctx
	finished := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(finished)
		// The library watches the deadline itself, and says what was in the way when it passes.
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			C.vcluster_cancel_trigger(cancel)
		}
	})
	c.unhook = func() {
		if !stop() {
			<-finished // the token must not be freed under the trigger
		}
	}
	return nil
}

// unlimited is for calls that go on by their nature: only the context ends them.
func (c *call) unlimited() {
	if _, limited := c.ctx.Deadline(); !limited {
		c.timeout = -1
	}
}

// end gives everything back.
func (c *call) end() {
	if c.unhook != nil {
		c.unhook()
	}
	C.vcluster_cancel_free(c.cancel)
	if c.handle != 0 {
		deleteHandle(c.handle)
	}
	c.scope.done()
	if c.owner != nil {
		c.owner.release()
	}
}

// prepare sets the members that the options of all blocking calls begin with.
func (c *call) prepare(options unsafe.Pointer, size C.size_t) {
	common := (*C.vcluster_call_options)(options)
	common.struct_size = size
	common.timeout_ms = c.timeout
	common.cancel = c.cancel
	if c.progress != nil {
		common.progress = C.vcluster_progress_fn(C.vclgoProgress)
		common.user_data = c.slot(c.handle)
	}
}

// slot makes the user data of a callback.
func (s *scope) slot(handle cgo.Handle) unsafe.Pointer {
	slot := C.vclgo_slot_new(C.uintptr_t(handle))
	s.slots = append(s.slots, slot)
	return slot
}

// run calls the library, unless an argument was unusable, and tells how it went.
func (c *call) run(function func(client *C.vcluster_client, cError **C.vcluster_error) C.int) error {
	if c.err != nil {
		return c.err
	}
	var cError *C.vcluster_error
	status := function(c.client, &cError)
	err := failure(status, cError)
	if c.stopped == nil {
		return withContext(c.ctx, err)
	}
	c.stopped.resume()
	if err == nil {
		return nil // it was done before the callback asked to stop
	}
	return c.stopped.err
}
