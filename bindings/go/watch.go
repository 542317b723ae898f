// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"iter"
	"runtime/cgo"
	"unsafe"
)

// Event is one change that [Client.WatchResources] saw.
type Event struct {
	Type   string // "ADDED", "MODIFIED" or "DELETED"
	Object json.RawMessage
}

// WatchResources iterates over the changes of the objects of one kind: first an ADDED for each that
// exists, then every change. Cuts of the connection are ridden out: changes that were missed are
// told as the difference of two lists.
//
// Breaking the loop ends the watch. Without a deadline in the context it goes on for ever; when the
// context is done, or the watch fails, it ends with an error.
func (c *Client) WatchResources(ctx context.Context, apiVersion, kind string,
	options ResourceListOptions) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		// The library waits in a goroutine of its own, so that nothing that happens in the body
		// of the loop (a panic, t.Fatal) unwinds its frames.
		watching, stop := context.WithCancel(ctx)
		w := &watch{done: watching.Done(), events: make(chan Event)}
		failed := make(chan error, 1)
		go func() {
			defer close(failed)
			failed <- c.watch(watching, apiVersion, kind, options, w)
		}()
		defer func() {
			stop()
			for range failed { // until it is closed: the library has returned
			}
		}()

		for {
			select {
			case event := <-w.events:
				if !yield(event, nil) {
					return
				}
			case err := <-failed:
				if err != nil {
					yield(Event{}, err)
				}
				return
			}
		}
	}
}

// watch is where the events of one watch go.
type watch struct {
	done   <-chan struct{}
	events chan Event
}

func (c *Client) watch(ctx context.Context, apiVersion, kind string, options ResourceListOptions,
	w *watch) error {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()
	handle := newHandle(w)
	defer deleteHandle(handle)

	if _, limited := ctx.Deadline(); !limited {
		call.timeout = -1
	}
	cVersion, cKind := call.text(apiVersion), call.text(kind)
	cOptions, slot := call.listOptions(options), call.slot(handle)
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_resource_watch(client, cVersion, cKind, cOptions,
			C.vcluster_resource_event_fn(C.vclgoEvent), slot, cError)
	})
	if err == nil && ctx.Err() != nil { // the callback noticed first
		return contextError(ctx)
	}
	return err
}

//export vclgoEvent
func vclgoEvent(kind, object *C.vclgo_char, userData unsafe.Pointer) C.int {
	w := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*watch)
	event := Event{Type: C.GoString(kind), Object: json.RawMessage(C.GoString(object))}
	select {
	case w.events <- event:
		return 0
	case <-w.done:
		return 1
	}
}
