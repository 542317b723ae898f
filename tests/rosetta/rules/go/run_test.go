// SPDX-License-Identifier: Apache-2.0

// Package rules is the Go telling of this scenario: a team's configuration from a mistake to a budget. run.c and run.py tell
// the same; expected.txt is the transcript of all three. No host is needed: the budget is that of one in memory.
package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

const (
	values = "# Of a team.\nsync:\n  toHost:\n    secrets: {all: true} # easier\n"
	tenant = "kind: TeamCluster\nspec: {team: shop, resourceQuota: {cpu: 4, memory: 8Gi, pods: 20}}\n"
	wrong  = "kind: TeamCluster\nspec: {team: shop, resourceQuota: {cpu: -1, memry: 8Gi}}\n"
	quota  = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: 1}}}"
	pods   = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c}]}}\n---\n" +
		"{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c}]}}\n"
	holder = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: vcluster-first}, " +
		"spec: {hard: {cpu: 6, memory: 8Gi}}}"
)

var budget = map[string]string{"cpu": "10", "memory": "64Gi"}

// story is one telling and what was told so far.
type story struct {
	*testing.T
	config     *vcluster.Config
	transcript strings.Builder
}

func (s *story) tell(format string, arguments ...any) {
	fmt.Fprintf(&s.transcript, format+"\n", arguments...)
}

// must takes what a call gave, or ends the test.
func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// failed is an error that must be there.
func (s *story) failed(err error) *vcluster.Error {
	s.Helper()
	var failure *vcluster.Error
	if !errors.As(err, &failure) {
		s.Fatalf("no error of the library: %v", err)
	}
	return failure
}

func (s *story) tellFindings(what string, findings []vcluster.Finding) {
	for _, one := range findings {
		s.tell("%s: %s %s %s: %s", what, one.Severity, one.Rule, one.Path, one.Message)
	}
}

func pick(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func (s *story) rules() *vcluster.SyncRules {
	return must[*vcluster.SyncRules](s.T)(vcluster.ReadSyncRules(nil, s.config))
}

func (s *story) syncRules() {
	rules := s.rules()
	defer rules.Close()
	for _, resource := range []string{"ing", "pvc"} {
		rule := must[vcluster.SyncRule](s.T)(rules.Find("toHost", resource))
		s.tell("%s: %s %s %s", resource, rule.Path, rule.State, pick(rule.Active, "active", "idle"))
	}
	_, err := rules.Find("toHost", "ingres")
	s.tell("ingres: %v", s.failed(err).Code.String())
	change := vcluster.SyncChange{Direction: "toHost", Resource: "ing", State: vcluster.SyncOn}
	if err := s.config.SetSync(nil, change); err != nil {
		s.Fatal(err)
	}
	changed := s.rules()
	defer changed.Close()
	rule := must[vcluster.SyncRule](s.T)(changed.Find("toHost", "ingresses"))
	s.tell("ing after it is switched on: %s %s", rule.State, pick(rule.Active, "active", "idle"))
	s.transcript.Write(must[[]byte](s.T)(s.config.YAML()))
	s.tell("pod default/web of first: %s", must[string](s.T)(vcluster.HostName("first", "x", "Pod", "default", "web")))
}

func (s *story) quota() {
	name := must[string](s.T)(s.config.SetTenant(tenant, nil))
	var hard map[string]string
	if err := json.Unmarshal(must[json.RawMessage](s.T)(s.config.Get("policies.resourceQuota.quota")), &hard); err != nil {
		s.Fatal(err)
	}
	for _, key := range []string{"limits.memory", "pods", "requests.cpu"} {
		s.tell("%s: %s %s", name, key, hard[key])
	}
	_, err := s.config.SetTenant(wrong, nil)
	failure := s.failed(err)
	s.tell("wrong tenant: %v", failure.Code.String())
	s.tellFindings("wrong tenant", failure.Findings)
	s.tellFindings("fits", must[*vcluster.Report](s.T)(vcluster.Fits(quota, pods, vcluster.FitsOptions{})).Findings)
}

func (s *story) look() {
	lint := must[*vcluster.Lint](s.T)(vcluster.NewLint([]byte("rules: {include: [VC101, VC601]}")))
	defer lint.Close()
	if err := lint.Add("values.yaml", []byte(values)); err != nil {
		s.Fatal(err)
	}
	for _, one := range must[*vcluster.Report](s.T)(lint.Run(nil)).Findings {
		s.tell("%s:%d:%d: %s %s", one.File, one.Line, one.Column, one.Rule, one.Severity)
		if edit := one.Fix; edit != nil {
			text := must[[]byte](s.T)(json.Marshal(edit.Text))
			s.tell("edit %d:%d-%d:%d %s", edit.Line, edit.Column, edit.EndLine, edit.EndColumn, text)
		}
	}
	s.transcript.Write(must[[]byte](s.T)(lint.Fix(nil, "values.yaml")))
	s.tell("left over: %d", len(must[*vcluster.Report](s.T)(lint.Run(nil)).Findings))
}

func (s *story) tellBudget(what string, budget *vcluster.Budget) {
	for _, one := range budget.Resources {
		s.tell("%s: %s %s of %s, %s left, %s asked", what, one.Resource, one.Promised, one.Total, one.Left, one.Asked)
	}
	s.tellFindings(what, budget.Findings)
	s.tell("%s: %s", what, pick(budget.Fits, "fits", "does not fit"))
}

func (s *story) admission(ctx context.Context) {
	host := must[*vcluster.FakeClient](s.T)(vcluster.NewFakeClient(vcluster.FakeOptions{}))
	defer host.Close()
	must[*vcluster.Instance](s.T)(host.Create(ctx, "first", vcluster.EnsureOptions{Distribution: "embedded"}))
	if err := host.Put(holder); err != nil {
		s.Fatal(err)
	}
	options := vcluster.BudgetOptions{Budget: budget}
	s.tellBudget("all", must[*vcluster.Budget](s.T)(host.Budget(ctx, options)))
	s.tellBudget("one more", must[*vcluster.Budget](s.T)(host.Admit(ctx, s.config, nil, options)))
	options.Name = "first"
	s.tellBudget("in place of it", must[*vcluster.Budget](s.T)(host.Admit(ctx, s.config, nil, options)))
}

func TestRulesOfATeam(t *testing.T) {
	s := &story{T: t, config: must[*vcluster.Config](t)(vcluster.ParseConfig([]byte(values)))}
	defer s.config.Close()
	s.syncRules()
	s.quota()
	s.look()
	s.admission(t.Context())
	expected := must[[]byte](t)(os.ReadFile("../expected.txt"))
	if s.transcript.String() != string(expected) {
		t.Fatalf("the transcript differs from expected.txt:\n%s", s.transcript.String())
	}
}
