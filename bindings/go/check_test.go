// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"testing"
)

func parseValues(t *testing.T, text string) *Config {
	t.Helper()
	config, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = config.Close() })
	return config
}

func TestCheckConfig(t *testing.T) {
	text := "policies:\n  podSecurityStandard: strict\n"
	report, err := CheckConfig(parseValues(t, text), CheckOptions{Text: text, File: "dev.yaml"})
	if err != nil || len(report.Findings) != 1 || report.Severity != SeverityError {
		t.Fatalf("%v, %v", report, err)
	}
	if finding := report.Findings[0]; finding.Rule != "VC513" || finding.Line != 2 || finding.Remedy == "" {
		t.Fatalf("%+v", finding)
	}
	if report, err = CheckConfig(nil, CheckOptions{}); err != nil || len(report.Findings) != 0 {
		t.Fatalf("the defaults: %v, %v", report, err)
	}
	etcd := parseValues(t, "controlPlane: {backingStore: {etcd: {deploy: {enabled: true}}}}")
	if report, err = CheckConfig(nil, CheckOptions{Old: etcd}); err != nil || report.Findings[0].Rule != "VC303" {
		t.Fatalf("a change of the store: %v, %v", report, err)
	}
	if _, err = CheckConfig(nil, CheckOptions{Licence: "gold"}); !errors.Is(err, ErrInvalidArgument) {
		t.Fatalf("a licence that is none: %v", err)
	}
	rules, err := CheckRules()
	if err != nil || len(rules) < 30 || rules[0].ID == "" || rules[0].Text == "" {
		t.Fatalf("%v, %v", rules, err)
	}
}

func TestSyncDiff(t *testing.T) {
	after := parseValues(t, "sync: {toHost: {ingresses: {enabled: true}}}")
	plan, err := SyncDiff(nil, after, SyncDiffOptions{})
	if err != nil || len(plan.Changes) != 1 || plan.Impact != ImpactRestart {
		t.Fatalf("%v, %v", plan, err)
	}
	if change := plan.Changes[0]; change.Action != ActionAdd || change.Path != "sync.toHost.ingresses.enabled" {
		t.Fatalf("%+v", change)
	}
}
