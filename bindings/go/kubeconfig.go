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

// SaveKubeconfig writes a kubeconfig to a file that only this user can read: whole or not at all,
// under the lock that kubectl takes, too.
func SaveKubeconfig(ctx context.Context, kubeconfig []byte, path string) error {
	call, err := beginAlone(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()

	cText, cPath := call.text(string(kubeconfig)), call.text(path)
	cOptions := C.vcluster_call_options{}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_call_options)
	return call.run(func(_ *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_kubeconfig_save(cText, cPath, &cOptions, cError)
	})
}

// MergeOptions are those of [MergeKubeconfig].
type MergeOptions struct {
	Path        string // the file; "": the one that kubectl would write to
	ContextName string // "": that of the kubeconfig
	SetCurrent  bool   // make it the current context; the one before is remembered
	Replace     bool   // also take the place of entries that somebody else made
}

// MergeKubeconfig puts the current context of a kubeconfig, such as [Client.Kubeconfig] makes it,
// into the user's, and returns its name there. Only the entries of that name are touched: comments,
// order and unknown fields of the file stay.
func MergeKubeconfig(ctx context.Context, kubeconfig []byte, options MergeOptions) (string, error) {
	call, err := beginAlone(ctx, nil)
	if err != nil {
		return "", err
	}
	defer call.end()

	cText := call.text(string(kubeconfig))
	cOptions := C.vcluster_kubeconfig_merge_options{
		path:         call.optional(options.Path),
		context_name: call.optional(options.ContextName),
		set_current:  flag(options.SetCurrent),
		replace:      flag(options.Replace),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_kubeconfig_merge_options)
	var name *C.char
	err = call.run(func(_ *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_kubeconfig_merge(cText, &cOptions, &name, cError)
	})
	return string(take(name)), err
}

// RemoveOptions are those of [RemoveFromKubeconfig]. ContextName, or Name and what narrows it down,
// say which context goes; with neither it is the current one.
type RemoveOptions struct {
	Path        string // the file; "": all that kubectl reads
	ContextName string
	Name        string // of the virtual cluster
	Namespace   string // its host namespace; "": any
	HostContext string // "": any
	MissingOK   bool   // success when there is none
}

// RemoveFromKubeconfig takes out what [MergeKubeconfig] put in, and nothing else. Where the context
// is the current one, the one before it becomes current again. It returns the name of the context
// that was removed, "" when there was none.
func RemoveFromKubeconfig(ctx context.Context, options RemoveOptions) (string, error) {
	call, err := beginAlone(ctx, nil)
	if err != nil {
		return "", err
	}
	defer call.end()

	cOptions := C.vcluster_kubeconfig_remove_options{
		path:           call.optional(options.Path),
		context_name:   call.optional(options.ContextName),
		name:           call.optional(options.Name),
		namespace_name: call.optional(options.Namespace),
		host_context:   call.optional(options.HostContext),
		missing_ok:     flag(options.MissingOK),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_kubeconfig_remove_options)
	var name *C.char
	err = call.run(func(_ *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_kubeconfig_remove(&cOptions, &name, cError)
	})
	return string(take(name)), err
}
