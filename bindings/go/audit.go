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

// AuditOptions are those of [Client.Audit].
type AuditOptions struct {
	Namespace  string        // look only there, and at nothing cluster-scoped but itself; "": everywhere
	Grace      time.Duration // what is younger is left out; 0: ten minutes; negative: nothing is
	Remove     bool          // remove what is found, but for what holds data
	VolumesToo bool          // with Remove, also volumes, and the namespaces that hold any
	Progress   ProgressFunc  // told of each removal
}

// Audit finds what virtual clusters left behind on the host, and removes it if asked. What stays is
// a change ActionLeak, of ImpactDataLoss where its removal would lose data and of ImpactRefused
// where it must not, or could not, be removed; what was removed is ActionRemove. What a living
// virtual cluster owns is never touched; if anything cannot be listed, nothing is removed.
func (c *Client) Audit(ctx context.Context, options AuditOptions) (*Plan, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	grace := wholeSeconds(options.Grace)
	if options.Grace < 0 {
		grace = -1
	}
	cOptions := C.vcluster_audit_options{
		namespace_name: call.optional(options.Namespace),
		grace_s:        grace,
		remove:         flag(options.Remove),
		volumes_too:    flag(options.VolumesToo),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_audit_options)
	var plan *C.vcluster_plan
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_audit(client, &cOptions, &plan, cError)
	})
	return takePlan(plan, err)
}
