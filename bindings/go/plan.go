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

// Action is what becomes of the object of a planned change.
type Action int

// The actions.
const (
	ActionAdd    Action = C.VCLUSTER_ACTION_ADD    // it is made
	ActionModify Action = C.VCLUSTER_ACTION_MODIFY // one of its fields
	ActionRemove Action = C.VCLUSTER_ACTION_REMOVE // it goes
	ActionKeep   Action = C.VCLUSTER_ACTION_KEEP   // it stays, on purpose
	ActionLeak   Action = C.VCLUSTER_ACTION_LEAK   // it would be left behind
)

// String is the name of the action, such as "modify".
func (a Action) String() string { return C.GoString(C.vcluster_action_name(C.int(a))) }

// Impact is what a planned change means for whoever uses the virtual cluster; 0 is that of a plan
// without changes.
type Impact int

// The impacts, from harmless to impossible.
const (
	ImpactNone     Impact = C.VCLUSTER_IMPACT_NONE     // it has no effect
	ImpactLive     Impact = C.VCLUSTER_IMPACT_LIVE     // it takes effect without an interruption
	ImpactRestart  Impact = C.VCLUSTER_IMPACT_RESTART  // the control plane restarts
	ImpactDataLoss Impact = C.VCLUSTER_IMPACT_DATALOSS // data is lost
	ImpactRefused  Impact = C.VCLUSTER_IMPACT_REFUSED  // the library or the host refuses it
)

// String is the name of the impact: "none", "live", "restart", "dataloss" or "refused".
func (i Impact) String() string { return C.GoString(C.vcluster_impact_name(C.int(i))) }

// PlannedChange is one change of a plan: an object, or one of its fields.
type PlannedChange struct {
	Action     Action
	Impact     Impact
	APIVersion string // "" for one of the values
	Kind       string // or "Values"
	Namespace  string // or ""
	Name       string
	Path       string // the field, such as ".spec.replicas"; "": the whole object
	Before     string // the field as it is, as JSON, or ""
	After      string // the field as it would be, as JSON, or ""
	Reason     string // why, for a person
}

// Plan is what an ensure or a delete would do.
type Plan struct {
	Operation string // "create", "complete", "upgrade", "none", "delete", "audit" or "adopt"
	// Origin is who made the virtual cluster of an adoption: "libvcluster", "cli", "helm",
	// "cluster-api", "argocd", "flux" or "manifests"; "" for other plans.
	Origin  string
	Impact  Impact // the gravest one of its changes
	Changes []PlannedChange

	text string
	json string
}

// String is the plan for a person, several lines.
func (p Plan) String() string { return p.text }

// MarshalJSON gives the form that all languages of libvcluster share.
func (p Plan) MarshalJSON() ([]byte, error) {
	if p.json == "" {
		return nil, invalid("only a plan that the library made has a JSON form")
	}
	return []byte(p.json), nil
}

// takePlan makes a plan that is ours to free a Go value.
func takePlan(plan *C.vcluster_plan, err error) (*Plan, error) {
	defer C.vcluster_plan_free(plan)
	if err != nil {
		return nil, err
	}
	var text, json *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_plan_to_json(plan, &json, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	jsonForm := string(take(json))
	if status := C.vcluster_plan_to_text(plan, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	p := &Plan{
		Operation: C.GoString(C.vcluster_plan_operation(plan)),
		Origin:    C.GoString(C.vcluster_plan_origin(plan)),
		Impact:    Impact(C.vcluster_plan_impact(plan)),
		Changes:   make([]PlannedChange, C.vcluster_plan_size(plan)),
		text:      string(take(text)),
		json:      jsonForm,
	}
	for i := range p.Changes {
		change := C.vcluster_plan_at(plan, C.size_t(i))
		p.Changes[i] = PlannedChange{
			Action:     Action(C.vcluster_change_action(change)),
			Impact:     Impact(C.vcluster_change_impact(change)),
			APIVersion: C.GoString(C.vcluster_change_api_version(change)),
			Kind:       C.GoString(C.vcluster_change_kind(change)),
			Namespace:  C.GoString(C.vcluster_change_namespace(change)),
			Name:       C.GoString(C.vcluster_change_name(change)),
			Path:       C.GoString(C.vcluster_change_path(change)),
			Before:     C.GoString(C.vcluster_change_before(change)),
			After:      C.GoString(C.vcluster_change_after(change)),
			Reason:     C.GoString(C.vcluster_change_reason(change)),
		}
	}
	return p, nil
}

// Plan tells what Ensure with the same options would do; nothing is changed. Each object is sent to
// the host as a dry run, so that what it refuses is a change of ImpactRefused.
func (c *Client) Plan(ctx context.Context, name string, options EnsureOptions) (*Plan, error) {
	var plan *C.vcluster_plan
	err := c.ensureCall(ctx, name, options, func(call ensureArguments, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_plan(call.client, call.name, call.config, call.options, &plan, cError)
	})
	return takePlan(plan, err)
}

// PlanDelete tells what Delete with the same options would do; nothing is changed. Changes are
// ActionRemove, ActionKeep and ActionLeak: what would be left behind, for Audit to remove
// afterwards; with LeftoversToo that is ActionRemove, too, but for what has to stay. A protected one
// has a change of ImpactRefused.
func (c *Client) PlanDelete(ctx context.Context, name string, options DeleteOptions) (*Plan, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.deleteOptions(options)
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_delete_options)
	var plan *C.vcluster_plan
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_plan_delete(client, cName, &cOptions, &plan, cError)
	})
	return takePlan(plan, err)
}
