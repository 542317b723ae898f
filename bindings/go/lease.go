// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"iter"
	"runtime/cgo"
	"time"
	"unsafe"
)

// wholeSeconds rounds up, so that a short time is not none.
func wholeSeconds(duration time.Duration) C.int64_t {
	seconds := int64(duration / time.Second)
	if duration%time.Second > 0 {
		seconds++
	}
	return C.int64_t(seconds)
}

func epoch(at time.Time) C.int64_t {
	if at.IsZero() {
		return 0
	}
	return C.int64_t(at.Unix())
}

// ExtendOptions are those of [Client.Extend]. Exactly one of TTL, ExpiresAt and Never is needed.
type ExtendOptions struct {
	Namespace  string        // as in InstanceOptions
	TTL        time.Duration // it expires so long from now
	ExpiresAt  time.Time     // it expires then, which must be in the future
	Never      bool          // it does not expire any more
	OnlyLater  bool          // an expiry that is later already stays: for heartbeats
	Owner      string        // "": as it is
	ClearOwner bool          // it belongs to nobody
	Progress   ProgressFunc
}

// ownerText is whose it will be: NULL where that stays as it is.
func (c *call) ownerText(name string, clear bool) *C.char {
	if clear {
		return c.text("")
	}
	return c.optional(name)
}

func (c *call) extendOptions(options ExtendOptions) C.vcluster_extend_options {
	return C.vcluster_extend_options{
		namespace_name: c.optional(options.Namespace),
		ttl_s:          wholeSeconds(options.TTL),
		expires_at:     epoch(options.ExpiresAt),
		never:          flag(options.Never),
		only_later:     flag(options.OnlyLater),
		owner:          c.ownerText(options.Owner, options.ClearOwner),
	}
}

// Extend sets the time at which a virtual cluster expires. When it returns without an error, no
// reaper deletes the virtual cluster before the new time; it fails with ErrConflict when it has
// expired and a reaper is at work already.
func (c *Client) Extend(ctx context.Context, name string, options ExtendOptions) (*Instance, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.extendOptions(options)
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_extend_options)
	var instance *C.vcluster_instance
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_extend(client, cName, &cOptions, &instance, cError)
	})
	return takeInstance(instance, err)
}

// Result is what came of one operation of a batch or of a reaper.
type Result struct {
	Name      string
	Namespace string // on the host, as far as it was named
	Operation string // "ensure", "create", "wait", "extend", "pause", "resume", "delete", "snapshot", "restore"; "none" of a dry run
	Index     int    // number of the operation in its batch, from 0
	Err       error  // why it failed, or nil
}

//export vclgoResult
func vclgoResult(result *C.vclgo_result, userData unsafe.Pointer) C.int {
	w := cgo.Handle(C.vclgo_slot_handle(userData)).Value().(*watch[Result])
	copied := Result{
		Name:      C.GoString(C.vcluster_result_name(result)),
		Namespace: C.GoString(C.vcluster_result_namespace(result)),
		Operation: C.GoString(C.vcluster_result_operation(result)),
		Index:     int(C.vcluster_result_index(result)),
	}
	if status := C.vcluster_result_status(result); status < 0 {
		copied.Err = copyError(C.vcluster_result_error(result))
	}
	return w.send(copied)
}

// ReapOptions are those of [Client.Reap].
type ReapOptions struct {
	Namespace string        // "": all
	Owner     string        // only those of this owner; "": of anybody
	Grace     time.Duration // delete what has expired so long ago
	Parallel  int           // deletions at once, at most 256; 0: 4
	Interval  time.Duration // look again so long after each round; 0: look once
	DryRun    bool          // tell what would be deleted
}

// Reap deletes the virtual clusters that have expired, and iterates over the results: what could not
// be deleted has an Err. What has no expiry is never touched, and any number of reapers may run at
// once. An error of the look itself ends it.
func (c *Client) Reap(ctx context.Context, options ReapOptions) iter.Seq2[Result, error] {
	return iterate(ctx, func(reaping context.Context, w *watch[Result]) error {
		return c.reap(reaping, options, w)
	})
}

func (c *Client) reap(ctx context.Context, options ReapOptions, w *watch[Result]) error {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()
	handle := newHandle(w)
	defer deleteHandle(handle)

	if options.Interval > 0 {
		call.unlimited()
	}
	cOptions := C.vcluster_reap_options{
		namespace_name: call.optional(options.Namespace),
		owner:          call.optional(options.Owner),
		grace_s:        wholeSeconds(options.Grace),
		parallel:       C.int64_t(options.Parallel),
		interval_ms:    C.int64_t(options.Interval.Milliseconds()),
		dry_run:        flag(options.DryRun),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_reap_options)
	slot := call.slot(handle)
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_reap(client, &cOptions, C.vcluster_result_fn(C.vclgoResult), slot, cError)
	})
	if err == nil && ctx.Err() != nil { // the callback noticed first
		return contextError(ctx)
	}
	return err
}

// ReapManifestOptions are those of [ReapManifest].
type ReapManifestOptions struct {
	Image         string        // one with vcl in its path; needed
	Namespace     string        // where the CronJob runs; "": "default"
	Schedule      string        // as of cron; "": every five minutes
	Grace         time.Duration // as in ReapOptions
	OnlyNamespace string        // reap this namespace only; "": all
}

// ReapManifest gives a CronJob that runs "vcl reap", with the account and the smallest role it
// needs, as YAML.
func ReapManifest(options ReapManifestOptions) ([]byte, error) {
	var s scope
	defer s.done()

	cOptions := C.vcluster_reap_manifest_options{
		struct_size:    C.sizeof_vcluster_reap_manifest_options,
		namespace_name: s.optional(options.Namespace),
		image:          s.optional(options.Image),
		schedule:       s.optional(options.Schedule),
		grace_s:        wholeSeconds(options.Grace),
		only_namespace: s.optional(options.OnlyNamespace),
	}
	if s.err != nil {
		return nil, s.err
	}
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_reap_manifest(&cOptions, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return take(text), nil
}
