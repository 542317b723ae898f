// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import "context"

// Preflight tells what would make [Client.Create] with the same arguments fail, before anything is
// touched and all at once: rights, storage class, quotas, limit ranges, pod security level, names,
// images, and values that upstream refuses or that need its licence. Of SeverityError is what will
// certainly make it fail, or the control plane never start.
func (c *Client) Preflight(ctx context.Context, name string, options EnsureOptions) (*Report, error) {
	var report *C.vcluster_report
	err := c.ensureCall(ctx, name, options, func(call ensureArguments, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_preflight(call.client, call.name, call.config, call.options, &report, cError)
	})
	if err != nil {
		return nil, err
	}
	return takeReport(report)
}
