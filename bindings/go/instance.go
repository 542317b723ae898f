// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"iter"
	"time"
	"unsafe"
)

// Instance is a virtual cluster as it was when it was read.
type Instance struct {
	Name              string
	Namespace         string // on the host
	Status            string // as upstream's CLI has it: "Running", "Pending", "Paused", ...
	Ready             bool   // whether a control-plane pod is ready: what "Running" does not say
	Version           string // of the chart and the syncer image, or ""
	Distribution      string // "upstream" or "embedded"
	KubernetesVersion string // such as "v1.35.4", or "" if it is not known
	Created           time.Time
	Note              string    // what the user should know about it, or ""
	ExpiresAt         time.Time // after which a reaper deletes it; zero: never
	Owner             string    // who it belongs to, or ""

	json string
}

// MarshalJSON gives the form that all languages of libvcluster share.
func (i Instance) MarshalJSON() ([]byte, error) {
	if i.json == "" {
		return nil, invalid("only an instance that the library made has a JSON form")
	}
	return []byte(i.json), nil
}

// copyInstance makes the snapshot a Go value.
func copyInstance(instance *C.vcluster_instance) (*Instance, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_instance_to_json(instance, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	i := &Instance{
		Name:              C.GoString(C.vcluster_instance_name(instance)),
		Namespace:         C.GoString(C.vcluster_instance_namespace(instance)),
		Status:            C.GoString(C.vcluster_instance_status(instance)),
		Ready:             bool(C.vcluster_instance_ready(instance)),
		Version:           C.GoString(C.vcluster_instance_version(instance)),
		Distribution:      C.GoString(C.vcluster_instance_distribution(instance)),
		KubernetesVersion: C.GoString(C.vcluster_instance_kubernetes_version(instance)),
		Note:              C.GoString(C.vcluster_instance_note(instance)),
		Owner:             C.GoString(C.vcluster_instance_owner(instance)),
		json:              string(take(text)),
	}
	if created := int64(C.vcluster_instance_created(instance)); created != 0 {
		i.Created = time.Unix(created, 0).UTC()
	}
	if expires := int64(C.vcluster_instance_expires_at(instance)); expires != 0 {
		i.ExpiresAt = time.Unix(expires, 0).UTC()
	}
	return i, nil
}

// takeInstance is copyInstance for an instance that is ours to free.
func takeInstance(instance *C.vcluster_instance, err error) (*Instance, error) {
	defer C.vcluster_instance_free(instance)
	if err != nil {
		return nil, err
	}
	return copyInstance(instance)
}

// The distributions.
const (
	Upstream = "upstream" // the default
	Embedded = "embedded" // the library's own small control plane, without workloads
)

// EnsureOptions are those of [Client.Ensure] and [Client.Create].
type EnsureOptions struct {
	// Namespace on the host. "": that of the client's context, or "vcluster-NAME" where the
	// context names none or "default". Made when it is missing.
	Namespace    string
	Distribution string  // Upstream (also "") or Embedded
	Config       *Config // values, or nil for the chart's defaults
	Chart        *Chart  // installed instead of the distribution's, or nil
	// ChartSource is where upstream's chart comes from: a chart repository,
	// "oci://HOST/PATH/CHART", a directory or a .tgz. "": as UpstreamChart.
	ChartSource  string
	ChartVersion string // its version, or a constraint; "": as UpstreamChart
	NoWait       bool   // return when the objects are applied, without waiting for ready
	TakeOver     bool   // take over a pending release record that Helm itself left behind
	// KubernetesVersion is that inside, such as "1.35". "": what the values say, else that of an
	// existing one, else the chart's.
	KubernetesVersion string
	Profile           string // "default" (also ""), "fast" or "lean": values below those given
	ResetValues       bool   // values given earlier are dropped, not merged
	Atomic            bool   // what fails is undone: a creation deleted, an upgrade rolled back
	Resume            bool   // a paused one is resumed first, where it would be refused
	Preflight         bool   // what Client.Preflight finds of SeverityError about a new one refuses it
	// Unchecked: values that Config.Check calls an error are tried all the same; they are an
	// ErrConfig with all findings otherwise.
	Unchecked bool
	// TTL above 0: it expires so long from now, and a reaper deletes it then; an existing one is
	// extended. 0: it does not, and an existing one keeps its expiry.
	TTL       time.Duration
	ExpiresAt time.Time // the same as a time
	Owner     string    // who it belongs to; "": nobody is named, or as it is
	Progress  ProgressFunc
}

// Create makes a virtual cluster and, unless told otherwise, waits until it is ready. It fails with
// ErrAlreadyExists when a completed release of that name is there; one that was left unfinished is
// completed.
func (c *Client) Create(ctx context.Context, name string, options EnsureOptions) (*Instance, error) {
	return c.create(ctx, name, options, false)
}

// Ensure makes sure that a virtual cluster exists and, unless told otherwise, that it is ready. It
// may be repeated: what a killed or failed call left unfinished is completed. An existing one that
// differs from what is asked for is upgraded: its values, chart and version of Kubernetes stay but
// for what is given. A report of StepPlan says beforehand whether the control plane restarts; what
// cannot go well is refused (ErrPrecondition, all findings) before anything is touched.
func (c *Client) Ensure(ctx context.Context, name string, options EnsureOptions) (*Instance, error) {
	return c.create(ctx, name, options, true)
}

func (c *Client) create(ctx context.Context, name string, options EnsureOptions,
	existing bool) (*Instance, error) {
	var instance *C.vcluster_instance
	err := c.ensureCall(ctx, name, options, func(call ensureArguments, cError **C.vcluster_error) C.int {
		if existing {
			return C.vcluster_instance_ensure(call.client, call.name, call.config, call.options, &instance, cError)
		}
		return C.vcluster_instance_create(call.client, call.name, call.config, call.options, &instance, cError)
	})
	return takeInstance(instance, err)
}

// ensureArguments are what every function of the library that takes EnsureOptions gets.
type ensureArguments struct {
	client  *C.vcluster_client
	name    *C.char
	config  *C.vcluster_config
	options *C.vcluster_ensure_options
}

// ensureCall runs one of those functions.
func (c *Client) ensureCall(ctx context.Context, name string, options EnsureOptions,
	native func(call ensureArguments, cError **C.vcluster_error) C.int) error {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return err
	}
	defer call.end()
	config, err := options.Config.snapshot()
	if err != nil {
		return err
	}
	defer C.vcluster_config_free(config)
	cOptions, done, err := call.ensureOptions(options)
	if err != nil {
		return err
	}
	defer done()

	cName := call.text(name)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return native(ensureArguments{client, cName, config, cOptions}, cError)
	})
}

// ensureOptions are the options in C; done gives the chart back after the call.
func (c *call) ensureOptions(options EnsureOptions) (*C.vcluster_ensure_options, func(), error) {
	cOptions := &C.vcluster_ensure_options{
		namespace_name:     c.optional(options.Namespace),
		distribution:       c.optional(options.Distribution),
		no_wait:            flag(options.NoWait),
		take_over:          flag(options.TakeOver),
		chart_source:       c.optional(options.ChartSource),
		chart_version:      c.optional(options.ChartVersion),
		kubernetes_version: c.optional(options.KubernetesVersion),
		profile:            c.optional(options.Profile),
		reset_values:       flag(options.ResetValues),
		atomic:             flag(options.Atomic),
		resume:             flag(options.Resume),
		preflight:          flag(options.Preflight),
		unchecked:          flag(options.Unchecked),
		ttl_s:              wholeSeconds(options.TTL),
		expires_at:         epoch(options.ExpiresAt),
		owner:              c.optional(options.Owner),
	}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_ensure_options)
	if options.Chart == nil {
		return cOptions, func() {}, nil
	}
	if cOptions.chart = options.Chart.acquire(); cOptions.chart == nil {
		return nil, nil, closedError("chart")
	}
	return cOptions, options.Chart.release, nil
}

// InstanceOptions are those of calls on one existing virtual cluster.
type InstanceOptions struct {
	// Namespace on the host. "": searched in all namespaces (ErrPrecondition when several have the
	// name), or by the rule of EnsureOptions where the user may not list them all.
	Namespace string
	Progress  ProgressFunc
}

// Get reads one virtual cluster.
func (c *Client) Get(ctx context.Context, name string, options InstanceOptions) (*Instance, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var instance *C.vcluster_instance
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_get(client, cName, cOptions, &instance, cError)
	})
	return takeInstance(instance, err)
}

// Wait waits until a virtual cluster is ready.
func (c *Client) Wait(ctx context.Context, name string, options InstanceOptions) (*Instance, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var instance *C.vcluster_instance
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_wait(client, cName, cOptions, &instance, cError)
	})
	return takeInstance(instance, err)
}

// Open makes a client of the virtual cluster itself, over a tunnel inside this process that no
// other user of the machine can reach. Closing it closes the tunnel.
func (c *Client) Open(ctx context.Context, name string, options InstanceOptions) (*Client, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var inside *C.vcluster_client
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_open(client, cName, cOptions, &inside, cError)
	})
	if err != nil {
		return nil, err
	}
	return wrapClient(inside), nil
}

func (c *call) instanceOptions(options InstanceOptions) *C.vcluster_instance_options {
	cOptions := &C.vcluster_instance_options{namespace_name: c.optional(options.Namespace)}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_instance_options)
	return cOptions
}

// ListOptions narrow a list down.
type ListOptions struct {
	Namespace string // "": all
}

// List reads the virtual clusters, sorted by namespace and name, with four list requests however
// many there are.
func (c *Client) List(ctx context.Context, options ListOptions) ([]*Instance, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cOptions := C.vcluster_list_options{namespace_name: call.optional(options.Namespace)}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_list_options)
	var list *C.vcluster_instance_list
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_list_new(client, &cOptions, &list, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_instance_list_free(list)

	instances := make([]*Instance, C.vcluster_instance_list_size(list))
	for i := range instances {
		instances[i], err = copyInstance(C.vcluster_instance_list_at(list, C.size_t(i)))
		if err != nil {
			return nil, err
		}
	}
	return instances, nil
}

// All iterates over the virtual clusters in all namespaces, sorted by namespace and name. An error
// ends it.
func (c *Client) All(ctx context.Context) iter.Seq2[*Instance, error] {
	return func(yield func(*Instance, error) bool) {
		instances, err := c.List(ctx, ListOptions{})
		if err != nil {
			yield(nil, err)
			return
		}
		for _, instance := range instances {
			if !yield(instance, nil) {
				return
			}
		}
	}
}

// DeleteOptions are those of [Client.Delete].
type DeleteOptions struct {
	Namespace     string // as in InstanceOptions
	MissingOK     bool   // success when there is nothing to delete
	KeepVolumes   bool   // PersistentVolumeClaims stay, and the namespace with them
	KeepNamespace bool   // the namespace stays, even if the library made it
	NoWait        bool   // return when the deletions are asked for
	// GitOpsToo deletes also what Argo CD or Flux makes from a repository; they make it again, unless
	// it was taken out there.
	GitOpsToo bool
	// LeftoversToo removes also what a delete leaves behind (ActionLeak in a plan of it), by the rules
	// and with the rights of [Client.Audit], once the control plane has ended. It excludes NoWait.
	LeftoversToo bool
	Progress     ProgressFunc
}

// Delete removes a virtual cluster: its release, its volumes, and its namespace if the library made
// it. It returns when the objects are really gone. After a kill the same call finishes the work.
func (c *Client) Delete(ctx context.Context, name string, options DeleteOptions) error {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := call.deleteOptions(options)
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_delete_options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_delete(client, cName, &cOptions, cError)
	})
}

func (c *call) deleteOptions(options DeleteOptions) C.vcluster_delete_options {
	return C.vcluster_delete_options{
		namespace_name: c.optional(options.Namespace),
		missing_ok:     flag(options.MissingOK),
		keep_volumes:   flag(options.KeepVolumes),
		keep_namespace: flag(options.KeepNamespace),
		no_wait:        flag(options.NoWait),
		gitops_too:     flag(options.GitOpsToo),
		leftovers_too:  flag(options.LeftoversToo),
	}
}
