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

// FitsOptions are those of [Fits] and [Client.Fits].
type FitsOptions struct {
	// Config has the values of the virtual cluster that the objects are meant for: only what it copies counts on its
	// host. Nil: they go into the namespace itself. Client.Fits does not look at it: it asks the host.
	Config    *Config
	Namespace string // host namespace; "": wherever it is. Of Client.Fits only
	Nodes     int64  // pods of a DaemonSet; 0: as many as the host has nodes, or 1 where no host is asked
	Progress  ProgressFunc
}

// Fits tells whether objects would be admitted into a namespace with these ResourceQuotas and LimitRanges, as its API
// server would decide: one after the other, what was admitted being used up for the rest. Both are YAML or JSON. Nothing is
// sent anywhere. A report without findings says that everything fits.
func Fits(constraints, manifests string, options FitsOptions) (*Report, error) {
	var memory scope
	defer memory.done()

	cConstraints, cManifests := memory.text(constraints), memory.text(manifests)
	if memory.err != nil {
		return nil, memory.err
	}
	cOptions := C.vcluster_fits_options{
		struct_size: C.sizeof_vcluster_fits_options,
		nodes:       C.int64_t(options.Nodes),
	}
	var report *C.vcluster_report
	err := withChartAndConfig(nil, options.Config, func(_ *C.vcluster_chart, cConfig *C.vcluster_config) error {
		var cError *C.vcluster_error
		return failure(C.vcluster_quota_fits(cConstraints, cManifests, cConfig, &cOptions, &report, &cError), cError)
	})
	if err != nil {
		return nil, err
	}
	return takeReport(report)
}

// Fits tells whether objects would fit into a virtual cluster: as the function [Fits], with the quotas and limit ranges of
// its host namespace, what is used of them now, and its sync rules.
func (c *Client) Fits(ctx context.Context, name, manifests string, options FitsOptions) (*Report, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cManifests := call.text(name), call.text(manifests)
	cOptions := C.vcluster_fits_options{
		namespace_name: call.optional(options.Namespace),
		nodes:          C.int64_t(options.Nodes),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_fits_options)
	var report *C.vcluster_report
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_fits(client, cName, cManifests, &cOptions, &report, cError)
	})
	if err != nil {
		return nil, err
	}
	return takeReport(report)
}

// SetTenant sets the values of a tenant's virtual cluster from a TeamCluster document (YAML or JSON), and gives a name for
// it. ResourceQuota, LimitRange and network policies are switched on; the quota is what the team may use, with the control
// plane's own use on top: that of the chart, or for nil upstream's, as the library knows it. [Client.Ensure] puts it into
// force, also on a running virtual cluster. An ErrConfig has everything that is wrong with the document as findings.
func (c *Config) SetTenant(tenant string, chart *Chart) (name string, err error) {
	var text *C.char
	err = withChart(chart, func(cChart *C.vcluster_chart) error {
		return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
			return C.vcluster_config_set_tenant(config, memory.text(tenant), cChart, &text, cError)
		})
	})
	if err != nil {
		return "", err
	}
	return string(take(text)), nil
}

// UsedResource is one resource of one quota. Amounts are Kubernetes quantities such as "1500m".
type UsedResource struct {
	Quota        string // name of the ResourceQuota
	Resource     string // such as "requests.cpu"
	Hard         string // what is allowed
	Used         string // what is used, by all together
	ControlPlane string // what was not copied from inside uses: the control plane and its objects
	Left         string // what is left
}

// Usage is what quotas allow in the namespace of a virtual cluster, and what is used.
type Usage struct {
	Resources []UsedResource

	json string
}

// MarshalJSON gives {"resources": [...], "objects": [...]}, the objects being those of the virtual cluster that were copied
// to the host, with their names inside and what they use.
func (u *Usage) MarshalJSON() ([]byte, error) {
	if u.json == "" {
		return nil, invalid("only a usage that the library made has a JSON form")
	}
	return []byte(u.json), nil
}

// Usage tells what quotas allow in the namespace of a virtual cluster, what is used of it, and by whom.
func (c *Client) Usage(ctx context.Context, name string, options InstanceOptions) (*Usage, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := C.vcluster_instance_options{namespace_name: call.optional(options.Namespace)}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_instance_options)
	var usage *C.vcluster_usage
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_usage(client, cName, &cOptions, &usage, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_usage_free(usage)
	return copyUsage(usage)
}

func copyUsage(usage *C.vcluster_usage) (*Usage, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_usage_to_json(usage, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	u := &Usage{json: string(take(text))}
	for i := range C.vcluster_usage_size(usage) {
		entry := C.vcluster_usage_at(usage, i)
		u.Resources = append(u.Resources, UsedResource{
			Quota:        C.GoString(C.vcluster_usage_entry_quota(entry)),
			Resource:     C.GoString(C.vcluster_usage_entry_resource(entry)),
			Hard:         C.GoString(C.vcluster_usage_entry_hard(entry)),
			Used:         C.GoString(C.vcluster_usage_entry_used(entry)),
			ControlPlane: C.GoString(C.vcluster_usage_entry_control_plane(entry)),
			Left:         C.GoString(C.vcluster_usage_entry_left(entry)),
		})
	}
	return u, nil
}
