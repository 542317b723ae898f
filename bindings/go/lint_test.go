// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func newLint(t *testing.T, settings, values string) *Lint {
	t.Helper()
	lint, err := NewLint([]byte(settings))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lint.Close() })
	if err := lint.Add("values.yaml", []byte(values)); err != nil {
		t.Fatal(err)
	}
	return lint
}

const lintValues = "# Of team A.\nsync:\n  toHost:\n    secrets: {all: true} # easier\n"

func TestLintFindsAndFixes(t *testing.T) {
	lint := newLint(t, "", lintValues)
	report, err := lint.Run(nil)
	if err != nil || len(report.Findings) != 5 || report.Severity != SeverityWarning {
		t.Fatalf("%v, %v", report, err)
	}
	if last := report.Findings[4]; last.Rule != "VC601" || last.Line != 4 || last.File != "values.yaml" {
		t.Fatalf("%+v", last)
	}
	if edit := report.Findings[4].Fix; edit == nil || *edit != (Edit{4, 20, 4, 24, "false"}) {
		t.Fatalf("the edit is %+v", edit)
	}
	text, err := lint.Fix(nil, "values.yaml")
	if err != nil || !strings.Contains(string(text), "{all: false} # easier\n") {
		t.Fatalf("%s, %v", text, err)
	}
	if report, err := lint.Run(nil); err != nil || len(report.Findings) != 1 || report.Findings[0].Rule != "VC105" {
		t.Fatalf("after the repair: %v, %v", report, err)
	}
	if _, err := lint.Fix(nil, "another"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("a file that is not there: %v", err)
	}
}

func TestLintSettingsAndFormats(t *testing.T) {
	lint := newLint(t, "rules: {include: [VC601], severity: {VC601: error}}", lintValues)
	text, err := lint.Print(nil, "sarif")
	var sarif struct {
		Version string
		Runs    []struct{ Results []struct{ Level string } }
	}
	if err != nil || json.Unmarshal(text, &sarif) != nil || sarif.Version != "2.1.0" ||
		len(sarif.Runs[0].Results) != 1 || sarif.Runs[0].Results[0].Level != "error" {
		t.Fatalf("%s, %v", text, err)
	}
	if _, err := lint.Print(nil, "yaml"); !errors.Is(err, ErrInvalidArgument) {
		t.Fatalf("an unknown format: %v", err)
	}
	if _, err := NewLint([]byte("rules: {exclude: [VC999]}")); !errors.Is(err, ErrConfig) {
		t.Fatalf("an unknown rule: %v", err)
	}
	if err := lint.Add("b.yaml", []byte("a: [")); !errors.Is(err, ErrConfig) {
		t.Fatalf("no YAML: %v", err)
	}
	lint.Close()
	if _, err := lint.Run(nil); err == nil {
		t.Fatal("a closed one runs")
	}
}

func TestLintRules(t *testing.T) {
	rules, err := LintRules()
	if err != nil || len(rules) < 30 || rules[0].ID != "VC000" {
		t.Fatalf("%v, %v", rules, err)
	}
}

func TestLintReadsPipelines(t *testing.T) {
	lint, err := NewLint(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lint.Close()
	if err := lint.Add("ci.sh", []byte("vcl create dev\n")); err != nil {
		t.Fatal(err)
	}
	report, err := lint.Run(nil)
	if err != nil || len(report.Findings) != 1 || report.Findings[0].Rule != "VC801" {
		t.Fatalf("%v, %v", report, err)
	}
}

func TestLintOfWhatRunsNeedsAHost(t *testing.T) {
	const nowhere = `{apiVersion: v1, kind: Config, current-context: a, users: [{name: a, user: {token: b}}],
contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}]}`
	client, err := NewClient(ClientOptions{KubeconfigText: []byte(nowhere)})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	lint := newLint(t, "", lintValues)
	if err := lint.AddInstance(context.Background(), client, "dev", ""); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("no host: %v", err)
	}
	if err := lint.AddInstance(context.Background(), client, "No Name", ""); !errors.Is(err, ErrInvalidArgument) {
		t.Fatalf("no name: %v", err)
	}
}
