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
	cOptions, done, err := call.ensureOptions(options)
	if err != nil {
		return nil, err
	}
	defer done()

	cName := call.text(name)
	var report *C.vcluster_report
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_preflight(client, cName, config, cOptions, &report, cError)
	})
	if err != nil {
		return nil, err
	}
	return takeReport(report)
}
