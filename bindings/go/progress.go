// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"errors"
	"runtime"
	"runtime/cgo"
	"time"
	"unsafe"
)

// Step says what a call is doing.
type Step int

// The steps.
const (
	StepTick       Step = C.VCLUSTER_STEP_TICK       // nothing new: a sign of life, >= 4 a second
	StepNamespace  Step = C.VCLUSTER_STEP_NAMESPACE  // the namespace is made, or waited for
	StepRelease    Step = C.VCLUSTER_STEP_RELEASE    // the Helm release record is written
	StepObject     Step = C.VCLUSTER_STEP_OBJECT     // an object of the chart is applied
	StepPod        Step = C.VCLUSTER_STEP_POD        // the pod exists, or was given a node
	StepImage      Step = C.VCLUSTER_STEP_IMAGE      // an image is pulled, or was pulled
	StepContainer  Step = C.VCLUSTER_STEP_CONTAINER  // a container started
	StepAPI        Step = C.VCLUSTER_STEP_API        // the API server of the virtual cluster answers
	StepKubeconfig Step = C.VCLUSTER_STEP_KUBECONFIG // the kubeconfig Secret is there
	StepReady      Step = C.VCLUSTER_STEP_READY      // the virtual cluster is ready
	StepDelete     Step = C.VCLUSTER_STEP_DELETE     // objects are deleted, or waited for
	StepLock       Step = C.VCLUSTER_STEP_LOCK       // another operation is waited for
	StepPlan       Step = C.VCLUSTER_STEP_PLAN       // what will be done, before anything is touched
	StepScale      Step = C.VCLUSTER_STEP_SCALE      // a workload is scaled down or up
)

// String is the name of the step, such as "namespace".
func (s Step) String() string { return C.GoString(C.vcluster_step_name(C.int(s))) }

// Progress is one report of a call that is under way.
type Progress struct {
	Step    Step
	Object  string // the object concerned, such as "pod/dev-0", or ""
	Message string // what happened, for a person; "" for a tick
	Elapsed time.Duration
}

// ProgressFunc is told how a call proceeds. The call waits for it, so it should return soon. It
// runs on a goroutine of its own and may use the client. An error stops the call, which then fails
// with that very error; a panic, or runtime.Goexit as in t.Fatal, goes on in the caller.
type ProgressFunc func(Progress) error

// outcome is how a callback ended.
type outcome struct {
	err      error
	panicked any
	exited   bool // by runtime.Goexit
}

// resume carries a panic or an exit of a callback on, once the C frames are gone.
func (o *outcome) resume() {
	switch {
	case o == nil:
	case o.panicked != nil:
		panic(o.panicked)
	case o.exited:
		runtime.Goexit()
	}
}

var errExited = errors.New("vcluster: the callback exited its goroutine")

// guard runs a callback on a goroutine of its own: neither a panic nor runtime.Goexit may unwind
// the frames of the library, which would not free what they hold. It returns nil to go on.
func guard(callback func() error) *outcome {
	done := make(chan *outcome)
	go func() {
		result := &outcome{err: errExited, exited: true}
		defer func() {
			if result.exited {
				if result.panicked = recover(); result.panicked != nil {
					result.exited = false
				}
			}
			done <- result
		}()
		result.err = callback()
		result.exited = false
	}()

	result := <-done
	if result.err == nil {
		return nil
	}
	return result
}

//export vclgoProgress
func vclgoProgress(progress *C.vclgo_progress, userData unsafe.Pointer) C.int {
	running := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*call)
	if running.stopped != nil {
		return 1
	}
	report := Progress{
		Step:    Step(C.vcluster_progress_step(progress)),
		Object:  C.GoString(C.vcluster_progress_object(progress)),
		Message: C.GoString(C.vcluster_progress_message(progress)),
		Elapsed: time.Duration(C.vcluster_progress_elapsed_ms(progress)) * time.Millisecond,
	}
	running.stopped = guard(func() error { return running.progress(report) })
	if running.stopped != nil {
		C.vcluster_cancel_trigger(running.cancel)
		return 1
	}
	return 0
}
