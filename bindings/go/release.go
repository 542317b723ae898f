// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"time"
	"unsafe"
)

// Release is one revision of a Helm release as it was when it was read.
type Release struct {
	Name          string
	Namespace     string
	Revision      int    // 1, 2, ...
	Status        string // "deployed", "failed", "superseded", "pending-install", ...
	Description   string // what happened: "Install complete", the reason of a failure
	ChartName     string
	ChartVersion  string
	AppVersion    string    // of the chart, or ""
	FirstDeployed time.Time // when revision 1 was installed; zero when it is not known
	LastDeployed  time.Time // when this revision was
	Manifest      string    // the manifests, without hooks
	Hooks         string    // the hooks as manifests, or ""
	Notes         string    // made from NOTES.txt, or ""
	Values        string    // the values the user gave, as YAML
}

// copyRelease makes the snapshot a Go value.
func copyRelease(release *C.vcluster_release) *Release {
	return &Release{
		Name:          C.GoString(C.vcluster_release_name(release)),
		Namespace:     C.GoString(C.vcluster_release_namespace(release)),
		Revision:      int(C.vcluster_release_revision(release)),
		Status:        C.GoString(C.vcluster_release_status(release)),
		Description:   C.GoString(C.vcluster_release_description(release)),
		ChartName:     C.GoString(C.vcluster_release_chart_name(release)),
		ChartVersion:  C.GoString(C.vcluster_release_chart_version(release)),
		AppVersion:    C.GoString(C.vcluster_release_app_version(release)),
		FirstDeployed: unixTime(C.vcluster_release_first_deployed(release)),
		LastDeployed:  unixTime(C.vcluster_release_last_deployed(release)),
		Manifest:      C.GoString(C.vcluster_release_manifest(release)),
		Hooks:         C.GoString(C.vcluster_release_hooks(release)),
		Notes:         C.GoString(C.vcluster_release_notes(release)),
		Values:        C.GoString(C.vcluster_release_values(release)),
	}
}

func unixTime(seconds C.int64_t) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// ValuePolicy says which values an upgrade starts from.
type ValuePolicy int

// The policies.
const (
	// ValuesDefault: the values given now; where none are given, those the user gave last time.
	ValuesDefault ValuePolicy = C.VCLUSTER_VALUES_DEFAULT
	// ValuesReset: the values given now over the chart's defaults, and nothing else.
	ValuesReset ValuePolicy = C.VCLUSTER_VALUES_RESET
	// ValuesReuse: last time's values (and the old chart's defaults), then those given now.
	ValuesReuse ValuePolicy = C.VCLUSTER_VALUES_REUSE
	// ValuesResetThenReuse: the chart's defaults, last time's values, then those given now.
	ValuesResetThenReuse ValuePolicy = C.VCLUSTER_VALUES_RESET_THEN_REUSE
)

// ReleaseOptions are those of calls that change a release; each member says which calls heed it
// where not all do.
type ReleaseOptions struct {
	Namespace       string  // "": that of the client's context, or "default"
	Config          *Config // install, upgrade, diff: the user's values, or nil
	CreateNamespace bool    // install: make the namespace when it is missing
	Install         bool    // upgrade: install when there is no release
	Wait            bool    // until the objects are ready (uninstall: gone)
	WaitForJobs     bool    // jobs must have completed, too; implies Wait
	// Atomic: a failed install is uninstalled, a failed upgrade rolled back. Implies Wait.
	Atomic         bool
	DryRun         bool        // everything but writing
	NoHooks        bool        // hooks do not run
	SkipCRDs       bool        // install: leave the files of crds/ out
	SkipSchema     bool        // do not check the values against the schema
	Values         ValuePolicy // upgrade, diff
	TakeOver       bool        // take over a pending record that Helm itself left behind
	TakeOwnership  bool        // adopt objects that belong to nobody or to another release
	ForceConflicts bool        // take fields over from other field managers
	KeepHistory    bool        // uninstall: keep the records, with status "uninstalled"
	MissingOK      bool        // uninstall: success when there is no such release
	HistoryMax     int         // revisions that are kept; 0: 10; -1: all
	Description    string      // "": "Install complete" and the like
	Progress       ProgressFunc
}

func (c *call) releaseOptions(options ReleaseOptions) *C.vcluster_release_options {
	cOptions := &C.vcluster_release_options{
		namespace_name:   c.optional(options.Namespace),
		create_namespace: flag(options.CreateNamespace),
		install:          flag(options.Install),
		wait:             flag(options.Wait),
		wait_for_jobs:    flag(options.WaitForJobs),
		atomic:           flag(options.Atomic),
		dry_run:          flag(options.DryRun),
		no_hooks:         flag(options.NoHooks),
		skip_crds:        flag(options.SkipCRDs),
		skip_schema:      flag(options.SkipSchema),
		value_policy:     C.uint64_t(options.Values),
		take_over:        flag(options.TakeOver),
		take_ownership:   flag(options.TakeOwnership),
		force_conflicts:  flag(options.ForceConflicts),
		keep_history:     flag(options.KeepHistory),
		missing_ok:       flag(options.MissingOK),
		history_max:      C.int64_t(options.HistoryMax),
		description:      c.optional(options.Description),
	}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_release_options)
	return cOptions
}

// deploy is what install, upgrade and diff have in common: a chart and values.
func (c *Client) deploy(ctx context.Context, name string, chart *Chart, options ReleaseOptions,
	function func(client *C.vcluster_client, name *C.char, chart *C.vcluster_chart,
		config *C.vcluster_config, options *C.vcluster_release_options,
		cError **C.vcluster_error) C.int) error {
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
	if chart == nil {
		return invalid("there is no chart")
	}
	cChart := chart.acquire()
	if cChart == nil {
		return closedError("chart")
	}
	defer chart.release()

	cName, cOptions := call.text(name), call.releaseOptions(options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return function(client, cName, cChart, config, cOptions, cError)
	})
}

// takeRelease is copyRelease for a release that is ours to free.
func takeRelease(release *C.vcluster_release, err error) (*Release, error) {
	defer C.vcluster_release_free(release)
	if err != nil {
		return nil, err
	}
	return copyRelease(release), nil
}

// InstallRelease installs a chart as a new release. What a killed call left unfinished is completed
// by the same call. It fails with ErrConfig (values, schema, a template: all findings),
// ErrAlreadyExists (the release, or objects of others), ErrNotFound (the namespace) or ErrConflict
// (another operation, or fields of other managers), and with Wait with ErrUnavailable, which names
// the object that failed.
func (c *Client) InstallRelease(ctx context.Context, name string, chart *Chart,
	options ReleaseOptions) (*Release, error) {
	var release *C.vcluster_release
	err := c.deploy(ctx, name, chart, options,
		func(client *C.vcluster_client, name *C.char, chart *C.vcluster_chart,
			config *C.vcluster_config, options *C.vcluster_release_options,
			cError **C.vcluster_error) C.int {
			return C.vcluster_release_install(client, name, chart, config, options, &release, cError)
		})
	return takeRelease(release, err)
}

// UpgradeRelease upgrades a release to another chart, version or values. Objects that are no longer
// in the chart are deleted unless they are to be kept. It fails as InstallRelease does, and with
// ErrNotFound when there is no release.
func (c *Client) UpgradeRelease(ctx context.Context, name string, chart *Chart,
	options ReleaseOptions) (*Release, error) {
	var release *C.vcluster_release
	err := c.deploy(ctx, name, chart, options,
		func(client *C.vcluster_client, name *C.char, chart *C.vcluster_chart,
			config *C.vcluster_config, options *C.vcluster_release_options,
			cError **C.vcluster_error) C.int {
			return C.vcluster_release_upgrade(client, name, chart, config, options, &release, cError)
		})
	return takeRelease(release, err)
}

// RollbackRelease makes an earlier revision the newest one again, as a new revision; 0 is the one
// before the newest. It fails with ErrNotFound when there is no such revision.
func (c *Client) RollbackRelease(ctx context.Context, name string, revision int,
	options ReleaseOptions) (*Release, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.releaseOptions(options)
	var release *C.vcluster_release
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_release_rollback(client, cName, C.int64_t(revision), cOptions, &release,
			cError)
	})
	return takeRelease(release, err)
}

// UninstallRelease removes a release: hooks, objects (but those to be kept), records. The namespace
// and what came from crds/ stay. What a killed call left is completed by the same call.
func (c *Client) UninstallRelease(ctx context.Context, name string, options ReleaseOptions) error {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.releaseOptions(options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_release_uninstall(client, cName, cOptions, cError)
	})
}

// Change is an object that an upgrade would change.
type Change struct {
	Change     string        `json:"change"` // "add", "modify" or "delete"
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Namespace  string        `json:"namespace"` // "" for an object that is in none
	Name       string        `json:"name"`
	Fields     []FieldChange `json:"fields"` // of one that is modified
}

// FieldChange is a field that an upgrade would change; a side without the field is nil.
type FieldChange struct {
	Path string          `json:"path"` // such as ".spec.replicas"
	Old  json.RawMessage `json:"old,omitempty"`
	New  json.RawMessage `json:"new,omitempty"`
}

// DiffRelease tells what an upgrade would change, as the server says by a dry run: nothing is
// written. Objects that stay the same are left out; values of Secrets are not shown.
func (c *Client) DiffRelease(ctx context.Context, name string, chart *Chart,
	options ReleaseOptions) ([]Change, error) {
	var out *C.char
	err := c.deploy(ctx, name, chart, options,
		func(client *C.vcluster_client, name *C.char, chart *C.vcluster_chart,
			config *C.vcluster_config, options *C.vcluster_release_options,
			cError **C.vcluster_error) C.int {
			return C.vcluster_release_diff(client, name, chart, config, options, &out, cError)
		})
	text := take(out)
	if err != nil {
		return nil, err
	}
	var changes []Change
	if err := json.Unmarshal(text, &changes); err != nil {
		return nil, err
	}
	return changes, nil
}

// ReleaseQueryOptions are those of calls that read releases.
type ReleaseQueryOptions struct {
	Namespace string // "": that of the client's context, or "default"
	Progress  ProgressFunc
}

func (c *call) queryOptions(options ReleaseQueryOptions) *C.vcluster_release_query_options {
	cOptions := &C.vcluster_release_query_options{namespace_name: c.optional(options.Namespace)}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_release_query_options)
	return cOptions
}

// GetRelease reads one revision of a release; 0 is the newest. It fails with ErrNotFound, and with
// ErrProtocol for a Secret that is no release.
func (c *Client) GetRelease(ctx context.Context, name string, revision int,
	options ReleaseQueryOptions) (*Release, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.queryOptions(options)
	var release *C.vcluster_release
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_release_get(client, cName, C.int64_t(revision), cOptions, &release, cError)
	})
	return takeRelease(release, err)
}

// ReleaseHistory reads all revisions of a release, oldest first. It fails as GetRelease does.
func (c *Client) ReleaseHistory(ctx context.Context, name string,
	options ReleaseQueryOptions) ([]*Release, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.queryOptions(options)
	var list *C.vcluster_release_list
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_release_history(client, cName, cOptions, &list, cError)
	})
	defer C.vcluster_release_list_free(list)
	if err != nil {
		return nil, err
	}
	releases := make([]*Release, C.vcluster_release_list_size(list))
	for i := range releases {
		releases[i] = copyRelease(C.vcluster_release_list_at(list, C.size_t(i)))
	}
	return releases, nil
}
