// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"encoding/json"
	"runtime"
)

// SyncState is what a configuration says of a sync rule.
type SyncState int

// The states. SyncUnset leaves a state as it is, and is the default of a rule that only the user has.
const (
	SyncUnset SyncState = 0
	SyncOff   SyncState = C.VCLUSTER_SYNC_OFF
	SyncOn    SyncState = C.VCLUSTER_SYNC_ON
	SyncAuto  SyncState = C.VCLUSTER_SYNC_AUTO // on where another key needs it
)

// String is "off", "on", "auto" or "".
func (s SyncState) String() string { return C.GoString(C.vcluster_sync_state_name(C.int(s))) }

// SyncRule is one sync rule of a configuration.
type SyncRule struct {
	Direction   string // "toHost" or "fromHost"
	Resource    string // the key, such as "persistentVolumeClaims" or "gatewayApi.httpRoutes"
	Kind        string // of the objects, or "" where it is not known
	Path        string // in the values, such as "sync.toHost.pods"
	State       SyncState
	Default     SyncState
	Active      bool            // whether objects are copied: the state, with auto decided
	Settings    json.RawMessage // everything else that is set: selector, mappings, patches, ...
	Rights      string          // on the whole host that an active rule needs, or ""
	Licence     string          // of upstream that an active rule needs: "free", "scale", or ""
	Description string          // what it does, in one line
}

// SyncRules are the sync rules of one configuration: what it copies between a virtual cluster and its host. They are
// immutable and safe for concurrent use. Close them when they are no longer needed.
type SyncRules struct {
	*object[*C.vcluster_sync_rules]
}

// ReadSyncRules reads the rules of a configuration; a nil config is the defaults, and a nil chart what the library knows of
// upstream's. Nothing is sent anywhere. An ErrConfig has a finding for each rule that is neither on, off nor auto.
func ReadSyncRules(chart *Chart, config *Config) (*SyncRules, error) {
	var rules *C.vcluster_sync_rules
	err := withChartAndConfig(chart, config, func(cChart *C.vcluster_chart, cConfig *C.vcluster_config) error {
		var cError *C.vcluster_error
		return failure(C.vcluster_sync_rules_new(cChart, cConfig, &rules, &cError), cError)
	})
	if err != nil {
		return nil, err
	}
	s := &SyncRules{newObject(rules, func(p *C.vcluster_sync_rules) { C.vcluster_sync_rules_free(p) })}
	runtime.AddCleanup(s, collect[*C.vcluster_sync_rules], s.object)
	return s, nil
}

// Close frees the rules. It may be called more than once; it always returns nil.
func (s *SyncRules) Close() error {
	if s != nil {
		s.close()
	}
	return nil
}

func (s *SyncRules) use(function func(rules *C.vcluster_sync_rules) error) error {
	rules := s.acquire()
	if rules == nil {
		return closedError("sync rules")
	}
	defer s.release()
	return function(rules)
}

// All gives the rules, those of toHost first, each in the order of the chart.
func (s *SyncRules) All() (all []SyncRule, err error) {
	err = s.use(func(rules *C.vcluster_sync_rules) error {
		for i := range C.vcluster_sync_rules_size(rules) {
			all = append(all, copySyncRule(C.vcluster_sync_rules_at(rules, i)))
		}
		return nil
	})
	return all, err
}

// Find finds a rule by any usual spelling of its kind: "pvc", "PersistentVolumeClaim". The direction may be "" where only
// one has the kind. An ErrNotFound names the nearest.
func (s *SyncRules) Find(direction, resource string) (rule SyncRule, err error) {
	var memory scope
	defer memory.done()

	cDirection, cResource := memory.optional(direction), memory.text(resource)
	if memory.err != nil {
		return rule, memory.err
	}
	err = s.use(func(rules *C.vcluster_sync_rules) error {
		var found *C.vcluster_sync_rule
		var cError *C.vcluster_error
		if status := C.vcluster_sync_rules_find(rules, cDirection, cResource, &found, &cError); status < 0 {
			return failure(status, cError)
		}
		rule = copySyncRule(found)
		return nil
	})
	return rule, err
}

// MarshalJSON gives the form that all languages of libvcluster share.
func (s *SyncRules) MarshalJSON() (text []byte, err error) {
	err = s.use(func(rules *C.vcluster_sync_rules) error {
		var cText *C.char
		var cError *C.vcluster_error
		if status := C.vcluster_sync_rules_to_json(rules, &cText, &cError); status < 0 {
			return failure(status, cError)
		}
		text = take(cText)
		return nil
	})
	return text, err
}

func copySyncRule(rule *C.vcluster_sync_rule) SyncRule {
	return SyncRule{
		Direction:   C.GoString(C.vcluster_sync_rule_direction(rule)),
		Resource:    C.GoString(C.vcluster_sync_rule_resource(rule)),
		Kind:        C.GoString(C.vcluster_sync_rule_kind(rule)),
		Path:        C.GoString(C.vcluster_sync_rule_path(rule)),
		State:       SyncState(C.vcluster_sync_rule_state(rule)),
		Default:     SyncState(C.vcluster_sync_rule_default(rule)),
		Active:      bool(C.vcluster_sync_rule_active(rule)),
		Settings:    json.RawMessage(C.GoString(C.vcluster_sync_rule_settings(rule))),
		Rights:      C.GoString(C.vcluster_sync_rule_rights(rule)),
		Licence:     C.GoString(C.vcluster_sync_rule_licence(rule)),
		Description: C.GoString(C.vcluster_sync_rule_description(rule)),
	}
}

// SyncChange is what SetSync does to a rule.
type SyncChange struct {
	Direction string // "" where only one direction has the kind
	Resource  string // any usual spelling; "PLURAL.GROUP" makes a rule for a custom resource
	State     SyncState
	Settings  any // merged into the rule's as JSON, such as a map; nil for none
}

// SetSync changes a sync rule in the document: the exact key is written, whatever the spelling. A nil chart is what the
// library knows of upstream's.
func (c *Config) SetSync(chart *Chart, change SyncChange) error {
	var settings []byte
	if change.Settings != nil {
		var err error
		if settings, err = json.Marshal(change.Settings); err != nil {
			return invalid("the settings have no JSON form: %v", err)
		}
	}
	return withChart(chart, func(cChart *C.vcluster_chart) error {
		return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
			return C.vcluster_sync_set(config, cChart, memory.optional(change.Direction), memory.text(change.Resource),
				C.int(change.State), memory.optional(string(settings)), cError)
		})
	})
}

// HostName is the name on the host of an object of a virtual cluster, by upstream's rule: at most 63 bytes; what would be
// longer is cut and hashed. The namespace, one of the virtual cluster, is "" for cluster-scoped kinds. The way back is by
// annotations only.
func HostName(vcluster, hostNamespace, kind, namespace, name string) (string, error) {
	var memory scope
	defer memory.done()

	cVcluster, cHost, cKind := memory.text(vcluster), memory.text(hostNamespace), memory.text(kind)
	cNamespace, cName := memory.optional(namespace), memory.text(name)
	if memory.err != nil {
		return "", memory.err
	}
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_host_name(cVcluster, cHost, cKind, cNamespace, cName, &text, &cError); status < 0 {
		return "", failure(status, cError)
	}
	return string(take(text)), nil
}

// withChart runs a function with the C chart, or nil for none.
func withChart(chart *Chart, function func(cChart *C.vcluster_chart) error) error {
	if chart == nil {
		return function(nil)
	}
	return chart.use(function)
}

// withChartAndConfig is withChart for a function that looks at a document, too.
func withChartAndConfig(chart *Chart, config *Config,
	function func(cChart *C.vcluster_chart, cConfig *C.vcluster_config) error) error {
	return withChart(chart, func(cChart *C.vcluster_chart) error {
		if config == nil {
			return function(cChart, nil)
		}
		config.mutex.RLock()
		defer config.mutex.RUnlock()
		cConfig := config.acquire()
		if cConfig == nil {
			return closedError("config")
		}
		defer config.release()
		return function(cChart, cConfig)
	})
}
