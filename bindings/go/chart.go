// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
	"unsafe"
)

// Chart is a loaded Helm chart. It is immutable and safe for concurrent use. Close it when it is no
// longer needed.
type Chart struct {
	*object[*C.vcluster_chart]
	name, version, appVersion string
}

// UpstreamChartVersion is the version of upstream's chart that UpstreamChart gets by default.
const UpstreamChartVersion = C.VCLUSTER_UPSTREAM_CHART_VERSION

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

// ParseChart loads a chart from the bytes of a .tgz.
func ParseChart(data []byte) (*Chart, error) {
	if len(data) == 0 {
		return nil, invalid("there are no bytes to read a chart from")
	}
	return makeChart(nil, func(out **C.vcluster_chart, cError **C.vcluster_error) C.int {
		return C.vcluster_chart_parse(unsafe.Pointer(unsafe.SliceData(data)), C.size_t(len(data)), out,
			cError)
	})
}

// FetchOptions are those of [FetchChart] and [UpstreamChart].
type FetchOptions struct {
	Repository string // URL of a chart repository (http or https)
	// Version is one, or a constraint such as "^1.2". "": the newest that is no pre-release.
	Version               string
	Username, Password    string // sent to the host of the repository or registry only
	CAFile                string // PEM bundle to trust instead of the system's
	ClientCertFile        string // PEM
	ClientKeyFile         string // PEM
	RegistryConfig        string // credentials of registries in docker's form
	CacheDirectory        string // "": $XDG_CACHE_HOME/libvcluster
	NoCache               bool   // neither read nor write the cache
	Prereleases           bool   // versions such as 1.0.0-rc.1 count, too
	PlainHTTP             bool   // speak http to an OCI registry
	PassCredentials       bool   // send them to the host of a chart URL, too
	InsecureSkipTLSVerify bool   // accept any certificate
	Progress              ProgressFunc
}

func (c *call) fetchOptions(options FetchOptions) *C.vcluster_chart_fetch_options {
	cOptions := &C.vcluster_chart_fetch_options{
		repository:               c.optional(options.Repository),
		version:                  c.optional(options.Version),
		username:                 c.optional(options.Username),
		password:                 c.optional(options.Password),
		ca_file:                  c.optional(options.CAFile),
		client_cert_file:         c.optional(options.ClientCertFile),
		client_key_file:          c.optional(options.ClientKeyFile),
		registry_config:          c.optional(options.RegistryConfig),
		cache_directory:          c.optional(options.CacheDirectory),
		no_cache:                 flag(options.NoCache),
		prereleases:              flag(options.Prereleases),
		plain_http:               flag(options.PlainHTTP),
		pass_credentials:         flag(options.PassCredentials),
		insecure_skip_tls_verify: flag(options.InsecureSkipTLSVerify),
	}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_chart_fetch_options)
	return cOptions
}

// FetchChart gets a chart from wherever it is: a directory or .tgz file, the URL of a .tgz,
// "oci://HOST/PATH/CHART[:VERSION]", the name of a chart in options.Repository, or "vcluster", which
// is upstream's. What came over the network is checked against its digest and kept in a cache, so
// that a version is fetched once. It fails with ErrNotFound (no such chart or version), ErrProtocol
// (a digest that does not match) or ErrConfig (not a chart).
func FetchChart(ctx context.Context, reference string, options FetchOptions) (*Chart, error) {
	return fetch(ctx, reference, options, func(cReference *C.char,
		cOptions *C.vcluster_chart_fetch_options, out **C.vcluster_chart,
		cError **C.vcluster_error) C.int {
		return C.vcluster_chart_fetch(cReference, cOptions, out, cError)
	})
}

// UpstreamChart gets the chart of the upstream distribution: from options.Repository or the source
// in the configuration file, else from upstream's own repository; at UpstreamChartVersion unless
// options.Version or the configuration file say otherwise. It fails as FetchChart does.
func UpstreamChart(ctx context.Context, options FetchOptions) (*Chart, error) {
	return fetch(ctx, "", options, func(_ *C.char, cOptions *C.vcluster_chart_fetch_options,
		out **C.vcluster_chart, cError **C.vcluster_error) C.int {
		return C.vcluster_chart_upstream(cOptions, out, cError)
	})
}

func fetch(ctx context.Context, reference string, options FetchOptions,
	function func(*C.char, *C.vcluster_chart_fetch_options, **C.vcluster_chart,
		**C.vcluster_error) C.int) (*Chart, error) {
	call, err := beginAlone(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cReference, cOptions := call.text(reference), call.fetchOptions(options)
	var chart *C.vcluster_chart
	err = call.run(func(_ *C.vcluster_client, cError **C.vcluster_error) C.int {
		return function(cReference, cOptions, &chart, cError)
	})
	if err != nil {
		return nil, err
	}
	return wrapChart(chart), nil
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
	return wrapChart(chart), nil
}

func wrapChart(chart *C.vcluster_chart) *Chart {
	c := &Chart{
		object:     newObject(chart, func(p *C.vcluster_chart) { C.vcluster_chart_free(p) }),
		name:       C.GoString(C.vcluster_chart_name(chart)),
		version:    C.GoString(C.vcluster_chart_version(chart)),
		appVersion: C.GoString(C.vcluster_chart_app_version(chart)),
	}
	runtime.AddCleanup(c, collect[*C.vcluster_chart], c.object)
	return c
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

// AppVersion is the version of what the chart installs, or "".
func (c *Chart) AppVersion() string { return c.appVersion }

// use runs a function on the chart, which must be open.
func (c *Chart) use(function func(chart *C.vcluster_chart) error) error {
	chart := c.acquire()
	if chart == nil {
		return closedError("chart")
	}
	defer c.release()
	return function(chart)
}

// Values is the text of values.yaml, with its comments.
func (c *Chart) Values() (values string, err error) {
	err = c.use(func(chart *C.vcluster_chart) error {
		values = C.GoString(C.vcluster_chart_values(chart))
		return nil
	})
	return values, err
}

// Schema is the text of values.schema.json, or "".
func (c *Chart) Schema() (schema string, err error) {
	err = c.use(func(chart *C.vcluster_chart) error {
		schema = C.GoString(C.vcluster_chart_schema(chart))
		return nil
	})
	return schema, err
}

// Metadata is Chart.yaml as JSON.
func (c *Chart) Metadata() (metadata json.RawMessage, err error) {
	err = c.use(func(chart *C.vcluster_chart) error {
		var out *C.char
		var cError *C.vcluster_error
		status := C.vcluster_chart_metadata(chart, &out, &cError)
		metadata = take(out)
		return failure(status, cError)
	})
	return metadata, err
}

// Validate checks values (nil: the defaults alone) against the schema of the chart and of its
// enabled subcharts. An ErrConfig has one finding for each violation.
func (c *Chart) Validate(values *Config) error {
	config, err := values.snapshot()
	if err != nil {
		return err
	}
	defer C.vcluster_config_free(config)
	return c.use(func(chart *C.vcluster_chart) error {
		var cError *C.vcluster_error
		status := C.vcluster_chart_validate(chart, config, &cError)
		return failure(status, cError)
	})
}

// TemplateOptions are what a chart is rendered with.
type TemplateOptions struct {
	Config            *Config  // the user's values, or nil
	Namespace         string   // .Release.Namespace; "": "default"
	KubernetesVersion string   // .Capabilities.KubeVersion; "": that of the library
	APIVersions       []string // more of .Capabilities.APIVersions, such as "cert-manager.io/v1"
	IsUpgrade         bool     // .Release.IsUpgrade instead of .Release.IsInstall
	IncludeCRDs       bool     // the files of crds/ come first
	NoHooks           bool     // without documents that are hooks
	SkipTests         bool     // without hooks that are tests
	SkipSchema        bool     // do not check the values against the schema
}

// Template renders the manifests without a cluster, as helm template prints them: YAML documents in
// install order. The name is that of the release. An ErrConfig says which template failed, where
// and why.
func (c *Chart) Template(name string, options TemplateOptions) (manifest []byte, err error) {
	config, err := options.Config.snapshot()
	if err != nil {
		return nil, err
	}
	defer C.vcluster_config_free(config)
	err = c.use(func(chart *C.vcluster_chart) error {
		manifest, err = template(chart, name, config, options)
		return err
	})
	return manifest, err
}

func template(chart *C.vcluster_chart, name string, config *C.vcluster_config,
	options TemplateOptions) ([]byte, error) {
	var memory scope
	defer memory.done()

	cName := memory.text(name)
	cOptions := C.vcluster_template_options{
		struct_size:        C.sizeof_vcluster_template_options,
		namespace_name:     memory.optional(options.Namespace),
		kubernetes_version: memory.optional(options.KubernetesVersion),
		api_versions:       memory.texts(options.APIVersions),
		is_upgrade:         flag(options.IsUpgrade),
		include_crds:       flag(options.IncludeCRDs),
		no_hooks:           flag(options.NoHooks),
		skip_tests:         flag(options.SkipTests),
		skip_schema:        flag(options.SkipSchema),
	}
	if memory.err != nil {
		return nil, memory.err
	}
	var manifest *C.char
	var cError *C.vcluster_error
	status := C.vcluster_chart_template(chart, cName, config, &cOptions, &manifest, &cError)
	return take(manifest), failure(status, cError)
}
