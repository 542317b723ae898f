// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"iter"
	"runtime"
	"unsafe"
)

// Operation is one operation of a batch: see [EnsureOperation] and the functions below it. The
// Progress of its options is not used.
type Operation struct {
	add func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error)
}

// batchCall is a call, and what has to be given back behind it.
type batchCall struct {
	*call
	after []func()
}

// EnsureOperation is [Client.Ensure].
func EnsureOperation(name string, options EnsureOptions) Operation {
	return createOperation(name, options, true)
}

// CreateOperation is [Client.Create].
func CreateOperation(name string, options EnsureOptions) Operation {
	return createOperation(name, options, false)
}

func createOperation(name string, options EnsureOptions, existing bool) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		config, err := options.Config.snapshot()
		if err != nil {
			return 0, err
		}
		b.after = append(b.after, func() { C.vcluster_config_free(config) })
		cOptions, done, err := b.ensureOptions(options)
		if err != nil {
			return 0, err
		}
		b.after = append(b.after, done)
		if existing {
			return C.vcluster_batch_add_ensure(batch, b.text(name), config, cOptions, cError), nil
		}
		return C.vcluster_batch_add_create(batch, b.text(name), config, cOptions, cError), nil
	}}
}

// WaitOperation is [Client.Wait].
func WaitOperation(name string, options InstanceOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := C.vcluster_instance_options{
			struct_size:    C.sizeof_vcluster_instance_options,
			namespace_name: b.optional(options.Namespace),
		}
		return C.vcluster_batch_add_wait(batch, b.text(name), &cOptions, cError), nil
	}}
}

// ExtendOperation is [Client.Extend].
func ExtendOperation(name string, options ExtendOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := b.extendOptions(options)
		cOptions.struct_size = C.sizeof_vcluster_extend_options
		return C.vcluster_batch_add_extend(batch, b.text(name), &cOptions, cError), nil
	}}
}

// PauseOperation is [Client.Pause].
func PauseOperation(name string, options PauseOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := b.pauseOptions(options)
		cOptions.struct_size = C.sizeof_vcluster_pause_options
		return C.vcluster_batch_add_pause(batch, b.text(name), &cOptions, cError), nil
	}}
}

// ResumeOperation is [Client.Resume].
func ResumeOperation(name string, options PauseOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := b.pauseOptions(options)
		cOptions.struct_size = C.sizeof_vcluster_pause_options
		return C.vcluster_batch_add_resume(batch, b.text(name), &cOptions, cError), nil
	}}
}

// DeleteOperation is [Client.Delete].
func DeleteOperation(name string, options DeleteOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := b.deleteOptions(options)
		cOptions.struct_size = C.sizeof_vcluster_delete_options
		return C.vcluster_batch_add_delete(batch, b.text(name), &cOptions, cError), nil
	}}
}

// SnapshotOperation is [Client.Snapshot]. [DescribeSnapshot] tells what the file has become.
func SnapshotOperation(name, path string, options SnapshotOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := b.snapshotFields(options)
		return C.vcluster_batch_add_snapshot(batch, b.text(name), b.optional(path), &cOptions, cError), nil
	}}
}

// RestoreOperation is [Client.Restore].
func RestoreOperation(name, path string, options SnapshotOptions) Operation {
	return Operation{func(b *batchCall, batch *C.vcluster_batch, cError **C.vcluster_error) (C.int, error) {
		cOptions := b.snapshotFields(options)
		return C.vcluster_batch_add_restore(batch, b.text(name), b.optional(path), &cOptions, cError), nil
	}}
}

// snapshotFields are the options; the file is kept until the batch has ended.
func (b *batchCall) snapshotFields(options SnapshotOptions) C.vcluster_snapshot_options {
	b.after = append(b.after, func() { runtime.KeepAlive(options.File) })
	cOptions := b.snapshotOptions(options)
	cOptions.struct_size = C.sizeof_vcluster_snapshot_options
	return cOptions
}

// BatchOptions are those of [Client.Batch].
type BatchOptions struct {
	Parallel    int  // operations at once, at most 256; 0: 16
	StopOnError bool // begin no more once one has failed; those that run are ended
}

// Batch carries out operations on virtual clusters, a few at once over the connections of the
// client, and iterates over the results as they come. That an operation fails is in its Result; the
// error that ends the iteration is that of the batch itself. Breaking the loop ends what runs.
func (c *Client) Batch(ctx context.Context, operations []Operation,
	options BatchOptions) iter.Seq2[Result, error] {
	return iterate(ctx, func(running context.Context, w *watch[Result]) error {
		return c.batch(running, operations, options, w)
	})
}

func (c *Client) batch(ctx context.Context, operations []Operation, options BatchOptions,
	w *watch[Result]) error {
	begun, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer begun.end()
	handle := newHandle(w)
	defer deleteHandle(handle)
	b := &batchCall{call: begun}
	defer func() {
		for _, function := range b.after {
			function()
		}
	}()

	var batch *C.vcluster_batch
	var cError *C.vcluster_error
	if status := C.vcluster_batch_new(&batch, &cError); status < 0 {
		return failure(status, cError)
	}
	defer C.vcluster_batch_free(batch)
	for _, operation := range operations {
		status, err := operation.add(b, batch, &cError)
		if b.err != nil {
			err = b.err
		}
		if err != nil {
			C.vcluster_error_free(cError)
			return err
		}
		if status < 0 {
			return failure(status, cError)
		}
	}

	b.unlimited()
	cOptions := C.vcluster_batch_options{
		parallel:      C.int64_t(options.Parallel),
		stop_on_error: flag(options.StopOnError),
	}
	b.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_batch_options)
	slot := b.slot(handle)
	err = b.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_batch_run(client, batch, &cOptions, C.vcluster_result_fn(C.vclgoResult),
			slot, cError)
	})
	if err == nil && ctx.Err() != nil { // the callback noticed first
		return contextError(ctx)
	}
	return err
}
