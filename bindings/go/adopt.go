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

// AdoptOptions are those of [Client.Adopt].
type AdoptOptions struct {
	Config       *Config       // the values it was made with; nil: as its release, or the host, has them
	Namespace    string        // as in InstanceOptions
	Chart        *Chart        // it was made from, where there is no release; nil: the distribution's
	ChartSource  string        // as in EnsureOptions
	ChartVersion string        // as in EnsureOptions
	TTL          time.Duration // it expires so long from now; 0: as it is
	ExpiresAt    time.Time     // it expires then; zero: as it is
	Owner        string        // who it belongs to; "": as it is
	ClearOwner   bool          // it belongs to nobody
	DryRun       bool          // tell what would be done, what is refused included
	TakeOver     bool          // also what Argo CD, Flux or Cluster API makes, if that stands still
	Align        bool          // change what differs from what its chart makes of its values
	Progress     ProgressFunc  // told of each object that is taken over
}

// Adopt puts a virtual cluster that others made under the care of this library: one of upstream's
// CLI, of Helm, or of manifests. Afterwards upgrades, pauses and deletes work as on one's own, and
// an Ensure with the values it was made with finds nothing to do. It goes on running. The plan tells
// what was done, and who made it. What a controller would undo, and what differs from what its chart
// makes, is ErrPrecondition with a finding for each.
func (c *Client) Adopt(ctx context.Context, name string, options AdoptOptions) (*Plan, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()
	config, err := options.Config.snapshot()
	if err != nil {
		return nil, err
	}
	defer C.vcluster_config_free(config)

	cOptions := C.vcluster_adopt_options{
		namespace_name: call.optional(options.Namespace),
		chart_source:   call.optional(options.ChartSource),
		chart_version:  call.optional(options.ChartVersion),
		ttl_s:          wholeSeconds(options.TTL),
		expires_at:     epoch(options.ExpiresAt),
		owner:          call.ownerText(options.Owner, options.ClearOwner),
		dry_run:        flag(options.DryRun),
		take_over:      flag(options.TakeOver),
		align:          flag(options.Align),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_adopt_options)
	if options.Chart != nil {
		if cOptions.chart = options.Chart.acquire(); cOptions.chart == nil {
			return nil, closedError("chart")
		}
		defer options.Chart.release()
	}
	cName := call.text(name)
	var plan *C.vcluster_plan
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_adopt(client, cName, config, &cOptions, &plan, cError)
	})
	return takePlan(plan, err)
}
