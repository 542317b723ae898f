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
	return iterate(ctx, func(watching context.Context, w *watch[Event]) error {
		return c.watch(watching, apiVersion, kind, options, w)
	})
}

// watch is where the events of one watch go.
type watch[T any] struct {
	done   <-chan struct{}
	events chan T
}

// send is for the callback: non-zero ends the watch.
func (w *watch[T]) send(event T) C.int {
	select {
	case w.events <- event:
		return 0
	case <-w.done:
		return 1
	}
}

// iterate runs a watch for a loop. The library waits in a goroutine of its own, so that nothing that
// happens in the body of the loop (a panic, t.Fatal) unwinds its frames.
func iterate[T any](ctx context.Context,
	run func(context.Context, *watch[T]) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		watching, stop := context.WithCancel(ctx)
		w := &watch[T]{done: watching.Done(), events: make(chan T)}
		failed := make(chan error, 1)
		go func() {
			defer close(failed)
			failed <- run(watching, w)
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
					var none T
					yield(none, err)
				}
				return
			}
		}
	}
}

func (c *Client) watch(ctx context.Context, apiVersion, kind string, options ResourceListOptions,
	w *watch[Event]) error {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()
	handle := newHandle(w)
	defer deleteHandle(handle)

	call.unlimited()
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
	w := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*watch[Event])
	return w.send(Event{Type: C.GoString(kind), Object: json.RawMessage(C.GoString(object))})
}

// InstanceEventType says what happened to a virtual cluster.
type InstanceEventType int

// The types of events.
const (
	InstanceAdded   InstanceEventType = C.VCLUSTER_INSTANCE_ADDED   // also at the beginning
	InstanceChanged InstanceEventType = C.VCLUSTER_INSTANCE_CHANGED // its status, readiness, ...
	InstanceRemoved InstanceEventType = C.VCLUSTER_INSTANCE_REMOVED
)

// String is "ADDED", "CHANGED" or "REMOVED".
func (t InstanceEventType) String() string {
	switch t {
	case InstanceAdded:
		return "ADDED"
	case InstanceChanged:
		return "CHANGED"
	case InstanceRemoved:
		return "REMOVED"
	}
	return "unknown"
}

// InstanceEvent is one event of [Client.Watch].
type InstanceEvent struct {
	Type     InstanceEventType
	Instance *Instance // as it is; of a removed one, as it was told last
}

// Watch iterates over what happens to virtual clusters: first an InstanceAdded for each that exists,
// then every change of one. Cuts of the connection are ridden out, and no state is told twice.
//
// Breaking the loop ends the watch. Without a deadline in the context it goes on for ever; when the
// context is done, or the watch fails, it ends with an error.
func (c *Client) Watch(ctx context.Context, options ListOptions) iter.Seq2[InstanceEvent, error] {
	return iterate(ctx, func(watching context.Context, w *watch[InstanceEvent]) error {
		return c.watchInstances(watching, options, w)
	})
}

func (c *Client) watchInstances(ctx context.Context, options ListOptions,
	w *watch[InstanceEvent]) error {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()
	handle := newHandle(w)
	defer deleteHandle(handle)

	call.unlimited()
	cOptions := C.vcluster_list_options{namespace_name: call.optional(options.Namespace)}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_list_options)
	slot := call.slot(handle)
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_watch(client, &cOptions,
			C.vcluster_instance_event_fn(C.vclgoInstanceEvent), slot, cError)
	})
	if err == nil && ctx.Err() != nil { // the callback noticed first
		return contextError(ctx)
	}
	return err
}

//export vclgoInstanceEvent
func vclgoInstanceEvent(kind C.int, instance *C.vclgo_instance, userData unsafe.Pointer) C.int {
	w := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*watch[InstanceEvent])
	copied, err := copyInstance(instance)
	if err != nil { // only when memory is short
		return 1
	}
	return w.send(InstanceEvent{InstanceEventType(kind), copied})
}
