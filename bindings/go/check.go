// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import "encoding/json"

// CheckOptions tells CheckConfig more about the virtual cluster that a configuration is for. The zero value is fine.
type CheckOptions struct {
	Chart             *Chart  // its schema and templates are asked, too; nil: what the library knows of upstream's
	Old               *Config // the values of the virtual cluster that is there, for what must not change in one
	Name              string
	Namespace         string // on the host
	KubernetesVersion string // of the host, such as "v1.35.4"
	Licence           string // "none", "free", "dev", "prod", "scale"; "": not known, what needs one is a warning
	Text              string // the YAML that the configuration was read from: findings get its lines
	File              string // its name in findings
}

// CheckConfig checks a configuration without a cluster and tells all findings at once: what upstream's schema, chart,
// command line and syncer refuse, and contradictions that none of them notes. A nil config is the defaults.
func CheckConfig(config *Config, options CheckOptions) (*Report, error) {
	old, err := options.Old.snapshot()
	if err != nil {
		return nil, err
	}
	defer C.vcluster_config_free(old)
	var memory scope
	defer memory.done()
	cOptions := C.vcluster_check_options{
		struct_size:        C.sizeof_vcluster_check_options,
		name:               memory.optional(options.Name),
		namespace_name:     memory.optional(options.Namespace),
		kubernetes_version: memory.optional(options.KubernetesVersion),
		licence:            memory.optional(options.Licence),
		text:               memory.optional(options.Text),
		file:               memory.optional(options.File),
	}
	if memory.err != nil {
		return nil, memory.err
	}
	var report *C.vcluster_report
	err = withChartAndConfig(options.Chart, config, func(cChart *C.vcluster_chart, cConfig *C.vcluster_config) error {
		var cError *C.vcluster_error
		return failure(C.vcluster_config_check(cConfig, cChart, old, &cOptions, &report, &cError), cError)
	})
	if err != nil {
		return nil, err
	}
	return takeReport(report)
}

// CheckRule is one rule of CheckConfig.
type CheckRule struct {
	ID       string `json:"id"`       // what a finding names, such as "VC604"
	Name     string `json:"name"`     // such as "class-both-ways"
	Severity string `json:"severity"` // "error" or "warning"; a finding may be less grave
	Source   string `json:"source"`   // who says so: "schema", "chart", "cli", "syncer", "library"
	Text     string `json:"text"`     // what it finds, in a line
}

// CheckRules are all rules of CheckConfig.
func CheckRules() ([]CheckRule, error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_check_rules_to_json(&text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	var rules []CheckRule
	if err := json.Unmarshal(take(text), &rules); err != nil {
		return nil, err
	}
	return rules, nil
}
