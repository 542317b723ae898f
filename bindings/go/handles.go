// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"runtime/cgo"
	"sync"
	"sync/atomic"
)

// Counters for the tests: what is alive, and what only the garbage collector closed.
var (
	liveObjects   atomic.Int64
	liveCallbacks atomic.Int64
	collected     atomic.Int64
)

// object owns a C object, by a pointer of type T, for one of our exported types. Closing it is idempotent and never waits:
// calls that are under way keep the C object until they return, the last one frees it.
//
// It must not point back to the exported type, whose cleanup holds on to it.
type object[T any] struct {
	mutex   sync.Mutex
	pointer T
	users   int
	closed  bool
	free    func(T)
}

func newObject[T any](pointer T, free func(T)) *object[T] {
	liveObjects.Add(1)
	return &object[T]{pointer: pointer, free: free}
}

// acquire gives the C object to use until release, or nil once the object is closed.
func (o *object[T]) acquire() (pointer T) {
	if o == nil {
		return pointer
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.closed {
		return pointer
	}
	o.users++
	return o.pointer
}

func (o *object[T]) release() {
	o.mutex.Lock()
	o.users--
	last := o.closed && o.users == 0
	o.mutex.Unlock()
	if last {
		o.drop()
	}
}

// close says whether it was this call that closed it.
func (o *object[T]) close() bool {
	if o == nil {
		return false
	}
	o.mutex.Lock()
	first := !o.closed
	o.closed = true
	last := first && o.users == 0
	o.mutex.Unlock()
	if last {
		o.drop()
	}
	return first
}

func (o *object[T]) drop() {
	o.free(o.pointer)
	liveObjects.Add(-1)
}

// collect is the safety net for objects that nobody closed: see runtime.AddCleanup.
func collect[T any](o *object[T]) {
	if o.close() {
		collected.Add(1)
	}
}

func newHandle(value any) cgo.Handle {
	liveCallbacks.Add(1)
	return cgo.NewHandle(value)
}

func deleteHandle(handle cgo.Handle) {
	handle.Delete()
	liveCallbacks.Add(-1)
}
