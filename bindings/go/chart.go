// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import "runtime"

// Chart is a loaded Helm chart. It is immutable and safe for concurrent use. Close it when it is no
// longer needed.
type Chart struct {
	*object[*C.vcluster_chart]
	name, version string
}

// EmbeddedChart is the chart of the embedded control plane, which is compiled into the library.
func EmbeddedChart() (*Chart, error) {
	return makeChart(nil, func(out **C.vcluster_chart, cError **C.vcluster_error) C.int {
		return C.vcluster_chart_embedded(out, cError)
	})
}

// LoadChart loads a chart from a directory or a .tgz file. Nothing is written to disk.
func LoadChart(path string) (*Chart, error) {
	var memory scope
	defer memory.done()

	cPath := memory.text(path)
	return makeChart(memory.err, func(out **C.vcluster_chart, cError **C.vcluster_error) C.int {
		return C.vcluster_chart_load(cPath, out, cError)
	})
}

func makeChart(err error,
	function func(**C.vcluster_chart, **C.vcluster_error) C.int) (*Chart, error) {
	if err != nil {
		return nil, err
	}
	var chart *C.vcluster_chart
	var cError *C.vcluster_error
	if status := function(&chart, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	c := &Chart{
		object:  newObject(chart, func(p *C.vcluster_chart) { C.vcluster_chart_free(p) }),
		name:    C.GoString(C.vcluster_chart_name(chart)),
		version: C.GoString(C.vcluster_chart_version(chart)),
	}
	runtime.AddCleanup(c, collect[*C.vcluster_chart], c.object)
	return c, nil
}

// Close frees the chart. It may be called more than once and while calls use the chart; it always
// returns nil.
func (c *Chart) Close() error {
	if c != nil {
		c.close()
	}
	return nil
}

// Name is the name of the chart.
func (c *Chart) Name() string { return c.name }

// Version is the version of the chart.
func (c *Chart) Version() string { return c.version }

// TemplateOptions are what a chart is rendered with.
type TemplateOptions struct {
	Config            *Config // the user's values, or nil
	Namespace         string  // .Release.Namespace; "": "default"
	KubernetesVersion string  // .Capabilities.KubeVersion; "": that of the library
}

// Template renders the manifests without a cluster, as helm template prints them: YAML documents in
// install order. The name is that of the release. An ErrConfig says which template failed, where
// and why.
func (c *Chart) Template(name string, options TemplateOptions) ([]byte, error) {
	chart := c.acquire()
	if chart == nil {
		return nil, closedError("chart")
	}
	defer c.release()
	config, err := options.Config.snapshot()
	if err != nil {
		return nil, err
	}
	defer C.vcluster_config_free(config)
	var memory scope
	defer memory.done()

	cName := memory.text(name)
	cOptions := C.vcluster_template_options{
		struct_size:        C.sizeof_vcluster_template_options,
		namespace_name:     memory.optional(options.Namespace),
		kubernetes_version: memory.optional(options.KubernetesVersion),
	}
	if memory.err != nil {
		return nil, memory.err
	}
	var manifest *C.char
	var cError *C.vcluster_error
	status := C.vcluster_chart_template(chart, cName, config, &cOptions, &manifest, &cError)
	return take(manifest), failure(status, cError)
}
