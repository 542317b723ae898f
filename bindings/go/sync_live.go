// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
)

// SyncDiffOptions are those of SyncDiff. The zero value is fine.
type SyncDiffOptions struct {
	Chart             *Chart // rights are told, too; nil: upstream's as far as the library knows it
	Name              string // of the virtual cluster
	Namespace         string // on the host
	KubernetesVersion string // of the host
}

// SyncDiff compares what two configurations copy: a change of kind "Values" is a rule that starts (ActionAdd) or stops
// (ActionRemove) to copy, or is set otherwise; one of kind "Role" or "ClusterRole" is a right on the host that the control
// plane gets or loses, named by the resource. A nil config is the defaults.
func SyncDiff(before, after *Config, options SyncDiffOptions) (*Plan, error) {
	cBefore, err := before.snapshot()
	if err != nil {
		return nil, err
	}
	defer C.vcluster_config_free(cBefore)
	var memory scope
	defer memory.done()
	cOptions := C.vcluster_check_options{
		struct_size:        C.sizeof_vcluster_check_options,
		name:               memory.optional(options.Name),
		namespace_name:     memory.optional(options.Namespace),
		kubernetes_version: memory.optional(options.KubernetesVersion),
	}
	if memory.err != nil {
		return nil, memory.err
	}
	var plan *C.vcluster_plan
	err = withChartAndConfig(options.Chart, after, func(cChart *C.vcluster_chart, cAfter *C.vcluster_config) error {
		var cError *C.vcluster_error
		return failure(C.vcluster_sync_diff(cChart, cBefore, cAfter, &cOptions, &plan, &cError), cError)
	})
	return takePlan(plan, err)
}

// SyncApply changes the sync rules of a running virtual cluster and waits until they are in force: options.Config has what
// is to change. Without such a virtual cluster it is an ErrNotFound, with values it cannot run with an ErrConfig with all
// findings; nothing was touched then.
func (c *Client) SyncApply(ctx context.Context, name string, options EnsureOptions) (*Instance, error) {
	var instance *C.vcluster_instance
	err := c.ensureCall(ctx, name, options, func(call ensureArguments, cError **C.vcluster_error) C.int {
		return C.vcluster_sync_apply(call.client, call.name, call.config, call.options, &instance, cError)
	})
	return takeInstance(instance, err)
}

// Config gives the values that a virtual cluster runs with: its chart's with the user's on them. Close it.
func (c *Client) Config(ctx context.Context, name string, options InstanceOptions) (*Config, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()
	cName, cOptions := call.text(name), call.instanceOptions(options)
	var config *C.vcluster_config
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_config(client, cName, cOptions, &config, cError)
	})
	if err != nil {
		return nil, err
	}
	return takeConfig(config), nil
}

// HostObject is an object on the host that stands for one of a virtual cluster.
type HostObject struct {
	APIVersion       string `json:"apiVersion"`
	Kind             string `json:"kind"`
	Namespace        string `json:"namespace"` // on the host; "" for kinds of the whole host
	Name             string `json:"name"`      // on the host
	VirtualNamespace string `json:"virtualNamespace"`
	VirtualName      string `json:"virtualName"`
	Note             string `json:"note"` // why it is not what it seems, or ""
}

// HostObjects lists the objects on the host that stand for objects of a virtual cluster, told by upstream's labels and
// annotations, ordered by kind and virtual name.
func (c *Client) HostObjects(ctx context.Context, name string, options InstanceOptions) ([]HostObject, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()
	cName, cOptions := call.text(name), call.instanceOptions(options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_host_objects(client, cName, cOptions, &text, cError)
	})
	if err != nil {
		return nil, err
	}
	var objects []HostObject
	if err := json.Unmarshal(take(text), &objects); err != nil {
		return nil, err
	}
	return objects, nil
}
