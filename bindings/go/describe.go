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

// Component is one container of a control plane.
type Component struct {
	Pod      string // name of its pod
	Name     string // such as "syncer"
	Image    string
	State    string // "Running", or why it does not: "CrashLoopBackOff", "Waiting", ...
	Ready    bool   // whether its probes say that it is ready
	Restarts int64  // how often it was started again
}

// Description is everything that its host tells about one virtual cluster, read at one moment.
type Description struct {
	Instance        *Instance // what a list tells
	Maker           string    // "libvcluster", "Helm", "Argo CD", "Flux", or ""
	ChartName       string    // or "" without a release record
	ChartVersion    string
	Revision        int64               // newest revision of its release, or 0 without a record
	ReleaseStatus   string              // of that revision, such as "deployed"
	Store           string              // "SQLite", "embedded etcd", ...; "" when it is not known
	Components      []Component         // containers of its control plane
	Endpoints       []EndpointCandidate // ways that may lead to it; none was tried
	Quota           *Usage              // nil: there is no quota, or it may not be read
	SyncRules       []SyncRule          // those that are active
	Diagnosis       *Diagnosis          // why it is not ready; nil: it is
	UserValues      json.RawMessage     // that users gave; nil without a record. In place of what looks like a secret: "(hidden)"
	EffectiveValues json.RawMessage     // in force, in the same form
	Note            string              // what the user should know, and what could not be read, or ""

	json string
}

// MarshalJSON gives the form that all languages of libvcluster share.
func (d *Description) MarshalJSON() ([]byte, error) {
	if d.json == "" {
		return nil, invalid("only a description that the library made has a JSON form")
	}
	return []byte(d.json), nil
}

// Describe tells everything that the host knows about one virtual cluster. What the user may not read is left out, and named
// in the note.
func (c *Client) Describe(ctx context.Context, name string, options InstanceOptions) (*Description, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var found *C.vcluster_description
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_describe(client, cName, cOptions, &found, cError)
	})
	if err != nil {
		return nil, err
	}
	defer C.vcluster_description_free(found)
	return copyDescription(found)
}

func copyDescription(found *C.vcluster_description) (*Description, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_description_to_json(found, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	d := &Description{
		Maker:           C.GoString(C.vcluster_description_maker(found)),
		ChartName:       C.GoString(C.vcluster_description_chart_name(found)),
		ChartVersion:    C.GoString(C.vcluster_description_chart_version(found)),
		Revision:        int64(C.vcluster_description_revision(found)),
		ReleaseStatus:   C.GoString(C.vcluster_description_release_status(found)),
		Store:           C.GoString(C.vcluster_description_store(found)),
		UserValues:      rawValues(C.vcluster_description_user_values(found)),
		EffectiveValues: rawValues(C.vcluster_description_effective_values(found)),
		Note:            C.GoString(C.vcluster_description_note(found)),
		json:            string(take(text)),
	}
	for i := range C.vcluster_description_component_count(found) {
		d.Components = append(d.Components, copyComponent(C.vcluster_description_component_at(found, i)))
	}
	for i := range C.vcluster_description_endpoint_count(found) {
		d.Endpoints = append(d.Endpoints, copyCandidate(C.vcluster_description_endpoint_at(found, i)))
	}
	rules := C.vcluster_description_sync_rules(found)
	for i := range C.vcluster_sync_rules_size(rules) {
		if rule := copySyncRule(C.vcluster_sync_rules_at(rules, i)); rule.Active {
			d.SyncRules = append(d.SyncRules, rule)
		}
	}
	return d, d.copyParts(found)
}

// copyParts copies what has a JSON form of its own.
func (d *Description) copyParts(found *C.vcluster_description) (err error) {
	if d.Instance, err = copyInstance(C.vcluster_description_instance(found)); err != nil {
		return err
	}
	if usage := C.vcluster_description_usage(found); usage != nil {
		if d.Quota, err = copyUsage(usage); err != nil {
			return err
		}
	}
	if diagnosis := C.vcluster_description_diagnosis(found); diagnosis != nil {
		d.Diagnosis, err = copyDiagnosis(diagnosis)
	}
	return err
}

func copyComponent(component *C.vcluster_component) Component {
	return Component{
		Pod:      C.GoString(C.vcluster_component_pod(component)),
		Name:     C.GoString(C.vcluster_component_name(component)),
		Image:    C.GoString(C.vcluster_component_image(component)),
		State:    C.GoString(C.vcluster_component_state(component)),
		Ready:    bool(C.vcluster_component_ready(component)),
		Restarts: int64(C.vcluster_component_restarts(component)),
	}
}

func rawValues(text *C.char) json.RawMessage {
	if values := C.GoString(text); values != "" {
		return json.RawMessage(values)
	}
	return nil
}
